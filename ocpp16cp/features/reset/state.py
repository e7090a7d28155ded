"""A restart on its way."""

from __future__ import annotations

from ocpp16cp.kernel.tables import durable_single, volatile_single
from ocpp16cp.lean import frozen
from ocpp16cp.outcome import Restart


@frozen
class Resetting:
    """A restart that was accepted, up to its end or its failure."""

    restart: Restart | None = None
    """`None`: none was."""
    since_at: float = 0.0
    """When it was accepted, or became a more thorough one."""
    leaving_at: float | None = None
    """When leave was taken of the central system; `None`: not so far."""
    ask_id: int | None = None
    """Of the question to the driver under way, or of the one that it has answered with a yes."""
    failures: int = 0
    """How often the driver has said no."""
    retry_at: float | None = None
    """Not before this instant it is asked again."""


@frozen
class Commanded:
    """The last restart that the driver was asked for, unless it came to nothing."""

    restart: Restart | None = None
    run: int = 0
    """The run of the station in which it was asked."""


RESETTING = volatile_single("reset.resetting", Resetting(), because="a station that starts anew needs no restart")
COMMANDED = durable_single("reset.commanded", Commanded())
"""Tells the next run why it began, where the driver cannot."""

TABLES = (RESETTING.table, COMMANDED.table)
