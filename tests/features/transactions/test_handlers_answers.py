from __future__ import annotations

import pytest

from ocpp16cp.events import (
    StopPressed,
)
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStopTransaction,
    RemoteStopTransactionConf,
    StartTransaction,
    StartTransactionConf,
    StopTransaction,
)
from ocpp16cp.outcome import (
    CallFailed,
    MessageDiscarded,
    SetOutput,
    Unlock,
)
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, USUAL, Behaviour, Late, Refusal
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, IdTagInfo, Reason
from tests.features.stations import SINGLE, SOCKET, STATION, configured

S = ChargePointStatus


REFUSALS = [each for each in AuthorizationStatus if each is not AuthorizationStatus.ACCEPTED]


def conf(status: AuthorizationStatus, transaction_id: int = 5) -> StartTransactionConf:
    """An answer to StartTransaction."""
    return StartTransactionConf(id_tag_info=IdTagInfo(status=status), transaction_id=transaction_id)


def stops(play: Playbook, transaction_id: int) -> object:
    """What RemoteStopTransaction is answered with."""
    answer = play.send(RemoteStopTransaction(transaction_id=transaction_id), RemoteStopTransactionConf)
    return answer.status


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
