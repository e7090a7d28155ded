from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from attrs import evolve

from ocpp16cp.events import ClockSet, FaultRaised, MeterRead, Reading, StopPressed, VehicleChanged
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.boot.messages import Heartbeat
from ocpp16cp.features.configuration.messages import ChangeConfiguration
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.remote_trigger.messages import TriggerMessageStatus
from ocpp16cp.features.transactions.messages import StartTransaction, StopTransaction
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, USUAL, Late, Refusal
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus, Measurand, ReadingContext, Reason
from tests.features.stations import SINGLE, SOCKET, STATION, configured
from tests.features.triggering import asked, trigger

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
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(2)
        trigger(play, "MeterValues")

        for connector_id, transaction_id in ((1, None), (2, 1)):
            sent = play.expect(MeterValues, connector_id=connector_id, transaction_id=transaction_id)
            assert {each.context for each in sent.meter_value[0].sampled_value} == {ReadingContext.TRIGGER}


def test_triggered_values_of_one_connector_are_told_alone() -> None:
    with Playbook(STATION) as play:
        play.boot()
        trigger(play, "MeterValues", 2)

        play.expect(MeterValues, connector_id=2)


@pytest.mark.parametrize("connector_id", [None, 1, 0, 2, -1])
def test_values_of_a_meter_that_tells_nothing_cannot_be_asked_for(connector_id: int | None) -> None:
    with Playbook(SINGLE) as play:
        del play.hardware.readings[1]
        play.boot()

        assert asked(play, "MeterValues", connector_id) is TriggerMessageStatus.REJECTED


def test_triggered_values_without_any_measurand_are_the_register() -> None:
    with Playbook(configured(SINGLE, MeterValuesSampledData="")) as play:
        play.boot()
        trigger(play, "MeterValues", 1)

        (value,) = play.expect(MeterValues, connector_id=1).meter_value[0].sampled_value
        assert value.measurand is Measurand.ENERGY_ACTIVE_IMPORT_REGISTER


def test_triggered_values_of_the_main_meter_have_no_transaction() -> None:
    """§5.17: connector 0 is the main meter, where there is one."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction(1)
        play.happens(MeterRead(0, Reading(register_wh=5000)))
        trigger(play, "MeterValues", 0)
        play.expect(MeterValues, connector_id=0, transaction_id=None)

        trigger(play, "MeterValues")
        play.expect(MeterValues, connector_id=0, transaction_id=None)
        play.expect(MeterValues, connector_id=1, transaction_id=1)


def test_triggered_values_are_lost_with_the_connection() -> None:
    """They are not queued: who asked for them is gone."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(MeterValues, SILENCE)
        trigger(play, "MeterValues", 1)
        play.expect(MeterValues)
        trigger(play, "MeterValues", 1)
        play.drop_link()
        play.restore_link()


def test_triggered_interval_counts_from_the_last_periodic_sample() -> None:
    """§7.31: it is a sample besides those, and none of them counts from it."""
    interval = Measurand.ENERGY_ACTIVE_IMPORT_INTERVAL
    station = configured(evolve(SINGLE, measurands=tuple(Measurand)), MeterValuesSampledData=interval)
    with Playbook(station) as play:
        play.boot()
        assert asked(play, "MeterValues") is TriggerMessageStatus.REJECTED
        play.begin_transaction()
        told = []
        for trigger_too in (True, False, True):
            play.deliver(1, 10)
            play.advance(15)
            play.deliver(1, 5)
            if trigger_too:
                trigger(play, "MeterValues")
            play.advance(15)
        for each in play.central_system.seen_of(MeterValues):
            (value,) = each.meter_value[0].sampled_value
            told.append((value.context, value.value))
        play.skip()

    triggered, periodic = ReadingContext.TRIGGER, ReadingContext.SAMPLE_PERIODIC
    assert told == [(triggered, "15"), (periodic, "15"), (periodic, "15"), (triggered, "15"), (periodic, "15")]


def test_triggered_values_of_a_transaction_do_not_lie_before_what_was_told_of_it() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.advance(100)
        play.begin_transaction()
        play.happens(ClockSet(BEGINNING))
        trigger(play, "MeterValues")

        assert play.expect(MeterValues).meter_value[0].timestamp == after(100)


def test_what_was_told_on_demand_is_not_less_after_a_power_cut() -> None:
    """A register that was told is one that is stored."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.deliver(1, 30)
        trigger(play, "MeterValues")
        play.expect(MeterValues)

        stored = [write.text for write in play.disk if write.table == "metering.registers"]
    assert "1030" in str(stored)


def test_main_meter_is_sampled_with_the_lowest_connector_if_the_operator_wants_it() -> None:
    """§3.16.3: what comes in at the inlet, as connector 0 and without a transaction."""
    station = evolve(STATION, settings=evolve(STATION.settings, samples_main_meter=True))
    with Playbook(configured(station, MeterValueSampleInterval=20)) as play:
        play.boot()
        play.happens(MeterRead(0, Reading(register_wh=70_000)))
        play.begin_transaction(2)
        play.advance(5)
        play.begin_transaction(1, "OTHER")
        play.advance(35)
        play.skip()

        told = [(each.connector_id, each.transaction_id) for each in play.central_system.seen_of(MeterValues)]
        assert told == [(2, 1), (0, None), (1, 2), (2, 1)]


def test_main_meter_that_was_never_read_is_not_sampled() -> None:
    station = evolve(SINGLE, settings=evolve(SINGLE.settings, samples_main_meter=True))
    with Playbook(station) as play:
        play.boot()
        play.begin_transaction()
        play.advance(30)

        play.expect(MeterValues, connector_id=1)


def test_interrupted_transaction_is_not_sampled() -> None:
    """Between the restart and its end, or its going on, nobody charges."""
    resuming = evolve(SOCKET, settings=evolve(SOCKET.settings, resumes_transactions=True))
    with Playbook(configured(resuming, MeterValueSampleInterval=1, ClockAlignedDataInterval=2)) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.lock_delay_s = 3.5
        play.power_cut(off_s=1)
        play.advance(3)
        play.skip()

        told = [each.meter_value[0].sampled_value[0].context for each in play.central_system.seen_of(MeterValues)]
        assert set(told) == {ReadingContext.SAMPLE_CLOCK}
        assert {each.transaction_id for each in play.central_system.seen_of(MeterValues)} == {None}


def test_interruption_tells_the_registers_that_are_wanted() -> None:
    """§7.36: before it what was stored, of the registers alone; after it all that is wanted."""
    resuming = evolve(SINGLE, settings=evolve(SINGLE.settings, resumes_transactions=True), measurands=tuple(Measurand))
    items = "Power.Active.Import,Energy.Active.Export.Register,Energy.Active.Import.Interval"
    with Playbook(configured(resuming, MeterValuesSampledData=items)) as play:
        play.hardware.readings[1] = Reading(register_wh=1000, export_register_wh=7, power_w=0.0)
        play.boot()
        play.begin_transaction()
        play.deliver(1, 5)
        play.advance(30)
        play.deliver(1, 6)
        play.power_cut()
        play.advance(30)
        play.skip()

        told = [each.meter_value[0].sampled_value for each in play.central_system.seen_of(MeterValues)]
    assert [[value.value for value in values] for values in told] == [
        ["0", "7", "5"],
        ["7", "0"],
        ["0", "7", "6"],
        ["0", "7", "0"],
    ]


def test_interruption_after_which_nothing_can_be_told_has_a_begin_alone() -> None:
    """What the stored registers cannot tell is told by the one that every meter has."""
    resuming = evolve(SINGLE, settings=evolve(SINGLE.settings, resumes_transactions=True), measurands=tuple(Measurand))
    with Playbook(configured(resuming, MeterValuesSampledData="SoC")) as play:
        play.boot()
        play.begin_transaction()
        play.power_cut()
        play.skip()

        (sent,) = play.central_system.seen_of(MeterValues)
    (value,) = sent.meter_value[0].sampled_value
    assert (value.context, value.value) == (ReadingContext.INTERRUPTION_BEGIN, "1000")
