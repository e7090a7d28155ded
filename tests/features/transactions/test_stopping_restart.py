from __future__ import annotations

from datetime import timedelta

import pytest

from ocpp16cp.events import MeterRead, Reading, StartCause, StopPressed
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStopTransaction,
    RemoteStopTransactionConf,
    StartTransaction,
    StopTransaction,
)
from ocpp16cp.outcome import HardwareMisreport, TransactionStopped, Unlock
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, USUAL
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.types import ChargePointStatus, Reason
from tests.features.stations import SINGLE, SOCKET, SOCKETS, STATION, configured

S = ChargePointStatus


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (StartCause.POWER_UP, Reason.POWER_LOSS),
        (StartCause.HARD_RESET, Reason.HARD_RESET),
        (StartCause.SOFT_RESET, Reason.SOFT_RESET),
        (StartCause.WATCHDOG, Reason.REBOOT),
        (StartCause.FIRMWARE, Reason.REBOOT),
    ],
)
def test_interrupted_transaction_ends_with_the_reason_of_the_restart(cause: StartCause, reason: Reason) -> None:
    """§4.10, §7.36: without an idTag, at the time stored last, with the register as the meter shows it now."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.deliver(1, 500)
        play.advance(30)
        play.expect(MeterValues)
        play.deliver(1, 40)
        play.power_cut(cause=cause, off_s=1000)

        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.FINISHING)
        play.expect(
            StopTransaction(
                id_tag=None,
                meter_stop=1540,
                timestamp=BEGINNING + timedelta(seconds=30),
                transaction_id=1,
                reason=reason,
            )
        )
        play.expect(TransactionStopped(1, "TAG", reason, 540))


def test_interrupted_transaction_ends_at_its_start_if_nothing_was_stored_since() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.advance(20)
        play.begin_transaction()
        play.advance(10)
        play.power_cut()
        play.skip()

        (stop,) = play.central_system.seen_of(StopTransaction)
        assert stop.timestamp == BEGINNING + timedelta(seconds=20)
        assert stop.meter_stop == 1000


def test_interrupted_transaction_waits_for_its_meter_but_not_for_long() -> None:
    """A meter that does not answer after the restart is waited for 10 s; then the stored register counts."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.deliver(1, 500)
        play.advance(30)
        play.deliver(1, 7)
        play.skip()
        del play.hardware.readings[1]
        play.power_cut()
        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.FINISHING)
        play.advance(9.9)
        play.expect_nothing()
        play.advance(0.1)

        play.expect(StopTransaction, meter_stop=1500, reason=Reason.POWER_LOSS)


def test_interrupted_transaction_is_never_resumed() -> None:
    """No energy, no remote stop, no card: until its meter answers it waits, and then it has ended."""
    with Playbook(SINGLE) as play:
        play.boot()
        transaction_id = play.begin_transaction()
        del play.hardware.readings[1]
        play.power_cut()
        play.skip()
        stopped = play.send(RemoteStopTransaction(transaction_id=transaction_id), RemoteStopTransactionConf)
        play.present_card("TAG")

        assert stopped.status is RemoteStartStopStatus.REJECTED
        assert not play.hardware.outputs[1]
        play.expect_nothing()


def test_cable_gone_at_the_restart_leaves_the_connector_free() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.sockets[1] = play.hardware.sockets[1].EMPTY
        play.power_cut()

        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.AVAILABLE)
        play.expect(StopTransaction, reason=Reason.POWER_LOSS)


def test_power_cut_while_ending_keeps_the_reason() -> None:
    """What was decided before the power went is what is told: Local, by that card, at that time."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.advance(10)
        play.hardware.output_delay_s = None
        play.present_card("TAG")
        play.hardware.output_delay_s = 0.0
        play.power_cut(off_s=60)
        play.skip()

        (stop,) = play.central_system.seen_of(StopTransaction)
        assert (stop.reason, stop.id_tag) == (Reason.LOCAL, "TAG")
        assert stop.timestamp == BEGINNING + timedelta(seconds=10)


def test_power_cut_before_the_start_was_answered() -> None:
    """StartTransaction is sent again, then StopTransaction with the id of its answer."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(StartTransaction, SILENCE, USUAL)
        play.plug_in(1)
        play.present_card("TAG")
        play.skip()
        play.power_cut()

        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.FINISHING)
        play.expect(StartTransaction, timestamp=BEGINNING)
        play.expect(StopTransaction, transaction_id=1, reason=Reason.POWER_LOSS)


def test_power_cut_before_the_stop_was_answered() -> None:
    """Delivered at least once, the same both times."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.central_system.answer(StopTransaction, SILENCE, USUAL)
        play.present_card("TAG")
        play.power_cut()
        play.skip()

        first, second = play.central_system.seen_of(StopTransaction)
        assert first == second


def test_second_power_cut_tells_nothing_twice() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.power_cut()
        play.power_cut()
        play.power_cut()
        play.skip()

        assert len(play.central_system.seen_of(StopTransaction)) == 1


def test_cable_left_behind_is_remembered_over_a_power_cut() -> None:
    """Finishing while plugged; the next driver's card does not start on it."""
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1)
        play.happens(StopPressed(1))
        play.power_cut()
        play.skip()
        play.present_card("NEXT")
        play.expect(Authorize(id_tag="NEXT"))
        play.expect_status(2, S.PREPARING)
        play.unplug(1)

        play.expect_status(1, S.AVAILABLE)


def test_locked_cable_is_remembered_over_a_power_cut() -> None:
    """It waits for its card however long the power was off."""
    with Playbook(configured(SOCKET, UnlockConnectorOnEVSideDisconnect=False)) as play:
        play.boot()
        play.begin_transaction()
        play.unplug_vehicle(1)
        play.power_cut()
        play.skip()
        play.present_card("TAG")

        play.expect(Unlock, connector_id=1)


def test_status_of_an_interrupted_transaction_is_finishing() -> None:
    """Between the restart and the first reading nothing is charging, and nobody was told that anything is suspended."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        reading = play.hardware.readings.pop(1)
        play.power_cut()
        play.advance(5)
        play.happens(MeterRead(1, reading))

        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.FINISHING)
        play.expect(StopTransaction, reason=Reason.POWER_LOSS)


@pytest.mark.parametrize("state", ["running", "finished"])
def test_connector_that_is_gone_after_a_restart_still_has_its_transaction_told(state: str) -> None:
    """A station that was rebuilt, or described anew: no stored record keeps it from starting."""
    with Playbook(SOCKETS) as play:
        play.boot()
        play.begin_transaction(1, "OTHER")
        play.begin_transaction(2)
        play.deliver(2, 300)
        if state == "finished":
            play.present_card("TAG")
        play.skip()
        play.station = SOCKET
        for facts in (play.hardware.sockets, play.hardware.outputs, play.hardware.readings):
            del facts[2]
        play.power_cut()
        play.advance(10)
        play.skip()

        ends = {each.transaction_id: each.reason for each in play.central_system.seen_of(StopTransaction)}
        assert ends == {1: Reason.POWER_LOSS, 2: Reason.LOCAL if state == "finished" else Reason.POWER_LOSS}
        play.expect_no(HardwareMisreport)


def test_register_of_an_interrupted_transaction_never_runs_backwards() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.deliver(1, 900)
        play.advance(30)
        play.hardware.readings[1] = Reading(register_wh=5)
        play.power_cut()
        play.skip()

        (stop,) = play.central_system.seen_of(StopTransaction)
        assert stop.meter_stop == 1900


def test_clock_that_stands_at_the_restart_is_not_believed() -> None:
    """A station without a clock of its own begins in 1970: the end never lies before the start."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.output_delay_s = None
        play.drop_link()
        play.power_cut()
        play.advance(30)
        play.restore_link()
        play.skip()

        (stop,) = play.central_system.seen_of(StopTransaction)
        assert stop.timestamp >= BEGINNING
