"""ChangeAvailability (§5.2)."""

from __future__ import annotations

from enum import StrEnum

from ocpp16cp.lean import frozen
from ocpp16cp.wire.exchange import Exchange, Sender


class AvailabilityType(StrEnum):
    """Whether a connector is to be used (§7.4)."""

    INOPERATIVE = "Inoperative"
    OPERATIVE = "Operative"


@frozen(kw_only=True)
class ChangeAvailability:
    """Takes a connector or the charge point in or out of service (§6.7)."""

    connector_id: int
    """0 is the charge point with all its connectors."""
    type: AvailabilityType


class AvailabilityStatus(StrEnum):
    """What became of a change of availability (§7.3)."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    SCHEDULED = "Scheduled"


@frozen(kw_only=True)
class ChangeAvailabilityConf:
    """Whether the change is done, refused, or waits for a transaction to end (§6.8)."""

    status: AvailabilityStatus


CHANGE_AVAILABILITY = Exchange("ChangeAvailability", Sender.CENTRAL_SYSTEM, ChangeAvailability, ChangeAvailabilityConf)
EXCHANGES = (CHANGE_AVAILABILITY,)
