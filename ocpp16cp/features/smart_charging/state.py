"""The charging profiles that are installed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from ocpp16cp.kernel.tables import durable, volatile
from ocpp16cp.lean import frozen
from ocpp16cp.wire.types import ChargingProfile


@frozen
class Installed:
    """A charging profile, in force or not."""

    connector_id: int
    """0 is the charge point."""
    profile: ChargingProfile
    received: datetime
    transaction: int | None = None
    """The number of the transaction that a TxProfile belongs to."""


@frozen
class Told:
    """What the application was told last that a connector offers."""

    limit_a: Decimal
    phases: int
    until: datetime | None


PROFILES = durable("smart_charging.profiles", int, Installed)
"""By chargingProfileId."""
TOLD = volatile("smart_charging.told", int, Told, because="transactions that go on are told anew")
"""By connector, while it may deliver energy."""

TABLES = (PROFILES, TOLD)
