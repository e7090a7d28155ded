"""The samples that go out with the end of their transaction.

They are kept from its begin on where a power cut does not reach them, each written once, and never more than one
message may hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import evolve

from ocpp16cp.kernel.outbox import MAX_PAYLOAD
from ocpp16cp.kernel.step import Step
from ocpp16cp.wire.types import Measurand, MeterValue, Phase, ReadingContext

from .keys import STOP_TRANSACTION_MAX_METER_VALUES
from .quantities import NOTHING, Shown, measure, meter_value, reading_of, since_last
from .questions import kept_items, known_counts, shown
from .state import COLLECTIONS, KEPT, METERS, Collection, Kept, Measured

_FRAME = 1024
"""Characters of a StopTransaction besides its samples: about 300."""

_BEGIN, _END = ReadingContext.TRANSACTION_BEGIN, ReadingContext.TRANSACTION_END
_BETWEEN = _PERIODIC, _CLOCK = ReadingContext.SAMPLE_PERIODIC, ReadingContext.SAMPLE_CLOCK


def begin(step: Step, connector_id: int, number: int, at: datetime) -> None:
    """A transaction begins: keep where its registers stand, and its first sample."""
    collection = Collection(number, step[METERS][connector_id].counts)
    step.put(COLLECTIONS, connector_id, collection)
    kept = _sample(step, connector_id, _BEGIN, at, _now(step, connector_id))
    if kept is not None:
        step.put(KEPT, _key(number, _BEGIN, 0), kept)
        step.put(COLLECTIONS, connector_id, evolve(collection, characters=kept.characters))


def keep(step: Step, connector_id: int, context: ReadingContext, at: datetime) -> None:
    """Keep a sample of a running transaction, if that is wanted; make room where there are too many."""
    collection = step[COLLECTIONS][connector_id]
    kept = _sample(step, connector_id, context, at, _now(step, connector_id))
    if kept is None:
        return
    is_clock = context is _CLOCK
    collection = evolve(
        collection,
        samples=collection.samples + 1,
        periodic=collection.periodic + (not is_clock),
        clock=collection.clock + is_clock,
    )
    count = _count(collection, context)
    if count % collection.stride == 0:
        step.put(KEPT, _key(collection.number, context, count), kept)
        collection = evolve(collection, characters=collection.characters + kept.characters)
    step.put(COLLECTIONS, connector_id, _thinned(step, collection, reserve=0))


def _now(step: Step, connector_id: int) -> Shown:
    """What is known of a connector with a transaction of this run: its meter was read, or it had not begun."""
    now = shown(step, connector_id)
    assert now is not None
    return now


def _sample(step: Step, connector_id: int, context: ReadingContext, at: datetime, of: Shown) -> Kept | None:
    """What is to be kept of one instant; `None`: nothing."""
    values = measure(of, kept_items(step, context), since=NOTHING)
    if not values:
        return None
    text = step.engine.codec.encode(meter_value(values, connector_id, context, at, step.station.settings))
    # With the comma in front; registers are never shorter than the intervals that they stand for.
    return Kept(context, at, step[COLLECTIONS][connector_id].samples, len(text) + 1, values)


def _count(collection: Collection, context: ReadingContext) -> int:
    """How many samples of a kind there were."""
    return collection.periodic if context is _PERIODIC else collection.clock


def _key(number: int, context: ReadingContext, count: int) -> str:
    """Under what a sample is kept."""
    return f"{number}/{context.value}/{count}"


def _thinned(step: Step, collection: Collection, *, reserve: int) -> Collection:
    """Drop every other sample of each kind, and again, until the rest fits.

    So what is left covers the whole transaction evenly; and as of the samples to come every other one is dropped as
    well, making room comes the more seldom the longer the transaction lasts. Begin and end are no part of it.
    """
    room = step.key(STOP_TRANSACTION_MAX_METER_VALUES) - 2
    while _kept(collection) > room or collection.characters > MAX_PAYLOAD - _FRAME - reserve:
        assert _kept(collection) > 0, "begin and end alone always fit"
        for context in _BETWEEN:
            for count in range(collection.stride, _count(collection, context) + 1, 2 * collection.stride):
                key = _key(collection.number, context, count)
                collection = evolve(collection, characters=collection.characters - step[KEPT][key].characters)
                step.remove(KEPT, key)
        collection = evolve(collection, stride=2 * collection.stride)
    return collection


def _kept(collection: Collection) -> int:
    """How many samples are kept between begin and end."""
    return collection.periodic // collection.stride + collection.clock // collection.stride


def _between(step: Step, collection: Collection) -> list[Kept]:
    """What is kept between begin and end, in the order in which it was sampled."""
    kept = (
        step[KEPT][_key(collection.number, context, count)]
        for context in _BETWEEN
        for count in range(collection.stride, _count(collection, context) + 1, collection.stride)
    )
    return sorted(kept, key=lambda each: each.order)


def finish(step: Step, connector_id: int, at: datetime, *, is_interrupted: bool) -> tuple[MeterValue, ...] | None:
    """Hand out what was kept of a transaction, its last sample included, and forget it.

    Args:
        step: the step under way.
        connector_id: where it ran.
        at: the time of its end.
        is_interrupted: a restart has ended it, so that of its end only the registers are known.

    Returns:
        `None` if nothing is to be told; the order is that of the time.
    """
    collection = step[COLLECTIONS][connector_id]
    of = _at_restart(step, connector_id) if is_interrupted else _now(step, connector_id)
    end = _sample(step, connector_id, _END, at, of)
    if end is not None:
        collection = _thinned(step, collection, reserve=end.characters)
    begin = step[KEPT].get(_key(collection.number, _BEGIN, 0))
    kept = [each for each in (begin, *_between(step, collection), end) if each is not None]
    _forget(step, connector_id, collection)
    if not kept_items(step, _END) and not kept_items(step, _CLOCK):
        return None
    return tuple(_told(step, connector_id, collection, kept)) or None


def _at_restart(step: Step, connector_id: int) -> Shown:
    """What is known of a transaction that a restart has ended: its registers, which cannot have moved since."""
    counts = known_counts(step, connector_id)
    assert counts is not None, "they were stored when it began"
    return Shown(reading_of(counts))


def _told(step: Step, connector_id: int, collection: Collection, kept: list[Kept]) -> Iterator[MeterValue]:
    """The samples as they are sent; an interval counts from the sample of its kind before that is still there."""
    last: dict[ReadingContext, dict[tuple[Measurand, Phase | None], int]] = {_PERIODIC: {}, _CLOCK: {}}
    for each in kept:
        kind = _CLOCK if each.context is _CLOCK else _PERIODIC
        values: list[Measured] = list(since_last(each.values, last[kind], collection.begin))
        if values:
            yield meter_value(values, connector_id, each.context, each.utc, step.station.settings)


def _forget(step: Step, connector_id: int, collection: Collection) -> None:
    """Nothing of a transaction is kept any more."""
    step.remove(COLLECTIONS, connector_id)
    step.remove(KEPT, _key(collection.number, _BEGIN, 0))
    for context in _BETWEEN:
        for count in range(collection.stride, _count(collection, context) + 1, collection.stride):
            step.remove(KEPT, _key(collection.number, context, count))
