"""Long outages: many transactions begun and ended offline, told whole and in order afterwards (§3.7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from attrs import evolve, frozen

from ocpp16cp.events import StartCause, StopPressed
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStopTransaction,
    RemoteStopTransactionConf,
    StartTransaction,
    StopTransaction,
)
from ocpp16cp.outcome import MessageDiscarded
from ocpp16cp.testing import Playbook, ScriptedCentralSystem
from ocpp16cp.testing.central_system import SILENCE, USUAL, Behaviour, Late, Refusal
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.types import AuthorizationStatus, IdTagInfo, Reason
from tests.features.stations import SINGLE, STATION, configured

FIRST_ID = 500


@frozen
class Told:
    """A transaction as the central system got to know it."""

    start: StartTransaction
    transaction_id: int
    samples: tuple[MeterValues, ...]
    stop: StopTransaction


def outage(play: Playbook, transactions: int, *, samples: int = 2) -> None:
    """Charge and unplug so many times, each with a card of its own and so many samples."""
    for number in range(transactions):
        play.plug_in(1)
        play.present_card(f"TAG{number}")
        for _ in range(samples):
            play.advance(30)
            play.deliver(1, 10)
        play.happens(StopPressed(1))
        play.unplug(1)
        play.advance(5)


def told(play: Playbook) -> Iterator[Told]:
    """What came of one connector, transaction by transaction; whatever is out of order fails."""
    messages = [
        each for each in play.central_system.seen if isinstance(each, StartTransaction | MeterValues | StopTransaction)
    ]
    ids = iter(range(FIRST_ID, FIRST_ID + 1000))
    while messages:
        start = messages.pop(0)
        assert isinstance(start, StartTransaction)
        samples = []
        while isinstance(sample := messages.pop(0), MeterValues):
            samples.append(sample)
        assert isinstance(sample, StopTransaction)
        yield Told(start, next(ids), tuple(samples), sample)


def playbook(*, has_clock: bool = True, **keys: object) -> Playbook:
    """A dialogue whose transactions are numbered from `FIRST_ID`."""
    central_system = ScriptedCentralSystem(first_transaction_id=FIRST_ID)
    return Playbook(configured(SINGLE, **keys), central_system=central_system, has_clock=has_clock)


def left_over(play: Playbook) -> set[str]:
    """The tables on disk that hold something of a transaction, beside the count of them."""
    tables = {write.table for write in play.disk if write.table.startswith(("transactions.", "kernel.outbox"))}
    return tables - {"transactions.number"}


@pytest.mark.parametrize(("cuts", "has_clock"), [(0, True), (3, True), (3, False)])
def test_backlog_of_many_transactions_is_told_in_order(cuts: int, has_clock: bool) -> None:
    """Each with its own id, its own times and registers; over power cuts as well. Nothing is left over."""
    with playbook(has_clock=has_clock) as play:
        play.boot()
        play.drop_link()
        for _ in range(cuts):
            outage(play, 5)
            play.power_cut(cause=StartCause.WATCHDOG)
        outage(play, 20 - 5 * cuts)
        play.restore_link()
        play.skip()

        known = list(told(play))
        assert len(known) == 20
        register_wh, at = 1000, BEGINNING
        for each in known:
            assert each.start.meter_start == register_wh
            assert each.start.timestamp >= at
            assert {sample.transaction_id for sample in each.samples} == {each.transaction_id}
            assert [sample.meter_value[0].timestamp - each.start.timestamp for sample in each.samples] == [
                timedelta(seconds=30),
                timedelta(seconds=60),
            ]
            assert each.stop.transaction_id == each.transaction_id
            assert each.stop.meter_stop == each.start.meter_start + 20
            register_wh, at = each.stop.meter_stop, each.stop.timestamp
        assert left_over(play) == set()


def test_backlog_of_two_connectors_keeps_the_order_of_events() -> None:
    """One queue for the whole station."""
    with Playbook(configured(STATION, MeterValueSampleInterval=0)) as play:
        play.boot()
        play.drop_link()
        play.plug_in(1)
        play.present_card("ONE")
        play.advance(1)
        play.plug_in(2)
        play.present_card("TWO")
        play.advance(1)
        play.happens(StopPressed(1))
        play.unplug(1)
        play.advance(1)
        play.plug_in(1)
        play.present_card("THREE")
        play.advance(1)
        play.happens(StopPressed(2))
        play.restore_link()
        play.skip()

        messages = [each for each in play.central_system.seen if isinstance(each, StartTransaction | StopTransaction)]
        assert [each.id_tag if isinstance(each, StartTransaction) else each.transaction_id for each in messages] == [
            "ONE",
            "TWO",
            1,
            "THREE",
            2,
        ]
        assert sorted(each.timestamp for each in messages) == [each.timestamp for each in messages]


def test_running_transaction_is_known_by_its_id_after_the_backlog() -> None:
    """Begun in the outage behind others: it can be stopped remotely as soon as its id is known."""
    with playbook() as play:
        play.boot()
        play.drop_link()
        outage(play, 3)
        play.plug_in(1)
        play.present_card("TAG")
        play.restore_link()
        play.skip()

        answer = play.send(RemoteStopTransaction(transaction_id=FIRST_ID + 3), RemoteStopTransactionConf)
        assert answer.status is RemoteStartStopStatus.ACCEPTED
        play.skip()
        assert play.central_system.seen_of(StopTransaction)[-1].reason is Reason.REMOTE


def test_central_system_that_breaks_off_again_and_again_gets_all_once_answered() -> None:
    """Each connection takes a few messages: what was answered is not sent again."""
    with playbook() as play:
        play.boot()
        play.drop_link()
        outage(play, 6)
        breaking: list[Behaviour] = [SILENCE, USUAL]
        play.central_system.answer(StartTransaction, *breaking * 5, USUAL)
        for _ in range(5):
            play.restore_link()
            play.drop_link()
        play.restore_link()
        play.skip()

        stops = play.central_system.seen_of(StopTransaction)
        assert [each.transaction_id for each in stops] == list(range(FIRST_ID, FIRST_ID + 6))
        assert left_over(play) == set()


@pytest.mark.parametrize("behaviour", [Late(20), Late(29)])
def test_slow_central_system_gets_one_after_the_other(behaviour: Behaviour) -> None:
    """The head is answered before the next goes out."""
    with playbook(MeterValueSampleInterval=0) as play:
        play.central_system.interval_s = 100_000
        play.boot()
        play.drop_link()
        outage(play, 3)
        play.central_system.answer(StartTransaction, behaviour)
        play.central_system.answer(StopTransaction, behaviour)
        play.restore_link()
        play.advance(29 * 6)
        play.skip()

        at = [entry.at for entry in play.entries if isinstance(entry.item, StartTransaction | StopTransaction)]
        assert len(at) == 6
        assert min(later - earlier for earlier, later in pairwise(at)) >= 20
        assert [each.transaction_id for each in play.central_system.seen_of(StopTransaction)] == [500, 501, 502]


def test_start_that_is_refused_thrice_costs_only_its_own_id() -> None:
    """Errata 3.18: its samples and its end bear -1; those behind it have ids of their own."""
    with playbook() as play:
        play.central_system.interval_s = 100_000
        play.boot()
        play.drop_link()
        outage(play, 3)
        play.central_system.answer(StartTransaction, USUAL, Refusal(), Refusal(), Refusal(), USUAL)
        play.restore_link()
        play.advance(300)
        play.expect(MessageDiscarded, action="StartTransaction")
        play.skip()

        stops = play.central_system.seen_of(StopTransaction)
        assert [each.transaction_id for each in stops] == [FIRST_ID, -1, FIRST_ID + 1]
        samples = play.central_system.seen_of(MeterValues)
        assert [each.transaction_id for each in samples] == [FIRST_ID] * 2 + [-1] * 2 + [FIRST_ID + 1] * 2
        assert left_over(play) == set()


def test_cards_that_are_refused_after_the_outage_change_only_the_cache() -> None:
    """All of them have ended long ago: nothing is stopped, and each card is asked about the next time."""
    with playbook() as play:
        play.boot()
        play.drop_link()
        outage(play, 3)
        for number in range(3):
            play.central_system.cards[f"TAG{number}"] = IdTagInfo(status=AuthorizationStatus.BLOCKED)
        play.restore_link()
        play.skip()

        assert {each.stop.reason for each in told(play)} == {Reason.LOCAL}
        assert left_over(play) == set()


def test_backlog_is_bounded_and_keeps_begin_and_end() -> None:
    """A full queue is thinned out in the middle of transactions, never at their ends."""
    station = configured(SINGLE, MeterValueSampleInterval=10)
    station = evolve(station, settings=evolve(station.settings, queue_limit=30))
    with Playbook(station, central_system=ScriptedCentralSystem(first_transaction_id=FIRST_ID)) as play:
        play.boot()
        play.drop_link()
        outage(play, 10, samples=10)
        assert len([write for write in play.disk if write.table.startswith("kernel.outbox")]) <= 32
        play.restore_link()
        play.skip()

        known = list(told(play))
        assert [each.stop.transaction_id for each in known] == list(range(FIRST_ID, FIRST_ID + 10))
        assert [each.stop.meter_stop - each.start.meter_start for each in known] == [100] * 10
