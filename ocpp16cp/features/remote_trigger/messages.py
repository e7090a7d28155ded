"""TriggerMessage (§5.17) and ExtendedTriggerMessage (security whitepaper)."""

from __future__ import annotations

from enum import StrEnum

from ocpp16cp.lean import frozen
from ocpp16cp.wire.exchange import Exchange, Sender


class MessageTrigger(StrEnum):
    """A message that can be asked for (§7.32)."""

    BOOT_NOTIFICATION = "BootNotification"
    DIAGNOSTICS_STATUS_NOTIFICATION = "DiagnosticsStatusNotification"
    FIRMWARE_STATUS_NOTIFICATION = "FirmwareStatusNotification"
    HEARTBEAT = "Heartbeat"
    METER_VALUES = "MeterValues"
    STATUS_NOTIFICATION = "StatusNotification"


class TriggerMessageStatus(StrEnum):
    """Whether the message will come (§7.44)."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    NOT_IMPLEMENTED = "NotImplemented"


@frozen(kw_only=True)
class TriggerMessage:
    """Asks for a message (§6.51)."""

    requested_message: MessageTrigger | str
    """Plain text if it is none that 1.6 knows: the answer to that is a status, no CALLERROR."""
    connector_id: int | None = None


@frozen(kw_only=True)
class TriggerMessageConf:
    """Whether the message will come; sent before it (§6.52)."""

    status: TriggerMessageStatus


class ExtendedMessageTrigger(StrEnum):
    """A message that can be asked for where the security whitepaper is supported."""

    BOOT_NOTIFICATION = "BootNotification"
    LOG_STATUS_NOTIFICATION = "LogStatusNotification"
    FIRMWARE_STATUS_NOTIFICATION = "FirmwareStatusNotification"
    """Means SignedFirmwareStatusNotification."""
    HEARTBEAT = "Heartbeat"
    METER_VALUES = "MeterValues"
    SIGN_CHARGE_POINT_CERTIFICATE = "SignChargePointCertificate"
    STATUS_NOTIFICATION = "StatusNotification"


@frozen(kw_only=True)
class ExtendedTriggerMessage:
    """Asks for a message of the larger set."""

    requested_message: ExtendedMessageTrigger | str
    """Plain text if it is none that the whitepaper knows, as in `TriggerMessage`."""
    connector_id: int | None = None


@frozen(kw_only=True)
class ExtendedTriggerMessageConf:
    """Whether the message will come; sent before it."""

    status: TriggerMessageStatus


TRIGGER_MESSAGE = Exchange("TriggerMessage", Sender.CENTRAL_SYSTEM, TriggerMessage, TriggerMessageConf)
EXTENDED_TRIGGER_MESSAGE = Exchange(
    "ExtendedTriggerMessage",
    Sender.CENTRAL_SYSTEM,
    ExtendedTriggerMessage,
    ExtendedTriggerMessageConf,
)
EXCHANGES = (TRIGGER_MESSAGE, EXTENDED_TRIGGER_MESSAGE)
