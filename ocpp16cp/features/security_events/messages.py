"""SecurityEventNotification (security whitepaper)."""

from __future__ import annotations

from datetime import datetime

from ocpp16cp.lean import frozen
from ocpp16cp.wire.exchange import Exchange, Sender
from ocpp16cp.wire.types import String50, String255


@frozen(kw_only=True)
class SecurityEventNotification:
    """Tells of something that concerns the security of the charge point."""

    type: String50
    """A name from the whitepaper's list, or a vendor's own."""
    timestamp: datetime
    """When it happened, however late this is sent."""
    tech_info: String255 | None = None


@frozen(kw_only=True)
class SecurityEventNotificationConf:
    """Taken note of."""


SECURITY_EVENT_NOTIFICATION = Exchange(
    "SecurityEventNotification",
    Sender.CHARGE_POINT,
    SecurityEventNotification,
    SecurityEventNotificationConf,
)
EXCHANGES = (SECURITY_EVENT_NOTIFICATION,)
