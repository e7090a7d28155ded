"""Reservations of connector 0: one connector is kept, whichever it is (§5.13)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.reservation.messages import ReservationStatus
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    StartTransaction,
)
from ocpp16cp.outcome import CardRefusal, CardRefused, ReservationEnd, ReservationEnded
from ocpp16cp.station import Connector, Station
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, IdTagInfo
from tests.features.reservation.reserving import (
    answer,
    cancel,
    disable,
    enable,
    fail,
    mend,
    reserve,
    reserved,
    shown,
)
from tests.features.stations import SINGLE, STATION, configured, station

S = ChargePointStatus
ACCEPTED, REJECTED, OCCUPIED = ReservationStatus.ACCEPTED, ReservationStatus.REJECTED, ReservationStatus.OCCUPIED
FAULTED, UNAVAILABLE = ReservationStatus.FAULTED, ReservationStatus.UNAVAILABLE
TRIPLE = station(Connector(), Connector(), Connector())


def statuses(play: Playbook) -> list[ChargePointStatus]:
    """What the lights of the connectors show."""
    return [shown(play, each) for each in play.station.connector_ids]


def test_reservation_of_any_connector_shows_where_only_one_is_left() -> None:
    """TC_049: the remaining connector is Reserved; never connector 0."""
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 0)
        play.expect_nothing()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)

        play.expect_status(2, S.RESERVED)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)
        play.expect_status(2, S.AVAILABLE)


def test_only_connector_is_reserved_at_once() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play, 0)

        play.expect_status(1, S.RESERVED)
        assert cancel(play).value == "Accepted"
        play.expect_status(1, S.AVAILABLE)


@pytest.mark.parametrize("connector_id", [1, 2])
def test_it_is_used_where_its_card_begins(connector_id: int) -> None:
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 0, number=8)
        play.plug_in(connector_id)
        play.skip()
        play.present_card("TAG")
        play.expect(Authorize)
        play.expect(StartTransaction, connector_id=connector_id, reservation_id=8)
        play.skip()

        assert reserved(play) == []
        assert shown(play, 3 - connector_id) is S.AVAILABLE


def test_no_other_connector_is_kept_while_its_card_waits_for_a_cable() -> None:
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 0)
        play.present_card("TAG")
        play.expect(Authorize)
        play.expect_status(1, S.PREPARING)
        play.expect_nothing()
        play.present_card("OTHER")
        play.expect(Authorize)
        play.expect_status(2, S.PREPARING)
        assert reserved(play) == [1]
        play.plug_in(1)

        play.expect(StartTransaction, connector_id=1, id_tag="TAG", reservation_id=1)
        play.expect_status(1, S.CHARGING)


def test_other_cards_have_what_is_not_needed() -> None:
    """The first of two; then the second is kept."""
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 0)
        play.present_card("OTHER")
        play.expect(Authorize)
        play.expect_status(1, S.PREPARING)
        play.expect_status(2, S.RESERVED)
        play.present_card("ANOTHER")
        play.expect_nothing()
        play.expect(CardRefused("ANOTHER", CardRefusal.RESERVED))
        play.plug_in(2)
        play.expect_nothing()
        play.plug_in(1)

        play.expect(StartTransaction, connector_id=1, id_tag="OTHER", reservation_id=None)
        play.expect_status(1, S.CHARGING)
        assert reserved(play) == [1]


def test_attempt_of_another_card_does_not_move_to_a_kept_connector() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.present_card("OTHER")
        play.expect(Authorize)
        play.expect_status(1, S.PREPARING)
        reserve(play, 0)
        play.expect_status(2, S.RESERVED)
        play.plug_in(2)

        play.expect_nothing()


def test_attempt_of_the_reserved_card_moves_with_its_reservation() -> None:
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 0)
        play.present_card("TAG")
        play.expect(Authorize)
        play.expect_status(1, S.PREPARING)
        play.plug_in(2)

        play.expect(StartTransaction, connector_id=2, reservation_id=1)
        play.skip()
        assert statuses(play) == [S.AVAILABLE, S.CHARGING]


def test_attempt_of_the_reserved_card_may_move_to_what_is_kept_for_another() -> None:
    """It leaves a connector in exchange."""
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 0, "A", number=1)
        assert answer(play, 0, "B", number=2) is ACCEPTED
        play.expect_status(1, S.RESERVED)
        play.expect_status(2, S.RESERVED)
        play.present_card("A")
        play.expect(Authorize)
        play.expect_status(1, S.PREPARING)
        play.plug_in(2)

        # The connector that A leaves is free for a moment before it is kept for B.
        play.skip()
        assert play.central_system.seen_of(StartTransaction)[0].reservation_id == 1
        assert statuses(play) == [S.RESERVED, S.CHARGING]


def test_remote_start_of_another_card_gets_no_kept_connector() -> None:
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 0)
        play.plug_in(1)
        play.skip()

        for connector_id, status in ((2, RemoteStartStopStatus.REJECTED), (1, RemoteStartStopStatus.ACCEPTED)):
            request = RemoteStartTransaction(id_tag="OTHER", connector_id=connector_id)
            assert play.send(request, RemoteStartTransactionConf).status is status
        play.skip()


def test_group_may_use_what_is_kept() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.cards["OTHER"] = IdTagInfo(status=AuthorizationStatus.ACCEPTED, parent_id_tag="GROUP")
        reserve(play, 0, parent="GROUP", number=4)
        play.expect_status(1, S.RESERVED)
        play.present_card("OTHER")
        play.expect(Authorize)
        play.expect_status(1, S.PREPARING)
        play.plug_in(1)

        play.expect(StartTransaction, id_tag="OTHER", reservation_id=4)
        play.expect_status(1, S.CHARGING)


def test_card_uses_its_own_reservation_before_that_of_its_group() -> None:
    with Playbook(TRIPLE) as play:
        play.boot()
        play.central_system.cards["TAG"] = IdTagInfo(status=AuthorizationStatus.ACCEPTED, parent_id_tag="GROUP")
        reserve(play, 0, "ELSE", number=1, parent="GROUP")
        reserve(play, 0, "TAG", number=2)
        play.present_card("TAG")
        play.skip()
        play.plug_in(1)

        play.expect(StartTransaction, reservation_id=2)
        play.skip()
        assert reserved(play) == [1]


def test_card_with_two_reservations_uses_the_one_of_the_connector() -> None:
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 2, number=2)
        reserve(play, 0, number=1)
        play.expect_status(1, S.RESERVED)
        play.plug_in(2)
        play.present_card("TAG")
        play.skip()

        assert play.central_system.seen_of(StartTransaction)[0].reservation_id == 2
        assert statuses(play) == [S.RESERVED, S.CHARGING]


def test_connector_plugged_in_while_it_is_kept_stays_kept() -> None:
    """A mere cable does not take it, whatever else is plugged in later."""
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 0)
        play.plug_in(2)
        play.expect_status(1, S.RESERVED)
        play.expect_status(2, S.PREPARING)
        play.plug_in(1)
        play.expect_nothing()
        play.present_card("OTHER")
        play.expect(Authorize)
        play.expect(StartTransaction, connector_id=2, id_tag="OTHER")
        play.expect_status(2, S.CHARGING)
        play.present_card("ANOTHER")
        play.expect(CardRefused("ANOTHER", CardRefusal.RESERVED))
        play.expect_nothing()
        play.present_card("TAG")
        play.expect(Authorize)
        play.expect_status(1, S.PREPARING)

        play.expect(StartTransaction, connector_id=1, id_tag="TAG", reservation_id=1)
        play.expect_status(1, S.CHARGING)


def test_plugged_connector_is_kept_where_nothing_else_is_left() -> None:
    """It shows what it did (§4.9 knows no way from Preparing to Reserved), but others do not get it."""
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 0)
        play.plug_in(1)
        play.skip()
        disable(play, 2)
        assert statuses(play) == [S.PREPARING, S.UNAVAILABLE]
        assert reserved(play) == [1]
        play.present_card("OTHER")
        play.expect(CardRefused("OTHER", CardRefusal.RESERVED))
        play.expect_nothing()
        play.present_card("TAG")

        play.expect(Authorize)
        play.expect(StartTransaction, connector_id=1, id_tag="TAG", reservation_id=1)
        play.expect_status(1, S.CHARGING)


def test_connector_that_comes_back_is_available_before_it_is_kept() -> None:
    """§4.9 knows no way from Unavailable or Finishing to Reserved but over Available."""
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1, "OTHER")
        reserve(play, 0)
        play.expect_status(2, S.RESERVED)
        disable(play, 2)
        play.present_card("OTHER")
        play.skip()
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)
        play.expect_status(1, S.RESERVED)
        play.present_card("ANOTHER")

        play.expect(CardRefused("ANOTHER", CardRefusal.RESERVED))


def test_reservation_of_any_connector_is_kept_over_a_power_cut() -> None:
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 0)
        play.plug_in(2)
        play.skip()
        play.power_cut()
        play.skip()

        assert statuses(play) == [S.RESERVED, S.PREPARING]


# Which are granted.


@pytest.mark.parametrize("charger", [STATION, TRIPLE])
def test_as_many_are_granted_as_connectors_are_free(charger: Station) -> None:
    with Playbook(charger) as play:
        play.boot()
        count = len(play.station.connectors)
        said = [answer(play, 0, f"TAG{number}", number=number) for number in range(count + 1)]
        play.skip()

        assert said == [*(ACCEPTED,) * count, OCCUPIED]
        assert statuses(play) == [S.RESERVED] * count
        assert answer(play, 1, number=99) is OCCUPIED


def test_certain_connector_is_granted_as_long_as_another_is_left() -> None:
    with Playbook(TRIPLE) as play:
        play.boot()
        reserve(play, 0, number=1)
        reserve(play, 3, number=2)
        reserve(play, 1, number=3)
        play.expect_status(2, S.RESERVED)

        assert answer(play, 2, number=4) is OCCUPIED
        assert answer(play, 0, number=4) is OCCUPIED


def test_reservation_of_any_connector_may_become_that_of_a_certain_one() -> None:
    """Its own need does not stand in its way; nor the other way round."""
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 2, number=2)
        reserve(play, 0, number=1)
        play.expect_status(1, S.RESERVED)
        assert answer(play, 1, number=1) is ACCEPTED
        play.expect_nothing()
        assert answer(play, 0, number=2) is ACCEPTED

        play.expect_nothing()
        assert statuses(play) == [S.RESERVED, S.RESERVED]


def all_used(play: Playbook) -> None:
    for connector_id in play.station.connector_ids:
        play.plug_in(connector_id)


def all_faulted(play: Playbook) -> None:
    for connector_id in play.station.connector_ids:
        fail(play, connector_id)


def all_unavailable(play: Playbook) -> None:
    for connector_id in play.station.connector_ids:
        disable(play, connector_id)


def one_of_each(play: Playbook) -> None:
    fail(play, 1)
    disable(play, 2)


def broken_and_closed(play: Playbook) -> None:
    disable(play, 0)
    fail(play, 0)


def used_and_faulted(play: Playbook) -> None:
    fail(play, 1)
    play.plug_in(2)


@pytest.mark.parametrize("is_past", [False, True])
@pytest.mark.parametrize(
    ("bring_about", "expected"),
    [
        (lambda _: None, ACCEPTED),
        (lambda play: play.plug_in(1), ACCEPTED),
        (lambda play: fail(play, 1), ACCEPTED),
        (lambda play: disable(play, 1), ACCEPTED),
        (all_used, OCCUPIED),
        (used_and_faulted, OCCUPIED),
        (all_faulted, FAULTED),
        (one_of_each, FAULTED),
        (all_unavailable, UNAVAILABLE),
        (lambda play: fail(play, 0), FAULTED),
        (lambda play: disable(play, 0), UNAVAILABLE),
        (broken_and_closed, FAULTED),
    ],
)
def test_answer_follows_from_all_connectors(
    bring_about: Callable[[Playbook], object], expected: ReservationStatus, is_past: bool
) -> None:
    """§5.13: the station itself first; then what keeps it from granting one more."""
    with Playbook(STATION) as play:
        play.boot()
        bring_about(play)

        said = answer(play, 0, for_s=-1.0 if is_past else 60.0)

        assert said is (REJECTED if is_past and expected is ACCEPTED else expected)
        play.skip()


def test_station_that_knows_no_such_reservations_rejects_them() -> None:
    """§9.3.1: whatever else would be said."""
    with Playbook(configured(STATION, ReserveConnectorZeroSupported=False)) as play:
        play.boot()
        fail(play, 0)
        play.skip()

        assert answer(play, 0) is REJECTED


# How they end.


def test_fault_of_one_connector_ends_nothing_as_long_as_another_works() -> None:
    """§4.9, I7: after the fault of another kind it may show Reserved again."""
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 0)
        disable(play, 2)
        assert statuses(play) == [S.RESERVED, S.UNAVAILABLE]
        enable(play, 2)
        fail(play, 1)
        play.skip()
        play.skip()

        assert statuses(play) == [S.FAULTED, S.RESERVED]
        fail(play, 2)
        play.expect(ReservationEnded(1, 0, "TAG", ReservationEnd.FAULTED))
        mend(play, 1)
        mend(play, 2)
        play.skip()
        assert statuses(play) == [S.AVAILABLE, S.AVAILABLE]


@pytest.mark.parametrize("bring_about", [all_unavailable, lambda play: disable(play, 0)])
def test_end_of_service_everywhere_ends_it(bring_about: Callable[[Playbook], object]) -> None:
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 0)
        bring_about(play)

        assert reserved(play) == []


def test_fault_of_the_station_ends_it() -> None:
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 0)
        fail(play, 0)

        play.expect(ReservationEnded(1, 0, "TAG", ReservationEnd.FAULTED))
        play.skip()
