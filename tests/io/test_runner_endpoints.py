"""A station with several ways to its central system, over real sockets."""

from __future__ import annotations

from datetime import UTC, datetime

import anyio
import pytest
from anyio.abc import SocketAttribute
from attrs import evolve

from ocpp16cp.driver.simulated import SimulatedStation
from ocpp16cp.endpoints import Endpoint
from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.io.runner import StationRunner
from ocpp16cp.io.serving import UpgradeRequest
from ocpp16cp.io.simulated import SimulatedDriver
from ocpp16cp.io.transport import Connection, Pong
from ocpp16cp.io.websocket_server import listen
from ocpp16cp.outcome import EndpointChanged, LinkEstablished, LinkLost, Notice
from ocpp16cp.testing.central_system import ScriptedCentralSystem
from tests.io.station_rig import STATION, Backend, backend_named

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> Backend:
    return backend_named(request.param)


async def test_station_finds_the_way_that_works() -> None:
    """Nobody listens at the first, this side does not have the address of the second; the third is taken at once."""
    central_system, notices, is_booted = ScriptedCentralSystem(), list[Notice](), anyio.Event()

    async def look_after(connection: Connection, _: UpgradeRequest) -> None:
        while True:
            text = await connection.receive()
            assert not isinstance(text, Pong)
            for reply in central_system.receive(text, utc=datetime.now(UTC)):
                await connection.send_text(reply.text)
            if central_system.seen_of(BootNotification):
                is_booted.set()

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as closed:
        port = closed.extra(SocketAttribute.local_port)
    async with listen(look_after) as listener:
        station = evolve(
            STATION,
            central_system_url=f"{listener.url}/ocpp",
            endpoints=(
                Endpoint(url=f"ws://127.0.0.1:{port}"),
                Endpoint(local_address="192.0.2.1"),
                Endpoint(local_address="127.0.0.1"),
            ),
        )
        driver = SimulatedDriver(SimulatedStation(station, now=anyio.current_time()))
        runner = StationRunner(station, driver, on_notice=notices.append)
        with anyio.fail_after(20):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(runner.run)
                await is_booted.wait()
                await runner.stop()

    url = station.central_system_url
    assert [each for each in notices if isinstance(each, EndpointChanged)] == [
        EndpointChanged(1, url, "from 192.0.2.1", _reason(notices, 0)),
        EndpointChanged(2, url, "from 127.0.0.1", _reason(notices, 1)),
    ]
    assert "connection refused" in _reason(notices, 0)
    assert "no network interface has the address 192.0.2.1" in _reason(notices, 1)
    assert LinkEstablished(url, "from 127.0.0.1") in notices


def _reason(notices: list[Notice], number: int) -> str:
    """Why a connection did not come about."""
    return [each.reason for each in notices if isinstance(each, LinkLost)][number]
