"""Which reservations are granted, and how they end (§5.1, §5.13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from ocpp16cp.events import ClockSet, FaultRaised
from ocpp16cp.features.connectors.messages import AvailabilityType, ChangeAvailability
from ocpp16cp.features.reservation.messages import CancelReservationStatus, ReservationStatus
from ocpp16cp.features.transactions.messages import StartTransaction, StopTransaction, UnlockConnector
from ocpp16cp.outcome import Awaited, Awaits, ReservationEnd, ReservationEnded, ReservationMade
from ocpp16cp.station import FeatureProfile
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus
from tests.features.reservation.reserving import (
    GROUND,
    answer,
    cancel,
    disable,
    enable,
    fail,
    mend,
    reserve,
    reserved,
    reserved_for,
    shown,
)
from tests.features.stations import SINGLE, SOCKET, STATION, configured, without

S = ChargePointStatus
ACCEPTED, REJECTED, OCCUPIED = ReservationStatus.ACCEPTED, ReservationStatus.REJECTED, ReservationStatus.OCCUPIED
FAULTED, UNAVAILABLE = ReservationStatus.FAULTED, ReservationStatus.UNAVAILABLE


def charge(play: Playbook) -> None:
    play.begin_transaction(1, "OTHER")


def finish(play: Playbook) -> None:
    charge(play)
    play.present_card("OTHER")
    play.skip()


def wait_for_cable(play: Playbook) -> None:
    play.present_card("OTHER")
    play.skip()


def time_out(play: Playbook) -> None:
    play.plug_in(1)
    play.advance(60)
    play.skip()


def fail_connector(play: Playbook) -> None:
    fail(play, 1)
    play.skip()


def fail_all(play: Playbook) -> None:
    fail(play, 0)
    play.skip()


def plug(play: Playbook) -> None:
    play.plug_in(1)
    play.skip()


def plug_cable(play: Playbook) -> None:
    play.unplug_vehicle(1)
    play.skip()


STATES: dict[str, tuple[tuple[Callable[[Playbook], None], ...], ReservationStatus]] = {
    "Available": ((), ACCEPTED),
    "Preparing by plug": ((plug,), OCCUPIED),
    "Preparing by cable alone": ((plug_cable,), OCCUPIED),
    "Preparing by card": ((wait_for_cable,), OCCUPIED),
    "Charging": ((charge,), OCCUPIED),
    "Finishing": ((finish,), OCCUPIED),
    "Finishing by time-out": ((time_out,), OCCUPIED),
    "Reserved": ((lambda play: reserve(play, number=7),), OCCUPIED),
    "Unavailable": ((lambda play: disable(play, 1),), UNAVAILABLE),
    "Unavailable as a whole": ((lambda play: disable(play, 0),), UNAVAILABLE),
    "Faulted": ((fail_connector,), FAULTED),
    "Faulted as a whole": ((fail_all,), FAULTED),
    "Faulted and Unavailable": ((lambda play: disable(play, 1), fail_connector), FAULTED),
    "Faulted while charging": ((charge, fail_connector), FAULTED),
    "Unavailable as soon as nobody charges": ((charge, lambda play: disable(play, 1)), OCCUPIED),
}


@pytest.mark.parametrize("is_past", [False, True], ids=["in time", "expired"])
@pytest.mark.parametrize("state", STATES)
def test_answer_follows_from_the_state(state: str, is_past: bool) -> None:
    """§5.13, in this order: Faulted, Unavailable, Occupied, a date that has passed."""
    happenings, expected = STATES[state]
    with Playbook(SOCKET) as play:
        play.boot()
        for happen in happenings:
            happen(play)

        said = answer(play, 1, "TAG", number=1, for_s=-1.0 if is_past else 3600.0)

        assert said is (REJECTED if is_past and expected is ACCEPTED else expected)
        assert reserved(play) == [*([1] if said is ACCEPTED else []), *([7] if state == "Reserved" else [])]
        play.skip()


@pytest.mark.parametrize("connector_id", [-1, 3, 2**31 - 1])
def test_connector_that_does_not_exist_is_rejected(connector_id: int) -> None:
    with Playbook(STATION) as play:
        play.boot()
        fail_all(play)

        assert answer(play, connector_id) is REJECTED


def test_reservation_until_now_is_over_already() -> None:
    with Playbook(SINGLE) as play:
        play.boot()

        assert answer(play, for_s=0.0) is REJECTED


@pytest.mark.parametrize("number", [0, -1, 2**31 - 1, -(2**31)])
def test_any_number_is_an_id(number: int) -> None:
    """§5.13: it means nothing but itself."""
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play, number=number)
        play.expect(ReservationMade(number, 1, "TAG", play.utc + timedelta(hours=1)))
        play.present_card("TAG")
        play.skip()
        play.plug_in(1)

        play.expect(StartTransaction, id_tag="TAG", reservation_id=number)
        play.expect_status(1, S.CHARGING)
        play.expect(ReservationEnded(number, 1, "TAG", ReservationEnd.USED))


def test_station_without_the_profile_rejects_both() -> None:
    """Certification takes no CALLERROR; what is stored waits, and keeps nobody out."""
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play)
        play.station = without(SINGLE, FeatureProfile.RESERVATION)
        play.power_cut()
        play.skip()

        assert answer(play, number=2) is REJECTED
        assert answer(play, 0, number=2) is REJECTED
        assert cancel(play) is CancelReservationStatus.REJECTED
        play.begin_transaction(1, "OTHER")
        play.present_card("OTHER")
        play.expect(StopTransaction)
        play.expect_status(1, S.FINISHING)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)
        play.station = SINGLE
        play.power_cut()
        play.skip()
        assert reserved(play) == [1]


# Replacing.


def test_same_id_replaces() -> None:
    """§5.13: card, date and place may all be others; the old place is free again."""
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 1, "TAG")
        assert answer(play, 2, "OTHER") is ACCEPTED
        play.expect_status(1, S.AVAILABLE)
        play.expect_status(2, S.RESERVED)

        assert (reserved(play), reserved_for(play)) == ([1], "OTHER")
        play.expect(ReservationEnded(1, 1, "TAG", ReservationEnd.REPLACED))


@pytest.mark.parametrize("for_s", [10.0, 7200.0])
def test_same_place_can_be_reserved_for_another_time(for_s: float) -> None:
    with Playbook(SINGLE) as play:
        play.central_system.interval_s = 86_400
        play.boot()
        reserve(play)
        assert answer(play, for_s=for_s) is ACCEPTED

        play.advance(for_s - 0.5)
        play.expect_nothing()
        play.advance(0.5)
        play.expect_status(1, S.AVAILABLE)


def test_replacement_that_is_refused_leaves_the_old_one() -> None:
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 1, "TAG")
        play.plug_in(2)
        play.expect_status(2, S.PREPARING)

        assert answer(play, 2, "OTHER") is OCCUPIED
        assert answer(play, 1, "OTHER", for_s=-1.0) is REJECTED
        assert answer(play, 3, "OTHER") is REJECTED
        assert reserved_for(play) == "TAG"


def test_cable_on_the_reserved_connector_does_not_hinder_a_replacement() -> None:
    """It may well be the driver who asks for more time."""
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play, 1, "TAG")
        play.plug_in(1)

        assert answer(play, 1, "TAG", for_s=7200.0) is ACCEPTED
        assert answer(play, 0, "TAG", for_s=7200.0) is ACCEPTED
        # Nobody else may have the connector, but it was not reserved when it was plugged in.
        play.expect_status(1, S.PREPARING)
        assert reserved(play) == [1]


@pytest.mark.parametrize("connector_id", [0, 1])
def test_attempt_under_way_goes_on_if_it_is_of_the_same_card(connector_id: int) -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play, 1, "TAG")
        play.present_card("TAG")
        play.skip()
        assert answer(play, connector_id, "tag", for_s=7200.0) is ACCEPTED
        play.plug_in(1)

        play.expect(StartTransaction, id_tag="TAG", reservation_id=1)
        play.expect_status(1, S.CHARGING)


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("connector_id", [0, 1])
def test_attempt_under_way_is_dropped_if_another_card_gets_the_reservation(place: int, connector_id: int) -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play, place, "TAG")
        play.skip()
        play.present_card("TAG")
        play.skip()
        assert answer(play, connector_id, "OTHER") is ACCEPTED

        play.expect_status(1, S.AVAILABLE)
        play.expect_status(1, S.RESERVED)
        play.plug_in(1)
        play.present_card("OTHER")
        play.skip()
        assert play.central_system.seen_of(StartTransaction)[-1].id_tag == "OTHER"
        assert play.central_system.seen_of(StartTransaction)[-1].reservation_id == 1


def test_attempt_of_a_card_without_reservation_is_left_alone_by_all_of_this() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.present_card("OTHER")
        play.skip()
        reserve(play, 2, "TAG")
        assert answer(play, 2, "TAG2") is ACCEPTED
        play.plug_in(1)

        play.expect(StartTransaction, connector_id=1, id_tag="OTHER", reservation_id=None)
        play.expect_status(1, S.CHARGING)


# How reservations end.


def test_cancelled_reservation_is_over() -> None:
    """§5.1: Accepted, Available; a second time there is none."""
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play, number=5)

        assert cancel(play, 4) is CancelReservationStatus.REJECTED
        assert cancel(play, 5) is CancelReservationStatus.ACCEPTED
        play.expect_status(1, S.AVAILABLE)
        play.expect(ReservationEnded(5, 1, "TAG", ReservationEnd.CANCELLED))
        assert cancel(play, 5) is CancelReservationStatus.REJECTED


def test_plugged_connector_is_preparing_when_its_reservation_ends() -> None:
    """§4.9: the time for a card begins then."""
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play)
        play.plug_in(1)
        play.expect(Awaits(1, Awaited.CARD))
        play.advance(100)
        play.expect_nothing()
        cancel(play)
        play.expect_status(1, S.PREPARING)
        play.advance(59)
        play.expect_nothing()

        play.advance(1)
        play.expect_status(1, S.FINISHING)


def test_reservation_expires_on_the_clock() -> None:
    """§5.13: to the millisecond."""
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play, for_s=100.0)
        play.advance(99.999)
        play.expect_nothing()
        play.advance(0.001)

        play.expect_status(1, S.AVAILABLE)
        play.expect(ReservationEnded(1, 1, "TAG", ReservationEnd.EXPIRED))
        assert reserved(play) == []


@pytest.mark.parametrize(("step_s", "after_s"), [(50.0, 50.0), (200.0, 0.0), (-50.0, 150.0)])
def test_expiry_follows_the_clock(step_s: float, after_s: float) -> None:
    """A clock that is set moves it, also to now."""
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play, for_s=100.0)
        play.happens(ClockSet(play.utc + timedelta(seconds=step_s)))
        if after_s:
            play.advance(after_s - 0.5)
            play.expect_nothing()
            play.advance(0.5)

        play.expect_status(1, S.AVAILABLE)


@pytest.mark.parametrize("has_clock", [True, False], ids=["clock", "no clock"])
def test_reservation_survives_a_power_cut_until_it_expires(has_clock: bool) -> None:
    """A station without a clock hears of the time from the central system."""
    with Playbook(SINGLE, has_clock=has_clock) as play:
        play.boot()
        reserve(play, for_s=100.0)
        play.power_cut(off_s=50.0)
        play.skip()
        assert reserved(play) == [1]

        play.advance(49.9)
        play.expect_nothing()
        play.advance(0.1)
        play.expect_status(1, S.AVAILABLE)


@pytest.mark.parametrize("has_clock", [True, False], ids=["clock", "no clock"])
def test_reservation_that_expired_without_power_is_over_after_it(has_clock: bool) -> None:
    with Playbook(SINGLE, has_clock=has_clock) as play:
        play.boot()
        reserve(play, for_s=100.0)
        play.power_cut(off_s=101.0)
        play.skip()

        assert reserved(play) == []
        play.begin_transaction(1, "OTHER")


@pytest.mark.parametrize("connector_id", [0, 1])
def test_fault_ends_a_reservation(connector_id: int) -> None:
    """§5.13; §4.9, I7: after it the connector is Available."""
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play)
        fail(play, connector_id)
        if connector_id == 0:
            play.expect_status(0, S.FAULTED, GROUND)
        play.expect_status(1, S.FAULTED, GROUND)
        play.expect(ReservationEnded(1, 1, "TAG", ReservationEnd.FAULTED))
        mend(play, connector_id)
        if connector_id == 0:
            play.expect_status(0, S.AVAILABLE)

        play.expect_status(1, S.AVAILABLE)
        assert reserved(play) == []


def test_warning_ends_no_reservation() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play)
        weak = ChargePointErrorCode.WEAK_SIGNAL
        play.happens(FaultRaised(connector_id=1, error_code=weak, is_blocking=False))

        play.expect_status(1, S.RESERVED, weak)
        assert reserved(play) == [1]


@pytest.mark.parametrize("connector_id", [0, 1])
@pytest.mark.parametrize("is_plugged", [False, True])
def test_end_of_service_ends_a_reservation(connector_id: int, is_plugged: bool) -> None:
    """§5.2: Accepted at once, as nobody charges."""
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play)
        if is_plugged:
            play.plug_in(1)
        play.send(ChangeAvailability(connector_id=connector_id, type=AvailabilityType.INOPERATIVE))

        play.expect(ReservationEnded(1, 1, "TAG", ReservationEnd.UNAVAILABLE))
        enable(play, connector_id)
        assert reserved(play) == []
        assert shown(play, 1) is (S.PREPARING if is_plugged else S.AVAILABLE)


def test_attempt_of_the_reserved_card_completes_before_service_ends() -> None:
    """§5.2: Scheduled, and the reservation is used."""
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play)
        play.present_card("TAG")
        play.skip()
        play.send(ChangeAvailability(connector_id=1, type=AvailabilityType.INOPERATIVE))
        play.plug_in(1)

        play.expect(StartTransaction, id_tag="TAG", reservation_id=1)
        play.expect_status(1, S.CHARGING)


@pytest.mark.parametrize("is_expiry", [True, False], ids=["expired", "cancelled"])
def test_attempt_goes_on_without_the_reservation_that_ended(is_expiry: bool) -> None:
    """§5.13: the driver is at the connector; nobody else may have it, but no id is told."""
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play, for_s=30.0)
        play.present_card("TAG")
        play.skip()
        if is_expiry:
            play.advance(31)
        else:
            assert cancel(play) is CancelReservationStatus.ACCEPTED
        play.expect_nothing()
        play.plug_in(1)

        play.expect(StartTransaction, id_tag="TAG", reservation_id=None)
        play.expect_status(1, S.CHARGING)


def test_attempt_that_comes_to_nothing_leaves_the_connector_reserved() -> None:
    """§9.1.6: back to what it was, if that has not expired meanwhile."""
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play)
        play.present_card("TAG")
        play.skip()
        play.advance(60)

        play.expect_status(1, S.AVAILABLE)
        play.expect_status(1, S.RESERVED)


def test_unlocking_a_reserved_connector_ends_nothing() -> None:
    with Playbook(SOCKET) as play:
        play.boot()
        reserve(play)
        play.send(UnlockConnector(connector_id=1))

        assert reserved(play) == [1]


def test_reserved_connector_is_told_again_after_a_restart() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play)
        play.power_cut()
        play.skip()

        assert shown(play, 1) is S.RESERVED


def test_reservation_that_does_not_last_is_not_told() -> None:
    """§9.1.20."""
    with Playbook(configured(SINGLE, MinimumStatusDuration=5)) as play:
        play.boot()
        assert answer(play) is ACCEPTED
        play.advance(4)
        cancel(play)
        play.advance(10)
        play.expect_nothing()
        assert answer(play) is ACCEPTED
        play.advance(5)

        play.expect_status(1, S.RESERVED)
