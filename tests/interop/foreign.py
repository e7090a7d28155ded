"""The central system of `central_system.py` as a program, the station that talks to it, and what both hold true."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import anyio
from attrs import define, evolve, field

from ocpp16cp.driver.simulated import MINIATURE, SimulatedStation
from ocpp16cp.io.link import Direction
from ocpp16cp.io.runner import StationRunner
from ocpp16cp.io.simulated import SimulatedDriver
from ocpp16cp.io.transport import Transport
from ocpp16cp.io.websocket_client import WebSocketTransport
from ocpp16cp.outcome import CallFailed, FrameRefused, MessageDiscarded, Notice, Write
from ocpp16cp.station import Station
from ocpp16cp.store.memory import MemoryStore
from tests.interop.programs import LIMIT_S, Program

CAR = evolve(MINIATURE, battery_wh=60_000, charge_wh=0)
"""Charges with 22 kW, 6 Wh in a second, for as long as any test lasts."""

TRANSACTION_MESSAGES = ("StartTransaction", "MeterValues", "StopTransaction")

T = TypeVar("T")
Payload = dict[str, Any]
Message = tuple[str, Payload]
"""Action and payload."""


class Ocpp:
    """The program, from a test's point of view."""

    def __init__(self, *, port: int = 0, interval_s: int = 300, first_transaction_id: int = 1) -> None:
        arguments = {"--port": port, "--interval": interval_s, "--first-transaction-id": first_transaction_id}
        texts = [text for name, value in arguments.items() for text in (name, str(value))]
        self.program = Program.python(Path(__file__).with_name("central_system.py"), *texts)
        self.port: int = self.program.wait(
            lambda: next((said["listening"] for said in self.program.said() if "listening" in said), None)
        )

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ocpp"

    def about(self, identity: str, key: str) -> list[Any]:
        """What was said of one station under one key, in order."""
        said = (each for each in self.program.said() if each.get("station") == identity)
        return [each[key] for each in said if key in each]

    def calls(self, identity: str, *actions: str) -> list[Message]:
        """The CALLs of a station, of some actions or of all."""
        frames = (frame for frame in self.about(identity, "heard") if frame[0] == 2)
        return [(frame[2], frame[3]) for frame in frames if not actions or frame[2] in actions]

    async def until(self, is_reached: Callable[[], bool]) -> None:
        """Wait for a fact about what was said."""
        await self.program.until(lambda: is_reached() or None)

    async def until_called(self, identity: str, action: str, **payload: object) -> Payload:
        """Wait for a CALL with these among its fields."""

        def find() -> Payload | None:
            calls = (heard for _, heard in self.calls(identity, action))
            return next((heard for heard in calls if payload.items() <= heard.items()), None)

        return await self.program.until(find)

    async def call(self, identity: str, action: str, **payload: object) -> Payload:
        """Let it make a CALL; the answer, in the spelling of the package."""
        answer: Payload = await self._tell(identity, "answer", call=action, payload=payload)
        return answer

    async def trouble(self, identity: str, action: str, *kinds: str) -> None:
        """Let something go wrong with the next CALLs of an action: `error`, or `late`, which waits for `release`."""
        await self._tell(identity, "troubled", trouble=action, next=kinds)

    def release(self, identity: str) -> None:
        """Let go of the oldest answer that is late."""
        self.program.say(station=identity, release=True)

    async def _tell(self, identity: str, key: str, **command: object) -> Any:
        """Give a command; what is said of it under a key."""
        before = len(self.about(identity, key))
        self.program.say(station=identity, **command)
        await self.until(lambda: len(self.about(identity, key)) > before)
        return self.about(identity, key)[before]


@define(eq=False)
class Ledger(MemoryStore):
    """A store that remembers each transaction message that was ever put into it: what has to arrive."""

    owed: list[Message] = field(factory=list)
    on_commit: Callable[[], None] | None = None

    def __attrs_post_init__(self) -> None:
        MemoryStore.__init__(self)

    def commit(self, writes: Sequence[Write]) -> None:
        known = {key for table, key in self.snapshot() if table == "kernel.outbox"}
        super().commit(writes)
        self.owed += owed(write for write in writes if write.key not in known)
        if self.on_commit is not None:
            self.on_commit()

    @property
    def queued(self) -> int:
        """How many transaction messages wait for their answer."""
        return sum(table == "kernel.outbox" for table, _ in self.snapshot())


def owed(writes: Iterable[Write]) -> list[Message]:
    """The transaction messages among records of the outbox, in order."""
    texts = {int(write.key): write.text for write in writes if write.table == "kernel.outbox" and write.text}
    queued = [json.loads(texts[number])[1] for number in sorted(texts)]
    return [(each["action"], json.loads(each["payload"])) for each in queued]


@define(eq=False)
class Site:
    """A station that runs."""

    runner: StationRunner
    driver: SimulatedDriver
    store: Ledger
    notices: list[Notice] = field(factory=list)
    frames: list[tuple[Direction, str]] = field(factory=list)
    provoked: list[Notice] = field(factory=list)
    """The complaints that a test means to lead to, in order."""
    _changed: anyio.Event = field(factory=anyio.Event)

    @property
    def identity(self) -> str:
        return self.runner.station.identity

    def see(self, direction: Direction, text: str) -> None:
        """Remember a frame."""
        self.frames.append((direction, text))
        self.wake()

    def hear(self, notice: Notice) -> None:
        """Remember a notice."""
        self.notices.append(notice)
        self.wake()

    def wake(self) -> None:
        """Let those who wait look again."""
        self._changed.set()
        self._changed = anyio.Event()

    def noticed(self, kind: type[T]) -> list[T]:
        """The notices of a kind, in order."""
        return [each for each in self.notices if isinstance(each, kind)]

    async def until(self, is_reached: Callable[[], bool]) -> None:
        """Wait for a fact about the frames, the notices and the store."""
        with anyio.fail_after(LIMIT_S):
            while not is_reached():
                await self._changed.wait()

    async def energy_flows(self, connector_id: int, *, at_least_wh: int = 1) -> None:
        """Wait until a connector's meter has moved on so far."""
        register_wh = self.driver.station.reading(connector_id).register_wh
        with anyio.fail_after(LIMIT_S):
            await self.driver.wait_until(
                lambda station: station.reading(connector_id).register_wh >= register_wh + at_least_wh
            )


@asynccontextmanager
async def site(
    url: str,
    identity: str,
    *,
    transport: Transport | None = None,
    disk: Mapping[tuple[str, str], str] | None = None,
    **configuration: int,
) -> AsyncIterator[Site]:
    """A station that runs while the block does; in the end it is stopped, and nobody has complained unprovoked.

    `disk` is what an earlier run has left, if there was one.
    """
    keys = {"RetryBackOffWaitMinimum": 0, "RetryBackOffRandomRange": 1, **configuration}
    station = Station(
        identity=identity,
        vendor="ocpp16cp",
        model="interop",
        central_system_url=url,
        configuration=tuple((name, str(value)) for name, value in keys.items()),
    )
    driver = SimulatedDriver(SimulatedStation(station, meter_period_s=0.1))
    store = Ledger()
    MemoryStore.commit(store, [Write(table, key, text) for (table, key), text in (disk or {}).items()])
    runner = StationRunner(station, driver, store, transport or WebSocketTransport())
    at = Site(runner, driver, store)
    runner.on_notice, runner.on_frame = at.hear, at.see
    store.on_commit = at.wake
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(runner.run)
        yield at
        await runner.stop()
    assert [each for each in at.notices if _is_complaint(each)] == at.provoked


def _is_complaint(notice: Notice) -> bool:
    """Whether either side did not like what the other said; a connection that was lost is nobody's fault."""
    match notice:
        case CallFailed():
            return notice.reason != "the connection was lost"
        case FrameRefused() | MessageDiscarded():
            return True
        case _:
            return False


def in_order_without_repetitions(messages: Sequence[Message]) -> list[Message]:
    """What was heard, each message once: one that was sent again after a lost answer comes right after itself."""
    return [message for before, message in zip([None, *messages], messages, strict=False) if message != before]


def without_ids(messages: Iterable[Message]) -> list[Message]:
    """Messages without what the central system names later."""
    return [(action, {**payload, "transactionId": None}) for action, payload in messages]


def by_transaction(messages: Iterable[Message], named: Sequence[int]) -> dict[int, list[Message]]:
    """The messages of each transaction by its id, given the ids in the order of the StartTransactions."""
    ids = iter(named)
    found: dict[int, list[Message]] = {}
    for action, payload in messages:
        transaction_id = next(ids) if action == "StartTransaction" else payload["transactionId"]
        found.setdefault(transaction_id, []).append((action, payload))
    return found


def timestamps(messages: Iterable[Message]) -> list[datetime]:
    """The times in the messages of a transaction, in order."""
    return [
        datetime.fromisoformat(value["timestamp"])
        for _, payload in messages
        for value in payload.get("meterValue", [payload])
    ]


def registers_wh(messages: Iterable[Message]) -> list[int]:
    """What the meter was said to show in the messages of a transaction, in order."""
    return [register for action, payload in messages for register in _registers_wh(action, payload)]


def _registers_wh(action: str, payload: Payload) -> list[int]:
    match action:
        case "StartTransaction":
            return [payload["meterStart"]]
        case "StopTransaction":
            return [payload["meterStop"]]
        case _:
            samples = (sample for value in payload["meterValue"] for sample in value["sampledValue"])
            return [int(sample["value"]) for sample in samples if sample.get("measurand", REGISTER) == REGISTER]


REGISTER = "Energy.Active.Import.Register"
