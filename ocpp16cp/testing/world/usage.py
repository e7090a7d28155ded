"""Who may begin where: nobody at what is not to be used."""

from __future__ import annotations

from collections.abc import Mapping

from ocpp16cp.outcome import Notice, StatusChanged, TransactionStarted
from ocpp16cp.station import CHARGE_POINT
from ocpp16cp.store.memory import MemoryStore
from ocpp16cp.wire.types import ChargePointStatus

from .violation import InvariantViolated

_INOPERATIVE = "connectors.inoperative"


def check_usage(notices: tuple[Notice, ...], shown: Mapping[int, ChargePointStatus], disk: MemoryStore) -> None:
    """Look at what a step has told the application.

    Args:
        notices: of the step.
        shown: the statuses before it, by connector.
        disk: as it is after the step.

    Raises:
        InvariantViolated: a transaction begins at a connector that was out of service and still is, or a connector that
            is not to be used becomes Available for good.
    """
    last = {notice.connector_id: notice.status for notice in notices if isinstance(notice, StatusChanged)}
    if not last:
        return
    inoperative = {int(key) for table, key in disk.snapshot() if table == _INOPERATIVE}
    everything = CHARGE_POINT in inoperative
    for started in (notice for notice in notices if isinstance(notice, TransactionStarted)):
        was_out = shown.get(started.connector_id) is ChargePointStatus.UNAVAILABLE
        if was_out and (everything or started.connector_id in inoperative):
            raise InvariantViolated(f"a transaction begins where it must not: {started}")
    for connector_id, status in last.items():
        if status is ChargePointStatus.AVAILABLE and (everything or connector_id in inoperative):
            raise InvariantViolated(f"connector {connector_id} is Available, though it is not to be used")
