"""Commands to a driver, and what it reports: levels in order, asks in order for each connector."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import assert_never

import anyio
from anyio.abc import TaskGroup
from attrs import define, field

from ocpp16cp.driver.interface import Driver, HardwareFailure
from ocpp16cp.events import CommandDone, Event, Failed, FailureReason, Succeeded
from ocpp16cp.outcome import Command, FileCommand, Lock, Reboot, SetLights, SetLimit, SetOutput, ShowStatus, Unlock
from ocpp16cp.station import CHARGE_POINT, Settings

from .file_work import FileWork

Level = SetOutput | SetLimit | ShowStatus | SetLights
"""A command that says what is to be."""

Ask = Lock | Unlock | Reboot
"""A command that gets an answer."""


@define(eq=False)
class Hardware:
    """A driver during one run."""

    driver: Driver
    settings: Settings
    post: Callable[[Event], Awaitable[None]]
    files: FileWork
    _levels: dict[tuple[type, int], Level] = field(factory=dict, init=False)
    """What is still to be said, in order; only the newest of each kind and connector."""
    _is_saying: bool = field(default=False, init=False)
    _asks: dict[int, deque[Ask]] = field(factory=dict, init=False)
    """What each connector is still asked, in order; the first of them is under way."""

    def carry_out(self, command: Command, tasks: TaskGroup) -> None:
        """Begin to carry out a command; waits for nothing."""
        if isinstance(command, FileCommand):
            self.files.carry_out(command, tasks)
            return
        if isinstance(command, Reboot):
            tasks.start_soon(self._ask, command)
            return
        if isinstance(command, Lock | Unlock):
            asks = self._asks.setdefault(command.connector_id, deque())
            asks.append(command)
            if len(asks) == 1:
                tasks.start_soon(self._ask_in_turn, asks)
            return
        place = (type(command), CHARGE_POINT if isinstance(command, SetLights) else command.connector_id)
        self._levels.pop(place, None)
        self._levels[place] = command
        if not self._is_saying:
            self._is_saying = True
            tasks.start_soon(self._say_levels)

    async def report(self) -> None:
        """Hand on what the driver reports, until the run ends.

        Raises:
            HardwareFailure: the driver's reports came to an end.
        """
        async with aclosing(self.driver.events()) as events:
            async for event in events:
                await self.post(event)
        raise HardwareFailure(text="the driver's events have ended: nothing is known of the hardware any more")

    async def _say_levels(self) -> None:
        """Say levels one at a time, in order, until there is none left to be said."""
        while self._levels:
            place = next(iter(self._levels))
            await self._say(self._levels.pop(place))
        self._is_saying = False

    async def _say(self, level: Level) -> None:
        """Say one level."""
        match level:
            case SetOutput(connector_id, is_on):
                await self.driver.set_output(connector_id, is_on=is_on)
            case SetLimit(connector_id, limit_a, phases):
                await self.driver.set_limit(connector_id, limit_a, phases=phases)
            case ShowStatus(connector_id, status):
                await self.driver.show_status(connector_id, status)
            case SetLights(intensity_percent, blink_repeat):
                await self.driver.set_lights(intensity_percent, blink_repeat)
            case _:
                assert_never(level)

    async def _ask_in_turn(self, asks: deque[Ask]) -> None:
        """Ask a connector one thing after the other: an unlocking that overtook a locking would leave the plug held."""
        while asks:
            await self._ask(asks[0])
            asks.popleft()

    def _timeout_s(self, ask: Ask) -> float:
        """How long an ask may take."""
        if isinstance(ask, Reboot):
            return self.settings.reboot_timeout_s
        return self.settings.lock_timeout_s

    async def _ask(self, ask: Ask) -> None:
        """Ask for something, within its time."""
        result: Succeeded | Failed = Failed(FailureReason.TIMED_OUT, "the driver did not answer in time")
        with anyio.move_on_after(self._timeout_s(ask)):
            try:
                match ask:
                    case Lock():
                        await self.driver.lock(ask.connector_id)
                    case Unlock():
                        await self.driver.unlock(ask.connector_id)
                    case Reboot():
                        await self.driver.reboot(ask.restart)
                    case _:
                        assert_never(ask)
                result = Succeeded()
            except HardwareFailure as failure:
                result = Failed(failure.reason, failure.text)
        await self.post(CommandDone(ask.ask_id, result))
