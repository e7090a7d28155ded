"""Runs a charge point: events from driver, link and application in, outcomes out, on asyncio and on trio.

The runner awaits two things only: the next event and the commit of what it led to. Hardware and link have tasks of
their own and answer with events; towards the link nothing is ever waited for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import SystemRandom
from typing import Final, TypeVar

import anyio
from anyio import to_thread
from anyio.abc import TaskGroup
from attrs import define, field

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.driver.interface import Driver
from ocpp16cp.errors import TransferFailed, UsageError
from ocpp16cp.events import (
    ClockSet,
    CommandDone,
    DataAnswered,
    Event,
    LinkDown,
    StopRequested,
    Succeeded,
    TextReceived,
    TransferRequested,
    Woke,
)
from ocpp16cp.outcome import DataReceived, Notice, Open, Outcome, Reboot, Restart, SendText, TransferEnded
from ocpp16cp.station import Station
from ocpp16cp.store.interface import Store
from ocpp16cp.store.memory import MemoryStore
from ocpp16cp.vendor_messages import DataAnswer, DataRequest
from ocpp16cp.wire.tolerance import STRICT, Tolerance

from .file_work import FileStorage, FileWork
from .hardware import Hardware
from .link import Direction, Link
from .transport import Transport
from .websocket_client import WebSocketTransport

T = TypeVar("T")

_RANDOM: Final = SystemRandom()
"""Keeps no state, so that all stations of a process can share it."""

EVENT_BUFFER: Final = 256
"""Events that may wait for the core: a second of a busy station. Beyond it the socket and the driver are not read."""

FrameHook = Callable[[Direction, str], None]
"""Sees each frame: which way it goes, and its text. It must not raise and not take long."""

NoticeHook = Callable[[Notice], None]
"""Sees each notice. It must not raise and not take long."""


DataHook = Callable[[DataRequest], Awaitable[DataAnswer]]
"""Answers a DataTransfer; cancelled when its time is up. An exception ends the run."""


@define(eq=False)
class _Transfer:
    """Somebody waits for the end of a DataTransfer."""

    _has_ended: anyio.Event = field(factory=anyio.Event, init=False)
    _ended: TransferEnded | None = field(default=None, init=False)

    def end(self, ended: TransferEnded) -> None:
        """Tell what became of it."""
        self._ended = ended
        self._has_ended.set()

    async def outcome(self) -> TransferEnded:
        """Wait for what becomes of it."""
        await self._has_ended.wait()
        assert self._ended is not None
        return self._ended


@define(eq=False)
class StationRunner:
    """One charge point on its hardware, its store and its network.

    `run` lasts until `stop` is called, until it is cancelled (a power cut, as far as the station can tell), or until
    something fails that a restart has to repair. What a Reset asks for is done within: one run ends, another begins.
    """

    station: Station
    driver: Driver
    store: Store = field(factory=MemoryStore)
    """A `MemoryStore` forgets everything with the process: for tests, or by explicit choice."""
    transport: Transport = field(factory=WebSocketTransport)
    tolerance: Tolerance = field(default=STRICT, kw_only=True)
    """Which mistakes of the central system are forgiven."""
    files: FileStorage | None = field(default=None, kw_only=True)
    """Where firmware and diagnostics are kept; without it there are none."""
    on_notice: NoticeHook | None = field(default=None, kw_only=True)
    on_frame: FrameHook | None = field(default=None, kw_only=True)
    on_data: DataHook | None = field(default=None, kw_only=True)
    """Answers those of `Station.vendor_messages` that have no function of their own."""
    charge_point: ChargePoint | None = field(default=None, init=False)
    """The core, while a run lasts; to be looked at only."""
    _send: anyio.abc.ObjectSendStream[Event] | None = field(default=None, init=False)
    _link: Link | None = field(default=None, init=False)
    _reboot: Reboot | None = field(default=None, init=False)
    """What the driver is being asked for."""
    _restart: Restart | None = field(default=None, init=False)
    """Why the present run ends."""
    _files: FileWork | None = field(default=None, init=False)
    _is_stopping: bool = field(default=False, init=False)
    _is_stop_wanted: bool = field(default=False, init=False)
    """`stop` was called: no other run begins, even if this one was about to end by itself."""
    _transfers: dict[int, _Transfer] = field(factory=dict, init=False)
    """DataTransfers that somebody waits for the end of, by reference."""
    _transfer_count: int = field(default=0, init=False)

    async def run(self) -> None:
        """Run the station, again after each restart that its driver leaves to the software.

        Raises:
            As `run_once`.
        """
        self._is_stop_wanted = False
        while await self.run_once() is not None and not self._is_stop_wanted:
            pass

    async def run_once(self) -> Restart | None:
        """Run the station until it ends or is to start anew: for an application that then starts anew as a whole.

        Returns:
            Why it is to start anew; the driver has done its part. `None`: it was stopped.

        Raises:
            UsageError: the station's description contradicts itself, a run is under way already, or there is no place
                for its files.
            StoreError: the store cannot be read or written; nothing that depended on it has happened.
            RecordUnreadable: the store holds something that this version does not understand.
            HardwareFailure: the board is lost.
            ExceptionGroup: several of these at the same instant.
        """
        if self._send is not None:
            raise UsageError("this station is running already")
        self._send, events = anyio.create_memory_object_stream[Event](EVENT_BUFFER)
        try:
            # Closed when all tasks are gone: one that still waits to report something is cancelled, not refused.
            with self._send, events:
                async with anyio.create_task_group() as tasks:
                    await self._run(events, tasks)
                    tasks.cancel_scope.cancel()
        except ExceptionGroup as group:
            raise _sole(group) from None
        else:
            return self._restart
        finally:
            if self._files is not None:
                self._files.close()
            self._send = self._link = self._files = self.charge_point = self._reboot = self._restart = None
            self._is_stopping = False
            for transfer in self._transfers.values():
                transfer.end(TransferEnded(0, None, failure="the station has stopped"))

    async def stop(self) -> None:
        """End the run in an orderly way: the link is closed, transactions stay open for the next run."""
        self._is_stop_wanted = True
        await self.post(StopRequested())

    async def set_clock(self, event: ClockSet) -> None:
        """Tell the station what time it is, where the application knows better."""
        await self.post(event)

    async def transfer_data(self, vendor_id: str, message_id: str | None = None, data: str | None = None) -> DataAnswer:
        """Send a DataTransfer to the central system, and wait for the answer.

        It is sent now or not at all: an answer, a lost connection and MessageTimeout all end the wait.

        Raises:
            TransferFailed: there is no answer.
            UsageError: the station is not running, or this cannot be sent.
        """
        self._transfer_count += 1
        reference = self._transfer_count
        request = TransferRequested(reference, vendor_id, message_id, data)
        transfer = self._transfers[reference] = _Transfer()
        try:
            await self.post(request)
            ended = await transfer.outcome()
        finally:
            del self._transfers[reference]
        if ended.status is None:
            raise TransferFailed(ended.failure)
        return DataAnswer(ended.status, ended.data)

    async def post(self, event: Event) -> None:
        """Hand an event to the core; waits while it is busy.

        Raises:
            UsageError: the station is not running.
        """
        if self._send is None:
            raise UsageError("the station is not running")
        try:
            await self._send.send(event)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            raise UsageError("the station is not running") from None

    async def _run(self, events: anyio.abc.ObjectReceiveStream[Event], tasks: TaskGroup) -> None:
        """Start, then deal with events until the run has come to its end."""
        self._files = FileWork(self.files, self.station, self.driver, self.post)
        self._files.open()
        records = await self._blocking(self.store.load)
        core = self.charge_point = ChargePoint(self.station, records=records, random=_RANDOM, tolerance=self.tolerance)
        hardware = Hardware(self.driver, self.station.settings, self.post, self._files)
        started = await self.driver.start()
        wake_at = await self._handle(core, started, hardware, tasks)
        tasks.start_soon(hardware.report)
        while self._restart is None and not (self._is_stopping and self._link is None):
            event = await _next_event(events, wake_at)
            wake_at = await self._handle(core, event, hardware, tasks)

    async def _handle(self, core: ChargePoint, event: Event, hardware: Hardware, tasks: TaskGroup) -> float | None:
        """Deal with one event and carry out what follows from it; the instant by which to wake the core."""
        if isinstance(event, TextReceived):
            self._see(Direction.RECEIVED, event.text)
        outcome = core.handle(event, now=anyio.current_time())
        if outcome.writes:
            await self._blocking(lambda: self.store.commit(outcome.writes))
        for command in outcome.commands:
            hardware.carry_out(command, tasks)
            if isinstance(command, Reboot):
                self._reboot = command
        self._carry_out_link(outcome, tasks)
        for notice in outcome.notices:
            self._hand_on(notice, tasks)
        if isinstance(event, StopRequested):
            self._is_stopping = True
        if isinstance(event, CommandDone):
            self._note_answer(event)
        if isinstance(event, LinkDown) and self._link is not None and self._link.number == event.number:
            self._link = None
        return outcome.wake_at

    def _note_answer(self, answer: CommandDone) -> None:
        """The run is over once the driver has done its part of a restart."""
        if self._reboot is not None and answer.ask_id == self._reboot.ask_id and answer.result == Succeeded():
            self._restart = self._reboot.restart

    def _hand_on(self, notice: Notice, tasks: TaskGroup) -> None:
        """Let those know of a notice who wait for it."""
        if isinstance(notice, DataReceived) and self.on_data is not None:
            tasks.start_soon(self._answer_data, self.on_data, notice)
        elif isinstance(notice, TransferEnded) and notice.reference in self._transfers:
            self._transfers[notice.reference].end(notice)
        if self.on_notice is not None:
            self.on_notice(notice)

    async def _answer_data(self, on_data: DataHook, received: DataReceived) -> None:
        """Let the application answer a DataTransfer, as long as anybody waits for that."""
        with anyio.move_on_after(received.within_s):
            await self.post(DataAnswered(received.ticket, await on_data(received.request)))

    def _carry_out_link(self, outcome: Outcome, tasks: TaskGroup) -> None:
        """Hand link actions to the connection they belong to."""
        for action in outcome.link:
            if isinstance(action, Open):
                self._link = Link(action, self.transport, self.post)
                tasks.start_soon(self._link.run)
            elif self._link is not None and self._link.number == action.number:
                if isinstance(action, SendText):
                    self._see(Direction.SENT, action.text)
                self._link.put(action)

    def _see(self, direction: Direction, text: str) -> None:
        """Show a frame to whom it concerns."""
        assert self._files is not None
        self._files.see(direction, text)
        if self.on_frame is not None:
            self.on_frame(direction, text)

    async def _blocking(self, call: Callable[[], T]) -> T:
        """Call the store, in a worker thread if it may wait for a device; never left in the middle."""
        if not self.store.blocking:
            return call()
        with anyio.CancelScope(shield=True) as scope:
            result = await to_thread.run_sync(call)
        assert not scope.cancelled_caught
        return result


async def _next_event(events: anyio.abc.ObjectReceiveStream[Event], wake_at: float | None) -> Event:
    """The next event, or `Woke` when it is time."""
    with anyio.CancelScope(deadline=float("inf") if wake_at is None else wake_at):
        return await events.receive()
    return Woke()


def _sole(group: ExceptionGroup[Exception]) -> Exception:
    """The exception that a group was made around, if there is one alone."""
    error: Exception = group
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
