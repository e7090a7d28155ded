from __future__ import annotations

import pytest

from ocpp16cp.outcome import Notice, StatusChanged, TransactionStarted, Write
from ocpp16cp.store.memory import MemoryStore
from ocpp16cp.testing.world import InvariantViolated
from ocpp16cp.testing.world.usage import check_usage
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus

S = ChargePointStatus


def changed(*statuses: ChargePointStatus) -> tuple[Notice, ...]:
    """What connector 1 is shown as, one after the other."""
    return tuple(StatusChanged(1, status, ChargePointErrorCode.NO_ERROR) for status in statuses)


def disk_with(*inoperative: int) -> MemoryStore:
    """A disk on which these are not to be used."""
    disk = MemoryStore()
    disk.commit([Write("connectors.inoperative", str(each), "{}") for each in inoperative])
    return disk


@pytest.mark.parametrize("inoperative", [0, 1])
def test_transaction_at_what_is_out_of_service_is_found(inoperative: int) -> None:
    """One that was scheduled to be may still begin, and one that is in service again."""
    begun = (TransactionStarted(1, "TAG", 0), *changed(S.CHARGING))
    check_usage(begun, {1: S.PREPARING}, disk_with(inoperative))
    check_usage(begun, {1: S.UNAVAILABLE}, disk_with(2))

    with pytest.raises(InvariantViolated, match="begins where it must not"):
        check_usage(begun, {1: S.UNAVAILABLE}, disk_with(inoperative))


@pytest.mark.parametrize("inoperative", [0, 1])
def test_available_connector_that_is_not_to_be_used_is_found(inoperative: int) -> None:
    disk = disk_with(inoperative)
    check_usage(changed(S.AVAILABLE), {}, disk_with(2))
    check_usage(changed(S.FINISHING), {}, disk)
    check_usage(changed(S.AVAILABLE, S.UNAVAILABLE), {}, disk)

    with pytest.raises(InvariantViolated, match="not to be used"):
        check_usage(changed(S.AVAILABLE), {}, disk)
