"""Connections from an address, or over an interface, of this side that somebody chose."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from ocpp16cp.io import local_network
from ocpp16cp.io.local_network import connect_tcp
from ocpp16cp.io.transport import ConnectRequest, FailureKind, LinkFailure
from ocpp16cp.io.websocket_client import WebSocketTransport

pytestmark = pytest.mark.anyio

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux binds sockets to interfaces")


@asynccontextmanager
async def server(peers: list[str]) -> AsyncIterator[int]:
    """Somebody who takes down where connections come from; the port."""

    async def note(stream: SocketStream) -> None:
        async with stream:
            peers.append(stream.extra(SocketAttribute.remote_address)[0])
            await stream.send(b"seen")

    with anyio.fail_after(10):
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        async with listener, anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, note)
            yield listener.extra(SocketAttribute.local_port)
            tasks.cancel_scope.cancel()


async def unused_port() -> int:
    """One that nobody listens at."""
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        return listener.extra(SocketAttribute.local_port)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_connection_leaves_from_the_address_that_was_chosen(host: str) -> None:
    peers: list[str] = []
    async with server(peers) as port, await connect_tcp(host, port, local_address="127.0.0.2") as stream:
        assert await stream.receive() == b"seen"
        no_delay = stream.extra(SocketAttribute.raw_socket).getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    assert peers == ["127.0.0.2"]
    assert no_delay


async def test_without_a_choice_the_system_chooses() -> None:
    peers: list[str] = []
    async with server(peers) as port, await connect_tcp("127.0.0.1", port) as stream:
        assert await stream.receive() == b"seen"

    assert peers == ["127.0.0.1"]


@ON_LINUX
async def test_connection_goes_over_the_interface_that_was_chosen() -> None:
    peers: list[str] = []
    async with server(peers) as port, await connect_tcp("127.0.0.1", port, interface="lo") as stream:
        assert await stream.receive() == b"seen"
        bound = stream.extra(SocketAttribute.raw_socket).getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16)

    assert bound.rstrip(b"\0") == b"lo"


async def refusal(**chosen: str) -> str:
    """Why a connection is not even tried."""
    with pytest.raises(LinkFailure) as caught:
        await connect_tcp("127.0.0.1", 9, **chosen)
    assert caught.value.kind is FailureKind.LOCAL_NETWORK
    return str(caught.value)


async def test_address_of_nobody_here_is_refused() -> None:
    # For documentation only (RFC 5737): no host has it.
    assert await refusal(local_address="192.0.2.1") == "no network interface has the address 192.0.2.1"


@ON_LINUX
async def test_interface_that_is_not_there_is_refused() -> None:
    assert await refusal(interface="nosuch0") == "there is no network interface 'nosuch0'"


async def test_interface_is_refused_where_the_platform_cannot_bind_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "SO_BINDTODEVICE", raising=False)

    assert await refusal(interface="en0") == "this platform cannot bind a connection to a network interface"


@pytest.mark.parametrize(
    ("chosen", "text"),
    [
        ({"interface": "eth0"}, "the network interface 'eth0' cannot be used: operation not permitted"),
        ({"local_address": "127.0.0.1"}, "the local address 127.0.0.1 cannot be used: operation not permitted"),
    ],
)
async def test_missing_right_is_told(chosen: dict[str, str], text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Unprivileged(socket.socket):
        def setsockopt(self, *_: object) -> None:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

        def bind(self, _: object) -> None:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(socket, "SO_BINDTODEVICE", 25, raising=False)
    monkeypatch.setattr(socket, "socket", Unprivileged)

    assert await refusal(**chosen) == text


async def test_host_that_refuses_is_told_with_its_cause() -> None:
    port = await unused_port()

    failure = await failure_of(f"ws://127.0.0.1:{port}", "127.0.0.1")

    assert failure.kind is FailureKind.REFUSED


async def test_host_that_does_not_answer_leaves_the_next_address_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(*_: object) -> None:
        await anyio.sleep_forever()

    monkeypatch.setattr(local_network, "ADDRESS_TIMEOUT_S", 0.01)
    monkeypatch.setattr(local_network, "_shake_hands", silent)

    failure = await failure_of("ws://127.0.0.1:9", "127.0.0.1")

    assert failure.kind is FailureKind.TIMED_OUT
    assert str(failure).endswith("the host does not answer")


async def test_host_of_another_version_of_ip_cannot_be_reached_from_an_address() -> None:
    failure = await failure_of("ws://[::1]:9", "127.0.0.1")

    assert failure.kind is FailureKind.NAME_RESOLUTION


async def test_transport_binds_and_tells_what_is_wrong() -> None:
    failure = await failure_of("ws://127.0.0.1:9/ocpp", "192.0.2.1")

    assert failure.kind is FailureKind.LOCAL_NETWORK
    expected = "cannot connect to ws://127.0.0.1:9/ocpp: no network interface has the address 192.0.2.1"
    assert str(failure) == expected
    assert failure.hint.startswith("check the endpoint's address and interface")


async def failure_of(url: str, local_address: str) -> LinkFailure:
    """What becomes of a WebSocket connection."""
    with pytest.raises(LinkFailure) as caught:
        await WebSocketTransport().connect(ConnectRequest(url, local_address=local_address))
    return caught.value
