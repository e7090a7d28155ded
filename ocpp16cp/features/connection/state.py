"""What is known about the connection besides that it is up."""

from __future__ import annotations

from enum import Enum

from ocpp16cp.kernel.tables import volatile_single
from ocpp16cp.lean import frozen


class Phase(Enum):
    """Where the connection is in its life."""

    DOWN = "down"
    OPENING = "opening"
    UP = "up"
    CLOSING = "closing"
    """Closed by us; the transport has not yet reported its end."""


@frozen
class Connecting:
    """The connection's life so far."""

    phase: Phase = Phase.DOWN
    endpoint: int = 0
    """The one in use, or the next to be tried, as its place among the ways."""
    tried: int = 0
    """How many endpoints in a row led to nothing since the last wait."""
    preferred_at: float | None = None
    """When the first endpoint is to be tried again; `None`: it is in use, or only when all others have failed."""
    vain_returns: int = 0
    """How often in a row it was tried again and led to nothing."""
    is_returning: bool = False
    """The connection was closed to try the first endpoint."""
    failures: int = 0
    """Rounds of all endpoints in a row that led to nothing, or not for long."""
    retry_at: float | None = None
    """When to try again while down; `None`: at once."""
    up_at: float | None = None
    """When the connection of the last `Open` came up; `None`: it did not."""
    pinged_at: float = 0.0
    """When the last ping was sent, or the connection came up."""
    awaits_pong: bool = False
    is_ending: bool = False
    """The run is to end: no new connection."""


CONNECTING = volatile_single("connection.connecting", Connecting(), because="a new run connects anew, at once")
