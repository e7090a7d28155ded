"""Grants reservations, keeps connectors for them, and ends them."""

from __future__ import annotations

from ocpp16cp.features.connectors.questions import is_blocked, is_plugged
from ocpp16cp.features.reset.state import RESETTING
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import ReservationEnd, ReservationEnded, ReservationMade
from ocpp16cp.station import CHARGE_POINT, FeatureProfile

from .keys import RESERVE_CONNECTOR_ZERO_SUPPORTED
from .messages import (
    CancelReservation,
    CancelReservationConf,
    CancelReservationStatus,
    ReservationStatus,
    ReserveNow,
    ReserveNowConf,
)
from .questions import is_sound, is_usable, needed, own, reservations, usable_by
from .state import KEPT, RESERVATIONS, Kept, Reservation


def reserve_now(step: Step, req: ReserveNow) -> ReserveNowConf:
    """Keep a connector, or any, for a card (§5.13)."""
    status = _answer(step, req)
    if status is ReservationStatus.ACCEPTED:
        if req.reservation_id in step[RESERVATIONS]:
            _end(step, req.reservation_id, ReservationEnd.REPLACED)
        reservation = Reservation(req.connector_id, req.id_tag, req.parent_id_tag, req.expiry_date)
        step.put(RESERVATIONS, req.reservation_id, reservation)
        step.notice(ReservationMade(req.reservation_id, req.connector_id, req.id_tag, req.expiry_date))
    return ReserveNowConf(status=status)


def _answer(step: Step, req: ReserveNow) -> ReservationStatus:
    """The first of the reasons against a reservation, in the order of the manual page."""
    if not _is_offered(step, req.connector_id) or step.one(RESETTING).restart is not None:
        return ReservationStatus.REJECTED
    replaced = req.reservation_id if req.reservation_id in step[RESERVATIONS] else None
    status = (_any if req.connector_id == CHARGE_POINT else _certain)(step, req.connector_id, replaced)
    if status is ReservationStatus.ACCEPTED and step.due(req.expiry_date):
        return ReservationStatus.REJECTED
    return status


def _is_offered(step: Step, connector_id: int) -> bool:
    """Whether reservations of such a connector are accepted at all."""
    if not step.station.offers(FeatureProfile.RESERVATION):
        return False
    if connector_id == CHARGE_POINT:
        return step.key(RESERVE_CONNECTOR_ZERO_SUPPORTED)
    return step.station.has_connector(connector_id)


def _certain(step: Step, connector_id: int, replaced: int | None) -> ReservationStatus:
    """Whether one connector can be reserved."""
    if not is_sound(step, connector_id):
        return _unsound(step, connector_id)
    is_its_place = _is_place_of(step, replaced, connector_id)
    if not _is_to_be_had(step, connector_id, replaced, may_be_plugged=is_its_place):
        return ReservationStatus.OCCUPIED
    left = sum(each != connector_id for each in _free(step, replaced))
    return ReservationStatus.ACCEPTED if left >= needed(step, replaced=replaced) else ReservationStatus.OCCUPIED


def _any(step: Step, connector_id: int, replaced: int | None) -> ReservationStatus:
    """Whether one more reservation of any connector can be kept."""
    if not is_sound(step, connector_id):
        return _unsound(step, connector_id)
    if len(_free(step, replaced)) > needed(step, replaced=replaced):
        return ReservationStatus.ACCEPTED
    if any(is_sound(step, each) for each in step.station.connector_ids):
        return ReservationStatus.OCCUPIED
    is_faulted = any(is_blocked(step, each) for each in step.station.connector_ids)
    return ReservationStatus.FAULTED if is_faulted else ReservationStatus.UNAVAILABLE


def _unsound(step: Step, connector_id: int) -> ReservationStatus:
    """What is wrong with a connector, or with the charge point."""
    return ReservationStatus.FAULTED if is_blocked(step, connector_id) else ReservationStatus.UNAVAILABLE


def _free(step: Step, replaced: int | None) -> list[int]:
    """The connectors that nobody uses, that nobody has reserved, and that are kept or not plugged in."""
    return [
        each
        for each in step.station.connector_ids
        if _is_to_be_had(
            step, each, replaced, may_be_plugged=_is_shown(step, each) or _is_place_of(step, replaced, each)
        )
    ]


def _is_place_of(step: Step, replaced: int | None, connector_id: int) -> bool:
    """Whether a connector is that of the reservation about to be replaced."""
    return replaced is not None and step[RESERVATIONS][replaced].connector_id == connector_id


def _is_to_be_had(step: Step, connector_id: int, replaced: int | None, *, may_be_plugged: bool) -> bool:
    """Whether nobody uses a connector or has reserved it; what is about to be replaced does not count."""
    held = own(step, connector_id)
    is_open = held is None or held[0] == replaced
    is_in_the_way = is_plugged(step, connector_id) and not may_be_plugged
    return is_open and not is_in_the_way and is_usable(step, connector_id, replaced=replaced)


def _is_shown(step: Step, connector_id: int) -> bool:
    """Whether a connector shows that it is kept."""
    kept = step[KEPT].get(connector_id)
    return kept is not None and kept.is_shown


def cancel_reservation(step: Step, req: CancelReservation) -> CancelReservationConf:
    """Give up a reservation (§5.1)."""
    if req.reservation_id not in reservations(step):
        return CancelReservationConf(status=CancelReservationStatus.REJECTED)
    _end(step, req.reservation_id, ReservationEnd.CANCELLED)
    return CancelReservationConf(status=CancelReservationStatus.ACCEPTED)


def use_up(step: Step, connector_id: int, id_tag: str, parent_id_tag: str | None) -> int | None:
    """A transaction begins: the reservation it uses has served its purpose.

    Returns:
        Its id; `None`: it uses none.
    """
    used = usable_by(step, connector_id, id_tag, parent_id_tag)
    if used is not None:
        _end(step, used, ReservationEnd.USED)
    return used


def expire_reservations(step: Step) -> None:
    """End what has lasted until its expiry date (a rule)."""
    for number, reservation in step[RESERVATIONS].items():
        if step.due(reservation.expiry_date):
            _end(step, number, ReservationEnd.EXPIRED)


def end_void_reservations(step: Step) -> None:
    """End what a fault, or the end of service, makes worthless (a rule)."""
    for number, reservation in step[RESERVATIONS].items():
        connector_id = reservation.connector_id
        places = step.station.connector_ids if connector_id == CHARGE_POINT else ()
        if is_sound(step, connector_id) and (not places or any(is_sound(step, each) for each in places)):
            continue
        is_faulted = any(is_blocked(step, each) for each in (connector_id, *places))
        _end(step, number, ReservationEnd.FAULTED if is_faulted else ReservationEnd.UNAVAILABLE)


def _end(step: Step, number: int, end: ReservationEnd) -> None:
    """A reservation is over."""
    reservation = step[RESERVATIONS][number]
    step.remove(RESERVATIONS, number)
    step.notice(ReservationEnded(number, reservation.connector_id, reservation.id_tag, end))


def keep_connectors(step: Step) -> None:
    """Keep what reservations of any connector need, once no more than that is free (a rule)."""
    if not step[RESERVATIONS] and not step[KEPT]:
        return
    kept = _to_keep(step)
    for connector_id in step.station.connector_ids:
        if connector_id in kept:
            step.put(KEPT, connector_id, kept[connector_id])
        else:
            step.remove(KEPT, connector_id)


def _to_keep(step: Step) -> dict[int, Kept]:
    """The connectors to keep: all that are free, and if these do not do, some of those that are plugged in."""
    wanted = needed(step)
    free = _free(step, None)
    if wanted == 0 or len(free) > wanted:
        return {}
    plugged = [
        each
        for each in step.station.connector_ids
        if each not in free and _is_to_be_had(step, each, None, may_be_plugged=True)
    ]
    plugged.sort(key=lambda each: each not in step[KEPT])
    kept = dict.fromkeys(free, Kept(is_shown=True))
    return kept | dict.fromkeys(plugged[: wanted - len(free)], Kept(is_shown=False))
