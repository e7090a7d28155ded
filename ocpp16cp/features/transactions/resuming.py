"""How a transaction goes on after a power cut, where the operator wants that."""

from __future__ import annotations

from attrs import evolve

from ocpp16cp.events import Failed
from ocpp16cp.features.connectors.handlers import lock_failed
from ocpp16cp.features.connectors.questions import has_vehicle
from ocpp16cp.features.metering.sampling import submit_interruption
from ocpp16cp.features.metering.state import METERS
from ocpp16cp.kernel.asks import ask
from ocpp16cp.kernel.calls import RUN
from ocpp16cp.kernel.clock import ANCHOR, BEGINNING
from ocpp16cp.kernel.feature import AskResult
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import Lock

from .questions import METER_AFTER_START_S, is_interrupted, may_still_resume
from .state import RESUMING, TRANSACTIONS, Resuming, Transaction


def resume_interrupted(step: Step) -> None:
    """Go on with each interrupted transaction whose vehicle is there, whose plug is held, whose meter is read (a rule).

    The time stamps of the interruption need a clock: without one the central system is waited for, but not for long.
    """
    for connector_id, transaction in step[TRANSACTIONS].items():
        if not is_interrupted(step, transaction) or not _is_ready(step, connector_id, transaction):
            continue
        resuming = step[RESUMING].get(connector_id)
        if step.station.connector(connector_id).fixed_cable or (resuming is not None and resuming.is_locked):
            step.remove(RESUMING, connector_id)
            submit_interruption(step, connector_id, transaction.number)
            step.put(TRANSACTIONS, connector_id, evolve(transaction, run=step.one(RUN).number))
        elif resuming is None:
            _lock(step, connector_id)


def _is_ready(step: Step, connector_id: int, transaction: Transaction) -> bool:
    """Whether nothing is missing but perhaps the lock."""
    if not may_still_resume(step, connector_id, transaction):
        step.remove(RESUMING, connector_id)
        return False
    knows_time = step.one(ANCHOR).is_set or step.due(step.one(BEGINNING).at + METER_AFTER_START_S)
    return knows_time and has_vehicle(step, connector_id) and connector_id in step[METERS]


def _lock(step: Step, connector_id: int) -> None:
    """Hold the plug again: some locks let go without power."""
    timeout_s = step.station.settings.lock_timeout_s
    lock_ask = ask(step, lambda ask_id: Lock(ask_id, connector_id), timeout_s=timeout_s)
    step.put(RESUMING, connector_id, Resuming(lock_ask))


def resume_lock_answered(step: Step, command: Lock, result: AskResult) -> bool:
    """Take the answer of the lock, if it belongs to a transaction that is to go on."""
    connector_id = command.connector_id
    resuming = step[RESUMING].get(connector_id)
    if resuming is None or resuming.lock_ask != command.ask_id:
        return False
    if isinstance(result, Failed):
        lock_failed(step, connector_id)
    else:
        step.put(RESUMING, connector_id, evolve(resuming, is_locked=True))
    return True
