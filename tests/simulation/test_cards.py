"""What the World holds the station to about lists, reservations and triggers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from attrs import evolve

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.events import TextReceived
from ocpp16cp.features.local_list.messages import SendLocalList
from ocpp16cp.features.local_list.state import LIST_VERSION, LISTED, Listed, ListVersion
from ocpp16cp.features.remote_trigger.messages import MessageTrigger, TriggerMessage
from ocpp16cp.features.reservation.messages import ReserveNow
from ocpp16cp.features.reservation.state import RESERVATIONS, Reservation
from ocpp16cp.features.transactions.messages import StartTransaction
from ocpp16cp.features.transactions.state import TRANSACTIONS, Transaction
from ocpp16cp.kernel import records
from ocpp16cp.kernel.outbox import OUTBOX, Queued
from ocpp16cp.kernel.tables import AnyTable
from ocpp16cp.outcome import Notice, Outcome, ReservationEnd, ReservationEnded, SendText, TransactionStarted, Write
from ocpp16cp.store.memory import MemoryStore
from ocpp16cp.testing.world import InvariantViolated
from ocpp16cp.testing.world.cards import Promises, draw_card_request
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus
from tests.features.stations import STATION

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MINE = Reservation(1, "ALICE", "FAMILY", NOW + timedelta(hours=1))
ACCEPTED = SendText(1, '[3,"cs-1",{"status":"Accepted"}]')
REJECTED = SendText(1, '[3,"cs-1",{"status":"Rejected"}]')


class Step:
    """A disk, and those who watch it."""

    def __init__(self) -> None:
        self.disk = MemoryStore()
        self.promises = Promises(self.disk)

    def take(self, action: str, request: object) -> None:
        """The central system asks for something."""
        self.promises.hears(TextReceived(1, f'[2,"cs-1","{action}",{Codec().encode(request)}]'))

    def commit(self, *writes: Write, link: SendText | None = None, end: ReservationEnd | None = None) -> None:
        """A step is on the disk."""
        begun = [int(each.key) for each in writes if each.table == TRANSACTIONS.name]
        notices: list[Notice] = [TransactionStarted(connector_id, "TAG", 0) for connector_id in begun]
        if end is not None:
            notices.append(ReservationEnded(1, 1, "ALICE", end))
        self.disk.commit(writes)
        link_actions = () if link is None else (link,)
        self.promises.committed(Outcome(writes=writes, link=link_actions, notices=tuple(notices)))


def write(table: AnyTable, key: object, record: object) -> Write:
    """A record on its way to the disk."""
    return Write(table.name, str(key), records.to_text(table, record))


def reserve(step: Step, reservation: Reservation = MINE, *, answer: SendText = ACCEPTED) -> None:
    """A reservation that was asked for comes."""
    request = ReserveNow(
        connector_id=reservation.connector_id,
        expiry_date=reservation.expiry_date,
        id_tag=reservation.id_tag,
        parent_id_tag=reservation.parent_id_tag,
        reservation_id=1,
    )
    step.take("ReserveNow", request)
    step.commit(write(RESERVATIONS, 1, reservation), link=answer)
    step.promises.hears(TextReceived(1, "[]"))


def start(id_tag: str, parent: str | None, *, connector_id: int = 1, reservation_id: int | None = None) -> list[Write]:
    """A transaction begins."""
    request = StartTransaction(
        connector_id=connector_id, id_tag=id_tag, meter_start=0, timestamp=NOW, reservation_id=reservation_id
    )
    queued = Queued("StartTransaction", Codec().encode(request), 1, is_expendable=False)
    transaction = Transaction(1, 1, id_tag, parent, NOW, 0)
    return [write(TRANSACTIONS, connector_id, transaction), write(OUTBOX, 1, queued)]


def test_reservation_is_followed_from_its_grant_to_its_use() -> None:
    step = Step()
    reserve(step)

    removal = Write(RESERVATIONS.name, "1", None)
    step.commit(*start("BOB", "family", reservation_id=1), removal, end=ReservationEnd.USED)


def test_reservation_that_nobody_asked_for_is_found() -> None:
    with pytest.raises(InvariantViolated, match="nobody asked for reservation 1"):
        Step().commit(write(RESERVATIONS, 1, MINE))
    with pytest.raises(InvariantViolated, match="nobody asked for reservation 1"):
        reserve(Step(), answer=REJECTED)


def test_reservation_that_goes_without_a_reason_is_found() -> None:
    step = Step()
    reserve(step)

    with pytest.raises(InvariantViolated, match="nobody knows why"):
        step.commit(Write(RESERVATIONS.name, "1", None))


def test_reservation_that_is_cancelled_by_nobody_is_found() -> None:
    step = Step()
    reserve(step)

    with pytest.raises(InvariantViolated, match="nobody cancelled"):
        step.commit(Write(RESERVATIONS.name, "1", None), end=ReservationEnd.CANCELLED)


@pytest.mark.parametrize(
    ("id_tag", "parent", "connector_id", "reservation_id"),
    [("TRENT", None, 1, None), ("TRENT", "OTHERS", 1, 1), ("TRENT", None, 2, 1)],
)
def test_wrong_card_is_found(id_tag: str, parent: str | None, connector_id: int, reservation_id: int | None) -> None:
    step = Step()
    reserve(step)

    with pytest.raises(InvariantViolated, match="takes reservation 1"):
        step.commit(*start(id_tag, parent, connector_id=connector_id, reservation_id=reservation_id))


def test_use_of_a_reservation_that_there_is_not_is_found() -> None:
    with pytest.raises(InvariantViolated, match="there is not"):
        Step().commit(*start("ALICE", None, reservation_id=7))


def test_expired_reservation_is_found() -> None:
    step = Step()
    reserve(step, evolve(MINE, expiry_date=datetime(1969, 1, 1, tzinfo=UTC)))

    with pytest.raises(InvariantViolated, match="has not ended"):
        step.promises.after(ChargePoint(STATION, random=Random(0)), {}, 0.0)


def test_reserved_connector_without_a_reservation_is_found() -> None:
    step = Step()
    core = ChargePoint(STATION, random=Random(0))
    reserve(step)
    step.promises.after(core, {1: ChargePointStatus.RESERVED}, 0.0)

    with pytest.raises(InvariantViolated, match="connector 2 is Reserved for nobody"):
        step.promises.after(core, {2: ChargePointStatus.RESERVED}, 0.0)


def test_list_that_was_not_sent_is_found() -> None:
    entry = write(LISTED, "alice", Listed("ALICE", AuthorizationStatus.ACCEPTED, None, None))
    with pytest.raises(InvariantViolated, match="the list is"):
        Step().commit(entry, write(LIST_VERSION.table, "", ListVersion(1)))


def test_list_that_does_not_follow_an_update_is_found() -> None:
    """Also where nothing was written."""
    step = Step()
    step.take("SendLocalList", _update())
    with pytest.raises(InvariantViolated, match="the list is"):
        step.commit(link=ACCEPTED)


def _update() -> SendLocalList:
    requests = (draw_card_request(Random(seed), NOW, ["ALICE"]) for seed in range(1000))
    return next(each for each in requests if isinstance(each, SendLocalList) and each.local_authorization_list)


def test_everything_is_asked_for() -> None:
    requests = [draw_card_request(Random(seed), NOW, ["ALICE", "BOB"]) for seed in range(300)]

    assert {type(each).__name__ for each in requests} == {
        "SendLocalList",
        "GetLocalListVersion",
        "ReserveNow",
        "CancelReservation",
        "TriggerMessage",
    }
    triggers = {each.requested_message for each in requests if isinstance(each, TriggerMessage)}
    assert triggers == set(MessageTrigger)
