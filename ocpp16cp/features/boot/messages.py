"""BootNotification (§4.2) and Heartbeat (§4.6)."""

from __future__ import annotations

from datetime import datetime

from ocpp16cp.lean import frozen
from ocpp16cp.wire.exchange import Exchange, Sender
from ocpp16cp.wire.types import CiString20, CiString25, CiString50, RegistrationStatus


@frozen(kw_only=True)
class BootNotification:
    """Asks to be registered, and says what the charge point is (§6.3)."""

    charge_point_vendor: CiString20
    charge_point_model: CiString20
    charge_point_serial_number: CiString25 | None = None
    charge_box_serial_number: CiString25 | None = None
    """Deprecated."""
    firmware_version: CiString50 | None = None
    iccid: CiString20 | None = None
    """Of the modem's SIM card."""
    imsi: CiString20 | None = None
    """Of the modem's SIM card."""
    meter_type: CiString25 | None = None
    meter_serial_number: CiString25 | None = None


@frozen(kw_only=True)
class BootNotificationConf:
    """Whether the charge point may work, and the time (§6.4)."""

    status: RegistrationStatus
    current_time: datetime
    interval: int
    """Seconds: between heartbeats if Accepted, else until the next BootNotification."""


@frozen(kw_only=True)
class Heartbeat:
    """Says that the charge point is alive, and asks for the time (§6.29)."""


@frozen(kw_only=True)
class HeartbeatConf:
    """The central system's time (§6.30)."""

    current_time: datetime


BOOT_NOTIFICATION = Exchange("BootNotification", Sender.CHARGE_POINT, BootNotification, BootNotificationConf)
HEARTBEAT = Exchange("Heartbeat", Sender.CHARGE_POINT, Heartbeat, HeartbeatConf)
EXCHANGES = (BOOT_NOTIFICATION, HEARTBEAT)
