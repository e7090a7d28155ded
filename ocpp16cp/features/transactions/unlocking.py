"""How the central system unlocks a connector."""

from __future__ import annotations

from attrs import evolve

from ocpp16cp.events import Failed, FailureReason
from ocpp16cp.features.connectors.handlers import unlock_failed, unlocked
from ocpp16cp.kernel import serving
from ocpp16cp.kernel.feature import LATER, AskResult, Later
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import Unlock
from ocpp16cp.wire.types import Reason

from .messages import UnlockConnector, UnlockConnectorConf, UnlockStatus
from .questions import stoppable
from .state import ATTEMPTS, FINISHED, TRANSACTIONS, UNLOCK_REQUESTS, UnlockRequest
from .stopping import end, unlock


def unlock_connector(step: Step, req: UnlockConnector) -> UnlockConnectorConf | Later:
    """Let go of a plug, ending the transaction there first (§5.18)."""
    connector_id = req.connector_id
    # Without a lock nothing is tried: a transaction on a fixed cable goes on (errata 3.85).
    if not step.station.has_connector(connector_id) or step.station.connector(connector_id).fixed_cable:
        return UnlockConnectorConf(status=UnlockStatus.NOT_SUPPORTED)
    transaction = stoppable(step, connector_id)
    if transaction is not None:
        end(step, connector_id, Reason.UNLOCK_COMMAND, transaction.id_tag)
    assert step.answering is not None
    request = step[UNLOCK_REQUESTS].get(connector_id)
    if request is None:
        request = UnlockRequest((step.answering,), step.now)
    else:
        request = evolve(request, tickets=(*request.tickets, step.answering))
    step.put(UNLOCK_REQUESTS, connector_id, request)
    return LATER


def unlock_on_request(step: Step) -> None:
    """Unlock when no energy flows any more; the answer waits for neither for long (a rule)."""
    for connector_id, request in step[UNLOCK_REQUESTS].items():
        if not request.is_asked and connector_id not in step[TRANSACTIONS]:
            step.put(UNLOCK_REQUESTS, connector_id, evolve(request, is_asked=True))
            attempt = step[ATTEMPTS].get(connector_id)
            if attempt is not None:
                # It goes on afterwards, and has its plug locked again before energy flows.
                step.put(ATTEMPTS, connector_id, evolve(attempt, lock_ask=None, is_locked=False))
            unlock(step, connector_id)
        elif step.due(request.at + step.station.settings.lock_timeout_s):
            _answer(step, connector_id, UnlockStatus.UNLOCK_FAILED)


def unlock_answered(step: Step, command: Unlock, context: None, result: AskResult) -> None:
    """The plug is free, or is not."""
    connector_id = command.connector_id
    status = UnlockStatus.UNLOCKED
    if not isinstance(result, Failed):
        unlocked(step, connector_id)
    elif result.reason is FailureReason.NOT_SUPPORTED:
        status = UnlockStatus.NOT_SUPPORTED
    else:
        unlock_failed(step, connector_id)
        status = UnlockStatus.UNLOCK_FAILED
    request = step[UNLOCK_REQUESTS].get(connector_id)
    if request is None or not request.is_asked:
        return
    finished = step[FINISHED].get(connector_id)
    if finished is not None and status is UnlockStatus.UNLOCKED:
        step.put(FINISHED, connector_id, evolve(finished, is_locked=False))
    _answer(step, connector_id, status)


def _answer(step: Step, connector_id: int, status: UnlockStatus) -> None:
    """Tell all who asked for it what became of a plug."""
    request = step[UNLOCK_REQUESTS][connector_id]
    step.remove(UNLOCK_REQUESTS, connector_id)
    for ticket in request.tickets:
        serving.answer(step, ticket, UnlockConnectorConf(status=status))
