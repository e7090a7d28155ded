from __future__ import annotations

import errno
import os
import traceback
from base64 import b64encode

import anyio
import pytest

from ocpp16cp.io.tls import client_context
from ocpp16cp.io.transport import ConnectRequest, FailureKind, LinkFailure
from ocpp16cp.io.websocket import WebSocketOptions
from ocpp16cp.io.websocket_client import WebSocketTransport
from tests.io.websocket_peers import (
    TEXT,
    RawPeer,
    Script,
    close_frame,
    frame,
    header,
    raw_server,
    switching_protocols,
)

pytestmark = pytest.mark.anyio

PASSWORD = b"\x00\x01\xffsecret"
SECRETS = ("c2VjcmV0", "Basic", "token=", "s3cr3t")


async def failure_of(request: ConnectRequest, transport: WebSocketTransport | None = None) -> LinkFailure:
    with pytest.raises(LinkFailure) as caught:
        await (transport or WebSocketTransport()).connect(request)
    return caught.value


async def failure_at(script: Script, *, compression: bool = False) -> LinkFailure:
    """Connect to a server that goes by the script, in vain; nothing secret may show."""
    transport = WebSocketTransport(options=WebSocketOptions(compression=compression))
    credentials = b"Basic " + b64encode(b"CP1:" + PASSWORD)
    async with raw_server(script) as url:
        request = ConnectRequest(f"{url}/CP1?token=s3cr3t", headers=(("Authorization", credentials),))
        failure = await failure_of(request, transport)
    assert str(failure).startswith(f"cannot connect to {url}/CP1: ")
    shown = f"{request!r} {failure!r} {''.join(traceback.format_exception(failure))}"
    assert not [secret for secret in SECRETS if secret in shown]
    return failure


def said(failure: LinkFailure) -> str:
    """The text without the address it begins with."""
    return str(failure).partition("CP1: ")[2]


def answering(answer: bytes) -> Script:
    async def script(peer: RawPeer) -> None:
        await peer.receive_head()
        await peer.send(answer)

    return script


# What is asked for


async def test_the_request_says_what_it_should_and_nothing_else() -> None:
    async def script(peer: RawPeer) -> None:
        heads.append(await peer.receive_head())
        await peer.send(switching_protocols(heads[0]))

    heads: list[bytes] = []
    async with raw_server(script) as url:
        request = ConnectRequest(
            f"{url}/ocpp/RDAM%20123?v=1",
            subprotocols=("ocpp1.6", "ocpp1.5"),
            headers=(("Authorization", b"Basic xyz"),),
        )
        connection = await WebSocketTransport().connect(request)
        await connection.aclose()

    lines = heads[0].split(b"\r\n")
    assert lines[0] == b"GET /ocpp/RDAM%20123?v=1 HTTP/1.1"
    assert header(heads[0], b"host") == url.removeprefix("ws://").encode()
    assert header(heads[0], b"sec-websocket-protocol") == b"ocpp1.6, ocpp1.5"
    assert header(heads[0], b"authorization") == b"Basic xyz"
    assert sorted(line.partition(b":")[0].lower() for line in lines[1:] if line) == [
        b"authorization",
        b"connection",
        b"host",
        b"sec-websocket-key",
        b"sec-websocket-protocol",
        b"sec-websocket-version",
        b"upgrade",
    ]
    assert connection.subprotocol == "ocpp1.6"


async def test_a_url_without_a_path_asks_for_the_root() -> None:
    async def script(peer: RawPeer) -> None:
        heads.append(await peer.receive_head())
        await peer.send(switching_protocols(heads[0]))

    heads: list[bytes] = []
    async with raw_server(script) as url:
        await (await WebSocketTransport().connect(ConnectRequest(url))).aclose()

    assert heads[0].startswith(b"GET / HTTP/1.1\r\n")


async def test_without_subprotocols_on_offer_none_is_expected() -> None:
    async def script(peer: RawPeer) -> None:
        head = await peer.receive_head()
        offered.append(header(head, b"sec-websocket-protocol"))
        await peer.send(switching_protocols(head).replace(b"Sec-WebSocket-Protocol", b"X-Nothing"))

    offered: list[bytes] = []
    async with raw_server(script) as url:
        connection = await WebSocketTransport().connect(ConnectRequest(url, subprotocols=()))
        await connection.aclose()

    assert offered == [b""]
    assert connection.subprotocol is None


async def test_a_message_right_behind_the_handshake_is_not_lost() -> None:
    async def script(peer: RawPeer) -> None:
        head = await peer.receive_head()
        await peer.send(switching_protocols(head), frame(TEXT, b"[2]"), close_frame(1000))

    async with raw_server(script) as url:
        connection = await WebSocketTransport().connect(ConnectRequest(url))
        assert await connection.receive() == "[2]"
        with pytest.raises(LinkFailure, match="code 1000"):
            await connection.receive()


# Where nothing was tried


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://host/CP1", "its scheme 'http' is not ws or wss"),
        ("host:9000/CP1", "its scheme 'host' is not ws or wss"),
        ("", "its scheme '' is not ws or wss"),
        ("ws:///CP1", "it names no host"),
        ("ws://host:0/CP1", "its port is 0"),
        ("ws://host:65536/CP1", "port out of range 0-65535"),
        ("ws://host:nine/CP1", "port could not be cast to integer value as 'nine'"),
        ("ws://[::1/CP1", "invalid ipv6 url"),
        ("ws://a..b/CP1", "its host name is malformed"),
        (f"ws://{'a' * 64}/CP1", "its host name is malformed"),
        ("ws://CP1:s3cr3t@host/CP1", "it contains a user name or password"),
        ("ws://host/CP1#top", "it contains a fragment, '#'"),
        ("ws://host/RDAM 123", "it contains a space or a control character"),
        ("ws://host/CP1\r\nX: y", "it contains a space or a control character"),
        ("ws://host/größe", "its path or query is not percent-encoded"),
    ],
)
async def test_an_unusable_url_is_refused_with_what_is_wrong(url: str, reason: str) -> None:
    failure = await failure_of(ConnectRequest(url))

    assert failure.kind is FailureKind.BAD_URL
    assert str(failure) == f"the URL cannot be used: {reason}"
    assert failure.hint.startswith("use ws://host:port/path")


# TCP


async def test_an_unknown_host_is_told() -> None:
    # Too long a name for DNS: nobody is asked.
    host = ".".join(["a" * 60] * 5)

    failure = await failure_of(ConnectRequest(f"ws://{host}/CP1"))

    assert failure.kind is FailureKind.NAME_RESOLUTION
    assert said(failure).startswith("the host name cannot be resolved: ")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_port_where_nobody_listens_is_told(host: str) -> None:
    async with await anyio.create_tcp_listener(local_host=host) as listener:
        port = listener.extra(anyio.abc.SocketAttribute.local_port)

    failure = await failure_of(ConnectRequest(f"ws://{host}:{port}/CP1"))

    assert failure.kind is FailureKind.REFUSED
    assert str(failure) == f"cannot connect to ws://{host}:{port}/CP1: connection refused"
    assert "is running" in failure.hint


async def test_an_address_that_cannot_be_reached_is_told() -> None:
    failure = await failure_of(ConnectRequest("ws://255.255.255.255/CP1"))

    assert failure.kind is FailureKind.UNREACHABLE
    assert said(failure) == os.strerror(errno.ENETUNREACH).lower()


@pytest.mark.parametrize(
    ("errors", "kind", "text"),
    [
        ([errno.ETIMEDOUT], FailureKind.TIMED_OUT, "the host does not answer"),
        ([errno.EHOSTUNREACH, errno.ETIMEDOUT], FailureKind.TIMED_OUT, "the host does not answer"),
        ([errno.ENETUNREACH, errno.ECONNREFUSED], FailureKind.REFUSED, "connection refused"),
        ([errno.EHOSTUNREACH] * 2, FailureKind.UNREACHABLE, "no route to host"),
        ([], FailureKind.UNREACHABLE, "all connection attempts failed"),
    ],
)
async def test_of_several_addresses_the_one_that_tells_most_is_told(
    errors: list[int], kind: FailureKind, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def connect_tcp(_host: str, _port: int) -> None:
        causes = [OSError(number, "Connect call failed") for number in errors]
        group = ExceptionGroup("multiple connection attempts failed", causes) if causes else None
        raise OSError("All connection attempts failed") from group

    monkeypatch.setattr(anyio, "connect_tcp", connect_tcp)

    failure = await failure_of(ConnectRequest("ws://host/CP1"))

    assert failure.kind is kind
    assert said(failure) == text


# The handshake


@pytest.mark.parametrize(
    ("status", "text", "hint"),
    [
        (401, "401 Unauthorized", "check identity and password"),
        (403, "403 Forbidden", "check identity and password"),
        (
            404,
            "404 Not Found",
            "check the path in the URL, and that the central system knows this identity",
        ),
        (302, "302 Found, a redirect, which is not followed", "check the path in the URL"),
        (503, "503 Service Unavailable", "check the path in the URL"),
        (599, "599", "check the path in the URL"),
        (200, "200 OK", "check the path in the URL"),
        (103, "103 Early Hints", "check the path in the URL"),
    ],
)
async def test_another_http_status_is_told(status: int, text: str, hint: str) -> None:
    failure = await failure_at(
        answering(b"HTTP/1.1 %d Whatever\r\nLocation: /x\r\nContent-Length: 2\r\n\r\nno" % status)
    )

    assert failure.kind is FailureKind.HTTP_STATUS
    assert failure.http_status == status
    assert said(failure) == f"the server answered with HTTP {text}"
    assert failure.hint == hint


NOT_WEBSOCKET = "the answer is not that of a WebSocket server: "


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ((b"HTTP/1.1 101", b"SSH-2.0-"), "'Bad HTTP message'"),
        ((b"Upgrade: websocket", b"Upgrade: h2c"), "\"Missing header, 'Upgrade: websocket'\""),
        ((b"Connection: Upgrade", b"X: y"), "\"Missing header, 'Connection: Upgrade'\""),
        ((b"Accept: ", b"Accept: x"), "'Bad accept token'"),
        (
            (b"Connection: ", b"Sec-WebSocket-Extensions: x-gzip\r\nConnection: "),
            "'unrecognized extension x-gzip'",
        ),
        (
            (b"Connection: ", b"Sec-WebSocket-Extensions: " + b"x" * 200 + b"\r\nConnection: "),
            f"'unrecognized extension {'x' * 57}...'",
        ),
        ((b"Connection: ", b"X: " + b"y" * 2**15 + b"\r\nConnection: "), "'Bad HTTP message'"),
        ((b"Connection: Upgrade", b"Connection: \xfc"), "its headers are not ASCII"),
    ],
)
async def test_an_answer_that_is_none_is_told(change: tuple[bytes, bytes], reason: str) -> None:
    async def script(peer: RawPeer) -> None:
        await peer.send(switching_protocols(await peer.receive_head()).replace(*change))
        await peer.until_gone()

    failure = await failure_at(script)

    assert failure.kind is FailureKind.HANDSHAKE
    assert said(failure) == NOT_WEBSOCKET + reason


@pytest.mark.parametrize(
    "parameters",
    [
        b"server_max_window_bits=99",
        b"server_max_window_bits=x",
        b"client_max_window_bits",
    ],
)
async def test_impossible_parameters_of_compression_are_told(parameters: bytes) -> None:
    extra = b"Sec-WebSocket-Extensions: permessage-deflate; " + parameters + b"\r\n"

    async def script(peer: RawPeer) -> None:
        await peer.send(switching_protocols(await peer.receive_head(), extra=extra))
        await peer.until_gone()

    failure = await failure_at(script, compression=True)

    assert failure.kind is FailureKind.HANDSHAKE
    assert "impossible parameters" in said(failure)


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 101 Switching"])
async def test_a_server_that_leaves_during_the_handshake_is_told(sent: bytes) -> None:
    failure = await failure_at(answering(sent))

    assert failure.kind is FailureKind.HANDSHAKE
    assert said(failure) == "the server ended the connection during the WebSocket handshake"
    assert "wss://" in failure.hint


async def test_a_server_that_chooses_no_subprotocol_is_left_with_1002() -> None:
    """The server has refused ours and closes, as OCPP-J §3.2 wants it to."""

    async def script(peer: RawPeer) -> None:
        answer = switching_protocols(await peer.receive_head())
        await peer.send(answer.replace(b"Sec-WebSocket-Protocol", b"X-Nothing"))
        closes.append(await peer.receive_close())

    closes: list[tuple[int, str]] = []
    failure = await failure_at(script)

    assert failure.kind is FailureKind.SUBPROTOCOL
    assert said(failure) == "the server chose no subprotocol, offered were: ocpp1.6"
    assert closes == [(1002, "no subprotocol in common")]


async def test_a_server_that_chooses_a_subprotocol_not_on_offer_is_left_with_1002() -> None:
    async def script(peer: RawPeer) -> None:
        answer = switching_protocols(await peer.receive_head())
        await peer.send(answer.replace(b"ocpp1.6", b"ocpp2.0.1"))
        closes.append(await peer.receive_close())

    closes: list[tuple[int, str]] = []
    failure = await failure_at(script)

    assert failure.kind is FailureKind.SUBPROTOCOL
    assert said(failure) == "the server chose the subprotocol 'ocpp2.0.1', offered were: ocpp1.6"
    assert closes == [(1002, "no subprotocol in common")]


# Time, with limits in which a busy machine gets as far as it should.


async def test_a_server_that_accepts_and_stays_silent_is_left_in_time() -> None:
    async def script(peer: RawPeer) -> None:
        await peer.until_gone()

    async with raw_server(script) as url:
        failure = await failure_of(ConnectRequest(f"{url}/CP1", open_timeout_s=0.3))

    assert failure.kind is FailureKind.TIMED_OUT
    assert said(failure) == "the WebSocket handshake took longer than 0.3 s"


async def test_a_server_that_never_comes_to_the_end_of_its_answer_is_left_in_time() -> None:
    async def script(peer: RawPeer) -> None:
        head = await peer.receive_head()
        await peer.send(switching_protocols(head)[:-2])
        await peer.until_gone()

    async with raw_server(script) as url:
        failure = await failure_of(ConnectRequest(f"{url}/CP1", open_timeout_s=0.05))

    assert failure.kind is FailureKind.TIMED_OUT


async def test_a_server_silent_from_tls_on_is_left_in_time() -> None:
    async def script(peer: RawPeer) -> None:
        await peer.until_gone()

    async with raw_server(script) as url:
        request = ConnectRequest(f"{url.replace('ws:', 'wss:')}/CP1", open_timeout_s=0.3)
        failure = await failure_of(request, WebSocketTransport(client_context()))

    assert failure.kind is FailureKind.TIMED_OUT
    assert said(failure) == "the TLS handshake took longer than 0.3 s"


async def test_a_cancelled_attempt_leaves_nothing_behind() -> None:
    async def script(peer: RawPeer) -> None:
        await peer.receive_head()
        scope.cancel()
        await peer.until_gone()

    async with raw_server(script) as url:
        with anyio.CancelScope() as scope:
            await WebSocketTransport().connect(ConnectRequest(f"{url}/CP1"))

    assert scope.cancelled_caught
