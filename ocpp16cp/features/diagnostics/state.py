"""The upload that is under way."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from ocpp16cp.kernel.reports import report_single
from ocpp16cp.kernel.tables import durable, volatile
from ocpp16cp.lean import frozen


class UploadPhase(StrEnum):
    """How far an upload is."""

    COLLECTING = "Collecting"
    UPLOADING = "Uploading"
    WAITING = "Waiting"
    """For the next try."""


@frozen
class UploadJob:
    """What was asked for, and how far it is."""

    location: str
    file_name: str
    retries_left: int
    retry_interval_s: int
    phase: UploadPhase = UploadPhase.COLLECTING
    is_promised: bool = False
    """The central system was told the name of the file: it waits for statuses."""
    next_at: datetime | None = None
    """When the next try is due."""


@frozen
class UploadAsk:
    """What the driver, or the transfer, is doing for the upload in this run."""

    ask_id: int
    at: float
    ticket: str | None = None
    """The CALL that waits to be told the name of the file."""


UPLOAD_JOB = durable("diagnostics.job", int, UploadJob)
"""At most one record, under 0."""
UPLOAD_ASK = volatile("diagnostics.ask", int, UploadAsk, because="a try that a power cut interrupts has failed")
"""At most one record, under 0."""
UPLOAD_REPORT = report_single("diagnostics.report")

TABLES = (UPLOAD_JOB, UPLOAD_ASK, UPLOAD_REPORT.table)
