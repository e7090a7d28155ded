"""Takes in meter readings, and samples them while transactions run."""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from ocpp16cp.events import MeterRead, Reading
from ocpp16cp.features.transactions.state import TRANSACTION_IDS, TRANSACTIONS
from ocpp16cp.kernel import calls, outbox
from ocpp16cp.kernel.feature import Sent
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import HardwareMisreport
from ocpp16cp.vendor_keys import LARGEST_INTEGER
from ocpp16cp.wire.types import Location, Measurand, MeterValue, ReadingContext, SampledValue, UnitOfMeasure

from .keys import METER_VALUE_SAMPLE_INTERVAL
from .messages import MeterValues, MeterValuesConf
from .questions import register_wh, sample
from .state import METERS, REGISTERS, SAMPLINGS, Meter, Register, Sampling

STORE_INTERVAL_S = 60.0
"""How old the stored register may be: what a power cut costs at most of the knowledge about a transaction's energy."""

LARGEST_NUMBER = 1e9
"""No meter of a charger shows more of anything but energy; it also keeps NaN and infinity out."""

UNKNOWN_ID = -1
"""Stands for the id of a transaction whose StartTransaction was given up (errata 3.18)."""


def meter_read(step: Step, event: MeterRead) -> None:
    """A meter shows something."""
    reading = _believable(step, event)
    if reading is None:
        return
    connector_id = event.connector_id
    meter = step[METERS].get(connector_id)
    # After a start the stored time tells when an interrupted transaction was last seen: the first reading leaves it.
    stored_at = step.now if meter is None else meter.stored_at
    if connector_id not in step[REGISTERS] or step.now - stored_at >= STORE_INTERVAL_S:
        _store(step, connector_id, reading)
        stored_at = step.now
    step.put(METERS, connector_id, Meter(reading, step.utc, stored_at))


def _believable(step: Step, event: MeterRead) -> Reading | None:
    """The reading as far as it can be: a register never runs backwards, and numbers are numbers."""
    reading = event.reading
    if not _is_possible(reading):
        step.notice(HardwareMisreport(f"a meter cannot show this: {event!r}"))
        return None
    known_wh = register_wh(step, event.connector_id)
    if known_wh is not None and reading.register_wh < known_wh:
        step.notice(HardwareMisreport(f"the register of connector {event.connector_id} ran backwards from {known_wh}"))
        return evolve(reading, register_wh=known_wh)
    return reading


def _is_possible(reading: Reading) -> bool:
    """Whether every value is one that a meter can show and a message can carry."""
    numbers = (
        reading.power_w,
        reading.frequency_hz,
        reading.power_factor,
        reading.temperature_c,
        reading.soc_percent,
        *reading.current_a,
        *reading.voltage_v,
    )
    return 0 <= reading.register_wh <= LARGEST_INTEGER and all(
        abs(number) <= LARGEST_NUMBER for number in numbers if number is not None
    )


def _store(step: Step, connector_id: int, reading: Reading) -> None:
    """Put a register where a power cut does not reach it, with a time stamp that never runs backwards."""
    known = step[REGISTERS].get(connector_id)
    utc = step.utc if known is None or connector_id not in step[TRANSACTIONS] else max(step.utc, known.utc)
    step.put(REGISTERS, connector_id, Register(reading.register_wh, utc))


def store_register(step: Step, connector_id: int, utc: datetime) -> None:
    """Put a register where a power cut does not reach it, because a transaction begins."""
    step.put(REGISTERS, connector_id, Register(step[METERS][connector_id].reading.register_wh, utc))


def take_samples(step: Step) -> None:
    """Sample each running transaction every MeterValueSampleInterval, counted from its start (a rule)."""
    for connector_id in step[SAMPLINGS]:
        if connector_id not in step[TRANSACTIONS]:
            step.remove(SAMPLINGS, connector_id)
    interval_s = step.key(METER_VALUE_SAMPLE_INTERVAL)
    for connector_id, transaction in step[TRANSACTIONS].items():
        sampling = step[SAMPLINGS].get(connector_id)
        if sampling is None or sampling.number != transaction.number:
            step.put(SAMPLINGS, connector_id, Sampling(transaction.number, step.now))
        elif interval_s > 0 and transaction.ending is None and step.due(sampling.last_at + interval_s):
            # What was slept through is not made up for: the next sample keeps to the grid.
            missed = max(1.0, (step.now - sampling.last_at) // interval_s)
            step.put(SAMPLINGS, connector_id, evolve(sampling, last_at=sampling.last_at + missed * interval_s))
            _send_sample(step, connector_id, transaction.number)


def _send_sample(step: Step, connector_id: int, number: int) -> None:
    """Queue what the meter shows now."""
    meter_value = sample(step, connector_id, ReadingContext.SAMPLE_PERIODIC)
    if meter_value is None:
        return
    meter = step[METERS][connector_id]
    _store(step, connector_id, meter.reading)
    # Where the clock was set back, the sample still does not lie before what was told of the transaction.
    meter_value = evolve(meter_value, timestamp=step[REGISTERS][connector_id].utc)
    step.put(METERS, connector_id, evolve(meter, stored_at=step.now))
    _submit(step, connector_id, number, meter_value)


def submit_interruption(step: Step, connector_id: int, number: int) -> None:
    """Queue what the meter showed before a power cut, as far as it was stored, and what it shows after it (§7.36)."""
    before = step[REGISTERS][connector_id]
    value = SampledValue(
        value=str(before.register_wh),
        context=ReadingContext.INTERRUPTION_BEGIN,
        measurand=Measurand.ENERGY_ACTIVE_IMPORT_REGISTER,
        location=Location.OUTLET,
        unit=UnitOfMeasure.WH,
    )
    _submit(step, connector_id, number, MeterValue(timestamp=before.utc, sampled_value=(value,)))
    after = sample(step, connector_id, ReadingContext.INTERRUPTION_END)
    if after is not None:
        after = evolve(after, timestamp=max(after.timestamp, before.utc))
        store_register(step, connector_id, after.timestamp)
        _submit(step, connector_id, number, after)


def _submit(step: Step, connector_id: int, number: int, meter_value: MeterValue) -> None:
    """Queue a sample of a transaction that may be thinned out."""
    request = MeterValues(connector_id=connector_id, meter_value=(meter_value,))
    outbox.submit(step, request, context=number, is_expendable=True)


def complete(step: Step, request: MeterValues, number: int | None) -> MeterValues:
    """Fill in the transaction's id, which may have come after the sample was taken."""
    assert number is not None
    known = step[TRANSACTION_IDS].get(number)
    return evolve(request, transaction_id=UNKNOWN_ID if known is None else known.transaction_id)


def meter_values_taken(step: Step, sent: Sent[MeterValues], conf: MeterValuesConf) -> None:
    """Nothing follows from it."""


def trigger_meter_values(step: Step, connector_id: int) -> None:
    """Send a sample because the central system asks for it: at once, and not queued."""
    meter_value = sample(step, connector_id, ReadingContext.TRIGGER)
    assert meter_value is not None, f"nothing can be told of connector {connector_id}"
    transaction = step[TRANSACTIONS].get(connector_id)
    transaction_id = None if transaction is None else transaction.transaction_id
    request = MeterValues(connector_id=connector_id, transaction_id=transaction_id, meter_value=(meter_value,))
    calls.call(step, request, was_triggered=True)
