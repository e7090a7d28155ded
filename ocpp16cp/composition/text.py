"""A composite schedule for the terminal: a chart of blocks, and a table."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from decimal import Decimal

from ocpp16cp.wire.types import ChargingRateUnitType

from .composite import Composite
from .explain import ExplainedPeriod
from .supply import CHARGE_POINT, NO_LIMIT

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_FULL = len(_EIGHTHS) - 1
_MARK_WIDTH = 8
"""Columns from one clock time to the next beneath the chart, at least: "╵10:05" and some air."""
_ROUND_S = (10, 60, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200, 86_400)
"""Steps between the clock times beneath the chart."""


def heading(composite: Composite) -> str:
    """What a schedule is of, in one line."""
    place = "Charge point" if composite.connector_id == CHARGE_POINT else f"Connector {composite.connector_id}"
    start, end = composite.instant(0), composite.instant(composite.duration)
    return f"{place}, {start:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S %Z}, limit in {unit_name(composite)}"


def unit_name(composite: Composite) -> str:
    """The unit of the limits, in words."""
    if composite.unit is ChargingRateUnitType.W:
        return "W"
    return "A" if composite.phases is None else "A per phase"


def chart(composite: Composite, *, width: int = 72, height: int = 8) -> str:
    """Draw a schedule with block characters, the axis of limits at the left, clock times beneath.

    A column shows the lowest limit of its stretch of time, as a short low limit matters more than a short high one.

    Args:
        composite: What to draw.
        width: Characters per line, at least 24.
        height: Lines of the chart, at least 2.
    """
    limits = [tenths for tenths in composite.tenths if tenths < NO_LIMIT]
    top = max([*limits, 1])
    labels = [_limit(Decimal(top * line) / (10 * height)) for line in range(height, -1, -1)]
    margin = max(map(len, labels)) + 2
    columns = max(width, 24) - margin
    heights = [
        _FULL * height if lowest >= NO_LIMIT else -(-lowest * _FULL * height // top)
        for lowest in _lowest_by_column(composite, columns)
    ]
    lines = []
    for line in range(height):
        below = (height - 1 - line) * _FULL
        blocks = "".join(_EIGHTHS[min(max(each - below, 0), _FULL)] for each in heights)
        lines.append(f"{labels[line]:>{margin - 2}} ┤{blocks}".rstrip())
    lines.append(f"{labels[height]:>{margin - 2}} └{'─' * columns}")
    lines.append(" " * (margin - 1) + _clock_times(composite, columns))
    return "\n".join(lines)


def table(composite: Composite, explained: Sequence[ExplainedPeriod] = ()) -> str:
    """List the periods, and what set each if they come explained."""
    rows = [("from", "until", "limit", "phases", "set by" if explained else "")]
    ends = [*composite.starts[1:], composite.duration]
    for index, (period, end) in enumerate(zip(composite.periods, ends, strict=True)):
        reasons = explained[index].reasons if explained else ()
        limit = "none" if period.limit is None else f"{period.limit} {composite.unit}"
        rows.append(
            (
                f"{composite.instant(period.start):%m-%d %H:%M:%S}",
                f"{composite.instant(end):%m-%d %H:%M:%S}",
                limit,
                "-" if period.phases is None else str(period.phases),
                ", then ".join(" + ".join(map(str, reason.sources)) for reason in reasons),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:>{widths[3]}}  {row[4]}".rstrip()
        for row in rows
    )


def _lowest_by_column(composite: Composite, columns: int) -> list[int]:
    """The lowest limit of each of so many equal stretches of the window."""
    lowest = []
    for column in range(columns):
        start = composite.duration * column // columns
        # A stretch is at least one second, the smallest there is.
        stop = max(composite.duration * (column + 1) // columns, start + 1)
        first = bisect_right(composite.starts, start) - 1
        last = bisect_right(composite.starts, stop - 1)
        lowest.append(min(composite.tenths[first:last]))
    return lowest


def _clock_times(composite: Composite, columns: int) -> str:
    """The line beneath a chart: round clock times where they fall."""
    room = -(-composite.duration * _MARK_WIDTH // columns)
    step = next((step for step in _ROUND_S if step >= room), _ROUND_S[-1])
    since_midnight = composite.instant(0)
    offset = -(since_midnight.hour * 3600 + since_midnight.minute * 60 + since_midnight.second) % step
    line = ""
    while offset < composite.duration:
        column = offset * columns // composite.duration
        if column >= len(line) and column <= columns - _MARK_WIDTH:
            line = f"{line:<{column}}{composite.instant(offset):╵%H:%M}"
        offset += step
    return line


def _limit(limit: Decimal) -> str:
    return f"{limit:.1f}" if 0 < limit < 1000 else f"{limit:.0f}"
