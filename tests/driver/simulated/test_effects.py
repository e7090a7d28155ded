from __future__ import annotations

import pytest
from attrs import evolve

from ocpp16cp.driver.simulated import (
    Action,
    ActionImpossible,
    BlockReboot,
    ClearFault,
    CutNetwork,
    CutPower,
    FreeReboot,
    JamLock,
    PlugIn,
    PresentCard,
    PressStop,
    RaiseFault,
    RestoreNetwork,
    RestorePower,
    Unplug,
)
from ocpp16cp.errors import UsageError
from ocpp16cp.events import (
    CardPresented,
    CommandDone,
    Failed,
    FailureReason,
    FaultCleared,
    FaultRaised,
    MeterRead,
    OutputChanged,
    SocketState,
    StopPressed,
    Succeeded,
)
from ocpp16cp.outcome import Command, Lock, Reboot, Restart, SetLights, SetLimit, SetOutput, ShowStatus, Unlock
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus
from tests.driver.simulated.rig import CAR, SOCKETS, rig

FAULT = FaultRaised(connector_id=1, error_code=ChargePointErrorCode.OTHER_ERROR, vendor_error_code="Tilt")


def test_card_is_presented_to_the_reader_there_is() -> None:
    assert rig().act(PresentCard("CARD-1")) == [CardPresented("CARD-1", 0)]
    assert rig(SOCKETS).act(PresentCard("CARD-1", 1)) == [CardPresented("CARD-1", 1)]


@pytest.mark.parametrize("reader", [-1, 1])
def test_card_cannot_be_presented_to_a_reader_there_is_not(reader: int) -> None:
    with pytest.raises(UsageError, match="no reader"):
        rig().act(PresentCard("CARD-1", reader))


def test_stop_button_is_reported() -> None:
    assert rig().act(PressStop(2)) == [StopPressed(2)]


def test_fault_is_active_until_it_is_cleared() -> None:
    bench = rig()
    worse = evolve(FAULT, info="tilted by 30 degrees")
    station_fault = FaultRaised(connector_id=0, error_code=ChargePointErrorCode.READER_FAILURE, is_blocking=False)

    raising = bench.act(RaiseFault(FAULT), RaiseFault(station_fault), RaiseFault(worse))
    active = bench.station.faults
    clearing = bench.act(ClearFault(FAULT))

    assert raising == [FAULT, station_fault, worse]
    assert active == (worse, station_fault)
    assert clearing == [
        FaultCleared(connector_id=1, error_code=ChargePointErrorCode.OTHER_ERROR, vendor_error_code="Tilt")
    ]
    assert bench.station.faults == (station_fault,)


def test_energy_flows_again_when_the_fault_is_cleared() -> None:
    bench = rig()
    bench.act(PlugIn(1, CAR))
    bench.allow()
    bench.act(RaiseFault(FAULT))

    events = bench.act(ClearFault(FAULT))

    assert events[1] == OutputChanged(1, is_on=True)


def test_fault_that_is_not_active_cannot_be_cleared() -> None:
    bench = rig()
    bench.act(RaiseFault(FAULT))

    with pytest.raises(ActionImpossible, match="no fault OtherError"):
        bench.act(ClearFault(evolve(FAULT, vendor_error_code=None)))

    assert bench.station.faults == (FAULT,)


def test_lights_show_what_they_are_told() -> None:
    bench = rig()

    events = bench.carry_out(ShowStatus(0, ChargePointStatus.AVAILABLE), ShowStatus(2, ChargePointStatus.RESERVED))

    assert events == []
    shown = [bench.station.shown(place) for place in (0, 1, 2)]
    assert shown == [ChargePointStatus.AVAILABLE, None, ChargePointStatus.RESERVED]


def test_lights_are_as_bright_as_they_are_told_until_the_power_fails() -> None:
    bench = rig()
    seen = [bench.station.lights]

    bench.carry_out(SetLights(40, 3))
    seen.append(bench.station.lights)
    bench.act(CutPower())

    assert [*seen, bench.station.lights] == [None, SetLights(40, 3), None]


@pytest.mark.parametrize(
    ("command", "connector_id"),
    [
        (SetOutput(3, is_on=True), 3),
        (SetLimit(3, CAR.max_current_a), 3),
        (ShowStatus(3, ChargePointStatus.AVAILABLE), 3),
        (Lock(1, 3), 3),
        (Unlock(1, 3), 3),
        (SetOutput(-1, is_on=True), -1),
        (SetOutput(0, is_on=True), 0),
    ],
)
def test_command_to_a_connector_that_is_not_there_is_refused(command: Command, connector_id: int) -> None:
    with pytest.raises(UsageError, match=f"no connector {connector_id}"):
        rig().carry_out(command)


@pytest.mark.parametrize(
    "action",
    [
        PlugIn(3, CAR),
        PressStop(3),
        JamLock(3),
        RaiseFault(evolve(FAULT, connector_id=3)),
    ],
)
def test_action_at_a_connector_that_is_not_there_is_refused(action: Action) -> None:
    with pytest.raises(UsageError, match="no connector 3"):
        rig().act(action)


def test_power_cut_opens_contactors_and_forgets_what_was_said() -> None:
    bench = rig()
    bench.act(PlugIn(1, CAR))
    bench.allow()
    bench.carry_out(SetLimit(1, CAR.min_current_a), ShowStatus(1, ChargePointStatus.CHARGING))
    bench.wait(100)
    before_wh = bench.reading().register_wh

    cutting = bench.act(CutPower())
    bench.wait(1000)
    restoring = bench.act(RestorePower())

    assert (cutting, restoring) == ([], [])
    assert not bench.station.is_on(1)
    assert bench.station.shown(1) is None
    assert bench.reading().register_wh == before_wh
    assert bench.allow() != []
    assert bench.reading().current_a == (32.0,) * 3


def test_without_power_nothing_is_reported_or_obeyed_though_the_world_goes_on() -> None:
    bench = rig(meter_period_s=1.0)
    bench.act(PlugIn(1, CAR))
    bench.allow()
    bench.act(CutPower())

    events = [
        *bench.act(PresentCard("CARD-1"), Unplug(1), PlugIn(2, CAR), RaiseFault(FAULT)),
        *bench.carry_out(SetOutput(2, is_on=True), ShowStatus(2, ChargePointStatus.CHARGING)),
        *bench.wait(60),
        *bench.station.report(bench.now),
        *bench.station.read_meters(bench.now),
    ]

    assert not bench.station.is_powered
    assert events == []
    assert bench.station.next_change() is None
    assert [bench.station.socket(1), bench.station.socket(2)] == [SocketState.EMPTY, SocketState.VEHICLE]
    assert bench.station.faults == (FAULT,)
    assert not bench.station.is_on(2)
    assert bench.station.shown(2) is None


def test_what_happened_before_the_power_cut_is_still_told() -> None:
    bench = rig(meter_period_s=1.0)
    bench.act(PlugIn(1, CAR))
    bench.allow()
    bench.now += 1.0

    events = bench.act(CutPower())

    assert [type(event) for event in events] == [MeterRead, MeterRead]


def test_network_is_a_flag_for_others_to_heed() -> None:
    bench = rig()

    has_network = [bench.station.has_network]
    for action in (CutNetwork(), RestoreNetwork()):
        assert bench.act(action) == []
        has_network.append(bench.station.has_network)

    assert has_network == [True, False, True]


@pytest.mark.parametrize("restart", Restart)
def test_restart_opens_the_contactors_and_keeps_what_is_plugged(restart: Restart) -> None:
    """Of a soft one the lights see nothing."""
    bench = rig()
    bench.act(PlugIn(1, CAR))
    bench.allow()
    bench.carry_out(ShowStatus(1, ChargePointStatus.CHARGING), SetLights(50, 0))

    events = bench.carry_out(Reboot(7, restart))

    assert CommandDone(7, Succeeded()) in events
    assert OutputChanged(1, is_on=False) in events
    assert bench.station.socket(1) is SocketState.VEHICLE
    assert (bench.station.shown(1) is None) is (restart is not Restart.SOFT)
    assert (bench.station.lights is None) is (restart is not Restart.SOFT)


def test_restart_can_be_made_impossible() -> None:
    bench = rig()
    bench.act(BlockReboot())

    (refused,) = bench.carry_out(Reboot(1, Restart.HARD))
    bench.act(FreeReboot())
    (done,) = bench.carry_out(Reboot(2, Restart.HARD))

    assert refused == CommandDone(1, Failed(FailureReason.FAILED, "the station does not restart"))
    assert done == CommandDone(2, Succeeded())
