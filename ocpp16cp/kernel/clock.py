"""Time: monotonic seconds enter with every event, UTC is that plus an anchor.

The anchor is volatile: the station's own clock gives one at the start, the central system's `currentTime` a better one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ocpp16cp.events import StartCause
from ocpp16cp.lean import frozen

from .tables import durable_single, volatile_single

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Where a clock stands that was never set."""

END_OF_TIME = datetime(2200, 1, 1, tzinfo=UTC)
"""No clock is set beyond: deadlines and time stamps from there on stay within what a `datetime` holds."""


@frozen
class Anchor:
    """One instant in both times."""

    now: float = 0.0
    utc: datetime = EPOCH
    is_set: bool = False
    """Whether anybody has ever told the time in this run."""

    def utc_at(self, now: float) -> datetime:
        """The UTC time at a monotonic instant."""
        return self.utc + timedelta(seconds=now - self.now)

    def now_at(self, utc: datetime) -> float:
        """The monotonic instant of a UTC time."""
        return self.now + (utc - self.utc).total_seconds()


ANCHOR = volatile_single("clock.anchor", Anchor(), because="monotonic time begins anew with every run")


@frozen
class Beginning:
    """The start of the present run."""

    at: float = 0.0
    cause: StartCause = StartCause.POWER_UP


BEGINNING = volatile_single("clock.beginning", Beginning(), because="a new run has its own")


@frozen
class LastTime:
    """The newest time that was stored with anything."""

    utc: datetime = EPOCH


@frozen
class Guessed:
    """What was stamped by a clock that nobody has set since the start."""

    since: datetime | None = None
    """Where that clock began; `None`: there is no such stamp."""
    first: int = 1
    """No message of the outbox below this number has such a stamp."""


GUESSED = durable_single("clock.guessed", Guessed())

LAST_TIME = durable_single("clock.last_time", LastTime())
"""Where a station without a clock of its own goes on after a power cut, until somebody tells the time: time never runs
backwards behind what it has seen."""


def to_milliseconds(utc: datetime) -> datetime:
    """The same instant, cut to the milliseconds that are sent and stored."""
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def plausible(utc: datetime) -> datetime:
    """The same instant in UTC, or the nearest that a clock may be set to."""
    try:
        return min(max(utc.astimezone(UTC), EPOCH), END_OF_TIME)
    except OverflowError:
        # It does not exist in UTC: before the year 1, or after 9999.
        return EPOCH if utc.year < EPOCH.year else END_OF_TIME
