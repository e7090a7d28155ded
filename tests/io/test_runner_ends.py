"""How runs end, and how connections do while one goes on: on asyncio and on trio, without sockets."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import anyio
import pytest
from attrs import define, evolve

from ocpp16cp.driver.interface import DriverEvent, HardwareFailure
from ocpp16cp.driver.simulated import CutPower, PlugIn, PresentCard
from ocpp16cp.errors import UsageError
from ocpp16cp.events import CardPresented, Woke
from ocpp16cp.features.configuration.messages import GetConfiguration
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import StartTransaction
from ocpp16cp.io.link import OPEN_TIMEOUT_S, SEND_BUFFER
from ocpp16cp.io.runner import EVENT_BUFFER
from ocpp16cp.io.serving import Accept, Refuse, UpgradeRequest
from ocpp16cp.io.simulated import SimulatedDriver
from ocpp16cp.io.transport import Connection, FailureKind
from ocpp16cp.kernel.records import RecordUnreadable
from ocpp16cp.outcome import LinkEstablished, LinkLost, TransactionStarted, Write
from ocpp16cp.store.interface import StoreError, StoreFull
from tests.io.station_rig import (
    CAR,
    LIMIT_S,
    STATION,
    Backend,
    RecordingStore,
    Rig,
    backend_named,
    begin_session,
    begins_transaction,
    configured,
    make_rig,
    virtual_time,
)

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> Backend:
    return backend_named(request.param)


MORE_THAN_THE_PEER_HOLDS = SEND_BUFFER + 10
"""The connection in memory holds as many frames as the link does."""


async def run_to_its_end(rig: Rig) -> None:
    """Run until something fails, or the test does."""
    with anyio.fail_after(LIMIT_S):
        await rig.runner.run()


# Orderly


async def test_stop_closes_the_link_with_1001_and_the_run_returns() -> None:
    rig = make_rig()

    async with rig.listening():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run_to_its_end, rig)
            await rig.until_seen(StatusNotification, times=3)
            await rig.runner.stop()
        await rig.until(lambda: len(rig.ends) == 1)

    assert (rig.ends[0].kind, rig.ends[0].close_code) == (FailureKind.CLOSED_BY_PEER, 1001)
    assert rig.runner.charge_point is None
    assert rig.noticed(LinkLost) == []


async def test_stop_needs_no_central_system() -> None:
    rig = make_rig(configured(RetryBackOffWaitMinimum=600))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run_to_its_end, rig)
        lost = await rig.until_noticed(LinkLost)
        await rig.runner.stop()

    assert lost == LinkLost(
        "connection refused; check that the central system is running, and the port in the URL", 600.0
    )


async def test_stop_needs_no_url() -> None:
    rig = make_rig(evolve(STATION, central_system_url=""))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run_to_its_end, rig)
        await rig.until(lambda: bool(rig.notices))
        await rig.runner.stop()

    assert rig.connections == []


async def test_stop_does_not_wait_for_a_connection_to_open() -> None:
    rig = make_rig()
    asked = anyio.Event()

    async def never_decide(_: UpgradeRequest) -> Accept:
        asked.set()
        await anyio.sleep_forever()
        raise AssertionError

    async with rig.listening(never_decide), anyio.create_task_group() as tasks:
        tasks.start_soon(run_to_its_end, rig)
        with anyio.fail_after(LIMIT_S):
            await asked.wait()
        await rig.runner.stop()

    assert LIMIT_S < OPEN_TIMEOUT_S


@virtual_time
async def test_stop_does_not_wait_for_ever_for_a_peer_that_has_stopped_reading() -> None:
    rig = make_rig()

    async with rig.transport.listen(Unreading(rig, MORE_THAN_THE_PEER_HOLDS)), anyio.create_task_group() as tasks:
        tasks.start_soon(run_to_its_end, rig)
        await rig.until(lambda: len(rig.frames) > 2 * MORE_THAN_THE_PEER_HOLDS)
        await rig.runner.stop()

    assert rig.noticed(LinkLost) == []


async def test_stop_twice_is_no_harm() -> None:
    rig = make_rig()

    async with rig.running():
        await rig.until_seen(StatusNotification, times=3)
        await rig.runner.stop()


# By a failure


async def test_failed_commit_ends_the_run_and_leaves_nothing_of_its_event() -> None:
    store = RecordingStore(failure=StoreFull("no room"), fails_on=begins_transaction)
    rig = make_rig(store=store)

    async with rig.listening():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(plug_in_and_present_card, rig)
            with pytest.raises(StoreFull, match="no room"):
                await run_to_its_end(rig)
        await rig.until(lambda: len(rig.ends) == 1)

    assert rig.central_system.seen_of(StartTransaction) == []
    assert not any("StartTransaction" in text for _, text in rig.frames)
    assert rig.noticed(TransactionStarted) == []
    assert not rig.driver.station.is_on(1)
    assert not any(begins_transaction(batch) for batch in store.batches)
    assert rig.ends[0].kind is FailureKind.CUT


async def plug_in_and_present_card(rig: Rig) -> None:
    """What begins a transaction."""
    await rig.until_seen(StatusNotification, times=3)
    rig.act(PlugIn(1, CAR), PresentCard("CARD-1"))


async def test_failed_first_commit_lets_nothing_out() -> None:
    store = RecordingStore(failure=StoreFull("no room"), fails_on=lambda _: True)
    rig = make_rig(store=store)

    async with rig.listening():
        with pytest.raises(StoreFull, match="no room"):
            await run_to_its_end(rig)

    assert [*rig.connections, *rig.notices, *rig.frames] == []
    assert rig.driver.station.shown(1) is None


async def test_failure_is_told_alone_however_many_events_wait() -> None:
    """Those who wait to report something have nothing to add: not the driver, and nobody outside."""
    store = RecordingStore(failure=StoreFull("no room"), fails_on=begins_transaction)
    rig = make_rig(store=store)
    refused = []

    async def post_for_ever() -> None:
        while True:
            await rig.runner.post(Woke())

    async def post() -> None:
        with pytest.raises(UsageError, match="not running"):
            await post_for_ever()
        refused.append(True)

    async def flood() -> None:
        await plug_in_and_present_card(rig)
        rig.act(*(PresentCard("CARD-2", reader=1) for _ in range(2 * EVENT_BUFFER)))
        async with anyio.create_task_group() as posting:
            for _ in range(3):
                posting.start_soon(post)

    async with rig.listening(), anyio.create_task_group() as tasks:
        tasks.start_soon(flood)
        with pytest.raises(StoreFull, match="no room"):
            await run_to_its_end(rig)

    assert refused == [True, True, True]


async def test_store_that_cannot_be_read_ends_the_run_before_it_began() -> None:
    class Unreadable(RecordingStore):
        def load(self) -> tuple[Write, ...]:
            raise StoreError("no disk")

    rig = make_rig(store=Unreadable())

    with pytest.raises(StoreError, match="no disk"):
        await run_to_its_end(rig)


async def test_record_that_cannot_be_read_ends_the_run_before_it_began() -> None:
    store = RecordingStore()
    store.memory.commit([Write("kernel.outbox", "1", "nonsense")])
    rig = make_rig(store=store)

    with pytest.raises(RecordUnreadable, match=r"kernel\.outbox"):
        await run_to_its_end(rig)


async def test_url_that_cannot_be_used_ends_the_run() -> None:
    rig = make_rig(evolve(STATION, central_system_url="http://example"))

    with pytest.raises(UsageError, match="central_system_url"):
        await run_to_its_end(rig)


async def test_board_without_power_ends_the_run_before_it_began() -> None:
    rig = make_rig()
    rig.act(CutPower())

    async with rig.listening():
        with pytest.raises(HardwareFailure, match="no power"):
            await run_to_its_end(rig)

    assert rig.connections == []


class EndingDriver(SimulatedDriver):
    """Has nothing more to report once a card is presented."""

    async def events(self) -> AsyncGenerator[DriverEvent, None]:
        async with aclosing(super().events()) as events:
            async for event in events:
                yield event
                if isinstance(event, CardPresented):
                    return


class LosingDriver(SimulatedDriver):
    """Loses its board when a card is presented."""

    async def events(self) -> AsyncGenerator[DriverEvent, None]:
        async with aclosing(super().events()) as events:
            async for event in events:
                yield event
                if isinstance(event, CardPresented):
                    raise HardwareFailure(text="the bus is dead")


class RaisingDriver(SimulatedDriver):
    """Breaks its promise never to raise from a level."""

    async def set_output(self, connector_id: int, *, is_on: bool) -> None:
        if is_on:
            raise ValueError("relay")
        await super().set_output(connector_id, is_on=is_on)


@pytest.mark.parametrize(
    ("driver_class", "error", "text"),
    [
        pytest.param(EndingDriver, HardwareFailure, "the driver's events have ended", id="events end"),
        pytest.param(LosingDriver, HardwareFailure, "the bus is dead", id="board lost"),
        pytest.param(RaisingDriver, ValueError, "^relay$", id="level raises"),
    ],
)
async def test_driver_that_fails_ends_the_run(
    driver_class: Callable[..., SimulatedDriver], error: type[Exception], text: str
) -> None:
    rig = make_rig(driver_class=driver_class)

    async with rig.listening(), anyio.create_task_group() as tasks:
        tasks.start_soon(plug_in_and_present_card, rig)
        with pytest.raises(error, match=text):
            await run_to_its_end(rig)

    assert rig.runner.charge_point is None


# Connections, while the run goes on


@define
class Unreading:
    """A central system that accepts the station, then asks and asks and reads no answer; the second time it is well."""

    _rig: Rig
    _questions: int

    async def __call__(self, connection: Connection, request: UpgradeRequest) -> None:
        if self._rig.connections:
            await self._rig.look_after(connection, request)
        self._rig.connections.append(connection)
        boot = await connection.receive()
        assert isinstance(boot, str)
        for reply in self._rig.take(boot):
            await connection.send_text(reply.text)
        for _ in range(self._questions):
            await connection.send_text(self._rig.central_system.call(GetConfiguration())[1])
        await anyio.sleep_forever()


async def test_peer_that_stops_reading_is_cut_and_connected_to_again() -> None:
    """Nothing is waited for towards the link: what piles up is bounded."""
    rig = make_rig()

    async with (
        rig.transport.listen(Unreading(rig, MORE_THAN_THE_PEER_HOLDS + SEND_BUFFER)),
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(run_to_its_end, rig)
        lost = await rig.until_noticed(LinkLost)
        await rig.until_seen(StatusNotification, times=3)
        await rig.runner.stop()

    assert lost.reason == f"the peer has stopped reading: {SEND_BUFFER} frames wait to be sent"


async def test_each_connection_is_mourned_once_whatever_becomes_of_it() -> None:
    """One attempt after the other, each with its own end; the next one comes only when the one before was reported."""
    rig = make_rig()
    fates = ["refused", "closed", "cut", "no subprotocol"]

    async def decide(request: UpgradeRequest) -> Accept | Refuse:
        match fates[0] if fates else "":
            case "refused":
                fates.pop(0)
                return Refuse(404)
            case "no subprotocol":
                fates.pop(0)
                return Accept(None)
            case _:
                return Accept()

    async def look_after(connection: Connection, request: UpgradeRequest) -> None:
        match fates.pop(0) if fates else "":
            case "closed":
                await connection.close(1012, "restart")
            case "cut":
                await connection.aclose()
            case _:
                await rig.look_after(connection, request)

    async with rig.transport.listen(look_after, decide), anyio.create_task_group() as tasks:
        tasks.start_soon(run_to_its_end, rig)
        await rig.until_seen(StatusNotification, times=3)
        await begin_session(rig)
        await rig.runner.stop()

    assert [lost.reason.partition(";")[0] for lost in rig.noticed(LinkLost)] == [
        "the server answered with HTTP 404 Not Found",
        "the peer closed the connection with code 1012 and the reason 'restart'",
        "the peer ended the connection without closing it properly",
        "the server chose no subprotocol, offered were: ocpp1.6",
    ]
    assert len(rig.noticed(LinkEstablished)) == 3
