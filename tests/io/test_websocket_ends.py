from __future__ import annotations

import socket
import struct
from contextlib import suppress

import anyio
import pytest
from anyio.abc import SocketAttribute

from ocpp16cp.io.transport import FailureKind, LinkFailure
from ocpp16cp.io.websocket import WebSocketOptions
from tests.io.links import failure_of
from tests.io.websocket_peers import (
    CLOSE,
    TEXT,
    RawPeer,
    close_frame,
    connected,
    frame,
)

pytestmark = pytest.mark.anyio

# Far more than the buffers of a loopback socket hold.
MORE_THAN_BUFFERS = "x" * 2**23


async def silent(peer: RawPeer) -> None:
    await peer.until_gone()


# The end, by the peer


async def test_a_close_of_the_peer_is_answered_and_told() -> None:
    async def script(peer: RawPeer) -> None:
        await peer.send(frame(TEXT, b"last words"), close_frame(1001, b"restart"))
        closes.append(await peer.receive_close())

    closes: list[tuple[int, str]] = []
    async with connected(script) as connection:
        assert await connection.receive() == "last words"
        failure = await failure_of(connection)

    assert failure.kind is FailureKind.CLOSED_BY_PEER
    assert (failure.close_code, failure.close_reason) == (1001, "restart")
    assert str(failure) == "the peer closed the connection with code 1001 and the reason 'restart'"
    assert closes == [(1001, "")]


async def test_a_close_without_a_code_counts_as_1005() -> None:
    async def script(peer: RawPeer) -> None:
        await peer.send(frame(CLOSE))
        closes.append(await peer.receive_close())

    closes: list[tuple[int, str]] = []
    async with connected(script) as connection:
        failure = await failure_of(connection)

    assert failure.close_code == 1005
    assert str(failure) == "the peer closed the connection with code 1005"
    assert closes == [(1005, "")]


async def test_a_peer_that_closes_and_then_stays_is_left_in_a_limited_time() -> None:
    async def script(peer: RawPeer) -> None:
        await peer.send(close_frame(1000))
        await peer.until_gone()

    async with connected(script, options=WebSocketOptions(close_timeout_s=0.01)) as connection:
        failure = await failure_of(connection)

    assert failure.kind is FailureKind.CLOSED_BY_PEER


async def test_the_end_of_the_stream_without_a_close_is_a_cut() -> None:
    async def script(peer: RawPeer) -> None:
        await peer.send(frame(TEXT, b"half a mess", fin=False))

    async with connected(script) as connection:
        failure = await failure_of(connection)

    assert failure.kind is FailureKind.CUT
    assert str(failure) == "the peer ended the connection without closing it properly"


async def test_a_half_closed_connection_is_over() -> None:
    async def script(peer: RawPeer) -> None:
        await peer.stream.send_eof()
        await peer.until_gone()

    async with connected(script) as connection:
        failure = await failure_of(connection)
        with pytest.raises(LinkFailure):
            await connection.send_text("into the void")

    assert failure.kind is FailureKind.CUT


async def test_a_reset_connection_is_a_cut() -> None:
    async def script(peer: RawPeer) -> None:
        raw = peer.stream.extra(SocketAttribute.raw_socket)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async with connected(script) as connection:
        failure = await failure_of(connection)

    assert failure.kind is FailureKind.CUT
    assert str(failure) == "the connection broke: connection reset by peer"


async def test_sending_into_a_broken_connection_ends_it() -> None:
    async def script(peer: RawPeer) -> None:
        raw = peer.stream.extra(SocketAttribute.raw_socket)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await peer.stream.aclose()
        reset.set()

    reset = anyio.Event()
    async with connected(script) as connection:
        await reset.wait()
        failures: list[LinkFailure] = []
        while not failures:
            try:
                await connection.send_text("x" * 1000)
            except LinkFailure as failure:
                failures.append(failure)
        failures.append(await failure_of(connection))

    assert failures[0].kind is FailureKind.CUT
    assert failures[1] is failures[0]


# The end, by this side


async def test_close_says_why_after_what_was_sent_before() -> None:
    async def script(peer: RawPeer) -> None:
        frames.append(await peer.receive_frame())
        closes.append(await peer.receive_close())
        await peer.send(frame(TEXT, b"too late"), close_frame(1000))

    frames: list[object] = []
    closes: list[tuple[int, str]] = []
    async with connected(script) as connection:
        await connection.send_text("bye")
        await connection.close(1001, "shutting down")
        failure = await failure_of(connection)

    assert frames == [(TEXT, b"bye", False)]
    assert closes == [(1001, "shutting down")]
    assert failure.kind is FailureKind.CLOSED_BY_US
    assert (failure.close_code, failure.close_reason) == (1001, "shutting down")


async def test_a_reason_beyond_what_a_frame_holds_is_cut_at_a_character() -> None:
    async def script(peer: RawPeer) -> None:
        closes.append(await peer.receive_close())

    closes: list[tuple[int, str]] = []
    async with connected(script) as connection:
        await connection.close(1000, "ü" * 100)

    assert closes == [(1000, "ü" * 61)]


async def test_close_does_not_wait_for_ever_for_a_silent_peer() -> None:
    async with connected(silent, options=WebSocketOptions(close_timeout_s=0.01)) as connection:
        await connection.close()
        failure = await failure_of(connection)

    assert failure.kind is FailureKind.CLOSED_BY_US


async def test_close_does_not_wait_for_ever_for_a_peer_that_goes_on_and_on() -> None:
    async def script(peer: RawPeer) -> None:
        with suppress(anyio.BrokenResourceError):
            while True:
                await peer.send(frame(TEXT, b"x" * 1000))

    async with connected(script, options=WebSocketOptions(close_timeout_s=0.05)) as connection:
        await connection.close()


async def test_close_does_not_wait_for_ever_for_a_write_that_hangs() -> None:
    async def deaf(_peer: RawPeer) -> None:
        await over.wait()

    async def send() -> None:
        with pytest.raises(LinkFailure) as caught:
            await connection.send_text(MORE_THAN_BUFFERS)
        kinds.append(caught.value.kind)

    kinds: list[FailureKind] = []
    over = anyio.Event()
    async with (
        connected(deaf, options=WebSocketOptions(close_timeout_s=0.05)) as connection,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(send)
        tasks.start_soon(send)
        await anyio.wait_all_tasks_blocked()
        await connection.close()
        over.set()

    assert kinds == [FailureKind.CLOSED_BY_US] * 2


async def test_a_receiving_task_learns_that_another_has_closed() -> None:
    async def script(peer: RawPeer) -> None:
        await peer.receive_close()
        await peer.send(close_frame(1000))

    async def receive() -> None:
        failures.append(await failure_of(connection))

    failures: list[LinkFailure] = []
    async with connected(script) as connection, anyio.create_task_group() as tasks:
        tasks.start_soon(receive)
        await anyio.wait_all_tasks_blocked()
        await connection.close()

    assert [failure.kind for failure in failures] == [FailureKind.CLOSED_BY_US]


async def test_only_the_first_close_counts() -> None:
    async def script(peer: RawPeer) -> None:
        closes.append(await peer.receive_close())
        await closed.wait()
        await peer.send(close_frame(1000))

    closes: list[tuple[int, str]] = []
    closed = anyio.Event()
    async with connected(script) as connection, anyio.create_task_group() as tasks:
        tasks.start_soon(connection.close, 1001)
        await anyio.wait_all_tasks_blocked()
        await connection.close(1000)
        with pytest.raises(LinkFailure) as caught:
            await connection.send_text("late")
        closed.set()

    assert caught.value.kind is FailureKind.CLOSED_BY_US
    assert closes == [(1001, "")]


async def test_close_is_finished_although_its_task_is_cancelled() -> None:
    async def script(peer: RawPeer) -> None:
        closes.append(await peer.receive_close())

    closes: list[tuple[int, str]] = []
    async with connected(script) as connection:
        with anyio.CancelScope() as scope:
            scope.cancel()
            await connection.close(1001)

    assert closes == [(1001, "")]


async def test_a_cut_is_silent_and_wakes_who_receives() -> None:
    async def script(peer: RawPeer) -> None:
        with pytest.raises((anyio.IncompleteRead, anyio.EndOfStream)):
            await peer.receive_frame()

    async def receive() -> None:
        failures.append(await failure_of(connection))

    failures: list[LinkFailure] = []
    async with connected(script) as connection, anyio.create_task_group() as tasks:
        tasks.start_soon(receive)
        await anyio.wait_all_tasks_blocked()
        await connection.aclose()
        await connection.aclose()

    assert [str(failure) for failure in failures] == ["this side cut the connection"]
    assert failures[0].kind is FailureKind.CUT
