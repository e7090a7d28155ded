"""Requests that meet an attempt, a transaction or what it left behind (§4.8 to §5.18)."""

from __future__ import annotations

import pytest

from ocpp16cp.events import OutputChanged, StopPressed
from ocpp16cp.features.authorization.messages import Authorize, ClearCache
from ocpp16cp.features.configuration.messages import ChangeConfiguration
from ocpp16cp.features.connectors.messages import (
    AvailabilityStatus,
    AvailabilityType,
    ChangeAvailability,
    ChangeAvailabilityConf,
)
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    RemoteStopTransaction,
    RemoteStopTransactionConf,
    StartTransaction,
    StartTransactionConf,
    StopTransaction,
    UnlockConnector,
    UnlockConnectorConf,
    UnlockStatus,
)
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import Late
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, IdTagInfo, Reason
from tests.features.authorization.cards import info
from tests.features.stations import SINGLE, SOCKET, configured

S = ChargePointStatus
REMOTE_STOP_REJECTED = RemoteStopTransactionConf(status=RemoteStartStopStatus.REJECTED)


def change(play: Playbook, to: AvailabilityType) -> AvailabilityStatus:
    """Ask for a change of connector 1; what is answered."""
    return play.send(ChangeAvailability(connector_id=1, type=to), ChangeAvailabilityConf).status


def test_attempt_meets_change_availability() -> None:
    """Scheduled; the attempt may complete."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        play.expect(Authorize)
        play.expect_status(1, S.PREPARING)

        assert change(play, AvailabilityType.INOPERATIVE) is AvailabilityStatus.SCHEDULED
        play.plug_in(1)
        play.expect(StartTransaction)
        play.expect_status(1, S.CHARGING)


def test_attempt_meets_unlock_connector() -> None:
    """Unlocked; the attempt goes on."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.present_card("TAG")
        play.expect(Authorize)
        play.expect_status(1, S.PREPARING)

        unlocked = UnlockConnectorConf(status=UnlockStatus.UNLOCKED)
        assert play.send(UnlockConnector(connector_id=1)) == unlocked
        play.plug_in(1)
        play.expect(StartTransaction)
        play.expect_status(1, S.CHARGING)


def test_transaction_meets_change_availability_and_back() -> None:
    """Scheduled, then Accepted: the schedule is cancelled."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        assert change(play, AvailabilityType.INOPERATIVE) is AvailabilityStatus.SCHEDULED
        assert change(play, AvailabilityType.OPERATIVE) is AvailabilityStatus.ACCEPTED

        play.unplug(1)
        play.expect(StopTransaction)
        play.expect_status(1, S.AVAILABLE)


def test_transaction_keeps_its_tag_and_its_parent() -> None:
    """ClearCache and the keys of list and cache do not touch it: its card, and one of its group, stop it."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.cards = {each: info(play, parent="FAMILY") for each in ("TAG", "OTHER")}
        play.begin_transaction(1, "TAG")

        play.send(ClearCache())
        play.send(ChangeConfiguration(key="AuthorizationCacheEnabled", value="false"))
        play.send(ChangeConfiguration(key="LocalAuthListEnabled", value="false"))
        play.expect_nothing()
        play.present_card("OTHER")
        play.expect(Authorize(id_tag="OTHER"))
        play.expect(StopTransaction, id_tag="OTHER", reason=Reason.LOCAL)
        play.expect_status(1, S.FINISHING)


def test_transaction_whose_start_is_refused_after_its_end() -> None:
    """A StartTransaction.conf that comes after the stop changes what is known of the card, and nothing else."""
    with Playbook(SINGLE) as play:
        play.boot()
        blocked = StartTransactionConf(id_tag_info=IdTagInfo(status=AuthorizationStatus.BLOCKED), transaction_id=7)
        play.central_system.answer(StartTransaction, Late(5, blocked))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize)
        play.expect(StartTransaction)
        play.happens(StopPressed(1))
        play.advance(5)

        play.expect(StopTransaction, transaction_id=7, reason=Reason.LOCAL)
        play.expect_status(1, S.FINISHING)


def test_transaction_without_an_id_meets_remote_stop() -> None:
    """Rejected: the central system cannot know the id."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(StartTransaction, Late(5))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize)
        play.expect(StartTransaction)

        assert play.send(RemoteStopTransaction(transaction_id=1)) == REMOTE_STOP_REJECTED
        play.advance(5)
        play.expect_status(1, S.CHARGING)


@pytest.mark.parametrize("again", ["remote", "card", "button"])
def test_transaction_that_ends_already_meets_another_stop(again: str) -> None:
    """Rejected, or ignored: there is one StopTransaction."""
    with Playbook(SINGLE) as play:
        play.boot()
        transaction_id = play.begin_transaction()
        play.hardware.output_delay_s = None
        play.happens(StopPressed(1))

        if again == "remote":
            assert play.send(RemoteStopTransaction(transaction_id=transaction_id)) == REMOTE_STOP_REJECTED
        elif again == "card":
            play.present_card("TAG")
        else:
            play.happens(StopPressed(1))
        play.expect_nothing()
        play.happens(OutputChanged(1, is_on=False))
        play.expect(StopTransaction, reason=Reason.LOCAL)
        play.expect_status(1, S.FINISHING)


def test_transaction_meets_unplugging_at_the_station() -> None:
    """A lock that is missing or broken: EVDisconnected, Available."""
    with Playbook(configured(SOCKET, StopTransactionOnEVSideDisconnect=False)) as play:
        play.boot()
        play.begin_transaction()
        play.unplug(1)

        play.expect(StopTransaction, reason=Reason.EV_DISCONNECTED)
        play.expect_status(1, S.AVAILABLE)


def test_finishing_meets_change_availability() -> None:
    """Scheduled, F8."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(StopPressed(1))
        play.expect(StopTransaction)
        play.expect_status(1, S.FINISHING)

        assert change(play, AvailabilityType.INOPERATIVE) is AvailabilityStatus.SCHEDULED
        play.unplug(1)
        play.expect_status(1, S.UNAVAILABLE)


def test_finishing_meets_remote_start() -> None:
    """Accepted, F2: Preparing, and a new transaction."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(StopPressed(1))
        play.expect(StopTransaction)
        play.expect_status(1, S.FINISHING)

        accepted = RemoteStartTransactionConf(status=RemoteStartStopStatus.ACCEPTED)
        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="NEXT")) == accepted
        play.expect(Authorize)
        play.expect_status(1, S.PREPARING)
        play.expect(StartTransaction, id_tag="NEXT")
        play.expect_status(1, S.CHARGING)


def test_unavailable_meets_plugs() -> None:
    """The status is unchanged; Operative later: H2, or H1."""
    with Playbook(SINGLE) as play:
        play.boot()
        change(play, AvailabilityType.INOPERATIVE)
        play.expect_status(1, S.UNAVAILABLE)
        play.plug_in(1)
        play.expect_nothing()
        change(play, AvailabilityType.OPERATIVE)
        play.expect_status(1, S.PREPARING)

        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)
        change(play, AvailabilityType.INOPERATIVE)
        play.expect_status(1, S.UNAVAILABLE)
        play.plug_in(1)
        play.unplug(1)
        change(play, AvailabilityType.OPERATIVE)
        play.expect_status(1, S.AVAILABLE)
