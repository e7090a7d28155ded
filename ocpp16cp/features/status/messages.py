"""StatusNotification (§4.9)."""

from __future__ import annotations

from datetime import datetime

from ocpp16cp.lean import frozen
from ocpp16cp.wire.exchange import Exchange, Sender
from ocpp16cp.wire.types import (
    ChargePointErrorCode,
    ChargePointStatus,
    CiString50,
    CiString255,
)


@frozen(kw_only=True)
class StatusNotification:
    """Tells what a connector is doing, or what is wrong with it (§6.47)."""

    connector_id: int
    """0 is the charge point itself."""
    error_code: ChargePointErrorCode
    """With a status other than Faulted a warning: charging is still possible."""
    info: CiString50 | None = None
    status: ChargePointStatus
    timestamp: datetime | None = None
    """The time of receipt, if absent."""
    vendor_id: CiString255 | None = None
    vendor_error_code: CiString50 | None = None


@frozen(kw_only=True)
class StatusNotificationConf:
    """Taken note of (§6.48)."""


STATUS_NOTIFICATION = Exchange("StatusNotification", Sender.CHARGE_POINT, StatusNotification, StatusNotificationConf)
EXCHANGES = (STATUS_NOTIFICATION,)
