"""What a meter shows, held against what can be, and against what the station says that its meters tell."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from attrs import asdict, fields

from ocpp16cp.events import LineReading, Reading
from ocpp16cp.features.metering.keys import Item
from ocpp16cp.features.metering.quantities import Shown, counts_of, measure
from ocpp16cp.station import CurrentType, Station
from ocpp16cp.wire.phases import LINES, lines_of
from ocpp16cp.wire.types import Measurand

_REGISTERS = tuple(each.name for each in fields(LineReading) if "register" in each.name)
_BY_PHASE = ("current_a", "export_current_a", "voltage_v", "line_voltage_v", "lines")


def mistakes(reading: Reading, phases: int) -> Iterator[str]:
    """The rules that the values of a reading break, each by itself.

    Args:
        reading: what the meter shows.
        phases: how many are wired to it.
    """
    for name in _BY_PHASE:
        values = getattr(reading, name)
        if not isinstance(values, tuple):
            yield f"{name} is a tuple"
        elif len(values) > phases:
            yield f"{name}: there are {phases} phases"
    yield from _mistakes_of(reading, "")
    for number, line in enumerate(reading.lines, start=1):
        yield from _mistakes_of(line, f"lines[{number}].")
    if reading.soc_percent is not None and not 0 <= reading.soc_percent <= 100:
        yield "soc_percent is 0 to 100"


def _mistakes_of(reading: Reading | LineReading, place: str) -> Iterator[str]:
    """The rules that the registers and numbers of a reading break, or those of one line."""
    for name, value in asdict(reading, recurse=False).items():
        if name in _REGISTERS:
            may_be_silent = name != "register_wh" or isinstance(reading, LineReading)
            if not (value is None and may_be_silent) and (type(value) is not int or value < 0):
                yield f"{place}{name} is a whole number of {name.rpartition('_')[2].replace('w', 'W')}, 0 or more"
        elif name != "lines":
            numbers = value if isinstance(value, tuple) else (value,)
            if not all(isfinite(number) for number in numbers if number is not None):
                yield f"{place}{name} has to be finite"


def runs_backwards(reading: Reading, earlier: Reading) -> bool:
    """Whether any register shows less than it did."""
    pairs = zip(counts_of(reading), counts_of(earlier), strict=False)
    return any(count is not None and before is not None and count < before for count, before in pairs)


def untold(station: Station, connector_id: int, reading: Reading) -> list[str]:
    """What a station says that its meters tell, and this reading of a connector does not: `Voltage.L2-N`.

    The state of charge is left out, as not every vehicle tells it.
    """
    shown = Shown(reading, 0.0, 0.0, is_dc=station.current_type is CurrentType.DC)
    items = _items(station, station.connector(connector_id).phases)
    return [str(item) for item in items if not measure(shown, (item,), since=counts_of(reading))]


def _items(station: Station, phases: int) -> Iterator[Item]:
    """All that the meter of a connector of so many phases is to tell."""
    by_line = (Measurand.CURRENT_EXPORT, Measurand.CURRENT_IMPORT, Measurand.VOLTAGE)
    for measurand in station.measurands:
        if measurand in by_line and station.current_type is CurrentType.AC:
            yield from (Item(measurand, line) for line in LINES[:phases])
        elif measurand is not Measurand.SOC:
            yield Item(measurand)
    yield from (Item(measurand, phase) for measurand, phase in station.measured_phases if lines_of(phase) <= phases)
