"""Step functions of whole numbers: laying a stack of profiles over a window, capping, the lower of two, the sum.

A step function is two lists of equal length: ascending starts, the first of them the start of the window, and the
value that holds from each start to the next. This is where the time of a composition goes; hence local names, no
calls inside loops, and two loops that are nearly alike.
"""

# ruff: noqa: FURB136 - `min` and `max` are calls, each 40 ns in loops whose whole turn takes 70.

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TypeAlias

from .layer import FOREVER, Layer
from .supply import NO_LIMIT

Steps: TypeAlias = tuple[list[int], list[int]]
"""Starts, in seconds from the start of the window, and values."""

FAR = 1 << 62
"""After any instant."""


class Stack:
    """Layers from the highest priority down: the first, spread out for `lay` to read, and the stack below it.

    Without attrs, so that `mypyc` makes it a native class: what `lay` reads is then a field of a C struct.
    """

    __slots__ = ("below", "columns", "first", "high", "layer", "length", "low", "offsets", "period", "spacing")

    def __init__(self, layer: Layer, below: Stack | None) -> None:
        self.layer = layer
        self.below = below
        self.first: int = layer.first
        self.low: int = layer.low
        self.high: int = layer.high
        # A short number if there is no period: it is looked at in every turn.
        self.period: int = 0 if layer.period == FOREVER else layer.period
        self.length: int = layer.length
        self.offsets: tuple[int, ...] = layer.offsets
        self.spacing: int = layer.spacing
        self.columns: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]] = layer.columns


def stacked(layers: Sequence[Layer]) -> Stack | None:
    """Link layers, highest priority first; `None` if there are none."""
    stack: Stack | None = None
    for layer in reversed(layers):
        stack = Stack(layer, stack)
    return stack


def unstacked(stack: Stack | None) -> list[Layer]:
    """The layers of a stack, highest priority first."""
    layers: list[Layer] = []
    while stack is not None:
        layers.append(stack.layer)
        stack = stack.below
    return layers


def laid(stack: Stack | None, start: int, end: int, column: int) -> Steps:
    """What a stack gives over the window `start <= t < end`, `NO_LIMIT` where nothing; see `lay`."""
    starts: list[int] = []
    values: list[int] = []
    lay(stack, start, end, start, column, starts, values)
    return starts, values


def lay(  # noqa: C901, PLR0912, PLR0917 - one function of positional arguments: a call per stretch is felt
    stack: Stack | None, start: int, end: int, origin: int, column: int, starts: list[int], values: list[int]
) -> None:
    """Append what a stack, none of its layers floating, gives in `start <= t < end`: seconds since `EPOCH`.

    The highest layer takes the stretches in which it has a limit; what lies before each is left to the layers
    below, by recursion (at most as deep as the stack), what lies after the last by the loop. `origin` is the start
    of the window, `column` one of `Layer.columns`.
    """
    while stack is not None:
        top, stack = stack, stack.below
        low = top.low if top.low > start else start
        high = top.high if top.high < end else end
        if low >= high:
            continue
        cycle, period = top.first, top.period
        # What does not recur has its length in `high` already.
        stop = high
        if period:
            # The cycle that `low` falls into or, if its schedule is over by then, the next one.
            cycle = low - (low - cycle) % period
            stop = cycle + top.length
            if stop <= low:
                low = cycle = cycle + period
                if cycle >= high:
                    continue
                stop = cycle + top.length
        offsets, spacing, limits = top.offsets, top.spacing, top.columns[column]
        while True:
            if low > start:
                lay(stack, start, low, origin, column, starts, values)
            index = 1 if low == cycle else bisect_right(offsets, low - cycle)
            until = len(offsets) if stop < high else bisect_left(offsets, high - cycle, index)
            start = stop if stop < high else high
            starts.append(low - origin)
            shift = cycle - origin
            if spacing:
                # A regular grid, as most long schedules are: a range takes half the time of sums.
                starts += range(index * spacing + shift, until * spacing + shift, spacing)
            else:
                # Mostly a few: a comprehension would take longer to call than they take.
                for offset in offsets[index:until]:
                    starts.append(offset + shift)
            values += limits[index - 1 : until]
            if not period:
                break
            low = cycle = cycle + period
            if cycle >= high:
                break
            stop = cycle + top.length
        if start == end:
            return
    starts.append(start - origin)
    values.append(NO_LIMIT)


def capped(steps: Steps, cap: int) -> Steps:
    """The lower of a step function and a constant, equal neighbours merged."""
    if len(steps[0]) == 1:
        value = steps[1][0]
        return steps[0], [value if value < cap else cap]
    starts: list[int] = []
    values: list[int] = []
    last = -1
    for start, value in zip(steps[0], steps[1]):  # noqa: B905 - the keyword costs as much as two steps
        lower = value if value < cap else cap
        if lower != last:
            starts.append(start)
            values.append(lower)
            last = lower
    return starts, values


def lowest(first: Steps, second: Steps) -> Steps:
    """At each instant the lower of two step functions, equal neighbours merged."""
    first_starts, first_values = first
    second_starts, second_values = second
    if len(first_starts) == 1:
        return capped(second, first_values[0])
    if len(second_starts) == 1:
        return capped(first, second_values[0])
    starts: list[int] = []
    values: list[int] = []
    upcoming = [*first_starts, FAR]
    index = 1
    change = upcoming[1]
    one = first_values[0]
    last = -1
    start = 0
    # The second function holds `other` from `start` to `stop`; the first one changes meanwhile.
    stops = second_starts[1:]
    stops.append(FAR - 1)
    for other, stop in zip(second_values, stops):  # noqa: B905 - as in `capped`
        value = one if one < other else other
        if value != last:
            starts.append(start)
            values.append(value)
            last = value
        if change <= stop:
            while change < stop:
                one = first_values[index]
                value = one if one < other else other
                if value != last:
                    starts.append(change)
                    values.append(value)
                    last = value
                index += 1
                change = upcoming[index]
            if change == stop:
                one = first_values[index]
                index += 1
                change = upcoming[index]
        start = stop
    return starts, values


def total(first: Steps, second: Steps) -> Steps:
    """The sum of two step functions; neighbours may be equal, as what is made of it merges them."""
    first_starts, first_values = first
    second_starts, second_values = second
    starts: list[int] = []
    values: list[int] = []
    upcoming = [*first_starts, FAR]
    index = 1
    change = upcoming[1]
    one = first_values[0]
    start = 0
    # As in `lowest`: a function handed in for "lower" or "sum" would double the time.
    stops = second_starts[1:]
    stops.append(FAR - 1)
    for other, stop in zip(second_values, stops):  # noqa: B905 - as in `capped`
        starts.append(start)
        values.append(one + other)
        if change <= stop:
            while change < stop:
                one = first_values[index]
                starts.append(change)
                values.append(one + other)
                index += 1
                change = upcoming[index]
            if change == stop:
                one = first_values[index]
                index += 1
                change = upcoming[index]
        start = stop
    return starts, values
