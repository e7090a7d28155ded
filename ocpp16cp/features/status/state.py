"""What each connector is doing, and what the central system was told about it."""

from __future__ import annotations

from ocpp16cp.kernel.tables import volatile, volatile_single
from ocpp16cp.lean import frozen
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus


@frozen
class Facts:
    """What a StatusNotification tells."""

    status: ChargePointStatus
    error_code: ChargePointErrorCode = ChargePointErrorCode.NO_ERROR
    info: str | None = None
    vendor_id: str | None = None
    vendor_error_code: str | None = None


@frozen
class Status:
    """What a connector is doing now."""

    facts: Facts
    since_at: float
    """When the status became this, whatever became wrong or right since."""
    changed_at: float
    """When the facts became these. As a time stamp it is worked out when it is sent: by then the clock may be right."""

    @property
    def status(self) -> ChargePointStatus:
        """The status alone."""
        return self.facts.status


@frozen
class Report:
    """What the central system was told about a connector."""

    acceptance: int
    """The acceptance by the central system after which it was told."""
    said: Facts | None = None
    """What was sent last, or waits to be sent."""
    confirmed: Facts | None = None
    """What it has answered to."""
    said_before: Facts | None = None
    """What was said before that."""


@frozen
class Lights:
    """What the driver was told about the lights; `None`: nothing so far."""

    intensity_percent: int | None = None
    blink_repeat: int | None = None


STATUSES = volatile("status.statuses", int, Status, because="it is derived anew after a start")
"""By connector, 0 included."""
REPORTS = volatile("status.reports", int, Report, because="after a start everything is reported anew")
"""By connector, 0 included."""
LIGHTS = volatile_single("status.lights", Lights(), because="levels are said again after a start")
