"""What meets a Reset that is accepted and not yet carried out, and what a Reset meets (§5.14)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from ocpp16cp.events import Failed, FailureReason, FaultRaised, StopPressed
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.connectors.messages import (
    AvailabilityStatus,
    AvailabilityType,
    ChangeAvailability,
    ChangeAvailabilityConf,
)
from ocpp16cp.features.reservation.messages import ReservationStatus
from ocpp16cp.features.reset.messages import Reset, ResetConf, ResetStatus, ResetType
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    StartTransaction,
    StopTransaction,
)
from ocpp16cp.outcome import CardRefusal, CardRefused, Reboot, Restart
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import Late
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus, Reason
from tests.features.reservation.reserving import answer, reserve, reserved
from tests.features.stations import SINGLE, STATION, configured

S = ChargePointStatus
ACCEPTED = ResetConf(status=ResetStatus.ACCEPTED)


@contextmanager
def resetting() -> Iterator[Playbook]:
    """A station that has accepted a Reset and waits for the end of its transaction to be taken."""
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1)
        play.central_system.answer(StopTransaction, Late(10))
        assert play.send(Reset(type=ResetType.SOFT)) == ACCEPTED
        play.expect(StopTransaction)
        yield play
        play.skip()


def test_reset_accepted_meets_another_reset() -> None:
    """Accepted; Hard overtakes Soft."""
    with resetting() as play:
        assert play.send(Reset(type=ResetType.HARD)) == ACCEPTED
        play.advance(10)
        assert play.expect(Reboot).restart is Restart.HARD


def test_reset_accepted_meets_remote_start() -> None:
    """Rejected."""
    with resetting() as play:
        rejected = RemoteStartTransactionConf(status=RemoteStartStopStatus.REJECTED)
        assert play.send(RemoteStartTransaction(id_tag="NEXT", connector_id=2)) == rejected


@pytest.mark.parametrize("connector_id", [0, 2])
def test_reset_accepted_meets_reserve_now(connector_id: int) -> None:
    """Rejected."""
    with resetting() as play:
        assert answer(play, connector_id) is ReservationStatus.REJECTED


def test_reset_accepted_meets_a_card() -> None:
    """Refused, without a question."""
    with resetting() as play:
        play.present_card("NEXT")
        assert play.expect(CardRefused).refusal is CardRefusal.NO_CONNECTOR
        play.expect_nothing()


def test_reset_accepted_meets_a_plug() -> None:
    """Shown after the boot."""
    with resetting() as play:
        play.plug_in(2)
        play.advance(9)
        play.expect_nothing()
        play.advance(1)
        play.expect_status(1, S.FINISHING)
        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.FINISHING)
        play.expect_status(2, S.PREPARING)


def test_reset_accepted_meets_change_availability() -> None:
    """Answered as ever; it lasts over the boot."""
    with resetting() as play:
        request = ChangeAvailability(connector_id=2, type=AvailabilityType.INOPERATIVE)
        assert play.send(request) == ChangeAvailabilityConf(status=AvailabilityStatus.ACCEPTED)
        play.advance(10)
        play.expect_status(1, S.FINISHING)
        play.expect_status(2, S.UNAVAILABLE)
        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.FINISHING)
        play.expect_status(2, S.UNAVAILABLE)


def test_reset_accepted_meets_the_loss_of_the_connection() -> None:
    """It is carried out; the rest is told afterwards."""
    with resetting() as play:
        play.drop_link()
        play.expect(Reboot)
        play.restore_link()
        play.expect(BootNotification)
        for connector_id, status in enumerate((S.AVAILABLE, S.FINISHING, S.AVAILABLE)):
            play.expect_status(connector_id, status)
        play.expect(StopTransaction, reason=Reason.SOFT_RESET)


def test_reset_refused_by_the_driver() -> None:
    """ResetRetries, then connector 0 Available with ResetFailure, and normal operation."""
    with Playbook(configured(SINGLE, ResetRetries=1)) as play:
        play.boot()
        play.hardware.reboot_result = Failed(FailureReason.FAILED, "no")
        play.send(Reset(type=ResetType.HARD))
        play.advance(5)
        play.restore_link()
        play.expect_status(0, S.AVAILABLE, ChargePointErrorCode.RESET_FAILURE)
        play.begin_transaction()


@pytest.mark.parametrize("kind", ResetType)
def test_reserved_meets_reset(kind: ResetType) -> None:
    """The reservation is kept, if not expired."""
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 1)
        play.send(Reset(type=kind))
        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.RESERVED)
        play.expect_status(2, S.AVAILABLE)
        assert reserved(play) == [1]


def test_faulted_transaction_meets_reset() -> None:
    """It ends with the reason of the reset, and the fault is still there after the boot."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(FaultRaised(connector_id=1, error_code=ChargePointErrorCode.GROUND_FAILURE))
        play.expect_status(1, S.FAULTED, ChargePointErrorCode.GROUND_FAILURE)
        play.send(Reset(type=ResetType.HARD))
        play.expect(StopTransaction, reason=Reason.HARD_RESET)
        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.FAULTED, ChargePointErrorCode.GROUND_FAILURE)


def finish(play: Playbook) -> None:
    """A cable is left behind."""
    play.begin_transaction()
    play.happens(StopPressed(1))
    play.expect(StopTransaction)
    play.expect_status(1, S.FINISHING)


@pytest.mark.parametrize(
    ("begin", "after"),
    [
        (lambda play: play.plug_in(1), S.PREPARING),
        (lambda play: play.present_card("TAG"), S.AVAILABLE),
        (finish, S.FINISHING),
    ],
)
def test_connector_in_use_meets_reset(begin: Callable[[Playbook], None], after: ChargePointStatus) -> None:
    """An attempt is dropped; what is plugged is still plugged."""
    with Playbook(SINGLE) as play:
        play.boot()
        begin(play)
        play.skip()
        play.send(Reset(type=ResetType.SOFT))
        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, after)


def test_reserved_meets_change_availability() -> None:
    """Accepted; the reservation ends, G8."""
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 1)
        request = ChangeAvailability(connector_id=1, type=AvailabilityType.INOPERATIVE)
        assert play.send(request) == ChangeAvailabilityConf(status=AvailabilityStatus.ACCEPTED)
        play.expect_status(1, S.UNAVAILABLE)
        assert reserved(play) == []


def test_preparing_by_the_reserved_tag_meets_change_availability() -> None:
    """Scheduled; the attempt may complete with its reservationId."""
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 1)
        play.present_card("TAG")
        play.expect(Authorize)
        play.expect_status(1, S.PREPARING)
        request = ChangeAvailability(connector_id=1, type=AvailabilityType.INOPERATIVE)
        assert play.send(request) == ChangeAvailabilityConf(status=AvailabilityStatus.SCHEDULED)
        play.plug_in(1)
        play.expect(StartTransaction, reservation_id=1)
        play.expect_status(1, S.CHARGING)
