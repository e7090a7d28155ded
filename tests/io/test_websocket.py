from __future__ import annotations

import struct
import zlib

import pytest

from ocpp16cp.io.transport import FailureKind, Pong
from ocpp16cp.io.websocket import WebSocketOptions
from tests.io.links import failure_of
from tests.io.websocket_peers import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    RSV1,
    TEXT,
    RawPeer,
    close_frame,
    connected,
    frame,
)

pytestmark = pytest.mark.anyio

COMPRESSED = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"


async def silent(peer: RawPeer) -> None:
    await peer.until_gone()


# What arrives


async def test_messages_arrive_whole_and_in_order() -> None:
    async def script(peer: RawPeer) -> None:
        await peer.send(
            frame(TEXT, b"[2,"),
            frame(TEXT, b"", fin=True),
            frame(TEXT, "größe".encode()),
            frame(TEXT, b"y" * 70_000),
        )
        await peer.until_gone()

    async with connected(script) as connection:
        received = [await connection.receive() for _ in range(4)]

    assert received == ["[2,", "", "größe", "y" * 70_000]


async def test_a_message_that_arrives_byte_by_byte_is_put_together() -> None:
    async def script(peer: RawPeer) -> None:
        for byte in frame(TEXT, '[2,"ü"]'.encode()):
            await peer.send(bytes([byte]))
        await peer.until_gone()

    async with connected(script) as connection:
        assert await connection.receive() == '[2,"ü"]'


async def test_fragments_are_joined_even_where_they_part_a_character() -> None:
    first, second = "ü".encode()[:1], "ü".encode()[1:]

    async def script(peer: RawPeer) -> None:
        await peer.send(
            frame(TEXT, b"a" + first, fin=False),
            frame(CONTINUATION, b"", fin=False),
            frame(CONTINUATION, second + b"b"),
        )
        await peer.until_gone()

    async with connected(script) as connection:
        assert await connection.receive() == "aüb"


async def test_a_message_may_have_any_number_of_empty_fragments() -> None:
    async def script(peer: RawPeer) -> None:
        await peer.send(frame(TEXT, b"a", fin=False), frame(CONTINUATION, fin=False) * 2_000)
        await peer.send(frame(CONTINUATION, b"b"))
        await peer.until_gone()

    async with connected(script) as connection:
        assert await connection.receive() == "ab"


async def test_a_ping_within_a_message_is_answered_before_the_message_ends() -> None:
    """RFC 6455 §5.4: control frames may come between the fragments."""

    async def script(peer: RawPeer) -> None:
        await peer.send(frame(TEXT, b"a", fin=False), frame(PING, b"are you there"))
        answers.append(await peer.receive_frame())
        await peer.send(frame(CONTINUATION, b"b"))
        await peer.until_gone()

    answers: list[object] = []
    async with connected(script) as connection:
        assert await connection.receive() == "ab"

    assert answers == [(PONG, b"are you there", False)]


async def test_each_of_many_pings_is_answered() -> None:
    async def script(peer: RawPeer) -> None:
        await peer.send(*(frame(PING, b"%d" % number) for number in range(500)))
        for number in range(500):
            assert await peer.receive_frame() == (PONG, b"%d" % number, False)
        await peer.send(frame(TEXT, b"done"))
        await peer.until_gone()

    async with connected(script) as connection:
        assert await connection.receive() == "done"


async def test_the_pong_comes_back_with_its_payload() -> None:
    async def script(peer: RawPeer) -> None:
        ping = await peer.receive_frame()
        await peer.send(frame(PONG, b"unasked for"), frame(PONG, ping.payload))
        await peer.until_gone()

    async with connected(script) as connection:
        await connection.ping(b"7")

        assert await connection.receive() == Pong(b"unasked for")
        assert await connection.receive() == Pong(b"7")


async def test_a_binary_message_is_taken_as_text() -> None:
    """There are none in OCPP-J: the connection stays, and what cannot be decoded is replaced."""

    async def script(peer: RawPeer) -> None:
        await peer.send(
            frame(BINARY, b"[2]"),
            frame(BINARY, b"\xff\x00\xc3"),
            frame(BINARY, "ü".encode()[:1], fin=False),
            frame(CONTINUATION, "ü".encode()[1:]),
        )
        await peer.until_gone()

    async with connected(script) as connection:
        received = [await connection.receive() for _ in range(3)]

    assert received == ["[2]", "\ufffd\x00\ufffd", "ü"]


# What is refused


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(frame(TEXT, b"123456789"), id="one frame"),
        pytest.param(frame(TEXT, "äöüß".encode() + b"9"), id="bytes count"),
        pytest.param(frame(BINARY, b"123456789"), id="binary"),
        pytest.param(
            frame(TEXT, b"12345", fin=False) + frame(CONTINUATION, b"6789", fin=False),
            id="fragments of a message without end",
        ),
        # Of a frame of 2^62 bytes only the beginning is needed.
        pytest.param(b"\x81\x7f" + struct.pack("!Q", 2**62) + b"123456789", id="huge frame"),
    ],
)
async def test_a_message_beyond_the_limit_closes_with_1009(frames: bytes) -> None:
    async def script(peer: RawPeer) -> None:
        await peer.send(frame(TEXT, b"12345678"), frames)
        closes.append(await peer.receive_close())

    closes: list[tuple[int, str]] = []
    async with connected(script, options=WebSocketOptions(max_message_bytes=8)) as connection:
        assert await connection.receive() == "12345678"
        failure = await failure_of(connection)

    assert failure.kind is FailureKind.TOO_BIG
    assert str(failure) == "the peer sent a message of more than 8 bytes"
    assert closes == [(1009, "a message of more than 8 bytes")]


async def test_a_compressed_message_beyond_the_limit_closes_with_1009() -> None:
    async def script(peer: RawPeer) -> None:
        compressor = zlib.compressobj(wbits=-15)
        bomb = compressor.compress(b"x" * 2**20) + compressor.flush(zlib.Z_SYNC_FLUSH)
        await peer.send(frame(TEXT, bomb[:-4], rsv=RSV1))
        closes.append(await peer.receive_close())

    closes: list[tuple[int, str]] = []
    options = WebSocketOptions(max_message_bytes=8, compression=True)
    async with connected(script, options=options, extra=COMPRESSED) as connection:
        failure = await failure_of(connection)

    assert failure.kind is FailureKind.TOO_BIG
    assert closes == [(1009, "a message of more than 8 bytes")]


async def test_the_limit_starts_anew_with_each_message() -> None:
    async def script(peer: RawPeer) -> None:
        await peer.send(frame(TEXT, b"12345678") * 3)
        await peer.until_gone()

    async with connected(script, options=WebSocketOptions(max_message_bytes=8)) as connection:
        assert [await connection.receive() for _ in range(3)] == ["12345678"] * 3


async def test_a_peer_that_goes_on_sending_still_learns_why_it_was_closed() -> None:
    async def script(peer: RawPeer) -> None:
        await peer.send(frame(TEXT, b"x" * 2**20))
        closes.append(await peer.receive_close())

    closes: list[tuple[int, str]] = []
    async with connected(script, options=WebSocketOptions(max_message_bytes=8)) as connection:
        await failure_of(connection)

    assert closes[0][0] == 1009


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(frame(TEXT, b"\xff"), id="never a byte of UTF-8"),
        pytest.param(frame(TEXT, b"\xed\xa0\x80"), id="surrogate"),
        pytest.param(frame(TEXT, b"\xc3"), id="cut off"),
        pytest.param(frame(TEXT, b"ok\xff", fin=False), id="before the end of the message"),
        pytest.param(frame(CLOSE, struct.pack("!H", 1000) + b"\xff"), id="reason of a close"),
    ],
)
async def test_text_that_is_not_utf8_closes_with_1007(frames: bytes) -> None:
    async def script(peer: RawPeer) -> None:
        await peer.send(frames)
        closes.append((await peer.receive_close())[0])

    closes: list[int] = []
    async with connected(script) as connection:
        failure = await failure_of(connection)

    assert failure.kind is FailureKind.BAD_UTF8
    assert closes == [1007]


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(frame(TEXT, b"a", mask=b"\x01\x02\x03\x04"), id="masked by a server"),
        pytest.param(frame(TEXT, b"a", rsv=0x40), id="reserved bit 1"),
        pytest.param(frame(TEXT, b"a", rsv=0x10), id="reserved bit 3"),
        pytest.param(frame(0x3, b"a"), id="unknown data opcode"),
        pytest.param(frame(0xB, b"a"), id="unknown control opcode"),
        pytest.param(frame(PING, b"a", fin=False), id="fragmented control frame"),
        pytest.param(frame(PING, b"a" * 126), id="long control frame"),
        pytest.param(frame(CONTINUATION, b"a"), id="continuation of nothing"),
        pytest.param(frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), id="message in a message"),
        pytest.param(b"\x81\x7e\x00\x01a", id="longer length than needed"),
        pytest.param(b"\x81\x7f" + b"\xff" * 8, id="length of 2^64"),
        pytest.param(frame(CLOSE, b"\x03"), id="close with half a code"),
        pytest.param(close_frame(1005), id="close with a code that is not for the wire"),
        pytest.param(close_frame(999), id="close with an impossible code"),
    ],
)
async def test_a_frame_against_the_rules_closes_with_1002(frames: bytes) -> None:
    async def script(peer: RawPeer) -> None:
        # The rest is not looked at, whatever it is.
        await peer.send(frames, b"\x00" * 1000)
        closes.append((await peer.receive_close())[0])

    closes: list[int] = []
    async with connected(script) as connection:
        failure = await failure_of(connection)
        assert await failure_of(connection) is failure

    assert failure.kind is FailureKind.PROTOCOL_VIOLATION
    assert str(failure).startswith("the peer sent a frame against the protocol (")
    assert closes == [1002]
