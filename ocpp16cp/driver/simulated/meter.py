"""What a simulated meter shows: everything that the station says its meters can tell, each agreeing with the others.

Every meter tells its register, power, currents, voltages, and on AC frequency and power factor; more of it what
`Station.measurands` and `Station.measured_phases` name. Nothing here ever gives energy back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import hypot, sqrt
from typing import Any

from attrs import frozen

from ocpp16cp.events import LineReading, Reading
from ocpp16cp.station import CurrentType, Station
from ocpp16cp.wire.phases import LINES
from ocpp16cp.wire.types import Measurand, Phase

from .units import ENERGY_PER_WH, POWER_PER_W

GRID_HZ = 50.0

AMBIENT_C = 20.0
LOAD_HEAT_K = 25.0
"""By so much it is warmer inside at full load, at once: nothing here has a heat capacity."""

SLOWEST_RPM, FASTEST_RPM = 900, 3000
"""Of the fan, at the least load and the full one; it stands while nothing flows."""


@frozen(kw_only=True)
class Flow:
    """What flows through a meter now, and what has flowed, by the lines wired to it; on DC there is one."""

    voltages_dv: tuple[int, ...]
    currents_ma: tuple[int, ...]
    powers: tuple[int, ...]
    reactive_powers: tuple[int, ...]
    energies: tuple[int, ...]
    reactive_energies: tuple[int, ...]
    load: float
    """The share of the most that could flow, 0 to 1."""
    soc_percent: int | None = None


_M = Measurand
_Tell = Callable[[Flow], Any]


def _nothing(flow: Flow) -> tuple[float, ...]:
    return (0.0,) * len(flow.currents_ma)


def _reactive_varh(flow: Flow) -> int:
    return sum(flow.reactive_energies) // ENERGY_PER_WH


_MORE: dict[Measurand, tuple[str, _Tell]] = {
    _M.CURRENT_EXPORT: ("export_current_a", _nothing),
    _M.ENERGY_ACTIVE_EXPORT_INTERVAL: ("export_register_wh", lambda _: 0),
    _M.ENERGY_ACTIVE_EXPORT_REGISTER: ("export_register_wh", lambda _: 0),
    _M.ENERGY_REACTIVE_EXPORT_INTERVAL: ("reactive_export_register_varh", lambda _: 0),
    _M.ENERGY_REACTIVE_EXPORT_REGISTER: ("reactive_export_register_varh", lambda _: 0),
    _M.ENERGY_REACTIVE_IMPORT_INTERVAL: ("reactive_register_varh", _reactive_varh),
    _M.ENERGY_REACTIVE_IMPORT_REGISTER: ("reactive_register_varh", _reactive_varh),
    _M.POWER_ACTIVE_EXPORT: ("export_power_w", lambda _: 0.0),
    _M.POWER_REACTIVE_EXPORT: ("reactive_export_power_var", lambda _: 0.0),
    _M.POWER_REACTIVE_IMPORT: ("reactive_power_var", lambda flow: sum(flow.reactive_powers) / POWER_PER_W),
    _M.RPM: ("fan_rpm", lambda flow: round(SLOWEST_RPM + (FASTEST_RPM - SLOWEST_RPM) * flow.load) if flow.load else 0),
    _M.TEMPERATURE: ("temperature_c", lambda flow: round(AMBIENT_C + LOAD_HEAT_K * flow.load, 1)),
}
"""What not every meter tells: the field of the reading, and its value."""

_OF_LINE: dict[Measurand, tuple[str, Callable[[Flow, int], Any]]] = {
    _M.ENERGY_ACTIVE_EXPORT_INTERVAL: ("export_register_wh", lambda *_: 0),
    _M.ENERGY_ACTIVE_EXPORT_REGISTER: ("export_register_wh", lambda *_: 0),
    _M.ENERGY_ACTIVE_IMPORT_INTERVAL: ("register_wh", lambda flow, line: flow.energies[line] // ENERGY_PER_WH),
    _M.ENERGY_ACTIVE_IMPORT_REGISTER: ("register_wh", lambda flow, line: flow.energies[line] // ENERGY_PER_WH),
    _M.ENERGY_REACTIVE_EXPORT_INTERVAL: ("reactive_export_register_varh", lambda *_: 0),
    _M.ENERGY_REACTIVE_EXPORT_REGISTER: ("reactive_export_register_varh", lambda *_: 0),
    _M.ENERGY_REACTIVE_IMPORT_INTERVAL: (
        "reactive_register_varh",
        lambda flow, line: flow.reactive_energies[line] // ENERGY_PER_WH,
    ),
    _M.ENERGY_REACTIVE_IMPORT_REGISTER: (
        "reactive_register_varh",
        lambda flow, line: flow.reactive_energies[line] // ENERGY_PER_WH,
    ),
    _M.POWER_ACTIVE_EXPORT: ("export_power_w", lambda *_: 0.0),
    _M.POWER_ACTIVE_IMPORT: ("power_w", lambda flow, line: flow.powers[line] / POWER_PER_W),
    _M.POWER_FACTOR: ("power_factor", lambda flow, line: _factor(flow.powers[line], flow.reactive_powers[line])),
    _M.POWER_REACTIVE_EXPORT: ("reactive_export_power_var", lambda *_: 0.0),
    _M.POWER_REACTIVE_IMPORT: (
        "reactive_power_var",
        lambda flow, line: flow.reactive_powers[line] / POWER_PER_W,
    ),
}
"""What a meter may tell of each line: the field, and its value."""


@frozen(kw_only=True)
class Meter:
    """A meter, by what it tells besides what every one does."""

    is_dc: bool
    more: tuple[Measurand, ...]
    of_line: tuple[Measurand, ...]
    tells_neutral: bool
    tells_between_lines: bool

    @classmethod
    def of(cls, station: Station) -> Meter:
        """A meter as the station describes it."""
        phases = set(station.measured_phases)
        is_dc = station.current_type is CurrentType.DC
        reactive = () if not is_dc else tuple(each for each in _MORE if "Reactive" in each.value)
        return cls(
            is_dc=is_dc,
            more=tuple(each for each in station.measurands if each in _MORE and each not in reactive),
            of_line=tuple(each for each in station.measurands if any((each, line) in phases for line in LINES)),
            tells_neutral=(_M.CURRENT_IMPORT, Phase.N) in phases,
            tells_between_lines=any(measurand is _M.VOLTAGE for measurand, _ in phases),
        )

    def read(self, flow: Flow) -> Reading:
        """What it shows."""
        power = sum(flow.powers)
        return Reading(
            register_wh=sum(flow.energies) // ENERGY_PER_WH,
            power_w=power / POWER_PER_W,
            current_a=tuple(current_ma / 1000 for current_ma in flow.currents_ma),
            voltage_v=tuple(voltage_dv / 10 for voltage_dv in flow.voltages_dv),
            frequency_hz=None if self.is_dc else GRID_HZ,
            power_factor=None if self.is_dc else _factor(power, sum(flow.reactive_powers)),
            soc_percent=flow.soc_percent,
            **{name: tell(flow) for name, tell in (_MORE[each] for each in self.more)},
            neutral_current_a=_neutral_a(flow.currents_ma) if self.tells_neutral else None,
            line_voltage_v=tuple(_between(flow.voltages_dv)) if self.tells_between_lines else (),
            lines=tuple(self._line(flow, line) for line in range(len(flow.powers))) if self.of_line else (),
        )

    def _line(self, flow: Flow, line: int) -> LineReading:
        """What it shows of one line."""
        return LineReading(**{name: tell(flow, line) for name, tell in (_OF_LINE[each] for each in self.of_line)})


def _factor(power: int, reactive_power: int) -> float:
    """The power factor; 1 while nothing flows."""
    return power / hypot(power, reactive_power) if power else 1.0


def _neutral_a(currents_ma: tuple[int, ...]) -> float:
    """What flows back over N: the sum of currents a third of a turn apart."""
    one, two, three = (*currents_ma, 0, 0)[:3]
    return round(sqrt(one**2 + two**2 + three**2 - one * two - two * three - three * one)) / 1000


def _between(voltages_dv: tuple[int, ...]) -> Iterator[float]:
    """The voltages between the lines that are wired, which are a third of a turn apart: L1-L2, L2-L3, L3-L1."""
    pairs = {2: ((0, 1),), 3: ((0, 1), (1, 2), (2, 0))}.get(len(voltages_dv), ())
    for one, other in pairs:
        a, b = voltages_dv[one], voltages_dv[other]
        yield round(sqrt(a**2 + a * b + b**2)) / 10
