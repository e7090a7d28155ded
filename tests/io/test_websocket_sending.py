from __future__ import annotations

import anyio
import pytest

from ocpp16cp.errors import UsageError
from ocpp16cp.io.transport import FailureKind, LinkFailure
from ocpp16cp.io.websocket import WebSocketOptions
from tests.io.websocket_peers import (
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    RawPeer,
    connected,
    frame,
)

pytestmark = pytest.mark.anyio

# Far more than the buffers of a loopback socket hold.
MORE_THAN_BUFFERS = "x" * 2**23


async def silent(peer: RawPeer) -> None:
    await peer.until_gone()


async def test_what_many_tasks_send_arrives_message_by_message() -> None:
    texts = [character * 100_000 for character in "abcdefgh"]

    async def script(peer: RawPeer) -> None:
        arrived.extend([(await peer.receive_frame()).payload.decode() for _ in texts])

    arrived: list[str] = []
    async with connected(script) as connection, anyio.create_task_group() as tasks:
        for text in texts:
            tasks.start_soon(connection.send_text, text)

    assert sorted(arrived) == texts


async def test_a_peer_that_takes_nothing_is_cut() -> None:
    async def deaf(_peer: RawPeer) -> None:
        await over.wait()

    over = anyio.Event()
    async with connected(deaf, options=WebSocketOptions(write_timeout_s=0.05)) as connection:
        with pytest.raises(LinkFailure) as caught:
            await connection.send_text(MORE_THAN_BUFFERS)
        over.set()

    assert caught.value.kind is FailureKind.TIMED_OUT
    assert str(caught.value) == "the peer took nothing for 0.05 s"


async def test_a_cancelled_write_cuts_the_connection() -> None:
    """Half a frame would make nonsense of the next one."""

    async def deaf(_peer: RawPeer) -> None:
        await over.wait()

    over = anyio.Event()
    async with connected(deaf) as connection:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(connection.send_text, MORE_THAN_BUFFERS)
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
        with pytest.raises(LinkFailure) as caught:
            await connection.send_text("next")
        over.set()

    assert caught.value.kind is FailureKind.CUT


async def test_cancelling_who_waits_for_his_turn_to_send_harms_nobody() -> None:
    async def script(peer: RawPeer) -> None:
        await may_read.wait()
        sizes.extend([len((await peer.receive_frame()).payload) for _ in range(2)])

    sizes: list[int] = []
    may_read = anyio.Event()
    async with connected(script) as connection, anyio.create_task_group() as tasks:
        tasks.start_soon(connection.send_text, MORE_THAN_BUFFERS)
        await anyio.wait_all_tasks_blocked()
        with anyio.move_on_after(0.01) as waiting:
            await connection.send_text("never mind")
        may_read.set()
        await connection.send_text("next")

    assert waiting.cancelled_caught
    assert sizes == [2**23, 4]


async def test_a_call_cancelled_beforehand_sends_nothing() -> None:
    async def script(peer: RawPeer) -> None:
        frames.append(await peer.receive_frame())

    frames: list[object] = []
    async with connected(script) as connection:
        with anyio.CancelScope() as scope:
            scope.cancel()
            await connection.send_text("never mind")
        await connection.send_text("next")
        await connection.close()

    assert frames == [(TEXT, b"next", False)]


async def test_text_that_utf8_cannot_encode_is_not_sent() -> None:
    async def script(peer: RawPeer) -> None:
        frames.append(await peer.receive_frame())

    frames: list[object] = []
    async with connected(script) as connection:
        with pytest.raises(UnicodeEncodeError):
            await connection.send_text("\ud800")
        await connection.send_text("next")
        await connection.close()

    assert frames == [(TEXT, b"next", False)]


async def test_a_ping_holds_at_most_125_bytes() -> None:
    async def script(peer: RawPeer) -> None:
        frames.append(await peer.receive_frame())

    frames: list[object] = []
    async with connected(script) as connection:
        with pytest.raises(UsageError, match="a ping of 126 bytes: it holds at most 125"):
            await connection.ping(b"x" * 126)
        await connection.ping(b"x" * 125)
        await connection.close()

    assert frames == [(PING, b"x" * 125, False)]


# Receiving, interrupted


async def test_a_cancelled_receive_loses_nothing() -> None:
    async def script(peer: RawPeer) -> None:
        await peer.send(frame(TEXT, b"a", fin=False))
        await cancelled.wait()
        await peer.send(frame(CONTINUATION, b"b"))
        await peer.until_gone()

    cancelled = anyio.Event()
    async with connected(script) as connection:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(connection.receive)
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
        cancelled.set()

        assert await connection.receive() == "ab"


async def test_a_pong_that_had_to_wait_is_sent_after_a_cancelled_receive() -> None:
    async def script(peer: RawPeer) -> None:
        await peer.send(frame(PING, b"1"))
        await may_read.wait()
        opcodes.extend([(await peer.receive_frame()).opcode for _ in range(2)])
        await peer.send(frame(TEXT, b"done"))
        await peer.until_gone()

    opcodes: list[int] = []
    may_read = anyio.Event()
    async with connected(script) as connection, anyio.create_task_group() as tasks:
        tasks.start_soon(connection.send_text, MORE_THAN_BUFFERS)
        await anyio.wait_all_tasks_blocked()
        with anyio.move_on_after(0.05):
            await connection.receive()
        may_read.set()

        assert await connection.receive() == "done"

    assert opcodes == [TEXT, PONG]


async def test_one_task_at_a_time_receives() -> None:
    async with connected(silent) as connection, anyio.create_task_group() as tasks:
        tasks.start_soon(connection.receive)
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(anyio.BusyResourceError):
            await connection.receive()
        tasks.cancel_scope.cancel()
