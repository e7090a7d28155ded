"""One connection, by what it reports: the end exactly once, last, and with its reason."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import pytest
from attrs import define, field

from ocpp16cp.events import Event, LinkDown, LinkUp, PongReceived, TextReceived
from ocpp16cp.io.link import CLOSE_TIMEOUT_S, OPEN_TIMEOUT_S, SEND_BUFFER, Link
from ocpp16cp.io.memory import MemoryTransport
from ocpp16cp.io.serving import Accept, Decide, Refuse, UpgradeRequest, accept_ocpp16
from ocpp16cp.io.transport import Connection, ConnectRequest, FailureKind, LinkFailure
from ocpp16cp.outcome import Close, Open, Ping, SendText
from tests.io.station_rig import Backend, backend_named, virtual_time

pytestmark = pytest.mark.anyio

OPEN = Open(7, "ws://memory/CP1", ("ocpp1.6",))

Server = Callable[[Connection], Awaitable[None]]


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> Backend:
    return backend_named(request.param)


@define(eq=False)
class Report:
    """What a link has reported."""

    events: list[Event] = field(factory=list)
    changed: anyio.Event = field(factory=anyio.Event)

    async def post(self, event: Event) -> None:
        await anyio.lowlevel.checkpoint()
        self.events.append(event)
        self.changed.set()
        self.changed = anyio.Event()

    async def until(self, event: Event) -> None:
        """Wait until it is reported."""
        with anyio.fail_after(5):
            while event not in self.events:
                await self.changed.wait()


@asynccontextmanager
async def linked(
    serve: Server, decide: Decide = accept_ocpp16, *, limit_s: float = 5
) -> AsyncIterator[tuple[Link, Report]]:
    """A link to a server; it has come to its end when the block has been left."""
    transport, report = MemoryTransport(), Report()
    link = Link(OPEN, transport, report.post)

    async def handle(connection: Connection, _: UpgradeRequest) -> None:
        await serve(connection)

    async with transport.listen(handle, decide):
        with anyio.fail_after(limit_s):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(link.run)
                yield link, report


async def test_connection_is_asked_for_as_the_station_wants_it() -> None:
    """All that the core says of a connection reaches the transport, where it goes over and its headers too."""
    asked: list[ConnectRequest] = []

    class Nowhere:
        async def connect(self, request: ConnectRequest) -> Connection:
            asked.append(request)
            raise LinkFailure(FailureKind.REFUSED, "nobody there")

    headers = (("Authorization", b"Basic eA=="),)
    wanted = Open(8, "ws://a/CP1", ("ocpp1.6",), headers, local_address="10.0.0.5", interface="wwan0")
    report = Report()

    await Link(wanted, Nowhere(), report.post).run()

    [request] = asked
    assert request == ConnectRequest(
        "ws://a/CP1",
        ("ocpp1.6",),
        headers,
        open_timeout_s=OPEN_TIMEOUT_S,
        local_address="10.0.0.5",
        interface="wwan0",
    )
    assert [type(event) for event in report.events] == [LinkDown]


async def listen_to(connection: Connection) -> None:
    """Receive until the end."""
    while True:
        await connection.receive()


async def never_read(_: Connection) -> None:
    await anyio.sleep_forever()


async def test_texts_and_pongs_are_reported_in_order() -> None:
    async def serve(connection: Connection) -> None:
        await connection.send_text("one")
        assert await connection.receive() == "answer"
        await connection.send_text("two")
        await listen_to(connection)

    async with linked(serve) as (link, report):
        await report.until(TextReceived(7, "one"))
        link.put(SendText(7, "answer"))
        await report.until(TextReceived(7, "two"))
        link.put(Ping(7))
        await report.until(PongReceived(7))
        link.put(Close(7, 1001, "enough"))

    assert report.events == [
        LinkUp(7),
        TextReceived(7, "one"),
        TextReceived(7, "two"),
        PongReceived(7),
        LinkDown(7, "enough"),
    ]


async def test_close_comes_after_what_was_sent_before() -> None:
    heard: list[object] = []

    async def serve(connection: Connection) -> None:
        try:
            while True:
                heard.append(await connection.receive())
        except LinkFailure as failure:
            heard.append((failure.kind, failure.close_code, failure.close_reason))

    async with linked(serve) as (link, report):
        await report.until(LinkUp(7))
        for number in range(SEND_BUFFER - 1):
            link.put(SendText(7, str(number)))
        link.put(Close(7, 1001, "enough"))

    assert heard == [*map(str, range(SEND_BUFFER - 1)), (FailureKind.CLOSED_BY_PEER, 1001, "enough")]


async def refuse(_: UpgradeRequest) -> Refuse:
    return Refuse(401)


async def choose_nothing(_: UpgradeRequest) -> Accept:
    return Accept(None)


@pytest.mark.parametrize(
    ("decide", "reason"),
    [
        (refuse, "the server answered with HTTP 401 Unauthorized; check identity and password"),
        (
            choose_nothing,
            (
                "the server chose no subprotocol, offered were: ocpp1.6; "
                "check that the URL is that of an OCPP 1.6J endpoint"
            ),
        ),
    ],
)
async def test_connection_that_never_was_has_only_an_end(decide: Decide, reason: str) -> None:
    async with linked(listen_to, decide) as (_, report):
        pass

    assert report.events == [LinkDown(7, reason)]


async def test_nobody_listening_is_an_end_with_its_hint() -> None:
    report = Report()

    await Link(OPEN, MemoryTransport(), report.post).run()

    assert report.events == [
        LinkDown(7, "connection refused; check that the central system is running, and the port in the URL")
    ]


async def test_end_made_by_the_peer_is_told_in_its_words() -> None:
    async def restart(connection: Connection) -> None:
        await connection.close(1012, "restart")

    async with linked(restart) as (_, report):
        pass

    assert report.events == [
        LinkUp(7),
        LinkDown(7, "the peer closed the connection with code 1012 and the reason 'restart'"),
    ]


async def test_end_without_a_word_is_told_as_such() -> None:
    async def cut(connection: Connection) -> None:
        await connection.receive()
        await connection.aclose()

    async with linked(cut) as (link, report):
        await report.until(LinkUp(7))
        link.put(SendText(7, "hello"))

    assert report.events[1:] == [LinkDown(7, "the peer ended the connection without closing it properly")]


async def test_peer_that_has_stopped_reading_is_cut_at_once() -> None:
    async with linked(never_read) as (link, report):
        await report.until(LinkUp(7))
        for _ in range(SEND_BUFFER + 1):
            link.put(SendText(7, "more"))
        # Too late for anything.
        link.put(Close(7, 1001, "enough"))

    reason = f"the peer has stopped reading: {SEND_BUFFER} frames wait to be sent"
    assert report.events == [LinkUp(7), LinkDown(7, reason)]


@virtual_time
async def test_close_that_does_not_get_through_becomes_a_cut() -> None:
    """The frames before it may wait for a peer that has stopped reading, for as long as the transport allows."""
    async with linked(never_read, limit_s=60) as (link, report):
        await report.until(LinkUp(7))
        for frames in (SEND_BUFFER, SEND_BUFFER - 1):
            for _ in range(frames):
                link.put(SendText(7, "more"))
            await anyio.wait_all_tasks_blocked()
        put_at = anyio.current_time()
        link.put(Close(7, 1001, "enough"))

    assert anyio.current_time() - put_at == pytest.approx(CLOSE_TIMEOUT_S)
    assert report.events == [LinkUp(7), LinkDown(7, "enough")]


async def never_decide(_: UpgradeRequest) -> Accept:
    await anyio.sleep_forever()
    raise AssertionError


async def test_close_ends_the_opening() -> None:
    async with linked(listen_to, never_decide) as (link, report):
        await anyio.wait_all_tasks_blocked()
        link.put(Close(7, 1001, "enough"))

    assert report.events == [LinkDown(7, "enough")]


@virtual_time
async def test_opening_has_its_time() -> None:
    began = anyio.current_time()

    async with linked(listen_to, never_decide, limit_s=60) as (_, report):
        pass

    assert anyio.current_time() - began == pytest.approx(OPEN_TIMEOUT_S)
    assert [type(event) for event in report.events] == [LinkDown]


async def test_cancelled_link_lets_go_of_its_connection_without_a_word() -> None:
    """The power is cut: nobody is there to be told."""
    ends: list[FailureKind] = []
    transport, report = MemoryTransport(), Report()

    async def serve(connection: Connection, _: UpgradeRequest) -> None:
        try:
            await listen_to(connection)
        except LinkFailure as failure:
            ends.append(failure.kind)

    async with transport.listen(serve):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(Link(OPEN, transport, report.post).run)
            await report.until(LinkUp(7))
            tasks.cancel_scope.cancel()
        await anyio.wait_all_tasks_blocked()

    assert ends == [FailureKind.CUT]
    assert report.events == [LinkUp(7)]
