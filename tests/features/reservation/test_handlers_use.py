"""Who may charge at a reserved connector (§5.13)."""

from __future__ import annotations

import pytest

from ocpp16cp.events import SocketChanged, SocketState
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.reservation.messages import ReservationStatus
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    StartTransaction,
    StopTransaction,
)
from ocpp16cp.outcome import CardAccepted, CardRefusal, CardRefused
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import Late
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, IdTagInfo
from tests.features.authorization.cards import info, learn
from tests.features.local_list.listing import entry, send_list
from tests.features.reservation.reserving import answer, reserve, reserved, shown
from tests.features.stations import SINGLE, STATION, configured

S = ChargePointStatus
A = AuthorizationStatus
YES, NO = RemoteStartStopStatus.ACCEPTED, RemoteStartStopStatus.REJECTED


def remote(play: Playbook, id_tag: str, connector_id: int | None = None) -> RemoteStartStopStatus:
    """What the station says to a RemoteStartTransaction."""
    request = RemoteStartTransaction(id_tag=id_tag, connector_id=connector_id)
    return play.send(request, RemoteStartTransactionConf).status


def groups(play: Playbook, **parents: str | None) -> None:
    """Let the central system know the groups of cards; one whose group is `None` is not accepted."""
    for id_tag, parent in parents.items():
        status = A.ACCEPTED if parent is not None else A.INVALID
        play.central_system.cards[id_tag] = IdTagInfo(status=status, parent_id_tag=parent or None)


@pytest.mark.parametrize("id_tag", ["TAG", "tag"])
def test_reserved_card_uses_its_reservation(id_tag: str) -> None:
    """§5.13: Preparing when it is accepted; its id in StartTransaction; then it is over."""
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play, number=42)
        play.present_card(id_tag)
        play.expect(Authorize(id_tag=id_tag))
        play.expect_status(1, S.PREPARING)
        assert reserved(play) == [42]
        play.plug_in(1)

        play.expect(StartTransaction, id_tag=id_tag, reservation_id=42)
        play.expect_status(1, S.CHARGING)
        assert reserved(play) == []


def test_cable_alone_changes_nothing() -> None:
    """§4.9, G2: it takes the card."""
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play)
        play.plug_in(1)
        play.expect_nothing()
        play.present_card("TAG")

        play.expect(Authorize)
        play.expect_status(1, S.PREPARING)
        play.expect(StartTransaction, reservation_id=1)
        play.expect_status(1, S.CHARGING)


@pytest.mark.parametrize("is_plugged", [False, True])
def test_other_card_is_refused_without_asking(is_plugged: bool) -> None:
    """TC_046_1: no Authorize; the application is told why."""
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play)
        if is_plugged:
            play.plug_in(1)
        play.present_card("OTHER")

        play.expect_nothing()
        play.expect(CardRefused("OTHER", CardRefusal.RESERVED))


def test_other_card_takes_another_connector() -> None:
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 1)
        play.present_card("OTHER")
        play.expect(Authorize)
        play.expect_status(2, S.PREPARING)
        play.plug_in(1)
        play.expect_nothing()
        play.plug_in(2)

        play.expect(StartTransaction, connector_id=2, id_tag="OTHER", reservation_id=None)
        play.expect_status(2, S.CHARGING)


def test_refused_card_leaves_its_reservation_alone() -> None:
    """§5.13: reserved is not authorized."""
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play)
        play.central_system.cards["TAG"] = info(play, A.BLOCKED)
        play.present_card("TAG")

        play.expect(Authorize)
        play.expect(CardRefused("TAG", CardRefusal.NOT_ACCEPTED, A.BLOCKED))
        assert reserved(play) == [1]


def test_reserved_card_prefers_its_connector() -> None:
    """Before a lower one that is free, and before another one that is plugged in if its own is, too."""
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 2)
        play.present_card("TAG")
        play.expect(Authorize)
        play.expect(CardAccepted("TAG", 2))
        play.expect_status(2, S.PREPARING)
        play.present_card("TAG")
        play.expect_status(2, S.AVAILABLE)
        play.expect_status(2, S.RESERVED)
        play.plug_in(2)
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")

        play.expect_status(2, S.PREPARING)
        play.expect(StartTransaction, connector_id=2, reservation_id=1)
        play.expect_status(2, S.CHARGING)


def test_reserved_card_may_use_where_it_is_plugged_in_and_keeps_its_reservation() -> None:
    """The reservation is of the other connector."""
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 2)
        play.present_card("TAG")
        play.expect(Authorize)
        play.expect_status(2, S.PREPARING)
        play.plug_in(1)

        play.expect(StartTransaction, connector_id=1, reservation_id=None)
        play.expect_status(1, S.CHARGING)
        play.expect_status(2, S.AVAILABLE)
        play.expect_status(2, S.RESERVED)
        assert reserved(play) == [1]


# Groups.

LISTED = configured(SINGLE, AuthorizationCacheEnabled=False)


@pytest.mark.parametrize(
    ("parent", "refusal"),
    [
        ("GROUP", None),
        ("group", None),
        ("OTHERS", CardRefusal.RESERVED),
        ("", CardRefusal.RESERVED),
        (None, CardRefusal.NOT_ACCEPTED),
    ],
)
def test_card_of_which_no_group_is_known_is_asked_about(parent: str | None, refusal: CardRefusal | None) -> None:
    """§5.13, TC_053_1: the group that the central system tells decides; none does not."""
    with Playbook(SINGLE) as play:
        play.boot()
        groups(play, OTHER=parent)
        reserve(play, number=9, parent="GROUP")
        play.present_card("OTHER")
        play.expect(Authorize(id_tag="OTHER"))
        if refusal is None:
            play.expect_status(1, S.PREPARING)
            play.plug_in(1)
            play.expect(StartTransaction, id_tag="OTHER", reservation_id=9)
            play.expect_status(1, S.CHARGING)
        else:
            assert play.expect(CardRefused, id_tag="OTHER").refusal is refusal
            assert reserved(play) == [9]


@pytest.mark.parametrize(("parent", "is_let_in"), [("GROUP", True), ("OTHERS", False)])
@pytest.mark.parametrize("is_online", [True, False])
def test_group_known_here_decides_without_asking(parent: str, is_let_in: bool, is_online: bool) -> None:
    """§5.13: from the list, or the cache; offline too."""
    with Playbook(SINGLE) as play:
        play.boot()
        send_list(play, entry("OTHER", parent=parent))
        reserve(play, parent="GROUP")
        if not is_online:
            play.drop_link()
        play.present_card("OTHER")

        if is_let_in:
            play.expect(CardAccepted("OTHER", 1))
        else:
            play.expect(CardRefused("OTHER", CardRefusal.RESERVED))
        play.restore_link()
        play.skip()


def test_known_card_without_a_group_is_asked_about() -> None:
    """An entry that does not name a group says nothing about this."""
    with Playbook(LISTED) as play:
        play.boot()
        groups(play, OTHER="GROUP")
        send_list(play, "OTHER")
        reserve(play, parent="GROUP")
        play.present_card("OTHER")

        play.expect(Authorize(id_tag="OTHER"))
        play.expect_status(1, S.PREPARING)


@pytest.mark.parametrize("is_known", [True, False])
def test_card_of_which_no_group_is_known_is_refused_offline(is_known: bool) -> None:
    """§5.13: whatever AllowOfflineTxForUnknownId says."""
    with Playbook(SINGLE) as play:
        play.boot()
        if is_known:
            learn(play, info(play), "OTHER")
        reserve(play, parent="GROUP")
        play.drop_link()
        play.present_card("OTHER")

        play.expect(CardRefused("OTHER", CardRefusal.RESERVED))


def test_reserved_card_uses_its_reservation_offline() -> None:
    """It needs no group; that it may start offline is for the keys to say."""
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play)
        play.drop_link()
        play.present_card("TAG")
        play.plug_in(1)
        play.restore_link()

        play.expect_status(1, S.CHARGING)
        play.expect(StartTransaction, id_tag="TAG", reservation_id=1)


def test_free_connector_is_taken_without_asking_for_a_group() -> None:
    """A known card needs no permission for it; the reserved one is another matter."""
    with Playbook(STATION) as play:
        play.boot()
        send_list(play, "OTHER")
        reserve(play, 1, parent="GROUP")
        play.present_card("OTHER")

        play.expect_status(2, S.PREPARING)


def test_card_of_the_group_prefers_the_reserved_connector_among_free_ones() -> None:
    with Playbook(STATION) as play:
        play.boot()
        groups(play, OTHER="GROUP")
        reserve(play, 2, parent="GROUP")
        play.present_card("OTHER")

        play.expect(Authorize)
        play.expect_status(2, S.PREPARING)


def test_card_of_a_group_stops_its_transaction_before_it_uses_a_reservation() -> None:
    """§3.5: what one of the group began is ended by another; a second car is plugged in first."""
    with Playbook(STATION) as play:
        play.boot()
        groups(play, ONE="GROUP", TWO="GROUP")
        play.begin_transaction(1, "ONE")
        reserve(play, 2, parent="GROUP")
        play.present_card("TWO")

        play.expect(Authorize(id_tag="TWO"))
        play.expect(StopTransaction, id_tag="TWO")
        play.expect_status(1, S.FINISHING)


# Remote starts.


@pytest.mark.parametrize("asks", [True, False], ids=["authorized", "at once"])
@pytest.mark.parametrize("connector_id", [None, 2])
def test_remote_start_of_the_reserved_card_uses_its_reservation(asks: bool, connector_id: int | None) -> None:
    """TC_046_2; without a connector it is the reserved one that is meant."""
    with Playbook(configured(STATION, AuthorizeRemoteTxRequests=asks)) as play:
        play.boot()
        reserve(play, 2, number=3)
        assert remote(play, "TAG", connector_id) is YES
        if asks:
            play.expect(Authorize(id_tag="TAG"))
        play.expect_status(2, S.PREPARING)
        play.plug_in(2)

        play.expect(StartTransaction, connector_id=2, reservation_id=3)
        play.expect_status(2, S.CHARGING)


@pytest.mark.parametrize("asks", [True, False], ids=["authorized", "at once"])
@pytest.mark.parametrize("connector_id", [None, 1])
def test_remote_start_of_another_card_is_rejected(asks: bool, connector_id: int | None) -> None:
    """§5.13: nothing could make it right."""
    with Playbook(configured(SINGLE, AuthorizeRemoteTxRequests=asks)) as play:
        play.boot()
        reserve(play)

        assert remote(play, "OTHER", connector_id) is NO


@pytest.mark.parametrize("asks", [True, False], ids=["authorized", "at once"])
@pytest.mark.parametrize(("parent", "is_let_in"), [("GROUP", True), ("OTHERS", False)])
def test_group_known_here_decides_about_a_remote_start_at_once(asks: bool, parent: str, is_let_in: bool) -> None:
    with Playbook(configured(SINGLE, AuthorizeRemoteTxRequests=asks)) as play:
        play.boot()
        send_list(play, entry("OTHER", parent=parent))
        reserve(play, number=3, parent="GROUP")

        assert remote(play, "OTHER", 1) is (YES if is_let_in else NO)
        if is_let_in:
            play.expect_status(1, S.PREPARING)


@pytest.mark.parametrize("asks", [True, False], ids=["authorized", "at once"])
@pytest.mark.parametrize("parent", ["GROUP", "OTHERS", "", None])
def test_central_system_is_asked_for_the_group_of_a_remote_start(asks: bool, parent: str | None) -> None:
    """§5.13, TC_053_2: even where remote starts are not authorized; no match, and the connector stays Reserved."""
    with Playbook(configured(SINGLE, AuthorizeRemoteTxRequests=asks)) as play:
        play.boot()
        groups(play, OTHER=parent)
        reserve(play, number=3, parent="GROUP")
        assert remote(play, "OTHER", 1) is YES
        play.expect(Authorize(id_tag="OTHER"))
        if parent == "GROUP":
            play.expect_status(1, S.PREPARING)
            play.plug_in(1)
            play.expect(StartTransaction, id_tag="OTHER", reservation_id=3)
            play.expect_status(1, S.CHARGING)
        else:
            play.expect_nothing()
            assert shown(play, 1) is S.RESERVED


def test_remote_start_that_names_no_connector_takes_what_is_free() -> None:
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 1)
        assert remote(play, "OTHER") is YES

        play.expect(Authorize)
        play.expect_status(2, S.PREPARING)


def test_connector_reserved_while_a_card_is_asked_about_is_not_given_away() -> None:
    """The answer comes too late for it."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(5))
        play.present_card("OTHER")
        play.expect(Authorize)
        assert answer(play) is ReservationStatus.ACCEPTED
        play.advance(5)

        play.expect_status(1, S.RESERVED)
        play.expect(CardRefused("OTHER", CardRefusal.RESERVED))


def test_cable_without_a_vehicle_on_a_reserved_connector_changes_nothing() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play)
        play.happens(SocketChanged(1, SocketState.CABLE_ONLY))

        play.expect_nothing()
