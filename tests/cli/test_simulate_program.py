"""`ocpp16cp simulate` as a user meets it: a process, pipes, a socket."""

from __future__ import annotations

import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from ocpp16cp.cli.central_system import CentralSystem
from ocpp16cp.io.websocket_server import listen
from ocpp16cp.store.sqlite import SqliteStore
from tests.cli.programs import Program, program

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """What event loop the tests themselves are on does not matter here."""
    return "asyncio"


@asynccontextmanager
async def simulated(*options: str) -> AsyncIterator[tuple[Program, CentralSystem, str]]:
    """A simulated station, its central system, and where that is."""
    central_system = CentralSystem()
    async with listen(central_system.look_after) as listener:
        url = f"{listener.url}/ocpp"
        async with program("simulate", url, "--id", "CP 7", *options) as station:
            yield station, central_system, url


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
async def test_session_is_played_through_a_pipe(backend: str, tmp_path: Path) -> None:
    trace, state = tmp_path / "trace.jsonl", tmp_path / "var" / "state"
    options = ("--backend", backend, "--trace", str(trace), "--state", str(state))
    async with simulated(*options) as (station, central_system, _):
        await station.type("wait online", "plug 1 miniature", "card ABC", "wait 1 Charging")
        await station.wait_for("transaction of ABC begins")
        await station.type("card ABC", "wait 1 Finishing", "unplug 1", "wait 1 Available")
        await station.wait_for("transaction of ABC ends")
        await central_system.wait_until(lambda heard: bool(heard.sessions) and heard.sessions[1].energy_wh is not None)
        await station.type("quit")

        code, said, complained = await station.end()

    assert (code, complained) == (0, "")
    assert "error:" not in said
    records = [json.loads(line) for line in trace.read_text(encoding="utf-8").splitlines()]
    assert {record["chargePointId"] for record in records} == {"CP 7"}
    assert [record["action"] for record in records][:2] == ["BootNotification", "BootNotification"]
    with closing(SqliteStore(state / "CP 7.sqlite")) as store:
        assert {write.table for write in store.load()} >= {"kernel.run", "boot.acquaintance"}


async def test_interrupt_shuts_the_station_down() -> None:
    async with simulated() as (station, _, _):
        await station.wait_for("registration: Accepted")
        station.send_signal(signal.SIGINT)

        code, said, complained = await station.end()

    assert (code, complained) == (0, "")
    assert "SIGINT: the station shuts down\n" in said


async def test_station_goes_on_when_its_input_ends_until_it_is_terminated() -> None:
    async with simulated() as (station, central_system, _):
        await station.type("wait online", "plug 1", "card ABC")
        await station.close_input()
        await central_system.wait_until(lambda heard: 1 in heard.sessions)
        station.send_signal(signal.SIGTERM)

        code, said, _ = await station.end()

    assert code == 0
    assert "SIGTERM: the station shuts down\n" in said


async def test_connection_that_is_refused_is_told_until_the_end() -> None:
    """A station tries again for ever; that it never came to anything is told by the exit code."""
    async with listen(CentralSystem().look_after) as listener:
        url = listener.url
    async with program("simulate", url, "--id", "CP7") as station:
        said = await station.wait_for("next attempt in")
        await station.type("quit")

        code, _, complained = await station.end()

    reason = f"cannot connect to {url}/CP7: connection refused; check that the central system is running, and the port"
    assert f"offline: {reason} in the URL (next attempt in" in said
    assert (code, complained) == (1, f"ocpp16cp: the central system was never reached: {reason} in the URL\n")
