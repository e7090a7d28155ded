"""ReserveNow (§5.13) and CancelReservation (§5.1)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from ocpp16cp.lean import frozen
from ocpp16cp.wire.exchange import Exchange, Sender
from ocpp16cp.wire.types import IdToken


@frozen(kw_only=True)
class ReserveNow:
    """Asks to keep a connector for an idTag (§6.37)."""

    connector_id: int
    """0: any connector."""
    expiry_date: datetime
    id_tag: IdToken
    parent_id_tag: IdToken | None = None
    reservation_id: int
    """Any number; one already in use replaces that reservation."""


class ReservationStatus(StrEnum):
    """What became of a request to reserve (§7.40)."""

    ACCEPTED = "Accepted"
    FAULTED = "Faulted"
    OCCUPIED = "Occupied"
    REJECTED = "Rejected"
    UNAVAILABLE = "Unavailable"


@frozen(kw_only=True)
class ReserveNowConf:
    """Whether the connector is reserved, or why not (§6.38)."""

    status: ReservationStatus


@frozen(kw_only=True)
class CancelReservation:
    """Asks to give up a reservation (§6.5)."""

    reservation_id: int


class CancelReservationStatus(StrEnum):
    """Whether there was such a reservation (§7.5)."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"


@frozen(kw_only=True)
class CancelReservationConf:
    """Whether there was such a reservation (§6.6)."""

    status: CancelReservationStatus


RESERVE_NOW = Exchange("ReserveNow", Sender.CENTRAL_SYSTEM, ReserveNow, ReserveNowConf)
CANCEL_RESERVATION = Exchange("CancelReservation", Sender.CENTRAL_SYSTEM, CancelReservation, CancelReservationConf)
EXCHANGES = (RESERVE_NOW, CANCEL_RESERVATION)
