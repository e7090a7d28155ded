"""What a central system was told of transactions, and the rules that hold for it, in the order of arrival."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import define, field

from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import StartTransaction, StopTransaction
from ocpp16cp.wire.types import Measurand, MeterValue

from .meters import MeterWatch
from .violation import InvariantViolated

NAMELESS = -1
"""The id that a station uses where it was never told one (errata 3.18)."""


@define
class Entry:
    """One transaction."""

    transaction_id: int
    start: StartTransaction
    at: datetime
    """The newest time stamp so far."""
    last: Any = None
    """The last message about it, to know it again when it is repeated."""
    stop: StopTransaction | None = None
    is_forgotten: bool = False
    """The central system has lost it: it takes the same StartTransaction for a new one, and knows no such id."""


@define
class Ledger:
    """All transactions, also those that the central system has forgotten, and the registers of the connectors.

    A message that is repeated is told from a new one as a central system has to: StartTransaction by connector, time
    and register; the others by all they say.
    """

    entries: dict[int, Entry] = field(factory=dict)
    nameless: list[StopTransaction] = field(factory=list)
    """Ends of transactions whose StartTransaction the station gave up."""
    registers_wh: dict[int, int] = field(factory=dict)
    """The highest register told for each connector."""
    meters: MeterWatch = field(factory=MeterWatch)

    def start(self, request: StartTransaction) -> int:
        """Note the begin of a transaction; the same one told again keeps its id.

        Once it has ended nobody tells its begin again: two that begin at one instant, which a lock without any delay
        allows, are two.
        """
        for entry in self.entries.values():
            if not entry.is_forgotten and entry.stop is None and _is_same(entry.start, request):
                return entry.transaction_id
        self._raise_register(request.connector_id, request.meter_start, request)
        # The first id is 0: no id means anything special (§6.46).
        transaction_id = len(self.entries)
        self.entries[transaction_id] = Entry(transaction_id, request, request.timestamp)
        return transaction_id

    def sample(self, request: MeterValues) -> None:
        """Note meter values of a transaction."""
        self.meters.sample(request)
        if request.transaction_id is None or request.transaction_id == NAMELESS:
            return
        entry = self._entry(request.transaction_id, request)
        if entry.last == request:
            return
        if entry.stop is not None:
            raise InvariantViolated(f"meter values after the end of transaction {entry.transaction_id}: {request}")
        if entry.start.connector_id != request.connector_id:
            raise InvariantViolated(f"transaction {entry.transaction_id} is of another connector: {request}")
        for meter_value in request.meter_value:
            self._advance(entry, meter_value.timestamp, request)
            register_wh = _register_wh(meter_value)
            if register_wh is not None:
                self._raise_register(request.connector_id, register_wh, request)
        entry.last = request

    def stop(self, request: StopTransaction) -> bool:
        """Note the end of a transaction; whether the central system remembers its begin."""
        if request.transaction_id == NAMELESS:
            self.meters.stop(None, request)
            if request not in self.nameless:
                self.nameless.append(request)
            return False
        entry = self._entry(request.transaction_id, request)
        if entry.stop == request:
            return not entry.is_forgotten
        if entry.stop is not None:
            raise InvariantViolated(f"a second end of transaction {entry.transaction_id}: {request}")
        self.meters.stop(entry.start, request)
        # A restart reports the last instant at which it knew of the transaction, which may lie before a sample.
        self._raise_register(entry.start.connector_id, request.meter_stop, request)
        if request.timestamp < entry.start.timestamp:
            raise InvariantViolated(f"transaction {entry.transaction_id} ends before it began: {request}")
        entry.stop = request
        return not entry.is_forgotten

    def forget(self) -> None:
        """Lose all transactions that have not ended."""
        for entry in self.entries.values():
            if entry.stop is None:
                entry.is_forgotten = True

    def _entry(self, transaction_id: int, request: object) -> Entry:
        """The transaction of that id."""
        if transaction_id not in self.entries:
            raise InvariantViolated(f"no transaction has the id {transaction_id}: {request}")
        return self.entries[transaction_id]

    def _advance(self, entry: Entry, at: datetime, request: object) -> None:
        """Time stamps of one transaction never run backwards."""
        if at < entry.at:
            raise InvariantViolated(f"transaction {entry.transaction_id} was at {entry.at} already: {request}")
        entry.at = at

    def _raise_register(self, connector_id: int, register_wh: int, request: object) -> None:
        """The register of a connector never runs backwards, from one transaction to the next neither."""
        known_wh = self.registers_wh.get(connector_id, 0)
        if register_wh < known_wh:
            raise InvariantViolated(f"the register of connector {connector_id} was at {known_wh} already: {request}")
        self.registers_wh[connector_id] = register_wh


def _is_same(one: StartTransaction, other: StartTransaction) -> bool:
    """Whether a StartTransaction is another one told again."""
    return (one.connector_id, one.timestamp, one.meter_start) == (
        other.connector_id,
        other.timestamp,
        other.meter_start,
    )


def _register_wh(meter_value: MeterValue) -> int | None:
    """The energy register among the values of one instant."""
    for value in meter_value.sampled_value:
        if value.measurand in (None, Measurand.ENERGY_ACTIVE_IMPORT_REGISTER):
            return int(value.value)
    return None
