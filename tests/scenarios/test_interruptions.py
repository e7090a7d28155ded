"""Power, network and hardware that fail in mid-session: §3.7, §4.9, §4.10 and the cases named in each dialogue."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from ocpp16cp.errors import CallErrorCode
from ocpp16cp.events import Failed, FailureReason, FaultCleared, FaultRaised, PowerFailing
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.connectors.messages import (
    AvailabilityStatus,
    AvailabilityType,
    ChangeAvailability,
    ChangeAvailabilityConf,
)
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import RemoteStartTransaction, StartTransaction, StopTransaction
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import USUAL, Refusal
from ocpp16cp.testing.stage import BEGINNING, Network
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus, Reason
from tests.features.stations import SINGLE, SOCKET, STATION, configured

S = ChargePointStatus


@pytest.mark.parametrize("how", ["local", "remote"])
def test_tc_024_start_charging_session_lock_failure(how: str) -> None:
    """The lock is blocked: Faulted with ConnectorLockFailure, no StartTransaction."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_result = Failed(FailureReason.FAILED, "blocked by the tester")

        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        if how == "local":
            play.present_card("TAG")
        else:
            play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.FAULTED, ChargePointErrorCode.CONNECTOR_LOCK_FAILURE)
        play.advance(20)
        play.expect_nothing()
        assert not play.hardware.outputs[1]


def test_tc_032_1_power_failure_stop_transaction_before_going_down() -> None:
    """Backup power: StopTransaction with PowerLoss and Finishing before the end; every status after the boot."""
    with Playbook(STATION) as play:
        play.boot()
        transaction_id = play.begin_transaction(1)
        play.deliver(1, 25)

        play.happens(PowerFailing())
        play.expect(StopTransaction, transaction_id=transaction_id, reason=Reason.POWER_LOSS, meter_stop=1025)
        play.expect_status(1, S.FINISHING)

        play.power_cut(off_s=300)
        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.FINISHING)
        play.expect_status(2, S.AVAILABLE)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_tc_032_2_power_failure_boot_charging_point_stop_transaction() -> None:
    """No backup: after the boot every status, the connector Finishing, and StopTransaction with PowerLoss."""
    with Playbook(STATION) as play:
        play.boot()
        transaction_id = play.begin_transaction(1)
        play.advance(30)
        play.expect(MeterValues)
        play.deliver(1, 25)

        play.power_cut(off_s=300)
        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.FINISHING)
        play.expect_status(2, S.AVAILABLE)
        play.expect(StopTransaction, transaction_id=transaction_id, reason=Reason.POWER_LOSS, meter_stop=1025)

        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_tc_032_2_power_failure_boot_charging_point_resume_transaction() -> None:
    """A station that resumes: Charging after the boot, the same transaction; the tester stops it with the card."""
    resuming = evolve(STATION, settings=evolve(STATION.settings, resumes_transactions=True))
    with Playbook(resuming) as play:
        play.boot()
        transaction_id = play.begin_transaction(1)
        play.deliver(1, 25)

        play.power_cut(off_s=300)
        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.CHARGING)
        play.expect_status(2, S.AVAILABLE)
        play.expect(MeterValues, transaction_id=transaction_id)
        play.expect(MeterValues, transaction_id=transaction_id)

        play.deliver(1, 10)
        play.present_card("TAG")
        play.expect(StopTransaction, transaction_id=transaction_id, reason=Reason.LOCAL, meter_stop=1035)
        play.expect_status(1, S.FINISHING)


def test_tc_034_power_failure_with_unavailable_status() -> None:
    """The whole station Inoperative: Unavailable before and after the power cut, until it is set Operative."""
    with Playbook(STATION) as play:
        play.boot()
        inoperative = ChangeAvailability(connector_id=0, type=AvailabilityType.INOPERATIVE)
        assert play.send(inoperative) == ChangeAvailabilityConf(status=AvailabilityStatus.ACCEPTED)
        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, S.UNAVAILABLE)

        play.power_cut(off_s=60)
        play.plug_in(1)
        play.expect(BootNotification)
        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, S.UNAVAILABLE)

        operative = ChangeAvailability(connector_id=0, type=AvailabilityType.OPERATIVE)
        assert play.send(operative) == ChangeAvailabilityConf(status=AvailabilityStatus.ACCEPTED)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.PREPARING)
        play.expect_status(2, S.AVAILABLE)


def test_tc_041_fault_behaviour() -> None:
    """Faulted with a code that fits; after the repair back to the status before."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)

        play.happens(FaultRaised(connector_id=1, error_code=ChargePointErrorCode.GROUND_FAILURE))
        play.expect_status(1, S.FAULTED, ChargePointErrorCode.GROUND_FAILURE)
        play.happens(FaultCleared(connector_id=1, error_code=ChargePointErrorCode.GROUND_FAILURE))
        play.expect_status(1, S.PREPARING)


def test_half_open_connection_in_mid_session() -> None:
    """The network dies without a word: found by a ping, and nothing of the session is lost."""
    with Playbook(configured(SINGLE, MeterValueSampleInterval=25)) as play:
        play.boot()
        transaction_id = play.begin_transaction()

        play.network = Network.DEAD
        play.advance(60)
        play.network = Network.UP
        play.advance(39)

        times = [each.meter_value[0].timestamp for each in play.central_system.seen_of(MeterValues)]
        assert times == [BEGINNING + timedelta(seconds=25 * number) for number in (1, 2, 3)]
        assert {each.transaction_id for each in play.central_system.seen_of(MeterValues)} == {transaction_id}
        play.skip()


def test_central_system_that_cannot_store_a_start() -> None:
    """§3.7.1: CALLERROR to StartTransaction; the second submission succeeds, and the queue flows on with its id."""
    with Playbook(configured(SINGLE, MeterValueSampleInterval=50)) as play:
        play.boot()
        play.central_system.answer(StartTransaction, Refusal(CallErrorCode.INTERNAL_ERROR, "database down"), USUAL)
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction, timestamp=BEGINNING)
        play.expect_status(1, S.CHARGING)

        play.advance(59.9)
        play.expect_nothing()
        play.advance(0.1)
        play.expect(StartTransaction, timestamp=BEGINNING)
        play.expect(MeterValues, transaction_id=1)


def test_power_fails_twice_in_an_outage() -> None:
    """§3.7: whatever was queued before the first cut arrives after the second, once, in order."""
    with Playbook(SINGLE) as play:
        play.boot()
        transaction_id = play.begin_transaction()
        play.drop_link()
        play.advance(65)
        play.power_cut(off_s=10)
        play.advance(10)
        play.power_cut(off_s=10)
        play.restore_link()
        play.skip()

        tail = [type(each) for each in play.central_system.seen][-3:]
        assert tail == [MeterValues, MeterValues, StopTransaction]
        (stop,) = play.central_system.seen_of(StopTransaction)
        assert (stop.transaction_id, stop.timestamp) == (transaction_id, BEGINNING + timedelta(seconds=60))
