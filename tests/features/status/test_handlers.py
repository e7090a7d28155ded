from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from ocpp16cp.errors import CallErrorCode
from ocpp16cp.events import FaultCleared, FaultRaised, StopPressed, VehicleChanged
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.boot.messages import BootNotification, Heartbeat
from ocpp16cp.features.connectors.messages import AvailabilityType, ChangeAvailability
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.remote_trigger.messages import TriggerMessageStatus
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import StartTransaction, StopTransaction
from ocpp16cp.outcome import CallFailed, ShowStatus, StatusChanged
from ocpp16cp.station import Connector
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, USUAL, Late, Refusal
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus
from tests.features.authorization.cards import info, learn
from tests.features.stations import SINGLE, STATION, configured
from tests.features.triggering import asked, trigger

S = ChargePointStatus
GROUND, WEAK = ChargePointErrorCode.GROUND_FAILURE, ChargePointErrorCode.WEAK_SIGNAL


def test_status_is_shown_and_told_to_the_application() -> None:
    """What the central system learns is what the lights and the application learn."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.expect(ShowStatus(0, S.UNAVAILABLE))
        play.expect(ShowStatus(1, S.UNAVAILABLE))
        play.expect(ShowStatus(0, S.AVAILABLE))
        play.expect(ShowStatus(1, S.AVAILABLE))
        play.plug_in(1)

        play.expect(ShowStatus(1, S.PREPARING))
        play.expect_status(1, S.PREPARING)
        play.happens(FaultRaised(connector_id=1, error_code=WEAK, is_blocking=False))
        play.expect_status(1, S.PREPARING, WEAK)
        play.expect_no(ShowStatus)
        shown = [entry.item for entry in play.entries if isinstance(entry.item, StatusChanged)]
        assert shown[-1] == StatusChanged(1, S.PREPARING, WEAK)


def test_all_that_is_known_of_a_fault_is_told() -> None:
    """§6.47."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.happens(
            FaultRaised(connector_id=1, error_code=GROUND, info="30 mA", vendor_id="com.vendor", vendor_error_code="E1")
        )

        play.expect_status(1, S.FAULTED, GROUND, info="30 mA", vendor_id="com.vendor", vendor_error_code="E1")


def test_more_is_told_of_a_fault_that_is_known_already() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.happens(FaultRaised(connector_id=1, error_code=GROUND))
        play.expect_status(1, S.FAULTED, GROUND)
        play.expect(StatusChanged)

        play.happens(FaultRaised(connector_id=1, error_code=GROUND, info="30 mA"))

        play.expect_status(1, S.FAULTED, GROUND, info="30 mA")


def test_time_stamp_is_that_of_the_change() -> None:
    """§6.47: not that of sending."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.drop_link()
        play.advance(100)
        play.plug_in(1)
        play.advance(40)
        play.restore_link()

        play.expect_status(1, S.PREPARING, timestamp=BEGINNING + timedelta(seconds=100))


def test_time_stamp_is_of_this_century_also_after_a_restart_without_a_clock() -> None:
    """A station without a clock of its own learns the time with the acceptance: what is told afterwards bears it."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.advance(50)
        play.power_cut(off_s=10)
        play.expect(BootNotification)

        for connector_id in (0, 1):
            status = play.expect_status(connector_id, S.AVAILABLE)
            assert status.timestamp is None or status.timestamp == BEGINNING + timedelta(seconds=60)


def test_status_is_reported_when_it_has_lasted() -> None:
    """§9.1.16: with MinimumStatusDuration a status is told when it is that old."""
    with Playbook(configured(SINGLE, MinimumStatusDuration=10)) as play:
        play.boot()
        play.advance(20)
        play.plug_in(1)
        play.advance(9.9)
        play.expect_nothing()
        play.advance(0.1)

        play.expect_status(1, S.PREPARING, timestamp=BEGINNING + timedelta(seconds=20))


def test_status_that_does_not_last_is_not_reported() -> None:
    """§9.1.16: a flicker back to what was told last is not told at all; the one in between never is."""
    with Playbook(configured(SINGLE, MinimumStatusDuration=10)) as play:
        play.boot()
        play.plug_in(1)
        play.advance(5)
        play.unplug(1)
        play.advance(100)
        play.expect_nothing()

        play.plug_in(1)
        play.advance(9)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction)
        play.advance(9)
        play.expect_nothing()
        play.advance(1)
        play.expect_status(1, S.CHARGING)


def test_status_that_waits_holds_no_other_connector_up() -> None:
    with Playbook(configured(STATION, MinimumStatusDuration=10)) as play:
        play.boot()
        play.plug_in(1)
        play.advance(6)
        play.plug_in(2)
        play.advance(4)
        play.expect_status(1, S.PREPARING)
        play.advance(6)

        play.expect_status(2, S.PREPARING)


def test_warning_is_reported_at_once() -> None:
    """§4.9: a change of the error code alone knows no minimum duration."""
    with Playbook(configured(SINGLE, MinimumStatusDuration=10)) as play:
        play.boot()
        play.happens(FaultRaised(connector_id=1, error_code=WEAK, is_blocking=False))
        play.expect_status(1, S.AVAILABLE, WEAK)
        play.happens(FaultCleared(connector_id=1, error_code=WEAK))

        play.expect_status(1, S.AVAILABLE)


def test_first_report_does_not_wait() -> None:
    """§4.2: after the acceptance every status is told at once."""
    with Playbook(configured(SINGLE, MinimumStatusDuration=1000)) as play:
        play.start()

        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.AVAILABLE)


def test_what_happened_offline_is_not_replayed() -> None:
    """§4.9: after a reconnect the present status is told where it differs from the last one confirmed."""
    with Playbook(STATION) as play:
        play.boot()
        play.plug_in(2)
        play.expect_status(2, S.PREPARING)
        play.drop_link()
        play.plug_in(1)
        play.advance(1)
        play.unplug(1)
        play.advance(1)
        play.happens(FaultRaised(connector_id=1, error_code=GROUND))
        play.unplug(2)
        play.advance(1)
        play.plug_in(2)
        play.restore_link()

        play.expect_status(1, S.FAULTED, GROUND)


def test_status_that_was_never_confirmed_is_said_anew() -> None:
    """What was in flight when the connection broke may not have arrived."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(StatusNotification, SILENCE, USUAL)
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.advance(5)
        play.drop_link()
        play.restore_link()

        play.expect_status(1, S.PREPARING)


def test_status_that_was_never_confirmed_is_not_said_if_it_passed() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(StatusNotification, SILENCE, USUAL)
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.drop_link()
        play.unplug(1)
        play.restore_link()

        play.expect_nothing()


def test_refused_notification_is_not_repeated() -> None:
    """A StatusNotification that the central system cannot process is not sent again; the next change is told."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(StatusNotification, Refusal(CallErrorCode.INTERNAL_ERROR), USUAL)
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.advance(30)
        play.expect_nothing()
        play.unplug(1)

        play.expect_status(1, S.AVAILABLE)


def test_one_still_waiting_is_replaced_by_a_newer_one_of_its_connector() -> None:
    """Only the present status is worth telling."""
    with Playbook(STATION) as play:
        play.central_system.interval_s = 100
        play.boot()
        play.central_system.answer(Heartbeat, Late(20))
        play.advance(100)
        play.expect(Heartbeat)
        play.plug_in(1)
        play.plug_in(2)
        play.happens(FaultRaised(connector_id=1, error_code=GROUND))
        play.expect_nothing()
        play.advance(20)

        play.expect_status(2, S.PREPARING)
        play.expect_status(1, S.FAULTED, GROUND)


def test_one_still_waiting_is_told_where_the_newer_one_cannot_follow() -> None:
    """§4.9: what the central system sees is a way through the matrix, also when it is slow."""
    with Playbook(configured(SINGLE, LocalPreAuthorize=True)) as play:
        play.ignore(MeterValues)
        play.central_system.interval_s = 100
        play.boot()
        play.begin_transaction()
        play.happens(StopPressed(1))
        play.expect(StopTransaction)
        play.expect_status(1, S.FINISHING)
        play.central_system.answer(Heartbeat, Late(20))
        play.advance(100)
        play.expect(Heartbeat)

        play.unplug(1)
        play.present_card("TAG")
        play.plug_in(1)
        play.happens(VehicleChanged(1, wants_energy=False))
        play.advance(20)
        play.expect_status(1, S.PREPARING)
        play.expect(StartTransaction)
        play.expect_status(1, S.SUSPENDED_EV)


def test_statuses_that_wait_are_bounded() -> None:
    """Behind a queue that is blocked for hours there is still room for everything else."""
    many = evolve(SINGLE, connectors=(Connector(),) * 10)
    with Playbook(configured(many, TransactionMessageRetryInterval=36_000, LocalPreAuthorize=True)) as play:
        play.boot()
        learn(play, info(play), "TAG")
        play.central_system.answer(StartTransaction, Refusal())
        for connector_id in play.station.connector_ids:
            _have_sessions(play, connector_id, 1)
            for availability in (AvailabilityType.INOPERATIVE, AvailabilityType.OPERATIVE):
                play.send(ChangeAvailability(connector_id=connector_id, type=availability))
            _have_sessions(play, connector_id, 5)

        failed = [entry.item for entry in play.entries if isinstance(entry.item, CallFailed)]
        assert {each.action for each in failed} == {"StartTransaction"}
        play.skip()


def _have_sessions(play: Playbook, connector_id: int, times: int) -> None:
    """Plug in, present a card that is known, present it again, leave."""
    for _ in range(times):
        play.plug_in(connector_id)
        play.present_card("TAG")
        play.present_card("TAG")
        play.unplug(connector_id)


def test_what_is_passed_through_at_one_instant_is_told() -> None:
    """D1 and A2: a transaction without a cable is ended, and the next one who waits is there at once."""
    with Playbook(configured(SINGLE, StopTransactionOnEVSideDisconnect=False, LocalPreAuthorize=True)) as play:
        play.boot()
        learn(play, info(play), "NEXT")
        play.central_system.cards = {each: info(play, parent="FAMILY") for each in ("TAG", "OTHER")}
        play.begin_transaction()
        play.unplug(1)
        play.expect_status(1, S.SUSPENDED_EV)
        play.central_system.answer(Authorize, Late(5), USUAL)
        play.present_card("OTHER")
        play.expect(Authorize(id_tag="OTHER"))
        play.present_card("NEXT")
        play.advance(5)

        play.expect(StopTransaction)
        play.expect_status(1, S.AVAILABLE)
        play.expect_status(1, S.PREPARING)


def test_triggered_status_is_not_overtaken_by_what_waited() -> None:
    """§5.17: what waits for its transaction message is hastened, so that nothing older comes afterwards."""
    with Playbook(STATION) as play:
        play.ignore(MeterValues)
        play.boot()
        play.central_system.answer(StartTransaction, Refusal(), USUAL)
        play.begin_transaction(1, "TAG1")
        play.plug_in(2)
        play.expect_status(2, S.PREPARING)
        play.present_card("TAG2")
        play.expect(Authorize(id_tag="TAG2"))
        play.expect_nothing()

        trigger(play, "StatusNotification", 2)
        play.expect_status(2, S.CHARGING)
        play.expect_status(2, S.CHARGING)
        play.advance(60)
        play.expect(StartTransaction, connector_id=1)
        play.expect(StartTransaction, connector_id=2)


def test_start_of_the_transaction_is_told_before_charging() -> None:
    """§4.8: StartTransaction first, also where the central system takes its time."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(StartTransaction, Late(5))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction)
        play.expect_nothing()
        play.advance(5)

        play.expect_status(1, S.CHARGING)


def test_charging_is_told_behind_a_queue_that_waits() -> None:
    """§4.8: the status waits for its own transaction message, and no longer: once that was sent it is told."""
    with Playbook(STATION) as play:
        play.ignore(MeterValues)
        play.boot()
        play.central_system.answer(StartTransaction, Refusal(), USUAL)
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG1")
        play.expect(Authorize(id_tag="TAG1"))
        play.expect(StartTransaction, connector_id=1)
        play.expect_status(1, S.CHARGING)
        play.plug_in(2)
        play.expect_status(2, S.PREPARING)
        play.present_card("TAG2")
        play.expect(Authorize(id_tag="TAG2"))
        play.expect_nothing()
        play.advance(60)

        play.expect(StartTransaction, connector_id=1)
        play.expect(StartTransaction, connector_id=2)
        play.expect_status(2, S.CHARGING)


def test_end_of_the_transaction_is_told_before_finishing() -> None:
    """§4.10."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(StopPressed(1))

        play.expect(StopTransaction)
        play.expect_status(1, S.FINISHING)


def test_pause_and_resume_are_told() -> None:
    """C4, D3: the vehicle decides, the transaction goes on."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()

        play.happens(VehicleChanged(1, wants_energy=False))
        play.expect_status(1, S.SUSPENDED_EV)
        play.happens(VehicleChanged(1, wants_energy=True))
        play.expect_status(1, S.CHARGING)


def test_warning_does_not_prolong_the_time_for_a_card() -> None:
    """§9.1.5: ConnectionTimeOut runs from entering Preparing; a warning that comes and goes does not change that."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.advance(50)
        play.happens(FaultRaised(connector_id=1, error_code=WEAK, is_blocking=False))
        play.expect_status(1, S.PREPARING, WEAK)
        play.advance(10)

        play.expect_status(1, S.FINISHING, WEAK)


@pytest.mark.parametrize(("connector_id", "told"), [(None, [0, 1, 2]), (0, [0]), (2, [2])])
def test_triggered_status_is_told_whatever_was_said_before(connector_id: int | None, told: list[int]) -> None:
    """§5.17: unchanged or too young, the status asked for is sent; without a connector all are."""
    with Playbook(configured(STATION, MinimumStatusDuration=100)) as play:
        play.boot()
        play.plug_in(2)
        trigger(play, "StatusNotification", connector_id)

        for each in told:
            play.expect_status(each, S.PREPARING if each == 2 else S.AVAILABLE)


@pytest.mark.parametrize("connector_id", [3, -1])
def test_status_of_a_connector_that_does_not_exist_cannot_be_asked_for(connector_id: int) -> None:
    with Playbook(STATION) as play:
        play.boot()

        assert asked(play, "StatusNotification", connector_id) is TriggerMessageStatus.REJECTED


def test_status_that_was_asked_for_and_did_not_last_is_taken_back() -> None:
    """What the central system was told by the trigger is not left standing."""
    with Playbook(configured(SINGLE, MinimumStatusDuration=10)) as play:
        play.boot()
        play.plug_in(1)
        trigger(play, "StatusNotification", 1)
        play.expect_status(1, S.PREPARING)
        play.advance(5)
        play.unplug(1)
        play.advance(10)

        play.expect_status(1, S.AVAILABLE)
