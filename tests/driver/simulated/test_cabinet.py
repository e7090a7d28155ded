"""Physics: what holds whatever happens, and whenever somebody looks."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.driver.simulated import (
    CITY,
    COMPACT,
    MINIATURE,
    PLUG_IN_HYBRID,
    SEDAN,
    Action,
    ActionImpossible,
    ClearFault,
    CutPower,
    JamLock,
    PlugIn,
    RaiseFault,
    RestorePower,
    ResumeVehicle,
    SimulatedStation,
    SuspendVehicle,
    Unplug,
    UnplugAtVehicle,
)
from ocpp16cp.events import FaultRaised, HardwareEvent, MeterRead, OutputChanged
from ocpp16cp.outcome import Command, Lock, SetLimit, SetOutput, Unlock
from ocpp16cp.station import Connector, Station
from ocpp16cp.wire.types import ChargePointErrorCode
from tests.driver.simulated.rig import CAR, DC_STATION, SOCKETS, rig

MIXED = Station(
    identity="CP4",
    vendor="ocpp16cp",
    model="mixed",
    connectors=(Connector(), Connector(fixed_cable=False, phases=1, max_current_a=Decimal(20))),
)

FAULT = FaultRaised(connector_id=1, error_code=ChargePointErrorCode.GROUND_FAILURE)

connector_ids = st.sampled_from((1, 2))
limits_a = st.decimals(min_value=0, max_value=40, places=1)
cars = st.builds(
    evolve,
    st.sampled_from((CITY, COMPACT, MINIATURE, PLUG_IN_HYBRID, SEDAN, CAR)),
    phases=st.integers(min_value=1, max_value=3),
    target_percent=st.integers(min_value=0, max_value=100),
)
doings: st.SearchStrategy[Action | Command] = st.one_of(
    st.builds(PlugIn, connector_ids, cars),
    st.builds(SetOutput, connector_ids, st.booleans()),
    st.builds(SetLimit, connector_ids, limits_a, st.integers(min_value=1, max_value=3)),
    st.builds(Lock, st.just(1), connector_ids),
    st.builds(Unlock, st.just(1), connector_ids),
    st.builds(Unplug, connector_ids),
    st.builds(UnplugAtVehicle, connector_ids),
    st.builds(SuspendVehicle, connector_ids),
    st.builds(ResumeVehicle, connector_ids),
    st.builds(JamLock, connector_ids),
    st.sampled_from((RaiseFault(FAULT), ClearFault(FAULT), CutPower(), RestorePower())),
)
waits_s = st.floats(min_value=0, max_value=2000, allow_nan=False)
histories = st.lists(st.tuples(waits_s, doings), max_size=20)
stations = st.sampled_from((MIXED, SOCKETS, evolve(DC_STATION, connectors=DC_STATION.connectors * 2)))


def begin(station: Station, meter_period_s: float | None) -> SimulatedStation:
    """A station on which a car is charging already, as most histories would otherwise be dull."""
    simulated = SimulatedStation(station, meter_period_s=meter_period_s, lock_delay_s=0.5)
    simulated.act(PlugIn(1, COMPACT), 0)
    simulated.carry_out(SetOutput(1, is_on=True), 0)
    return simulated


def do(station: SimulatedStation, doing: Action | Command, now: float) -> tuple[HardwareEvent, ...]:
    """Do something, if the world allows it."""
    if isinstance(doing, Command):
        return station.carry_out(doing, now)
    try:
        return station.act(doing, now)
    except ActionImpossible:
        return station.advance(now)


def instants(history: Sequence[tuple[float, Action | Command]]) -> list[tuple[float, Action | Command]]:
    """The same with the instants instead of the waits."""
    now, timed = 0.0, []
    for wait_s, doing in history:
        now += wait_s
        timed.append((now, doing))
    return timed


def every_change(station: SimulatedStation, until: float) -> list[float]:
    """Move a station on, stopping at each change; returned are the stops."""
    stops = []
    while (at := station.next_change()) is not None and at <= until:
        station.advance(at)
        stops.append(at)
    station.advance(until)
    return [*stops, until]


@given(stations, histories)
def test_register_is_the_integral_of_power(station: Station, history: list[tuple[float, Action | Command]]) -> None:
    simulated = begin(station, None)
    places = (0, *station.connector_ids)
    began_wh = {place: simulated.reading(place).register_wh for place in places}
    energy_ws = dict.fromkeys(places, Fraction(0))
    now = 0.0

    for at, doing in instants(history):
        while now < at:
            power_w = {place: Fraction(simulated.reading(place).power_w or 0) for place in places}
            change = simulated.next_change()
            until = at if change is None else min(at, change)
            simulated.advance(until)
            for place in places:
                energy_ws[place] += power_w[place] * (Fraction(until) - Fraction(now))
            now = until
        do(simulated, doing, at)

    for place in places:
        counted_wh = simulated.reading(place).register_wh - began_wh[place]
        # Below 1 Wh is what the register does not show; a little more is time in whole microseconds.
        assert -0.001 < energy_ws[place] / 3600 - counted_wh < 1.001


@given(stations, histories)
def test_register_never_runs_backwards_and_main_meter_agrees(
    station: Station, history: list[tuple[float, Action | Command]]
) -> None:
    simulated = begin(station, 60.0)
    offset_wh = simulated.reading(0).register_wh - sum(
        simulated.reading(number).register_wh for number in station.connector_ids
    )
    shown_wh: dict[int, list[int]] = {place: [] for place in (0, *station.connector_ids)}

    for at, doing in instants(history):
        for event in do(simulated, doing, at):
            if isinstance(event, MeterRead):
                shown_wh[event.connector_id].append(event.reading.register_wh)
        readings = [simulated.reading(number) for number in station.connector_ids]
        # Fractions of a Wh of the connectors add up to less than one more Wh each.
        excess_wh = simulated.reading(0).register_wh - offset_wh - sum(reading.register_wh for reading in readings)
        assert 0 <= excess_wh < len(readings)
        assert simulated.reading(0).power_w == pytest.approx(sum(reading.power_w or 0 for reading in readings))

    for registers_wh in shown_wh.values():
        assert all(earlier <= later for earlier, later in pairwise(registers_wh))


@given(
    stations, histories, st.lists(st.floats(min_value=0, max_value=40_000), max_size=30), st.sampled_from((None, 60.0))
)
def test_it_does_not_matter_when_somebody_looks(
    station: Station,
    history: list[tuple[float, Action | Command]],
    looks: list[float],
    meter_period_s: float | None,
) -> None:
    seldom, often = begin(station, meter_period_s), begin(station, meter_period_s)
    past = 0.0

    for at, doing in instants(history):
        told = do(seldom, doing, at)
        told_often: list[HardwareEvent] = []
        for look in sorted(look for look in looks if past <= look <= at):
            told_often += often.advance(look)
        told_often += do(often, doing, at)
        past = at
        assert tuple(told_often) == told

    assert seldom == often


@given(stations, histories)
def test_current_is_never_above_limit_connector_or_car(
    station: Station, history: list[tuple[float, Action | Command]]
) -> None:
    simulated = begin(station, None)
    limits_a = {number: station.connector(number).max_current_a for number in station.connector_ids}

    for at, doing in instants(history):
        every_change(simulated, at)
        do(simulated, doing, at)
        match doing:
            case SetLimit(connector_id, limit_a) if simulated.is_powered:
                limits_a[connector_id] = min(limit_a, station.connector(connector_id).max_current_a)
            case CutPower():
                limits_a = {number: station.connector(number).max_current_a for number in station.connector_ids}
            case _:
                pass
        for number in station.connector_ids:
            reading, car = simulated.reading(number), simulated.car(number)
            current_a = max(reading.current_a)
            assert current_a <= float(limits_a[number])
            if car is not None and current_a:
                soc = 100 * car.charge_wh / car.battery_wh
                share = [share for start, share in car.curve if start <= soc + 1e-6][-1] / 100
                if len(reading.voltage_v) == 1 and reading.frequency_hz is None:
                    assert (reading.power_w or 0) <= (car.max_dc_power_w or 0) * share + 1e-6
                else:
                    assert current_a <= float(car.max_current_a) * share + 1e-6


@given(stations, histories)
def test_output_is_off_at_once_when_it_is_forbidden(
    station: Station, history: list[tuple[float, Action | Command]]
) -> None:
    simulated = begin(station, None)
    is_allowed = {1: True, 2: False}

    for at, doing in instants(history):
        do(simulated, doing, at)
        match doing:
            case SetOutput(connector_id, is_on) if simulated.is_powered:
                is_allowed[connector_id] = is_on
            case CutPower():
                is_allowed = {1: False, 2: False}
            case _:
                pass
        for number in station.connector_ids:
            assert is_allowed[number] or not simulated.is_on(number)


@given(stations, histories)
def test_reading_comes_before_each_output_off(station: Station, history: list[tuple[float, Action | Command]]) -> None:
    simulated = begin(station, None)

    for at, doing in instants(history):
        events = do(simulated, doing, at)
        for earlier, event in pairwise((None, *events)):
            if isinstance(event, OutputChanged) and not event.is_on:
                assert isinstance(earlier, MeterRead)
                assert earlier.connector_id == event.connector_id
                assert earlier.reading.power_w == 0


def test_meters_report_in_their_period_while_energy_flows() -> None:
    bench = rig(meter_period_s=1.0)
    bench.act(PlugIn(1, CAR), PlugIn(2, CAR))
    bench.allow(1)

    first = bench.wait(2.5)
    bench.allow(2)
    second = bench.wait(1.0)
    bench.forbid(1)
    bench.forbid(2)
    third = bench.wait(60)

    assert [event.connector_id for event in first if isinstance(event, MeterRead)] == [1, 0, 1, 0]
    assert [event.connector_id for event in second if isinstance(event, MeterRead)] == [1, 2, 0]
    assert third == ()
    assert bench.station.next_change() is None


def test_reading_is_that_of_its_instant_however_late_it_is_asked_for() -> None:
    bench = rig(meter_period_s=1.0)
    bench.act(PlugIn(1, CAR))
    bench.allow()
    twin = rig(meter_period_s=1.0)
    twin.act(PlugIn(1, CAR))
    twin.allow()

    late = bench.wait(3)
    in_time = (*twin.wait(1), *twin.wait(1), *twin.wait(1))

    assert late == in_time
    assert late[0] != late[2]


def test_step_of_the_curve_on_the_beat_is_read_once() -> None:
    bench = rig(meter_period_s=1.0)
    bench.act(PlugIn(1, evolve(CAR, asks_after_s=1.0)), PlugIn(2, CAR))
    bench.allow(1)
    bench.allow(2)

    events = bench.wait(1)

    assert [event.connector_id for event in events if isinstance(event, MeterRead)] == [1, 2, 0]


def test_main_meter_adds_up_the_phases() -> None:
    bench = rig()
    bench.act(PlugIn(1, PLUG_IN_HYBRID), PlugIn(2, CAR))
    bench.allow(1)
    bench.allow(2)

    reading = bench.reading(0)

    assert reading.current_a == (48.0, 32.0, 32.0)
    assert reading.voltage_v == bench.reading(1).voltage_v


def test_main_meter_in_front_of_the_rectifier_tells_power_and_energy() -> None:
    bench = rig(DC_STATION)
    bench.act(PlugIn(1, CAR))
    bench.allow()

    reading = bench.reading(0)

    assert reading.power_w == bench.reading(1).power_w
    assert (reading.current_a, reading.voltage_v, reading.frequency_hz) == ((), (), None)


def test_voltages_are_within_1_percent_of_the_nominal_one() -> None:
    for seed in range(50):
        voltages_v = SimulatedStation(MIXED, seed=seed).reading(1).voltage_v

        assert all(227.7 <= voltage_v <= 232.3 for voltage_v in voltages_v)


def test_meters_are_read_when_asked() -> None:
    bench = rig()
    bench.act(PlugIn(1, CAR))
    bench.allow()
    bench.now += 30

    events = bench.station.read_meters(bench.now)

    assert events == tuple(MeterRead(place, bench.reading(place)) for place in (0, 1, 2))
