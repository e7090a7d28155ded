"""What a central system knows of transactions, and the rules that hold for what it is told, in the order of arrival."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import define, field

from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import StartTransaction, StopTransaction
from ocpp16cp.wire.types import Measurand, MeterValue

from .violation import InvariantViolated


@define
class Entry:
    """One transaction."""

    transaction_id: int
    start: StartTransaction
    register_wh: int
    """The highest register told so far."""
    at: datetime
    """The newest time stamp so far."""
    last: Any = None
    """The last message about it, to know it again when it is repeated."""
    stop: StopTransaction | None = None

    @property
    def energy_wh(self) -> int:
        """What was charged, as far as it was told."""
        return self.register_wh - self.start.meter_start


@define
class Ledger:
    """All transactions, and the registers of the connectors."""

    entries: dict[int, Entry] = field(factory=dict)
    registers_wh: dict[int, int] = field(factory=dict)
    """The highest register told for each connector."""

    def start(self, request: StartTransaction) -> int:
        """Note the begin of a transaction; the same one told again keeps its id."""
        for entry in self.entries.values():
            if entry.start == request:
                return entry.transaction_id
        self._raise_register(request.connector_id, request.meter_start, request)
        transaction_id = len(self.entries) + 1
        self.entries[transaction_id] = Entry(transaction_id, request, request.meter_start, request.timestamp)
        return transaction_id

    def sample(self, request: MeterValues) -> None:
        """Note meter values of a transaction."""
        if request.transaction_id is None:
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
                entry.register_wh = register_wh
        entry.last = request

    def stop(self, request: StopTransaction) -> None:
        """Note the end of a transaction."""
        entry = self._entry(request.transaction_id, request)
        if entry.stop == request:
            return
        if entry.stop is not None:
            raise InvariantViolated(f"a second end of transaction {entry.transaction_id}: {request}")
        # A restart reports the last instant at which it knew of the transaction, which may lie before a sample.
        self._raise_register(entry.start.connector_id, request.meter_stop, request)
        if request.timestamp < entry.start.timestamp:
            raise InvariantViolated(f"transaction {entry.transaction_id} ends before it began: {request}")
        entry.register_wh = request.meter_stop
        entry.stop = request

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


def _register_wh(meter_value: MeterValue) -> int | None:
    """The energy register among the values of one instant."""
    for value in meter_value.sampled_value:
        if value.measurand in (None, Measurand.ENERGY_ACTIVE_IMPORT_REGISTER):
            return int(value.value)
    return None
