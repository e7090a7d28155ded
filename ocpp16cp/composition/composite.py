"""A composite schedule: what the profiles and the hardware allow over a window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ocpp16cp.errors import UsageError
from ocpp16cp.lean import frozen
from ocpp16cp.wire.types import ChargingRateUnitType, ChargingSchedule, ChargingSchedulePeriod

from .supply import NO_LIMIT


@frozen
class Period:
    """One step of a composite schedule; it lasts until the next one or the end of the window."""

    start: int
    """Seconds from the start of the window; 0 in the first period."""
    limit: Decimal | None
    """In the unit of the schedule, one decimal, rounded down; `None`: nothing limits."""
    phases: int | None
    """Over how many phases the limit counts, 1 to 3; `None` on DC."""


# Without slots: their frozen `__init__` takes 0.2 us longer, which is felt where a composition takes 4.
@frozen(slots=False)
class Composite:
    """What may be drawn in `start <= t < start + duration`, as columns; `periods` are the same as records.

    Neighbours differ in limit or phases. The columns have equal length, at least 1.
    """

    connector_id: int
    """0 is the charge point."""
    start: datetime
    """Aware; fractions of a second count for nothing."""
    duration: int
    """Length of the window in seconds."""
    unit: ChargingRateUnitType
    """Amperes per phase, or watts over all phases."""
    starts: tuple[int, ...]
    """Seconds from `start`, the first is 0, ascending."""
    tenths: tuple[int, ...]
    """Limits in tenths of the unit, rounded down; `NO_LIMIT` where nothing limits."""
    phases: tuple[int, ...] | None
    """Over how many phases each limit counts, 1 to 3; `None` on DC."""

    @property
    def periods(self) -> tuple[Period, ...]:
        """The steps in order of time."""
        phases = self.phases or (None,) * len(self.starts)
        return tuple(map(Period, self.starts, map(limit_of, self.tenths), phases))

    def instant(self, offset: int) -> datetime:
        """The instant so many seconds after the start of the window, in the time zone of `start`."""
        # Sums in a local zone would be of clock times, an hour off when clocks change in between.
        since = self.start.astimezone(UTC).replace(microsecond=0)
        return (since + timedelta(seconds=offset)).astimezone(self.start.tzinfo)

    def charging_schedule(self) -> ChargingSchedule:
        """The schedule as GetCompositeSchedule answers it: without startSchedule, which is `scheduleStart` there.

        Raises:
            UsageError: nothing limits some period, and OCPP has no word for that: the supply lacks hardware limits.
        """
        if NO_LIMIT in self.tenths:
            since = self.instant(self.starts[self.tenths.index(NO_LIMIT)])
            raise UsageError(
                f"connector {self.connector_id}: from {since.isoformat()} on no profile and no hardware limit"
                " gives a limit"
            )
        phases = self.phases or (None,) * len(self.starts)
        return ChargingSchedule(
            duration=self.duration,
            charging_rate_unit=self.unit,
            charging_schedule_period=tuple(
                ChargingSchedulePeriod(start_period=start, limit=Decimal(tenths).scaleb(-1), number_phases=number)
                for start, tenths, number in zip(self.starts, self.tenths, phases, strict=True)
            ),
        )


def limit_of(tenths: int) -> Decimal | None:
    """A limit from its tenths; `None` for `NO_LIMIT`."""
    return None if tenths >= NO_LIMIT else Decimal(tenths).scaleb(-1)
