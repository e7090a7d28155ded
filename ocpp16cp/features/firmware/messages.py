"""Firmware updates, plain (§4.5, §5.19) and signed (security whitepaper)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from ocpp16cp.lean import frozen
from ocpp16cp.wire.exchange import Exchange, Sender
from ocpp16cp.wire.types import String512, String800, String5500, Uri


@frozen(kw_only=True)
class UpdateFirmware:
    """Asks to fetch and install firmware (§6.55)."""

    location: Uri
    retries: int | None = None
    retrieve_date: datetime
    """Not to be fetched before."""
    retry_interval: int | None = None
    """Seconds."""


@frozen(kw_only=True)
class UpdateFirmwareConf:
    """Taken note of (§6.56)."""


class FirmwareStatus(StrEnum):
    """How far a firmware update is (§7.25)."""

    DOWNLOADED = "Downloaded"
    DOWNLOAD_FAILED = "DownloadFailed"
    DOWNLOADING = "Downloading"
    IDLE = "Idle"
    """Only when asked for by a trigger while nothing is going on."""
    INSTALLATION_FAILED = "InstallationFailed"
    INSTALLING = "Installing"
    INSTALLED = "Installed"


@frozen(kw_only=True)
class FirmwareStatusNotification:
    """Tells how far a firmware update is (§6.19)."""

    status: FirmwareStatus


@frozen(kw_only=True)
class FirmwareStatusNotificationConf:
    """Taken note of (§6.20)."""


@frozen(kw_only=True)
class Firmware:
    """A signed firmware image: where it is, and how to check it."""

    location: String512
    retrieve_date_time: datetime
    """Not to be fetched before."""
    install_date_time: datetime | None = None
    """Not to be installed before."""
    signing_certificate: String5500
    """PEM."""
    signature: String800
    """Base64."""


@frozen(kw_only=True)
class SignedUpdateFirmware:
    """Asks to fetch, check and install signed firmware."""

    retries: int | None = None
    retry_interval: int | None = None
    """Seconds."""
    request_id: int
    """Repeated in every status of this update."""
    firmware: Firmware


class UpdateFirmwareStatus(StrEnum):
    """Whether a signed update will be carried out."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    ACCEPTED_CANCELED = "AcceptedCanceled"
    """Accepted, and an update under way was given up for it."""
    INVALID_CERTIFICATE = "InvalidCertificate"
    REVOKED_CERTIFICATE = "RevokedCertificate"


@frozen(kw_only=True)
class SignedUpdateFirmwareConf:
    """Whether the update will be carried out."""

    status: UpdateFirmwareStatus


class SignedFirmwareStatus(StrEnum):
    """How far a signed firmware update is."""

    DOWNLOADED = "Downloaded"
    DOWNLOAD_FAILED = "DownloadFailed"
    DOWNLOADING = "Downloading"
    DOWNLOAD_SCHEDULED = "DownloadScheduled"
    DOWNLOAD_PAUSED = "DownloadPaused"
    IDLE = "Idle"
    """Only when asked for by a trigger while nothing is going on."""
    INSTALLATION_FAILED = "InstallationFailed"
    INSTALLING = "Installing"
    INSTALLED = "Installed"
    INSTALL_REBOOTING = "InstallRebooting"
    INSTALL_SCHEDULED = "InstallScheduled"
    INSTALL_VERIFICATION_FAILED = "InstallVerificationFailed"
    INVALID_SIGNATURE = "InvalidSignature"
    SIGNATURE_VERIFIED = "SignatureVerified"


@frozen(kw_only=True)
class SignedFirmwareStatusNotification:
    """Tells how far a signed firmware update is."""

    status: SignedFirmwareStatus
    request_id: int | None = None
    """That of the update; absent only with Idle."""


@frozen(kw_only=True)
class SignedFirmwareStatusNotificationConf:
    """Taken note of."""


UPDATE_FIRMWARE = Exchange("UpdateFirmware", Sender.CENTRAL_SYSTEM, UpdateFirmware, UpdateFirmwareConf)
FIRMWARE_STATUS_NOTIFICATION = Exchange(
    "FirmwareStatusNotification",
    Sender.CHARGE_POINT,
    FirmwareStatusNotification,
    FirmwareStatusNotificationConf,
)
SIGNED_UPDATE_FIRMWARE = Exchange(
    "SignedUpdateFirmware", Sender.CENTRAL_SYSTEM, SignedUpdateFirmware, SignedUpdateFirmwareConf
)
SIGNED_FIRMWARE_STATUS_NOTIFICATION = Exchange(
    "SignedFirmwareStatusNotification",
    Sender.CHARGE_POINT,
    SignedFirmwareStatusNotification,
    SignedFirmwareStatusNotificationConf,
)
EXCHANGES = (
    UPDATE_FIRMWARE,
    FIRMWARE_STATUS_NOTIFICATION,
    SIGNED_UPDATE_FIRMWARE,
    SIGNED_FIRMWARE_STATUS_NOTIFICATION,
)
