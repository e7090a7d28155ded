"""What meters tell, held against each other."""

from __future__ import annotations

from decimal import Decimal
from math import cos, pi, sin, sqrt
from typing import Any

import pytest
from attrs import evolve

from ocpp16cp.driver.simulated import CITY, PLUG_IN_HYBRID, PlugIn, SimulatedStation
from ocpp16cp.events import LineReading, Reading
from ocpp16cp.outcome import SetOutput
from ocpp16cp.station import Station
from ocpp16cp.testing.driver_readings import untold
from ocpp16cp.wire.phases import FURTHER_PHASES
from ocpp16cp.wire.types import Measurand, Phase
from tests.driver.simulated.rig import CAR, DC_STATION, SEED_STATION, SOCKETS, Rig, rig

PHASES = tuple((measurand, phase) for measurand, phases in FURTHER_PHASES.items() for phase in phases)
TELLING = evolve(SEED_STATION, measurands=tuple(Measurand), measured_phases=PHASES)
LAGGING = evolve(CAR, power_factor=Decimal("0.9"), tells_soc=True)


def charging(station: Station = TELLING) -> Rig:
    """A station with a car of three phases at connector 1, and one of a single phase at connector 2."""
    bench = rig(station)
    bench.act(PlugIn(1, LAGGING), PlugIn(2, PLUG_IN_HYBRID))
    bench.allow(1)
    bench.allow(2)
    return bench


@pytest.mark.parametrize("place", [0, 1, 2])
def test_power_of_all_lines_is_the_power(place: int) -> None:
    reading = charging().reading(place)

    for field in ("power_w", "reactive_power_var", "export_power_w", "reactive_export_power_var"):
        assert getattr(reading, field) == pytest.approx(sum(getattr(line, field) for line in reading.lines)), field
    assert (reading.power_w or 0) > 0


@pytest.mark.parametrize("place", [0, 1, 2])
def test_active_and_reactive_power_make_up_volts_times_amperes(place: int) -> None:
    """And the power factor is the share of the first."""
    reading = charging().reading(place)

    apparent = 0.0
    for volts, amperes, line in zip(reading.voltage_v, reading.current_a, reading.lines, strict=True):
        power, reactive = line.power_w or 0.0, line.reactive_power_var or 0.0
        if place:
            assert sqrt(power**2 + reactive**2) == pytest.approx(volts * amperes, rel=2e-3)
        if power:
            assert line.power_factor == pytest.approx(power / sqrt(power**2 + reactive**2))
        apparent += volts * amperes
    assert reading.power_factor is not None
    if place:
        assert reading.power_w == pytest.approx(apparent * reading.power_factor, rel=2e-3)


def test_registers_are_the_integrals_of_the_powers() -> None:
    bench = charging()
    before = bench.reading()
    bench.wait(900)
    after = bench.reading()

    def flowed(field: str, of: Reading | LineReading, then: Reading | LineReading) -> int:
        return int(getattr(then, field) - getattr(of, field))

    pairs: list[tuple[Any, Any]] = [(before, after), *zip(before.lines, after.lines, strict=True)]
    for of, then in pairs:
        assert flowed("register_wh", of, then) == pytest.approx((of.power_w or 0) / 4, abs=1)
        assert flowed("reactive_register_varh", of, then) == pytest.approx((of.reactive_power_var or 0) / 4, abs=1)
        assert flowed("export_register_wh", of, then) == flowed("reactive_export_register_varh", of, then) == 0
    assert after.register_wh == pytest.approx(sum(line.register_wh or 0 for line in after.lines), abs=3)


def test_neutral_carries_what_the_lines_leave_over() -> None:
    """Three equal currents cancel out; one alone comes back whole; otherwise what geometry says."""
    bench = charging()

    balanced, single, mixed = bench.reading(1), bench.reading(2), bench.reading(0)

    assert balanced.neutral_current_a == pytest.approx(0, abs=1e-9)
    assert single.neutral_current_a == pytest.approx(single.current_a[0])
    turns = [complex(cos(2 * pi * line / 3), sin(2 * pi * line / 3)) for line in range(3)]
    left = sum(amperes * turn for amperes, turn in zip(mixed.current_a, turns, strict=True))
    assert mixed.neutral_current_a == pytest.approx(abs(left), abs=1e-3)


def test_voltages_between_lines_agree_with_those_to_neutral() -> None:
    reading = charging().reading()

    one, two, three = reading.voltage_v
    for between, (a, b) in zip(reading.line_voltage_v, ((one, two), (two, three), (three, one)), strict=True):
        assert between == pytest.approx(sqrt(a**2 + a * b + b**2), abs=0.051)
        assert between == pytest.approx(sqrt(3) * 230, rel=0.02)


@pytest.mark.parametrize("phases", [1, 2])
def test_lines_that_are_not_wired_are_not_told(phases: int) -> None:
    outlets = tuple(evolve(connector, phases=phases) for connector in SEED_STATION.connectors)
    told = [(Measurand.POWER_ACTIVE_IMPORT, Phase.L1)]
    told += [(Measurand.VOLTAGE, Phase.L1_L2)] * (phases == 2)
    station = evolve(TELLING, connectors=outlets, measured_phases=tuple(told))

    reading = charging(station).reading()

    assert len(reading.lines) == len(reading.voltage_v) == phases
    assert len(reading.line_voltage_v) == phases - 1
    assert reading.lines[0] == LineReading(power_w=reading.lines[0].power_w)


def test_heat_and_fan_follow_the_load() -> None:
    bench = rig(evolve(TELLING, connectors=TELLING.connectors[:1], measured_phases=()))
    idle = bench.reading()
    bench.act(PlugIn(1, CITY))
    bench.allow()
    busy = bench.reading()

    assert (idle.temperature_c, idle.fan_rpm) == (20.0, 0)
    assert (busy.temperature_c, busy.fan_rpm) == (45.0, 3000)


@pytest.mark.parametrize(
    ("station", "measurands"),
    [
        (TELLING, tuple(Measurand)),
        (SEED_STATION, SEED_STATION.measurands),
        (SOCKETS, SOCKETS.measurands),
        (DC_STATION, tuple(each for each in Measurand if "Reactive" not in each.value)),
    ],
)
def test_everything_that_the_station_names_is_told(station: Station, measurands: tuple[Measurand, ...]) -> None:
    """As `check_driver` wants it; on DC there is neither a frequency nor a power factor."""
    ac_only = {Measurand.FREQUENCY, Measurand.POWER_FACTOR} if station is DC_STATION else set()
    station = evolve(station, measurands=tuple(each for each in measurands if each not in ac_only))
    bench = rig(station)
    bench.act(PlugIn(1, LAGGING))
    bench.allow()

    assert untold(station, 1, bench.reading()) == []


def test_nothing_more_is_told_than_is_named() -> None:
    reading = rig(SEED_STATION).reading()

    more = (reading.export_register_wh, reading.reactive_power_var, reading.temperature_c, reading.fan_rpm)
    assert more == (None, None, None, None)
    assert (reading.lines, reading.line_voltage_v, reading.neutral_current_a) == ((), (), None)


def test_direct_current_has_nothing_reactive() -> None:
    station = evolve(DC_STATION, measurands=tuple(Measurand))
    simulated = SimulatedStation(station, meter_period_s=None)
    simulated.act(PlugIn(1, LAGGING), 0)
    simulated.carry_out(SetOutput(1, is_on=True), 0)
    reading = simulated.reading(1)

    assert reading.power_w == pytest.approx(reading.voltage_v[0] * reading.current_a[0])
    assert (reading.reactive_power_var, reading.reactive_register_varh, reading.power_factor) == (None, None, None)
