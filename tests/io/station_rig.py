"""A whole station in one process: runner, simulated hardware, a store in memory, a scripted central system."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import anyio
import pytest
from attrs import define, evolve, field
from trio.testing import MockClock

from ocpp16cp.driver.simulated import MINIATURE, Action, PlugIn, PresentCard, SimulatedStation
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import StartTransaction
from ocpp16cp.io.link import Direction
from ocpp16cp.io.memory import MemoryTransport
from ocpp16cp.io.runner import StationRunner
from ocpp16cp.io.serving import Decide, UpgradeRequest, accept_ocpp16
from ocpp16cp.io.simulated import SimulatedDriver
from ocpp16cp.io.transport import Connection, LinkFailure
from ocpp16cp.outcome import Notice, Write
from ocpp16cp.station import Connector, Station
from ocpp16cp.store.interface import Store
from ocpp16cp.store.memory import MemoryStore
from ocpp16cp.testing.central_system import Reply, ScriptedCentralSystem

T = TypeVar("T")

Backend = tuple[str, dict[str, Any]]

VIRTUAL = "virtual time"
virtual_time = pytest.mark.parametrize("anyio_backend", [VIRTUAL], indirect=True)
"""For what takes longer than a test may; on trio, whose clock can be replaced."""


def backend_named(name: str) -> Backend:
    """What the fixture `anyio_backend` is for "asyncio", "trio" and `VIRTUAL`."""
    return ("trio", {"clock": MockClock(autojump_threshold=0)}) if name == VIRTUAL else (name, {})


LIMIT_S = 20.0
"""How long a test waits for a fact: long for what takes a moment, even on a busy machine."""

CAR = evolve(MINIATURE, battery_wh=60_000, charge_wh=0)
"""Charges with 22 kW, 6 Wh in a second, for as long as any test lasts."""

STATION = Station(
    identity="CP1",
    vendor="ocpp16cp",
    model="rig",
    connectors=(Connector(), Connector(fixed_cable=False)),
    readers=((1,), (2,)),
    central_system_url="ws://memory/ocpp",
    configuration=(("RetryBackOffWaitMinimum", "0"), ("RetryBackOffRandomRange", "0")),
)
"""One connector with a fixed cable, one with a lock; a reader for each. Comes back at once after a lost connection."""


def configured(**values: int) -> Station:
    """The station with more keys set at the factory."""
    keys = tuple((name, str(value)) for name, value in values.items())
    return evolve(STATION, configuration=(*STATION.configuration, *keys))


@define(eq=False)
class RecordingStore:
    """A store in memory that keeps each batch, and fails on demand."""

    blocking: bool = False
    fails_on: Callable[[Sequence[Write]], bool] = lambda _: False
    failure: Exception | None = None
    batches: list[tuple[Write, ...]] = field(factory=list)
    memory: MemoryStore = field(factory=MemoryStore)

    def load(self) -> Sequence[Write]:
        return self.memory.load()

    def commit(self, writes: Sequence[Write]) -> None:
        if self.failure is not None and self.fails_on(writes):
            raise self.failure
        self.memory.commit(writes)
        self.batches.append(tuple(writes))

    def close(self) -> None:
        """Nothing is held."""


@define(eq=False)
class Rig:
    """What a test holds in its hands."""

    runner: StationRunner
    driver: SimulatedDriver
    store: Store
    transport: MemoryTransport
    central_system: ScriptedCentralSystem = field(factory=ScriptedCentralSystem)
    notices: list[Notice] = field(factory=list)
    frames: list[tuple[Direction, str]] = field(factory=list)
    connections: list[Connection] = field(factory=list)
    ends: list[LinkFailure] = field(factory=list)
    """How connections ended, as the central system saw it."""
    _arrived_at: list[float] = field(factory=list)
    """When what the central system has seen came."""
    _changed: anyio.Event = field(factory=anyio.Event)

    def notify(self) -> None:
        """Something may be different now."""
        self._changed.set()
        self._changed = anyio.Event()

    async def until(self, is_reached: Callable[[], bool], *, limit_s: float = LIMIT_S) -> None:
        """Wait for a fact about what was noticed or said."""
        with anyio.fail_after(limit_s):
            while not is_reached():
                await self._changed.wait()

    async def until_seen(self, request: type, *, times: int = 1, limit_s: float = LIMIT_S) -> None:
        """Wait until the central system got so many requests of a kind."""
        await self.until(lambda: len(self.central_system.seen_of(request)) >= times, limit_s=limit_s)

    async def until_noticed(self, kind: type[T], *, times: int = 1) -> T:
        """Wait for the so-manieth notice of a kind."""
        await self.until(lambda: len(self.noticed(kind)) >= times)
        return self.noticed(kind)[times - 1]

    def noticed(self, kind: type[T]) -> list[T]:
        """The notices of a kind, in order."""
        return [notice for notice in self.notices if isinstance(notice, kind)]

    def act(self, *actions: Action) -> None:
        """Do something at the front panel."""
        for action in actions:
            self.driver.act(action)

    async def look_after(self, connection: Connection, _request: UpgradeRequest) -> None:
        """Be the central system of one connection."""
        self.connections.append(connection)
        try:
            while True:
                text = await connection.receive()
                assert isinstance(text, str)
                for reply in self.take(text):
                    await connection.send_text(reply.text)
        except LinkFailure as failure:
            self.ends.append(failure)
            self.notify()
            raise

    def take(self, text: str) -> tuple[Reply, ...]:
        """Let the central system have a text."""
        now = anyio.current_time()
        replies = self.central_system.receive(text, utc=datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=now))
        self._arrived_at += [now] * (len(self.central_system.seen) - len(self._arrived_at))
        self.notify()
        return replies

    def times_of(self, request: type) -> list[float]:
        """When the requests of a kind came."""
        seen = zip(self._arrived_at, self.central_system.seen, strict=True)
        return [at for at, each in seen if isinstance(each, request)]

    def note(self, notice: Notice) -> None:
        """Remember a notice."""
        self.notices.append(notice)
        self.notify()

    def see(self, direction: Direction, text: str) -> None:
        """Remember a frame."""
        self.frames.append((direction, text))
        self.notify()

    @asynccontextmanager
    async def listening(self, decide: Decide = accept_ocpp16) -> AsyncIterator[None]:
        """Let the central system be there."""
        async with self.transport.listen(self.look_after, decide):
            yield

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let both run; the station is stopped in the end."""
        async with self.listening(), anyio.create_task_group() as tasks:
            tasks.start_soon(self.runner.run)
            yield
            await self.runner.stop()


def make_rig(
    station: Station = STATION,
    *,
    store: Store | None = None,
    driver_class: Callable[..., SimulatedDriver] = SimulatedDriver,
    **options: Any,
) -> Rig:
    """A rig that does not run so far; `options` are those of the simulated station."""
    driver = driver_class(SimulatedStation(station, **options))
    used = MemoryStore() if store is None else store
    transport = MemoryTransport()
    runner = StationRunner(station, driver, used, transport)
    rig = Rig(runner, driver, used, transport)
    runner.on_notice, runner.on_frame = rig.note, rig.see
    return rig


def begins_transaction(writes: Sequence[Write]) -> bool:
    """Whether a batch holds the beginning of a transaction."""
    return any(write.table == "transactions.number" for write in writes)


async def begin_session(rig: Rig) -> None:
    """Plug in, present a card, and wait until energy flows."""
    await rig.until_seen(StatusNotification, times=3)
    rig.act(PlugIn(1, CAR), PresentCard("CARD-1"))
    await rig.until_seen(StartTransaction)
    with anyio.fail_after(LIMIT_S):
        await rig.driver.wait_until(lambda station: station.is_on(1))
