"""Commands on their way to a driver, and its reports on their way back."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import anyio
import pytest
from anyio.abc import TaskGroup
from attrs import define, field

from ocpp16cp.driver.interface import Driver, DriverEvent, HardwareFailure
from ocpp16cp.events import (
    CardPresented,
    CommandDone,
    Event,
    Failed,
    FailureReason,
    Started,
    Succeeded,
)
from ocpp16cp.io.file_work import FileWork
from ocpp16cp.io.hardware import Hardware, Level
from ocpp16cp.outcome import Lock, Reboot, Restart, SetLights, SetLimit, SetOutput, ShowStatus, Unlock
from ocpp16cp.station import Settings, Station
from ocpp16cp.wire.types import ChargePointStatus

pytestmark = pytest.mark.anyio

ASK_TIMEOUT_S = 0.05


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


class Board(Driver):
    """Notes what it is told; a level returns when it may."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.may_return = anyio.Event()
        self.is_closed = False
        self.given_up: list[int] = []

    async def start(self) -> Started:
        return Started()

    async def events(self) -> AsyncGenerator[DriverEvent, None]:
        try:
            for number in range(3):
                yield CardPresented(f"CARD-{number}")
        finally:
            self.is_closed = True

    async def set_output(self, connector_id: int, *, is_on: bool) -> None:
        await self._note(SetOutput(connector_id, is_on))

    async def set_limit(self, connector_id: int, limit_a: Decimal, *, phases: int) -> None:
        await self._note(SetLimit(connector_id, limit_a, phases))

    async def show_status(self, connector_id: int, status: ChargePointStatus) -> None:
        await self._note(ShowStatus(connector_id, status))

    async def set_lights(self, intensity_percent: int, blink_repeat: int) -> None:
        await self._note(SetLights(intensity_percent, blink_repeat))

    async def lock(self, connector_id: int) -> None:
        if connector_id == 2:
            raise HardwareFailure(FailureReason.FAILED, "the bolt is stuck")

    async def unlock(self, connector_id: int) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            self.given_up.append(connector_id)

    async def reboot(self, restart: Restart) -> None:
        self.told.append(restart)
        await anyio.sleep(1.5 * ASK_TIMEOUT_S)

    async def _note(self, level: object) -> None:
        self.told.append(level)
        await self.may_return.wait()


@define(eq=False)
class Bench:
    """A board, and what came of commanding it."""

    board: Board
    hardware: Hardware
    tasks: TaskGroup
    posted: list[Event] = field(factory=list)


async def nobody_hears(_: Event) -> None:
    """Take an event that nobody wants."""


def no_files(driver: Driver) -> FileWork:
    """The files of a station that has no place for them."""
    return FileWork(None, Station(identity="CP1", vendor="V", model="M"), driver, nobody_hears)


@asynccontextmanager
async def bench() -> AsyncIterator[Bench]:
    posted: list[Event] = []

    async def post(event: Event) -> None:
        posted.append(event)

    board = Board()
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            hardware = Hardware(
                board, Settings(lock_timeout_s=ASK_TIMEOUT_S, reboot_timeout_s=2 * ASK_TIMEOUT_S), post, no_files(board)
            )
            yield Bench(board, hardware, tasks, posted)
            tasks.cancel_scope.cancel()


async def test_levels_are_said_in_order_one_at_a_time() -> None:
    levels: list[Level] = [
        SetLimit(1, Decimal(16)),
        SetOutput(1, is_on=True),
        SetOutput(2, is_on=False),
        ShowStatus(1, ChargePointStatus.CHARGING),
        SetLights(80, 2),
    ]
    async with bench() as at:
        for level in levels:
            at.hardware.carry_out(level, at.tasks)
        await anyio.wait_all_tasks_blocked()
        first = list(at.board.told)
        at.board.may_return.set()
        await anyio.wait_all_tasks_blocked()

        assert first == levels[:1]
        assert at.board.told == levels


async def test_level_that_is_outdated_is_not_said() -> None:
    async with bench() as at:
        at.hardware.carry_out(SetOutput(1, is_on=True), at.tasks)
        await anyio.wait_all_tasks_blocked()
        for limit_a in range(6, 33):
            at.hardware.carry_out(SetLimit(1, Decimal(limit_a)), at.tasks)
            at.hardware.carry_out(SetLimit(2, Decimal(limit_a)), at.tasks)
        at.hardware.carry_out(SetOutput(1, is_on=False), at.tasks)
        at.board.may_return.set()
        await anyio.wait_all_tasks_blocked()

        assert at.board.told == [
            SetOutput(1, is_on=True),
            SetLimit(1, Decimal(32)),
            SetLimit(2, Decimal(32)),
            SetOutput(1, is_on=False),
        ]


async def test_level_that_is_said_again_keeps_its_place_behind_what_came_between() -> None:
    """The last word on the output comes after the limit that was meant for it."""
    async with bench() as at:
        at.hardware.carry_out(ShowStatus(0, ChargePointStatus.AVAILABLE), at.tasks)
        await anyio.wait_all_tasks_blocked()
        at.hardware.carry_out(SetOutput(1, is_on=False), at.tasks)
        at.hardware.carry_out(SetLimit(1, Decimal(6)), at.tasks)
        at.hardware.carry_out(SetOutput(1, is_on=True), at.tasks)
        at.board.may_return.set()
        await anyio.wait_all_tasks_blocked()

        assert at.board.told[1:] == [SetLimit(1, Decimal(6)), SetOutput(1, is_on=True)]


async def test_ask_is_answered_by_its_number() -> None:
    async with bench() as at:
        at.hardware.carry_out(Lock(5, 1), at.tasks)
        at.hardware.carry_out(Lock(6, 2), at.tasks)
        await anyio.wait_all_tasks_blocked()

        answers = {event.ask_id: event.result for event in at.posted if isinstance(event, CommandDone)}
        assert answers == {5: Succeeded(), 6: Failed(FailureReason.FAILED, "the bolt is stuck")}


async def test_ask_without_an_answer_is_given_up_and_nobody_waited_for_it() -> None:
    async with bench() as at:
        at.board.may_return.set()
        at.hardware.carry_out(Unlock(5, 1), at.tasks)
        at.hardware.carry_out(Lock(6, 3), at.tasks)
        at.hardware.carry_out(SetOutput(1, is_on=True), at.tasks)
        while len(at.posted) < 2:
            await anyio.lowlevel.checkpoint()

        assert at.board.told == [SetOutput(1, is_on=True)]
        assert at.posted == [
            CommandDone(6, Succeeded()),
            CommandDone(5, Failed(FailureReason.TIMED_OUT, "the driver did not answer in time")),
        ]
        assert at.board.given_up == [1]


async def test_asks_of_one_connector_wait_for_one_another() -> None:
    """What is asked last holds: a locking never overtakes the unlocking before it, even one that is given up."""
    async with bench() as at:
        at.hardware.carry_out(Unlock(5, 1), at.tasks)
        at.hardware.carry_out(Lock(6, 1), at.tasks)
        at.hardware.carry_out(Unlock(7, 1), at.tasks)
        while len(at.posted) < 3:
            await anyio.lowlevel.checkpoint()
        at.hardware.carry_out(Lock(8, 1), at.tasks)
        await anyio.wait_all_tasks_blocked()

        timed_out = Failed(FailureReason.TIMED_OUT, "the driver did not answer in time")
        assert at.posted == [
            CommandDone(5, timed_out),
            CommandDone(6, Succeeded()),
            CommandDone(7, timed_out),
            CommandDone(8, Succeeded()),
        ]


async def test_reports_are_handed_on_in_order_and_their_end_is_the_end() -> None:
    async with bench() as at:
        with pytest.raises(HardwareFailure, match="the driver's events have ended"):
            await at.hardware.report()

        assert at.posted == [CardPresented(f"CARD-{number}") for number in range(3)]


async def test_generator_of_reports_is_closed_wherever_the_run_ends() -> None:
    async def post(_: Event) -> None:
        await anyio.sleep_forever()

    board = Board()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(
            Hardware(
                board, Settings(lock_timeout_s=ASK_TIMEOUT_S, reboot_timeout_s=2 * ASK_TIMEOUT_S), post, no_files(board)
            ).report
        )
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()

    assert board.is_closed


async def test_restart_has_a_time_of_its_own() -> None:
    """`Settings.reboot_timeout_s`: a board takes longer to restart than a bolt to move."""
    async with bench() as at:
        at.hardware.carry_out(Reboot(1, Restart.HARD), at.tasks)
        while not at.posted:
            await anyio.lowlevel.checkpoint()

        assert at.board.told == [Restart.HARD]
        assert at.posted == [CommandDone(1, Succeeded())]
