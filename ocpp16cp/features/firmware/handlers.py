"""Fetches firmware, installs it, tells how far that is."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve

from ocpp16cp.events import Failed, StartCause
from ocpp16cp.features.diagnostics.handlers import retries_of, retry_interval_s_of
from ocpp16cp.features.diagnostics.locations import refusal_of
from ocpp16cp.features.diagnostics.questions import listens
from ocpp16cp.features.reset.handlers import begin_reset
from ocpp16cp.features.transactions.questions import is_restarting, start_cause
from ocpp16cp.features.transactions.state import TRANSACTIONS
from ocpp16cp.kernel import asks, calls
from ocpp16cp.kernel.calls import RUN
from ocpp16cp.kernel.feature import AskResult
from ocpp16cp.kernel.reports import Reporter
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import Download, FirmwareProgress, Install, Restart

from .messages import FirmwareStatus, FirmwareStatusNotification, UpdateFirmware, UpdateFirmwareConf
from .state import UPDATE, UPDATE_ASK, UPDATE_REPORT, Update, UpdateAsk, UpdatePhase

REPORTER = Reporter(
    UPDATE_REPORT,
    request=lambda status: FirmwareStatusNotification(status=FirmwareStatus(status)),
    status_of=lambda request: request.status.value,
    listens=listens,
)


def update_firmware(step: Step, req: UpdateFirmware) -> UpdateFirmwareConf:
    """Fetch firmware when its time has come, and install it (§5.19).

    An update that is under way makes way for the new one, until it is being installed.
    """
    known = step[UPDATE].get(0)
    if known is not None and known.phase in (UpdatePhase.INSTALLING, UpdatePhase.REBOOTING):
        step.notice(FirmwareProgress(FirmwareStatus.INSTALLING.value, "another update was asked for, and is ignored"))
        return UpdateFirmwareConf()
    _stop_asking(step)
    update = Update(
        location=req.location,
        next_at=req.retrieve_date,
        retries=retries_of(req.retries),
        retry_interval_s=retry_interval_s_of(req.retry_interval),
    )
    step.put(UPDATE, 0, update)
    return UpdateFirmwareConf()


def _stop_asking(step: Step) -> None:
    """What is being done for an update is not wanted any more."""
    asked = step[UPDATE_ASK].get(0)
    if asked is not None:
        asks.cancel(step, asked.ask_id)
        step.remove(UPDATE_ASK, 0)


def go_on(step: Step) -> None:
    """Do what is next, and again what a restart has interrupted (a rule)."""
    update = step[UPDATE].get(0)
    if update is None or 0 in step[UPDATE_ASK]:
        return
    if update.phase is UpdatePhase.REBOOTING:
        _look_after_reboot(step, update)
    elif not is_restarting(step):
        _go_on(step, update)


def _go_on(step: Step, update: Update) -> None:
    """Do what is next; what has begun before the station started is begun again, with all its tries."""
    match update.phase:
        case UpdatePhase.WAITING:
            if step.due(update.next_at):
                _download(step, update)
        case UpdatePhase.DOWNLOADING:
            _download(step, evolve(update, failures=0))
        case UpdatePhase.DOWNLOADED:
            if not step.station.settings.installs_after_transactions or not step[TRANSACTIONS]:
                _install(step, update)
        case _:
            _install_again(step, update)


def _download(step: Step, update: Update) -> None:
    """Begin a try."""
    _enter(step, update, UpdatePhase.DOWNLOADING, FirmwareStatus.DOWNLOADING)
    refusal = refusal_of(step, update.location)
    if refusal is not None:
        _end(step, FirmwareStatus.DOWNLOAD_FAILED, refusal)
        return
    timeout_s = step.station.settings.transfer_timeout_s
    number = asks.ask(step, lambda ask_id: Download(ask_id, update.location), timeout_s=timeout_s)
    step.put(UPDATE_ASK, 0, UpdateAsk(number))


def downloaded(step: Step, command: Download, context: None, result: AskResult) -> None:
    """The file is there, or has not come."""
    update = _of(step, command.ask_id)
    if update is None:
        return
    if not isinstance(result, Failed):
        _enter(step, update, UpdatePhase.DOWNLOADED, FirmwareStatus.DOWNLOADED)
    elif update.failures >= update.retries:
        _end(step, FirmwareStatus.DOWNLOAD_FAILED, result.text)
    else:
        next_at = step.utc + timedelta(seconds=update.retry_interval_s)
        update = evolve(update, failures=update.failures + 1, next_at=next_at)
        _enter(step, update, UpdatePhase.WAITING, FirmwareStatus.DOWNLOAD_FAILED, result.text)


def _of(step: Step, ask_id: int) -> Update | None:
    """The update for which something was asked, if that is still wanted."""
    asked = step[UPDATE_ASK].get(0)
    if asked is None or asked.ask_id != ask_id:
        return None
    step.remove(UPDATE_ASK, 0)
    return step[UPDATE][0]


def _install(step: Step, update: Update) -> None:
    """Let the driver install what was fetched."""
    _enter(step, update, UpdatePhase.INSTALLING, FirmwareStatus.INSTALLING)
    number = asks.ask(step, Install, timeout_s=step.station.settings.install_timeout_s)
    step.put(UPDATE_ASK, 0, UpdateAsk(number))


def _install_again(step: Step, update: Update) -> None:
    """A restart came in between: the board's own, which ends the installation, or one that has interrupted it."""
    if not _ended_by_start(step):
        _install(step, update)


def installed(step: Step, command: Install, context: None, result: AskResult) -> None:
    """The firmware is in place, or could not be put there."""
    update = _of(step, command.ask_id)
    if update is None:
        return
    if isinstance(result, Failed):
        _end(step, FirmwareStatus.INSTALLATION_FAILED, result.text)
        return
    step.put(UPDATE, 0, evolve(update, phase=UpdatePhase.REBOOTING, run=step.one(RUN).number))
    begin_reset(step, Restart.FIRMWARE)


def _look_after_reboot(step: Step, update: Update) -> None:
    """After the restart the firmware runs, unless the board says that it does not; or there was no restart."""
    if update.run == step.one(RUN).number:
        if not is_restarting(step):
            _end(step, FirmwareStatus.INSTALLATION_FAILED, "the station could not be restarted")
    elif not _ended_by_start(step):
        _end(step, FirmwareStatus.INSTALLED)


def _ended_by_start(step: Step) -> bool:
    """Tell what became of the update, if the cause of the start says so."""
    match start_cause(step):
        case StartCause.FIRMWARE:
            _end(step, FirmwareStatus.INSTALLED)
        case StartCause.FIRMWARE_FALLBACK:
            _end(step, FirmwareStatus.INSTALLATION_FAILED, "the new firmware did not start")
        case _:
            return False
    return True


def _enter(step: Step, update: Update, phase: UpdatePhase, status: FirmwareStatus, reason: str = "") -> None:
    """The update is in another phase, which the central system is told."""
    step.put(UPDATE, 0, evolve(update, phase=phase, run=step.one(RUN).number))
    _report(step, status, reason)


def _end(step: Step, status: FirmwareStatus, reason: str = "") -> None:
    """The update is over."""
    step.remove(UPDATE, 0)
    _report(step, status, reason)


def _report(step: Step, status: FirmwareStatus, reason: str) -> None:
    """Tell everybody how far it is."""
    REPORTER.report(step, status.value)
    step.notice(FirmwareProgress(status.value, reason))


def trigger_status(step: Step, _: int) -> None:
    """Say how far an update is because the central system asks for it: the last status, while there is an update."""
    last = step.one(UPDATE_REPORT).status
    status = FirmwareStatus.IDLE if last is None or 0 not in step[UPDATE] else FirmwareStatus(last)
    calls.call(step, FirmwareStatusNotification(status=status), was_triggered=True)
