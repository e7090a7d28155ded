"""When samples are taken, and what becomes of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from attrs import evolve

from ocpp16cp.features.transactions.state import TRANSACTIONS, Transaction
from ocpp16cp.kernel import calls, outbox
from ocpp16cp.kernel.calls import RUN
from ocpp16cp.kernel.clock import ANCHOR
from ocpp16cp.kernel.step import Step
from ocpp16cp.station import CHARGE_POINT
from ocpp16cp.wire.types import Measurand, MeterValue, ReadingContext

from .collecting import keep
from .grid import lateness_s, next_point, with_point
from .handlers import store
from .keys import CLOCK_ALIGNED_DATA_INTERVAL, METER_VALUE_SAMPLE_INTERVAL, Item
from .messages import MeterValues
from .quantities import Shown, measure, meter_value, reading_of
from .questions import mark_key, ongoing, sent_items, shown, since_sample
from .state import COVERED, MARKS, METERS, REGISTERS, SAMPLINGS, WATCH, Covered, Mark, Sampling, Watch

_PERIODIC, _CLOCK = ReadingContext.SAMPLE_PERIODIC, ReadingContext.SAMPLE_CLOCK


def take_aligned_samples(step: Step) -> None:
    """Sample all meters at each point of the clock's grid (a rule).

    Before anybody has told the time there is no grid. A point that is noticed too late has none either, so that a large
    step of the clock leads to no samples of a time that nobody lived through.
    """
    interval_s, anchor = step.key(CLOCK_ALIGNED_DATA_INTERVAL), step.one(ANCHOR)
    if interval_s == 0 or not anchor.is_set:
        step.set(WATCH, Watch())
        return
    watch = step.one(WATCH)
    if watch.interval_s != interval_s:
        watch = Watch(interval_s, step.now)
        step.set(WATCH, watch)
    spans = step.one(COVERED).spans
    earliest = max(anchor.utc_at(watch.since_at), anchor.utc_at(step.now) - timedelta(seconds=lateness_s(interval_s)))
    point = next_point(earliest, interval_s, spans)
    if step.due(point):
        step.set(COVERED, Covered(with_point(spans, point, interval_s)))
        for connector_id in (CHARGE_POINT, *step.station.connector_ids):
            _sample_aligned(step, connector_id, point)


def _sample_aligned(step: Step, connector_id: int, point: datetime) -> None:
    """Sample one meter at a point of the grid, unless the clock was set to before what was told of its transaction."""
    transaction = ongoing(step, connector_id, point)
    if transaction is None:
        _send(step, connector_id, None, _CLOCK, point)
    elif point >= step[SAMPLINGS][connector_id].told:
        _sample_transaction(step, connector_id, transaction, _CLOCK, point)


def take_samples(step: Step) -> None:
    """Sample each running transaction every MeterValueSampleInterval, counted from its start (a rule)."""
    for connector_id in step[SAMPLINGS]:
        if connector_id not in step[TRANSACTIONS]:
            step.remove(SAMPLINGS, connector_id)
    interval_s, run = step.key(METER_VALUE_SAMPLE_INTERVAL), step.one(RUN).number
    running = {number: each for number, each in step[TRANSACTIONS].items() if each.run == run}
    for connector_id, transaction in running.items():
        sampling = step[SAMPLINGS].get(connector_id)
        if sampling is None or sampling.number != transaction.number:
            told = step[REGISTERS][connector_id].utc
            step.put(SAMPLINGS, connector_id, Sampling(transaction.number, step.now, told))
        elif interval_s > 0 and transaction.ending is None and step.due(sampling.last_at + interval_s):
            # What was slept through is not made up for: the next sample keeps to the grid.
            missed = max(1.0, (step.now - sampling.last_at) // interval_s)
            step.put(SAMPLINGS, connector_id, evolve(sampling, last_at=sampling.last_at + missed * interval_s))
            if connector_id == min(running) and step.station.settings.samples_main_meter:
                _send(step, CHARGE_POINT, None, _PERIODIC, step.utc)
            # Where the clock was set back, the sample still does not lie before what was told of the transaction.
            _sample_transaction(step, connector_id, transaction, _PERIODIC, max(step.utc, sampling.told))


def _sample_transaction(
    step: Step, connector_id: int, transaction: Transaction, context: ReadingContext, at: datetime
) -> None:
    """Queue what the meter shows now, and keep what is wanted of it at the end."""
    step.put(SAMPLINGS, connector_id, evolve(step[SAMPLINGS][connector_id], told=at))
    keep(step, connector_id, context, at)
    _send(step, connector_id, transaction.number, context, at)


def _send(step: Step, connector_id: int, number: int | None, context: ReadingContext, at: datetime) -> None:
    """Queue what a meter shows now, if it was ever read; from here the next interval counts."""
    if connector_id not in step[METERS]:
        return
    store(step, connector_id, at)
    sample = _sample(step, connector_id, context, at)
    if sample is not None:
        submit(step, connector_id, number, sample)
    step.put(MARKS, mark_key(connector_id, context), Mark(step[METERS][connector_id].counts))


def _sample(step: Step, connector_id: int, context: ReadingContext, at: datetime) -> MeterValue | None:
    """What a meter shows now; `None` if it can tell nothing of what is wanted."""
    now = shown(step, connector_id)
    # A triggered sample is one besides the periodic ones, and tells what flowed since the last of them.
    kind = _CLOCK if context is _CLOCK else _PERIODIC
    values = now and measure(now, sent_items(step, context), since=since_sample(step, connector_id, kind))
    return meter_value(values, connector_id, context, at, step.station.settings) if values else None


def submit(step: Step, connector_id: int, number: int | None, meter_value: MeterValue) -> None:
    """Queue a sample, which may be thinned out; `number` is that of the transaction that was going on."""
    request = MeterValues(connector_id=connector_id, meter_value=(meter_value,))
    outbox.submit(step, request, context=number, is_expendable=True)


def submit_interruption(step: Step, connector_id: int, number: int) -> None:
    """Queue what the meter showed before a power cut, as far as it was stored, and what it shows after it (§7.36)."""
    before, items = step[REGISTERS][connector_id], sent_items(step, _PERIODIC)
    stored = Shown(reading_of(before.counts))
    values = measure(stored, items, since=since_sample(step, connector_id, _PERIODIC))
    values = values or measure(stored, (Item(Measurand.ENERGY_ACTIVE_IMPORT_REGISTER),), since=None)
    context = ReadingContext.INTERRUPTION_BEGIN
    submit(step, connector_id, number, meter_value(values, connector_id, context, before.utc, step.station.settings))
    step.put(MARKS, mark_key(connector_id, _PERIODIC), Mark(before.counts))
    at = max(step.utc, before.utc)
    after = _sample(step, connector_id, ReadingContext.INTERRUPTION_END, at)
    if after is not None:
        submit(step, connector_id, number, after)
    store(step, connector_id, at)
    step.put(MARKS, mark_key(connector_id, _PERIODIC), Mark(step[METERS][connector_id].counts))


def readable(step: Step) -> tuple[int, ...]:
    """The connectors whose meter can tell something of MeterValuesSampledData now; 0 is the main meter, if any."""
    return tuple(each for each in step[METERS] if _sample(step, each, ReadingContext.TRIGGER, step.utc) is not None)


def trigger_meter_values(step: Step, connector_id: int) -> None:
    """Send a sample because the central system asks for it: at once, and not queued.

    Told of a transaction, it does not lie before the last one that was.
    """
    sampling, transaction = step[SAMPLINGS].get(connector_id), step[TRANSACTIONS].get(connector_id)
    at = step.utc if sampling is None else max(step.utc, sampling.told)
    sample = _sample(step, connector_id, ReadingContext.TRIGGER, at)
    assert sample is not None, f"nothing can be told of connector {connector_id}"
    store(step, connector_id, at)
    transaction_id = None if transaction is None else transaction.transaction_id
    request = MeterValues(connector_id=connector_id, transaction_id=transaction_id, meter_value=(sample,))
    calls.call(step, request, was_triggered=True)
