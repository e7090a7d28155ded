"""Restarts that the central system asks for, as in §5.14 and the cases TC_013 to TC_016."""

from __future__ import annotations

from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.connectors.messages import (
    AvailabilityStatus,
    AvailabilityType,
    ChangeAvailability,
    ChangeAvailabilityConf,
)
from ocpp16cp.features.reset.messages import Reset, ResetConf, ResetStatus, ResetType
from ocpp16cp.features.transactions.messages import StopTransaction
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import ChargePointStatus, Reason
from tests.features.stations import STATION

S = ChargePointStatus
ACCEPTED = ResetConf(status=ResetStatus.ACCEPTED)


def change(play: Playbook, to: AvailabilityType) -> None:
    """Take connector 1 out of service, or back."""
    done = ChangeAvailabilityConf(status=AvailabilityStatus.ACCEPTED)
    assert play.send(ChangeAvailability(connector_id=1, type=to)) == done


def reset_without_transaction(kind: ResetType) -> None:
    """Connector 1 is Inoperative, and still is after the reset, until it is set Operative."""
    with Playbook(STATION) as play:
        play.boot()
        change(play, AvailabilityType.INOPERATIVE)
        play.expect_status(1, S.UNAVAILABLE)

        assert play.send(Reset(type=kind)) == ACCEPTED
        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.UNAVAILABLE)
        play.expect_status(2, S.AVAILABLE)

        change(play, AvailabilityType.OPERATIVE)
        play.expect_status(1, S.AVAILABLE)


def reset_with_transaction(kind: ResetType, reason: Reason) -> None:
    """The transaction ends before the boot, with Finishing; after it the cable is still there."""
    with Playbook(STATION) as play:
        play.boot()
        transaction_id = play.begin_transaction(1)
        play.deliver(1, 40)

        assert play.send(Reset(type=kind)) == ACCEPTED
        play.expect(StopTransaction, transaction_id=transaction_id, reason=reason, meter_stop=1040)
        play.expect_status(1, S.FINISHING)
        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.FINISHING)
        play.expect_status(2, S.AVAILABLE)

        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_tc_013_hard_reset_without_transaction() -> None:
    """Hard: Accepted, BootNotification, every status; availability is kept."""
    reset_without_transaction(ResetType.HARD)


def test_tc_014_soft_reset_without_transaction() -> None:
    """Soft: as Hard."""
    reset_without_transaction(ResetType.SOFT)


def test_tc_015_hard_reset_with_transaction() -> None:
    """Hard: StopTransaction HardReset."""
    reset_with_transaction(ResetType.HARD, Reason.HARD_RESET)


def test_tc_016_soft_reset_with_transaction() -> None:
    """Soft: StopTransaction SoftReset before the reboot."""
    reset_with_transaction(ResetType.SOFT, Reason.SOFT_RESET)
