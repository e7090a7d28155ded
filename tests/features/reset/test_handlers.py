from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from ocpp16cp.events import CommandDone, Failed, FailureReason, SocketState, StartCause, Started, StopPressed, Succeeded
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.connectors.messages import AvailabilityType, ChangeAvailability
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.reset.messages import Reset, ResetConf, ResetStatus, ResetType
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    StartTransaction,
    StopTransaction,
)
from ocpp16cp.outcome import (
    CardRefusal,
    CardRefused,
    Close,
    Open,
    Reboot,
    Restart,
    RestartFailed,
    Restarting,
    StartAbandoned,
)
from ocpp16cp.station import CHARGE_POINT
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, Late
from ocpp16cp.testing.stage import BEGINNING, Rebooted
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus, Reason
from tests.features.stations import SINGLE, SOCKET, STATION, configured

S = ChargePointStatus
HARD, SOFT = ResetType.HARD, ResetType.SOFT
RESTARTS = {HARD: Restart.HARD, SOFT: Restart.SOFT}
REASONS = {HARD: Reason.HARD_RESET, SOFT: Reason.SOFT_RESET}
ACCEPTED = ResetConf(status=ResetStatus.ACCEPTED)
RESET_FAILURE = ChargePointErrorCode.RESET_FAILURE
REFUSED = Failed(FailureReason.FAILED, "the update daemon holds the board")


def runs(play: Playbook) -> list[Started]:
    """The starts so far."""
    return [entry.item for entry in play.entries if isinstance(entry.item, Started)]


def expect_boot(play: Playbook, *statuses: ChargePointStatus) -> None:
    """A new run introduces itself."""
    play.expect(BootNotification)
    for connector_id, status in enumerate(statuses):
        play.expect_status(connector_id, status)


@pytest.mark.parametrize("kind", ResetType)
def test_idle_station_restarts_at_once(kind: ResetType) -> None:
    """§5.14: answered, then the connection is closed, then the driver is asked; the next run introduces itself."""
    with Playbook(SINGLE) as play:
        play.boot()

        assert play.send(Reset(type=kind)) == ACCEPTED
        play.expect(Restarting(RESTARTS[kind]))
        play.expect(Close, code=1001, reason="the charge point restarts")
        assert play.expect(Reboot).restart is RESTARTS[kind]
        assert [each.cause for each in runs(play)][1:] == [StartCause(RESTARTS[kind].value)]
        expect_boot(play, S.AVAILABLE, S.AVAILABLE)


@pytest.mark.parametrize("kind", ResetType)
def test_transactions_end_first(kind: ResetType) -> None:
    """§5.14: energy off, StopTransaction without idTag, Finishing; told before the restart, and not again after it."""
    with Playbook(STATION) as play:
        play.boot()
        first, second = play.begin_transaction(1), play.begin_transaction(2, "TWO")
        play.deliver(1, 40)

        assert play.send(Reset(type=kind)) == ACCEPTED
        play.expect(StopTransaction, transaction_id=first, reason=REASONS[kind], id_tag=None, meter_stop=1040)
        play.expect_status(1, S.FINISHING)
        play.expect(StopTransaction, transaction_id=second, reason=REASONS[kind], id_tag=None)
        play.expect_status(2, S.FINISHING)
        expect_boot(play, S.AVAILABLE, S.FINISHING, S.FINISHING)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


@pytest.mark.parametrize(("kind", "patience_s"), [(HARD, 5), (SOFT, 60)])
def test_central_system_that_does_not_answer_is_not_waited_for_long(kind: ResetType, patience_s: int) -> None:
    """What is not told by then is told after the restart, with the time of the end."""
    with Playbook(configured(SINGLE, MessageTimeout=600)) as play:
        play.ignore(MeterValues)
        play.boot()
        transaction_id = play.begin_transaction()
        play.central_system.answer(StopTransaction, SILENCE)
        play.send(Reset(type=kind))
        play.expect(StopTransaction)
        play.advance(patience_s - 0.1)
        play.expect_no(Reboot)

        play.advance(0.1)
        expect_boot(play, S.AVAILABLE, S.FINISHING)
        play.expect(StopTransaction, transaction_id=transaction_id, reason=REASONS[kind], timestamp=BEGINNING)


def test_soft_reset_waits_for_the_answer() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.central_system.answer(StopTransaction, Late(20))
        play.send(Reset(type=SOFT))
        play.expect(StopTransaction)
        play.advance(19.9)
        play.expect_no(Reboot)
        play.advance(0.1)

        play.expect_status(1, S.FINISHING)
        expect_boot(play, S.AVAILABLE, S.FINISHING)


def test_offline_nothing_is_waited_for() -> None:
    """The connection breaks after the answer: what could not be told is told after the restart."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.central_system.answer(StopTransaction, SILENCE)
        play.send(Reset(type=SOFT))
        play.expect(StopTransaction)
        play.drop_link()
        play.expect(Reboot)
        play.restore_link()

        expect_boot(play, S.AVAILABLE, S.FINISHING)
        play.expect(StopTransaction, reason=Reason.SOFT_RESET)


def test_output_that_does_not_report_is_not_waited_for_long() -> None:
    """The transaction that is about to end keeps its reason over the restart."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.output_delay_s = None
        play.send(Reset(type=HARD))
        play.advance(3)

        play.expect(StopTransaction, reason=Reason.HARD_RESET)
        play.expect_status(1, S.FINISHING)
        expect_boot(play, S.AVAILABLE, S.FINISHING)


def test_who_waits_is_dropped() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.present_card("TAG")
        play.expect(Authorize)
        play.expect_status(1, S.PREPARING)
        play.send(Reset(type=SOFT))

        assert play.expect(StartAbandoned).reason == "the charge point restarts"
        expect_boot(play, S.AVAILABLE, S.AVAILABLE)


def test_plugged_vehicle_is_preparing_again() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.send(Reset(type=SOFT))

        expect_boot(play, S.AVAILABLE, S.PREPARING)


def test_nobody_begins_anything_meanwhile() -> None:
    """Remote starts are Rejected, cards refused without a question, what is plugged in is shown after the restart."""
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1)
        play.central_system.answer(StopTransaction, Late(10))
        play.send(Reset(type=SOFT))
        play.expect(StopTransaction)

        rejected = RemoteStartTransactionConf(status=RemoteStartStopStatus.REJECTED)
        assert play.send(RemoteStartTransaction(id_tag="X")) == rejected
        assert play.send(RemoteStartTransaction(id_tag="X", connector_id=1)) == rejected
        play.present_card("X")
        assert play.expect(CardRefused).refusal is CardRefusal.NO_CONNECTOR
        play.plug_in(2)
        play.advance(10)
        play.expect_status(1, S.FINISHING)
        expect_boot(play, S.AVAILABLE, S.FINISHING, S.PREPARING)


def test_card_that_is_asked_about_comes_to_nothing() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(3))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize)
        play.send(Reset(type=SOFT))
        play.advance(3)

        assert play.expect(CardRefused).refusal is CardRefusal.NO_CONNECTOR
        expect_boot(play, S.AVAILABLE, S.PREPARING)


@pytest.mark.parametrize(
    ("first", "second", "expected", "after_s"),
    [(SOFT, HARD, Restart.HARD, 5), (SOFT, SOFT, Restart.SOFT, 50), (HARD, SOFT, Restart.HARD, 0)],
)
def test_reset_during_a_reset(first: ResetType, second: ResetType, expected: Restart, after_s: float) -> None:
    """Accepted; a Hard one overtakes a Soft one, with its own patience from then; transactions keep their reason."""
    with Playbook(configured(SINGLE, MessageTimeout=600)) as play:
        play.ignore(MeterValues)
        play.boot()
        play.begin_transaction()
        play.central_system.answer(StopTransaction, SILENCE)
        assert play.send(Reset(type=first)) == ACCEPTED
        play.expect(StopTransaction, reason=REASONS[first])
        play.advance(10 if first is SOFT else 4)
        assert play.send(Reset(type=second)) == ACCEPTED
        play.advance(after_s if first is SOFT else 1)

        assert play.expect(Reboot).restart is expected
        expect_boot(play, S.AVAILABLE, S.FINISHING)
        play.expect(StopTransaction, reason=REASONS[first])


def test_driver_that_refuses_is_asked_again() -> None:
    """§9.1.22: ResetRetries times more."""
    with Playbook(configured(SINGLE, ResetRetries=2)) as play:
        play.boot()
        play.hardware.reboot_result = REFUSED
        play.send(Reset(type=SOFT))
        play.expect(Reboot)
        play.expect_no(Reboot)
        play.advance(5)
        play.expect(Reboot)
        play.hardware.reboot_result = Succeeded()
        play.advance(5)
        play.expect(Reboot)

        expect_boot(play, S.AVAILABLE, S.AVAILABLE)


@pytest.mark.parametrize("retries", [0, 2])
def test_reset_that_fails_for_good_is_told(retries: int) -> None:
    """ResetFailure as a warning of connector 0, and everything works as before, until the next Reset."""
    with Playbook(configured(SINGLE, ResetRetries=retries)) as play:
        play.boot()
        play.hardware.reboot_result = REFUSED
        play.send(Reset(type=HARD))
        for _ in range(retries):
            play.advance(5)

        play.expect(RestartFailed(Restart.HARD, REFUSED.text))
        play.restore_link()
        play.expect_status(0, S.AVAILABLE, RESET_FAILURE, info=REFUSED.text)
        assert len([entry for entry in play.entries if isinstance(entry.item, Reboot)]) == retries + 1
        assert len(runs(play)) == 1
        play.begin_transaction()
        play.happens(StopPressed(1))
        play.expect(StopTransaction)
        play.expect_status(1, S.FINISHING)

        play.hardware.reboot_result = Succeeded()
        assert play.send(Reset(type=HARD)) == ACCEPTED
        expect_boot(play, S.AVAILABLE, S.FINISHING)


def test_driver_that_says_nothing_has_failed() -> None:
    """`Settings.reboot_timeout_s`; an answer that comes later changes nothing."""
    station = evolve(SINGLE, settings=evolve(SINGLE.settings, reboot_timeout_s=20.0))
    with Playbook(configured(station, ResetRetries=0)) as play:
        play.boot()
        play.hardware.reboot_delay_s = None
        play.send(Reset(type=SOFT))
        asked = play.expect(Reboot)
        play.advance(20)

        play.expect(RestartFailed)
        play.restore_link()
        play.expect_status(0, S.AVAILABLE, RESET_FAILURE)
        play.happens(CommandDone(asked.ask_id, Failed()))
        play.advance(100)
        assert len(runs(play)) == 1


def test_reason_that_is_too_long_is_cut() -> None:
    with Playbook(configured(SINGLE, ResetRetries=0)) as play:
        play.boot()
        play.hardware.reboot_result = Failed(FailureReason.FAILED, "x" * 80)
        play.send(Reset(type=SOFT))
        play.restore_link()

        play.expect_status(0, S.AVAILABLE, RESET_FAILURE, info="x" * 50)


def test_connection_that_does_not_close_is_not_waited_for_long() -> None:
    """A dead network: the transport does not report the end in time."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.holds_close = True
        play.send(Reset(type=SOFT))
        play.expect(Close)
        play.advance(4.9)
        play.expect_no(Reboot)
        play.advance(0.1)

        play.expect(Reboot)
        play.holds_close = False
        expect_boot(play, S.AVAILABLE, S.AVAILABLE)


def test_failed_reset_whose_connection_is_still_closing_comes_back() -> None:
    with Playbook(configured(SINGLE, ResetRetries=0)) as play:
        play.boot()
        play.hardware.reboot_result = REFUSED
        play.send(Reset(type=SOFT))
        play.expect(Open)
        play.expect(Open)

        play.restore_link()
        play.expect_status(0, S.AVAILABLE, RESET_FAILURE)


@pytest.mark.parametrize("knows_cause", [True, False])
def test_transaction_that_the_restart_cuts_off_is_ended_with_its_reason(knows_cause: bool) -> None:
    """Also where the driver says only that there is power again."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.output_delay_s = None
        play.hardware.knows_cause = knows_cause
        play.skip()
        del play.hardware.readings[1]
        play.power_cut()
        play.skip()
        play.send(Reset(type=HARD))
        play.advance(5)

        expect_boot(play, S.AVAILABLE, S.FINISHING)
        play.advance(10)
        assert play.expect(StopTransaction).reason is Reason.HARD_RESET


def test_later_power_cut_is_no_reset() -> None:
    """What the driver was asked for explains the next start, and none after it."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.hardware.knows_cause = False
        play.send(Reset(type=HARD))
        expect_boot(play, S.AVAILABLE, S.AVAILABLE)
        play.begin_transaction()
        play.power_cut()

        expect_boot(play, S.AVAILABLE, S.FINISHING)
        play.expect(StopTransaction, reason=Reason.POWER_LOSS)


def test_failed_reset_does_not_explain_a_power_cut() -> None:
    with Playbook(configured(SINGLE, ResetRetries=0)) as play:
        play.boot()
        play.hardware.reboot_result = REFUSED
        play.send(Reset(type=HARD))
        play.restore_link()
        play.skip()
        play.begin_transaction()
        play.power_cut()

        expect_boot(play, S.AVAILABLE, S.FINISHING)
        play.expect(StopTransaction, reason=Reason.POWER_LOSS)


def test_power_cut_during_a_reset() -> None:
    """It does what was asked for: nothing is left to do."""
    with Playbook(configured(SINGLE, MessageTimeout=600)) as play:
        play.boot()
        play.begin_transaction()
        play.central_system.answer(StopTransaction, SILENCE)
        play.send(Reset(type=SOFT))
        play.expect(StopTransaction)
        play.power_cut()

        expect_boot(play, S.AVAILABLE, S.FINISHING)
        play.expect(StopTransaction, reason=Reason.SOFT_RESET)
        play.advance(100)
        assert len(runs(play)) == 2


def test_availability_stays_as_it_is() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.send(ChangeAvailability(connector_id=2, type=AvailabilityType.INOPERATIVE))
        play.expect_status(2, S.UNAVAILABLE)
        play.send(Reset(type=HARD))

        expect_boot(play, S.AVAILABLE, S.AVAILABLE, S.UNAVAILABLE)


def test_locked_cable_still_waits_for_its_card() -> None:
    with Playbook(configured(SOCKET, UnlockConnectorOnEVSideDisconnect=False)) as play:
        play.boot()
        play.begin_transaction()
        play.unplug_vehicle(1)
        play.skip()
        play.send(Reset(type=SOFT))

        expect_boot(play, S.AVAILABLE, S.FINISHING)
        play.present_card("TAG")
        play.expect_nothing()
        assert play.hardware.sockets[1] is SocketState.CABLE_ONLY


def test_what_is_queued_is_told_before_a_soft_reset() -> None:
    """A backlog that flows is let through, also where no transaction runs."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.drop_link()
        play.plug_in(1)
        play.present_card("TAG")
        play.happens(StopPressed(1))
        play.unplug(1)
        play.central_system.answer(StartTransaction, Late(5))
        play.restore_link()
        play.send(Reset(type=SOFT))
        play.expect(StartTransaction)
        play.expect_no(Reboot)
        play.advance(5)
        play.expect(StopTransaction)

        expect_boot(play, S.AVAILABLE, S.AVAILABLE)


def test_station_that_is_pending_restarts_too() -> None:
    """§4.2: it answers what it is asked."""
    with Playbook(SINGLE) as play:
        pending = {"status": "Pending", "currentTime": "2026-01-01T00:00:00Z", "interval": 60}
        play.central_system.answer(BootNotification, pending)
        play.start()
        play.expect(BootNotification)
        assert play.send(Reset(type=HARD)) == ACCEPTED

        play.expect(BootNotification)
        play.skip()


def test_time_goes_on_over_a_restart() -> None:
    """A station without a clock of its own knows the time from what it stored."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.advance(100)
        play.begin_transaction()
        play.send(Reset(type=SOFT))
        play.skip()

        (stop,) = play.central_system.seen_of(StopTransaction)
        assert stop.timestamp == BEGINNING + timedelta(seconds=100)
        assert [entry.at for entry in play.entries if isinstance(entry.item, Rebooted)] == [100]
        assert play.central_system.seen_of(StatusNotification)[-1].connector_id != CHARGE_POINT
