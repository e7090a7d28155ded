"""Setting the clock: what time it is from now on, and what had to be stamped before anybody knew.

A station without a clock of its own goes on, after a start, from the newest time that it has stored; the first one ever
begins in 1970. What it stamps until somebody tells the time is moved then by as much as the clock was wrong, also in
messages that wait in the outbox and in records of runs before that never learnt the time. Once told, the clock may be
set again in either direction: that moves no stamp any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar

import attrs

from ocpp16cp.outcome import ClockChanged
from ocpp16cp.wire.strict_json import load

from .clock import ANCHOR, EPOCH, GUESSED, LAST_TIME, Anchor, Guessed, plausible, to_milliseconds
from .outbox import LANE, OUTBOX
from .step import Step

R = TypeVar("R")

MILLISECOND = timedelta(milliseconds=1)

LEAST_CHANGE_S = 1.0
"""A clock that is set by less was right: the way of a message takes about as long."""


def begin_time(step: Step, utc: datetime | None) -> None:
    """Begin a run, with the time of the station's own clock or, without one, from the newest time that is known.

    The outbox knows already what is left from the run before.
    """
    # Beyond every stamp of before, so that those can be told from what is only guessed. Some may lie ahead of the
    # newest time: the clock was set back since.
    last = max(step.one(LAST_TIME).utc, *_stamps(step))
    since = last + MILLISECOND if last > EPOCH else last
    step.set(ANCHOR, Anchor(step.now, since))
    if utc is not None:
        tell_time(step, utc)
        return
    guessed, first = step.one(GUESSED), step.one(LANE).last + 1
    if guessed.since is not None:
        since, first = guessed.since, min(guessed.first, first)
    step.set(GUESSED, Guessed(since, first))


def _stamps(step: Step) -> Iterator[datetime]:
    """The times that records tell."""
    yield EPOCH
    for table in step.engine.registry.tables:
        if table.has_stamps:
            for record in step[table].values():
                yield from _stamps_in(record)


def _stamps_in(value: Any) -> Iterator[datetime]:
    """The times in a value, and in whatever is in it."""
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, tuple):
        for member in value:
            yield from _stamps_in(member)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from _stamps_in(getattr(value, field.name))


def tell_time(step: Step, utc: datetime) -> None:
    """Somebody knows what time it is now; what no clock can show is cut to the nearest that one can."""
    known = step.one(ANCHOR)
    told = plausible(utc)
    by = told - known.utc_at(step.now)
    step.set(ANCHOR, Anchor(step.now, told, is_set=True))
    guessed = step.one(GUESSED)
    if guessed.since is not None:
        _move_stamps(step, guessed.since, guessed.first, by)
        step.set(GUESSED, Guessed())
    if not known.is_set:
        step.notice(ClockChanged(to_milliseconds(told), None))
    elif abs(by.total_seconds()) >= LEAST_CHANGE_S:
        step.notice(ClockChanged(to_milliseconds(told), by.total_seconds()))


def _move_stamps(step: Step, since: datetime, first: int, by: timedelta) -> None:
    """Put right what was stamped by a clock that nobody had set.

    Args:
        step: the step under way.
        since: where that clock began: what was stamped before was right.
        first: the first message of the outbox that it may have stamped.
        by: how much it was behind.
    """
    for table in step.engine.registry.tables:
        if table.has_stamps:
            for key, record in step[table].items():
                step.put(table, key, moved(record, since, by))
    for number, queued in step[OUTBOX].items():
        if number >= first:
            exchange = step.engine.registry.replies[queued.action].exchange
            request = moved(step.engine.codec.decode(exchange.request, load(queued.payload)), since, by)
            step.put(OUTBOX, number, attrs.evolve(queued, payload=step.engine.codec.encode(request)))


def moved(record: R, since: datetime, by: timedelta) -> R:
    """A record with all its stamps from `since` on moved, yet never to before it: their order stays."""
    fields: Any = attrs.fields(type(record))  # type: ignore[arg-type]  # any attrs class
    changed = {field.alias: _moved(getattr(record, field.name), since, by) for field in fields}
    return attrs.evolve(record, **changed)  # type: ignore[misc]  # as above


def _moved(value: Any, since: datetime, by: timedelta) -> Any:
    """A value, and whatever is in it."""
    if isinstance(value, datetime):
        return max(to_milliseconds(value + by), since) if value >= since else value
    if isinstance(value, tuple):
        return tuple(_moved(member, since, by) for member in value)
    return moved(value, since, by) if attrs.has(type(value)) else value
