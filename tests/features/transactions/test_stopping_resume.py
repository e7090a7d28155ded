"""Transactions that go on after a power cut (`Settings.resumes_transactions`, §7.36)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from ocpp16cp.events import Failed, MeterRead, Reading, SocketChanged, SocketState, StartCause
from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStopTransaction,
    RemoteStopTransactionConf,
    StartTransaction,
    StartTransactionConf,
    StopTransaction,
)
from ocpp16cp.outcome import Lock, SetOutput, TransactionStarted, TransactionStopped
from ocpp16cp.station import Station
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, USUAL
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.types import (
    AuthorizationStatus,
    ChargePointErrorCode,
    ChargePointStatus,
    IdTagInfo,
    Measurand,
    ReadingContext,
    Reason,
)
from tests.features.stations import SINGLE, SOCKET, configured

S = ChargePointStatus
BEGIN, END = ReadingContext.INTERRUPTION_BEGIN, ReadingContext.INTERRUPTION_END
REGISTER = Measurand.ENERGY_ACTIVE_IMPORT_REGISTER


def resuming(station: Station) -> Station:
    """A station that goes on after a power cut."""
    return evolve(station, settings=evolve(station.settings, resumes_transactions=True))


SINGLE_ON = resuming(configured(SINGLE, MeterValuesSampledData=REGISTER.value))
SOCKET_ON = resuming(SOCKET)


def expect_sample(play: Playbook, context: ReadingContext, register_wh: int, **facts: object) -> MeterValues:
    """Meet a sample of the register alone."""
    sent = play.expect(MeterValues, connector_id=1, **facts)
    (value,) = sent.meter_value
    (sampled,) = value.sampled_value
    assert (sampled.context, sampled.measurand, sampled.value) == (context, REGISTER, str(register_wh))
    return sent


def expect_boot(play: Playbook, status: ChargePointStatus) -> None:
    """Meet what is said after a restart, with the status of the connector."""
    play.expect(BootNotification)
    play.expect_status(0, S.AVAILABLE)
    play.expect_status(1, status)


def test_transaction_goes_on_under_its_id() -> None:
    """§7.36: two samples tell of the interruption; the energy is counted through; nothing is begun or ended."""
    with Playbook(SINGLE_ON, has_clock=True) as play:
        play.boot()
        transaction_id = play.begin_transaction()
        play.deliver(1, 500)
        play.advance(30)
        expect_sample(play, ReadingContext.SAMPLE_PERIODIC, 1500)
        play.deliver(1, 20)

        play.power_cut(off_s=300)
        expect_boot(play, S.CHARGING)
        begin = expect_sample(play, BEGIN, 1500, transaction_id=transaction_id)
        assert begin.meter_value[0].timestamp == BEGINNING + timedelta(seconds=30)
        end = expect_sample(play, END, 1520, transaction_id=transaction_id)
        assert end.meter_value[0].timestamp == BEGINNING + timedelta(seconds=330)
        assert play.hardware.outputs[1]

        play.deliver(1, 100)
        play.advance(30)
        expect_sample(play, ReadingContext.SAMPLE_PERIODIC, 1620, transaction_id=transaction_id)
        play.present_card("TAG")
        play.expect(StopTransaction, transaction_id=transaction_id, id_tag="TAG", meter_stop=1620, reason=Reason.LOCAL)
        play.expect_status(1, S.FINISHING)
        play.expect(TransactionStarted)
        play.expect_no(TransactionStarted)
        play.expect(TransactionStopped(1, "TAG", Reason.LOCAL, 620))


def test_interruption_is_told_with_the_time_once_it_is_known() -> None:
    """A station without a clock of its own learns the time from the central system before it sends the sample."""
    with Playbook(SINGLE_ON) as play:
        play.boot()
        play.begin_transaction()
        play.power_cut(off_s=300)
        expect_boot(play, S.CHARGING)

        assert expect_sample(play, BEGIN, 1000).meter_value[0].timestamp == BEGINNING
        assert expect_sample(play, END, 1000).meter_value[0].timestamp == BEGINNING + timedelta(seconds=300)


def test_every_power_cut_is_an_interruption() -> None:
    """However soon they follow each other: neither the register nor the time runs backwards in what is told."""
    with Playbook(SINGLE_ON) as play:
        play.boot()
        transaction_id = play.begin_transaction()
        for _ in range(3):
            play.power_cut(off_s=10)
            play.skip()
            play.deliver(1, 40)
            play.advance(1)
        play.present_card("TAG")

        play.expect(StopTransaction, transaction_id=transaction_id, meter_stop=1120)
        play.expect_status(1, S.FINISHING)
        told = [each.meter_value[0] for each in play.central_system.seen_of(MeterValues)]
        assert [each.sampled_value[0].context for each in told] == [BEGIN, END] * 3
        assert [each.sampled_value[0].value for each in told] == ["1000", "1000", "1000", "1040", "1040", "1080"]
        assert sorted(each.timestamp for each in told) == [each.timestamp for each in told]


def test_power_cut_before_anything_was_said_interrupts_once() -> None:
    """Cut off again before there was a connection: both interruptions are told, in order."""
    with Playbook(SINGLE_ON, has_clock=True) as play:
        play.boot()
        transaction_id = play.begin_transaction()
        play.drop_link()
        play.power_cut(off_s=10)
        play.power_cut(off_s=10)
        play.restore_link()
        expect_boot(play, S.CHARGING)

        for context in (BEGIN, END, BEGIN, END):
            expect_sample(play, context, 1000, transaction_id=transaction_id)


@pytest.mark.parametrize("left", [SocketState.EMPTY, SocketState.CABLE_ONLY])
def test_transaction_whose_vehicle_has_gone_ends(left: SocketState) -> None:
    """Reason PowerLoss, at the time stored last."""
    with Playbook(SOCKET_ON) as play:
        play.boot()
        transaction_id = play.begin_transaction()
        play.advance(20)
        play.hardware.sockets[1] = left
        play.power_cut(off_s=300)

        expect_boot(play, S.AVAILABLE if left is SocketState.EMPTY else S.FINISHING)
        play.expect(
            StopTransaction,
            transaction_id=transaction_id,
            reason=Reason.POWER_LOSS,
            id_tag=None,
            meter_stop=1000,
            timestamp=BEGINNING,
        )


def test_meter_that_stays_silent_ends_the_transaction() -> None:
    """Nothing can be measured: after 10 s it has ended with what was stored."""
    with Playbook(SINGLE_ON) as play:
        play.boot()
        play.begin_transaction()
        play.deliver(1, 700)
        play.advance(30)
        play.skip()
        del play.hardware.readings[1]
        play.power_cut()
        expect_boot(play, S.SUSPENDED_EVSE)
        assert not play.hardware.outputs[1]
        play.advance(9.9)
        play.expect_nothing()
        play.advance(0.1)

        play.expect(StopTransaction, meter_stop=1700, reason=Reason.POWER_LOSS)
        play.expect_status(1, S.FINISHING)


def test_meter_that_answers_late_resumes() -> None:
    with Playbook(SINGLE_ON) as play:
        play.boot()
        transaction_id = play.begin_transaction()
        del play.hardware.readings[1]
        play.power_cut()
        expect_boot(play, S.SUSPENDED_EVSE)
        play.advance(9)
        play.happens(MeterRead(1, Reading(register_wh=1003)))

        expect_sample(play, BEGIN, 1000, transaction_id=transaction_id)
        expect_sample(play, END, 1003, transaction_id=transaction_id)
        play.expect_status(1, S.CHARGING)


def test_socket_that_is_reported_late_is_waited_for() -> None:
    """The driver has yet to say whether the vehicle is there: neither resumed nor ended before it does."""
    with Playbook(SINGLE_ON) as play:
        play.boot()
        play.begin_transaction()
        del play.hardware.sockets[1]
        play.power_cut()
        play.happens(MeterRead(1, Reading(register_wh=1000)))
        play.skip()
        play.advance(5)
        play.expect_nothing()
        assert not play.hardware.outputs[1]
        play.happens(SocketChanged(1, SocketState.VEHICLE))

        expect_sample(play, BEGIN, 1000)
        expect_sample(play, END, 1000)
        play.expect_status(1, S.CHARGING)


@pytest.mark.parametrize("cause", [each for each in StartCause if each is not StartCause.POWER_UP])
def test_only_a_power_cut_is_resumed_from(cause: StartCause) -> None:
    """A reset or an update ends transactions."""
    with Playbook(SINGLE_ON) as play:
        play.boot()
        play.begin_transaction()
        play.power_cut(cause=cause)
        expect_boot(play, S.FINISHING)

        assert play.expect(StopTransaction).reason is not Reason.POWER_LOSS


def test_transaction_that_was_about_to_end_ends() -> None:
    """What was decided before the cut is carried out after it."""
    with Playbook(SINGLE_ON) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.output_delay_s = None
        play.present_card("TAG")
        play.hardware.output_delay_s = 0.0
        play.power_cut()
        expect_boot(play, S.FINISHING)

        play.expect(StopTransaction, reason=Reason.LOCAL, id_tag="TAG")


def test_transaction_without_a_right_to_energy_resumes_without_energy() -> None:
    refused = StartTransactionConf(id_tag_info=IdTagInfo(status=AuthorizationStatus.INVALID), transaction_id=3)
    with Playbook(configured(SINGLE_ON, StopTransactionOnInvalidId=False)) as play:
        play.boot()
        play.central_system.answer(StartTransaction, refused)
        play.plug_in(1)
        play.present_card("TAG")
        play.skip()
        play.power_cut()
        expect_boot(play, S.SUSPENDED_EVSE)

        assert not play.hardware.outputs[1]
        play.skip()


def test_transaction_whose_id_is_not_known_yet_resumes() -> None:
    """StartTransaction is sent again; the samples of the interruption bear the id of its answer."""
    with Playbook(SINGLE_ON) as play:
        play.boot()
        play.central_system.answer(StartTransaction, SILENCE, USUAL)
        play.plug_in(1)
        play.present_card("TAG")
        play.skip()
        play.power_cut()
        expect_boot(play, S.CHARGING)

        play.expect(StartTransaction, timestamp=BEGINNING)
        expect_sample(play, BEGIN, 1000, transaction_id=1)
        expect_sample(play, END, 1000, transaction_id=1)


def test_resumed_transaction_can_be_stopped_remotely() -> None:
    with Playbook(SINGLE_ON) as play:
        play.boot()
        transaction_id = play.begin_transaction()
        play.power_cut()
        play.skip()

        answer = play.send(RemoteStopTransaction(transaction_id=transaction_id), RemoteStopTransactionConf)
        assert answer.status is RemoteStartStopStatus.ACCEPTED
        play.expect(StopTransaction, transaction_id=transaction_id, reason=Reason.REMOTE, id_tag="TAG")
        play.expect_status(1, S.FINISHING)


def test_resumed_transaction_holds_its_plug() -> None:
    """Locks that let go without power hold again before energy flows."""
    with Playbook(SOCKET_ON) as play:
        play.boot()
        transaction_id = play.begin_transaction()
        play.expect(Lock, connector_id=1)
        play.hardware.lock_delay_s = 2
        play.power_cut()
        play.expect(Lock, connector_id=1)
        expect_boot(play, S.SUSPENDED_EVSE)
        assert play.hardware.outputs == {1: False}
        play.advance(2)

        assert play.hardware.outputs == {1: True}
        assert play.expect(MeterValues).meter_value[0].sampled_value[0].context is BEGIN
        assert play.expect(MeterValues).meter_value[0].sampled_value[0].context is END
        play.expect_status(1, S.CHARGING)
        play.present_card("TAG")
        play.expect(StopTransaction, transaction_id=transaction_id, reason=Reason.LOCAL)
        play.expect_status(1, S.FINISHING)


@pytest.mark.parametrize("delay_s", [1, None])
def test_plug_that_cannot_be_held_again_ends_the_transaction(delay_s: float | None) -> None:
    """PowerLoss, without any energy, and Faulted with ConnectorLockFailure."""
    with Playbook(SOCKET_ON) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.lock_result = Failed()
        play.hardware.lock_delay_s = delay_s
        play.power_cut()
        expect_boot(play, S.SUSPENDED_EVSE)
        play.advance(4)

        play.expect(StopTransaction, reason=Reason.POWER_LOSS)
        play.expect_status(1, S.FAULTED, ChargePointErrorCode.CONNECTOR_LOCK_FAILURE)
        assert [entry.item for entry in play.entries].count(SetOutput(1, is_on=True)) == 1
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_vehicle_that_leaves_before_its_plug_is_held_ends_the_transaction() -> None:
    with Playbook(SOCKET_ON) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.lock_delay_s = 2
        play.power_cut()
        expect_boot(play, S.SUSPENDED_EVSE)
        play.advance(1)
        play.unplug(1)

        play.expect(StopTransaction, reason=Reason.POWER_LOSS)
        play.expect_status(1, S.AVAILABLE)
        play.advance(5)
        assert not play.hardware.outputs[1]


def test_power_cut_before_the_plug_is_held_again() -> None:
    """Nothing was told of the first interruption, as nothing went on: one is told."""
    with Playbook(SOCKET_ON) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.lock_delay_s = 2
        play.power_cut()
        play.advance(1)
        play.power_cut()
        play.skip()
        play.advance(2)
        play.skip()

        contexts = [each.meter_value[0].sampled_value[0].context for each in play.central_system.seen_of(MeterValues)]
        assert contexts == [BEGIN, END]
        assert play.hardware.outputs[1]


def test_interruption_ends_with_nothing_that_the_meter_cannot_tell() -> None:
    """What was stored is told; of what shall be sampled the meter tells nothing."""
    station = resuming(configured(SINGLE, MeterValuesSampledData="Voltage"))
    with Playbook(station) as play:
        play.boot()
        transaction_id = play.begin_transaction()
        play.power_cut()
        expect_boot(play, S.CHARGING)

        expect_sample(play, BEGIN, 1000, transaction_id=transaction_id)


def test_transaction_is_ended_by_a_station_that_no_longer_resumes() -> None:
    """The setting counts as it is after the cut."""
    with Playbook(SINGLE_ON) as play:
        play.boot()
        play.begin_transaction()
        play.station = SINGLE
        play.power_cut()
        expect_boot(play, S.FINISHING)

        play.expect(StopTransaction, reason=Reason.POWER_LOSS)


def test_status_is_told_once_and_never_finishing() -> None:
    """Nobody is told of an end that there is none."""
    with Playbook(SINGLE_ON) as play:
        play.boot()
        play.begin_transaction()
        said = len(play.central_system.seen_of(StatusNotification))
        play.power_cut(off_s=5)
        play.advance(20)
        play.skip()

        told = [each for each in play.central_system.seen_of(StatusNotification)[said:] if each.connector_id == 1]
        assert [each.status for each in told] == [S.CHARGING]
