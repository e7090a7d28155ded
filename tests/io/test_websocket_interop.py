from __future__ import annotations

import ssl
import threading

import anyio
import pytest
from anyio import to_thread
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection
from websockets.typing import Subprotocol

from ocpp16cp.io.serving import Accept, Refuse, UpgradeRequest
from ocpp16cp.io.tls import client_context, server_context
from ocpp16cp.io.transport import Connection, ConnectRequest, FailureKind, LinkFailure, Pong
from ocpp16cp.io.websocket import WebSocketConnection, WebSocketOptions
from ocpp16cp.io.websocket_client import WebSocketTransport
from ocpp16cp.io.websocket_server import Listener, ServerOptions, listen
from tests.io.conftest import Certificates
from tests.io.links import echo, failure_of
from tests.io.websockets_library import foreign_server

pytestmark = pytest.mark.anyio

TEXTS = ["", "[2]", "größe €  \U0001f50c", "x" * 125, "x" * 126, "x" * 70_000, "ü" * 2**19]


async def our_client(
    port: int,
    *,
    compression: bool = False,
    context: ssl.SSLContext | None = None,
    headers: tuple[tuple[str, bytes], ...] = (),
) -> WebSocketConnection:
    transport = WebSocketTransport(context, options=WebSocketOptions(compression=compression))
    scheme = "ws" if context is None else "wss"
    return await transport.connect(ConnectRequest(f"{scheme}://127.0.0.1:{port}/CP1", headers=headers))


# Our client


@pytest.mark.parametrize("compression", [False, True])
@pytest.mark.parametrize("foreign_compression", [None, "deflate"])
async def test_our_client_has_its_messages_echoed(compression: bool, foreign_compression: str | None) -> None:
    with foreign_server(compression=foreign_compression) as port:
        connection = await our_client(port, compression=compression)
        for text in TEXTS:
            await connection.send_text(text)
            assert await connection.receive() == text
        await connection.close()

    assert connection.subprotocol == "ocpp1.6"


async def test_our_client_speaks_tls(certificates: Certificates) -> None:
    with foreign_server(context=server_context(certificates.server())) as port:
        connection = await our_client(port, context=client_context(authorities=certificates.trust))
        for text in TEXTS:
            await connection.send_text(text)
            assert await connection.receive() == text
        await connection.close()


async def test_our_client_takes_fragments_and_pings() -> None:
    def handler(connection: ServerConnection) -> None:
        pong = connection.ping(b"there?")
        connection.send(["frag", "men", "ted"])
        pongs.append(pong.wait(5))
        connection.recv()

    pongs: list[bool] = []
    with foreign_server(handler) as port:
        connection = await our_client(port)
        assert await connection.receive() == "fragmented"
        await connection.ping(b"7")
        assert await connection.receive() == Pong(b"7")
        await connection.close()

    assert pongs == [True]


async def test_our_client_is_told_why_the_server_closes() -> None:
    def handler(connection: ServerConnection) -> None:
        connection.close(1012, "service restart")

    with foreign_server(handler) as port:
        failure = await failure_of(await our_client(port))

    assert failure.kind is FailureKind.CLOSED_BY_PEER
    assert (failure.close_code, failure.close_reason) == (1012, "service restart")


async def test_the_server_is_told_why_our_client_closes() -> None:
    def handler(connection: ServerConnection) -> None:
        with pytest.raises(ConnectionClosed) as caught:
            connection.recv()
        ends.append(caught.value)
        told.set()

    ends: list[ConnectionClosed] = []
    told = threading.Event()
    with foreign_server(handler) as port:
        connection = await our_client(port)
        await connection.close(1001, "shutting down")
        await to_thread.run_sync(told.wait, 5)

    (end,) = ends
    assert end.rcvd is not None
    assert (end.rcvd.code, end.rcvd.reason) == (1001, "shutting down")


async def test_our_client_sends_its_credentials() -> None:
    def handler(connection: ServerConnection) -> None:
        assert connection.request is not None
        connection.send(connection.request.headers["Authorization"])

    with foreign_server(handler) as port:
        connection = await our_client(port, headers=(("Authorization", b"Basic QTpi"),))
        assert await connection.receive() == "Basic QTpi"
        await connection.close()


# Our server


def foreign_client(
    listener: Listener,
    path: str = "/CP1",
    *,
    compression: str | None = None,
    context: ssl.SSLContext | None = None,
) -> ClientConnection:
    return connect(
        listener.url + path,
        ssl=context,
        compression=compression,
        subprotocols=[Subprotocol("ocpp1.6")],
        max_size=None,
        proxy=None,
    )


@pytest.mark.parametrize("compression", [False, True])
@pytest.mark.parametrize("foreign_compression", [None, "deflate"])
async def test_our_server_echoes(compression: bool, foreign_compression: str | None) -> None:
    def talk() -> list[str | bytes]:
        with foreign_client(listener, compression=foreign_compression) as connection:
            assert connection.subprotocol == "ocpp1.6"
            return [send_and_receive(connection, text) for text in TEXTS]

    options = ServerOptions(websocket=WebSocketOptions(compression=compression))
    async with listen(echo, options=options) as listener:
        assert await to_thread.run_sync(talk) == TEXTS


def send_and_receive(connection: ClientConnection, text: str) -> str | bytes:
    connection.send(text)
    return connection.recv(timeout=5)


async def test_our_server_speaks_tls(certificates: Certificates) -> None:
    def talk() -> list[str | bytes]:
        context = client_context(authorities=certificates.trust)
        with foreign_client(listener, context=context) as connection:
            return [send_and_receive(connection, text) for text in TEXTS]

    async with listen(echo, tls_context=server_context(certificates.server())) as listener:
        assert await to_thread.run_sync(talk) == TEXTS


async def test_our_server_refuses() -> None:
    async def decide(request: UpgradeRequest) -> Accept | Refuse:
        return Refuse(404)

    def talk() -> int:
        with pytest.raises(InvalidStatus) as caught, foreign_client(listener):
            pass
        return caught.value.response.status_code

    async with listen(echo, decide) as listener:
        assert await to_thread.run_sync(talk) == 404


async def test_our_server_answers_pings_and_takes_binary_messages() -> None:
    def talk() -> str | bytes:
        with foreign_client(listener) as connection:
            assert connection.ping(b"there?").wait(5)
            connection.send([b"bin", b"ary"])
            return connection.recv(timeout=5)

    async with listen(echo) as listener:
        assert await to_thread.run_sync(talk) == "binary"


async def test_our_server_learns_of_a_close_and_answers_it() -> None:
    async def handle(connection: Connection, _request: UpgradeRequest) -> None:
        assert isinstance(connection, WebSocketConnection)
        failures.append(await failure_of(connection))
        told.set()

    def talk() -> int | None:
        with foreign_client(listener) as connection:
            connection.close(4001, "enough")
            return connection.protocol.close_code

    failures: list[LinkFailure] = []
    told = anyio.Event()
    async with listen(handle) as listener:
        assert await to_thread.run_sync(talk) == 4001
        await told.wait()

    assert (failures[0].close_code, failures[0].close_reason) == (4001, "enough")
