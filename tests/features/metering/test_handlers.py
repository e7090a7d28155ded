from __future__ import annotations

import json
from math import inf, nan

import pytest
from attrs import evolve

from ocpp16cp.events import LineReading, MeterRead, Reading, StopPressed
from ocpp16cp.features.boot.messages import Heartbeat
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import StopTransaction
from ocpp16cp.outcome import HardwareMisreport
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.phases import LINES
from ocpp16cp.wire.types import Measurand
from tests.features.stations import SINGLE, configured

REGISTER = Measurand.ENERGY_ACTIVE_IMPORT_REGISTER


def stored_wh(play: Playbook, connector_id: int = 1) -> int | None:
    """The register as a power cut would find it."""
    for write in play.disk:
        if (write.table, write.key) == ("metering.registers", str(connector_id)):
            fields = json.loads(write.text or "")[1]
            return int(fields["counts"][0])
    return None


def test_meter_that_runs_backwards_is_held() -> None:
    """A register never runs backwards: the highest value known counts, and the application is told."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.deliver(1, 500)
        play.happens(MeterRead(1, Reading(register_wh=1400)))
        play.expect(HardwareMisreport("the register of connector 1 ran backwards from 1500"))
        play.happens(StopPressed(1))

        play.expect(StopTransaction, meter_stop=1500)
        play.skip()


def test_meter_that_forgot_everything_in_a_power_cut_is_held() -> None:
    """The stored register counts against a meter that begins anew at zero."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.deliver(1, 500)
        play.advance(60)
        play.deliver(1, 0)
        play.hardware.readings[1] = Reading(register_wh=0)
        play.power_cut()

        play.expect(HardwareMisreport)
        play.skip()
        assert play.central_system.seen_of(StopTransaction)[0].meter_stop == 1500


def test_every_register_of_a_meter_is_held_apart_from_the_others() -> None:
    """Import and export, active and reactive, and those of the lines."""
    before = Reading(
        register_wh=2000,
        export_register_wh=50,
        lines=(LineReading(register_wh=700), LineReading(register_wh=600), LineReading(reactive_register_varh=9)),
    )
    after = evolve(
        before,
        register_wh=2100,
        export_register_wh=49,
        reactive_register_varh=5,
        lines=(LineReading(register_wh=650), LineReading(register_wh=610), LineReading(reactive_register_varh=9)),
    )
    items = "Energy.Active.Import.Register,Energy.Active.Export.Register,Energy.Reactive.Import.Register"
    lines = tuple((REGISTER, phase) for phase in LINES)
    station = configured(
        evolve(SINGLE, measurands=tuple(Measurand), measured_phases=lines),
        MeterValuesSampledData=",".join([items, *(f"{REGISTER}.L{line}" for line in (1, 2, 3))]),
    )
    with Playbook(station) as play:
        play.boot()
        play.happens(MeterRead(1, before))
        play.begin_transaction()
        play.happens(MeterRead(1, after))
        play.expect(HardwareMisreport("the register of connector 1 ran backwards from 2000, 50, 700, 600, 9"))
        play.advance(30)

        (value,) = play.expect(MeterValues).meter_value
    assert [each.value for each in value.sampled_value] == ["2100", "50", "5", "700", "610"]


def test_register_that_falls_silent_is_not_forgotten() -> None:
    """A meter that leaves one out now and then is not told to have begun anew."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.happens(MeterRead(1, Reading(register_wh=2000, export_register_wh=50)))
        play.happens(MeterRead(1, Reading(register_wh=2001)))
        play.expect_no(HardwareMisreport)
        play.happens(MeterRead(1, Reading(register_wh=2001, export_register_wh=40)))

        play.expect(HardwareMisreport)


@pytest.mark.parametrize(
    "reading",
    [
        Reading(register_wh=-1),
        Reading(register_wh=2000, power_w=nan),
        Reading(register_wh=2000, power_w=inf),
        Reading(register_wh=2000, current_a=(1.0, -inf)),
        Reading(register_wh=2000, voltage_v=(nan,)),
        Reading(register_wh=2000, frequency_hz=nan),
        Reading(register_wh=2000, power_factor=inf),
        Reading(register_wh=2000, temperature_c=nan),
        Reading(register_wh=2000, export_power_w=nan),
        Reading(register_wh=2000, reactive_power_var=inf),
        Reading(register_wh=2000, reactive_export_power_var=-inf),
        Reading(register_wh=2000, export_current_a=(nan,)),
        Reading(register_wh=2000, neutral_current_a=inf),
        Reading(register_wh=2000, line_voltage_v=(400.0, nan)),
        Reading(register_wh=2000, fan_rpm=nan),
        Reading(register_wh=2000, export_register_wh=-1),
        Reading(register_wh=2000, reactive_register_varh=2**31),
        Reading(register_wh=2000, lines=(LineReading(register_wh=-1),)),
        Reading(register_wh=2000, lines=(LineReading(), LineReading(power_w=nan))),
        Reading(register_wh=2000, lines=(LineReading(power_factor=inf),)),
        Reading(register_wh=2000, lines=(LineReading(),) * 4),
    ],
)
def test_reading_that_cannot_be_is_ignored(reading: Reading) -> None:
    """Values are bounded where they enter."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(MeterRead(1, reading))
        play.expect(HardwareMisreport)
        play.happens(MeterRead(1, Reading(register_wh=1100)))
        play.happens(StopPressed(1))

        play.expect(StopTransaction, meter_stop=1100)
        play.skip()


@pytest.mark.parametrize(
    "reading",
    [
        Reading(register_wh=2**31),
        Reading(register_wh=10**30),
        Reading(register_wh=2000, power_w=1e300),
        Reading(register_wh=2000, soc_percent=10**400),
    ],
)
def test_reading_beyond_all_bounds_does_not_stop_the_station(reading: Reading) -> None:
    """A register of more than 2 GWh does not fit the 32 bits of `meterStart`: it must not end every run from now on."""
    full = evolve(SINGLE, measurands=(*SINGLE.measurands, Measurand.SOC))
    with Playbook(configured(full, MeterValuesSampledData="SoC,Power.Active.Import")) as play:
        play.boot()
        play.happens(MeterRead(1, reading))
        play.plug_in(1)
        play.present_card("TAG")
        play.advance(31)
        play.happens(StopPressed(1))
        play.power_cut()
        play.advance(60)
        play.skip()


def test_stored_register_is_at_most_a_minute_old() -> None:
    """What a power cut costs of the knowledge about a transaction's energy is bounded."""
    with Playbook(configured(SINGLE, MeterValueSampleInterval=0)) as play:
        play.boot()
        play.begin_transaction()
        oldest = 0.0
        last_stored, last_at = stored_wh(play), 0.0
        for second in range(1, 200):
            play.advance(1)
            play.deliver(1, 1)
            if stored_wh(play) != last_stored:
                last_stored, last_at = stored_wh(play), float(second)
            oldest = max(oldest, second - last_at)
        play.skip()

        assert oldest < 60
        assert stored_wh(play) == 1000 + 180


def test_register_is_stored_with_every_sample() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.deliver(1, 123)
        assert stored_wh(play) == 1000
        play.advance(30)
        play.skip()

        assert stored_wh(play) == 1123


def test_idle_meter_does_not_wear_the_store_out() -> None:
    """A meter that shows the same every second is no reason to write every second."""
    with Playbook(SINGLE) as play:
        play.boot()
        writes = []
        for _ in range(600):
            play.advance(1)
            before = play.disk
            play.happens(MeterRead(1, Reading(register_wh=1000)))
            if play.disk != before:
                writes.append(play.now)
        play.ignore(Heartbeat)

        assert len(writes) <= 10


def test_what_was_told_at_an_end_is_not_less_after_two_power_cuts() -> None:
    """The first reading after the first cut is told in StopTransaction; at the second the meter loses it."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.deliver(1, 1)
        play.power_cut()
        play.hardware.readings[1] = Reading(register_wh=1000)
        play.power_cut()
        play.skip()

        (stopped,) = play.central_system.seen_of(StopTransaction)
        assert stopped.meter_stop == stored_wh(play) == 1001


def test_main_meter_is_read_but_not_sampled() -> None:
    """Connector 0 is the main meter; sampled values are those of the outlets."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.happens(MeterRead(0, Reading(register_wh=50_000)))
        play.begin_transaction()
        play.advance(30)

        assert play.expect(MeterValues).connector_id == 1
        assert stored_wh(play, 0) == 50_000
