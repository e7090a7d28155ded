from __future__ import annotations

import copy
from typing import Any

import pytest

from ocpp16cp.driver.simulated import (
    ActionImpossible,
    CutPower,
    PlugIn,
    RaiseFault,
    RestorePower,
    SimulatedStation,
    Unplug,
)
from ocpp16cp.errors import UsageError
from ocpp16cp.events import (
    FaultRaised,
    MeterRead,
    OutputChanged,
    SocketChanged,
    SocketState,
    VehicleChanged,
)
from ocpp16cp.wire.types import ChargePointErrorCode
from tests.driver.simulated.rig import CAR, SEED_STATION, rig

FAULT = FaultRaised(connector_id=2, error_code=ChargePointErrorCode.OVER_VOLTAGE)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"meter_period_s": 0.09}, "meter_period_s: 0.09"),
        ({"lock_delay_s": -1.0}, "lock_delay_s: -1.0"),
        ({"registers_wh": {3: 0}}, "registers_wh: there is no connector 3"),
        ({"registers_wh": {0: -1}}, "registers_wh: -1 of connector 0"),
    ],
)
def test_value_out_of_range_is_refused_by_name(values: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        SimulatedStation(SEED_STATION, **values)


def test_time_does_not_run_backwards() -> None:
    station = SimulatedStation(SEED_STATION, now=100.0)

    with pytest.raises(UsageError, match=r"now: 99\.9 is before 100\.0"):
        station.advance(99.9)


def test_everything_is_said_after_a_start() -> None:
    bench = rig()
    bench.act(PlugIn(1, CAR), RaiseFault(FAULT))
    bench.allow()
    bench.wait(10)

    events = bench.station.report(bench.now)

    assert events == (
        FAULT,
        SocketChanged(1, SocketState.VEHICLE),
        VehicleChanged(1, wants_energy=True),
        OutputChanged(1, is_on=True),
        MeterRead(1, bench.reading(1)),
        SocketChanged(2, SocketState.EMPTY),
        VehicleChanged(2, wants_energy=False),
        OutputChanged(2, is_on=False),
        MeterRead(2, bench.reading(2)),
        MeterRead(0, bench.reading(0)),
    )


def test_report_stands_for_what_was_not_told_before() -> None:
    bench = rig(meter_period_s=1.0)
    bench.act(PlugIn(1, CAR))
    bench.allow()
    bench.now += 5

    events = bench.station.report(bench.now)

    assert [event for event in events if isinstance(event, MeterRead)] == [
        MeterRead(number, bench.reading(number)) for number in (1, 2, 0)
    ]


def test_report_after_a_power_cut_tells_what_the_world_did_meanwhile() -> None:
    bench = rig()
    bench.act(PlugIn(1, CAR), CutPower(), Unplug(1), RestorePower())

    events = bench.station.report(bench.now)

    assert SocketChanged(1, SocketState.EMPTY) in events
    assert OutputChanged(1, is_on=False) in events


def test_impossible_action_loses_nothing_that_happened_before_it() -> None:
    bench = rig(meter_period_s=1.0)
    bench.act(PlugIn(1, CAR))
    bench.allow()
    bench.now += 1.0

    with pytest.raises(ActionImpossible):
        bench.act(PlugIn(1, CAR))

    assert bench.wait(0) == (MeterRead(1, bench.reading(1)), MeterRead(0, bench.reading(0)))


def test_same_seed_gives_the_same_station_another_seed_another() -> None:
    one, two, other = (SimulatedStation(SEED_STATION, seed=seed) for seed in (7, 7, 8))

    assert one == two
    assert one.report(0) == two.report(0)
    assert one != other


def test_copy_goes_its_own_way() -> None:
    bench = rig()
    bench.act(PlugIn(1, CAR))
    bench.allow()

    twin = copy.deepcopy(bench)
    equal_at_first = twin == bench
    twin.wait(3600)

    assert equal_at_first
    assert twin != bench
    assert twin.reading().register_wh > bench.reading().register_wh
    assert bench.wait(3600) != ()
    assert twin == bench


def test_meters_go_on_from_where_they_are_said_to_stand() -> None:
    station = SimulatedStation(SEED_STATION, registers_wh={0: 5000, 1: 1000, 2: 2000})

    assert [station.reading(number).register_wh for number in (0, 1, 2)] == [5000, 1000, 2000]


def test_station_without_main_meter_reports_none() -> None:
    station = SimulatedStation(SEED_STATION, has_main_meter=False)

    events = (*station.report(0), *station.read_meters(1))

    assert {event.connector_id for event in events if isinstance(event, MeterRead)} == {1, 2}
