"""What the central system wants of lists, reservations and triggers, and what holds of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from attrs import define, field

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.events import Event, TextReceived
from ocpp16cp.features.local_list.messages import (
    AuthorizationData,
    GetLocalListVersion,
    SendLocalList,
    UpdateType,
)
from ocpp16cp.features.local_list.state import LIST_VERSION, LISTED, Listed
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.remote_trigger.messages import MessageTrigger, TriggerMessage
from ocpp16cp.features.reservation.messages import CancelReservation, ReserveNow
from ocpp16cp.features.reservation.state import RESERVATIONS, Reservation
from ocpp16cp.features.transactions.messages import StartTransaction
from ocpp16cp.features.transactions.state import TRANSACTIONS
from ocpp16cp.kernel import records
from ocpp16cp.kernel.outbox import OUTBOX
from ocpp16cp.kernel.tables import AnyTable
from ocpp16cp.outcome import Outcome, ReservationEnd, ReservationEnded, SendText, TransactionStarted
from ocpp16cp.station import CHARGE_POINT
from ocpp16cp.store.memory import MemoryStore
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.frames import Call, CallResult, parse_frame
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, IdTagInfo, ReadingContext

from .violation import InvariantViolated

_ASKED: Mapping[str, type] = {
    "SendLocalList": SendLocalList,
    "ReserveNow": ReserveNow,
    "CancelReservation": CancelReservation,
}

_NUMBERS = range(1, 4)
"""Ids of reservations: few, so that they meet again."""

_CLOCK_READING = timedelta(milliseconds=2)
"""By so much the instant of an expiry and the time of day may differ."""


def draw_card_request(random: Random, utc: datetime, tags: Sequence[str]) -> object:
    """Something to ask for, at this time of day, about some of these cards."""
    match random.choices(range(5), weights=(3, 6, 1, 3, 1))[0]:
        case 0:
            return _draw_update(random, utc, tags)
        case 1:
            return ReserveNow(
                connector_id=random.choice((0, 1, 1, 2, 2, 3)),
                expiry_date=utc + timedelta(seconds=random.choice((-5, 20, 120, 900, 5000))),
                id_tag=random.choice(tags),
                parent_id_tag=random.choice((None, "FAMILY")),
                reservation_id=random.choice(_NUMBERS),
            )
        case 2:
            return CancelReservation(reservation_id=random.choice(_NUMBERS))
        case 3:
            return TriggerMessage(
                requested_message=random.choice(list(MessageTrigger)), connector_id=random.choice((None, 0, 1, 2, 3))
            )
        case _:
            return GetLocalListVersion()


def is_triggered(values: MeterValues) -> bool:
    """Whether these were asked for: they go beside the queue of the transaction messages."""
    contexts = {each.context for meter_value in values.meter_value for each in meter_value.sampled_value}
    return contexts == {ReadingContext.TRIGGER}


def _draw_update(random: Random, utc: datetime, tags: Sequence[str]) -> SendLocalList:
    """An update of the list, most of them possible."""
    kind = random.choice((UpdateType.FULL, UpdateType.DIFFERENTIAL, UpdateType.DIFFERENTIAL))
    entries = []
    for id_tag in random.sample(list(tags), random.randint(0, len(tags))):
        status = random.choice((AuthorizationStatus.ACCEPTED, AuthorizationStatus.ACCEPTED, *AuthorizationStatus))
        expiry = random.choice((None, utc + timedelta(seconds=600)))
        parent = random.choice((None, "FAMILY"))
        info = IdTagInfo(status=status, expiry_date=expiry, parent_id_tag=parent)
        is_gone = kind is UpdateType.DIFFERENTIAL and random.random() < 0.3
        entries.append(AuthorizationData(id_tag=id_tag, id_tag_info=None if is_gone else info))
    return SendLocalList(list_version=random.randint(0, 40), local_authorization_list=tuple(entries), update_type=kind)


@define
class Promises:
    """The list that the central system has sent, and what it has reserved, held against the disk."""

    disk: MemoryStore
    codec: Codec = field(factory=Codec)
    _request: Any = None
    """What the central system asks for in the present step."""
    _message_id: str = ""
    _listed: dict[str, Listed] = field(factory=dict)
    _version: int = 0
    _reservations: dict[int, Reservation] = field(factory=dict)

    def hears(self, event: Event) -> None:
        """Something reaches the station."""
        self._request = None
        frame = parse_frame(event.text) if isinstance(event, TextReceived) else None
        if not isinstance(frame, Call) or frame.action not in _ASKED:
            return
        try:
            self._request = self.codec.decode(_ASKED[frame.action], frame.payload)
        except Exception:  # noqa: BLE001 - what is wrong with it is no matter of promises
            return
        self._message_id = frame.message_id

    def committed(self, outcome: Outcome) -> None:
        """A step is on the disk."""
        is_accepted = self._is_accepted(outcome)
        touched = {write.table for write in outcome.writes}
        if isinstance(self._request, SendLocalList) and is_accepted:
            self._update(self._request)
        if touched & {LISTED.name, LIST_VERSION.table.name} or isinstance(self._request, SendLocalList):
            self._check_list()
        for start in _starts(outcome, self.codec):
            self._check_start(start)
        if RESERVATIONS.name in touched:
            before, self._reservations = self._reservations, self._records(RESERVATIONS)
            ended = {each.reservation_id: each.end for each in outcome.notices if isinstance(each, ReservationEnded)}
            for number in before.keys() | self._reservations.keys():
                self._explain(number, before.get(number), ended.get(number), is_accepted=is_accepted)

    def after(self, core: ChargePoint, shown: Mapping[int, ChargePointStatus], now: float) -> None:
        """A step was carried out whole: nothing has expired, and nothing is Reserved without a reason."""
        places = {each.connector_id for each in self._reservations.values()}
        for connector_id, status in shown.items():
            if status is ChargePointStatus.RESERVED and not places & {CHARGE_POINT, connector_id}:
                raise InvariantViolated(f"connector {connector_id} is Reserved for nobody")
        if not self._reservations:
            return
        utc = core.utc(now=now)
        for number, each in self._reservations.items():
            if each.expiry_date < utc - _CLOCK_READING:
                raise InvariantViolated(f"it is {utc}, and reservation {number} has not ended: {each}")

    def _is_accepted(self, outcome: Outcome) -> bool:
        """Whether the station agrees in this step to what it was asked."""
        if self._request is None:
            return False
        for action in outcome.link:
            frame = parse_frame(action.text) if isinstance(action, SendText) else None
            if isinstance(frame, CallResult) and frame.message_id == self._message_id:
                return isinstance(frame.payload, dict) and frame.payload.get("status") == "Accepted"
        return False

    def _records(self, table: AnyTable) -> dict[Any, Any]:
        """The records of a table on the disk."""
        rows = self.disk.snapshot().items()
        return dict(records.from_text(table, key, text) for (name, key), text in rows if name == table.name)

    # The list.

    def _update(self, request: SendLocalList) -> None:
        """Do to the list what the station has agreed to."""
        if request.update_type is UpdateType.FULL:
            self._listed.clear()
        for entry in request.local_authorization_list or ():
            info = entry.id_tag_info
            if info is None:
                self._listed.pop(entry.id_tag.lower(), None)
            else:
                listed = Listed(entry.id_tag, info.status, info.expiry_date, info.parent_id_tag)
                self._listed[entry.id_tag.lower()] = listed
        self._version = request.list_version if self._listed else 0

    def _check_list(self) -> None:
        """The list on the disk is the one that was agreed to."""
        found = self._records(LISTED)
        version = self._records(LIST_VERSION.table).get("", LIST_VERSION.default).number
        if (found, version) != (self._listed, self._version):
            raise InvariantViolated(f"the list is {version}, {found}, not {self._version}, {self._listed}")

    # Reservations.

    def _check_start(self, start: StartTransaction) -> None:
        """No card begins where another one has reserved, and a reservation is used by whom it is for."""
        parent = self._records(TRANSACTIONS)[start.connector_id].parent_id_tag
        for number, each in self._reservations.items():
            is_meant = each.connector_id == start.connector_id or number == start.reservation_id
            if is_meant and not _is_for(each, start.id_tag, parent):
                raise InvariantViolated(f"{start} of {parent} takes reservation {number}: {each}")
        if start.reservation_id is not None and start.reservation_id not in self._reservations:
            raise InvariantViolated(f"{start} uses a reservation that there is not")

    def _explain(self, number: int, old: Reservation | None, end: ReservationEnd | None, *, is_accepted: bool) -> None:
        """Find out why a reservation came, changed or went."""
        new, request = self._reservations.get(number), self._request
        if new is not None and new != old:
            was_granted = isinstance(request, ReserveNow) and is_accepted and request.reservation_id == number
            if not was_granted:
                raise InvariantViolated(f"nobody asked for reservation {number}: {new}")
        elif new is None and end is None:
            raise InvariantViolated(f"reservation {number} went, and nobody knows why: {old}")
        elif new is None and end is ReservationEnd.CANCELLED:
            was_cancelled = isinstance(request, CancelReservation) and is_accepted and request.reservation_id == number
            if not was_cancelled:
                raise InvariantViolated(f"nobody cancelled reservation {number}: {old}")


def _is_for(reservation: Reservation, id_tag: str, parent: str | None) -> bool:
    """Whether a card may use a reservation."""
    is_group = reservation.parent_id_tag is not None and parent is not None
    return id_tag.lower() == reservation.id_tag.lower() or (
        is_group and str(parent).lower() == str(reservation.parent_id_tag).lower()
    )


def _starts(outcome: Outcome, codec: Codec) -> list[StartTransaction]:
    """The transactions that begin in a step; one that is only written anew, for whatever reason, does not."""
    written = {int(write.key): write.text for write in outcome.writes if write.table == OUTBOX.name and write.text}
    queued = (json.loads(text)[1] for _, text in sorted(written.items()))
    starts = {
        start.connector_id: start
        for each in queued
        if each["action"] == "StartTransaction"
        for start in (codec.decode(StartTransaction, json.loads(each["payload"])),)
    }
    begun = {notice.connector_id for notice in outcome.notices if isinstance(notice, TransactionStarted)}
    return [start for connector_id, start in starts.items() if connector_id in begun]
