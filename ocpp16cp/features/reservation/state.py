"""What is reserved, and what is kept because of that."""

from __future__ import annotations

from datetime import datetime

from ocpp16cp.kernel.tables import durable, volatile
from ocpp16cp.lean import frozen


@frozen
class Reservation:
    """What was granted to a card."""

    connector_id: int
    """0: any connector."""
    id_tag: str
    parent_id_tag: str | None
    """Every card of this group may use it."""
    expiry_date: datetime


@frozen
class Kept:
    """A connector that is needed for reservations of connector 0."""

    is_shown: bool
    """It is Reserved; else somebody plugged in before it was needed."""


RESERVATIONS = durable("reservation.reservations", int, Reservation)
"""By the central system's id. No more than twice as many as connectors: one of each, and of 0 as many as were free."""
KEPT = volatile("reservation.kept", int, Kept, because="it follows from the reservations and from what is plugged in")
"""By connector."""

TABLES = (RESERVATIONS, KEPT)
