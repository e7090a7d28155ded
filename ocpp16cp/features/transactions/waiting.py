"""What each connector waits for, told to the application."""

from __future__ import annotations

from ocpp16cp.features.connectors.questions import has_vehicle, is_in_service, is_operative, is_plugged
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import Awaited, Awaits

from .questions import is_unused
from .state import ATTEMPTS, CARDS, FINISHED, TIMED_OUT, TOLD, Told


def tell_what_is_awaited(step: Step) -> None:
    """Tell when a connector waits for something else than before (a rule)."""
    for connector_id in step.station.connector_ids:
        awaited = _awaited(step, connector_id)
        told = step[TOLD].get(connector_id)
        if (None if told is None else told.awaited) is not awaited:
            step.put(TOLD, connector_id, Told(awaited))
            step.notice(Awaits(connector_id, awaited))


def _awaited(step: Step, connector_id: int) -> Awaited | None:
    """What has to happen next at a connector; `None`: nothing that anybody waits for."""
    attempt = step[ATTEMPTS].get(connector_id)
    if attempt is not None:
        if not has_vehicle(step, connector_id):
            return Awaited.CABLE
        is_held = attempt.is_locked or step.station.connector(connector_id).fixed_cable
        return Awaited.METER if is_held else Awaited.LOCK
    if is_unused(step, connector_id) and is_in_service(step, connector_id):
        if _is_asked_about(step, connector_id):
            return Awaited.AUTHORIZATION
        if not is_plugged(step, connector_id):
            return None
        return Awaited.CARD if is_operative(step, connector_id) else Awaited.UNPLUGGING
    finished = step[FINISHED].get(connector_id)
    if finished is not None:
        return Awaited.CARD_TO_UNLOCK if finished.is_locked else Awaited.UNPLUGGING
    return Awaited.UNPLUGGING if connector_id in step[TIMED_OUT] else None


def _is_asked_about(step: Step, connector_id: int) -> bool:
    """Whether the central system is being asked about a card that could begin at a connector."""
    return any(card.authorization is not None and connector_id in card.connectors for card in step[CARDS].values())
