"""What the meters show, in the protocol's terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from ocpp16cp.events import Reading
from ocpp16cp.features.connectors.state import LEVELS, Offer
from ocpp16cp.kernel.step import Step
from ocpp16cp.station import CurrentType
from ocpp16cp.wire.types import Location, Measurand, MeterValue, Phase, ReadingContext, SampledValue, UnitOfMeasure

from .keys import METER_VALUES_SAMPLED_DATA, Item
from .state import METERS, REGISTERS

_LINES = (Phase.L1, Phase.L2, Phase.L3)
_TO_NEUTRAL = (Phase.L1_N, Phase.L2_N, Phase.L3_N)
_UNITS = {
    Measurand.CURRENT_IMPORT: UnitOfMeasure.A,
    Measurand.CURRENT_OFFERED: UnitOfMeasure.A,
    Measurand.ENERGY_ACTIVE_IMPORT_REGISTER: UnitOfMeasure.WH,
    Measurand.POWER_ACTIVE_IMPORT: UnitOfMeasure.W,
    Measurand.POWER_OFFERED: UnitOfMeasure.W,
    Measurand.SOC: UnitOfMeasure.PERCENT,
    Measurand.TEMPERATURE: UnitOfMeasure.CELSIUS,
    Measurand.VOLTAGE: UnitOfMeasure.V,
}
"""Frequency and Power.Factor have no unit in the enumeration (§7.45)."""
_LOCATIONS = {Measurand.SOC: Location.EV, Measurand.TEMPERATURE: Location.BODY}
"""All others are measured at the outlet."""


_FIELDS = {
    Measurand.ENERGY_ACTIVE_IMPORT_REGISTER: ("register_wh", 0),
    Measurand.FREQUENCY: ("frequency_hz", 2),
    Measurand.POWER_ACTIVE_IMPORT: ("power_w", 1),
    Measurand.POWER_FACTOR: ("power_factor", 3),
    Measurand.SOC: ("soc_percent", 0),
    Measurand.TEMPERATURE: ("temperature_c", 1),
}
"""Where a reading holds what is read once for all phases, and its digits after the point."""


def register_wh(step: Step, connector_id: int) -> int | None:
    """What the register shows, or showed before the start; `None` if it was never read."""
    meter = step[METERS].get(connector_id)
    if meter is not None:
        return meter.reading.register_wh
    stored = step[REGISTERS].get(connector_id)
    return None if stored is None else stored.register_wh


def sample(step: Step, connector_id: int, context: ReadingContext) -> MeterValue | None:
    """The measurands of MeterValuesSampledData as the meter showed them last; `None` if it can tell none of them."""
    meter = step[METERS].get(connector_id)
    if meter is None:
        return None
    items = step.key(METER_VALUES_SAMPLED_DATA) or (Item(Measurand.ENERGY_ACTIVE_IMPORT_REGISTER),)
    values = tuple(_sampled_values(step, connector_id, meter.reading, items, context))
    return MeterValue(timestamp=step.utc, sampled_value=values) if values else None


def readable(step: Step) -> tuple[int, ...]:
    """The connectors whose meter can tell something of MeterValuesSampledData now; 0 is the main meter, if any."""
    return tuple(each for each in step[METERS] if sample(step, each, ReadingContext.TRIGGER) is not None)


def _sampled_values(
    step: Step, connector_id: int, reading: Reading, items: Iterable[Item], context: ReadingContext
) -> Iterator[SampledValue]:
    """The values of one reading, in the order of the items."""
    for item in items:
        for phase, text in _values(step, connector_id, reading, item.measurand):
            if item.phase is None or _is_same_line(item.phase, phase):
                yield SampledValue(
                    value=text,
                    context=context,
                    measurand=item.measurand,
                    phase=item.phase or phase,
                    location=_LOCATIONS.get(item.measurand, Location.OUTLET),
                    unit=_UNITS.get(item.measurand),
                )


def _is_same_line(wanted: Phase, phase: Phase | None) -> bool:
    """Whether two phases name the same line: a voltage may be asked for as L1 or as L1-N."""
    return phase is not None and wanted.value[:2] == phase.value[:2]


def _values(step: Step, connector_id: int, reading: Reading, measurand: Measurand) -> list[tuple[Phase | None, str]]:
    """The values of one measurand, with their phases; empty if the meter cannot tell."""
    if measurand is Measurand.CURRENT_IMPORT:
        return _by_phase(step, reading.current_a, _LINES, 2)
    if measurand is Measurand.VOLTAGE:
        return _by_phase(step, reading.voltage_v, _TO_NEUTRAL, 1)
    if measurand is Measurand.CURRENT_OFFERED:
        return _overall(float(_offer(step, connector_id).limit_a), 1)
    if measurand is Measurand.POWER_OFFERED:
        offer = _offer(step, connector_id)
        return _overall(float(offer.limit_a * offer.phases * step.station.nominal_voltage_v), 1)
    field, digits = _FIELDS[measurand]
    return _overall(getattr(reading, field), digits)


_NOTHING = Offer(limit_a=Decimal(0), phases=1)


def _offer(step: Step, connector_id: int) -> Offer:
    """What is offered to the vehicle now."""
    level = step[LEVELS].get(connector_id)
    return level.offer if level is not None and level.is_on else _NOTHING


def _by_phase(
    step: Step, values: tuple[float, ...], phases: tuple[Phase, ...], digits: int
) -> list[tuple[Phase | None, str]]:
    """A value for each phase that the meter has; on DC there is one, without a phase."""
    if step.station.current_type is CurrentType.DC:
        return _overall(values[0] if values else None, digits)
    return [(phase, _text(value, digits)) for phase, value in zip(phases, values, strict=False)]


def _overall(value: float | None, digits: int) -> list[tuple[Phase | None, str]]:
    """One value for all phases together."""
    return [] if value is None else [(None, _text(value, digits))]


def _text(value: float, digits: int) -> str:
    """A number without exponent and without trailing zeros."""
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
