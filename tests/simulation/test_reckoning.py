"""The comparison at the end of a world: whatever is missing, doubled or wrong at the central system is found."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta

import pytest
from attrs import evolve

from ocpp16cp.features.transactions.messages import StartTransaction, StopTransaction
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.testing.world import HEALTHY, InvariantViolated, Likelihoods, World
from ocpp16cp.testing.world.journal import Account, Delivery, Journal
from ocpp16cp.testing.world.ledger import NAMELESS, Ledger
from ocpp16cp.testing.world.reckoning import compare, weigh
from ocpp16cp.wire.types import Reason


@pytest.fixture(scope="module")
def world() -> World:
    """An hour with several transactions, at peace."""
    lived = World(3, likelihoods=Likelihoods(action_s=10.0), faults=HEALTHY)
    lived.run()
    assert len(lived.central_system.ledger.entries) > 2
    return lived


@pytest.fixture
def journal(world: World) -> Journal:
    return copy.deepcopy(world.site.invariants.journal)


@pytest.fixture
def ledger(world: World) -> Ledger:
    return copy.deepcopy(world.central_system.ledger)


def _lose(ledger: Ledger) -> None:
    del ledger.entries[1]


def _double(ledger: Ledger) -> None:
    ledger.entries[99] = evolve(ledger.entries[1], transaction_id=99, stop=None)


def _double_whole(ledger: Ledger) -> None:
    ledger.entries[99] = evolve(ledger.entries[1], transaction_id=99)


def _leave_open(ledger: Ledger) -> None:
    ledger.entries[1].stop = None


def _misdate(ledger: Ledger) -> None:
    start = ledger.entries[1].start
    ledger.entries[1].start = evolve(start, timestamp=start.timestamp + timedelta(milliseconds=1))


def _take_for_another(ledger: Ledger) -> None:
    stop = ledger.entries[1].stop
    assert stop is not None
    ledger.entries[1].stop = evolve(stop, meter_stop=stop.meter_stop + 1)


def _invent(ledger: Ledger) -> None:
    stop = ledger.entries[1].stop
    assert stop is not None
    ledger.nameless.append(evolve(stop, transaction_id=NAMELESS))


@pytest.mark.parametrize(
    ("mistake", "complaint"),
    [
        (_lose, "not known under its id"),
        (_double, "known more than once"),
        (_double_whole, "under an id that the station had not taken"),
        (_leave_open, "not ended as the station said"),
        (_misdate, "not known under its id"),
        (_take_for_another, "not ended as the station said"),
        (_invent, "of no transaction of the station"),
    ],
)
def test_a_wrong_ledger_is_found(
    journal: Journal, ledger: Ledger, mistake: Callable[[Ledger], None], complaint: str
) -> None:
    compare(journal, ledger)

    mistake(ledger)

    with pytest.raises(InvariantViolated, match=complaint):
        compare(journal, ledger)


def test_an_end_that_was_given_up_may_be_missing(journal: Journal, ledger: Ledger) -> None:
    """And only that one."""
    number = next(number for number, account in journal.accounts.items() if account.transaction_id == 1)
    journal.accounts[number].stop_delivery = Delivery.DISCARDED
    _leave_open(ledger)

    compare(journal, ledger)

    ledger.entries[2].stop = None
    with pytest.raises(InvariantViolated, match="not ended as the station said"):
        compare(journal, ledger)


def test_a_begin_that_was_given_up_may_be_missing(journal: Journal, ledger: Ledger) -> None:
    """Its end comes under the id -1 then (errata 3.18)."""
    account = next(account for account in journal.accounts.values() if account.transaction_id == 1)
    assert account.stop is not None
    account.start_delivery = Delivery.DISCARDED
    account.transaction_id = NAMELESS
    account.stop = evolve(account.stop, transaction_id=NAMELESS)
    del ledger.entries[1]

    with pytest.raises(InvariantViolated, match="not ended under the id -1"):
        compare(journal, ledger)

    ledger.nameless.append(account.stop)
    compare(journal, ledger)


def test_an_entry_that_was_forgotten_may_stand_there_twice(journal: Journal, ledger: Ledger) -> None:
    _double(ledger)
    ledger.entries[99].is_forgotten = True

    compare(journal, ledger)


def test_two_transactions_of_one_instant_are_two() -> None:
    """A lock that takes no time: ended by an unlocking and begun again by a remote start, all within a millisecond."""
    start = StartTransaction(connector_id=1, id_tag="BOB", meter_start=1000, timestamp=BEGINNING)
    journal, ledger = Journal(queue_limit=100), Ledger()
    for number, (energy_wh, reason) in enumerate([(0, Reason.UNLOCK_COMMAND), (500, Reason.LOCAL)]):
        stop = StopTransaction(
            meter_stop=1000 + energy_wh, timestamp=BEGINNING, transaction_id=number, id_tag="BOB", reason=reason
        )
        assert ledger.start(start) == ledger.start(start) == number
        assert ledger.stop(stop)
        journal.accounts[number] = Account(start, Delivery.ANSWERED, number, stop, Delivery.ANSWERED)

    compare(journal, ledger)


def test_a_watt_hour_of_no_transaction_is_found(journal: Journal) -> None:
    told_wh = sum(
        account.stop.meter_stop - account.start.meter_start
        for account in journal.accounts.values()
        if account.start.connector_id == 1 and account.stop is not None
    )

    weigh(journal, {1: told_wh})

    with pytest.raises(InvariantViolated, match=f"{told_wh + 1} Wh metered, {told_wh} Wh told"):
        weigh(journal, {1: told_wh + 1})
