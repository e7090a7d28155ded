from __future__ import annotations

from contextlib import suppress

import anyio
import pytest
from anyio.abc import SocketAttribute

from ocpp16cp.io.serving import Accept, Handle, Refuse, UpgradeRequest
from ocpp16cp.io.transport import Connection, ConnectRequest, FailureKind, LinkFailure
from ocpp16cp.io.websocket import WebSocketConnection, WebSocketOptions
from ocpp16cp.io.websocket_client import WebSocketTransport
from ocpp16cp.io.websocket_server import Listener, ServerOptions, listen, serve
from tests.io.links import echo, failure_of
from tests.io.websocket_peers import (
    CLOSE,
    PATIENCE_S,
    PING,
    PONG,
    TEXT,
    RawPeer,
    close_frame,
    frame,
    header,
)

pytestmark = pytest.mark.anyio

MASK = b"\x0a\x0b\x0c\x0d"
REQUEST = (
    b"GET /ocpp/CP%201?v=1 HTTP/1.1\r\nHost: cs\r\nConnection: keep-alive, Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ocpp2.0.1, ocpp1.6\r\n"
    b"X-Serial: 7\r\n\r\n"
)


async def connect(listener: Listener, path: str = "/CP1") -> WebSocketConnection:
    return await WebSocketTransport().connect(ConnectRequest(listener.url + path))


async def answer_to(listener: Listener, request: bytes) -> bytes:
    """The head of what the server says to a raw client, which it then leaves."""
    with anyio.fail_after(PATIENCE_S):
        async with await anyio.connect_tcp("127.0.0.1", listener.port) as stream:
            peer = RawPeer(stream)
            await peer.send(request)
            head = await peer.receive_head()
            await peer.until_gone()
            return head


# Who is let in


async def test_the_server_answers_as_the_specification_of_websocket_shows() -> None:
    async with listen(echo) as listener, await anyio.connect_tcp("127.0.0.1", listener.port) as stream:
        peer = RawPeer(stream)
        await peer.send(REQUEST)
        head = await peer.receive_head()

    assert head.startswith(b"HTTP/1.1 101 ")
    # The example of RFC 6455 §1.3.
    assert header(head, b"sec-websocket-accept") == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert header(head, b"sec-websocket-protocol") == b"ocpp1.6"
    assert header(head, b"sec-websocket-extensions") == b""


async def test_the_handler_gets_what_was_asked() -> None:
    async def handle(_connection: Connection, request: UpgradeRequest) -> None:
        requests.append(request)

    requests: list[UpgradeRequest] = []
    async with listen(handle) as listener, await anyio.connect_tcp("127.0.0.1", listener.port) as stream:
        peer = RawPeer(stream)
        await peer.send(REQUEST)
        await peer.receive_head()
        await peer.receive_frame()
        peer_address = "{}:{}".format(*stream.extra(SocketAttribute.local_address))

    (request,) = requests
    assert (request.path, request.query, request.identity) == ("/ocpp/CP%201", "v=1", "CP 1")
    assert request.subprotocols == ("ocpp2.0.1", "ocpp1.6")
    assert ("x-serial", b"7") in request.headers
    assert request.peer == peer_address


@pytest.mark.parametrize("status", [401, 404, 503])
async def test_a_client_can_be_refused(status: int) -> None:
    async def decide(request: UpgradeRequest) -> Accept | Refuse:
        return Accept() if request.identity == "CP1" else Refuse(status)

    async with listen(echo, decide) as listener:
        with pytest.raises(LinkFailure) as caught:
            await connect(listener, "/CP2")
        welcome = await connect(listener, "/CP1")
        await welcome.close()

    assert caught.value.http_status == status


async def test_a_refusal_may_carry_headers() -> None:
    async def decide(_request: UpgradeRequest) -> Refuse:
        return Refuse(401, headers=(("WWW-Authenticate", b'Basic realm="ocpp"'),))

    async with listen(echo, decide) as listener:
        head = await answer_to(listener, REQUEST)

    assert head.startswith(b"HTTP/1.1 401 ")
    assert header(head, b"www-authenticate") == b'Basic realm="ocpp"'
    assert header(head, b"connection") == b"close"


async def test_a_client_can_be_cut_without_an_answer() -> None:
    async def decide(_request: UpgradeRequest) -> Accept:
        raise LinkFailure(FailureKind.CUT, "not today")

    async with listen(echo, decide) as listener:
        with pytest.raises(LinkFailure) as caught:
            await connect(listener)

    assert caught.value.kind is FailureKind.HANDSHAKE


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ((b"GET ", b"POST "), b"400"),
        ((b"Upgrade: websocket\r\n", b""), b"400"),
        ((b", Upgrade", b""), b"400"),
        ((b"Version: 13", b"Version: 8"), b"426"),
        ((b"Sec-WebSocket-Key", b"X-Key"), b"400"),
        ((b"Host: cs\r\n", b""), b"400"),
        ((b"Host: cs", b"Host: \xff"), b"400"),
        ((b"ocpp2.0.1", b"\xfc"), b"400"),
        ((b"HTTP/1.1", b"rubbish"), b"400"),
    ],
)
async def test_what_is_no_handshake_is_answered(change: tuple[bytes, bytes], status: bytes) -> None:
    async with listen(echo) as listener:
        head = await answer_to(listener, REQUEST.replace(*change))

    assert head.startswith(b"HTTP/1.1 %s " % status)


async def test_a_header_without_end_is_not_read_to_its_end() -> None:
    async with listen(echo) as listener, await anyio.connect_tcp("127.0.0.1", listener.port) as stream:
        peer = RawPeer(stream)
        await peer.send(REQUEST[:-2])
        with anyio.fail_after(PATIENCE_S), suppress(anyio.BrokenResourceError):
            while True:
                await peer.send(b"X: y\r\n" * 1000)


async def test_a_client_without_a_subprotocol_is_let_in_without() -> None:
    async with listen(echo) as listener:
        request = ConnectRequest(f"{listener.url}/CP1", subprotocols=())
        connection = await WebSocketTransport().connect(request)
        await connection.close()

    assert connection.subprotocol is None


async def test_a_client_that_does_not_finish_its_handshake_is_cut_in_time() -> None:
    options = ServerOptions(open_timeout_s=0.05)
    async with (
        listen(echo, options=options) as listener,
        await anyio.connect_tcp("127.0.0.1", listener.port) as stream,
    ):
        peer = RawPeer(stream)
        await peer.send(REQUEST[:-2])
        with anyio.fail_after(PATIENCE_S):
            await peer.until_gone()


async def test_a_client_that_leaves_during_its_handshake_harms_nobody() -> None:
    async with listen(echo) as listener:
        async with await anyio.connect_tcp("127.0.0.1", listener.port) as stream:
            await stream.send(REQUEST[:-2])
        connection = await connect(listener)
        await connection.close()


async def test_clients_beyond_the_limit_are_cut() -> None:
    async with listen(echo, options=ServerOptions(max_connections=1)) as listener:
        first = await connect(listener)
        with pytest.raises(LinkFailure):
            await connect(listener)
        await first.send_text("still here")
        assert await first.receive() == "still here"
        await first.close()


# What becomes of a connection


async def test_a_handler_that_returns_closes_its_connection() -> None:
    async def greet(connection: Connection, request: UpgradeRequest) -> None:
        await connection.send_text(f"hello {request.identity}")

    async with listen(greet) as listener:
        connection = await connect(listener, "/RDAM%20123")
        assert await connection.receive() == "hello RDAM 123"
        failure = await failure_of(connection)

    assert (failure.kind, failure.close_code) == (FailureKind.CLOSED_BY_PEER, 1000)


async def test_a_failure_in_a_group_of_tasks_is_an_end_like_any_other() -> None:
    async def handle(connection: Connection, request: UpgradeRequest) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(echo, connection, request)

    async with listen(handle) as listener:
        for _ in range(2):
            connection = await connect(listener)
            await connection.aclose()


async def test_a_mistake_of_a_handler_ends_the_serving() -> None:
    async def handle(_connection: Connection, _request: UpgradeRequest) -> None:
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as caught:
        await serve_one(handle)

    assert caught.group_contains(ZeroDivisionError)


async def serve_one(handle: Handle) -> None:
    async with listen(handle) as listener:
        connection = await connect(listener)
        await failure_of(connection)
        await anyio.sleep_forever()


async def test_leaving_cuts_what_is_open() -> None:
    async with listen(echo) as listener:
        connection = await connect(listener)
    failure = await failure_of(connection)
    with pytest.raises(LinkFailure) as caught:
        await connect(listener)

    assert failure.kind is FailureKind.CUT
    assert caught.value.kind is FailureKind.REFUSED


async def test_serving_can_be_a_task() -> None:
    async with anyio.create_task_group() as tasks:
        listener = await tasks.start(serve, echo)
        connection = await connect(listener)
        await connection.send_text("hello")
        assert await connection.receive() == "hello"
        await connection.close()
        tasks.cancel_scope.cancel()


async def test_an_address_that_is_taken_cannot_be_listened_at() -> None:
    async with listen(echo) as listener:
        with pytest.raises(OSError, match="in use"):
            async with listen(echo, port=listener.port):
                pass


async def test_ipv6_is_listened_at() -> None:
    async with listen(echo, host="::1") as listener:
        assert listener.url == f"ws://[::1]:{listener.port}"
        connection = await connect(listener)
        await connection.close()


# Frames, seen from the server


async def test_frames_of_a_client_are_masked_and_answered_unmasked() -> None:
    async with listen(echo) as listener, await anyio.connect_tcp("127.0.0.1", listener.port) as stream:
        peer = RawPeer(stream)
        await peer.send(REQUEST)
        await peer.receive_head()
        await peer.send(frame(PING, b"1", mask=MASK), frame(TEXT, b"[2]", mask=MASK))
        answers = [await peer.receive_frame() for _ in range(2)]
        await peer.send(close_frame(1001, mask=MASK))
        answers.append(await peer.receive_frame())
        # RFC 6455 §7.1.1: the server is the first to leave.
        await peer.until_gone()

    assert [answer.opcode for answer in answers] == [PONG, TEXT, CLOSE]


async def test_an_unmasked_frame_of_a_client_is_a_protocol_error() -> None:
    async with listen(echo) as listener, await anyio.connect_tcp("127.0.0.1", listener.port) as stream:
        peer = RawPeer(stream)
        await peer.send(REQUEST)
        await peer.receive_head()
        await peer.send(frame(TEXT, b"[2]"))
        code, _ = await peer.receive_close()

    assert code == 1002


async def test_the_servers_limits_hold() -> None:
    options = ServerOptions(websocket=WebSocketOptions(max_message_bytes=10))
    async with listen(echo, options=options) as listener:
        connection = await connect(listener)
        await connection.send_text("x" * 11)
        failure = await failure_of(connection)

    assert (failure.kind, failure.close_code) == (FailureKind.CLOSED_BY_PEER, 1009)


async def test_a_close_of_the_server_is_over_as_soon_as_the_client_agrees() -> None:
    async def close(connection: Connection, _request: UpgradeRequest) -> None:
        await connection.close(4000, "enough")
        closed.set()

    closed = anyio.Event()
    async with listen(close) as listener:
        connection = await connect(listener)
        failure = await failure_of(connection)
        await closed.wait()

    assert (failure.close_code, failure.close_reason) == (4000, "enough")
