"""`kill -9` of a station in mid-session, at moments drawn from a seed, and a restart.

`OCPP16CP_CRASHES` says how many moments, `OCPP16CP_CRASH_SEED` with which seed they begin: 8 and 0 if nothing is said.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from random import Random
from signal import SIGKILL

import anyio
import pytest
from anyio import to_thread
from attrs import define, field, frozen

from ocpp16cp.features.configuration.messages import GetConfiguration
from ocpp16cp.io.serving import UpgradeRequest
from ocpp16cp.io.transport import Connection
from ocpp16cp.io.websocket_server import listen
from ocpp16cp.outcome import Write
from ocpp16cp.store.sqlite import SqliteStore
from ocpp16cp.testing.central_system import ScriptedCentralSystem
from tests.interop.foreign import (
    TRANSACTION_MESSAGES,
    Message,
    in_order_without_repetitions,
    owed,
    registers_wh,
    without_ids,
)
from tests.interop.programs import LIMIT_S, Program, running

pytestmark = pytest.mark.anyio

FIRST_SEED = int(os.environ.get("OCPP16CP_CRASH_SEED", "0"))
SEEDS = range(FIRST_SEED, FIRST_SEED + int(os.environ.get("OCPP16CP_CRASHES", "8")))


@pytest.fixture
def anyio_backend() -> str:
    """Of the central system; that of the station is drawn."""
    return "asyncio"


class Around(StrEnum):
    """Where in the course of a step the station dies."""

    COMMIT = "--die-before"
    """What it meant to store is lost, and nothing of it has left."""
    COMMITTED = "--die-after"
    """What it meant to do next is not done."""
    FRAME_HEARD = "frame heard"
    """The central system knows, and its answer finds nobody."""
    FRAME_ANSWERED = "frame answered"
    """The answer may have been taken, or not."""


@frozen
class Moment:
    """When the power fails, and under which event loop."""

    around: Around
    number: int
    """Of the batch or the frame, counted from the beginning of the transaction: up to three seconds into it."""
    backend: str

    @classmethod
    def drawn(cls, seed: int) -> Moment:
        """Every place has its turn, under both event loops; the number is chance."""
        random = Random(seed)
        around = list(Around)[seed % 4]
        # Before the first batch there is no transaction, and nothing to be lost.
        number = random.randint(2, 8) if around is Around.COMMIT else random.randint(1, 5)
        return cls(around, number, ("asyncio", "trio")[seed // 4 % 2])


@define(eq=False)
class CentralSystem:
    """Hears the station through its death, and may be the cause of it."""

    script: ScriptedCentralSystem = field(factory=ScriptedCentralSystem)
    heard: list[Message] = field(factory=list)
    """The CALLs of the station."""
    fatal_frame: int | None = None
    """The CALL to be the last, counted from the beginning of the transaction."""
    is_fatal_when_answered: bool = False
    kill: Callable[[], None] = lambda: None
    _connection: Connection | None = None
    _changed: anyio.Event = field(factory=anyio.Event)

    async def look_after(self, connection: Connection, _: UpgradeRequest) -> None:
        """Serve one connection."""
        self._connection = connection
        try:
            while True:
                text = await connection.receive()
                assert isinstance(text, str)
                await self._take(connection, text)
                self._notify()
        finally:
            self._connection = None
            self._notify()

    async def _take(self, connection: Connection, text: str) -> None:
        """Hear a frame, and answer it."""
        frame = json.loads(text)
        if frame[0] == 2:
            self.heard.append((frame[2], frame[3]))
        is_fatal = self.fatal_frame is not None and self._frames() == self.fatal_frame
        if is_fatal and not self.is_fatal_when_answered:
            self.kill()
        for reply in self.script.receive(text, utc=datetime.now(UTC)):
            await connection.send_text(reply.text)
        if is_fatal:
            self.kill()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    def _frames(self) -> int:
        """How many CALLs there were since the transaction began."""
        actions = [action for action, _ in self.heard]
        return len(actions) - actions.index("StartTransaction") if "StartTransaction" in actions else 0

    async def until(self, is_reached: Callable[[], bool]) -> None:
        """Wait for a fact."""
        with anyio.fail_after(LIMIT_S):
            while not is_reached():
                await self._changed.wait()

    async def until_called(self, action: str, **payload: object) -> None:
        """Wait for a CALL with these among its fields."""
        await self.until(
            lambda: any(each == action and payload.items() <= fields.items() for each, fields in self.heard)
        )

    async def until_gone(self) -> None:
        """Wait until all was heard that the station said before it died."""
        await self.until(lambda: self._connection is None)

    async def ask(self) -> None:
        """Make a CALL: once it is answered, the station has taken all that was said to it before."""
        assert self._connection is not None
        message_id, text = self.script.call(GetConfiguration(key=("HeartbeatInterval",)))
        await self._connection.send_text(text)
        await self.until(lambda: message_id in self.script.answers)

    def of_transactions(self) -> list[Message]:
        """The transaction messages that were heard."""
        return [message for message in self.heard if message[0] in TRANSACTION_MESSAGES]


def station(url: str, directory: Path, backend: str, *arguments: str) -> Program:
    """The station's program."""
    script = Path(__file__).with_name("station.py")
    return Program.python(script, url, "CP1", directory, "--backend", backend, *arguments)


def queued(program: Program) -> list[Message]:
    """The transaction messages that a station put into its store, in order."""
    records = [record for said in program.said() for record in said["queued"]]
    return owed(Write("kernel.outbox", key, text) for key, text in records)


def stored(directory: Path) -> tuple[Write, ...]:
    """What is on disk."""
    with closing(SqliteStore(directory / "station.db")) as store:
        return store.load()


def timestamps(messages: Iterable[Message]) -> list[datetime]:
    """When what is told happened."""
    texts = [
        payload["timestamp"] if "timestamp" in payload else payload["meterValue"][0]["timestamp"]
        for _, payload in messages
    ]
    return [datetime.fromisoformat(text) for text in texts]


@pytest.mark.parametrize("seed", SEEDS)
async def test_station_that_was_killed_owes_nothing_in_the_end(seed: int, tmp_path: Path) -> None:
    """All messages arrive at least once, in order, by the right id; the end is a PowerLoss; meters do not go back."""
    moment = Moment.drawn(seed)
    central_system = CentralSystem()

    async with listen(central_system.look_after) as listener:
        with running(doomed_station(listener.url, tmp_path, moment, central_system)) as program:
            await central_system.until_called("StatusNotification", connectorId=1, status="Preparing")
            program.say(card="CARD-1")
            assert await to_thread.run_sync(program.wait_for_end) == -SIGKILL
        await central_system.until_gone()
        before, committed = central_system.of_transactions(), queued(program)
        waiting = owed(stored(tmp_path))
        central_system.fatal_frame = None

        with running(station(listener.url, tmp_path, moment.backend)) as program:
            await central_system.until_called("StopTransaction")
            await central_system.ask()
            program.end_input()
            assert await to_thread.run_sync(program.wait_for_end) == 0, program.lines
        committed += queued(program)
        after = central_system.of_transactions()[len(before) :]

    messages = in_order_without_repetitions([*before, *after])
    actions = [action for action, _ in messages]
    assert actions == ["StartTransaction", *["MeterValues"] * (len(actions) - 2), "StopTransaction"]
    assert without_ids(messages) == without_ids(committed)
    assert without_ids(after[:-1]) == without_ids(waiting)
    assert messages[-1][1]["reason"] == "PowerLoss"
    assert {payload["transactionId"] for _, payload in messages[1:]} == {central_system.script.transaction_id}
    assert registers_wh(messages) == sorted(registers_wh(messages))
    assert timestamps(messages) == sorted(timestamps(messages))
    left = {write.table for write in stored(tmp_path)}
    assert left & {"kernel.outbox", "transactions.transactions", "transactions.ids"} == set()


def doomed_station(url: str, directory: Path, moment: Moment, central_system: CentralSystem) -> Program:
    """A station that will not live longer than until its moment."""
    if moment.around in (Around.COMMIT, Around.COMMITTED):
        return station(url, directory, moment.backend, moment.around.value, str(moment.number))
    program = station(url, directory, moment.backend)
    central_system.fatal_frame = moment.number
    central_system.is_fatal_when_answered = moment.around is Around.FRAME_ANSWERED
    central_system.kill = program.kill
    return program
