"""Diagnostics (§4.4, §5.9) and logs (security whitepaper)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from ocpp16cp.lean import frozen
from ocpp16cp.wire.exchange import Exchange, Sender
from ocpp16cp.wire.types import CiString255, String255, String512, Uri


@frozen(kw_only=True)
class GetDiagnostics:
    """Asks to upload a file with diagnostics (§6.25)."""

    location: Uri
    """The directory to upload to."""
    retries: int | None = None
    """How often to try again after the first failure."""
    retry_interval: int | None = None
    """Seconds."""
    start_time: datetime | None = None
    stop_time: datetime | None = None


@frozen(kw_only=True)
class GetDiagnosticsConf:
    """The name of the file that will be uploaded (§6.26)."""

    file_name: CiString255 | None = None
    """Absent if there is nothing to upload."""


class DiagnosticsStatus(StrEnum):
    """How far an upload of diagnostics is (§7.24)."""

    IDLE = "Idle"
    """Only when asked for by a trigger while nothing is going on."""
    UPLOADED = "Uploaded"
    UPLOAD_FAILED = "UploadFailed"
    UPLOADING = "Uploading"


@frozen(kw_only=True)
class DiagnosticsStatusNotification:
    """Tells how far an upload of diagnostics is (§6.17)."""

    status: DiagnosticsStatus


@frozen(kw_only=True)
class DiagnosticsStatusNotificationConf:
    """Taken note of (§6.18)."""


@frozen(kw_only=True)
class LogParameters:
    """Which part of a log goes where."""

    remote_location: String512
    oldest_timestamp: datetime | None = None
    latest_timestamp: datetime | None = None


class LogType(StrEnum):
    """Which log is asked for."""

    DIAGNOSTICS_LOG = "DiagnosticsLog"
    SECURITY_LOG = "SecurityLog"


@frozen(kw_only=True)
class GetLog:
    """Asks to upload a log."""

    log: LogParameters
    log_type: LogType
    request_id: int
    """Repeated in every status of this upload."""
    retries: int | None = None
    retry_interval: int | None = None
    """Seconds."""


class LogStatus(StrEnum):
    """Whether a log will be uploaded."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    ACCEPTED_CANCELED = "AcceptedCanceled"
    """Accepted, and an upload under way was given up for it."""


@frozen(kw_only=True)
class GetLogConf:
    """Whether a log will be uploaded, and under which name."""

    status: LogStatus
    filename: String255 | None = None
    """Absent if there is nothing to upload."""


class UploadLogStatus(StrEnum):
    """How far the upload of a log is."""

    BAD_MESSAGE = "BadMessage"
    IDLE = "Idle"
    """Only when asked for by a trigger while nothing is going on."""
    NOT_SUPPORTED_OPERATION = "NotSupportedOperation"
    PERMISSION_DENIED = "PermissionDenied"
    UPLOADED = "Uploaded"
    UPLOAD_FAILURE = "UploadFailure"
    UPLOADING = "Uploading"


@frozen(kw_only=True)
class LogStatusNotification:
    """Tells how far the upload of a log is."""

    status: UploadLogStatus
    request_id: int | None = None
    """That of the upload; absent only with Idle."""


@frozen(kw_only=True)
class LogStatusNotificationConf:
    """Taken note of."""


GET_DIAGNOSTICS = Exchange("GetDiagnostics", Sender.CENTRAL_SYSTEM, GetDiagnostics, GetDiagnosticsConf)
DIAGNOSTICS_STATUS_NOTIFICATION = Exchange(
    "DiagnosticsStatusNotification",
    Sender.CHARGE_POINT,
    DiagnosticsStatusNotification,
    DiagnosticsStatusNotificationConf,
)
GET_LOG = Exchange("GetLog", Sender.CENTRAL_SYSTEM, GetLog, GetLogConf)
LOG_STATUS_NOTIFICATION = Exchange(
    "LogStatusNotification", Sender.CHARGE_POINT, LogStatusNotification, LogStatusNotificationConf
)
EXCHANGES = (GET_DIAGNOSTICS, DIAGNOSTICS_STATUS_NOTIFICATION, GET_LOG, LOG_STATUS_NOTIFICATION)
