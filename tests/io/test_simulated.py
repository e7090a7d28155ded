"""The simulated driver against the event loop's clock: on trio a virtual one, on asyncio for fractions of a second."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import anyio
import pytest
from attrs import define, evolve, field
from trio.testing import MockClock

from ocpp16cp.driver.interface import DriverEvent, HardwareFailure
from ocpp16cp.driver.simulated import (
    MINIATURE,
    ActionImpossible,
    CutNetwork,
    CutPower,
    JamLock,
    LockFault,
    PlugIn,
    PlugInCable,
    PresentCard,
    RestorePower,
    SimulatedStation,
    SuspendVehicle,
    Unplug,
)
from ocpp16cp.errors import UsageError
from ocpp16cp.events import (
    CardPresented,
    FailureReason,
    MeterRead,
    OutputChanged,
    SocketChanged,
    SocketState,
    StartCause,
    Started,
    VehicleChanged,
)
from ocpp16cp.io.simulated import UNREAD_LIMIT, SimulatedDriver
from ocpp16cp.outcome import SetLights
from ocpp16cp.station import Connector, Station
from ocpp16cp.wire.types import ChargePointStatus

pytestmark = pytest.mark.anyio

STATION = Station(
    identity="CP1", vendor="ocpp16cp", model="mixed", connectors=(Connector(), Connector(fixed_cable=False))
)
QUICK_CAR = evolve(MINIATURE, charge_wh=58, curve=((0, 100),))
"""Full in a third of a second."""


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """Both, with a clock that jumps where there is one."""
    if request.param == "trio":
        return "trio", {"clock": MockClock(autojump_threshold=0)}
    return "asyncio", {}


@define
class Run:
    """What a driver reports while it is being read."""

    events: list[DriverEvent] = field(factory=list)
    changed: anyio.Event = field(factory=anyio.Event)

    async def wait_for(self, event: DriverEvent, *, times: int = 1) -> None:
        """Wait until an event was reported so many times from the beginning on."""
        with anyio.fail_after(5):
            while self.events.count(event) < times:
                await self.changed.wait()


def make(**options: Any) -> SimulatedDriver:
    return SimulatedDriver(SimulatedStation(STATION, **options))


@asynccontextmanager
async def running(driver: SimulatedDriver) -> AsyncIterator[Run]:
    """Read the events of a driver until the block ends; everything at the start was read before it."""
    run = Run()

    async def read() -> None:
        async with aclosing(driver.events()) as events:
            async for event in events:
                run.events.append(event)
                run.changed.set()
                run.changed = anyio.Event()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(read)
        await run.wait_for(MeterRead(0, driver.station.reading(0)))
        yield run
        tasks.cancel_scope.cancel()


async def test_start_tells_cause_and_time() -> None:
    utc = datetime(2026, 3, 1, tzinfo=UTC)
    driver = SimulatedDriver(SimulatedStation(STATION), cause=StartCause.SOFT_RESET, clock=lambda: utc)

    assert await driver.start() == Started(StartCause.SOFT_RESET, utc)
    assert await make().start() == Started(StartCause.POWER_UP, None)


async def test_station_without_power_does_not_start() -> None:
    driver = make()
    driver.act(CutPower())

    with pytest.raises(HardwareFailure, match="no power"):
        await driver.start()


async def test_panel_is_heard_by_the_reader_at_once() -> None:
    driver = make()

    async with running(driver) as run:
        driver.act(PresentCard("CARD-1"))
        await run.wait_for(CardPresented("CARD-1"))


async def test_impossible_action_raises_where_it_was_tried() -> None:
    with pytest.raises(ActionImpossible):
        make().act(Unplug(1))


async def test_session_runs_by_itself_until_the_battery_is_full() -> None:
    driver = make(meter_period_s=0.1)
    began_wh = driver.station.reading(1).register_wh

    async with running(driver) as run:
        driver.act(PlugIn(1, QUICK_CAR))
        await driver.set_limit(1, Decimal(32), phases=3)
        await driver.set_output(1, is_on=True)
        await driver.wait_until(lambda station: not station.is_on(1))
        await run.wait_for(OutputChanged(1, is_on=False), times=2)

    states = [event for event in run.events if isinstance(event, OutputChanged) and event.connector_id == 1]
    assert [event.is_on for event in states] == [False, True, False]
    assert driver.station.reading(1).register_wh == began_wh + 2


async def test_meter_reports_in_its_period() -> None:
    driver = make(meter_period_s=0.1)

    async with running(driver) as run:
        driver.act(PlugIn(1, MINIATURE))
        await driver.set_output(1, is_on=True)
        began = anyio.current_time()
        with anyio.fail_after(5):
            while sum(isinstance(event, MeterRead) and event.connector_id == 1 for event in run.events) < 5:
                await run.changed.wait()

    # The report at the start, the one with the contactor, and three periods.
    assert anyio.current_time() - began >= 0.3


async def test_levels_reach_the_station() -> None:
    driver = make()
    driver.act(PlugIn(2, MINIATURE))

    await driver.set_limit(2, Decimal(10), phases=3)
    await driver.set_output(2, is_on=True)
    await driver.show_status(2, ChargePointStatus.CHARGING)
    await driver.set_lights(40, 3)

    assert max(driver.station.reading(2).current_a) == 10.0
    assert driver.station.shown(2) is ChargePointStatus.CHARGING
    assert driver.station.lights == SetLights(40, 3)


@pytest.mark.parametrize("lock_delay_s", [0.0, 0.05])
async def test_lock_returns_when_it_is_done(lock_delay_s: float) -> None:
    driver = make(lock_delay_s=lock_delay_s)
    driver.act(PlugInCable(2))

    await driver.lock(2)
    was_locked = driver.station.is_locked(2)
    await driver.unlock(2)

    assert was_locked
    assert not driver.station.is_locked(2)


async def test_lock_tells_why_it_failed() -> None:
    driver = make()
    driver.act(JamLock(2))

    with pytest.raises(HardwareFailure) as stuck:
        await driver.unlock(2)
    with pytest.raises(HardwareFailure) as fixed:
        await driver.unlock(1)

    assert (stuck.value.reason, stuck.value.text) == (FailureReason.FAILED, "the bolt is stuck")
    assert fixed.value.reason is FailureReason.NOT_SUPPORTED


async def test_ask_that_was_given_up_is_not_missed_later() -> None:
    driver = make(lock_delay_s=0.1)
    driver.act(PlugInCable(2))

    with anyio.move_on_after(0.01) as scope:
        await driver.lock(2)
    await driver.wait_until(lambda station: station.is_locked(2))
    await driver.unlock(2)

    assert scope.cancelled_caught
    assert not driver.station.is_locked(2)


async def test_silent_lock_hangs_until_it_is_cancelled() -> None:
    driver = make()
    driver.act(PlugInCable(2))
    driver.act(JamLock(2, LockFault.SILENT))

    with anyio.move_on_after(0.05) as scope:
        await driver.lock(2)

    assert scope.cancelled_caught


@pytest.mark.parametrize(
    "is_reached",
    [
        lambda station: not station.has_network,
        lambda station: station.socket(1) is SocketState.VEHICLE,
    ],
)
async def test_anybody_may_wait_for_something_at_the_station(is_reached: Callable[[SimulatedStation], bool]) -> None:
    driver = make()
    reached = []

    async def wait() -> None:
        await driver.wait_until(is_reached)
        reached.append(True)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        assert not reached
        driver.act(CutNetwork())
        driver.act(PlugIn(1, MINIATURE))

    assert reached


async def test_two_that_wait_do_not_keep_each_other_awake() -> None:
    driver = make()
    asked = 0

    def never(_: SimulatedStation) -> bool:
        nonlocal asked
        asked += 1
        return False

    async with running(driver), anyio.create_task_group() as tasks:
        tasks.start_soon(driver.wait_until, never)
        tasks.start_soon(driver.wait_until, never)
        driver.act(PlugIn(1, MINIATURE))
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()

    assert asked < 10


async def test_end_of_a_run_opens_the_outputs() -> None:
    driver = make()
    driver.act(PlugIn(1, MINIATURE))

    async with running(driver) as run:
        await driver.set_output(1, is_on=True)
        await run.wait_for(OutputChanged(1, is_on=True))

    assert not driver.station.is_on(1)


async def test_each_run_hears_everything_and_nothing_of_the_time_between() -> None:
    driver = make()

    async with running(driver) as first:
        driver.act(PlugIn(1, MINIATURE))
        await first.wait_for(SocketChanged(1, SocketState.VEHICLE))
    driver.act(PresentCard("CARD-1"))
    driver.act(SuspendVehicle(1))
    async with running(driver) as second:
        await second.wait_for(VehicleChanged(1, wants_energy=False))

    assert CardPresented("CARD-1") not in second.events
    assert second.events[0] == SocketChanged(1, SocketState.VEHICLE)


async def test_power_cut_is_silence_until_the_next_run() -> None:
    driver = make()

    async with running(driver) as run:
        driver.act(PlugIn(1, MINIATURE))
        await run.wait_for(SocketChanged(1, SocketState.VEHICLE))
        before = len(run.events)
        driver.act(CutPower())
        driver.act(Unplug(1))
        await driver.wait_until(lambda station: not station.is_powered)
        await anyio.wait_all_tasks_blocked()
        heard = run.events[before:]
    driver.act(RestorePower())
    async with running(driver) as run:
        await run.wait_for(SocketChanged(1, SocketState.EMPTY))

    assert [event for event in heard if not isinstance(event, VehicleChanged)] == []


async def test_events_have_one_reader() -> None:
    driver = make()

    async with running(driver):
        with pytest.raises(UsageError, match="being read already"):
            await anext(driver.events())


async def test_reader_that_does_not_read_is_noticed() -> None:
    driver = make()

    async with aclosing(driver.events()) as events:
        async for event in events:
            if event == MeterRead(0, driver.station.reading(0)):
                break
        for _ in range(UNREAD_LIMIT):
            driver.act(PresentCard("CARD-1"))
        with pytest.raises(UsageError, match="nobody reads"):
            driver.act(PresentCard("CARD-1"))
