"""Configuration keys of meter values."""

from __future__ import annotations

from attrs import frozen

from ocpp16cp.kernel.keys import Access, ValueRefused, comma_list, integer, key
from ocpp16cp.station import CurrentType, Station
from ocpp16cp.wire.types import Measurand, Phase

MAX_MEASURANDS = 22
"""All there are (§7.31)."""


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
    Measurand.CURRENT_IMPORT: (Phase.L1, Phase.L2, Phase.L3),
    Measurand.VOLTAGE: (Phase.L1, Phase.L2, Phase.L3, Phase.L1_N, Phase.L2_N, Phase.L3_N),
}
"""The measurands that are read for each phase apart, on AC."""


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
    if station.current_type is CurrentType.DC or phase not in _BY_PHASE.get(measurand, ()):
        return False
    return int(phase.value[1]) <= max(connector.phases for connector in station.connectors)


def _default_items(station: Station) -> tuple[Item, ...]:
    """What suits most central systems, as far as the meter can tell it."""
    wanted = (
        Measurand.CURRENT_IMPORT,
        Measurand.ENERGY_ACTIVE_IMPORT_REGISTER,
        Measurand.POWER_ACTIVE_IMPORT,
        Measurand.SOC,
    )
    return tuple(Item(measurand) for measurand in wanted if measurand in station.measurands)


METER_VALUE_SAMPLE_INTERVAL = key("MeterValueSampleInterval", integer(), 30)
"""Seconds between samples, counted from the start of the transaction; 0: none (§9.1.19)."""
METER_VALUES_SAMPLED_DATA = key(
    "MeterValuesSampledData", comma_list(parse_item, str, lambda _: MAX_MEASURANDS), _default_items
)
"""What is sampled (§9.1.17)."""
METER_VALUES_SAMPLED_DATA_MAX_LENGTH = key(
    "MeterValuesSampledDataMaxLength", integer(), MAX_MEASURANDS, access=Access.READ_ONLY
)
"""How many measurands MeterValuesSampledData may hold (§9.1.18)."""

KEYS = (METER_VALUE_SAMPLE_INTERVAL, METER_VALUES_SAMPLED_DATA, METER_VALUES_SAMPLED_DATA_MAX_LENGTH)
