from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from ocpp16cp.events import (
    Failed,
    FailureReason,
    FaultCleared,
    FaultRaised,
    MeterRead,
    Reading,
    StopPressed,
    VehicleChanged,
)
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.configuration.messages import ChangeConfiguration
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStopTransaction,
    RemoteStopTransactionConf,
    StartTransaction,
    StartTransactionConf,
    StopTransaction,
)
from ocpp16cp.outcome import (
    CallFailed,
    CardRefusal,
    CardRefused,
    HardwareMisreport,
    Lock,
    MessageDiscarded,
    SetOutput,
    StartAbandoned,
    TransactionStarted,
    TransactionStopped,
    Unlock,
)
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, USUAL, Behaviour, Late, Refusal
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointErrorCode, ChargePointStatus, IdTagInfo, Reason
from tests.features.stations import SINGLE, SOCKET, STATION, configured

S = ChargePointStatus
GROUND, LOCK = ChargePointErrorCode.GROUND_FAILURE, ChargePointErrorCode.CONNECTOR_LOCK_FAILURE
REFUSALS = [each for each in AuthorizationStatus if each is not AuthorizationStatus.ACCEPTED]


def conf(status: AuthorizationStatus, transaction_id: int = 5) -> StartTransactionConf:
    """An answer to StartTransaction."""
    return StartTransactionConf(id_tag_info=IdTagInfo(status=status), transaction_id=transaction_id)


def fault() -> FaultRaised:
    """Connector 1 cannot charge."""
    return FaultRaised(connector_id=1, error_code=GROUND)


def repaired() -> FaultCleared:
    """Connector 1 can charge again."""
    return FaultCleared(connector_id=1, error_code=GROUND)


def stops(play: Playbook, transaction_id: int) -> object:
    """What RemoteStopTransaction is answered with."""
    answer = play.send(RemoteStopTransaction(transaction_id=transaction_id), RemoteStopTransactionConf)
    return answer.status


# How a transaction begins.


def test_start_tells_who_where_when_and_the_register() -> None:
    """§4.8, §6.45."""
    with Playbook(STATION) as play:
        play.boot()
        play.advance(100)
        play.deliver(2, 34)
        play.plug_in(2)
        play.expect_status(2, S.PREPARING)
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect(
            StartTransaction(
                connector_id=2, id_tag="TAG", meter_start=2034, timestamp=BEGINNING + timedelta(seconds=100)
            )
        )
        play.expect_status(2, S.CHARGING)
        play.expect(TransactionStarted(2, "TAG", 2034))


def test_energy_flows_only_during_a_transaction() -> None:
    """No energy before the authorization; from the start on without waiting for the central system."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(StartTransaction, SILENCE)
        play.expect(SetOutput(1, is_on=False))
        play.plug_in(1)
        play.expect_no(SetOutput)
        play.present_card("TAG")
        play.expect(SetOutput(1, is_on=True))
        play.happens(StopPressed(1))

        play.expect(SetOutput(1, is_on=False))
        play.skip()


def test_transaction_waits_for_the_first_reading_of_its_meter() -> None:
    """§6.45: `meterStart` is what the meter shows; before it showed anything nothing begins."""
    with Playbook(SINGLE) as play:
        reading = play.hardware.readings.pop(1)
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.advance(5)
        play.expect_nothing()
        play.happens(MeterRead(1, reading))

        play.expect(StartTransaction, meter_start=1000)
        play.expect_status(1, S.CHARGING)


def test_transactions_of_one_station_do_not_mix() -> None:
    with Playbook(STATION) as play:
        play.boot()
        first = play.begin_transaction(1, "ONE")
        second = play.begin_transaction(2, "TWO")
        play.deliver(2, 70)
        play.present_card("TWO")
        play.expect(StopTransaction, id_tag="TWO", transaction_id=second, meter_stop=2070)
        play.expect_status(2, S.FINISHING)
        play.present_card("ONE")

        play.expect(StopTransaction, id_tag="ONE", transaction_id=first, meter_stop=1000)
        play.expect_status(1, S.FINISHING)


# The cable lock.


def test_plug_is_locked_before_energy_flows() -> None:
    """No StartTransaction and no energy until the lock holds."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.expect(SetOutput)
        play.hardware.lock_delay_s = 2.0
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect(Lock, connector_id=1)
        play.expect_no(SetOutput)
        play.advance(2)

        play.expect(StartTransaction, connector_id=1)
        play.expect(SetOutput(1, is_on=True))
        play.expect_status(1, S.CHARGING)


def test_fixed_cable_is_not_locked() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(StopPressed(1))

        play.expect_no(Lock)
        play.expect_no(Unlock)
        play.skip()


@pytest.mark.parametrize("result", [Failed(), Failed(FailureReason.NOT_SUPPORTED, "no lock"), None])
def test_lock_that_does_not_hold_starts_nothing(result: Failed | None) -> None:
    """Faulted with ConnectorLockFailure, no StartTransaction; a lock that does not answer counts as failed."""
    with Playbook(SOCKET) as play:
        play.boot()
        if result is None:
            play.hardware.lock_delay_s = None
        else:
            play.hardware.lock_result = result
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.advance(4)

        play.expect_status(1, S.FAULTED, LOCK)
        play.expect(StartAbandoned(1, "TAG", "the plug could not be locked"))
        play.advance(10)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_driver_may_clear_a_lock_failure_itself() -> None:
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_result = Failed()
        play.plug_in(1)
        play.present_card("TAG")
        play.skip()
        play.happens(FaultCleared(connector_id=1, error_code=LOCK))

        play.expect_status(1, S.PREPARING)


def test_lock_that_holds_after_all_lets_go() -> None:
    """The lock answers when nobody wants it any more: the plug must not stay captive."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_delay_s = 2.0
        play.plug_in(1)
        play.present_card("TAG")
        play.present_card("TAG")
        play.expect(Lock)
        play.expect(Unlock)
        play.skip()
        play.advance(2)

        play.expect_no(Lock)
        play.skip()


def test_late_answer_of_a_lock_is_told() -> None:
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_delay_s = 5.0
        play.plug_in(1)
        play.present_card("TAG")
        play.advance(5)

        play.expect(HardwareMisreport)
        play.skip()


def test_plug_pulled_while_it_is_locked_is_locked_anew() -> None:
    """Each plugging-in is locked by itself."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_delay_s = 1.0
        play.plug_in(1)
        play.present_card("TAG")
        play.unplug(1)
        play.advance(1)
        play.skip()
        play.plug_in(1)
        play.expect(Lock, connector_id=1)
        play.advance(1)

        play.expect(StartTransaction)
        play.expect_status(1, S.CHARGING)


def test_plug_stays_locked_while_a_transaction_runs() -> None:
    """Pulled and plugged again before the lock answered: of two answers neither lets the plug go in mid-session."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_delay_s = 1.0
        play.plug_in(1)
        play.present_card("TAG")
        play.advance(0.5)
        play.unplug(1)
        play.plug_in(1)
        play.advance(5)

        assert len(play.central_system.seen_of(StartTransaction)) == 1
        locks = [type(entry.item) for entry in play.entries if isinstance(entry.item, Lock | Unlock)]
        assert locks[-1] is Lock
        play.skip()


def test_plug_is_free_after_a_normal_end() -> None:
    with Playbook(SOCKET) as play:
        play.boot()
        play.begin_transaction()
        play.expect(Lock)
        play.present_card("TAG")

        play.expect(Unlock, connector_id=1)
        play.skip()


def test_lock_that_stays_shut_at_the_end_changes_nothing() -> None:
    """A plug that is not let go is for the driver to report; the transaction has ended."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.lock_result = Failed()
        play.present_card("TAG")

        play.expect(StopTransaction)
        play.expect_status(1, S.FINISHING)


# ConnectionTimeOut.


def test_card_without_a_cable_times_out() -> None:
    """§9.1.5: from entering Preparing until the attempt is dropped."""
    with Playbook(configured(STATION, ConnectionTimeOut=20)) as play:
        play.boot()
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.advance(19.9)
        play.expect_nothing()
        play.advance(0.1)

        play.expect_status(1, S.AVAILABLE)
        play.expect(StartAbandoned(1, "TAG", "no cable was plugged in in time"))


def test_cable_without_a_card_times_out() -> None:
    """B6, errata 3.20: Finishing, so that the next driver's card does not start on this cable."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.advance(59.9)
        play.expect_nothing()
        play.advance(0.1)
        play.expect_status(1, S.FINISHING)
        play.unplug(1)

        play.expect_status(1, S.AVAILABLE)


def test_cable_that_timed_out_is_no_candidate_at_a_common_reader() -> None:
    """Errata 3.20: with one reader for several connectors the next card means a free one."""
    with Playbook(STATION) as play:
        play.boot()
        play.plug_in(1)
        play.advance(60)
        play.expect_status(1, S.PREPARING)
        play.expect_status(1, S.FINISHING)
        play.present_card("NEXT")

        play.expect(Authorize(id_tag="NEXT"))
        play.expect_status(2, S.PREPARING)


def test_cable_that_timed_out_begins_anew_at_its_own_reader() -> None:
    """F2: the reader serves this connector alone, so the card means this cable."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.advance(60)
        play.skip()
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction, connector_id=1)
        play.expect_status(1, S.CHARGING)


def test_cable_that_timed_out_begins_anew_by_remote_start() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.plug_in(1)
        play.advance(60)
        play.skip()
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))

        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction, connector_id=1)
        play.expect_status(1, S.CHARGING)


def test_cable_without_a_vehicle_times_out_too() -> None:
    """B6 concerns whatever is plugged."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.unplug_vehicle(1)
        play.expect_status(1, S.PREPARING)
        play.advance(60)

        play.expect_status(1, S.FINISHING)


def test_time_out_pauses_while_a_card_is_checked() -> None:
    """Card and cable are there: only the answer is missing, and it may come late."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(20))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.advance(50)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.advance(20)

        play.expect(StartTransaction, connector_id=1)
        play.expect_status(1, S.CHARGING)


def test_time_out_is_made_up_for_when_the_card_was_refused() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(20, Refusal()))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.advance(50)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.advance(20)

        play.expect(CardRefused("TAG", CardRefusal.OFFLINE))
        play.expect_status(1, S.FINISHING)


def test_time_out_zero_is_none() -> None:
    """§9.1.5 is silent about 0: it means no time-out."""
    with Playbook(configured(STATION, ConnectionTimeOut=0, WebSocketPingInterval=0)) as play:
        play.central_system.interval_s = 100_000
        play.boot()
        play.plug_in(2)
        play.expect_status(2, S.PREPARING)
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.advance(50_000)

        play.expect_nothing()


def test_new_time_out_counts_from_the_beginning_of_the_wait() -> None:
    """§5.3: and fires at once if it is past."""
    with Playbook(STATION) as play:
        play.boot()
        play.present_card("TAG")
        play.skip()
        play.advance(30)
        play.send(ChangeConfiguration(key="ConnectionTimeOut", value="25"))

        play.expect_status(1, S.AVAILABLE)


def test_time_out_begins_anew_after_a_repair() -> None:
    """§17: Preparing again, from then."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.advance(50)
        play.happens(fault())
        play.advance(50)
        play.happens(repaired())
        play.skip()
        play.advance(59)
        play.expect_nothing()
        play.advance(1)

        play.expect_status(1, S.FINISHING)


# What the central system says to the start.


@pytest.mark.parametrize("status", REFUSALS)
def test_start_that_is_not_accepted_ends_the_transaction(status: AuthorizationStatus) -> None:
    """§4.8 with StopTransactionOnInvalidId: DeAuthorized, at once, with the id that was given all the same."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(StartTransaction, conf(status))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction)
        play.expect_status(1, S.CHARGING)
        play.expect(StopTransaction, id_tag="TAG", transaction_id=5, reason=Reason.DE_AUTHORIZED)
        play.expect_status(1, S.FINISHING)


@pytest.mark.parametrize("status", REFUSALS)
def test_start_that_is_not_accepted_may_only_end_the_energy(status: AuthorizationStatus) -> None:
    """§4.8 without StopTransactionOnInvalidId: SuspendedEVSE, the transaction goes on until somebody stops it."""
    with Playbook(configured(SINGLE, StopTransactionOnInvalidId=False)) as play:
        play.ignore(MeterValues)
        play.boot()
        play.central_system.answer(StartTransaction, Late(1, conf(status)))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction)
        play.advance(1)
        play.expect_status(1, S.SUSPENDED_EVSE)
        play.advance(100)
        play.expect_nothing()
        play.present_card("TAG")

        play.expect(StopTransaction, reason=Reason.LOCAL, transaction_id=5)
        play.expect_status(1, S.FINISHING)


def test_energy_ends_with_a_start_that_is_not_accepted() -> None:
    with Playbook(configured(SINGLE, StopTransactionOnInvalidId=False)) as play:
        play.boot()
        play.central_system.answer(StartTransaction, conf(AuthorizationStatus.INVALID))
        play.plug_in(1)
        play.present_card("TAG")

        for is_on in (False, True, False):
            play.expect(SetOutput(1, is_on=is_on))
        play.expect_no(SetOutput)
        play.skip()


def test_cable_stays_locked_after_a_start_that_is_not_accepted() -> None:
    """Errata 3.5: until the same card is presented."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.central_system.answer(StartTransaction, conf(AuthorizationStatus.BLOCKED))
        play.plug_in(1)
        play.present_card("TAG")
        play.skip()
        assert play.hardware.outputs[1] is False
        play.present_card("OTHER")
        play.expect_no(Unlock)
        play.present_card("TAG")

        play.expect(Unlock, connector_id=1)
        play.expect_nothing()


def test_start_that_is_not_accepted_after_the_end_changes_nothing() -> None:
    """The transaction has ended meanwhile: nothing but the id is taken over."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(StartTransaction, Late(10, conf(AuthorizationStatus.INVALID, 77)))
        play.plug_in(1)
        play.present_card("TAG")
        play.advance(5)
        play.happens(StopPressed(1))
        play.advance(5)

        play.expect_status(1, S.PREPARING)
        play.expect(Authorize)
        play.expect(StartTransaction)
        play.expect(StopTransaction, reason=Reason.LOCAL, transaction_id=77)
        play.expect_status(1, S.FINISHING)


def test_start_that_is_not_accepted_while_ending_keeps_the_first_reason() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.hardware.output_delay_s = 2.0
        play.central_system.answer(StartTransaction, Late(10, conf(AuthorizationStatus.INVALID, 77)))
        play.plug_in(1)
        play.present_card("TAG")
        play.advance(9)
        play.happens(StopPressed(1))
        play.advance(5)
        play.skip()

        (stop,) = play.central_system.seen_of(StopTransaction)
        assert (stop.reason, stop.transaction_id) == (Reason.LOCAL, 77)


@pytest.mark.parametrize("transaction_id", [0, -1, -7, 2**31 - 1])
def test_any_number_is_an_id(transaction_id: int) -> None:
    """§6.46: ids are numbers, of which none means anything special."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(StartTransaction, conf(AuthorizationStatus.ACCEPTED, transaction_id))
        play.begin_transaction()

        assert stops(play, transaction_id) is RemoteStartStopStatus.ACCEPTED
        play.expect(StopTransaction, transaction_id=transaction_id, reason=Reason.REMOTE)
        play.expect_status(1, S.FINISHING)


# Transaction messages that are not processed.


@pytest.mark.parametrize(
    ("behaviour", "lost_s"),
    [(Refusal(), 0), ({"transactionId": 5}, 0), (SILENCE, 30), (Late(31), 30)],
)
def test_start_is_sent_again_until_it_is_given_up(behaviour: Behaviour, lost_s: float) -> None:
    """§3.7.1: CALLERROR, unusable answer, silence: three submissions, 60 s and 120 s apart; then the rest with -1."""
    with Playbook(configured(SINGLE, MeterValueSampleInterval=0)) as play:
        play.central_system.interval_s = 100_000
        play.boot()
        play.central_system.answer(StartTransaction, behaviour)
        play.plug_in(1)
        play.present_card("TAG")
        play.advance(400)
        play.happens(StopPressed(1))

        at = [entry.at for entry in play.entries if isinstance(entry.item, StartTransaction)]
        assert at == [0, 60 + lost_s, 180 + 2 * lost_s]
        assert [each.transaction_id for each in play.central_system.seen_of(StopTransaction)] == [-1]
        for _ in range(3):
            play.expect(CallFailed, action="StartTransaction")
        play.expect(MessageDiscarded, action="StartTransaction")
        play.skip()


def test_transaction_goes_on_when_its_start_was_given_up() -> None:
    """Errata 3.18: the customer charges; only the messages bear -1. RemoteStop(-1) means nobody."""
    with Playbook(configured(SINGLE, TransactionMessageAttempts=0, MeterValueSampleInterval=0)) as play:
        play.boot()
        play.central_system.answer(StartTransaction, Refusal())
        play.begin_transaction()
        play.expect(MessageDiscarded, action="StartTransaction")

        assert play.hardware.outputs[1]
        assert stops(play, -1) is RemoteStartStopStatus.REJECTED
        play.present_card("TAG")
        play.expect(StopTransaction, transaction_id=-1)
        play.expect_status(1, S.FINISHING)


def test_stop_that_is_given_up_closes_the_transaction() -> None:
    """§3.7.1: and what was kept for its messages is forgotten."""
    with Playbook(configured(SINGLE, TransactionMessageRetryInterval=10)) as play:
        play.boot()
        play.begin_transaction()
        play.central_system.answer(StopTransaction, Refusal())
        play.happens(StopPressed(1))
        play.advance(30)

        assert [entry.at for entry in play.entries if isinstance(entry.item, StopTransaction)] == [0, 10, 30]
        play.expect(MessageDiscarded, action="StopTransaction")
        assert not [write for write in play.disk if write.table in ("transactions.ids", "kernel.outbox")]
        play.skip()


def test_nothing_is_kept_of_a_transaction_that_is_known() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(StopPressed(1))
        play.unplug(1)
        play.skip()

        left = {write.table for write in play.disk if write.table.startswith(("transactions", "kernel.outbox"))}
        assert left == {"transactions.number"}


def test_other_messages_flow_while_a_start_waits_for_its_retry() -> None:
    """§3.7.1: the queue is blocked, the rest is not."""
    with Playbook(STATION) as play:
        play.boot()
        play.central_system.answer(StartTransaction, Refusal(), USUAL)
        play.begin_transaction(1)
        play.plug_in(2)

        play.expect_status(2, S.PREPARING)


def test_connection_loss_is_no_failure_of_the_message() -> None:
    """§3.7.1: it is sent again at once on the next connection, and its attempts are not used up."""
    with Playbook(configured(SINGLE, MeterValueSampleInterval=0, TransactionMessageAttempts=2)) as play:
        play.boot()
        play.central_system.answer(StartTransaction, SILENCE, SILENCE, SILENCE, USUAL)
        play.plug_in(1)
        play.present_card("TAG")
        for _ in range(3):
            play.advance(5)
            play.drop_link()
            play.restore_link()

        assert len(play.central_system.seen_of(StartTransaction)) == 4
        play.expect_no(MessageDiscarded)
        play.skip()


# Stopping by request.


def test_remote_stop_ends_the_transaction_of_its_id() -> None:
    """§5.12: answered first; reason Remote, named after the card that began."""
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1, "ONE")
        transaction_id = play.begin_transaction(2, "TWO")

        assert stops(play, transaction_id) is RemoteStartStopStatus.ACCEPTED
        play.expect(StopTransaction, id_tag="TWO", reason=Reason.REMOTE, transaction_id=transaction_id)
        play.expect_status(2, S.FINISHING)


def test_remote_stop_of_an_unknown_id_is_rejected() -> None:
    """§5.12."""
    with Playbook(STATION) as play:
        play.boot()
        transaction_id = play.begin_transaction()

        assert stops(play, transaction_id + 1) is RemoteStartStopStatus.REJECTED


def test_remote_stop_before_the_id_is_known_is_rejected() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(StartTransaction, SILENCE)
        play.plug_in(1)
        play.present_card("TAG")

        assert stops(play, 1) is RemoteStartStopStatus.REJECTED
        play.skip()


def test_remote_stop_of_a_transaction_that_ends_already_is_rejected() -> None:
    """One StopTransaction per transaction."""
    with Playbook(SINGLE) as play:
        play.boot()
        transaction_id = play.begin_transaction()
        play.hardware.output_delay_s = 1.0

        assert stops(play, transaction_id) is RemoteStartStopStatus.ACCEPTED
        assert stops(play, transaction_id) is RemoteStartStopStatus.REJECTED
        play.advance(5)
        assert stops(play, transaction_id) is RemoteStartStopStatus.REJECTED
        play.expect(StopTransaction)
        play.expect_status(1, S.FINISHING)


def test_stop_button_ends_the_transaction() -> None:
    """Reason Local, named after the card that began."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.deliver(1, 800)
        play.advance(12)
        play.happens(StopPressed(1))

        play.expect(
            StopTransaction(
                id_tag="TAG",
                meter_stop=1800,
                timestamp=BEGINNING + timedelta(seconds=12),
                transaction_id=1,
                reason=Reason.LOCAL,
            )
        )
        play.expect_status(1, S.FINISHING)
        play.expect(TransactionStopped(1, "TAG", Reason.LOCAL, 800))


def test_stop_button_without_a_transaction_does_nothing() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.happens(StopPressed(1))

        play.expect_nothing()


# Faults and pauses.


def test_fault_interrupts_the_energy_and_not_the_transaction() -> None:
    """§17: energy off, Faulted, the transaction stays open; after the repair charging goes on."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(fault())
        play.expect_status(1, S.FAULTED, GROUND)
        assert not play.hardware.outputs[1]
        play.happens(repaired())

        play.expect_status(1, S.CHARGING)
        assert play.hardware.outputs[1]


def test_faulted_transaction_can_be_stopped() -> None:
    """§17: reason as usual, the status stays Faulted; afterwards Finishing."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(fault())
        play.expect_status(1, S.FAULTED, GROUND)
        play.present_card("TAG")
        play.expect(StopTransaction, reason=Reason.LOCAL)
        play.happens(repaired())

        play.expect_status(1, S.FINISHING)


def test_vehicle_that_pauses_keeps_the_output() -> None:
    """SuspendedEV: the station goes on offering."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(VehicleChanged(1, wants_energy=False))

        play.expect_status(1, S.SUSPENDED_EV)
        assert play.hardware.outputs[1]


def test_reading_of_another_connector_does_not_count() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1)
        play.happens(MeterRead(2, Reading(register_wh=99_999)))
        play.present_card("TAG")

        play.expect(StopTransaction, meter_stop=1000)
        play.expect_status(1, S.FINISHING)


def test_station_that_has_never_been_accepted_may_be_allowed_to_work() -> None:
    """A setting: transactions before the first acceptance; authorized they must be all the same."""
    free = evolve(SINGLE, settings=evolve(SINGLE.settings, accept_before_first_boot=True))
    with Playbook(free) as play:
        play.drop_link()
        play.start()
        play.present_card("TAG")

        play.expect(CardRefused("TAG", CardRefusal.OFFLINE))
