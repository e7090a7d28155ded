"""Who may have a connector, and what is left for reservations of any connector."""

from __future__ import annotations

from ocpp16cp.features.authorization.questions import same_group, same_tag
from ocpp16cp.features.boot.questions import may_start_at_all
from ocpp16cp.features.connectors.questions import is_blocked, is_in_service, is_operative
from ocpp16cp.features.transactions.state import ATTEMPTS, FINISHED, TIMED_OUT, TRANSACTIONS
from ocpp16cp.kernel.step import Step
from ocpp16cp.station import CHARGE_POINT, FeatureProfile

from .state import KEPT, RESERVATIONS, Reservation


def reservations(step: Step) -> dict[int, Reservation]:
    """What is reserved, by id; what was stored waits as long as the profile is switched off."""
    return dict(step[RESERVATIONS].items()) if step.station.offers(FeatureProfile.RESERVATION) else {}


def own(step: Step, connector_id: int) -> tuple[int, Reservation] | None:
    """The reservation of just this connector, with its id."""
    return next((found for found in reservations(step).items() if found[1].connector_id == connector_id), None)


def is_reserved(step: Step, connector_id: int) -> bool:
    """Whether a connector shows Reserved, unless something else comes before that."""
    kept = step[KEPT].get(connector_id)
    return (kept is not None and kept.is_shown) or own(step, connector_id) is not None


def is_meant_for(reservation: Reservation, id_tag: str, parent_id_tag: str | None) -> bool:
    """Whether a card may use a reservation: it is the card, or one of its group."""
    return same_tag(reservation.id_tag, id_tag) or same_group(reservation.parent_id_tag, parent_id_tag)


def admits(
    step: Step, connector_id: int, id_tag: str, parent_id_tag: str | None, *, moving_from: int | None = None
) -> bool:
    """Whether no reservation keeps a connector from a card.

    Args:
        step: the step under way.
        connector_id: the connector.
        id_tag: the card.
        parent_id_tag: its group, as far as that is known.
        moving_from: the connector at which it waits already.
    """
    held = own(step, connector_id)
    if held is not None:
        return is_meant_for(held[1], id_tag, parent_id_tag)
    if connector_id not in step[KEPT]:
        return True
    unserved = _unserved(step, apart_from=moving_from)
    return any(is_meant_for(each, id_tag, parent_id_tag) for each in unserved.values())


def is_decided_by_group(step: Step, connector_id: int) -> bool:
    """Whether a card that a connector does not admit might turn out to be of a group for which it does."""
    held = own(step, connector_id)
    if held is not None:
        return held[1].parent_id_tag is not None
    return any(each.parent_id_tag is not None for each in _unserved(step).values())


def usable_by(step: Step, connector_id: int, id_tag: str, parent_id_tag: str | None) -> int | None:
    """The reservation that a card uses at a connector: of that connector, else of any; its own before its group's."""
    held = own(step, connector_id)
    if held is not None:
        return held[0] if is_meant_for(held[1], id_tag, parent_id_tag) else None
    fitting = [
        (not same_tag(each.id_tag, id_tag), number)
        for number, each in _unserved(step, apart_from=connector_id).items()
        if is_meant_for(each, id_tag, parent_id_tag)
    ]
    return min(fitting)[1] if fitting else None


def is_usable(step: Step, connector_id: int, *, replaced: int | None = None) -> bool:
    """Whether somebody may begin at a connector, be it plugged in or not, for all that other users have done.

    With `replaced`, the id of a reservation that is about to be replaced, what its card has begun does not count.
    """
    attempt = step[ATTEMPTS].get(connector_id)
    is_begun = attempt is not None and (replaced is None or attempt.reservation_id != replaced)
    is_used = connector_id in step[TRANSACTIONS] or connector_id in step[FINISHED] or connector_id in step[TIMED_OUT]
    return not is_begun and not is_used and is_sound(step, connector_id) and is_operative(step, connector_id)


def is_sound(step: Step, connector_id: int) -> bool:
    """Whether a connector, or the charge point, is neither faulted nor out of service."""
    return may_start_at_all(step) and is_in_service(step, connector_id) and not is_blocked(step, connector_id)


def needed(step: Step, *, replaced: int | None = None) -> int:
    """How many connectors have to be left for reservations of any connector whose card does not wait at one already."""
    return len(_unserved(step).keys() - {replaced})


def _unserved(step: Step, *, apart_from: int | None = None) -> dict[int, Reservation]:
    """The reservations of any connector whose card does not wait at a connector, or only at the one given."""
    served = {attempt.reservation_id for connector_id, attempt in step[ATTEMPTS].items() if connector_id != apart_from}
    return {
        number: each
        for number, each in reservations(step).items()
        if each.connector_id == CHARGE_POINT and number not in served
    }
