"""Takes in what the meters show, and sees to it that no register ever runs backwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import evolve

from ocpp16cp.events import MeterRead, Reading
from ocpp16cp.features.transactions.state import TRANSACTION_IDS, TRANSACTIONS
from ocpp16cp.kernel.feature import Sent
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import HardwareMisreport
from ocpp16cp.vendor_keys import LARGEST_INTEGER
from ocpp16cp.wire.types import MeterValue, ReadingContext

from . import collecting
from .messages import MeterValues, MeterValuesConf
from .quantities import counts_of, highest, hold
from .questions import known_counts, mark_key
from .state import MARKS, METERS, REGISTERS, Counts, Mark, Meter, Register

UNKNOWN_ID = -1
"""Stands for the id of a transaction whose StartTransaction was given up (errata 3.18)."""

STORE_INTERVAL_S = 60.0
"""How old the stored registers may be: what a power cut costs at most of the knowledge about a transaction's energy."""

LARGEST_NUMBER = 1e9
"""No meter of a charger shows more of anything but energy; it also keeps NaN and infinity out."""

MAX_LINES = 3
"""Of a grid."""


def meter_read(step: Step, event: MeterRead) -> None:
    """A meter shows something."""
    counts = counts_of(event.reading)
    if not _is_possible(event.reading, counts):
        step.notice(HardwareMisreport(f"a meter cannot show this: {event!r}"))
        return
    connector_id = event.connector_id
    reading, counts = _believable(step, connector_id, event.reading, counts)
    meter = step[METERS].get(connector_id)
    # After a start the stored time tells when an interrupted transaction was last seen: the first reading leaves it.
    stored_at = step.now if meter is None else meter.stored_at
    step.put(METERS, connector_id, Meter(reading, counts, stored_at))
    if connector_id not in step[REGISTERS] or step.now - stored_at >= STORE_INTERVAL_S:
        store(step, connector_id, step.utc)


def _believable(step: Step, connector_id: int, reading: Reading, counts: Counts) -> tuple[Reading, Counts]:
    """The reading as far as it can be: a register never runs backwards."""
    known = known_counts(step, connector_id)
    if known is None:
        return reading, counts
    believed = highest(counts, known)
    if believed == counts:
        return reading, counts
    held = hold(reading, believed)
    if held != reading:
        was = ", ".join(str(count) for count in known if count is not None)
        step.notice(HardwareMisreport(f"the register of connector {connector_id} ran backwards from {was}"))
    return held, believed


def _is_possible(reading: Reading, counts: Counts) -> bool:
    """Whether every value is one that a meter can show and a message can carry."""
    return (
        len(reading.lines) <= MAX_LINES
        and all(0 <= count <= LARGEST_INTEGER for count in counts if count is not None)
        and all(abs(number) <= LARGEST_NUMBER for number in _numbers(reading) if number is not None)
    )


def _numbers(reading: Reading) -> Iterator[float | None]:
    """All that is no register."""
    yield from (
        reading.power_w,
        reading.export_power_w,
        reading.reactive_power_var,
        reading.reactive_export_power_var,
        *reading.current_a,
        *reading.export_current_a,
        reading.neutral_current_a,
        *reading.voltage_v,
        *reading.line_voltage_v,
        reading.frequency_hz,
        reading.power_factor,
        reading.temperature_c,
        reading.soc_percent,
        reading.fan_rpm,
    )
    for line in reading.lines:
        yield from (line.power_w, line.export_power_w, line.reactive_power_var, line.reactive_export_power_var)
        yield line.power_factor


def store(step: Step, connector_id: int, at: datetime) -> None:
    """Put the registers of a meter where a power cut does not reach them.

    Their time never lies before one that was told of a transaction. Without a transaction it says nothing that anybody
    asks for: registers that stand still are not stored again.
    """
    meter, known = step[METERS][connector_id], step[REGISTERS].get(connector_id)
    step.put(METERS, connector_id, evolve(meter, stored_at=step.now))
    utc = max(step.utc, at)
    if known is not None and connector_id in step[TRANSACTIONS]:
        utc = max(utc, known.utc)
    elif known is not None and known.counts == meter.counts:
        return
    step.put(REGISTERS, connector_id, Register(meter.counts, utc))


def begin_transaction(step: Step, connector_id: int, number: int, at: datetime) -> None:
    """A transaction begins: what its meter shows now is where everything counts from."""
    counts = step[METERS][connector_id].counts
    step.put(REGISTERS, connector_id, Register(counts, at))
    for context in (ReadingContext.SAMPLE_PERIODIC, ReadingContext.SAMPLE_CLOCK):
        step.put(MARKS, mark_key(connector_id, context), Mark(counts))
    collecting.begin(step, connector_id, number, at)


def end_transaction(
    step: Step, connector_id: int, at: datetime, *, is_interrupted: bool
) -> tuple[MeterValue, ...] | None:
    """A transaction ends; see `collecting.finish` for what is to be told of its samples."""
    data = collecting.finish(step, connector_id, at, is_interrupted=is_interrupted)
    if connector_id in step[METERS]:
        # What is told as its end must not be less after the next power cut.
        store(step, connector_id, at)
    return data


def complete(step: Step, request: MeterValues, number: int | None) -> MeterValues:
    """Fill in the id of the transaction that was going on, if any: it may have come after the sample was taken."""
    if number is None:
        return request
    known = step[TRANSACTION_IDS].get(number)
    return evolve(request, transaction_id=UNKNOWN_ID if known is None else known.transaction_id)


def meter_values_taken(step: Step, sent: Sent[MeterValues], conf: MeterValuesConf) -> None:
    """Nothing follows from it."""
