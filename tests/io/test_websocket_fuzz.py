from __future__ import annotations

import struct
from collections.abc import Sequence

import anyio
import pytest
from anyio.abc import ByteStream
from hypothesis import given
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType

from ocpp16cp.io.transport import FailureKind, LinkFailure, Pong
from ocpp16cp.io.websocket import WebSocketConnection, WebSocketOptions
from ocpp16cp.io.websocket_deflate import BoundedDeflate
from tests.io.websocket_peers import frame

LIMIT = 64

ENDS_BY_THE_PEER = {
    FailureKind.BAD_UTF8,
    FailureKind.CLOSED_BY_PEER,
    FailureKind.CUT,
    FailureKind.PROTOCOL_VIOLATION,
    FailureKind.TOO_BIG,
}


class Recording(ByteStream):
    """A stream that has been recorded: gives its reads one by one, then ends; maybe it takes nothing any more."""

    def __init__(self, reads: Sequence[bytes], *, joined: bool, broken: bool) -> None:
        self._reads = [b"".join(reads)] if joined and reads else list(reads)
        self._broken = broken
        self.closed = False

    async def receive(self, max_bytes: int = 65536) -> bytes:
        await anyio.lowlevel.checkpoint()
        if not self._reads:
            raise anyio.EndOfStream
        read, rest = self._reads[0][:max_bytes], self._reads[0][max_bytes:]
        self._reads[:1] = [rest] if rest else []
        return read

    async def send(self, item: bytes) -> None:
        await anyio.lowlevel.checkpoint()
        if self._broken:
            raise anyio.BrokenResourceError

    async def send_eof(self) -> None:
        raise NotImplementedError

    async def aclose(self) -> None:
        self.closed = True


async def run(stream: Recording, side: ConnectionType, *, compressed: bool) -> None:
    """Receive to the end, and hold what came to its promises."""
    deflate = BoundedDeflate(LIMIT)
    deflate.finalize("permessage-deflate")
    connection = WebSocketConnection(
        stream,
        Connection(side, [deflate] if compressed else []),
        subprotocol=None,
        compressed=compressed,
        options=WebSocketOptions(max_message_bytes=LIMIT),
    )
    failure = None
    while failure is None:
        try:
            received = await connection.receive()
        except LinkFailure as end:
            failure = end
        else:
            if not isinstance(received, Pong):
                # Bytes that cannot be decoded become three each.
                assert len(received.encode()) <= 3 * LIMIT
    assert failure.kind in ENDS_BY_THE_PEER
    assert str(failure).isprintable()
    assert stream.closed
    with pytest.raises(LinkFailure):
        await connection.send_text("late")


frames = st.builds(
    frame,
    st.sampled_from([0, 1, 1, 2, 3, 8, 9, 10, 11]),
    st.binary(max_size=LIMIT + 8)
    | st.text(max_size=20).map(str.encode)
    | st.builds(lambda code, why: struct.pack("!H", code) + why, st.integers(0, 5000), st.binary(max_size=10)),
    fin=st.booleans(),
    rsv=st.sampled_from([0, 0, 0, 0x40, 0x10]),
    mask=st.sampled_from([b"", b"\x00\x00\x00\x00", b"\x01\x02\x03\x04"]),
)
junk = st.binary(min_size=1, max_size=20)


recordings = st.builds(Recording, st.lists(frames | junk, max_size=8), joined=st.booleans(), broken=st.booleans())


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@given(stream=recordings, side=st.sampled_from(ConnectionType), compressed=st.booleans())
def test_whatever_a_peer_sends_is_received_or_ends_the_connection(
    backend: str, stream: Recording, side: ConnectionType, compressed: bool
) -> None:
    """Nothing but text, pongs and a `LinkFailure` comes out, within the limit, and the socket is released."""

    async def main() -> None:
        await run(stream, side, compressed=compressed)

    anyio.run(main, backend=backend)
