"""How transactions end."""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from ocpp16cp.events import SocketState, StartCause
from ocpp16cp.features.connectors.questions import is_output_on, is_plugged, socket_state
from ocpp16cp.features.connectors.state import LEVELS, OUTPUTS
from ocpp16cp.features.metering.handlers import end_transaction as end_metering
from ocpp16cp.features.metering.questions import register_wh
from ocpp16cp.features.metering.state import METERS, REGISTERS
from ocpp16cp.kernel import outbox
from ocpp16cp.kernel.asks import ask
from ocpp16cp.kernel.clock import BEGINNING
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import TransactionStopped, Unlock
from ocpp16cp.wire.types import Reason

from .keys import STOP_TRANSACTION_ON_EV_SIDE_DISCONNECT, UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT
from .messages import StopTransaction
from .questions import METER_AFTER_START_S, is_interrupted, may_still_resume, running, start_cause
from .state import (
    FINISHED,
    RESUMING,
    TIMED_OUT,
    TRANSACTION_IDS,
    TRANSACTIONS,
    UNLOCK_REQUESTS,
    Ending,
    Finished,
    Transaction,
)

UNKNOWN_ID = -1
"""A placeholder until the message is sent, and the id where none was ever learnt (errata 3.18)."""

_RESTART_REASONS = {
    StartCause.POWER_UP: Reason.POWER_LOSS,
    StartCause.HARD_RESET: Reason.HARD_RESET,
    StartCause.SOFT_RESET: Reason.SOFT_RESET,
    StartCause.WATCHDOG: Reason.REBOOT,
    StartCause.FIRMWARE: Reason.REBOOT,
    StartCause.FIRMWARE_FALLBACK: Reason.REBOOT,
}


def end(step: Step, connector_id: int, reason: Reason, id_tag: str | None) -> None:
    """Decide that a transaction ends; it has ended when its output is off."""
    transaction = step[TRANSACTIONS][connector_id]
    assert transaction.ending is None
    # The clock may have been set back: an end never lies before what was told of the transaction.
    at = max(step.utc, _last_known(step, connector_id, transaction))
    step.put(TRANSACTIONS, connector_id, evolve(transaction, ending=Ending(reason, id_tag, at)))


def unlock(step: Step, connector_id: int) -> None:
    """Let go of the plug, where there is something that holds it."""
    if not step.station.connector(connector_id).fixed_cable:
        timeout_s = step.station.settings.lock_timeout_s
        ask(step, lambda ask_id: Unlock(ask_id, connector_id), timeout_s=timeout_s)


def stop_unplugged(step: Step) -> None:
    """Unplugging at the vehicle ends a transaction, if the operator wants it so; at the station always (a rule)."""
    for connector_id in step[TRANSACTIONS]:
        transaction = running(step, connector_id)
        if transaction is None or not _is_unplugged(step, connector_id):
            continue
        end(step, connector_id, Reason.EV_DISCONNECTED, transaction.id_tag)


def _is_unplugged(step: Step, connector_id: int) -> bool:
    """Whether a cable was taken out in a way that ends the transaction."""
    state = socket_state(step, connector_id)
    if state is None or state is SocketState.VEHICLE:
        return False
    at_station = state is SocketState.EMPTY and not step.station.connector(connector_id).fixed_cable
    return at_station or step.key(STOP_TRANSACTION_ON_EV_SIDE_DISCONNECT)


def finish_transactions(step: Step) -> None:
    """Report the end of each transaction whose output is off (a rule)."""
    for connector_id, transaction in step[TRANSACTIONS].items():
        if transaction.ending is None or is_interrupted(step, transaction):
            continue
        if _is_output_off(step, connector_id):
            _finish(step, connector_id, transaction, transaction.ending)


def _is_output_off(step: Step, connector_id: int) -> bool:
    """Whether no more energy will flow: the driver has reported it, or has had its time to do so."""
    level = step[LEVELS].get(connector_id)
    if level is None or level.is_on:
        return False
    timeout_s = step.station.settings.output_off_timeout_s
    if is_output_on(step, connector_id):
        return step.due(level.switched_at + timeout_s)
    # A contactor told to close a moment ago may still do so before it learns better.
    return connector_id in step[OUTPUTS] or level.on_at is None or step.due(level.on_at + timeout_s)


def finish_interrupted(step: Step) -> None:
    """Report the end of each transaction that a restart interrupted (a rule)."""
    for connector_id, transaction in step[TRANSACTIONS].items():
        if not is_interrupted(step, transaction):
            continue
        beginning = step.one(BEGINNING)
        if connector_id in step[RESUMING]:
            continue
        is_read = connector_id in step[METERS] and not may_still_resume(step, connector_id, transaction)
        if is_read or step.due(beginning.at + METER_AFTER_START_S):
            ending = transaction.ending
            if ending is None:
                at = _last_known(step, connector_id, transaction)
                ending = Ending(_RESTART_REASONS[start_cause(step)], None, at)
            _finish(step, connector_id, transaction, ending)


def _last_known(step: Step, connector_id: int, transaction: Transaction) -> datetime:
    """The newest time stamp stored about a transaction."""
    stored = step[REGISTERS].get(connector_id)
    return transaction.started_at if stored is None else max(transaction.started_at, stored.utc)


def _finish(step: Step, connector_id: int, transaction: Transaction, ending: Ending) -> None:
    """Queue the StopTransaction; what is still plugged keeps its connector from the next user."""
    register = register_wh(step, connector_id)
    meter_stop = max(transaction.meter_start_wh, register or 0)
    request = StopTransaction(
        id_tag=ending.id_tag,
        meter_stop=meter_stop,
        timestamp=ending.utc,
        transaction_id=UNKNOWN_ID,
        reason=ending.reason,
        transaction_data=end_metering(step, connector_id, ending.utc, is_interrupted=is_interrupted(step, transaction)),
    )
    outbox.submit(step, request, context=transaction.number)
    step.remove(TRANSACTIONS, connector_id)
    energy_wh = meter_stop - transaction.meter_start_wh
    step.notice(TransactionStopped(connector_id, transaction.id_tag, ending.reason, energy_wh))
    if step.station.has_connector(connector_id):
        _let_go(step, connector_id, transaction, ending)


def _let_go(step: Step, connector_id: int, transaction: Transaction, ending: Ending) -> None:
    """Free the cable, unless it has to wait for its card."""
    at_vehicle = ending.reason is Reason.EV_DISCONNECTED
    stays_locked = not step.station.connector(connector_id).fixed_cable and (
        ending.reason is Reason.DE_AUTHORIZED or (at_vehicle and not step.key(UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT))
    )
    if is_plugged(step, connector_id) or socket_state(step, connector_id) is None:
        finished = Finished(transaction.id_tag, transaction.parent_id_tag, stays_locked, at_vehicle)
        step.put(FINISHED, connector_id, finished)
    if not stays_locked and connector_id not in step[UNLOCK_REQUESTS]:
        unlock(step, connector_id)


def forget_unplugged(step: Step) -> None:
    """What was left behind is forgotten when it is taken away (a rule)."""
    for connector_id in (*step[FINISHED], *step[TIMED_OUT]):
        if socket_state(step, connector_id) is SocketState.EMPTY:
            step.remove(FINISHED, connector_id)
            step.remove(TIMED_OUT, connector_id)


def complete(step: Step, request: StopTransaction, number: int | None) -> StopTransaction:
    """Fill in the transaction's id, which may have come after it ended."""
    assert number is not None
    known = step[TRANSACTION_IDS].get(number)
    return request if known is None else evolve(request, transaction_id=known.transaction_id)
