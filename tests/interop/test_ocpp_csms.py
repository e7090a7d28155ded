"""Against the program `ocpp-csms`, over sockets, on asyncio and on trio: what the station starts by itself.

The program is under the AGPL. It is only ever run, as a program of its own; the extra `interop` installs it.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import define, field, frozen

from ocpp16cp.driver.simulated import PlugIn, PresentCard, Unplug
from ocpp16cp.io.link import Direction
from ocpp16cp.io.transport import Connection, ConnectRequest, Pong
from ocpp16cp.io.websocket_client import WebSocketTransport
from tests.interop.foreign import CAR, TRANSACTION_MESSAGES, registers_wh, site, without_ids
from tests.interop.programs import Program, running

pytestmark = pytest.mark.anyio

HEARTBEAT_S = 300
"""What the program asks for; it cannot be told otherwise."""


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def central_system() -> Iterator[Program]:
    path = shutil.which("ocpp-csms", path=Path(sys.executable).parent) or shutil.which("ocpp-csms")
    if path is None:
        pytest.skip("the program ocpp-csms is not installed: pip install 'ocpp16cp[interop]'")
    with running(Program([path, "--host", "127.0.0.1", "--port", "0"])) as program:
        yield program


@define
class HurriedConnection:
    """A connection on which the program asks for a heartbeat each second: its own interval is too long for a test."""

    _connection: Connection

    @property
    def subprotocol(self) -> str | None:
        return self._connection.subprotocol

    async def receive(self) -> str | Pong:
        arrived = await self._connection.receive()
        return arrived if isinstance(arrived, Pong) else re.sub(rf'("interval": ?){HEARTBEAT_S}\b', r"\g<1>1", arrived)

    async def send_text(self, text: str) -> None:
        await self._connection.send_text(text)

    async def ping(self, payload: bytes = b"") -> None:
        await self._connection.ping(payload)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self._connection.close(code, reason)

    async def aclose(self) -> None:
        await self._connection.aclose()


@frozen
class HurriedTransport:
    """Opens such connections."""

    async def connect(self, request: ConnectRequest) -> HurriedConnection:
        return HurriedConnection(await WebSocketTransport().connect(request))


@define
class Printed:
    """What the program printed of one station: an event a line."""

    program: Program
    identity: str
    read: int = field(default=0, init=False)

    async def until(self, event: str, *parts: str) -> str:
        """Wait for the next line with an event of this name and these parts."""

        beginning = f"{event}(charge_point_id='{self.identity}'"

        def find() -> str | None:
            for number, line in enumerate(self.program.lines[self.read :], start=self.read + 1):
                if line.startswith(beginning) and all(part in line for part in parts):
                    self.read = number
                    return line
            return None

        return await self.program.until(find)


async def test_what_the_station_starts(central_system: Program, anyio_backend: str) -> None:
    identity = f"CP-{anyio_backend}"
    listening = re.compile(r"listening on port (\d+)")
    port = await central_system.until(lambda: listening.fullmatch("".join(central_system.lines[:1])))
    printed = Printed(central_system, identity)

    async with site(
        f"ws://127.0.0.1:{port[1]}", identity, transport=HurriedTransport(), MeterValueSampleInterval=1
    ) as at:
        await printed.until("BootEvent", "ocpp16cp", "interop")
        for connector_id in (0, 1, 2):
            await printed.until("StatusEvent", f"connector_id={connector_id}", "Available")
        at.driver.act(PlugIn(1, CAR))
        await printed.until("StatusEvent", "connector_id=1", "Preparing")
        at.driver.act(PresentCard("CARD-1"))
        await printed.until("TransactionStartedEvent", "CARD-1")
        await printed.until("StatusEvent", "connector_id=1", "Charging")
        await printed.until("MeterValuesEvent", "connector_id=1")
        at.driver.act(PresentCard("CARD-1"))
        stopped = await printed.until("TransactionStoppedEvent", "CARD-1")
        at.driver.act(Unplug(1))
        await printed.until("StatusEvent", "connector_id=1", "Available")
        await at.until(lambda: any('"Heartbeat"' in text for _, text in at.frames[:-1]))

    calls = [json.loads(text) for direction, text in at.frames if direction is Direction.SENT]
    answers = [json.loads(text) for direction, text in at.frames if direction is Direction.RECEIVED]
    # The end may have come before the last answer.
    assert [(answer[0], answer[1]) for answer in answers] == [(3, call[1]) for call in calls[: len(answers)]]
    assert "Heartbeat" in {call[2] for call in calls[: len(answers)]}
    messages = [(call[2], call[3]) for call in calls if call[2] in TRANSACTION_MESSAGES]
    assert without_ids(messages) == without_ids(at.store.owed)
    assert registers_wh(messages) == sorted(registers_wh(messages))
    assert f"meter_stop={at.driver.station.reading(1).register_wh}," in stopped
