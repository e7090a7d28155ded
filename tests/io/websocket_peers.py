"""Peers made by hand, for what no well-behaved library would send: raw sockets, and frames byte by byte."""

from __future__ import annotations

import socket
import struct
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from hashlib import sha1
from typing import Final, NamedTuple

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

from ocpp16cp.io.transport import ConnectRequest
from ocpp16cp.io.websocket import WebSocketConnection, WebSocketOptions
from ocpp16cp.io.websocket_client import WebSocketTransport

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

RSV1: Final = 0x40

# Little, and always the same: a peer that does not read makes itself felt soon.
RECEIVE_BUFFER_BYTES: Final = 2**16

# No test takes anywhere near as long: a deadline for what would hang otherwise.
PATIENCE_S: Final = 10.0


class Frame(NamedTuple):
    """A frame as received, unmasked."""

    opcode: int
    payload: bytes
    rsv1: bool = False


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, mask: bytes = b"") -> bytes:
    """Make a frame, within the rules or against them; from a client it has a `mask` of four bytes."""
    size = len(payload)
    mask_bit = 0x80 if mask else 0
    if size < 126:
        length = bytes([mask_bit | size])
    elif size < 2**16:
        length = bytes([mask_bit | 126]) + struct.pack("!H", size)
    else:
        length = bytes([mask_bit | 127]) + struct.pack("!Q", size)
    head = bytes([(0x80 if fin else 0) | rsv | opcode]) + length + mask
    return head + (masked(payload, mask) if mask else payload)


def masked(payload: bytes, mask: bytes) -> bytes:
    """Mask or unmask."""
    whole = (mask * (len(payload) // 4 + 1))[: len(payload)]
    plain = int.from_bytes(payload, "big") ^ int.from_bytes(whole, "big")
    return plain.to_bytes(len(payload), "big")


def close_frame(code: int, reason: bytes = b"", *, mask: bytes = b"") -> bytes:
    """Make a close frame with any code."""
    return frame(CLOSE, struct.pack("!H", code) + reason, mask=mask)


class RawPeer:
    """The far end of a socket."""

    def __init__(self, stream: SocketStream) -> None:
        self.stream = stream
        self._buffer = BufferedByteReceiveStream(stream)

    async def send(self, *data: bytes) -> None:
        """Send bytes as they are."""
        await self.stream.send(b"".join(data))

    async def receive_head(self) -> bytes:
        """Wait for the head of a request or of a response."""
        return await self._buffer.receive_until(b"\r\n\r\n", 2**16)

    async def receive_frame(self) -> Frame:
        """Wait for one frame."""
        first, second = await self._buffer.receive_exactly(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", await self._buffer.receive_exactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self._buffer.receive_exactly(8))
        mask = await self._buffer.receive_exactly(4) if second & 0x80 else bytes(4)
        payload = await self._buffer.receive_exactly(size) if size else b""
        return Frame(first & 0x0F, masked(payload, mask), bool(first & RSV1))

    async def receive_close(self) -> tuple[int, str]:
        """Wait for a close frame; drop what comes before."""
        while True:
            received = await self.receive_frame()
            if received.opcode == CLOSE:
                (code,) = struct.unpack("!H", received.payload[:2] or struct.pack("!H", 1005))
                return code, received.payload[2:].decode()

    async def until_gone(self) -> None:
        """Wait until the other side has ended the connection."""
        try:
            while True:
                await self.stream.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            return


Script = Callable[[RawPeer], Awaitable[None]]


def accept_token(head: bytes) -> bytes:
    """What a server answers to the key in a request."""
    key = header(head, b"sec-websocket-key")
    return b64encode(sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())


def header(head: bytes, name: bytes) -> bytes:
    """One header of a request or a response, empty if it is not there."""
    for line in head.split(b"\r\n")[1:]:
        found, _, value = line.partition(b":")
        if found.lower() == name:
            return value.strip()
    return b""


def switching_protocols(head: bytes, *, extra: bytes = b"") -> bytes:
    """Make the answer of a server that lets everybody in with ocpp1.6."""
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: ocpp1.6\r\n%s\r\n" % (accept_token(head), extra)
    )


@asynccontextmanager
async def raw_server(script: Script) -> AsyncIterator[str]:
    """Serve one connection by a script; gives the URL, and waits for the end of the script."""

    async def serve() -> None:
        async with await listener.listeners[0].accept() as stream:  # type: ignore[attr-defined]
            await script(RawPeer(stream))

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        raw = listener.extra(SocketAttribute.raw_socket)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        with anyio.fail_after(PATIENCE_S):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(serve)
                yield f"ws://127.0.0.1:{listener.extra(SocketAttribute.local_port)}"


@asynccontextmanager
async def connected(
    script: Script, *, options: WebSocketOptions | None = None, extra: bytes = b""
) -> AsyncIterator[WebSocketConnection]:
    """Connect our client to a server that goes by the script as soon as the connection is open."""

    async def after_handshake(peer: RawPeer) -> None:
        await peer.send(switching_protocols(await peer.receive_head(), extra=extra))
        await script(peer)

    async with raw_server(after_handshake) as url:
        transport = WebSocketTransport(options=options or WebSocketOptions())
        connection = await transport.connect(ConnectRequest(f"{url}/CP1"))
        try:
            yield connection
        finally:
            await connection.aclose()
