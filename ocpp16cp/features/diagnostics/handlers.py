"""Collects diagnostics, uploads them, tells how far that is."""

from __future__ import annotations

import re
from datetime import timedelta

from attrs import evolve

from ocpp16cp.events import AskProgressed, Failed, FailureReason
from ocpp16cp.features.transactions.questions import is_restarting
from ocpp16cp.kernel import asks, calls, serving
from ocpp16cp.kernel.asks import ASKED
from ocpp16cp.kernel.feature import LATER, AskResult, Later
from ocpp16cp.kernel.reports import Reporter
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import CollectDiagnostics, DiagnosticsProgress, Download, Install, Upload, Work, WorkProgress

from .locations import refusal_of
from .messages import (
    DiagnosticsStatus,
    DiagnosticsStatusNotification,
    GetDiagnostics,
    GetDiagnosticsConf,
)
from .questions import listens
from .state import UPLOAD_ASK, UPLOAD_JOB, UPLOAD_REPORT, UploadAsk, UploadJob, UploadPhase

DEFAULT_RETRIES = 3
"""Further tries where the central system leaves their number to the station."""

DEFAULT_RETRY_INTERVAL_S = 60

MAX_RETRY_INTERVAL_S = 86_400
"""No wait for the next try is longer: beyond a day nobody knows any more what was asked for."""

ANSWER_WITHIN_S = 4.0
"""GetDiagnostics is answered within five seconds, whether or not the collection has ended by then."""

_WORKS = {
    Download: Work.DOWNLOAD,
    Install: Work.INSTALL,
    CollectDiagnostics: Work.COLLECT,
    Upload: Work.UPLOAD,
}

REPORTER = Reporter(
    UPLOAD_REPORT,
    request=lambda status: DiagnosticsStatusNotification(status=DiagnosticsStatus(status)),
    status_of=lambda request: request.status.value,
    listens=listens,
)


def get_diagnostics(step: Step, req: GetDiagnostics) -> GetDiagnosticsConf | Later:
    """Collect what there is, and upload it (§5.9); an upload that is under way makes way for the new one."""
    _drop(step)
    job = UploadJob(
        location=req.location,
        file_name=_file_name(step),
        retries_left=retries_of(req.retries),
        retry_interval_s=retry_interval_s_of(req.retry_interval),
    )
    step.put(UPLOAD_JOB, 0, job)
    timeout_s = step.station.settings.collect_timeout_s
    number = asks.ask(
        step,
        lambda ask_id: CollectDiagnostics(ask_id, job.file_name, req.start_time, req.stop_time),
        timeout_s=timeout_s,
    )
    step.put(UPLOAD_ASK, 0, UploadAsk(number, step.now, step.answering))
    return LATER


def retries_of(retries: int | None) -> int:
    """How many further tries there are."""
    return DEFAULT_RETRIES if retries is None else max(0, retries)


def retry_interval_s_of(interval: int | None) -> int:
    """How long to wait for the next try."""
    return DEFAULT_RETRY_INTERVAL_S if interval is None else min(max(0, interval), MAX_RETRY_INTERVAL_S)


def _file_name(step: Step) -> str:
    """What the file is called: of which station, of when."""
    identity = re.sub(r"[^0-9A-Za-z_-]", "_", step.station.identity)
    return f"{identity}-{step.utc:%Y%m%dT%H%M%SZ}.zip"


def _drop(step: Step) -> None:
    """Give up the upload that is under way, without a word about it."""
    asked = step[UPLOAD_ASK].get(0)
    if asked is not None:
        if asked.ticket is not None:
            serving.answer(step, asked.ticket, GetDiagnosticsConf())
        asks.cancel(step, asked.ask_id)
        step.remove(UPLOAD_ASK, 0)
    step.remove(UPLOAD_JOB, 0)


def promise(step: Step) -> None:
    """Tell the name of the file in time, also when the collection takes longer (a rule)."""
    asked = step[UPLOAD_ASK].get(0)
    if asked is not None and asked.ticket is not None and step.due(asked.at + ANSWER_WITHIN_S):
        _promise(step, asked)


def _promise(step: Step, asked: UploadAsk) -> None:
    """Tell the name of the file, unless that is done."""
    if asked.ticket is None:
        return
    job = step[UPLOAD_JOB][0]
    step.put(UPLOAD_ASK, 0, evolve(asked, ticket=None))
    step.put(UPLOAD_JOB, 0, evolve(job, is_promised=True))
    serving.answer(step, asked.ticket, GetDiagnosticsConf(file_name=job.file_name))


def collected(step: Step, command: CollectDiagnostics, context: None, result: AskResult) -> None:
    """The file is there, or there is nothing."""
    asked = step[UPLOAD_ASK].get(0)
    if asked is None or asked.ask_id != command.ask_id:
        return
    if isinstance(result, Failed) and result.reason is FailureReason.NOT_SUPPORTED and asked.ticket is not None:
        _drop(step)
        return
    _promise(step, asked)
    step.remove(UPLOAD_ASK, 0)
    if isinstance(result, Failed):
        _report(step, DiagnosticsStatus.UPLOADING)
        _end(step, DiagnosticsStatus.UPLOAD_FAILED, result.text)
    else:
        _upload(step)


def _upload(step: Step) -> None:
    """Begin a try."""
    job = step[UPLOAD_JOB][0]
    step.put(UPLOAD_JOB, 0, evolve(job, phase=UploadPhase.UPLOADING, next_at=None))
    _report(step, DiagnosticsStatus.UPLOADING)
    refusal = refusal_of(step, job.location)
    if refusal is not None:
        _end(step, DiagnosticsStatus.UPLOAD_FAILED, refusal)
        return
    number = asks.ask(
        step,
        lambda ask_id: Upload(ask_id, job.file_name, job.location),
        timeout_s=step.station.settings.transfer_timeout_s,
    )
    step.put(UPLOAD_ASK, 0, UploadAsk(number, step.now))


def uploaded(step: Step, command: Upload, context: None, result: AskResult) -> None:
    """A try has come to its end."""
    asked = step[UPLOAD_ASK].get(0)
    if asked is None or asked.ask_id != command.ask_id:
        return
    step.remove(UPLOAD_ASK, 0)
    if isinstance(result, Failed):
        _fail(step, result.text)
    else:
        _end(step, DiagnosticsStatus.UPLOADED)


def _fail(step: Step, reason: str) -> None:
    """A try has failed: there is another one, or that was the last."""
    job = step[UPLOAD_JOB][0]
    if job.retries_left == 0:
        _end(step, DiagnosticsStatus.UPLOAD_FAILED, reason)
        return
    _report(step, DiagnosticsStatus.UPLOAD_FAILED, reason)
    next_at = step.utc + timedelta(seconds=job.retry_interval_s)
    job = evolve(job, retries_left=job.retries_left - 1, phase=UploadPhase.WAITING, next_at=next_at)
    step.put(UPLOAD_JOB, 0, job)


def _end(step: Step, status: DiagnosticsStatus, reason: str = "") -> None:
    """The upload is over."""
    step.remove(UPLOAD_JOB, 0)
    _report(step, status, reason)


def _report(step: Step, status: DiagnosticsStatus, reason: str = "") -> None:
    """Tell everybody how far it is."""
    REPORTER.report(step, status.value)
    step.notice(DiagnosticsProgress(status.value, reason))


def go_on(step: Step) -> None:
    """Begin the next try when it is due; a try that a restart interrupted has failed (a rule)."""
    job = step[UPLOAD_JOB].get(0)
    if job is None or 0 in step[UPLOAD_ASK] or is_restarting(step):
        return
    if job.phase is UploadPhase.WAITING:
        if job.next_at is None or step.due(job.next_at):
            _upload(step)
    elif not job.is_promised:
        step.remove(UPLOAD_JOB, 0)
    elif job.phase is UploadPhase.COLLECTING:
        _end(step, DiagnosticsStatus.UPLOAD_FAILED, "interrupted by a restart")
    else:
        _fail(step, "interrupted by a restart")


def end_for_restart(step: Step) -> None:
    """An upload does not outlive a restart that was asked for: its end is told before (a rule)."""
    job = step[UPLOAD_JOB].get(0)
    if job is None or not is_restarting(step):
        return
    _drop(step)
    if job.is_promised:
        _report(step, DiagnosticsStatus.UPLOAD_FAILED, "the station restarts")


def progressed(step: Step, event: AskProgressed) -> None:
    """Show how far something with files has come, firmware too."""
    asked = step[ASKED].get(event.ask_id)
    work = None if asked is None else _WORKS.get(type(asked.command))
    if work is not None:
        step.notice(WorkProgress(work, event.done, event.total))


def trigger_status(step: Step, _: int) -> None:
    """Say how far an upload is because the central system asks for it: the last status, while there is an upload."""
    last = step.one(UPLOAD_REPORT).status
    status = DiagnosticsStatus.IDLE if last is None or 0 not in step[UPLOAD_JOB] else DiagnosticsStatus(last)
    calls.call(step, DiagnosticsStatusNotification(status=status), was_triggered=True)
