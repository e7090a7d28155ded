from __future__ import annotations

import pytest

from ocpp16cp.events import StopPressed
from ocpp16cp.features.authorization.messages import Authorize, AuthorizeConf
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    StartTransaction,
    StartTransactionConf,
    StopTransaction,
)
from ocpp16cp.outcome import CardRefusal, CardRefused, StartAbandoned, Unlock
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, IdTagInfo, Reason
from tests.features.stations import SINGLE, SOCKET, STATION, configured

S = ChargePointStatus


ACCEPTED = RemoteStartTransactionConf(status=RemoteStartStopStatus.ACCEPTED)


def family(play: Playbook, **parents: str) -> None:
    """Let the central system know groups: parents by idTag."""

    def answer(request: Authorize) -> AuthorizeConf:
        info = IdTagInfo(status=AuthorizationStatus.ACCEPTED, parent_id_tag=parents.get(request.id_tag))
        return AuthorizeConf(id_tag_info=info)

    play.central_system.answer(Authorize, answer)


@pytest.mark.parametrize("again", ["TAG", "tag"])
def test_card_presented_again_before_the_cable_takes_it_back(again: str) -> None:
    """B1: second presentation of the same card, in whatever letter case; nobody is asked."""
    with Playbook(STATION) as play:
        play.boot()
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.present_card(again)

        play.expect_status(1, S.AVAILABLE)
        play.expect(StartAbandoned(1, "TAG", "the card was presented again"))


@pytest.mark.parametrize("again", ["TAG", "tag"])
def test_same_card_stops_its_transaction(again: str) -> None:
    """§3.4: without Authorize, named in StopTransaction as it was presented."""
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(2)
        play.present_card(again)

        play.expect(StopTransaction, id_tag=again, reason=Reason.LOCAL, transaction_id=1)
        play.expect_status(2, S.FINISHING)


def test_card_that_runs_several_transactions_stops_the_lowest() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(2)
        play.plug_in(1)
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        play.skip()
        play.present_card("TAG")

        play.expect(StopTransaction, transaction_id=2)
        play.expect_status(1, S.FINISHING)


def test_card_presented_while_its_transaction_ends_is_ignored() -> None:
    """One StopTransaction per transaction; a card held a moment too long must not begin anew next door."""
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1)
        play.hardware.output_delay_s = 1.0
        play.present_card("TAG")
        play.advance(0.5)
        play.present_card("TAG")
        play.advance(5)

        play.expect(StopTransaction, id_tag="TAG")
        play.expect_status(1, S.FINISHING)


def test_card_that_stopped_may_start_anew_elsewhere() -> None:
    """Finishing is no candidate for a start; another connector of the reader is."""
    with Playbook(configured(STATION, LocalPreAuthorize=False)) as play:
        play.boot()
        play.begin_transaction(1)
        play.present_card("TAG")
        play.expect(StopTransaction)
        play.expect_status(1, S.FINISHING)
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(2, S.PREPARING)


def test_card_at_a_cable_left_behind_is_refused() -> None:
    """After a transaction the cable has to go first."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(StopPressed(1))
        play.expect(StopTransaction)
        play.expect_status(1, S.FINISHING)
        play.present_card("TAG")

        play.expect(CardRefused("TAG", CardRefusal.NO_CONNECTOR))


def test_card_of_the_same_group_stops() -> None:
    """§3.5: same parentIdTag; the stopping card is asked about, and named."""
    with Playbook(SINGLE) as play:
        play.boot()
        family(play, TAG="PARENT", SECOND="parent")
        play.begin_transaction()
        play.present_card("SECOND")

        play.expect(Authorize(id_tag="SECOND"))
        play.expect(StopTransaction, id_tag="SECOND", reason=Reason.LOCAL)
        play.expect_status(1, S.FINISHING)


@pytest.mark.parametrize("parent", ["OTHER", None])
def test_card_of_another_group_does_not_stop(parent: str | None) -> None:
    """§3.5: a card without a parent belongs to nobody."""
    with Playbook(SINGLE) as play:
        play.boot()
        family(play, TAG="PARENT", **({} if parent is None else {"SECOND": parent}))
        play.begin_transaction()
        play.present_card("SECOND")

        play.expect(Authorize(id_tag="SECOND"))
        play.expect(CardRefused("SECOND", CardRefusal.NO_CONNECTOR))


def test_refused_card_of_the_same_group_does_not_stop() -> None:
    """The second card must itself be Accepted."""
    blocked = IdTagInfo(status=AuthorizationStatus.BLOCKED, parent_id_tag="PARENT")
    with Playbook(SINGLE) as play:
        play.boot()
        family(play, TAG="PARENT")
        play.begin_transaction()
        play.central_system.answer(Authorize, AuthorizeConf(id_tag_info=blocked))
        play.present_card("SECOND")

        play.expect(Authorize(id_tag="SECOND"))
        play.expect(CardRefused("SECOND", CardRefusal.NOT_ACCEPTED, AuthorizationStatus.BLOCKED))


def test_group_may_be_told_with_the_start() -> None:
    """§3.5: a central system that tells the parent only in StartTransaction.conf."""
    info = IdTagInfo(status=AuthorizationStatus.ACCEPTED, parent_id_tag="PARENT")
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(StartTransaction, StartTransactionConf(id_tag_info=info, transaction_id=9))
        play.begin_transaction()
        family(play, SECOND="PARENT")
        play.present_card("SECOND")

        play.expect(Authorize(id_tag="SECOND"))
        play.expect(StopTransaction, id_tag="SECOND", transaction_id=9)
        play.expect_status(1, S.FINISHING)


def test_start_without_a_parent_keeps_the_one_that_is_known() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        family(play, TAG="PARENT", SECOND="PARENT")
        play.begin_transaction()
        play.present_card("SECOND")

        play.expect(Authorize)
        play.expect(StopTransaction)
        play.skip()


def test_group_stops_rather_than_waits_at_a_free_connector() -> None:
    """Step table: same group as a running transaction comes before the lowest free connector."""
    with Playbook(STATION) as play:
        play.boot()
        family(play, TAG="PARENT", SECOND="PARENT")
        play.begin_transaction(1)
        play.present_card("SECOND")

        play.expect(Authorize(id_tag="SECOND"))
        play.expect(StopTransaction, id_tag="SECOND")
        play.expect_status(1, S.FINISHING)


def test_plugged_connector_comes_before_the_stop_of_the_group() -> None:
    """Step table: plugged and Preparing comes first, the transaction of the same group goes on."""
    with Playbook(STATION) as play:
        play.boot()
        family(play, TAG="PARENT", SECOND="PARENT")
        play.begin_transaction(1)
        play.plug_in(2)
        play.expect_status(2, S.PREPARING)
        play.present_card("SECOND")

        play.expect(Authorize(id_tag="SECOND"))
        play.expect(StartTransaction, connector_id=2, id_tag="SECOND")
        play.expect_status(2, S.CHARGING)


@pytest.mark.parametrize("card", ["TAG", "SECOND"])
def test_cable_that_waits_for_its_card_is_freed_by_its_group(card: str) -> None:
    """§3.5, errata 3.5: locked after a refused start or an unplugging at the vehicle, until the same card or one of
    its group is presented.
    """
    with Playbook(configured(SOCKET, UnlockConnectorOnEVSideDisconnect=False)) as play:
        play.boot()
        family(play, TAG="PARENT", SECOND="PARENT")
        play.begin_transaction()
        play.unplug_vehicle(1)
        play.expect_no(Unlock)
        play.present_card(card)

        play.expect(Unlock, connector_id=1)
        play.skip()


def test_foreign_card_does_not_free_a_cable_that_waits() -> None:
    with Playbook(configured(SOCKET, UnlockConnectorOnEVSideDisconnect=False)) as play:
        play.boot()
        family(play, TAG="PARENT", SECOND="OTHER")
        play.begin_transaction()
        play.unplug_vehicle(1)
        play.present_card("SECOND")
        play.skip()

        play.expect_no(Unlock)


def test_freed_cable_is_not_freed_twice() -> None:
    with Playbook(configured(SOCKET, UnlockConnectorOnEVSideDisconnect=False)) as play:
        play.boot()
        play.begin_transaction()
        play.unplug_vehicle(1)
        play.present_card("TAG")
        play.skip()
        play.present_card("TAG")

        play.expect_no(Unlock)
        play.expect(CardRefused("TAG", CardRefusal.NO_CONNECTOR))
