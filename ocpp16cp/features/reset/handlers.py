"""Brings the station down in good order, has the driver start it anew, and goes on if that fails."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from ocpp16cp.events import Failed, FaultCleared, FaultRaised
from ocpp16cp.features.boot.questions import is_online
from ocpp16cp.features.connection.handlers import come_back, leave
from ocpp16cp.features.connection.questions import is_anything_on_its_way
from ocpp16cp.features.connection.state import CONNECTING, Phase
from ocpp16cp.features.connectors.handlers import fault_cleared, fault_raised
from ocpp16cp.features.diagnostics.state import UPLOAD_JOB
from ocpp16cp.features.firmware.state import UPDATE, UpdatePhase
from ocpp16cp.features.transactions.cards import abandon
from ocpp16cp.features.transactions.questions import stoppable
from ocpp16cp.features.transactions.state import ATTEMPTS, TRANSACTIONS
from ocpp16cp.features.transactions.stopping import end
from ocpp16cp.kernel.asks import ask
from ocpp16cp.kernel.calls import RUN
from ocpp16cp.kernel.feature import AskResult
from ocpp16cp.kernel.outbox import OUTBOX
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import Reboot, Restart, RestartFailed, Restarting
from ocpp16cp.station import CHARGE_POINT
from ocpp16cp.wire.types import ChargePointErrorCode, Reason

from .keys import RESET_RETRIES
from .messages import Reset, ResetConf, ResetStatus, ResetType
from .state import COMMANDED, RESETTING, Commanded, Resetting

PATIENCE_S: Final = {Restart.SOFT: 60.0, Restart.HARD: 5.0, Restart.FIRMWARE: 60.0}
"""How long the ends of transactions may take to be told; what is not told by then is told after the restart."""

LEAVE_S = 5.0
"""How long the connection may take to be closed."""

RETRY_WAIT_S = 5.0
"""Between two attempts: what refuses at once is not asked a thousand times."""

_REASONS: Final = {
    Restart.SOFT: Reason.SOFT_RESET,
    Restart.HARD: Reason.HARD_RESET,
    Restart.FIRMWARE: Reason.REBOOT,
}

_RESTARTS: Final = {ResetType.SOFT: Restart.SOFT, ResetType.HARD: Restart.HARD}

_FAILED = ChargePointErrorCode.RESET_FAILURE

_REASON = "the charge point restarts"

MAX_INFO = 50
"""Characters of a StatusNotification's info (§6.47)."""


def reset(step: Step, req: Reset) -> ResetConf:
    """Start anew after the answer (§5.14), unless that would spoil firmware that is being installed."""
    update = step[UPDATE].get(0)
    if update is not None and update.phase is UpdatePhase.INSTALLING:
        return ResetConf(status=ResetStatus.REJECTED)
    begin_reset(step, _RESTARTS[req.type])
    return ResetConf(status=ResetStatus.ACCEPTED)


def begin_reset(step: Step, restart: Restart) -> None:
    """Bring the station down and start it anew; a Hard one overtakes a Soft one that is on its way, not the reverse."""
    resetting = step.one(RESETTING)
    if resetting.restart is None:
        step.set(RESETTING, Resetting(restart, step.now))
        fault_cleared(step, FaultCleared(connector_id=CHARGE_POINT, error_code=_FAILED))
    elif resetting.restart is Restart.SOFT and restart is not Restart.SOFT:
        step.set(RESETTING, evolve(resetting, restart=restart, since_at=step.now))


def end_everything(step: Step) -> None:
    """End what runs, and drop who waits (a rule)."""
    restart = step.one(RESETTING).restart
    if restart is None:
        return
    for connector_id in step[ATTEMPTS]:
        abandon(step, connector_id, _REASON)
    for connector_id in step[TRANSACTIONS]:
        if stoppable(step, connector_id) is not None:
            end(step, connector_id, _REASONS[restart], None)


def restart(step: Step) -> None:
    """When all is told, or has taken too long, leave the central system, then ask the driver (a rule)."""
    resetting = step.one(RESETTING)
    if resetting.restart is None or resetting.ask_id is not None:
        return
    if resetting.leaving_at is None:
        if not _is_at_rest(step) and not step.due(resetting.since_at + PATIENCE_S[resetting.restart]):
            return
        leave(step, _REASON)
        step.notice(Restarting(resetting.restart))
        resetting = evolve(resetting, leaving_at=step.now)
        step.set(RESETTING, resetting)
    assert resetting.leaving_at is not None
    # What was said last, the answer to the Reset among it, leaves before the connection ends.
    has_left = step.one(CONNECTING).phase is Phase.DOWN or step.due(resetting.leaving_at + LEAVE_S)
    if has_left and (resetting.retry_at is None or step.due(resetting.retry_at)):
        _ask(step, resetting)


def _is_at_rest(step: Step) -> bool:
    """Whether nothing runs, and the central system, if it can be reached, knows everything."""
    if len(step[TRANSACTIONS]) or len(step[UPLOAD_JOB]):
        return False
    return not is_online(step) or not (step[OUTBOX] or is_anything_on_its_way(step))


def _ask(step: Step, resetting: Resetting) -> None:
    """Ask the driver to restart."""
    restart = resetting.restart
    assert restart is not None
    step.set(COMMANDED, Commanded(restart, step.one(RUN).number))
    timeout_s = step.station.settings.reboot_timeout_s
    ask_id = ask(step, lambda ask_id: Reboot(ask_id, restart), timeout_s=timeout_s)
    step.set(RESETTING, evolve(resetting, ask_id=ask_id))


def reboot_answered(step: Step, command: Reboot, context: None, result: AskResult) -> None:
    """The run is about to end; or the driver could not do it: it is asked again, but not for ever (§9.1.22)."""
    if not isinstance(result, Failed):
        return
    resetting = step.one(RESETTING)
    if resetting.failures < step.key(RESET_RETRIES):
        again = evolve(resetting, ask_id=None, failures=resetting.failures + 1, retry_at=step.now + RETRY_WAIT_S)
        step.set(RESETTING, again)
        return
    step.set(RESETTING, Resetting())
    step.set(COMMANDED, Commanded())
    come_back(step)
    info = result.text or result.reason.value
    step.notice(RestartFailed(command.restart, info))
    fault_raised(step, FaultRaised(connector_id=CHARGE_POINT, error_code=_FAILED, info=info[:MAX_INFO]))
