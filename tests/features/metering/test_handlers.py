from __future__ import annotations

import json
from datetime import datetime, timedelta
from math import inf, nan

import pytest
from attrs import evolve

from ocpp16cp.events import ClockSet, FaultRaised, MeterRead, Reading, StopPressed, VehicleChanged
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.boot.messages import Heartbeat
from ocpp16cp.features.configuration.messages import ChangeConfiguration
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import StartTransaction, StopTransaction
from ocpp16cp.outcome import HardwareMisreport
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import USUAL, Late, Refusal
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus, Measurand, ReadingContext, Reason
from tests.features.stations import SINGLE, STATION, configured
from tests.features.triggering import trigger, triggerable

S = ChargePointStatus


def after(seconds: float) -> datetime:
    """A time of day."""
    return BEGINNING + timedelta(seconds=seconds)


def samples(play: Playbook) -> list[tuple[int, float]]:
    """The samples that were sent: connector, and seconds since the beginning by their time stamps."""
    sent = [entry.item for entry in play.entries if isinstance(entry.item, MeterValues)]
    return [
        (each.connector_id, (value.timestamp - BEGINNING).total_seconds())
        for each in sent
        for value in each.meter_value
    ]


def stored_wh(play: Playbook, connector_id: int = 1) -> int | None:
    """The register as a power cut would find it."""
    for write in play.disk:
        if (write.table, write.key) == ("metering.registers", str(connector_id)):
            fields = json.loads(write.text or "")[1]
            return int(fields["register_wh"])
    return None


def test_samples_are_taken_from_the_start_of_the_transaction() -> None:
    """§3.16: every MeterValueSampleInterval seconds, the first one an interval after the start, on its own grid."""
    with Playbook(configured(STATION, MeterValueSampleInterval=20)) as play:
        play.boot()
        play.advance(7)
        play.begin_transaction(1)
        play.advance(5)
        play.begin_transaction(2, "OTHER")
        play.advance(60)

        assert samples(play) == [(1, 27), (2, 32), (1, 47), (2, 52), (1, 67), (2, 72)]
        play.skip()


def test_sample_tells_what_the_meter_showed_last() -> None:
    """§3.16: context Sample.Periodic, the transaction's id, one MeterValue for all measurands."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.deliver(1, 250)
        play.advance(29)
        play.deliver(1, 250)
        play.advance(1)

        sent = play.expect(MeterValues, connector_id=1, transaction_id=1)
        (value,) = sent.meter_value
        assert value.timestamp == after(30)
        (register,) = value.sampled_value
        assert register.context is ReadingContext.SAMPLE_PERIODIC
        assert (register.measurand, register.value) == (Measurand.ENERGY_ACTIVE_IMPORT_REGISTER, "1500")


def test_interval_zero_takes_no_samples() -> None:
    """§9.1.19."""
    with Playbook(configured(SINGLE, MeterValueSampleInterval=0)) as play:
        play.boot()
        play.begin_transaction()
        play.ignore(Heartbeat)
        play.advance(3600)

        play.expect_nothing()


def test_new_interval_counts_from_the_last_sample() -> None:
    """§5.3: sampling goes on from the last sample; what is past already is taken at once."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.advance(40)
        play.send(ChangeConfiguration(key="MeterValueSampleInterval", value="15"))
        play.advance(20)
        assert samples(play) == [(1, 30), (1, 45), (1, 60)]
        play.send(ChangeConfiguration(key="MeterValueSampleInterval", value="0"))
        play.advance(100)
        play.send(ChangeConfiguration(key="MeterValueSampleInterval", value="50"))
        play.advance(50)

        assert samples(play)[3:] == [(1, 160), (1, 210)]
        play.skip()


@pytest.mark.parametrize("status", ["suspended by the vehicle", "faulted"])
def test_samples_go_on_while_nothing_flows(status: str) -> None:
    """§3.16: during the whole transaction, also while it is suspended or the connector is faulted."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        if status == "faulted":
            play.happens(FaultRaised(connector_id=1, error_code=ChargePointErrorCode.GROUND_FAILURE))
        else:
            play.happens(VehicleChanged(1, wants_energy=False))
        play.advance(60)

        assert samples(play) == [(1, 30), (1, 60)]
        play.skip()


def test_no_sample_is_taken_while_a_transaction_ends_or_after() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.advance(29)
        play.hardware.output_delay_s = 2.0
        play.happens(StopPressed(1))
        play.advance(100)

        play.expect(StopTransaction)
        play.expect_status(1, S.FINISHING)


def test_samples_missed_offline_arrive_in_order_before_newer_ones() -> None:
    """§4.7: samples are queued when they are taken, with their own times."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.drop_link()
        play.advance(95)
        play.expect_nothing()
        play.restore_link()
        play.advance(120 - play.now)

        assert samples(play) == [(1, 30), (1, 60), (1, 90), (1, 120)]
        for _ in range(4):
            play.expect(MeterValues, transaction_id=1)


def test_sample_taken_before_the_id_is_known_is_sent_with_it() -> None:
    """§4.7: StartTransaction is answered after 40 s; the sample waits behind it and bears the id."""
    with Playbook(configured(SINGLE, MessageTimeout=60)) as play:
        play.boot()
        play.central_system.answer(StartTransaction, Late(40))
        play.plug_in(1)
        play.present_card("TAG")
        play.advance(39)
        play.expect_status(1, S.PREPARING)
        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction)
        play.expect_nothing()
        play.advance(1)

        play.expect_status(1, S.CHARGING)
        sent = play.expect(MeterValues, transaction_id=1)
        assert sent.meter_value[0].timestamp == after(30)


def test_sample_of_a_transaction_that_never_gets_an_id_bears_minus_one() -> None:
    """Errata 3.18: StartTransaction was given up; what follows of the transaction goes out with -1."""
    with Playbook(configured(SINGLE, TransactionMessageAttempts=1)) as play:
        play.boot()
        play.central_system.answer(StartTransaction, Refusal(), USUAL)
        play.plug_in(1)
        play.present_card("TAG")
        play.skip()
        play.advance(30)

        play.expect(MeterValues, transaction_id=-1)


def test_refused_sample_is_sent_again_like_any_transaction_message() -> None:
    """§3.7.1: three submissions, 60 s and 120 s apart; then the next message."""
    with Playbook(configured(SINGLE, MeterValueSampleInterval=100)) as play:
        play.boot()
        play.begin_transaction()
        play.central_system.answer(MeterValues, Refusal(), Refusal(), Refusal(), USUAL)
        play.advance(299)

        sent = [(entry.at, entry.item) for entry in play.entries if isinstance(entry.item, MeterValues)]
        assert [at for at, _ in sent] == [100, 160, 280, 280]
        assert [item.meter_value[0].timestamp for _, item in sent] == [after(100), after(100), after(100), after(200)]
        play.skip()


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


def test_sampling_ends_with_its_transaction_and_begins_anew_with_the_next() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.advance(20)
        play.happens(StopPressed(1))
        play.unplug(1)
        play.skip()
        play.begin_transaction(1, "NEXT")
        play.advance(29)
        play.expect_nothing()
        play.advance(1)

        play.expect(MeterValues, transaction_id=2)


def test_sample_never_lies_before_the_start_of_its_transaction() -> None:
    """A clock that is set back in mid-session: a time stamp is raised to the one before it in the same transaction."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.advance(10)
        play.begin_transaction()
        play.happens(ClockSet(BEGINNING - timedelta(hours=1)))
        play.advance(30)
        first = play.expect(MeterValues).meter_value[0].timestamp
        play.happens(ClockSet(BEGINNING + timedelta(hours=1)))
        play.advance(30)
        second = play.expect(MeterValues).meter_value[0].timestamp
        play.happens(ClockSet(BEGINNING))
        play.happens(StopPressed(1))
        stopped = play.expect(StopTransaction, reason=Reason.LOCAL).timestamp
        play.skip()

        assert after(10) <= first <= second <= stopped


def test_triggered_values_are_told_of_every_connector() -> None:
    """§5.17: context Trigger, the transaction's id where one runs; at once and outside the queue."""
    with triggerable(STATION) as play:
        play.boot()
        play.begin_transaction(2)
        trigger(play, "MeterValues")

        for connector_id, transaction_id in ((1, None), (2, 1)):
            sent = play.expect(MeterValues, connector_id=connector_id, transaction_id=transaction_id)
            assert {each.context for each in sent.meter_value[0].sampled_value} == {ReadingContext.TRIGGER}


def test_triggered_values_of_one_connector_are_told_alone() -> None:
    with triggerable(STATION) as play:
        play.boot()
        trigger(play, "MeterValues", 2)

        play.expect(MeterValues, connector_id=2)


def test_triggered_values_of_a_meter_that_tells_nothing_are_not_sent() -> None:
    with triggerable(SINGLE) as play:
        del play.hardware.readings[1]
        play.boot()
        trigger(play, "MeterValues")

        play.expect_nothing()
