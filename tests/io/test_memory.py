from __future__ import annotations

import anyio
import pytest

from ocpp16cp.errors import UsageError
from ocpp16cp.io.memory import MemoryConnection, MemoryTransport, memory_pair
from ocpp16cp.io.serving import Accept, Refuse, UpgradeRequest
from ocpp16cp.io.transport import Connection, ConnectRequest, FailureKind, LinkFailure, Pong
from tests.io.links import echo, failure_of

pytestmark = pytest.mark.anyio


async def end(*connections: MemoryConnection) -> None:
    for connection in connections:
        await connection.aclose()


async def test_messages_pass_in_both_directions_in_order() -> None:
    here, there = memory_pair()

    for text in ("1", "2"):
        await here.send_text(text)
    await there.send_text("3")

    assert [await there.receive(), await there.receive()] == ["1", "2"]
    assert await here.receive() == "3"
    assert here.subprotocol == there.subprotocol == "ocpp1.6"
    await end(here, there)


async def test_a_ping_is_answered_by_an_end_that_receives() -> None:
    here, there = memory_pair()
    await here.ping(b"7")
    await here.send_text("after the ping")

    assert await there.receive() == "after the ping"
    assert await here.receive() == Pong(b"7")
    await end(here, there)


async def test_a_ping_holds_at_most_125_bytes() -> None:
    here, there = memory_pair()
    with pytest.raises(UsageError, match="a ping of 126 bytes: it holds at most 125"):
        await here.ping(b"x" * 126)
    await end(here, there)


async def test_an_end_that_does_not_receive_answers_no_ping() -> None:
    here, there = memory_pair()
    await here.ping()

    with anyio.move_on_after(0.01) as waiting:
        await here.receive()

    assert waiting.cancelled_caught
    await end(here, there)


async def test_a_close_arrives_after_what_was_sent_before() -> None:
    here, there = memory_pair()
    await here.send_text("bye")
    await here.close(1001, "restart")
    await here.close(1000)

    assert await there.receive() == "bye"
    failure = await failure_of(there)
    assert failure.kind is FailureKind.CLOSED_BY_PEER
    assert (failure.close_code, failure.close_reason) == (1001, "restart")
    assert (await failure_of(here)).kind is FailureKind.CLOSED_BY_US
    with pytest.raises(LinkFailure) as caught:
        await there.send_text("late")
    assert caught.value is failure


async def test_a_cut_is_seen_without_a_close() -> None:
    here, there = memory_pair()
    await here.aclose()

    assert (await failure_of(there)).kind is FailureKind.CUT
    assert str(await failure_of(here)) == "this side cut the connection"


async def test_what_is_sent_to_an_end_that_has_gone_is_lost() -> None:
    here, there = memory_pair()
    await here.close(1000)

    await there.send_text("into the void")

    assert (await failure_of(there)).kind is FailureKind.CLOSED_BY_PEER


async def test_the_end_wakes_who_receives_and_who_sends() -> None:
    async def receive() -> None:
        kinds.append((await failure_of(here)).kind)

    async def send() -> None:
        with pytest.raises(LinkFailure) as caught:
            await here.send_text("too much")
        kinds.append(caught.value.kind)

    kinds: list[FailureKind] = []
    here, there = memory_pair(buffered_items=1)
    await here.send_text("fits")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(receive)
        tasks.start_soon(send)
        await anyio.wait_all_tasks_blocked()
        await here.aclose()

    assert kinds == [FailureKind.CUT] * 2
    await there.aclose()


async def test_a_close_that_waits_for_room_can_be_cut_short() -> None:
    here, there = memory_pair(buffered_items=1)
    await here.send_text("in the way of the close")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(here.close, 1000)
        await anyio.wait_all_tasks_blocked()
        await here.aclose()

    assert (await failure_of(there)).kind is FailureKind.CUT


async def test_a_cancelled_send_has_sent_nothing() -> None:
    here, there = memory_pair(buffered_items=1)
    await here.send_text("1")
    with anyio.move_on_after(0.01):
        await here.send_text("2")

    assert await there.receive() == "1"
    await here.send_text("3")
    assert await there.receive() == "3"
    await end(here, there)


async def test_a_cancelled_receive_loses_nothing() -> None:
    here, there = memory_pair(buffered_items=1)
    await here.ping(b"7")
    await there.send_text("in the way of the pong")
    with anyio.move_on_after(0.01):
        await there.receive()

    assert await here.receive() == "in the way of the pong"
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(there.receive)
        assert await here.receive() == Pong(b"7")
        tasks.cancel_scope.cancel()
    await end(here, there)


async def test_one_task_at_a_time_receives() -> None:
    here, there = memory_pair()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(here.receive)
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(anyio.BusyResourceError):
            await here.receive()
        tasks.cancel_scope.cancel()
    await end(here, there)


# The transport


async def failure_to_connect(transport: MemoryTransport, request: ConnectRequest) -> LinkFailure:
    with pytest.raises(LinkFailure) as caught:
        await transport.connect(request)
    return caught.value


async def test_who_listens_gets_the_connection_with_all_that_was_asked() -> None:
    async def handle(connection: Connection, request: UpgradeRequest) -> None:
        requests.append(request)
        await connection.send_text("hello")

    requests: list[UpgradeRequest] = []
    transport = MemoryTransport()
    request = ConnectRequest("ws://cs/ocpp/RDAM%20123?v=1", headers=(("X-Y", b"z"),))
    async with transport.listen(handle):
        connection = await transport.connect(request)
        assert await connection.receive() == "hello"
        failure = await failure_of(connection)

    assert connection.subprotocol == "ocpp1.6"
    assert requests == [
        UpgradeRequest("/ocpp/RDAM%20123", query="v=1", headers=(("x-y", b"z"),), subprotocols=("ocpp1.6",))
    ]
    assert (failure.kind, failure.close_code) == (FailureKind.CLOSED_BY_PEER, 1000)


async def test_nobody_listens_before_and_after() -> None:
    transport = MemoryTransport()
    request = ConnectRequest("ws://cs/CP1")

    before = await failure_to_connect(transport, request)
    async with transport.listen(echo):
        connection = await transport.connect(request)
    cut = await failure_of(connection)
    after = await failure_to_connect(transport, request)

    assert before.kind is after.kind is FailureKind.REFUSED
    assert cut.kind is FailureKind.CUT


async def test_a_refusal_is_told() -> None:
    async def decide(_request: UpgradeRequest) -> Refuse:
        return Refuse(401)

    transport = MemoryTransport()
    async with transport.listen(echo, decide):
        failure = await failure_to_connect(transport, ConnectRequest("ws://cs/CP1"))

    assert (failure.kind, failure.http_status) == (FailureKind.HTTP_STATUS, 401)


async def test_a_server_without_our_subprotocol_is_told() -> None:
    transport = MemoryTransport()
    async with transport.listen(echo):
        request = ConnectRequest("ws://cs/CP1", subprotocols=("ocpp1.5",))
        failure = await failure_to_connect(transport, request)
        connection = await transport.connect(ConnectRequest("ws://cs/CP1", subprotocols=()))
        await connection.aclose()

    assert failure.kind is FailureKind.SUBPROTOCOL
    assert connection.subprotocol is None


async def test_any_failure_can_be_had() -> None:
    async def decide(_request: UpgradeRequest) -> Accept:
        raise LinkFailure(FailureKind.TLS_CERTIFICATE, "expired")

    transport = MemoryTransport()
    async with transport.listen(echo, decide):
        failure = await failure_to_connect(transport, ConnectRequest("wss://cs/CP1"))

    assert failure.kind is FailureKind.TLS_CERTIFICATE


async def test_a_server_that_does_not_decide_is_left_in_time() -> None:
    async def decide(_request: UpgradeRequest) -> Accept:
        await anyio.sleep_forever()
        raise AssertionError

    transport = MemoryTransport()
    async with transport.listen(echo, decide):
        request = ConnectRequest("ws://cs/CP1", open_timeout_s=0.01)
        failure = await failure_to_connect(transport, request)

    assert failure.kind is FailureKind.TIMED_OUT
    assert str(failure) == "the handshake took longer than 0.01 s"


async def test_there_is_one_server_at_a_time() -> None:
    transport = MemoryTransport()
    async with transport.listen(echo):
        with pytest.raises(UsageError, match="is being listened on already"):
            async with transport.listen(echo):
                pass
