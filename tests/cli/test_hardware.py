from __future__ import annotations

from decimal import Decimal

import anyio
import pytest

from ocpp16cp.cli.hardware import SwitchedTransport, WatchedDriver
from ocpp16cp.driver.simulated import MINIATURE, CutNetwork, PlugIn, RestoreNetwork, SimulatedStation
from ocpp16cp.errors import UsageError
from ocpp16cp.io.memory import MemoryTransport
from ocpp16cp.io.serving import Accept, UpgradeRequest
from ocpp16cp.io.station_file import default_station
from ocpp16cp.io.transport import Connection, ConnectRequest, FailureKind, LinkFailure, Pong
from ocpp16cp.io.websocket_client import WebSocketTransport
from ocpp16cp.wire.types import ChargePointStatus

pytestmark = pytest.mark.anyio

REQUEST = ConnectRequest("ws://central/CP1")


def station() -> SimulatedStation:
    return SimulatedStation(default_station(), now=anyio.current_time())


async def echo(connection: Connection, _request: UpgradeRequest) -> None:
    while True:
        received = await connection.receive()
        assert isinstance(received, str)
        await connection.send_text(received)


async def test_driver_remembers_limits_and_tells_what_is_in_the_battery() -> None:
    driver = WatchedDriver(station())
    driver.act(PlugIn(1, MINIATURE))

    await driver.set_limit(1, Decimal(10), phases=3)
    await driver.show_status(1, ChargePointStatus.PREPARING)

    with anyio.fail_after(10):
        await driver.wait_for(1, ChargePointStatus.PREPARING)
    assert driver.limits_a == {1: Decimal(10)}
    assert driver.charge_percent(1) == 40
    assert driver.charge_percent(2) is None


async def test_board_of_the_driver_has_a_clock() -> None:
    started = await WatchedDriver(station()).start()

    assert started.utc is not None
    assert started.utc.tzinfo is not None


async def test_connection_carries_all_there_is_while_the_network_is_up() -> None:
    memory = MemoryTransport()

    async with memory.listen(echo):
        connection = await SwitchedTransport(memory, station()).connect(REQUEST)

        with anyio.fail_after(10):
            await connection.send_text("hello")
            assert await connection.receive() == "hello"
            await connection.ping(b"x")
            assert await connection.receive() == Pong(b"x")
            assert connection.subprotocol == "ocpp1.6"
            await connection.close(1001, "bye")
        with pytest.raises(LinkFailure) as caught:
            await connection.receive()
        assert caught.value.kind is FailureKind.CLOSED_BY_US


async def test_cut_ends_the_connection_and_says_why() -> None:
    memory, simulated = MemoryTransport(), station()
    switched = SwitchedTransport(memory, simulated)
    async with memory.listen(echo):
        connection = await switched.connect(REQUEST)

        simulated.act(CutNetwork(), anyio.current_time())
        await switched.cut()

        with pytest.raises(LinkFailure, match="the network is down"), anyio.fail_after(10):
            await connection.receive()
        await connection.aclose()


async def test_nothing_can_be_connected_until_the_network_is_back() -> None:
    memory, simulated = MemoryTransport(), station()
    switched = SwitchedTransport(memory, simulated)
    async with memory.listen(echo):
        simulated.act(CutNetwork(), anyio.current_time())
        await switched.cut()
        with pytest.raises(LinkFailure, match="the network is down") as caught:
            await switched.connect(REQUEST)
        assert caught.value.kind is FailureKind.UNREACHABLE

        simulated.act(RestoreNetwork(), anyio.current_time())

        await (await switched.connect(REQUEST)).aclose()


async def test_cut_while_connecting_leaves_no_connection() -> None:
    memory, simulated = MemoryTransport(), station()

    async def cut_and_accept(_request: UpgradeRequest) -> Accept:
        simulated.act(CutNetwork(), anyio.current_time())
        return Accept()

    async with memory.listen(echo, cut_and_accept):
        with pytest.raises(LinkFailure, match="the network is down"):
            await SwitchedTransport(memory, simulated).connect(REQUEST)


async def test_url_that_can_never_work_is_the_mistake_of_the_user() -> None:
    switched = SwitchedTransport(WebSocketTransport(), station())

    with pytest.raises(UsageError, match=r"^the URL cannot be used: it contains a space .*; use ws://"):
        await switched.connect(ConnectRequest("ws://a b/CP1"))


async def test_failure_that_may_pass_stays_what_it_is() -> None:
    with pytest.raises(LinkFailure, match="connection refused"):
        await SwitchedTransport(MemoryTransport(), station()).connect(REQUEST)
