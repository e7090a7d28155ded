"""Configuration keys of meter values."""

from __future__ import annotations

from ocpp16cp.kernel.keys import Key, ValueRefused, at_most, comma_list, integer, key
from ocpp16cp.lean import frozen
from ocpp16cp.station import CurrentType, Station
from ocpp16cp.vendor_keys import Access
from ocpp16cp.wire.phases import LINES, lines_of
from ocpp16cp.wire.shapes import MAX_ITEMS
from ocpp16cp.wire.types import Measurand, Phase

MAX_MEASURANDS = 22
"""All there are (§7.31)."""
DAY_S = 86_400
"""The grid of clock-aligned samples begins anew at every midnight."""


@frozen
class Item:
    """A measurand, of all phases that the meter has or of one."""

    measurand: Measurand
    phase: Phase | None = None

    def __str__(self) -> str:
        return self.measurand.value if self.phase is None else f"{self.measurand.value}.{self.phase.value}"


_MEASURANDS = {measurand.value.lower(): measurand for measurand in Measurand}
_PHASES = {phase.value.lower(): phase for phase in Phase}
_BY_PHASE = {
    Measurand.CURRENT_EXPORT: LINES,
    Measurand.CURRENT_IMPORT: LINES,
    Measurand.VOLTAGE: (*LINES, Phase.L1_N, Phase.L2_N, Phase.L3_N),
}
"""The measurands that every meter tells of each phase apart, on AC."""


def parse_item(text: str, station: Station) -> Item:
    """A measurand with or without a phase, spelled in any letter case: `SoC`, `Voltage.L1-N`.

    Raises:
        ValueRefused: there is no such thing, or this station's meter cannot tell it.
    """
    name, _, last = text.lower().rpartition(".")
    measurand, phase = _MEASURANDS.get(text.lower()), None
    if measurand is None:
        measurand, phase = _MEASURANDS.get(name), _PHASES.get(last)
        if measurand is None or phase is None:
            raise ValueRefused(f"{text!r} is no measurand")
    if measurand not in station.measurands:
        raise ValueRefused(f"{measurand.value} is not measured by this charge point")
    if phase is not None and not _has_phase(station, measurand, phase):
        raise ValueRefused(f"{text!r}: this phase is not measured apart")
    return Item(measurand, phase)


def _has_phase(station: Station, measurand: Measurand, phase: Phase) -> bool:
    """Whether some connector's meter shows a measurand for one phase."""
    if (measurand, phase) in station.measured_phases:
        return True
    if station.current_type is CurrentType.DC or phase not in _BY_PHASE.get(measurand, ()):
        return False
    return lines_of(phase) <= max(connector.phases for connector in station.connectors)


_MEASURAND_LIST = comma_list("measurands, each with or without a phase", parse_item)


def _default_items(station: Station) -> tuple[Item, ...]:
    """What suits most central systems, as far as the meter can tell it."""
    wanted = (
        Measurand.CURRENT_IMPORT,
        Measurand.ENERGY_ACTIVE_IMPORT_REGISTER,
        Measurand.POWER_ACTIVE_IMPORT,
        Measurand.SOC,
    )
    return tuple(Item(measurand) for measurand in wanted if measurand in station.measurands)


def _max_length(of: str) -> Key[int]:
    """The key that says how many measurands another may hold."""
    return key(f"{of}MaxLength", integer(), MAX_MEASURANDS, access=Access.READ_ONLY)


METER_VALUE_SAMPLE_INTERVAL = key("MeterValueSampleInterval", integer(), 30)
"""Seconds between samples, counted from the start of the transaction; 0: none (§9.1.19)."""
CLOCK_ALIGNED_DATA_INTERVAL = key("ClockAlignedDataInterval", integer(maximum=DAY_S), 0)
"""Seconds between clock-aligned samples, counted from midnight; 0: none (§9.1.5)."""

METER_VALUES_SAMPLED_DATA_MAX_LENGTH = _max_length("MeterValuesSampledData")
"""How many measurands MeterValuesSampledData may hold (§9.1.18)."""
METER_VALUES_SAMPLED_DATA = key(
    "MeterValuesSampledData", _MEASURAND_LIST, _default_items, checks=(at_most(METER_VALUES_SAMPLED_DATA_MAX_LENGTH),)
)
"""What is sampled (§9.1.17)."""
METER_VALUES_ALIGNED_DATA_MAX_LENGTH = _max_length("MeterValuesAlignedData")
"""How many measurands MeterValuesAlignedData may hold (§9.1.16)."""
METER_VALUES_ALIGNED_DATA = key(
    "MeterValuesAlignedData",
    _MEASURAND_LIST,
    (Item(Measurand.ENERGY_ACTIVE_IMPORT_REGISTER),),
    checks=(at_most(METER_VALUES_ALIGNED_DATA_MAX_LENGTH),),
)
"""What is sampled at the clock-aligned instants (§9.1.15)."""
STOP_TXN_SAMPLED_DATA_MAX_LENGTH = _max_length("StopTxnSampledData")
"""How many measurands StopTxnSampledData may hold (§9.1.28)."""
STOP_TXN_SAMPLED_DATA = key(
    "StopTxnSampledData", _MEASURAND_LIST, (), checks=(at_most(STOP_TXN_SAMPLED_DATA_MAX_LENGTH),)
)
"""What is sampled for the end of the transaction (§9.1.27)."""
STOP_TXN_ALIGNED_DATA_MAX_LENGTH = _max_length("StopTxnAlignedData")
"""How many measurands StopTxnAlignedData may hold (§9.1.26)."""
STOP_TXN_ALIGNED_DATA = key(
    "StopTxnAlignedData", _MEASURAND_LIST, (), checks=(at_most(STOP_TXN_ALIGNED_DATA_MAX_LENGTH),)
)
"""What is sampled at the clock-aligned instants for the end of the transaction (§9.1.25)."""
STOP_TRANSACTION_MAX_METER_VALUES = key(
    "StopTransactionMaxMeterValues", integer(2, MAX_ITEMS), 1000, access=Access.READ_ONLY
)
"""How many samples the end of a transaction may carry: at least those of its begin and end (errata 3.89)."""

KEYS = (
    CLOCK_ALIGNED_DATA_INTERVAL,
    METER_VALUE_SAMPLE_INTERVAL,
    METER_VALUES_ALIGNED_DATA,
    METER_VALUES_ALIGNED_DATA_MAX_LENGTH,
    METER_VALUES_SAMPLED_DATA,
    METER_VALUES_SAMPLED_DATA_MAX_LENGTH,
    STOP_TRANSACTION_MAX_METER_VALUES,
    STOP_TXN_ALIGNED_DATA,
    STOP_TXN_ALIGNED_DATA_MAX_LENGTH,
    STOP_TXN_SAMPLED_DATA,
    STOP_TXN_SAMPLED_DATA_MAX_LENGTH,
)
