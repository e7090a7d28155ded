from __future__ import annotations

import json
from math import inf, nan

import pytest
from attrs import evolve

from ocpp16cp.events import MeterRead, Reading, StopPressed
from ocpp16cp.features.boot.messages import Heartbeat
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import StopTransaction
from ocpp16cp.outcome import HardwareMisreport
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import Measurand
from tests.features.stations import SINGLE, configured


def stored_wh(play: Playbook, connector_id: int = 1) -> int | None:
    """The register as a power cut would find it."""
    for write in play.disk:
        if (write.table, write.key) == ("metering.registers", str(connector_id)):
            fields = json.loads(write.text or "")[1]
            return int(fields["register_wh"])
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


def test_main_meter_is_read_but_not_sampled() -> None:
    """Connector 0 is the main meter; sampled values are those of the outlets."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.happens(MeterRead(0, Reading(register_wh=50_000)))
        play.begin_transaction()
        play.advance(30)

        assert play.expect(MeterValues).connector_id == 1
        assert stored_wh(play, 0) == 50_000
