"""Faults over every state: what happens at once, while they last, and when they clear (§4.9, §7.6)."""

from __future__ import annotations

import pytest
from attrs import evolve

from ocpp16cp.events import (
    EMERGENCY_STOP,
    Failed,
    FailureReason,
    FaultCleared,
    FaultRaised,
    StopPressed,
    Succeeded,
    VehicleChanged,
)
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.connectors.messages import (
    AvailabilityStatus,
    AvailabilityType,
    ChangeAvailability,
    ChangeAvailabilityConf,
)
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    RemoteStopTransaction,
    StartTransaction,
    StopTransaction,
    UnlockConnector,
    UnlockConnectorConf,
    UnlockStatus,
)
from ocpp16cp.outcome import CardRefusal, CardRefused, HardwareMisreport, StartAbandoned
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus, Reason
from tests.features.stations import SINGLE, SOCKET, STATION, configured

S = ChargePointStatus
E = ChargePointErrorCode
GROUND = E.GROUND_FAILURE
REJECTED = RemoteStartTransactionConf(status=RemoteStartStopStatus.REJECTED)

STOPPING = evolve(SINGLE, settings=evolve(SINGLE.settings, stops_on_fault=True))
"""A station whose faults end transactions."""


def breaks(play: Playbook, code: ChargePointErrorCode = GROUND, connector_id: int = 1, *, blocks: bool = True) -> None:
    """Something is wrong from now on."""
    play.happens(FaultRaised(connector_id=connector_id, error_code=code, is_blocking=blocks))


def is_mended(play: Playbook, code: ChargePointErrorCode = GROUND, connector_id: int = 1) -> None:
    """It is right again."""
    play.happens(FaultCleared(connector_id=connector_id, error_code=code))


def make_inoperative(play: Playbook) -> None:
    """Take connector 1 out of service."""
    request = ChangeAvailability(connector_id=1, type=AvailabilityType.INOPERATIVE)
    assert play.send(request) == ChangeAvailabilityConf(status=AvailabilityStatus.ACCEPTED)


def test_fault_on_available() -> None:
    """A9: nobody begins while it lasts; I1."""
    with Playbook(SINGLE) as play:
        play.boot()
        breaks(play)
        play.expect_status(1, S.FAULTED, GROUND)

        play.present_card("TAG")
        assert play.expect(CardRefused).refusal is CardRefusal.NO_CONNECTOR
        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG")) == REJECTED
        is_mended(play)
        play.expect_status(1, S.AVAILABLE)


def test_fault_on_available_plugged_meanwhile() -> None:
    """I2, and ConnectionTimeOut from then."""
    with Playbook(SINGLE) as play:
        play.boot()
        breaks(play)
        play.expect_status(1, S.FAULTED, GROUND)
        play.plug_in(1)
        play.advance(100)
        play.expect_nothing()

        is_mended(play)
        play.expect_status(1, S.PREPARING)
        play.advance(59.9)
        play.expect_nothing()
        play.advance(0.1)
        play.expect_status(1, S.FINISHING)


def test_fault_on_preparing_plugged() -> None:
    """B9, I2: the time for a card begins anew."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.advance(50)
        breaks(play)
        play.expect_status(1, S.FAULTED, GROUND)
        play.present_card("TAG")
        assert play.expect(CardRefused).refusal is CardRefusal.NO_CONNECTOR

        is_mended(play)
        play.expect_status(1, S.PREPARING)
        play.advance(59.9)
        play.expect_nothing()
        play.advance(0.1)
        play.expect_status(1, S.FINISHING)


def test_fault_on_preparing_unplugged_meanwhile() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        breaks(play)
        play.expect_status(1, S.FAULTED, GROUND)
        play.unplug(1)

        is_mended(play)
        play.expect_status(1, S.AVAILABLE)


@pytest.mark.parametrize("how", ["card", "remote"])
@pytest.mark.parametrize("is_plugged", [True, False])
def test_fault_on_preparing_somebody_waiting(how: str, is_plugged: bool) -> None:
    """The authorization is dropped: afterwards Available, or Preparing if plugged."""
    with Playbook(SINGLE) as play:
        play.boot()
        if how == "card":
            play.present_card("TAG")
        else:
            play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        play.expect(Authorize)
        play.expect_status(1, S.PREPARING)
        breaks(play)
        play.expect_status(1, S.FAULTED, GROUND)
        play.expect(StartAbandoned)
        if is_plugged:
            play.plug_in(1)

        is_mended(play)
        play.expect_status(1, S.PREPARING if is_plugged else S.AVAILABLE)


def test_fault_on_charging() -> None:
    """C9, I3: no energy, the transaction stays open, its samples go on; charging goes on by itself."""
    with Playbook(configured(SINGLE, MeterValueSampleInterval=60)) as play:
        play.boot()
        transaction_id = play.begin_transaction()
        breaks(play)
        play.expect_status(1, S.FAULTED, GROUND)
        assert not play.hardware.outputs[1]
        play.advance(60)
        play.expect(MeterValues, transaction_id=transaction_id)

        is_mended(play)
        play.expect_status(1, S.CHARGING)
        assert play.hardware.outputs[1]


def test_fault_on_suspended_ev() -> None:
    """D9, I4."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(VehicleChanged(1, wants_energy=False))
        play.expect_status(1, S.SUSPENDED_EV)
        breaks(play)
        play.expect_status(1, S.FAULTED, GROUND)

        is_mended(play)
        play.expect_status(1, S.SUSPENDED_EV)


@pytest.mark.parametrize("how", ["card", "remote", "button"])
def test_faulted_transaction_is_stopped_as_ever(how: str) -> None:
    """With the usual reason; the status stays Faulted, and is Finishing when the fault clears (I6)."""
    with Playbook(SINGLE) as play:
        play.boot()
        transaction_id = play.begin_transaction()
        breaks(play)
        play.expect_status(1, S.FAULTED, GROUND)

        if how == "card":
            play.present_card("TAG")
        elif how == "remote":
            play.send(RemoteStopTransaction(transaction_id=transaction_id))
        else:
            play.happens(StopPressed(1))
        play.expect(StopTransaction, reason=Reason.REMOTE if how == "remote" else Reason.LOCAL)
        is_mended(play)
        play.expect_status(1, S.FINISHING)


def test_faulted_transaction_is_unlocked_as_ever() -> None:
    """UnlockConnector ends it."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.begin_transaction()
        breaks(play)
        play.expect_status(1, S.FAULTED, GROUND)

        unlocked = UnlockConnectorConf(status=UnlockStatus.UNLOCKED)
        assert play.send(UnlockConnector(connector_id=1)) == unlocked
        play.expect(StopTransaction, reason=Reason.UNLOCK_COMMAND)


@pytest.mark.parametrize("stops", [True, False])
def test_faulted_transaction_is_unplugged_at_the_vehicle(stops: bool) -> None:
    """As StopTransactionOnEVSideDisconnect says; afterwards Finishing, or SuspendedEV."""
    with Playbook(configured(SOCKET, StopTransactionOnEVSideDisconnect=stops)) as play:
        play.boot()
        play.begin_transaction()
        breaks(play)
        play.expect_status(1, S.FAULTED, GROUND)
        play.unplug_vehicle(1)
        if stops:
            play.expect(StopTransaction, reason=Reason.EV_DISCONNECTED)
        play.expect_nothing()

        is_mended(play)
        play.expect_status(1, S.FINISHING if stops else S.SUSPENDED_EV)


def test_fault_that_ends_transactions() -> None:
    """The setting: StopTransaction Other at once, Finishing when it clears."""
    with Playbook(STOPPING) as play:
        play.boot()
        play.begin_transaction()
        play.deliver(1, 40)
        breaks(play, E.WEAK_SIGNAL)
        play.expect_status(1, S.CHARGING, E.WEAK_SIGNAL)
        breaks(play)

        play.expect_status(1, S.FAULTED, GROUND)
        play.expect(StopTransaction, reason=Reason.OTHER, id_tag="TAG", meter_stop=1040)
        is_mended(play)
        play.expect_status(1, S.FINISHING, E.WEAK_SIGNAL)


def test_emergency_stop() -> None:
    """EmergencyStop whatever the setting, and whatever the driver says of its weight."""
    with Playbook(STOPPING) as play:
        play.boot()
        play.begin_transaction()
        play.happens(
            FaultRaised(connector_id=1, error_code=E.OTHER_ERROR, is_blocking=False, vendor_error_code=EMERGENCY_STOP)
        )
        assert not play.hardware.outputs[1]
        play.expect_status(1, S.FAULTED, E.OTHER_ERROR, vendor_error_code=EMERGENCY_STOP)
        play.expect(StopTransaction, reason=Reason.EMERGENCY_STOP, id_tag=None)

        play.happens(FaultCleared(connector_id=1, error_code=E.OTHER_ERROR, vendor_error_code=EMERGENCY_STOP))
        play.expect_status(1, S.FINISHING)


def test_fault_on_finishing() -> None:
    """F9, I6; taken away meanwhile: I1."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(StopPressed(1))
        play.expect(StopTransaction)
        play.expect_status(1, S.FINISHING)
        breaks(play)
        play.expect_status(1, S.FAULTED, GROUND)
        is_mended(play)
        play.expect_status(1, S.FINISHING)

        breaks(play)
        play.expect_status(1, S.FAULTED, GROUND)
        play.unplug(1)
        is_mended(play)
        play.expect_status(1, S.AVAILABLE)


def test_fault_on_unavailable() -> None:
    """H9, I8: as the flag says by then."""
    with Playbook(SINGLE) as play:
        play.boot()
        make_inoperative(play)
        play.expect_status(1, S.UNAVAILABLE)
        breaks(play)
        play.expect_status(1, S.FAULTED, GROUND)
        is_mended(play)
        play.expect_status(1, S.UNAVAILABLE)

        breaks(play)
        play.expect_status(1, S.FAULTED, GROUND)
        play.send(ChangeAvailability(connector_id=1, type=AvailabilityType.OPERATIVE))
        play.expect_nothing()
        is_mended(play)
        play.expect_status(1, S.AVAILABLE)


@pytest.mark.parametrize("is_unplugged", [True, False])
def test_lock_fails_at_a_start(is_unplugged: bool) -> None:
    """Faulted, no StartTransaction, the authorization dropped; unplugged or cleared, it is as before."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_result = Failed(FailureReason.FAILED, "stuck")
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize)
        play.expect_status(1, S.FAULTED, E.CONNECTOR_LOCK_FAILURE)
        play.expect(StartAbandoned)

        if is_unplugged:
            play.unplug(1)
            play.expect_status(1, S.AVAILABLE)
        else:
            is_mended(play, E.CONNECTOR_LOCK_FAILURE)
            play.expect_status(1, S.PREPARING)


def test_lock_fails_at_an_unlock() -> None:
    """UnlockFailed; the status as it is, with ConnectorLockFailure until the lock works again."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.hardware.lock_result = Failed(FailureReason.FAILED, "stuck")
        failed = UnlockConnectorConf(status=UnlockStatus.UNLOCK_FAILED)
        assert play.send(UnlockConnector(connector_id=1)) == failed
        play.expect_status(1, S.PREPARING, E.CONNECTOR_LOCK_FAILURE)

        play.hardware.lock_result = Succeeded()
        play.send(UnlockConnector(connector_id=1))
        play.expect_status(1, S.PREPARING)


LOST = E.EV_COMMUNICATION_ERROR


@pytest.mark.parametrize("blocks", [True, False])
def test_contact_with_the_vehicle_is_lost_while_charging(blocks: bool) -> None:
    """§7.6: never Faulted; no energy, SuspendedEVSE with the error, and Charging when it is back."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        breaks(play, LOST, blocks=blocks)
        play.expect_status(1, S.SUSPENDED_EVSE, LOST)
        assert not play.hardware.outputs[1]

        is_mended(play, LOST)
        play.expect_status(1, S.CHARGING)


def test_contact_with_the_vehicle_is_lost_while_it_pauses() -> None:
    """§7.6: a warning; when the vehicle asks again, it cannot be given anything."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(VehicleChanged(1, wants_energy=False))
        play.expect_status(1, S.SUSPENDED_EV)
        breaks(play, LOST)
        play.expect_status(1, S.SUSPENDED_EV, LOST)

        play.happens(VehicleChanged(1, wants_energy=True))
        play.expect_status(1, S.SUSPENDED_EVSE, LOST)


def test_contact_with_the_vehicle_is_lost_before_and_after() -> None:
    """§7.6: told with Preparing and Finishing, with nothing else."""
    with Playbook(SINGLE) as play:
        play.boot()
        breaks(play, LOST)
        play.expect_nothing()
        breaks(play, E.WEAK_SIGNAL, blocks=False)
        play.expect_status(1, S.AVAILABLE, E.WEAK_SIGNAL)
        is_mended(play, E.WEAK_SIGNAL)
        play.expect_status(1, S.AVAILABLE)
        play.plug_in(1)
        play.expect_status(1, S.PREPARING, LOST)

        play.advance(60)
        play.expect_status(1, S.FINISHING, LOST)
        breaks(play)
        play.expect_status(1, S.FAULTED, GROUND)
        is_mended(play)
        play.expect_status(1, S.FINISHING, LOST)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_meter_fails_in_a_transaction() -> None:
    """Faulted PowerMeterFailure; meterStop is the last good value."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.deliver(1, 40)
        breaks(play, E.POWER_METER_FAILURE)
        play.expect_status(1, S.FAULTED, E.POWER_METER_FAILURE)

        play.happens(StopPressed(1))
        play.expect(StopTransaction, meter_stop=1040)


def test_meter_that_works_again_lets_charging_go_on() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        breaks(play, E.POWER_METER_FAILURE)
        play.expect_status(1, S.FAULTED, E.POWER_METER_FAILURE)

        is_mended(play, E.POWER_METER_FAILURE)
        play.expect_status(1, S.CHARGING)


@pytest.mark.parametrize("blocks", [True, False])
def test_reader_fails(blocks: bool) -> None:
    """A warning on connector 0; remote starts work."""
    with Playbook(STATION) as play:
        play.boot()
        breaks(play, E.READER_FAILURE, connector_id=0, blocks=blocks)
        play.expect_status(0, S.AVAILABLE, E.READER_FAILURE)
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        play.expect(Authorize)
        play.expect_status(1, S.PREPARING)
        play.plug_in(1)
        play.expect(StartTransaction)
        play.expect_status(1, S.CHARGING)

        is_mended(play, E.READER_FAILURE, connector_id=0)
        play.expect_status(0, S.AVAILABLE)


def test_whole_charge_point_fails() -> None:
    """Connector 0 first, then each connector with the same code; so when it clears."""
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1)
        breaks(play, E.INTERNAL_ERROR, connector_id=0)
        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, S.FAULTED, E.INTERNAL_ERROR)

        is_mended(play, E.INTERNAL_ERROR, connector_id=0)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.CHARGING)
        play.expect_status(2, S.AVAILABLE)


def test_fault_that_has_no_code_of_its_own() -> None:
    """OtherError, with the vendor's code and name."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.happens(
            FaultRaised(connector_id=1, error_code=E.OTHER_ERROR, vendor_id="com.vendor", vendor_error_code="E-17")
        )
        play.expect_status(1, S.FAULTED, E.OTHER_ERROR, vendor_id="com.vendor", vendor_error_code="E-17")


def test_fault_without_an_error_code_is_a_misreport() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        breaks(play, E.NO_ERROR)

        play.expect(HardwareMisreport)


def test_several_faults_at_once() -> None:
    """The one raised last is told, blocking ones before warnings; each that clears leaves the last of the rest."""
    with Playbook(configured(SINGLE, MinimumStatusDuration=30)) as play:
        play.boot()
        play.advance(30)
        breaks(play)
        play.advance(30)
        play.expect_status(1, S.FAULTED, GROUND)
        breaks(play, E.OVER_VOLTAGE)
        play.expect_status(1, S.FAULTED, E.OVER_VOLTAGE)
        breaks(play, E.HIGH_TEMPERATURE, blocks=False)
        play.expect_nothing()
        breaks(play, E.UNDER_VOLTAGE)
        play.expect_status(1, S.FAULTED, E.UNDER_VOLTAGE)

        is_mended(play, E.OVER_VOLTAGE)
        play.expect_nothing()
        is_mended(play, E.UNDER_VOLTAGE)
        play.expect_status(1, S.FAULTED, GROUND)
        is_mended(play)
        play.advance(29.9)
        play.expect_nothing()
        play.advance(0.1)
        play.expect_status(1, S.AVAILABLE, E.HIGH_TEMPERATURE)
        is_mended(play, E.HIGH_TEMPERATURE)
        play.expect_status(1, S.AVAILABLE)


def test_fault_that_does_not_last_is_not_told() -> None:
    """§9.1.20: MinimumStatusDuration holds for Faulted too."""
    with Playbook(configured(SINGLE, MinimumStatusDuration=10)) as play:
        play.boot()
        play.advance(10)
        breaks(play)
        play.advance(9)
        is_mended(play)
        play.advance(60)
        play.expect_nothing()
