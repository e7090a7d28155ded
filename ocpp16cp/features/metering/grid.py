"""The grid of the clock on which clock-aligned samples lie, and which of its points have had theirs.

The clock may be set in both directions, by seconds or by years: no point gets a second sample, whatever happens. What
is remembered for that is a few stretches of time, which grow together as the points between them have their samples.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from .state import Span

MAX_SPANS = 8
"""Stretches that are remembered: each large step of the clock, each gap in which there was no power begins another.
Beyond, the two nearest become one; points between them will have no sample should the clock be set back to there."""

_DAY = timedelta(days=1)


def lateness_s(interval_s: int) -> float:
    """How long after its point a sample may still be taken for it; later, nobody knows what the meter showed then.

    A tenth of the interval, so that the value is about that of the instant; on short intervals 2 seconds, the size of
    usual corrections of the clock, but never so long that two points could be due at once.
    """
    return min(interval_s / 2, max(2.0, interval_s / 10))


def next_point(after: datetime, interval_s: int, spans: tuple[Span, ...]) -> datetime:
    """The first point after an instant that has had no sample."""
    point = _point_after(after, interval_s)
    for span in spans:
        if span.first <= point <= span.last:
            point = _point_after(span.last, interval_s)
    return point


def _point_after(utc: datetime, interval_s: int) -> datetime:
    """The first point of the grid after an instant; it begins anew at every midnight."""
    midnight = utc.replace(hour=0, minute=0, second=0, microsecond=0)
    interval = timedelta(seconds=interval_s)
    return min(midnight + ((utc - midnight) // interval + 1) * interval, midnight + _DAY)


def with_point(spans: tuple[Span, ...], point: datetime, interval_s: int) -> tuple[Span, ...]:
    """The stretches when a point has had its sample."""
    gap = timedelta(seconds=interval_s)
    joined = list(_joined(sorted((*spans, Span(point, point)), key=lambda span: span.first), gap))
    while len(joined) > MAX_SPANS:
        gap = min(later.first - earlier.last for earlier, later in pairwise(joined))
        joined = list(_joined(joined, gap))
    return tuple(joined)


def _joined(spans: list[Span], gap: timedelta) -> Iterator[Span]:
    """The stretches in their order, those that are no farther apart than a gap made one."""
    current = spans[0]
    for span in spans[1:]:
        if span.first - current.last <= gap:
            current = Span(current.first, span.last)
        else:
            yield current
            current = span
    yield current
