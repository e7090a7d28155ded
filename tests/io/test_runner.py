"""The runner with everything around it, on asyncio and on trio, without sockets."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import pairwise

import anyio
import pytest
from anyio import from_thread
from attrs import define, evolve, field

from ocpp16cp.driver.simulated import JamLock, LockFault, PlugIn, PresentCard
from ocpp16cp.errors import UsageError
from ocpp16cp.events import ClockSet, Woke
from ocpp16cp.features.boot.messages import BootNotification, Heartbeat
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import StartTransaction, StopTransaction
from ocpp16cp.io.link import Direction
from ocpp16cp.outcome import HardwareMisreport, Notice, StartAbandoned, Write
from ocpp16cp.station import Settings
from ocpp16cp.wire.types import Reason
from tests.io.station_rig import (
    CAR,
    LIMIT_S,
    STATION,
    Backend,
    RecordingStore,
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


async def test_whole_session_by_card() -> None:
    rig = make_rig(configured(MeterValueSampleInterval=1), meter_period_s=0.1)

    async with rig.running():
        await begin_session(rig)
        await rig.until_seen(MeterValues)
        rig.act(PresentCard("CARD-1"))
        await rig.until_seen(StopTransaction)

    (start,) = rig.central_system.seen_of(StartTransaction)
    (stop,) = rig.central_system.seen_of(StopTransaction)
    assert (stop.transaction_id, stop.id_tag, stop.reason) == (1, "CARD-1", Reason.LOCAL)
    assert start.meter_start < stop.meter_stop == rig.driver.station.reading(1).register_wh


async def test_what_is_said_is_on_disk_before() -> None:
    """A power cut right after any frame or notice finds the store as the core is."""
    rig = make_rig()
    equal = []

    def compare(*_: object) -> None:
        assert rig.runner.charge_point is not None
        memory = {(write.table, write.key): write.text for write in rig.runner.charge_point.records()}
        disk = {(write.table, write.key): write.text for write in rig.store.load()}
        equal.append(memory == disk)

    def note(notice: Notice) -> None:
        compare()
        rig.note(notice)

    rig.runner.on_frame, rig.runner.on_notice = compare, note
    async with rig.running():
        await begin_session(rig)

    assert len(equal) > 10
    assert all(equal)


async def test_one_event_is_one_batch() -> None:
    """A transaction, its number, its message and what else begins with it are never apart."""
    store = RecordingStore()
    rig = make_rig(store=store)

    async with rig.running():
        await begin_session(rig)

    batch = next(filter(begins_transaction, store.batches))
    assert {"transactions.transactions", "transactions.number", "kernel.outbox"} <= {write.table for write in batch}


async def test_events_are_dealt_with_in_order() -> None:
    rig = make_rig()
    # Each is refused by name: no idTag has 21 characters.
    cards = [f"{number:021}" for number in range(1000)]

    async with rig.running():
        await rig.until_seen(StatusNotification, times=3)
        for card in cards:
            rig.act(PresentCard(card))
        await rig.until_noticed(HardwareMisreport, times=len(cards))

    refused = [notice.reason for notice in rig.noticed(HardwareMisreport)]
    assert all(card in reason for card, reason in zip(cards, refused, strict=True))


async def test_frames_are_shown_as_they_pass() -> None:
    rig = make_rig()

    async with rig.running():
        await rig.until_seen(StatusNotification, times=3)

    assert [direction for direction, _ in rig.frames[:4]] == [Direction.SENT, Direction.RECEIVED] * 2
    assert '"BootNotification"' in rig.frames[0][1]
    assert '"Accepted"' in rig.frames[1][1]


async def test_clock_set_by_the_application_shows_in_time_stamps() -> None:
    rig = make_rig()

    async with rig.running():
        await rig.until_seen(StatusNotification, times=3)
        before = rig.central_system.seen_of(StatusNotification)[-1].timestamp
        assert before is not None
        later = before.replace(year=before.year + 1)
        await rig.runner.set_clock(ClockSet(later))
        rig.act(PlugIn(1, CAR))
        await rig.until_seen(StatusNotification, times=4)

    after = rig.central_system.seen_of(StatusNotification)[-1].timestamp
    assert after is not None
    assert after >= later


async def test_running_twice_is_refused() -> None:
    rig = make_rig()

    async with rig.running():
        await rig.until_seen(StatusNotification, times=3)
        with pytest.raises(UsageError, match="running already"):
            await rig.runner.run()
        # The first run has not suffered.
        await begin_session(rig)


async def test_events_are_for_a_station_that_runs() -> None:
    rig = make_rig()

    with pytest.raises(UsageError, match="not running"):
        await rig.runner.post(Woke())
    with pytest.raises(UsageError, match="not running"):
        await rig.runner.stop()


async def test_session_goes_on_in_the_next_run_as_after_a_power_cut() -> None:
    rig = make_rig()
    async with rig.running():
        await begin_session(rig)
    assert not rig.driver.station.is_on(1)

    async with rig.running():
        await rig.until_seen(StopTransaction)

    (stop,) = rig.central_system.seen_of(StopTransaction)
    # The first run may not have lived to take the answer that named the transaction: then it asked again.
    assert stop.transaction_id == rig.central_system.transaction_id
    assert (stop.reason, stop.id_tag) == (Reason.POWER_LOSS, None)


@define(eq=False)
class SlowStore(RecordingStore):
    """Waits for its disk in the middle of the batch that begins a transaction."""

    blocking: bool = True
    entered: anyio.Event = field(factory=anyio.Event)
    gate: threading.Event = field(factory=threading.Event)
    threads: set[int] = field(factory=set)

    def commit(self, writes: Sequence[Write]) -> None:
        self.threads.add(threading.get_ident())
        if begins_transaction(writes):
            from_thread.run_sync(self.entered.set)
            assert self.gate.wait(LIMIT_S)
        super().commit(writes)


async def test_slow_store_holds_up_nothing_but_what_depends_on_it() -> None:
    store = SlowStore()
    rig = make_rig(store=store)

    async with rig.running():
        await rig.until_seen(StatusNotification, times=3)
        rig.act(PlugIn(1, CAR), PresentCard("CARD-1"))
        with anyio.fail_after(LIMIT_S):
            await store.entered.wait()
        await rig.driver.wait_until(lambda station: not station.is_on(1))
        early = rig.central_system.seen_of(StartTransaction)
        store.gate.set()
        await rig.until_seen(StartTransaction)

    assert early == []
    assert threading.get_ident() not in store.threads


async def test_store_that_does_not_block_is_called_without_a_thread() -> None:
    """A worker thread would let a mock clock run away."""
    store = SlowStore(blocking=False)
    rig = make_rig(store=store)

    async with rig.running():
        await rig.until_seen(StatusNotification, times=3)

    assert store.threads == {threading.get_ident()}


async def test_cancellation_during_a_commit_leaves_a_whole_batch() -> None:
    store = SlowStore()
    rig = make_rig(store=store)

    async with rig.listening(), anyio.create_task_group() as tasks:
        tasks.start_soon(rig.runner.run)
        await rig.until_seen(StatusNotification, times=3)
        rig.act(PlugIn(1, CAR), PresentCard("CARD-1"))
        with anyio.fail_after(LIMIT_S):
            await store.entered.wait()
        before = len(store.batches)
        tasks.cancel_scope.cancel()
        store.gate.set()

    assert [begins_transaction(batch) for batch in store.batches[before:]] == [True]
    assert rig.central_system.seen_of(StartTransaction) == []


async def test_driver_that_never_answers_holds_up_nobody() -> None:
    rig = make_rig(evolve(STATION, settings=Settings(lock_timeout_s=0.05)))

    async with rig.running():
        await rig.until_seen(StatusNotification, times=3)
        rig.act(JamLock(2, LockFault.SILENT), PlugIn(2, CAR), PresentCard("CARD-2", reader=1))
        abandoned = await rig.until_noticed(StartAbandoned)
        await begin_session(rig)

    assert abandoned == StartAbandoned(2, "CARD-2", "the plug could not be locked")


async def test_core_wakes_by_itself() -> None:
    rig = make_rig()
    rig.central_system.interval_s = 1

    async with rig.running():
        await rig.until_seen(Heartbeat)

    (booted,), (beat, *_) = rig.times_of(BootNotification), rig.times_of(Heartbeat)
    assert beat - booted >= 1


@virtual_time
async def test_core_wakes_on_time() -> None:
    rig = make_rig(meter_period_s=None)
    rig.central_system.interval_s = 600

    async with rig.running():
        await rig.until_seen(Heartbeat, times=7, limit_s=4300)

    times = rig.times_of(Heartbeat)
    waits = [after - before for before, after in pairwise(times)]
    assert waits == pytest.approx([600] * 6)


@virtual_time
async def test_samples_are_taken_on_the_grid_while_other_events_come() -> None:
    rig = make_rig(configured(MeterValueSampleInterval=20), meter_period_s=0.7)

    async with rig.running():
        await begin_session(rig)
        await rig.until_seen(MeterValues, times=6, limit_s=200)

    (started,) = rig.times_of(StartTransaction)
    assert [time - started for time in rig.times_of(MeterValues)] == pytest.approx([20, 40, 60, 80, 100, 120])
