"""Where registration and heartbeat stand."""

from __future__ import annotations

from ocpp16cp.kernel.tables import durable_single, volatile_single
from ocpp16cp.lean import frozen
from ocpp16cp.wire.types import RegistrationStatus


@frozen
class Registration:
    """What the central system thinks of this station in this run."""

    status: RegistrationStatus | None = None
    """Its last answer; `None`: none so far."""
    next_at: float | None = None
    """Not before this instant a BootNotification is sent; `None`: at once."""
    is_asking: bool = False
    """A BootNotification is on its way."""
    acceptances: int = 0
    """How often it said Accepted: each time it is told every status anew."""


@frozen
class Beat:
    """The last heartbeat, or the acceptance that began them."""

    at: float = 0.0


@frozen
class Acquaintance:
    """The central system that has accepted this station once."""

    url: str = ""
    identity: str = ""


REGISTRATION = volatile_single("boot.registration", Registration(), because="every run begins with a BootNotification")
BEAT = volatile_single("boot.beat", Beat(), because="heartbeats begin with the acceptance")
ACQUAINTANCE = durable_single("boot.acquaintance", Acquaintance())
