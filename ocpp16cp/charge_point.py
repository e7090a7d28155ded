"""The charge point: one call with what happened, one answer with what to do.

    charge_point = ChargePoint(station, records=store.load(), random=Random())
    outcome = charge_point.handle(Started(), now=monotonic())

`FEATURES` is the table of contents of the protocol.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from random import Random

from ocpp16cp.errors import UsageError
from ocpp16cp.events import Event
from ocpp16cp.features.authorization.feature import FEATURE as AUTHORIZATION
from ocpp16cp.features.boot.feature import FEATURE as BOOT
from ocpp16cp.features.certificates.feature import FEATURE as CERTIFICATES
from ocpp16cp.features.configuration.feature import FEATURE as CONFIGURATION
from ocpp16cp.features.connection.feature import FEATURE as CONNECTION
from ocpp16cp.features.connection.questions import check_ways
from ocpp16cp.features.connectors.feature import FEATURE as CONNECTORS
from ocpp16cp.features.data_transfer.feature import FEATURE as DATA_TRANSFER
from ocpp16cp.features.diagnostics.feature import FEATURE as DIAGNOSTICS
from ocpp16cp.features.firmware.feature import FEATURE as FIRMWARE
from ocpp16cp.features.local_list.feature import FEATURE as LOCAL_LIST
from ocpp16cp.features.metering.feature import FEATURE as METERING
from ocpp16cp.features.remote_trigger.feature import FEATURE as REMOTE_TRIGGER
from ocpp16cp.features.reservation.feature import FEATURE as RESERVATION
from ocpp16cp.features.reset.feature import FEATURE as RESET
from ocpp16cp.features.security_events.feature import FEATURE as SECURITY_EVENTS
from ocpp16cp.features.smart_charging.feature import FEATURE as SMART_CHARGING
from ocpp16cp.features.status.feature import FEATURE as STATUS
from ocpp16cp.features.transactions.feature import FEATURE as TRANSACTIONS
from ocpp16cp.kernel import records as texts
from ocpp16cp.kernel.base import BASE, SENDING
from ocpp16cp.kernel.engine import Engine
from ocpp16cp.kernel.values import VALUES
from ocpp16cp.outcome import Outcome, Write
from ocpp16cp.station import Station
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.tolerance import STRICT, Tolerance

FEATURES = (
    REMOTE_TRIGGER,
    STATUS,
    DATA_TRANSFER,
    FIRMWARE,
    DIAGNOSTICS,
    RESET,
    TRANSACTIONS,
    SMART_CHARGING,
    RESERVATION,
    AUTHORIZATION,
    LOCAL_LIST,
    METERING,
    CONNECTORS,
    BOOT,
    CERTIFICATES,
    CONNECTION,
    SECURITY_EVENTS,
    CONFIGURATION,
)
"""From high to low: a feature calls only those after it."""


class ChargePoint:
    """A charger's side of OCPP 1.6J, without any input or output of its own.

    Args:
        station: what the charger is.
        records: what the store holds; nothing for a station that has never run.
        random: the only source of chance (the spread of reconnections).
        tolerance: which mistakes of the central system are forgiven; each is told by a `FrameRelaxed` notice.

    Raises:
        RecordUnreadable: the store holds something that this version cannot understand.
        UsageError: the station's description contradicts itself, or the tolerance names an action that there is not.
    """

    def __init__(
        self, station: Station, *, records: Iterable[Write] = (), random: Random, tolerance: Tolerance = STRICT
    ) -> None:
        check_ways(station)
        features = (SENDING, *FEATURES, BASE)
        self._engine = Engine(features, station, stored=records, random=random, codec=Codec(tolerance))
        for action in sorted(tolerance.actions or ()):
            if action not in self._engine.registry.exchanges:
                raise UsageError(f"tolerance: there is no action {action!r}")

    def handle(self, event: Event, *, now: float) -> Outcome:
        """Deal with one event.

        Args:
            event: what happened; the first of a run is `Started`, which comes once.
            now: monotonic seconds, never less than at the event before.

        Returns:
            What to do, in the order of its fields: the writes are on disk before any of the rest happens.

        Raises:
            UsageError: this is no event, or out of order. Nothing has changed.
            AssertionError: a mistake of this library. Nothing has changed, but the same event would fail again: end the
                run and start anew from the store.
        """
        return self._engine.handle(event, now)

    def audit(self, *, now: float) -> None:
        """Make sure that nothing is left to do at this instant, for tests.

        Raises:
            AssertionError: some rule would change or say something though nothing has happened.
        """
        self._engine.audit(now)

    def fork(self) -> ChargePoint:
        """A charge point of the same state that goes its own way from here."""
        twin = object.__new__(ChargePoint)
        twin._engine = self._engine.copy()
        return twin

    def utc(self, *, now: float) -> datetime:
        """What time of day it is, as far as the charge point knows: 1970 as long as nobody has told it."""
        return self._engine.anchor.utc_at(now)

    def configuration(self) -> dict[str, str | None]:
        """The present values of all configuration keys, by canonical name, as they go over the wire.

        Returns:
            `None` for a key that has no value yet, or never shows it.
        """
        return self._engine.values.texts(self._engine.tables.rows(VALUES))

    def key_text(self, name: str) -> str | None:
        """The present value of one configuration key, as in `configuration`; names are found in any letter case.

        Raises:
            UsageError: this station has no such key.
        """
        key = self._engine.values.find(name)
        if key is None:
            raise UsageError(f"there is no configuration key {name!r}")
        return self._engine.values.text(key, self._engine.tables.rows(VALUES).get(key.name))

    def records(self) -> tuple[Write, ...]:
        """Everything that the store should hold now."""
        return tuple(
            Write(table.name, str(key), texts.to_text(table, record))
            for table, key, record in self._engine.tables.durable_records()
        )
