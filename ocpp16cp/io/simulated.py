"""A simulated station as a `Driver`: the pure simulation, set against the event loop's clock."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import anyio

from ocpp16cp.driver.interface import Driver, DriverEvent, HardwareFailure, ProgressHook
from ocpp16cp.driver.simulated import Action, SimulatedStation
from ocpp16cp.errors import UsageError
from ocpp16cp.events import CommandDone, Failed, HardwareEvent, StartCause, Started, Succeeded
from ocpp16cp.outcome import Command, Lock, Reboot, Restart, SetLights, SetLimit, SetOutput, ShowStatus, Unlock
from ocpp16cp.wire.types import ChargePointStatus

from .simulated_files import SimulatedFiles

UNREAD_LIMIT = 10_000
"""Events that may wait to be read: near an hour of readings each second, of two connectors and the main meter. More
means that nobody reads them any more."""


class SimulatedDriver(Driver):
    """The hardware of a station made of variables; `act` is its front panel.

    Everything happens in one event loop, in any of its tasks. The station may be looked at between calls, not changed.
    While it has no power nothing is reported, and there is no start: end the run, restore the power, begin another run.
    """

    def __init__(
        self,
        station: SimulatedStation,
        *,
        files: SimulatedFiles | None = None,
        cause: StartCause = StartCause.POWER_UP,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        """A driver for a station that nothing else moves on.

        Args:
            station: its `now` is `anyio.current_time()` from here on.
            files: its flash and its logs.
            cause: why the software starts the first time; later it is what it was restarted for, else power.
            clock: the board's clock, in aware datetimes; `None`: it has none.
        """
        self.station = station
        self.files = files or SimulatedFiles()
        self._cause = cause
        self._clock = clock
        self._is_read = False
        self._unread: deque[DriverEvent] = deque()
        self._asks = 0
        self._answers: dict[int, Succeeded | Failed | None] = {}
        """Of the asks under way; `None`: not answered so far."""
        self._changed = anyio.Event()

    def act(self, action: Action) -> None:
        """Do something at the panel, the cables or the lines, now.

        Raises:
            ActionImpossible: the world does not allow this now; nothing was done.
            UsageError: there is no such connector or reader.
        """
        self._take(self.station.act(action, anyio.current_time()))
        self._notify()

    async def wait_until(self, is_reached: Callable[[SimulatedStation], bool]) -> None:
        """Wait until something is so at the station, be there a run or not.

        Args:
            is_reached: asked now and after every change; it must not change anything.
        """
        while True:
            self._advance()
            if is_reached(self.station):
                return
            await self._change()

    async def start(self) -> Started:
        """Tell why the software starts.

        Raises:
            HardwareFailure: the station has no power.
        """
        if not self.station.is_powered:
            raise HardwareFailure(text="no power")
        cause, self._cause = self._cause, StartCause.POWER_UP
        if self.files.start():
            cause = StartCause.FIRMWARE
        return Started(cause, self._clock() if self._clock is not None else None)

    async def events(self) -> AsyncGenerator[DriverEvent, None]:
        """Report what is, then what changes.

        Raises:
            UsageError: another run is reading, or the reader has fallen too far behind.
        """
        if self._is_read:
            raise UsageError("the events are being read already")
        self._is_read = True
        try:
            self._take(self.station.report(anyio.current_time()))
            while True:
                while self._unread:
                    yield self._unread.popleft()
                self._advance()
                if not self._unread:
                    await self._change()
        finally:
            self._unread.clear()
            self._is_read = False
            for connector_id in self.station.station.connector_ids:
                self._obey(SetOutput(connector_id, is_on=False))

    async def set_output(self, connector_id: int, *, is_on: bool) -> None:
        """Allow energy, or do not."""
        self._obey(SetOutput(connector_id, is_on))

    async def set_limit(self, connector_id: int, limit_a: Decimal, *, phases: int) -> None:
        """Offer at most so many amperes, over so many phases."""
        self._obey(SetLimit(connector_id, limit_a, phases))

    async def show_status(self, connector_id: int, status: ChargePointStatus) -> None:
        """Show a status: `SimulatedStation.shown`."""
        self._obey(ShowStatus(connector_id, status))

    async def set_lights(self, intensity_percent: int, blink_repeat: int) -> None:
        """Change the lights: `SimulatedStation.lights`."""
        self._obey(SetLights(intensity_percent, blink_repeat))

    async def lock(self, connector_id: int) -> None:
        """Hold the plug."""
        await self._ask(lambda ask_id: Lock(ask_id, connector_id))

    async def unlock(self, connector_id: int) -> None:
        """Let go of the plug."""
        await self._ask(lambda ask_id: Unlock(ask_id, connector_id))

    async def install_firmware(self, image: Path, *, on_progress: ProgressHook) -> None:
        """Put firmware in place: `files.installed`."""
        await self.files.install(image, on_progress)

    async def collect_diagnostics(
        self, folder: Path, *, since: datetime | None, until: datetime | None, on_progress: ProgressHook
    ) -> None:
        """Write a page about the board."""
        await self.files.collect(folder, since, until, on_progress)

    async def reboot(self, restart: Restart) -> None:
        """Let the software start anew; it is told why."""
        await self._ask(lambda ask_id: Reboot(ask_id, restart))
        self._cause = StartCause(restart.value)

    async def _ask(self, command: Callable[[int], Lock | Unlock | Reboot]) -> None:
        """Ask for something and wait for the answer, however long it takes."""
        self._asks += 1
        ask_id = self._asks
        self._answers[ask_id] = None
        try:
            self._obey(command(ask_id))
            await self.wait_until(lambda _: self._answers[ask_id] is not None)
            answer = self._answers[ask_id]
        finally:
            del self._answers[ask_id]
        if isinstance(answer, Failed):
            raise HardwareFailure(answer.reason, answer.text)

    def _obey(self, command: Command) -> None:
        """Carry out a command, now."""
        self._take(self.station.carry_out(command, anyio.current_time()))
        self._notify()

    def _advance(self) -> None:
        """Let the station know what time it is."""
        events = self.station.advance(anyio.current_time())
        self._take(events)
        if events:
            # Only then: two tasks that wait would wake each other for ever.
            self._notify()

    def _take(self, events: Iterable[HardwareEvent]) -> None:
        """Sort what happened to those who wait for it."""
        for event in events:
            if not isinstance(event, CommandDone):
                self._report(event)
            elif event.ask_id in self._answers:
                self._answers[event.ask_id] = event.result

    def _notify(self) -> None:
        """Wake who waits for a change."""
        self._changed.set()
        self._changed = anyio.Event()

    def _report(self, event: DriverEvent) -> None:
        """Keep an event for the reader; without one, the next run's first report will say it."""
        if not self._is_read:
            return
        if len(self._unread) >= UNREAD_LIMIT:
            raise UsageError(f"nobody reads the events: {UNREAD_LIMIT} are waiting")
        self._unread.append(event)

    async def _change(self) -> None:
        """Wait until somebody did something, or something happens by itself."""
        at = self.station.next_change()
        with anyio.CancelScope(deadline=float("inf") if at is None else at):
            await self._changed.wait()
