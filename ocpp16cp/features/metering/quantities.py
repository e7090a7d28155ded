"""What a reading says of each measurand: the values, their phases, units, places, and their text (§7.31 to §7.45)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import zip_longest

from attrs import evolve

from ocpp16cp.events import LineReading, Reading
from ocpp16cp.lean import frozen
from ocpp16cp.station import CHARGE_POINT, Settings
from ocpp16cp.wire.phases import LINES
from ocpp16cp.wire.types import (
    Location,
    Measurand,
    MeterValue,
    Phase,
    ReadingContext,
    SampledValue,
    UnitOfMeasure,
)

from .keys import Item
from .state import Counts, Measured

NOTHING: Counts = (0,) * 16
"""To measure an interval from: gives the register itself."""


@frozen
class Shown:
    """What is known of a connector at one instant."""

    reading: Reading
    offered_a: float | None = None
    """What is offered to the vehicle, per phase; `None`: not known, or nothing that anything is offered at."""
    offered_w: float | None = None
    is_dc: bool = False
    """Whether there are no phases to be told apart."""


@frozen
class _Quantity:
    """How a measurand is told."""

    field: str
    """Where a reading, that of one line, or `Shown` has it."""
    digits: int = 0
    """After the point."""
    unit: UnitOfMeasure | None = None
    """Frequency, Power.Factor and RPM have none in the enumeration (§7.45)."""
    location: Location = Location.OUTLET
    is_signed: bool = False
    """All others cannot be negative: a meter that shows such a thing shows noise around zero."""


_M, _U = Measurand, UnitOfMeasure

_QUANTITIES = {
    _M.CURRENT_EXPORT: _Quantity("export_current_a", 2, _U.A),
    _M.CURRENT_IMPORT: _Quantity("current_a", 2, _U.A),
    _M.CURRENT_OFFERED: _Quantity("offered_a", 1, _U.A),
    _M.ENERGY_ACTIVE_EXPORT_REGISTER: _Quantity("export_register_wh", 0, _U.WH),
    _M.ENERGY_ACTIVE_IMPORT_REGISTER: _Quantity("register_wh", 0, _U.WH),
    _M.ENERGY_REACTIVE_EXPORT_REGISTER: _Quantity("reactive_export_register_varh", 0, _U.VARH),
    _M.ENERGY_REACTIVE_IMPORT_REGISTER: _Quantity("reactive_register_varh", 0, _U.VARH),
    _M.ENERGY_ACTIVE_EXPORT_INTERVAL: _Quantity("export_register_wh", 0, _U.WH),
    _M.ENERGY_ACTIVE_IMPORT_INTERVAL: _Quantity("register_wh", 0, _U.WH),
    _M.ENERGY_REACTIVE_EXPORT_INTERVAL: _Quantity("reactive_export_register_varh", 0, _U.VARH),
    _M.ENERGY_REACTIVE_IMPORT_INTERVAL: _Quantity("reactive_register_varh", 0, _U.VARH),
    _M.FREQUENCY: _Quantity("frequency_hz", 2),
    _M.POWER_ACTIVE_EXPORT: _Quantity("export_power_w", 1, _U.W),
    _M.POWER_ACTIVE_IMPORT: _Quantity("power_w", 1, _U.W),
    _M.POWER_FACTOR: _Quantity("power_factor", 3, is_signed=True),
    _M.POWER_OFFERED: _Quantity("offered_w", 1, _U.W),
    _M.POWER_REACTIVE_EXPORT: _Quantity("reactive_export_power_var", 1, _U.VAR, is_signed=True),
    _M.POWER_REACTIVE_IMPORT: _Quantity("reactive_power_var", 1, _U.VAR, is_signed=True),
    _M.RPM: _Quantity("fan_rpm", 0, None, Location.BODY),
    _M.SOC: _Quantity("soc_percent", 0, _U.PERCENT, Location.EV),
    _M.TEMPERATURE: _Quantity("temperature_c", 1, _U.CELSIUS, Location.BODY, is_signed=True),
    _M.VOLTAGE: _Quantity("voltage_v", 1, _U.V),
}

INTERVALS = frozenset(measurand for measurand in Measurand if measurand.value.endswith(".Interval"))
"""What flowed since another sample: the difference of two registers."""

_COUNTERS = ("register_wh", "export_register_wh", "reactive_register_varh", "reactive_export_register_varh")
"""The registers, in the order of `Counts`."""
_OFFERED = (_M.CURRENT_OFFERED, _M.POWER_OFFERED)
_TO_NEUTRAL = (Phase.L1_N, Phase.L2_N, Phase.L3_N)
_BETWEEN_LINES = (Phase.L1_L2, Phase.L2_L3, Phase.L3_L1)


def counts_of(reading: Reading) -> Counts:
    """The registers of a reading."""
    overall = (
        reading.register_wh,
        reading.export_register_wh,
        reading.reactive_register_varh,
        reading.reactive_export_register_varh,
    )
    if not reading.lines:
        return overall
    return (*overall, *(getattr(line, counter) for line in reading.lines for counter in _COUNTERS))


def reading_of(counts: Counts) -> Reading:
    """A reading of nothing but registers, the opposite of `counts_of`."""
    return _with_counts(Reading(register_wh=0, lines=(LineReading(),) * (len(counts) // 4 - 1)), counts)


def _with_counts(reading: Reading, counts: Counts) -> Reading:
    """A reading with other registers."""
    register_wh, export_register_wh, reactive_register_varh, reactive_export_register_varh = counts[:4]
    assert register_wh is not None, "every meter counts what is imported"
    return evolve(
        reading,
        register_wh=register_wh,
        export_register_wh=export_register_wh,
        reactive_register_varh=reactive_register_varh,
        reactive_export_register_varh=reactive_export_register_varh,
        lines=tuple(
            _line_with_counts(line, counts[first : first + 4])
            for line, first in zip(reading.lines, range(4, len(counts), 4), strict=True)
        ),
    )


def _line_with_counts(line: LineReading, counts: Counts) -> LineReading:
    """What is told of a line, with other registers."""
    register_wh, export_register_wh, reactive_register_varh, reactive_export_register_varh = counts
    return evolve(
        line,
        register_wh=register_wh,
        export_register_wh=export_register_wh,
        reactive_register_varh=reactive_register_varh,
        reactive_export_register_varh=reactive_export_register_varh,
    )


def highest(counts: Counts, known: Counts) -> Counts:
    """The registers that may be believed: none runs backwards; one that is silent now stays where it was."""
    return tuple(
        old if new is None else new if old is None else max(new, old) for new, old in zip_longest(counts, known)
    )


def hold(reading: Reading, counts: Counts) -> Reading:
    """A reading whose registers, those that it tells, show these counts."""
    told = counts_of(reading)
    return _with_counts(
        reading, tuple(None if old is None else new for old, new in zip(told, counts[: len(told)], strict=True))
    )


def measure(shown: Shown, items: Iterable[Item], *, since: Counts | None) -> tuple[Measured, ...]:
    """The values of the items, in their order; what the meter cannot tell is left out.

    Args:
        shown: what is known now.
        items: what is wanted.
        since: the registers from which intervals count; `None`: there is nothing to count from.
    """
    return tuple(Measured(item.measurand, phase, text) for item in items for phase, text in _texts(shown, item, since))


def _texts(shown: Shown, item: Item, since: Counts | None) -> Iterator[tuple[Phase | None, str]]:
    """The values of one item as text, each with its phase."""
    quantity = _QUANTITIES[item.measurand]
    for phase, value in _values(shown, item):
        if value is None:
            continue
        before: int | None = 0
        if item.measurand in INTERVALS:
            before = None if since is None else _count(since, quantity.field, phase)
        if before is not None:
            change = value - before
            yield phase, _text(change if quantity.is_signed else max(0, change), quantity.digits)


def _values(shown: Shown, item: Item) -> list[tuple[Phase | None, float | None]]:
    """The numbers of one item; `None` for one that cannot be told."""
    field = _QUANTITIES[item.measurand].field
    if item.measurand in _OFFERED:
        return [(None, getattr(shown, field))]
    if item.measurand in (_M.CURRENT_EXPORT, _M.CURRENT_IMPORT, _M.VOLTAGE):
        return _by_conductor(shown, item, getattr(shown.reading, field))
    if item.phase is None:
        return [(None, getattr(shown.reading, field))]
    line = _line(item.phase)
    return [(item.phase, getattr(shown.reading.lines[line], field) if line < len(shown.reading.lines) else None)]


def _by_conductor(shown: Shown, item: Item, values: tuple[float, ...]) -> list[tuple[Phase | None, float | None]]:
    """Currents and voltages: one for each phase that the meter has; on DC there is one, without a phase."""
    if shown.is_dc:
        return [(None, values[0] if values else None)]
    if item.phase in _BETWEEN_LINES:
        between = dict(zip(_BETWEEN_LINES, shown.reading.line_voltage_v, strict=False))
        return [(item.phase, between.get(item.phase))]
    is_voltage = item.measurand is _M.VOLTAGE
    found: list[tuple[Phase | None, float | None]] = []
    found += zip(_TO_NEUTRAL if is_voltage else LINES, values, strict=False)
    if item.measurand is _M.CURRENT_IMPORT:
        found.append((Phase.N, shown.reading.neutral_current_a))
    if item.phase is None:
        return found
    # A voltage may be asked for as L1 or as L1-N, and is told as it was asked for.
    return [(item.phase, value) for phase, value in found if phase and phase.value[:2] == item.phase.value[:2]]


def _line(phase: Phase) -> int:
    """The index of a line."""
    return int(phase.value[1]) - 1


def _count(counts: Counts, counter: str, phase: Phase | None) -> int | None:
    """One of the registers."""
    index = _COUNTERS.index(counter) + (0 if phase is None else 4 * (1 + _line(phase)))
    return counts[index] if index < len(counts) else None


def _text(value: float, digits: int) -> str:
    """A number without exponent and without trailing zeros."""
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def since_last(
    values: Iterable[Measured], last: dict[tuple[Measurand, Phase | None], int], begin: Counts
) -> Iterator[Measured]:
    """Make the registers that stand in the place of intervals the differences that they are to be.

    Args:
        values: measured since `NOTHING`.
        last: the registers at the sample before, by measurand and phase; brought up to date.
        begin: the registers where there is none before; an interval that began with a silent register is left out.
    """
    for value in values:
        if value.measurand not in INTERVALS:
            yield value
            continue
        place = value.measurand, value.phase
        count = int(value.text)
        before = last.get(place, _count(begin, _QUANTITIES[value.measurand].field, value.phase))
        last[place] = count
        if before is not None:
            yield Measured(*place, str(max(0, count - before)))


def meter_value(
    values: Iterable[Measured], connector_id: int, context: ReadingContext, at: datetime, settings: Settings
) -> MeterValue:
    """What was measured at one instant, as it is sent: everything is told, also where it is the default."""
    return MeterValue(
        timestamp=at, sampled_value=tuple(_sampled(value, connector_id, context, settings) for value in values)
    )


def _sampled(value: Measured, connector_id: int, context: ReadingContext, settings: Settings) -> SampledValue:
    """One value as it is sent."""
    quantity = _QUANTITIES[value.measurand]
    location, unit = quantity.location, quantity.unit
    if location is Location.OUTLET and connector_id == CHARGE_POINT:
        location = Location.INLET
    if unit is UnitOfMeasure.CELSIUS and settings.misspells_celsius:
        unit = UnitOfMeasure.CELCIUS
    return SampledValue(
        value=value.text,
        context=context,
        measurand=value.measurand,
        phase=value.phase,
        location=location,
        unit=unit,
    )
