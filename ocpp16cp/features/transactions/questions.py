"""What a connector can be used for."""

from __future__ import annotations

from ocpp16cp.events import SocketState, StartCause
from ocpp16cp.features.boot.questions import may_start_at_all
from ocpp16cp.features.connectors.questions import has_vehicle, is_blocked, is_operative, socket_state
from ocpp16cp.features.reset.state import COMMANDED, RESETTING
from ocpp16cp.kernel.calls import RUN
from ocpp16cp.kernel.clock import BEGINNING
from ocpp16cp.kernel.step import Step

from .state import ATTEMPTS, FINISHED, TIMED_OUT, TRANSACTIONS, Transaction

METER_AFTER_START_S = 10.0
"""How long an interrupted transaction waits after a start for the first reading of its meter, and for the clock."""


def is_interrupted(step: Step, transaction: Transaction) -> bool:
    """Whether a transaction was running when the station stopped running."""
    return transaction.run != step.one(RUN).number


def running(step: Step, connector_id: int) -> Transaction | None:
    """The transaction of a connector, if it runs and is not about to end."""
    transaction = step[TRANSACTIONS].get(connector_id)
    if transaction is None or transaction.ending is not None or is_interrupted(step, transaction):
        return None
    return transaction


def may_still_resume(step: Step, connector_id: int, transaction: Transaction) -> bool:
    """Whether an interrupted transaction is to go on, unless its vehicle turns out to have gone."""
    wants_to = step.station.settings.resumes_transactions and start_cause(step) is StartCause.POWER_UP
    may_be_there = socket_state(step, connector_id) in (None, SocketState.VEHICLE)
    return wants_to and transaction.ending is None and may_be_there and not is_blocked(step, connector_id)


def stoppable(step: Step, connector_id: int) -> Transaction | None:
    """The transaction of a connector, if it runs, or is to go on after a power cut, and is not about to end."""
    transaction = step[TRANSACTIONS].get(connector_id)
    if transaction is None or transaction.ending is not None:
        return None
    if is_interrupted(step, transaction) and not may_still_resume(step, connector_id, transaction):
        return None
    return transaction


def is_restarting(step: Step) -> bool:
    """Whether a restart was accepted: from then on nobody begins anything."""
    return step.one(RESETTING).restart is not None


def start_cause(step: Step) -> StartCause:
    """Why this run began: what the driver says, or where it only noticed that there is power, what it was asked for."""
    cause = step.one(BEGINNING).cause
    commanded = step.one(COMMANDED)
    if cause is not StartCause.POWER_UP or commanded.restart is None or commanded.run != step.one(RUN).number - 1:
        return cause
    return StartCause(commanded.restart.value)


def is_unused(step: Step, connector_id: int) -> bool:
    """Whether nobody charges, waits or has left a cable behind here, and nothing is wrong."""
    return (
        may_start_at_all(step)
        and not is_restarting(step)
        and connector_id not in step[TRANSACTIONS]
        and connector_id not in step[ATTEMPTS]
        and connector_id not in step[FINISHED]
        and connector_id not in step[TIMED_OUT]
        and not is_blocked(step, connector_id)
    )


def is_free(step: Step, connector_id: int) -> bool:
    """Whether a new user may begin here."""
    return is_unused(step, connector_id) and is_operative(step, connector_id)


def waits_for_card(step: Step, connector_id: int) -> bool:
    """Whether a vehicle is plugged in and only the authorization is missing."""
    return has_vehicle(step, connector_id) and is_free(step, connector_id)


def is_left_behind(step: Step, connector_id: int) -> bool:
    """Whether a cable was left behind on which a new transaction could begin, as transition F2 has it (§4.9)."""
    return (
        may_start_at_all(step)
        and not is_restarting(step)
        and connector_id not in step[TRANSACTIONS]
        and connector_id not in step[ATTEMPTS]
        and (connector_id in step[FINISHED] or connector_id in step[TIMED_OUT])
        and not is_blocked(step, connector_id)
    )
