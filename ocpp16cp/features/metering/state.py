"""What the meters show, and what was made of it."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from ocpp16cp.events import Reading
from ocpp16cp.kernel.tables import durable, durable_single, volatile, volatile_single
from ocpp16cp.lean import frozen
from ocpp16cp.wire.types import Measurand, Phase, ReadingContext

Counts: TypeAlias = tuple[int | None, ...]
"""The registers of a meter: active import, active export, reactive import, reactive export; first those of all lines
together, then those of L1, L2, L3 as far as it tells them apart. `None`: it has no such register."""


@frozen
class Meter:
    """The last reading of a meter in this run."""

    reading: Reading
    counts: Counts
    """The highest that its registers have shown."""
    stored_at: float
    """When these were last put where a power cut does not reach them."""


@frozen
class Register:
    """What is known of a meter after a power cut."""

    counts: Counts
    utc: datetime
    """When it showed that, not before anything that was told of a transaction."""


@frozen
class Mark:
    """Where the registers stood at the last sample of a kind: from there the next interval counts."""

    counts: Counts


@frozen
class Sampling:
    """The samples of a running transaction."""

    number: int
    """Of the transaction."""
    last_at: float
    """When the last sample was due, or the transaction began."""
    told: datetime
    """The newest time stamp of the transaction: the next one does not lie before it, wherever the clock is set."""


@frozen
class Watch:
    """The grid of clock-aligned samples that is being watched; 0: none."""

    interval_s: int = 0
    since_at: float = 0.0
    """Points before this instant were not waited for."""


@frozen
class Span:
    """A stretch of the clock's time whose points on the grid have had their samples."""

    first: datetime
    last: datetime


@frozen
class Covered:
    """All such stretches in order; more than one where the clock was set."""

    spans: tuple[Span, ...] = ()


@frozen
class Collection:
    """What is kept of a running transaction until it ends, besides the samples themselves."""

    number: int
    """Of the transaction."""
    begin: Counts
    """The registers at its start."""
    samples: int = 0
    """How many there were so far, of both kinds."""
    periodic: int = 0
    clock: int = 0
    stride: int = 1
    """Of each kind one sample in so many is kept: 1, 2, 4 and so on, as there have been more."""
    characters: int = 0
    """What is kept takes so many in a message."""


@frozen
class Measured:
    """One value, without what is told of all values of its measurand."""

    measurand: Measurand
    phase: Phase | None
    text: str


@frozen
class Kept:
    """A sample for the end of its transaction. Intervals stand there as registers: what lies between may be dropped."""

    context: ReadingContext
    utc: datetime
    order: int
    """Among all samples of the transaction."""
    characters: int
    values: tuple[Measured, ...]


METERS = volatile("metering.meters", int, Meter, because="the driver reads the meters anew after a start")
"""By connector, 0 for the main meter."""
REGISTERS = durable("metering.registers", int, Register, has_stamps=True)
"""By connector, 0 for the main meter."""
MARKS = durable("metering.marks", str, Mark)
"""By connector and context."""
SAMPLINGS = volatile(
    "metering.samplings",
    int,
    Sampling,
    because="a power cut ends the transaction, or it begins anew",
    has_stamps=True,
)
"""By connector."""
WATCH = volatile_single("metering.watch", Watch(), because="while the power is off there are no samples")
COVERED = durable_single("metering.covered", Covered())
COLLECTIONS = durable("metering.collections", int, Collection)
"""By connector."""
KEPT = durable("metering.kept", str, Kept, has_stamps=True)
"""By transaction, context and number; each is written once, and removed with its transaction or to make room."""

TABLES = (
    METERS,
    REGISTERS,
    MARKS,
    SAMPLINGS,
    WATCH.table,
    COVERED.table,
    COLLECTIONS,
    KEPT,
)
