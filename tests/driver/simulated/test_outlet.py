from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from ocpp16cp.driver.simulated import (
    COMPACT,
    PLUG_IN_HYBRID,
    Action,
    ActionImpossible,
    PlugIn,
    PlugInCable,
    RaiseFault,
    ResumeVehicle,
    SuspendVehicle,
    Unplug,
    UnplugAtStation,
    UnplugAtVehicle,
)
from ocpp16cp.events import (
    FaultRaised,
    MeterRead,
    OutputChanged,
    SocketChanged,
    SocketState,
    VehicleChanged,
)
from ocpp16cp.outcome import Lock, SetLimit
from ocpp16cp.station import Station
from ocpp16cp.wire.types import ChargePointErrorCode
from tests.driver.simulated.rig import CAR, DC_STATION, SEED_STATION, SOCKETS, Rig, rig


def charging(station: Station = SEED_STATION) -> Rig:
    bench = rig(station)
    bench.act(PlugIn(1, CAR))
    bench.allow()
    return bench


# What is plugged in.


def test_fixed_cable_knows_a_vehicle_or_nothing() -> None:
    bench = rig()

    plugging = bench.act(PlugIn(1, CAR))
    unplugging = bench.act(UnplugAtVehicle(1))

    assert plugging == [SocketChanged(1, SocketState.VEHICLE), VehicleChanged(1, wants_energy=True)]
    assert unplugging == [SocketChanged(1, SocketState.EMPTY), VehicleChanged(1, wants_energy=False)]


def test_detachable_cable_may_stay_without_a_vehicle() -> None:
    bench = rig(SOCKETS)

    events = bench.act(PlugInCable(1), PlugIn(1, CAR), UnplugAtVehicle(1), PlugIn(1, CAR), UnplugAtStation(1))

    assert [event.state for event in events if isinstance(event, SocketChanged)] == [
        SocketState.CABLE_ONLY,
        SocketState.VEHICLE,
        SocketState.CABLE_ONLY,
        SocketState.VEHICLE,
        SocketState.EMPTY,
    ]


@pytest.mark.parametrize("station", [SEED_STATION, SOCKETS], ids=["fixed", "detachable"])
def test_car_leaves_with_what_it_came_with(station: Station) -> None:
    bench = rig(station)
    bench.act(PlugIn(1, CAR))

    bench.act(Unplug(1))

    assert bench.station.socket(1) is SocketState.EMPTY
    assert bench.station.car(1) is None


@pytest.mark.parametrize(
    ("station", "before", "impossible", "reason"),
    [
        (SEED_STATION, [PlugIn(1, CAR)], PlugIn(1, CAR), "plugged in already"),
        (SEED_STATION, [], PlugInCable(1), "a cable already"),
        (SEED_STATION, [], UnplugAtVehicle(1), "no car"),
        (SEED_STATION, [], Unplug(1), "no car"),
        (SEED_STATION, [PlugIn(1, CAR)], UnplugAtStation(1), "is fixed"),
        (SEED_STATION, [], SuspendVehicle(1), "no car"),
        (SEED_STATION, [], ResumeVehicle(1), "no car"),
        (SOCKETS, [], UnplugAtStation(1), "no cable"),
        (SOCKETS, [PlugInCable(1)], PlugInCable(1), "a cable already"),
        (SOCKETS, [PlugInCable(1)], UnplugAtVehicle(1), "no car"),
        (SOCKETS, [PlugInCable(1)], Unplug(1), "no car"),
    ],
)
def test_what_the_world_does_not_allow_changes_nothing(
    station: Station, before: list[Action], impossible: Action, reason: str
) -> None:
    bench, twin = rig(station), rig(station)
    bench.act(*before)
    twin.act(*before)

    with pytest.raises(ActionImpossible, match=reason):
        bench.act(impossible)

    assert bench == twin


@pytest.mark.parametrize("pull", [UnplugAtStation(1), Unplug(1)])
def test_locked_plug_cannot_be_pulled(pull: Action) -> None:
    bench = rig(SOCKETS)
    bench.act(PlugIn(1, CAR))
    bench.carry_out(Lock(1, 1))

    with pytest.raises(ActionImpossible, match="locked"):
        bench.act(pull)

    assert bench.station.socket(1) is SocketState.VEHICLE


def test_car_comes_back_with_what_was_charged() -> None:
    bench = charging()
    bench.wait(600)
    charged = bench.station.car(1)
    assert charged is not None

    bench.act(Unplug(1), PlugIn(2, charged))

    assert charged.charge_wh > CAR.charge_wh + 3000
    assert bench.station.car(2) == charged


# When energy flows.


def test_contactor_closes_when_energy_is_allowed_and_wanted() -> None:
    bench = rig()
    allowed_first = bench.allow(1)
    bench.act(PlugIn(2, CAR))

    wanted_second = bench.act(PlugIn(1, CAR))
    allowed_second = bench.allow(2)

    assert allowed_first == []
    assert wanted_second[:3] == [
        SocketChanged(1, SocketState.VEHICLE),
        VehicleChanged(1, wants_energy=True),
        OutputChanged(1, is_on=True),
    ]
    assert allowed_second == [
        OutputChanged(2, is_on=True),
        MeterRead(2, bench.reading(2)),
        MeterRead(0, bench.reading(0)),
    ]


def test_last_reading_comes_before_the_output_is_reported_off() -> None:
    bench = charging()
    bench.wait(60)

    events = bench.forbid()

    assert events == [MeterRead(1, bench.reading()), OutputChanged(1, is_on=False), MeterRead(0, bench.reading(0))]
    assert bench.reading().power_w == 0
    assert bench.allow() != []


def test_pulling_under_load_opens_the_contactor_and_reports_causes_first() -> None:
    bench = charging(SOCKETS)
    bench.wait(60)

    events = bench.act(UnplugAtVehicle(1))

    assert events[:4] == [
        SocketChanged(1, SocketState.CABLE_ONLY),
        VehicleChanged(1, wants_energy=False),
        MeterRead(1, bench.reading()),
        OutputChanged(1, is_on=False),
    ]


def test_vehicle_pauses_and_goes_on() -> None:
    bench = charging()

    pausing = bench.act(SuspendVehicle(1))
    resuming = bench.act(ResumeVehicle(1))

    assert [event for event in pausing if not isinstance(event, MeterRead)] == [
        VehicleChanged(1, wants_energy=False),
        OutputChanged(1, is_on=False),
    ]
    assert [event for event in resuming if not isinstance(event, MeterRead)] == [
        VehicleChanged(1, wants_energy=True),
        OutputChanged(1, is_on=True),
    ]


def test_vehicle_asks_after_its_timer_or_when_it_is_told_to() -> None:
    bench = rig()
    timed = evolve(CAR, asks_after_s=30.0)

    plugging = bench.act(PlugIn(1, timed), PlugIn(2, timed))
    overridden = bench.act(ResumeVehicle(2))
    due = bench.station.next_change()
    events = bench.wait(30)

    assert [event for event in plugging if isinstance(event, VehicleChanged)] == [
        VehicleChanged(1, wants_energy=False),
        VehicleChanged(2, wants_energy=False),
    ]
    assert overridden == [VehicleChanged(2, wants_energy=True)]
    assert due == 30.0
    assert events == (VehicleChanged(1, wants_energy=True),)


def test_full_vehicle_stops_asking_at_its_target() -> None:
    bench = rig()
    bench.act(PlugIn(1, evolve(CAR, target_percent=50)))
    bench.allow()
    before_wh = bench.reading().register_wh

    due = bench.station.next_change()
    assert due is not None
    events = bench.wait(due)

    assert events[0] == VehicleChanged(1, wants_energy=False)
    assert OutputChanged(1, is_on=False) in events
    assert bench.reading().register_wh == before_wh + 4000
    assert bench.station.next_change() is None


def test_vehicle_beyond_its_target_asks_for_nothing() -> None:
    events = rig().act(PlugIn(1, evolve(CAR, target_percent=10)))

    assert events == [SocketChanged(1, SocketState.VEHICLE), VehicleChanged(1, wants_energy=False)]


@pytest.mark.parametrize("place", [0, 1])
def test_fault_that_blocks_opens_the_contactor(place: int) -> None:
    bench = charging()
    fault = FaultRaised(connector_id=place, error_code=ChargePointErrorCode.GROUND_FAILURE)

    events = bench.act(RaiseFault(fault))

    assert events[:3] == [fault, MeterRead(1, bench.reading()), OutputChanged(1, is_on=False)]


@pytest.mark.parametrize(("place", "is_blocking"), [(2, True), (1, False)])
def test_fault_elsewhere_or_a_warning_changes_nothing(place: int, is_blocking: bool) -> None:
    bench = charging()
    code = ChargePointErrorCode.HIGH_TEMPERATURE
    fault = FaultRaised(connector_id=place, error_code=code, is_blocking=is_blocking)

    assert bench.act(RaiseFault(fault)) == [fault]
    assert bench.station.is_on(1)


# How much flows.


@pytest.mark.parametrize(
    ("limit_a", "current_a"),
    [
        (Decimal(100), 32.0),
        (Decimal("31.9"), 31.9),
        (Decimal("13.37"), 13.37),
        (Decimal("6.0006"), 6.0),
        (Decimal(6), 6.0),
        (Decimal("5.9"), None),
        (Decimal(0), None),
        (Decimal(-1), None),
    ],
)
def test_current_follows_the_limit_down_to_what_a_pilot_can_tell(limit_a: Decimal, current_a: float | None) -> None:
    bench = charging()

    bench.carry_out(SetLimit(1, limit_a))

    assert bench.station.is_on(1) is (current_a is not None)
    assert bench.reading().current_a == ((current_a or 0.0),) * 3


def test_connector_limits_before_any_limit_is_set() -> None:
    station = evolve(SEED_STATION, connectors=(evolve(SEED_STATION.connector(1), max_current_a=Decimal(20)),))

    assert charging(station).reading().current_a == (20.0,) * 3


def test_limit_says_the_same_twice_without_an_event() -> None:
    bench = charging()

    first, second = (bench.carry_out(SetLimit(1, Decimal(10))) for _ in range(2))

    assert first == [MeterRead(1, bench.reading()), MeterRead(0, bench.reading(0))]
    assert second == []


def test_vehicle_offered_less_than_it_can_use_pauses() -> None:
    bench = rig()
    bench.act(PlugIn(1, evolve(CAR, min_current_a=Decimal(8))))
    bench.allow()

    less = bench.carry_out(SetLimit(1, Decimal(7)))
    enough = bench.carry_out(SetLimit(1, Decimal(8)))

    assert VehicleChanged(1, wants_energy=False) in less
    assert VehicleChanged(1, wants_energy=True) in enough
    assert bench.reading().current_a == (8.0,) * 3


def test_offer_below_the_pilots_least_leaves_the_wish_standing() -> None:
    bench = rig()
    bench.act(PlugIn(1, evolve(CAR, min_current_a=Decimal(8))))
    bench.allow()

    events = bench.carry_out(SetLimit(1, Decimal(5)))

    assert [event for event in events if isinstance(event, VehicleChanged)] == []
    assert OutputChanged(1, is_on=False) in events


def test_current_takes_the_steps_of_the_curve() -> None:
    bench = charging()
    due = bench.station.next_change()
    assert due is not None

    events = bench.wait(due)

    charged = bench.station.car(1)
    assert charged is not None
    assert charged.charge_wh == pytest.approx(8000)
    assert events[0] == MeterRead(1, bench.reading())
    assert bench.reading().current_a == (16.0,) * 3


@pytest.mark.parametrize(
    ("station", "connector_id", "phases", "currents_a"),
    [
        (SEED_STATION, 1, 1, (16.0, 0.0, 0.0)),
        (SEED_STATION, 1, 2, (16.0, 16.0, 0.0)),
        (SOCKETS, 2, 3, (16.0,)),
    ],
)
def test_phases_in_use_are_those_that_both_have(
    station: Station, connector_id: int, phases: int, currents_a: tuple[float, ...]
) -> None:
    bench = rig(station)
    bench.act(PlugIn(connector_id, evolve(COMPACT, phases=phases)))

    bench.allow(connector_id)

    reading = bench.reading(connector_id)
    assert reading.current_a == currents_a
    assert len(reading.voltage_v) == len(currents_a)


@pytest.mark.parametrize(("phases", "in_use"), [(1, 1), (2, 2), (3, 3)])
def test_limit_may_be_over_fewer_phases(phases: int, in_use: int) -> None:
    """Power follows at once, and so does the meter."""
    bench = charging()
    bench.wait(60)

    events = bench.carry_out(SetLimit(1, Decimal(32), phases))
    before_wh = bench.reading().register_wh
    bench.wait(3600 / 16)

    reading = bench.reading()
    assert [type(event) for event in events] == ([] if phases == 3 else [MeterRead, MeterRead])
    assert reading.current_a == (32.0,) * in_use + (0.0,) * (3 - in_use)
    volts = sum(reading.voltage_v[:in_use])
    assert reading.power_w == pytest.approx(32 * volts)
    assert reading.register_wh - before_wh == pytest.approx(2 * volts, abs=1)


def test_what_is_offered_shows_whether_or_not_a_car_takes_it() -> None:
    bench = rig(SOCKETS)
    bench.act(PlugIn(1, evolve(CAR, max_current_a=Decimal(16))))
    assert bench.station.offered_a(1) == 0

    bench.allow()
    bench.carry_out(SetLimit(1, Decimal("20.5"), 2), SetLimit(2, Decimal(5)))

    assert (bench.station.offered_a(1), bench.station.offered_phases(1)) == (Decimal("20.5"), 2)
    assert (bench.station.offered_a(2), bench.station.offered_phases(2)) == (Decimal(0), 1)
    assert bench.station.is_allowed(1)
    assert not bench.station.is_allowed(2)


def test_dc_charges_by_the_power_of_the_battery_below_6_a_too() -> None:
    bench = charging(DC_STATION)
    full = bench.reading()

    bench.carry_out(SetLimit(1, Decimal(3)))

    assert full.power_w == pytest.approx(50_000, rel=1e-4)
    assert len(full.current_a) == len(full.voltage_v) == 1
    assert (full.frequency_hz, full.power_factor) == (None, None)
    assert bench.reading().current_a == (3.0,)


def test_dc_offers_nothing_at_0_a() -> None:
    bench = charging(DC_STATION)

    bench.carry_out(SetLimit(1, Decimal(0)))

    assert not bench.station.is_on(1)


def test_car_without_dc_inlet_takes_nothing_there() -> None:
    bench = rig(DC_STATION)

    events = bench.act(PlugIn(1, PLUG_IN_HYBRID))

    assert events == [SocketChanged(1, SocketState.VEHICLE), VehicleChanged(1, wants_energy=False)]


# What the meter shows.


def test_power_is_the_sum_of_volts_times_amperes() -> None:
    bench = charging()
    bench.carry_out(SetLimit(1, Decimal("7.7")))

    reading = bench.reading()

    products = (volts * amperes for volts, amperes in zip(reading.voltage_v, reading.current_a, strict=True))
    assert reading.power_w == pytest.approx(sum(products), abs=1e-6)
    assert (reading.frequency_hz, reading.power_factor) == (50.0, 1.0)


@pytest.mark.parametrize(
    ("station", "tells_soc", "soc_percent"),
    [(SEED_STATION, False, None), (SEED_STATION, True, 12), (DC_STATION, False, 12)],
)
def test_state_of_charge_is_known_on_dc_or_where_the_car_tells_it(
    station: Station, tells_soc: bool, soc_percent: int | None
) -> None:
    bench = rig(station)

    bench.act(PlugIn(1, evolve(CAR, charge_wh=1299.9, tells_soc=tells_soc)))

    assert bench.reading().soc_percent == soc_percent


def test_full_battery_is_at_100_percent() -> None:
    bench = rig(DC_STATION)
    bench.act(PlugIn(1, CAR))
    bench.allow()

    bench.wait(7200)

    charged = bench.station.car(1)
    assert charged is not None
    assert charged.charge_wh == CAR.battery_wh
    assert bench.reading().soc_percent == 100
