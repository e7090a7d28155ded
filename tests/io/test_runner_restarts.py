"""Runs that end because the station is to start anew: on asyncio and on trio, without sockets."""

from __future__ import annotations

import anyio
import pytest
from attrs import evolve

from ocpp16cp.driver.interface import HardwareFailure
from ocpp16cp.driver.simulated import BlockReboot
from ocpp16cp.events import FailureReason, StartCause, Started
from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.reset.messages import Reset, ResetType
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import StopTransaction
from ocpp16cp.io.simulated import SimulatedDriver
from ocpp16cp.outcome import Restart, RestartFailed, Restarting
from ocpp16cp.station import Settings
from ocpp16cp.wire.types import Reason
from tests.io.station_rig import LIMIT_S, Backend, Rig, backend_named, begin_session, configured, make_rig, virtual_time

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> Backend:
    return backend_named(request.param)


class NotingDriver(SimulatedDriver):
    """Remembers why it was started."""

    starts: tuple[StartCause, ...] = ()

    async def start(self) -> Started:
        started = await super().start()
        self.starts = (*self.starts, started.cause)
        return started


async def reset(rig: Rig, kind: ResetType) -> None:
    """Let the central system ask for it, once it has heard everything."""
    await rig.until_seen(StatusNotification, times=3)
    await rig.connections[-1].send_text(rig.central_system.call(Reset(type=kind))[1])


@pytest.mark.parametrize(
    ("kind", "cause"), [(ResetType.HARD, StartCause.HARD_RESET), (ResetType.SOFT, StartCause.SOFT_RESET)]
)
async def test_run_goes_on_with_another_run(kind: ResetType, cause: StartCause) -> None:
    """The answer arrives, the connection is closed, and the station introduces itself anew."""
    rig = make_rig(driver_class=NotingDriver)

    async with rig.running():
        await reset(rig, kind)
        await rig.until_seen(BootNotification, times=2)

    assert isinstance(rig.driver, NotingDriver)
    assert rig.driver.starts == (StartCause.POWER_UP, cause)
    assert len(rig.central_system.answers) == 1
    assert rig.noticed(Restarting) == [Restarting(Restart(cause.value))]


async def test_transaction_ends_before_the_next_run() -> None:
    rig = make_rig()

    async with rig.running():
        await begin_session(rig)
        await reset(rig, ResetType.HARD)
        await rig.until_seen(BootNotification, times=2)
        assert not rig.driver.station.is_on(1)

    (stop,) = rig.central_system.seen_of(StopTransaction)
    assert stop.reason is Reason.HARD_RESET


async def test_application_that_starts_anew_itself_is_told_why() -> None:
    """`run_once` returns; the driver has done its part."""
    rig = make_rig()
    ended: list[Restart | None] = []

    async def run() -> None:
        with anyio.fail_after(LIMIT_S):
            ended.append(await rig.runner.run_once())

    async with rig.listening():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run)
            await reset(rig, ResetType.SOFT)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run)
            await rig.until_seen(BootNotification, times=2)
            await rig.runner.stop()

    assert ended == [Restart.SOFT, None]


async def test_stop_while_the_driver_restarts_is_the_end() -> None:
    """Nobody wants another run."""

    class Slow(NotingDriver):
        async def reboot(self, restart: Restart) -> None:
            await rig.runner.stop()
            await super().reboot(restart)

    rig = make_rig(driver_class=Slow)
    async with rig.listening(), anyio.create_task_group() as tasks:
        tasks.start_soon(rig.runner.run)
        await reset(rig, ResetType.SOFT)

    assert isinstance(rig.driver, Slow)
    assert rig.driver.starts == (StartCause.POWER_UP,)


@virtual_time
async def test_driver_that_refuses_keeps_the_run() -> None:
    rig = make_rig(configured(ResetRetries=1), driver_class=NotingDriver)

    async with rig.running():
        rig.act(BlockReboot())
        await reset(rig, ResetType.HARD)
        await rig.until_noticed(RestartFailed)
        await rig.until_seen(StatusNotification, times=4)

    assert isinstance(rig.driver, NotingDriver)
    assert rig.driver.starts == (StartCause.POWER_UP,)
    assert rig.central_system.seen_of(StatusNotification)[-1].info == "the station does not restart"


@virtual_time
async def test_driver_that_is_too_slow_is_given_up() -> None:
    class Stuck(NotingDriver):
        async def reboot(self, restart: Restart) -> None:
            await anyio.sleep_forever()

    station = configured(ResetRetries=0)
    rig = make_rig(evolve(station, settings=Settings(reboot_timeout_s=2.0)), driver_class=Stuck)
    async with rig.running():
        await reset(rig, ResetType.SOFT)
        failed = await rig.until_noticed(RestartFailed)

    assert failed.reason == "the driver did not answer in time"


async def test_simulated_driver_tells_the_cause_once() -> None:
    driver = make_rig().driver
    await driver.reboot(Restart.FIRMWARE)

    assert (await driver.start()).cause is StartCause.FIRMWARE
    assert (await driver.start()).cause is StartCause.POWER_UP


async def test_simulated_driver_fails_where_the_station_does() -> None:
    driver = make_rig().driver
    driver.act(BlockReboot())

    with pytest.raises(HardwareFailure, match="does not restart") as caught:
        await driver.reboot(Restart.HARD)

    assert caught.value.reason is FailureReason.FAILED
    assert (await driver.start()).cause is StartCause.POWER_UP
