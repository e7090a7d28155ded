"""Transactions through outages, CALLERRORs and late answers, against a central system made with the package `ocpp`.

Over sockets, on asyncio and on trio. A central system that is killed in mid-session is dealt with in
`test_ocpp_package.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import pytest

from ocpp16cp.driver.simulated import PlugIn, PresentCard, Unplug
from ocpp16cp.outcome import CallFailed, FrameRefused, MessageDiscarded, TransactionStarted, TransactionStopped
from tests.interop.foreign import (
    CAR,
    TRANSACTION_MESSAGES,
    Message,
    Ocpp,
    Site,
    by_transaction,
    in_order_without_repetitions,
    registers_wh,
    site,
    timestamps,
    without_ids,
)
from tests.interop.programs import running

pytestmark = pytest.mark.anyio

BACKLOG = 30
"""At least so many transaction messages wait for the end of a long outage."""


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def central_system() -> Iterator[Ocpp]:
    """One program for all tests that do not end it; each has a station of its own name."""
    ocpp = Ocpp()
    with running(ocpp.program):
        yield ocpp


def heard(at: Site, *central_systems: Ocpp) -> list[Message]:
    """The transaction messages as they arrived, repetitions included."""
    return [message for each in central_systems for message in each.calls(at.identity, *TRANSACTION_MESSAGES)]


def check_complete(at: Site, messages: Sequence[Message]) -> None:
    """All that was ever queued has arrived, in its order, and the station keeps nothing of it."""
    assert without_ids(messages) == without_ids(at.store.owed)
    left = {table for table, _ in at.store.snapshot()}
    assert left & {"kernel.outbox", "transactions.transactions", "transactions.ids"} == set()


def check_session(messages: Sequence[Message]) -> None:
    """The messages of one transaction tell of one session of one card, in the order of time."""
    (first, start), (last, stop) = messages[0], messages[-1]
    assert (first, last) == ("StartTransaction", "StopTransaction")
    assert {action for action, _ in messages[1:-1]} <= {"MeterValues"}
    assert start["idTag"] == stop["idTag"]
    assert registers_wh(messages) == sorted(registers_wh(messages))
    assert start["meterStart"] < stop["meterStop"]
    assert timestamps(messages) == sorted(timestamps(messages))
    assert start["timestamp"] < stop["timestamp"]


def check_one_after_the_other(sessions: Sequence[Sequence[Message]]) -> None:
    """What was told of one connector, session by session, is in the order of time, and so is its meter."""
    messages = [message for session in sessions for message in session]
    assert registers_wh(messages) == sorted(registers_wh(messages))
    assert timestamps(messages) == sorted(timestamps(messages))


def has_begun(at: Site, transactions: int) -> bool:
    """Whether so many have begun in all."""
    return len(at.noticed(TransactionStarted)) == transactions


async def begin(at: Site, cards: Sequence[str]) -> None:
    """Cars come to the first connectors, each with a card of its own, and begin to charge."""
    before = len(at.noticed(TransactionStarted))
    for connector_id, card in enumerate(cards, 1):
        at.driver.act(PlugIn(connector_id, CAR))
        at.driver.act(PresentCard(card))
        await at.until(partial(has_begun, at, before + connector_id))
    for connector_id in range(1, len(cards) + 1):
        await at.energy_flows(connector_id)


async def end(at: Site, cards: Sequence[str]) -> None:
    """They have enough and leave."""
    before = len(at.noticed(TransactionStopped))
    for card in cards:
        at.driver.act(PresentCard(card))
    await at.until(lambda: len(at.noticed(TransactionStopped)) == before + len(cards))
    for connector_id in range(1, len(cards) + 1):
        at.driver.act(Unplug(connector_id))


async def settle(at: Site, central_system: Ocpp) -> None:
    """Wait until the station has nothing left to tell, and the central system has said what it heard last."""
    await at.until(lambda: at.store.queued == 0)
    last = without_ids(at.store.owed[-1:])
    await central_system.until(lambda: without_ids(heard(at, central_system)[-1:]) == last)


async def test_backlog_of_a_long_outage_is_delivered_whole_and_in_order(anyio_backend: str) -> None:
    """Transactions begin and end offline as ever (§3.6, §4.8); each learns its id as soon as there is one (§4.10)."""
    identity = "CP1"
    first = Ocpp(first_transaction_id=17)
    with running(first.program):
        async with site(first.url, identity, MeterValueSampleInterval=1) as at:
            await first.until_called(identity, "StatusNotification", connectorId=2)
            await begin(at, ["BEFORE"])
            await first.until_called(identity, "MeterValues", transactionId=17)
            first.program.kill()
            await end(at, ["BEFORE"])
            for number in range(BACKLOG // 4):
                cards = [f"OFFLINE-{number}-{connector_id}" for connector_id in (1, 2)]
                await begin(at, cards)
                await end(at, cards)
            await begin(at, ["AFTER"])
            backlog = at.store.queued
            second = Ocpp(port=first.port, first_transaction_id=99)
            with running(second.program):
                await second.until_called(identity, "StartTransaction", idTag="AFTER")
                await end(at, ["AFTER"])
                await settle(at, second)

    assert backlog >= BACKLOG
    messages = in_order_without_repetitions(heard(at, first, second))
    check_complete(at, messages)
    named = [number for each in (first, second) for number in each.about(identity, "named")]
    assert named == [17, *range(99, 99 + 2 * (BACKLOG // 4) + 1)]
    sessions = by_transaction(messages, named)
    assert list(sessions) == named
    for session in sessions.values():
        check_session(session)
    for connector_id in (1, 2):
        check_one_after_the_other([each for each in sessions.values() if each[0][1]["connectorId"] == connector_id])


async def test_start_that_is_answered_by_a_callerror_once_is_sent_again(
    central_system: Ocpp, anyio_backend: str
) -> None:
    """The message is submitted again after TransactionMessageRetryInterval (§3.7.1), and all is as if nothing was."""
    identity = f"error-once-{anyio_backend}"
    async with site(central_system.url, identity, TransactionMessageRetryInterval=1, MeterValueSampleInterval=1) as at:
        await central_system.until_called(identity, "StatusNotification", connectorId=2)
        await central_system.trouble(identity, "StartTransaction", "error")
        await begin(at, ["CARD-1"])
        await central_system.until_called(identity, "MeterValues")
        await end(at, ["CARD-1"])
        await settle(at, central_system)
        at.provoked.append(CallFailed("StartTransaction", "InternalError: as told"))

    assert [action for action, _ in heard(at, central_system)][:3] == ["StartTransaction"] * 2 + ["MeterValues"]
    messages = in_order_without_repetitions(heard(at, central_system))
    check_complete(at, messages)
    (transaction_id,) = central_system.about(identity, "named")
    sessions = by_transaction(messages, [transaction_id])
    assert list(sessions) == [transaction_id]
    check_session(sessions[transaction_id])


async def test_start_that_is_answered_by_callerrors_only_is_given_up(central_system: Ocpp, anyio_backend: str) -> None:
    """After TransactionMessageAttempts the session goes on without an id, its end says -1; the next is as ever."""
    identity = f"error-always-{anyio_backend}"
    async with site(
        central_system.url, identity, TransactionMessageAttempts=2, TransactionMessageRetryInterval=0
    ) as at:
        await central_system.until_called(identity, "StatusNotification", connectorId=2)
        await central_system.trouble(identity, "StartTransaction", "error", "error")
        await begin(at, ["NAMELESS"])
        await at.until(lambda: bool(at.noticed(MessageDiscarded)))
        await end(at, ["NAMELESS"])
        nameless = await central_system.until_called(identity, "StopTransaction", idTag="NAMELESS")
        await begin(at, ["NAMED"])
        await end(at, ["NAMED"])
        named = await central_system.until_called(identity, "StopTransaction", idTag="NAMED")
        await settle(at, central_system)
        failed = CallFailed("StartTransaction", "InternalError: as told")
        given_up = MessageDiscarded("StartTransaction", "given up after 2 attempts: InternalError: as told")
        at.provoked += [failed, failed, given_up]

    assert nameless["transactionId"] == -1
    assert central_system.about(identity, "named") == [named["transactionId"]]
    arrived = heard(at, central_system)
    assert [payload["idTag"] for _, payload in arrived] == ["NAMELESS"] * 3 + ["NAMED"] * 2
    messages = in_order_without_repetitions(arrived)
    check_complete(at, messages)
    check_session(messages[:2])
    check_session(messages[2:])
    check_one_after_the_other([messages])


async def test_answers_later_than_message_timeout_are_ignored(central_system: Ocpp, anyio_backend: str) -> None:
    """The message was sent again by then (errata 3.82): what counts is the answer to that, and nothing is doubled."""
    identity = f"late-{anyio_backend}"
    async with site(
        central_system.url, identity, MessageTimeout=1, TransactionMessageRetryInterval=0, MeterValueSampleInterval=1
    ) as at:
        await central_system.until_called(identity, "StatusNotification", connectorId=2)
        await central_system.trouble(identity, "StartTransaction", "late", "late")
        await begin(at, ["CARD-1"])
        await central_system.until(lambda: len(central_system.about(identity, "named")) == 2)
        # The late one comes first, while the other is waited for.
        central_system.release(identity)
        await at.until(lambda: len(at.noticed(FrameRefused)) == 1)
        central_system.release(identity)
        late_id, transaction_id = central_system.about(identity, "named")
        await central_system.until_called(identity, "MeterValues", transactionId=transaction_id)
        unknown = await central_system.call(identity, "RemoteStopTransaction", transaction_id=late_id)
        await central_system.trouble(identity, "StopTransaction", "late")
        stopped = await central_system.call(identity, "RemoteStopTransaction", transaction_id=transaction_id)
        await central_system.until(lambda: len(central_system.calls(identity, "StopTransaction")) == 2)
        # Now the late one comes when the other is there.
        central_system.release(identity)
        await at.until(lambda: len(at.noticed(FrameRefused)) == 2)
        await settle(at, central_system)
        at.driver.act(Unplug(1))
        await central_system.until(
            lambda: central_system.calls(identity, "StatusNotification")[-1][1]["status"] == "Available"
        )
        at.provoked += [
            notice
            for action in ("StartTransaction", "StopTransaction")
            for notice in (
                CallFailed(action, "no answer within 1 s"),
                FrameRefused("answer to no CALL of ours, or a late one", first_message_id(central_system, at, action)),
            )
        ]

    assert (unknown, stopped) == ({"status": "Rejected"}, {"status": "Accepted"})
    arrived = [action for action, _ in heard(at, central_system)]
    assert arrived[:2] == ["StartTransaction"] * 2
    assert arrived[-2:] == ["StopTransaction"] * 2
    assert set(arrived[2:-2]) == {"MeterValues"}
    messages = in_order_without_repetitions(heard(at, central_system))
    check_complete(at, messages)
    check_session(by_transaction(messages, [transaction_id])[transaction_id])
    assert {payload["transactionId"] for _, payload in messages[1:]} == {transaction_id}
    assert (len(at.noticed(TransactionStarted)), len(at.noticed(TransactionStopped))) == (1, 1)
    statuses = [
        payload["status"]
        for _, payload in central_system.calls(identity, "StatusNotification")
        if payload["connectorId"] == 1
    ]
    assert statuses[-3:] == ["Charging", "Finishing", "Available"]
    assert len(statuses) == len({*statuses[1:]}) + 1


def first_message_id(central_system: Ocpp, at: Site, action: str) -> str:
    """The id under which a station first sent a CALL of an action."""
    frames = central_system.about(at.identity, "heard")
    return next(str(frame[1]) for frame in frames if frame[0] == 2 and frame[2] == action)
