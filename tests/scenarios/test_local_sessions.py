"""Sessions that begin and end at the charge point, as in §3.2 to §3.5 and the cases named in each dialogue."""

from __future__ import annotations

import pytest
from attrs import evolve

from ocpp16cp.events import VehicleChanged
from ocpp16cp.features.authorization.messages import Authorize, AuthorizeConf
from ocpp16cp.features.configuration.messages import GetConfiguration, GetConfigurationConf
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStopTransaction,
    RemoteStopTransactionConf,
    StartTransaction,
    StartTransactionConf,
    StopTransaction,
    UnlockConnector,
    UnlockConnectorConf,
    UnlockStatus,
)
from ocpp16cp.outcome import CardRefusal, CardRefused, Unlock
from ocpp16cp.station import Station
from ocpp16cp.testing import Playbook, ScriptedCentralSystem
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, IdTagInfo, Reason
from tests.features.stations import SINGLE, SOCKET, STATION, configured

S = ChargePointStatus


@pytest.mark.parametrize("station", [SINGLE, STATION, SOCKET])
def test_tc_003_regular_charging_session_plugin_first(station: Station) -> None:
    """Plug, then a valid card: Preparing, Authorize, StartTransaction, Charging; stopped by the card and unplugged."""
    with Playbook(station) as play:
        play.boot()

        play.plug_in(1)
        play.expect_status(1, S.PREPARING)

        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction, connector_id=1, id_tag="TAG", meter_start=1000)
        play.expect_status(1, S.CHARGING)

        play.deliver(1, 400)
        play.advance(30)
        play.expect(MeterValues, connector_id=1, transaction_id=1)

        play.happens(VehicleChanged(1, wants_energy=False))
        play.expect_status(1, S.SUSPENDED_EV)

        play.present_card("TAG")
        play.expect(StopTransaction, id_tag="TAG", reason=Reason.LOCAL, meter_stop=1400, transaction_id=1)
        play.expect_status(1, S.FINISHING)

        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_one_reader_for_several_connectors() -> None:
    """Cards at a common reader mean the cable that is plugged in and waits, else the lowest connector that is free."""
    with Playbook(configured(STATION, MeterValueSampleInterval=0)) as play:
        play.boot()
        play.begin_transaction(2, "FIRST")

        play.present_card("SECOND")
        play.expect(Authorize(id_tag="SECOND"))
        play.expect_status(1, S.PREPARING)
        play.plug_in(1)
        play.expect(StartTransaction, connector_id=1, id_tag="SECOND")
        play.expect_status(1, S.CHARGING)

        play.present_card("THIRD")
        play.expect(CardRefused("THIRD", CardRefusal.NO_CONNECTOR))
        play.present_card("FIRST")
        play.expect(StopTransaction, transaction_id=1, id_tag="FIRST", reason=Reason.LOCAL)
        play.expect_status(2, S.FINISHING)
        assert play.hardware.outputs == {1: True, 2: False}


def test_tc_004_1_regular_charging_session_identification_first() -> None:
    """Card, then plug: Authorize, Preparing, StartTransaction, Charging."""
    with Playbook(SINGLE) as play:
        play.boot()

        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)

        play.advance(10)
        play.plug_in(1)
        play.expect(StartTransaction, connector_id=1, id_tag="TAG")
        play.expect_status(1, S.CHARGING)


def test_tc_004_2_identification_first_connection_time_out() -> None:
    """Card and no plug: back to Available after ConnectionTimeOut, and nothing started."""
    with Playbook(SINGLE) as play:
        play.boot()
        read = play.send(GetConfiguration(key=("ConnectionTimeOut",)), GetConfigurationConf).configuration_key
        assert read
        timeout_s = int(read[0].value or "")

        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)

        play.advance(timeout_s - 1)
        play.expect_nothing()
        play.advance(1)
        play.expect_status(1, S.AVAILABLE)
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)


def test_tc_005_1_ev_side_disconnected() -> None:
    """Both keys true: StopTransaction with EVDisconnected, Finishing, and Available when the cable is gone."""
    keys = {"StopTransactionOnEVSideDisconnect": True, "UnlockConnectorOnEVSideDisconnect": True}
    with Playbook(configured(SOCKET, MinimumStatusDuration=0, **keys)) as play:
        play.boot()
        play.begin_transaction()

        play.unplug_vehicle(1)
        play.expect(StopTransaction, reason=Reason.EV_DISCONNECTED, transaction_id=1)
        play.expect_status(1, S.FINISHING)
        play.expect(Unlock, connector_id=1)

        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_tc_005_2_ev_side_disconnected_detachable_cable() -> None:
    """UnlockConnectorOnEVSideDisconnect false: the cable stays locked until the central system frees it."""
    keys = {"StopTransactionOnEVSideDisconnect": True, "UnlockConnectorOnEVSideDisconnect": False}
    with Playbook(configured(SOCKET, MinimumStatusDuration=0, **keys)) as play:
        play.boot()
        play.begin_transaction()

        play.unplug_vehicle(1)
        play.expect(StopTransaction, reason=Reason.EV_DISCONNECTED, transaction_id=1)
        play.expect_status(1, S.FINISHING)
        play.expect_no(Unlock)

        assert play.send(UnlockConnector(connector_id=1)) == UnlockConnectorConf(status=UnlockStatus.UNLOCKED)
        play.expect(Unlock, connector_id=1)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_tc_005_2_ev_side_disconnected_fixed_cable() -> None:
    """A fixed cable is never unlocked: StopTransaction with EVDisconnected, and Available at once."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()

        play.unplug(1)
        play.expect(StopTransaction, reason=Reason.EV_DISCONNECTED, transaction_id=1)
        play.expect_status(1, S.AVAILABLE)
        assert play.send(UnlockConnector(connector_id=1)) == UnlockConnectorConf(status=UnlockStatus.NOT_SUPPORTED)


def test_tc_005_3_ev_side_disconnected_transaction_goes_on() -> None:
    """StopTransactionOnEVSideDisconnect false: SuspendedEV; plugged again Charging; then a remote stop."""
    keys = {"StopTransactionOnEVSideDisconnect": False, "UnlockConnectorOnEVSideDisconnect": False}
    with Playbook(configured(SOCKET, **keys)) as play:
        play.boot()
        transaction_id = play.begin_transaction()

        play.unplug_vehicle(1)
        play.expect_status(1, S.SUSPENDED_EV)
        play.plug_in(1)
        play.expect_status(1, S.CHARGING)
        play.unplug_vehicle(1)
        play.expect_status(1, S.SUSPENDED_EV)

        stopped = play.send(RemoteStopTransaction(transaction_id=transaction_id), RemoteStopTransactionConf)
        assert stopped.status is RemoteStartStopStatus.ACCEPTED
        play.expect(StopTransaction, reason=Reason.REMOTE, transaction_id=transaction_id)
        play.expect_status(1, S.FINISHING)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


@pytest.mark.parametrize(
    "status", [AuthorizationStatus.INVALID, AuthorizationStatus.EXPIRED, AuthorizationStatus.BLOCKED]
)
def test_tc_023_4_start_local_authorize_invalid(status: AuthorizationStatus) -> None:
    """An invalid card changes no status and starts nothing; the plug alone makes it Preparing."""
    with Playbook(configured(SINGLE, MinimumStatusDuration=10, LocalPreAuthorize=True)) as play:
        play.boot()
        play.central_system.cards["INVALID"] = IdTagInfo(status=status)

        play.present_card("INVALID")
        play.expect(Authorize(id_tag="INVALID"))
        play.expect(CardRefused("INVALID", CardRefusal.NOT_ACCEPTED, status))
        play.advance(15)
        play.expect_nothing()

        play.plug_in(1)
        play.advance(20)
        play.expect_status(1, S.PREPARING)


def test_tc_068_stop_transaction_same_id_tag() -> None:
    """A different card: no StopTransaction and no Authorize; the same card stops without being asked about."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()

        play.present_card("DIFFERENT")
        play.expect_nothing()

        play.present_card("TAG")
        play.expect(StopTransaction, id_tag="TAG", reason=Reason.LOCAL)
        play.expect_status(1, S.FINISHING)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


@pytest.mark.parametrize("station", [SINGLE, STATION])
@pytest.mark.parametrize("told_with_start", [True, False])
def test_tc_069_stop_transaction_same_parent_id_tag(station: Station, told_with_start: bool) -> None:
    """Two cards of one parent: the second one is asked about and stops, under its own name.

    Where one reader serves several connectors the others are occupied.
    """
    info = IdTagInfo(status=AuthorizationStatus.ACCEPTED, parent_id_tag="PARENT")
    with Playbook(station, central_system=ScriptedCentralSystem(first_transaction_id=100)) as play:
        play.boot()
        for other in station.connector_ids[1:]:
            play.begin_transaction(other, f"OTHER{other}")
        if told_with_start:
            play.central_system.answer(StartTransaction, StartTransactionConf(id_tag_info=info, transaction_id=1))
        else:
            play.central_system.answer(Authorize, AuthorizeConf(id_tag_info=info))
        play.begin_transaction()
        play.central_system.answer(Authorize, AuthorizeConf(id_tag_info=evolve(info, parent_id_tag="parent")))

        play.present_card("TAG2")
        play.expect(Authorize(id_tag="TAG2"))
        play.expect(StopTransaction, id_tag="TAG2", reason=Reason.LOCAL)
        play.expect_status(1, S.FINISHING)
        assert all(play.hardware.outputs[other] for other in station.connector_ids[1:])
