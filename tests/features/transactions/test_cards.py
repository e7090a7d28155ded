from __future__ import annotations

import pytest
from attrs import evolve

from ocpp16cp.events import CardPresented, Event, FaultRaised, StopPressed
from ocpp16cp.features.authorization.messages import Authorize, AuthorizeConf
from ocpp16cp.features.configuration.messages import ChangeConfiguration
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    StartTransaction,
    StartTransactionConf,
    StopTransaction,
)
from ocpp16cp.outcome import CardAccepted, CardRefusal, CardRefused, HardwareMisreport, StartAbandoned, Unlock
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, USUAL, Late
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointErrorCode, ChargePointStatus, IdTagInfo, Reason
from tests.features.stations import SINGLE, SOCKET, STATION, configured

S = ChargePointStatus
ACCEPTED = RemoteStartTransactionConf(status=RemoteStartStopStatus.ACCEPTED)
REJECTED = RemoteStartTransactionConf(status=RemoteStartStopStatus.REJECTED)
TWO_READERS = evolve(STATION, readers=((1,), (2,)))


def family(play: Playbook, **parents: str) -> None:
    """Let the central system know groups: parents by idTag."""

    def answer(request: Authorize) -> AuthorizeConf:
        info = IdTagInfo(status=AuthorizationStatus.ACCEPTED, parent_id_tag=parents.get(request.id_tag))
        return AuthorizeConf(id_tag_info=info)

    play.central_system.answer(Authorize, answer)


def fault(connector_id: int) -> Event:
    """A connector that cannot charge."""
    return FaultRaised(connector_id=connector_id, error_code=ChargePointErrorCode.GROUND_FAILURE)


# Which connector a card means.


def test_card_takes_the_connector_that_is_plugged() -> None:
    """The plugged connector comes before a free one, whatever their numbers."""
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(2)


def test_card_takes_the_lowest_of_two_plugged_connectors() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.plug_in(2)
        play.plug_in(1)
        play.present_card("TAG")

        play.expect_status(2, S.PREPARING)
        play.expect_status(1, S.PREPARING)
        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction, connector_id=1)
        play.expect_status(1, S.CHARGING)


def test_card_before_the_cable_waits_at_the_lowest_free_connector() -> None:
    """Identification first: Preparing at the lowest one that can be used."""
    with Playbook(STATION) as play:
        play.boot()
        play.happens(fault(1))
        play.expect_status(1, S.FAULTED, ChargePointErrorCode.GROUND_FAILURE)
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(2, S.PREPARING)


def test_cable_plugged_elsewhere_takes_the_card_along() -> None:
    """A cable plugged into another connector of the reader moves the authorization there; the former goes back."""
    with Playbook(STATION) as play:
        play.boot()
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.plug_in(2)

        play.expect(StartTransaction, connector_id=2, id_tag="TAG")
        play.expect_status(1, S.AVAILABLE)
        play.expect_status(2, S.CHARGING)


def test_cable_plugged_at_the_connector_itself_starts_there() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.plug_in(1)

        play.expect(StartTransaction, connector_id=1)
        play.expect_status(1, S.CHARGING)


def test_card_does_not_move_to_a_connector_that_is_faulted() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.happens(fault(2))
        play.present_card("TAG")
        play.plug_in(2)
        play.skip()
        play.advance(10)

        play.expect_nothing()


def test_card_means_the_connectors_of_its_reader_only() -> None:
    """Each reader serves its own connectors."""
    with Playbook(TWO_READERS) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG", reader=1)

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(2, S.PREPARING)


def test_card_at_the_reader_of_another_connector_does_not_stop() -> None:
    with Playbook(TWO_READERS) as play:
        play.boot()
        play.begin_transaction(1)
        play.present_card("TAG", reader=1)

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(2, S.PREPARING)


def test_card_is_refused_without_asking_when_nothing_is_free() -> None:
    """A foreign card at a station whose only connector charges: no Authorize, no stop."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.present_card("FOREIGN")

        play.expect(CardRefused("FOREIGN", CardRefusal.NO_CONNECTOR))


def test_card_is_refused_at_a_faulted_station() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.happens(fault(1))
        play.expect_status(1, S.FAULTED, ChargePointErrorCode.GROUND_FAILURE)
        play.present_card("TAG")

        play.expect(CardRefused("TAG", CardRefusal.NO_CONNECTOR))


def test_card_with_only_a_cable_plugged_waits_for_the_vehicle() -> None:
    """A detachable cable that hangs in the socket already: the card is accepted, the vehicle may follow."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.unplug_vehicle(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.plug_in(1)

        play.expect(StartTransaction, connector_id=1, id_tag="TAG")
        play.expect_status(1, S.CHARGING)


def test_connector_that_faults_while_the_card_is_checked_is_not_used() -> None:
    """What was free when the card came may be gone when the answer comes."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(5))
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.happens(fault(1))
        play.advance(5)

        play.expect_status(1, S.FAULTED, ChargePointErrorCode.GROUND_FAILURE)
        play.expect(CardRefused("TAG", CardRefusal.NO_CONNECTOR))


def test_cable_pulled_while_the_card_is_checked_makes_it_card_first() -> None:
    """Authorize is answered after the cable is gone: the card waits for it until ConnectionTimeOut."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(5))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.unplug(1)
        play.advance(5)
        play.expect_status(1, S.PREPARING)
        play.advance(60)

        play.expect_status(1, S.AVAILABLE)
        play.expect(StartAbandoned(1, "TAG", "no cable was plugged in in time"))


# Presented again.


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
    with Playbook(STATION) as play:
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


# Groups.


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


# The queue of cards.


def test_cards_are_dealt_with_one_after_the_other() -> None:
    """One Authorize at a time; each card is decided with the state it then finds."""
    with Playbook(STATION) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(2))
        play.plug_in(1)
        play.plug_in(2)
        play.present_card("FIRST")
        play.present_card("SECOND")
        play.advance(1)
        play.expect_status(1, S.PREPARING)
        play.expect_status(2, S.PREPARING)
        play.expect(Authorize(id_tag="FIRST"))
        play.expect_nothing()
        play.advance(3)

        play.expect(Authorize(id_tag="SECOND"))
        play.expect(StartTransaction, connector_id=1, id_tag="FIRST")
        play.expect_status(1, S.CHARGING)
        play.expect(StartTransaction, connector_id=2, id_tag="SECOND")
        play.expect_status(2, S.CHARGING)


def test_fifth_card_is_refused() -> None:
    """The queue is short: who comes fifth is told so."""
    with Playbook(STATION) as play:
        play.boot()
        play.central_system.answer(Authorize, SILENCE)
        for number in range(1, 6):
            play.present_card(f"TAG{number}")

        play.expect(Authorize(id_tag="TAG1"))
        play.expect(CardRefused("TAG5", CardRefusal.BUSY))


def test_remote_start_is_rejected_when_the_queue_is_full() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.central_system.answer(Authorize, SILENCE)
        for number in range(1, 5):
            play.present_card(f"TAG{number}")
        play.expect(Authorize)

        assert play.send(RemoteStartTransaction(id_tag="TAG5")) == REJECTED


@pytest.mark.parametrize(
    "event",
    [
        CardPresented(""),
        CardPresented("x" * 21),
        CardPresented("\ud800"),
        CardPresented("TAG", reader=1),
        CardPresented("TAG", reader=-1),
    ],
)
def test_card_that_cannot_be_is_told_and_ignored(event: CardPresented) -> None:
    """§7.28: an idTag has 1 to 20 characters; and there is one reader here."""
    with Playbook(STATION) as play:
        play.boot()
        play.happens(event)

        play.expect(HardwareMisreport)


@pytest.mark.parametrize("id_tag", ["x" * 20, "é", "04 A2:F1"])
def test_any_card_up_to_twenty_characters_is_asked_about(id_tag: str) -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.present_card(id_tag)

        play.expect(Authorize(id_tag=id_tag))
        play.expect_status(1, S.PREPARING)


# Remote starts.


@pytest.mark.parametrize("authorize", [True, False])
def test_remote_start_with_the_cable_in(authorize: bool) -> None:
    """§5.11: the answer goes out first; Authorize only if AuthorizeRemoteTxRequests says so."""
    with Playbook(configured(STATION, AuthorizeRemoteTxRequests=authorize)) as play:
        play.boot()
        play.plug_in(2)
        play.expect_status(2, S.PREPARING)

        assert play.send(RemoteStartTransaction(connector_id=2, id_tag="TAG")) == ACCEPTED
        if authorize:
            play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction, connector_id=2, id_tag="TAG")
        play.expect_status(2, S.CHARGING)


def test_answer_to_a_remote_start_goes_out_before_what_it_causes() -> None:
    """§5.11: conf first, then Authorize."""
    with Playbook(STATION) as play:
        play.boot()
        said = len(play.entries)
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))

        kinds = [type(entry.item).__name__ for entry in play.entries[said:] if entry.is_output]
        assert kinds.index("CallResult") < kinds.index("Authorize")
        play.skip()


def test_remote_start_before_the_cable_waits_for_it() -> None:
    with Playbook(STATION) as play:
        play.boot()

        assert play.send(RemoteStartTransaction(connector_id=2, id_tag="TAG")) == ACCEPTED
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(2, S.PREPARING)
        play.plug_in(2)
        play.expect(StartTransaction, connector_id=2)
        play.expect_status(2, S.CHARGING)


def test_remote_start_of_one_connector_waits_there_whatever_is_plugged_elsewhere() -> None:
    """§5.11: a named connector is meant, and no other."""
    with Playbook(STATION) as play:
        play.boot()
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        play.plug_in(2)

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.expect_status(2, S.PREPARING)


def test_remote_start_without_a_connector_takes_the_plugged_one() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.plug_in(2)
        play.send(RemoteStartTransaction(id_tag="TAG"))

        play.expect_status(2, S.PREPARING)
        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction, connector_id=2)
        play.expect_status(2, S.CHARGING)


def test_remote_start_without_a_connector_follows_the_cable() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.send(RemoteStartTransaction(id_tag="TAG"))
        play.plug_in(2)

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.expect(StartTransaction, connector_id=2)
        play.expect_status(1, S.AVAILABLE)
        play.expect_status(2, S.CHARGING)


@pytest.mark.parametrize("connector_id", [0, -1, 3, 10_000])
def test_remote_start_of_a_connector_that_is_not_there_is_rejected(connector_id: int) -> None:
    """§5.11: a connectorId is one of the connectors, not 0."""
    with Playbook(STATION) as play:
        play.boot()

        assert play.send(RemoteStartTransaction(connector_id=connector_id, id_tag="TAG")) == REJECTED


def test_remote_start_is_rejected_where_a_transaction_runs() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1)

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="OTHER")) == REJECTED
        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG")) == REJECTED


def test_remote_start_is_rejected_at_a_faulted_connector() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.happens(fault(1))
        play.skip()

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG")) == REJECTED
        assert play.send(RemoteStartTransaction(id_tag="TAG")) == REJECTED


def test_remote_start_is_rejected_where_another_card_waits() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.present_card("TAG")
        play.skip()

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="OTHER")) == REJECTED


def test_remote_start_sent_twice_is_one() -> None:
    """A central system that repeats itself is answered the same, and nothing begins twice."""
    with Playbook(STATION) as play:
        play.boot()
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG")) == ACCEPTED
        assert play.send(RemoteStartTransaction(id_tag="tag")) == ACCEPTED
        play.expect_nothing()


def test_remote_start_for_a_card_that_waits_already_changes_nothing() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG")) == ACCEPTED
        play.expect_nothing()


def test_remote_start_refused_by_the_central_system_itself_comes_to_nothing() -> None:
    """§5.11: accepted to try; Authorize says Invalid; no status changes."""
    invalid = AuthorizeConf(id_tag_info=IdTagInfo(status=AuthorizationStatus.INVALID))
    with Playbook(STATION) as play:
        play.boot()
        play.central_system.answer(Authorize, invalid)

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG")) == ACCEPTED
        play.expect(Authorize(id_tag="TAG"))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)


def test_remote_start_never_stops_a_transaction_of_its_group() -> None:
    """Step table: a remote start only starts."""
    with Playbook(STATION) as play:
        play.boot()
        family(play, TAG="PARENT", SECOND="PARENT")
        play.begin_transaction(1)
        play.send(RemoteStartTransaction(id_tag="SECOND"))

        play.expect(Authorize(id_tag="SECOND"))
        play.expect_status(2, S.PREPARING)


def test_remote_start_at_a_cable_left_behind_begins_anew() -> None:
    """F2: the connector is named, so the cable in it is meant."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(StopPressed(1))
        play.skip()

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="NEXT")) == ACCEPTED
        play.expect(Authorize(id_tag="NEXT"))
        play.expect(StartTransaction, connector_id=1, id_tag="NEXT")
        play.expect_status(1, S.CHARGING)


def test_remote_start_does_not_find_a_cable_left_behind_by_itself() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1)
        play.happens(StopPressed(1))
        play.skip()
        play.send(RemoteStartTransaction(id_tag="NEXT"))

        play.expect(Authorize(id_tag="NEXT"))
        play.expect_status(2, S.PREPARING)


def test_card_withdraws_a_remote_start_of_its_tag() -> None:
    """B1: who presents the card that waits takes it back."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")

        play.expect_status(1, S.AVAILABLE)


# What ends an attempt.


def test_fault_drops_an_accepted_card() -> None:
    """§17: Faulted, the authorization is gone; after the repair the connector is free."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.happens(fault(1))

        play.expect_status(1, S.FAULTED, ChargePointErrorCode.GROUND_FAILURE)
        play.expect(StartAbandoned(1, "TAG", "the connector is faulted"))


def test_card_that_waits_is_forgotten_in_a_power_cut() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.present_card("TAG")
        play.power_cut()
        play.skip()
        play.plug_in(1)

        play.expect_status(1, S.PREPARING)


def test_accepted_card_is_told() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.present_card("TAG")

        play.expect(CardAccepted("TAG", 1))
        play.skip()


def test_key_of_remote_authorization_counts_from_the_next_remote_start() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.ignore(MeterValues)
        play.send(ChangeConfiguration(key="AuthorizeRemoteTxRequests", value="false"))
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))

        play.expect_status(1, S.PREPARING)


def test_remote_start_that_lost_its_connector_meanwhile_is_refused() -> None:
    """Two remote starts for one connector, both accepted to try: the second finds it taken."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(1), USUAL)
        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="ONE")) == ACCEPTED
        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TWO")) == ACCEPTED
        play.advance(1)

        play.expect(Authorize(id_tag="ONE"))
        play.expect_status(1, S.PREPARING)
        play.expect(CardRefused("TWO", CardRefusal.NO_CONNECTOR))
