"""UnlockConnector during and around a transaction (§5.18)."""

from __future__ import annotations

import pytest

from ocpp16cp.events import (
    Failed,
    FaultRaised,
    MeterRead,
    Reading,
    SocketState,
    Succeeded,
)
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import (
    RemoteStartTransaction,
    StartTransaction,
    StopTransaction,
    UnlockConnector,
    UnlockConnectorConf,
    UnlockStatus,
)
from ocpp16cp.outcome import Lock, SetOutput, Unlock
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus, Reason
from tests.features.stations import SINGLE, SOCKET, configured

S = ChargePointStatus
LOCK_FAILURE = ChargePointErrorCode.CONNECTOR_LOCK_FAILURE
UNLOCKED = UnlockConnectorConf(status=UnlockStatus.UNLOCKED)
UNLOCK_FAILED = UnlockConnectorConf(status=UnlockStatus.UNLOCK_FAILED)
NOT_SUPPORTED = UnlockConnectorConf(status=UnlockStatus.NOT_SUPPORTED)


def unlock(connector_id: int = 1) -> UnlockConnector:
    """What the central system asks for."""
    return UnlockConnector(connector_id=connector_id)


def test_transaction_is_ended_first() -> None:
    """Energy off, StopTransaction with UnlockCommand, then the lock."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.begin_transaction()
        play.deliver(1, 50)

        assert play.send(unlock()) == UNLOCKED
        play.expect(StopTransaction, id_tag="TAG", reason=Reason.UNLOCK_COMMAND, meter_stop=1050, transaction_id=1)
        play.expect_status(1, S.FINISHING)
        commands = [entry.item for entry in play.entries if isinstance(entry.item, SetOutput | Unlock)]
        assert SetOutput(1, is_on=False) in commands
        assert isinstance(commands[commands.index(SetOutput(1, is_on=True)) + 2], Unlock)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_lock_is_told_once_to_open_after_a_transaction() -> None:
    """The end of a transaction unlocks anyway: one attempt serves both."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.lock_delay_s = 1
        message_id = play.post(unlock())
        play.advance(1)

        assert play.answer_to(message_id) == UNLOCKED
        play.expect(Unlock)
        play.expect_no(Unlock)
        play.skip()


def test_lock_does_not_open_before_the_energy_is_off() -> None:
    with Playbook(SOCKET) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.output_delay_s = 1
        message_id = play.post(unlock())
        play.expect_no(Unlock)
        assert play.answer_to(message_id) is None
        play.advance(1)

        assert play.answer_to(message_id) == UNLOCKED
        play.skip()


def test_energy_and_lock_that_do_not_report_are_answered_for_in_time() -> None:
    with Playbook(SOCKET) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.output_delay_s = play.hardware.lock_delay_s = None
        message_id = play.post(unlock())
        play.advance(4)

        assert play.answer_to(message_id) == UNLOCK_FAILED
        play.expect(StopTransaction, reason=Reason.UNLOCK_COMMAND)
        play.skip()


def test_transaction_on_a_fixed_cable_goes_on() -> None:
    """Errata 3.85."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()

        assert play.send(unlock()) == NOT_SUPPORTED
        play.advance(10)
        play.expect_nothing()
        assert play.hardware.outputs[1]


def test_failed_lock_during_a_transaction() -> None:
    """The transaction has ended all the same."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.lock_result = Failed()

        assert play.send(unlock()) == UNLOCK_FAILED
        play.expect(StopTransaction, reason=Reason.UNLOCK_COMMAND)
        play.expect_status(1, S.FINISHING, LOCK_FAILURE)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_unlock_while_a_transaction_ends_already_keeps_its_reason() -> None:
    """One StopTransaction per transaction."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.output_delay_s = 1
        play.present_card("TAG")
        message_id = play.post(unlock())
        play.advance(1)

        assert play.answer_to(message_id) == UNLOCKED
        play.expect(StopTransaction, reason=Reason.LOCAL)
        play.expect_status(1, S.FINISHING)


def test_transaction_whose_id_is_not_known_yet_is_ended_too() -> None:
    with Playbook(SOCKET) as play:
        play.boot()
        play.central_system.answer(StartTransaction, SILENCE)
        play.plug_in(1)
        play.present_card("TAG")

        assert play.send(unlock()) == UNLOCKED
        assert not play.hardware.outputs[1]
        play.skip()


def test_suspended_transaction_is_ended() -> None:
    """Unplugged at the vehicle and only suspended (§9.1.23 false): the cable is free again."""
    with Playbook(configured(SOCKET, StopTransactionOnEVSideDisconnect=False)) as play:
        play.boot()
        play.begin_transaction()
        play.unplug_vehicle(1)
        play.expect_status(1, S.SUSPENDED_EV)

        assert play.send(unlock()) == UNLOCKED
        play.expect(StopTransaction, reason=Reason.UNLOCK_COMMAND)
        play.expect_status(1, S.FINISHING)


def test_faulted_transaction_is_ended() -> None:
    """§4.9: the reason as usual, the status stays Faulted."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.begin_transaction()
        play.happens(FaultRaised(connector_id=1, error_code=ChargePointErrorCode.GROUND_FAILURE))
        play.expect_status(1, S.FAULTED, ChargePointErrorCode.GROUND_FAILURE)

        assert play.send(unlock()) == UNLOCKED
        play.expect(StopTransaction, reason=Reason.UNLOCK_COMMAND)


# Beside a transaction.


@pytest.mark.parametrize("how", ["card", "remote"])
def test_attempt_goes_on(how: str) -> None:
    """Preparing, somebody waits for the cable: Unlocked, and the cable still begins the transaction."""
    with Playbook(SOCKET) as play:
        play.boot()
        if how == "card":
            play.present_card("TAG")
        else:
            play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)

        assert play.send(unlock()) == UNLOCKED
        play.plug_in(1)
        play.expect(StartTransaction, id_tag="TAG")
        play.expect_status(1, S.CHARGING)


def test_attempt_that_was_unlocked_is_locked_again_before_energy_flows() -> None:
    """Locked and waiting for the meter when the plug was let go: no energy on a plug that is not held."""
    with Playbook(SOCKET) as play:
        del play.hardware.readings[1]
        play.boot()
        play.plug_in(1)
        play.present_card("TAG")
        play.expect(Lock, connector_id=1)
        play.skip()
        assert play.send(unlock()) == UNLOCKED
        play.happens(MeterRead(1, Reading(register_wh=5)))

        play.expect(Lock, connector_id=1)
        play.expect(StartTransaction, meter_start=5)
        play.expect_status(1, S.CHARGING)


def test_unlock_while_the_plug_is_being_locked() -> None:
    """Both under way at once: whatever comes of it, no energy flows on a plug that was let go."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_delay_s = 1
        play.plug_in(1)
        play.present_card("TAG")
        message_id = play.post(unlock())
        play.advance(10)

        assert play.answer_to(message_id) == UNLOCKED
        locks = [type(entry.item) for entry in play.entries if isinstance(entry.item, Lock | Unlock)]
        assert locks[-1] is Lock
        play.skip()


@pytest.mark.parametrize("left", [SocketState.CABLE_ONLY, SocketState.VEHICLE])
def test_cable_that_waits_for_its_card_is_freed(left: SocketState) -> None:
    """After an unplugging at the vehicle with UnlockConnectorOnEVSideDisconnect false (TC_005_2)."""
    with Playbook(configured(SOCKET, UnlockConnectorOnEVSideDisconnect=False)) as play:
        play.boot()
        play.begin_transaction()
        play.unplug_vehicle(1)
        play.expect(StopTransaction, reason=Reason.EV_DISCONNECTED)
        play.expect_status(1, S.FINISHING)
        play.expect_no(Unlock)
        if left is SocketState.VEHICLE:
            play.plug_in(1)

        assert play.send(unlock()) == UNLOCKED
        play.skip()
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_cable_that_could_not_be_freed_still_waits_for_its_card() -> None:
    with Playbook(configured(SOCKET, UnlockConnectorOnEVSideDisconnect=False)) as play:
        play.boot()
        play.begin_transaction()
        play.unplug_vehicle(1)
        play.hardware.lock_result = Failed()
        assert play.send(unlock()) == UNLOCK_FAILED
        play.expect(Unlock)
        play.hardware.lock_result = Succeeded()
        play.present_card("TAG")

        play.expect(Unlock, connector_id=1)
        play.skip()


def test_connector_whose_lock_failed_at_a_start_stays_faulted() -> None:
    """A lock that fails once more must not turn a fault into a warning: nothing can be charged here."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_result = Failed()
        play.plug_in(1)
        play.present_card("TAG")
        play.skip()

        assert play.send(unlock()) == UNLOCK_FAILED
        play.expect_nothing()
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_lock_that_fails_after_a_transaction_warns() -> None:
    """§4.9: nobody asked for it, but the user stands before a plug that is held."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.lock_result = Failed()
        play.present_card("TAG")

        play.expect(StopTransaction, reason=Reason.LOCAL)
        play.skip()
        last = play.central_system.seen_of(StatusNotification)[-1]
        assert (last.status, last.error_code) == (S.FINISHING, LOCK_FAILURE)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)
