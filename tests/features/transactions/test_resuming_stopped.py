"""Who stops a transaction between a power cut and its going on (`Settings.resumes_transactions`)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve

from ocpp16cp.events import StopPressed
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStopTransaction,
    RemoteStopTransactionConf,
    StartTransaction,
    StopTransaction,
    UnlockConnector,
    UnlockConnectorConf,
    UnlockStatus,
)
from ocpp16cp.outcome import SetOutput, Unlock
from ocpp16cp.station import Settings, Station
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.stage import Network
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, IdTagInfo, Reason
from tests.features.stations import SOCKET, configured

S = ChargePointStatus


def resuming(**keys: object) -> Station:
    """A station that goes on after a power cut, as soon as the plug is locked again."""
    return evolve(configured(SOCKET, MeterValueSampleInterval=0, **keys), settings=Settings(resumes_transactions=True))


def cut_off(play: Playbook) -> None:
    """Cut the power; after it the lock takes its time."""
    play.hardware.lock_delay_s = 2
    play.power_cut(off_s=10)
    play.skip()


def stop_by_card(play: Playbook) -> None:
    play.present_card("TAG")


def stop_by_group(play: Playbook) -> None:
    play.present_card("FRIEND")


def stop_by_button(play: Playbook) -> None:
    play.happens(StopPressed(1))


def stop_remotely(play: Playbook) -> None:
    stopped = play.send(RemoteStopTransaction(transaction_id=1), RemoteStopTransactionConf)
    assert stopped.status is RemoteStartStopStatus.ACCEPTED


def stop_by_unlocking(play: Playbook) -> None:
    message_id = play.post(UnlockConnector(connector_id=1))
    play.advance(4)
    assert play.answer_to(message_id) == UnlockConnectorConf(status=UnlockStatus.UNLOCKED)


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        (stop_by_card, Reason.LOCAL),
        (stop_by_group, Reason.LOCAL),
        (stop_by_button, Reason.LOCAL),
        (stop_remotely, Reason.REMOTE),
        (stop_by_unlocking, Reason.UNLOCK_COMMAND),
    ],
)
def test_transaction_that_waits_to_go_on_can_be_stopped(stop: Callable[[Playbook], None], reason: Reason) -> None:
    """Nobody is told to wait, and nothing goes on afterwards that somebody has stopped."""
    family = IdTagInfo(status=AuthorizationStatus.ACCEPTED, parent_id_tag="FAMILY")
    with Playbook(resuming()) as play:
        play.central_system.cards.update(TAG=family, FRIEND=family)
        play.boot()
        play.begin_transaction()
        play.deliver(1, 50)
        cut_off(play)

        stop(play)
        play.advance(10)
        play.skip()

        (sent,) = play.central_system.seen_of(StopTransaction)
        assert (sent.transaction_id, sent.reason, sent.meter_stop) == (1, reason, 1050)
        assert not play.hardware.outputs[1]


def refuse_while_locking(play: Playbook) -> None:
    """Begin offline, lose the power; the central system refuses the card while the plug is being locked again."""
    play.boot()
    play.drop_link()
    play.plug_in(1)
    play.present_card("TAG")
    play.deliver(1, 50)
    play.central_system.cards["TAG"] = IdTagInfo(status=AuthorizationStatus.BLOCKED)
    play.network = Network.UP
    cut_off(play)
    assert play.central_system.seen_of(StartTransaction)


def test_transaction_refused_before_it_goes_on_ends() -> None:
    """§4.8 with StopTransactionOnInvalidId: DeAuthorized, without any energy after the cut."""
    with Playbook(resuming()) as play:
        refuse_while_locking(play)
        play.advance(10)

        (sent,) = play.central_system.seen_of(StopTransaction)
        assert (sent.reason, sent.meter_stop) == (Reason.DE_AUTHORIZED, 1050)
        play.expect_no(SetOutput)


def test_plug_of_a_transaction_refused_before_it_goes_on_stays_locked() -> None:
    """Errata 3.5: until its card is presented; the answer to the locking comes later and changes nothing."""
    with Playbook(resuming()) as play:
        refuse_while_locking(play)
        play.advance(10)

        play.expect_no(Unlock)
        play.present_card("TAG")
        play.expect(Unlock, connector_id=1)


def test_transaction_refused_before_it_goes_on_goes_on_without_energy() -> None:
    """§4.8 without StopTransactionOnInvalidId: SuspendedEVSE."""
    with Playbook(resuming(StopTransactionOnInvalidId=False)) as play:
        refuse_while_locking(play)
        play.advance(10)
        play.skip()

        assert play.central_system.seen_of(StatusNotification)[-1].status is S.SUSPENDED_EVSE
        assert not play.hardware.outputs[1]


def test_transaction_refused_before_it_goes_on_gets_what_is_granted() -> None:
    """MaxEnergyOnInvalidId counts from the answer: the register as it was then."""
    with Playbook(resuming(MaxEnergyOnInvalidId=100)) as play:
        refuse_while_locking(play)
        play.advance(10)
        play.deliver(1, 99)
        assert play.hardware.outputs[1]
        play.skip()

        play.deliver(1, 1)
        play.expect(StopTransaction, reason=Reason.DE_AUTHORIZED, meter_stop=1150)
        play.expect_status(1, S.FINISHING)
