"""A simulated station against any central system, with its front panel on the terminal.

The process outlives the station's runs: `power off` ends a run as a power cut does, `power on` begins the next one on
the same store and the same hardware; a reset ends one run and begins the next.
"""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime
from typing import Final, TextIO, assert_never

import anyio
from anyio.abc import TaskGroup
from attrs import define, field, frozen

from ocpp16cp.driver.simulated import Action, ClearFault, CutNetwork, CutPower, RestorePower, SimulatedStation
from ocpp16cp.errors import UsageError
from ocpp16cp.io.file_work import FileStorage
from ocpp16cp.io.runner import FrameHook, StationRunner
from ocpp16cp.io.transport import Transport
from ocpp16cp.outcome import LinkEstablished, LinkLost, Notice, Registered, Restarting
from ocpp16cp.station import CHARGE_POINT, Station
from ocpp16cp.store.interface import Store
from ocpp16cp.wire.types import RegistrationStatus

from . import panel
from .hardware import SwitchedTransport, WatchedDriver
from .wording import tell_notice

STOP_LIMIT_S: Final = 5.0
"""How long an orderly end may take; after it the connection is cut."""


_CONNECTING: Final = "it has not answered so far"


class SimulationFailed(UsageError):
    """The simulation has ended, and something in it did not work; the message says what."""


@frozen(kw_only=True)
class Screen:
    """Where the simulation tells what happens."""

    out: TextIO
    clock: Callable[[], datetime] = datetime.now

    def answer(self, text: str) -> None:
        """Answer a line."""
        self.out.write(f"{text}\n")
        self.out.flush()

    def tell(self, text: str) -> None:
        """Say what happens by itself."""
        self.answer(f"{self.clock():%H:%M:%S} {text}")


@define(eq=False, kw_only=True)
class Simulation:
    """One simulated station, from the start of the program to its end."""

    station: Station
    store: Store
    transport: Transport
    screen: Screen
    is_script: bool
    """The lines come from no terminal: their end ends nothing, and one that fails makes the whole simulation fail."""
    files: FileStorage | None = None
    """Where firmware and diagnostics are kept; without it there are none."""
    on_frame: FrameHook | None = None
    _driver: WatchedDriver = field(init=False)
    _network: SwitchedTransport = field(init=False)
    _run: _Run | None = field(default=None, init=False)
    """`None`: there is no power."""
    _end: anyio.Event = field(factory=anyio.Event, init=False)
    """Set when the station is to be shut down."""
    _heard: anyio.Event = field(factory=anyio.Event, init=False)
    """Set, and replaced, when the station has said something."""
    _link: str = field(default=_CONNECTING, init=False)
    """What was last heard of the connection."""
    _is_connected: bool = field(default=False, init=False)
    _is_accepted: bool = field(default=False, init=False)
    """In this run; it lasts when the connection is lost."""
    _was_connected: bool = field(default=False, init=False)
    _failures: int = field(default=0, init=False)
    """Lines that could not be carried out."""

    async def run(self, lines: AsyncIterator[str]) -> None:
        """Run the station until `quit`, Ctrl-C or SIGTERM.

        Raises:
            SimulationFailed: it has ended in good order, but was never connected, or a line of a script failed.
            ExceptionGroup: of the one error that ended it: a `UsageError` for a URL that can never work, a
                `StoreError`, or any other of `StationRunner.run`.
        """
        self._driver = WatchedDriver(SimulatedStation(self.station, now=anyio.current_time()))
        self._network = SwitchedTransport(self.transport, self._driver.station)
        station = self.station
        self.screen.tell(
            f"{station.identity} ({station.vendor} {station.model}) with {len(station.connectors)} connectors;"
            " `help` lists what can be typed"
        )
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._heed_signals)
            tasks.start_soon(self._obey_lines, lines, tasks)
            self._begin_run(tasks)
            await self._end.wait()
            with anyio.move_on_after(STOP_LIMIT_S):
                await self._end_run()
            tasks.cancel_scope.cancel()
        if not self._was_connected:
            raise SimulationFailed(f"the central system was never reached: {self._link}")
        if self.is_script and self._failures:
            raise SimulationFailed(f"lines that could not be carried out: {self._failures}")

    # Runs of the station, and what ends them.

    def _begin_run(self, tasks: TaskGroup) -> None:
        """Let the software of the station start."""
        runner = StationRunner(
            self.station,
            self._driver,
            self.store,
            self._network,
            files=self.files,
            on_notice=self._hear,
            on_frame=self.on_frame,
        )
        self._run = _Run(runner)
        tasks.start_soon(self._run.carry_out)

    async def _end_run(self) -> None:
        """Shut the station down, if there is power."""
        if self._run is not None:
            await self._run.end()

    async def _cut_power(self) -> None:
        """End the run as a power cut does: whatever it was about to do stays undone."""
        if self._run is None:
            raise UsageError("the power is off already")
        self._driver.act(CutPower())
        await self._run.cut()
        self._run = None
        self._is_connected = self._is_accepted = False
        self._link = "no power"

    async def _heed_signals(self) -> None:
        """Shut down at the first signal; the second one does not wait for it."""
        # Where signals cannot be received like this, Ctrl-C is a KeyboardInterrupt anyway.
        with suppress(NotImplementedError), anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for received in signals:
                if self._end.is_set():
                    raise KeyboardInterrupt
                self.screen.tell(f"{signal.Signals(received).name}: the station shuts down")
                self._end.set()

    def _hear(self, notice: Notice) -> None:
        """Take note of what the station says."""
        match notice:
            case LinkEstablished():
                self._is_connected = self._was_connected = True
            case LinkLost():
                self._is_connected = False
                self._link = notice.reason
            case Restarting():
                self._is_connected = self._is_accepted = False
                self._link = "it starts anew"
            case Registered(status):
                self._is_accepted = status == RegistrationStatus.ACCEPTED
            case _:
                pass
        self._heard.set()
        self._heard = anyio.Event()
        self.screen.tell(tell_notice(notice))

    # Lines.

    async def _obey_lines(self, lines: AsyncIterator[str], tasks: TaskGroup) -> None:
        """Carry out line by line."""
        async for line in lines:
            try:
                order = panel.parse(line)
                if order is not None:
                    self.screen.answer(await self._obey(order, tasks))
            except UsageError as error:
                self._failures += 1
                self.screen.answer(f"error: {error}")
            if self._end.is_set():
                return
        if not self.is_script:
            self._end.set()

    async def _obey(self, order: panel.Order, tasks: TaskGroup) -> str:
        """Carry out one order, and tell what is to be answered.

        Raises:
            UsageError: it cannot be carried out.
        """
        match order:
            case panel.Do(action):
                await self._act(action, tasks)
            case panel.Mend():
                self._mend(order)
            case panel.WaitForStatus():
                await self._wait_for_status(order)
            case panel.WaitForAcceptance():
                await self._wait_for_acceptance(order)
            case panel.Pause(seconds):
                await anyio.sleep(seconds)
            case panel.Report():
                return self._report()
            case panel.Help():
                return panel.help_text()
            case panel.Quit():
                self._end.set()
            case _:
                assert_never(order)
        return "ok"

    async def _act(self, action: Action, tasks: TaskGroup) -> None:
        """Do something to the station; power and network have consequences in here."""
        match action:
            case CutPower():
                await self._cut_power()
            case RestorePower():
                if self._run is not None:
                    raise UsageError("the power is on already")
                self._driver.act(action)
                self._link = _CONNECTING
                self._begin_run(tasks)
            case CutNetwork():
                self._driver.act(action)
                await self._network.cut()
            case _:
                self._driver.act(action)

    def _mend(self, order: panel.Mend) -> None:
        """Clear faults."""
        faults = [
            fault
            for fault in self._driver.station.faults
            if fault.connector_id == order.connector_id and order.error_code in (None, fault.error_code)
        ]
        if not faults:
            which = order.error_code or "of any kind"
            raise UsageError(f"connector {order.connector_id}: no fault {which} is active")
        for fault in faults:
            self._driver.act(ClearFault(fault))

    async def _wait_for_status(self, order: panel.WaitForStatus) -> None:
        """Wait until the lights of a connector show a status."""
        connector_id = order.connector_id
        if connector_id != CHARGE_POINT and not self.station.has_connector(connector_id):
            raise UsageError(f"there is no connector {connector_id!r}")
        with anyio.move_on_after(order.limit_s):
            await self._driver.wait_for(connector_id, order.status)
            return
        shown = self._driver.station.shown(connector_id) or "dark"
        raise UsageError(f"connector {connector_id} is not {order.status} after {order.limit_s:g} s, but {shown}")

    async def _wait_for_acceptance(self, order: panel.WaitForAcceptance) -> None:
        """Wait until the central system has accepted the station."""
        with anyio.move_on_after(order.limit_s):
            while not (self._is_connected and self._is_accepted):
                await self._heard.wait()
            return
        raise UsageError(f"not online after {order.limit_s:g} s: {self._state()}")

    def _state(self) -> str:
        """How it stands with the central system."""
        if not self._is_connected:
            return self._link
        return "online" if self._is_accepted else "connected, but not accepted by the central system"

    def _report(self) -> str:
        """How the station is doing, in some lines."""
        lights = self._describe_lights()
        return "\n".join((f"station: {self._state()}", *lights, *map(self._describe, self.station.connector_ids)))

    def _describe_lights(self) -> tuple[str, ...]:
        """How the lights are, unless nobody has said so."""
        lights = self._driver.station.lights
        if lights is None:
            return ()
        blinking = f", blinking {lights.blink_repeat} times" if lights.blink_repeat else ""
        return (f"lights: {lights.intensity_percent} %{blinking}",)

    def _describe(self, connector_id: int) -> str:
        """How a connector is doing."""
        simulated = self._driver.station
        reading = simulated.reading(connector_id)
        car, charged = simulated.car(connector_id), self._driver.charge_percent(connector_id)
        parts = [
            str(simulated.shown(connector_id) or "dark"),
            "no car" if car is None else f"{car.name} at {charged} %",
            f"{reading.power_w or 0:.0f} W",
            f"meter {reading.register_wh} Wh",
        ]
        if connector_id in self._driver.limits_a:
            parts.append(f"limit {self._driver.limits_a[connector_id]} A")
        if simulated.is_locked(connector_id):
            parts.append("plug locked")
        parts += [fault.error_code for fault in simulated.faults if fault.connector_id == connector_id]
        return f"connector {connector_id}: {', '.join(parts)}"


@define(eq=False)
class _Run:
    """One run of the station."""

    _runner: StationRunner
    _scope: anyio.CancelScope = field(factory=anyio.CancelScope, init=False)
    _ended: anyio.Event = field(factory=anyio.Event, init=False)

    async def carry_out(self) -> None:
        """Run, until `end` or `cut`."""
        with self._scope:
            await self._runner.run()
        self._ended.set()

    async def end(self) -> None:
        """Take leave of the central system, and end."""
        try:
            await self._runner.stop()
        except UsageError:
            # It has not begun so far.
            self._scope.cancel()
        await self._ended.wait()

    async def cut(self) -> None:
        """End at once."""
        self._scope.cancel()
        await self._ended.wait()
