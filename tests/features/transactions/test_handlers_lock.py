from __future__ import annotations

import pytest

from ocpp16cp.events import (
    Failed,
    FailureReason,
    FaultCleared,
    FaultRaised,
    StopPressed,
)
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import (
    StartTransaction,
    StopTransaction,
)
from ocpp16cp.outcome import (
    HardwareMisreport,
    Lock,
    SetOutput,
    StartAbandoned,
    Unlock,
)
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus
from tests.features.stations import SINGLE, SOCKET, SOCKETS

S = ChargePointStatus


GROUND, LOCK = ChargePointErrorCode.GROUND_FAILURE, ChargePointErrorCode.CONNECTOR_LOCK_FAILURE


def test_plug_is_locked_before_energy_flows() -> None:
    """No StartTransaction and no energy until the lock holds."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.expect(SetOutput)
        play.hardware.lock_delay_s = 2.0
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect(Lock, connector_id=1)
        play.expect_no(SetOutput)
        play.advance(2)

        play.expect(StartTransaction, connector_id=1)
        play.expect(SetOutput(1, is_on=True))
        play.expect_status(1, S.CHARGING)


def test_fixed_cable_is_not_locked() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(StopPressed(1))

        play.expect_no(Lock)
        play.expect_no(Unlock)
        play.skip()


@pytest.mark.parametrize("result", [Failed(), Failed(FailureReason.NOT_SUPPORTED, "no lock"), None])
def test_lock_that_does_not_hold_starts_nothing(result: Failed | None) -> None:
    """Faulted with ConnectorLockFailure, no StartTransaction; a lock that does not answer counts as failed."""
    with Playbook(SOCKET) as play:
        play.boot()
        if result is None:
            play.hardware.lock_delay_s = None
        else:
            play.hardware.lock_result = result
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.advance(4)

        play.expect_status(1, S.FAULTED, LOCK)
        play.expect(StartAbandoned(1, "TAG", "the plug could not be locked"))
        play.advance(10)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_driver_may_clear_a_lock_failure_itself() -> None:
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_result = Failed()
        play.plug_in(1)
        play.present_card("TAG")
        play.skip()
        play.happens(FaultCleared(connector_id=1, error_code=LOCK))

        play.expect_status(1, S.PREPARING)


def test_lock_that_holds_after_all_lets_go() -> None:
    """The lock answers when nobody wants it any more: the plug must not stay captive."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_delay_s = 2.0
        play.plug_in(1)
        play.present_card("TAG")
        play.present_card("TAG")
        play.expect(Lock)
        play.expect(Unlock)
        play.skip()
        play.advance(2)

        play.expect_no(Lock)
        play.skip()


def test_late_answer_of_a_lock_is_told() -> None:
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_delay_s = 5.0
        play.plug_in(1)
        play.present_card("TAG")
        play.advance(5)

        play.expect(HardwareMisreport)
        play.skip()


def test_plug_pulled_while_it_is_locked_is_locked_anew() -> None:
    """Each plugging-in is locked by itself."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_delay_s = 1.0
        play.plug_in(1)
        play.present_card("TAG")
        play.unplug(1)
        play.advance(1)
        play.skip()
        play.plug_in(1)
        play.expect(Lock, connector_id=1)
        play.advance(1)

        play.expect(StartTransaction)
        play.expect_status(1, S.CHARGING)


def test_plug_stays_locked_while_a_transaction_runs() -> None:
    """Pulled and plugged again before the lock answered: of two answers neither lets the plug go in mid-session."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_delay_s = 1.0
        play.plug_in(1)
        play.present_card("TAG")
        play.advance(0.5)
        play.unplug(1)
        play.plug_in(1)
        play.advance(5)

        assert len(play.central_system.seen_of(StartTransaction)) == 1
        locks = [type(entry.item) for entry in play.entries if isinstance(entry.item, Lock | Unlock)]
        assert locks[-1] is Lock
        play.skip()


@pytest.mark.parametrize("lock_delay_s", [0.0, 2.0])
def test_card_that_follows_another_cable_has_that_one_locked(lock_delay_s: float) -> None:
    """The vehicle leaves while its plug is locked, or after it: the next one's plug is held before energy flows."""
    with Playbook(SOCKETS) as play:
        del play.hardware.readings[1]
        play.boot()
        play.hardware.lock_delay_s = lock_delay_s
        play.plug_in(1)
        play.plug_in(2)
        play.present_card("TAG")
        play.expect(Lock, connector_id=1)
        play.advance(0.5)
        play.unplug(1)
        play.expect(Lock, connector_id=2)
        play.advance(2)
        play.skip()

        assert play.hardware.outputs == {1: False, 2: True}


@pytest.mark.parametrize("elsewhere", [False, True])
def test_cable_that_its_vehicle_leaves_is_let_go(elsewhere: bool) -> None:
    """Locked and never used: the cable that hangs in the socket can be taken away, wherever the card goes."""
    with Playbook(SOCKETS) as play:
        del play.hardware.readings[1]
        play.boot()
        play.plug_in(1)
        play.present_card("TAG")
        play.expect(Lock, connector_id=1)
        play.unplug_vehicle(1)

        play.expect(Unlock, connector_id=1)
        if elsewhere:
            play.plug_in(2)
            assert play.hardware.outputs[2]
        play.expect_no(Unlock)
        play.skip()


def test_lock_that_nobody_asked_to_hold_is_left_alone() -> None:
    """A card that was taken back before any cable came: no work for the lock, and no warning from a broken one."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_result = Failed()
        play.present_card("TAG")
        play.present_card("TAG")
        play.skip()

        assert not [entry for entry in play.entries if isinstance(entry.item, Unlock | FaultRaised)]
        assert play.central_system.seen_of(StatusNotification)[-1].error_code is ChargePointErrorCode.NO_ERROR


def test_plug_is_free_after_a_normal_end() -> None:
    with Playbook(SOCKET) as play:
        play.boot()
        play.begin_transaction()
        play.expect(Lock)
        play.present_card("TAG")

        play.expect(Unlock, connector_id=1)
        play.skip()


def test_lock_that_stays_shut_at_the_end_only_warns() -> None:
    """A plug that is not let go: the transaction has ended all the same, and the status says what is wrong."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.lock_result = Failed()
        play.hardware.lock_delay_s = 1
        play.present_card("TAG")

        play.expect(StopTransaction)
        play.expect_status(1, S.FINISHING)
        play.advance(1)
        play.expect_status(1, S.FINISHING, ChargePointErrorCode.CONNECTOR_LOCK_FAILURE)
