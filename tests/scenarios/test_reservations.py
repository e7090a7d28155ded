"""Reserved connectors: §5.1, §5.13 and the cases named in each dialogue."""

from __future__ import annotations

import pytest

from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.reservation.messages import CancelReservationStatus, ReservationStatus
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    StartTransaction,
    StopTransaction,
)
from ocpp16cp.station import FeatureProfile
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, IdTagInfo
from tests.features.reservation.reserving import GROUND, answer, cancel, disable, fail, reserve
from tests.features.stations import SINGLE, STATION, configured, without

S = ChargePointStatus
STARTED = RemoteStartTransactionConf(status=RemoteStartStopStatus.ACCEPTED)
FAMILY = IdTagInfo(status=AuthorizationStatus.ACCEPTED, parent_id_tag="FAMILY")


def leave_one(play: Playbook) -> None:
    """Boot; the other connectors are out of service, as the cases have it."""
    play.boot()
    disable(play, 2)


def test_tc_046_1_reservation_of_a_connector_local_start() -> None:
    """Reserved; another card: no Authorize, nothing starts; the right one: Preparing; its id with StartTransaction."""
    with Playbook(STATION) as play:
        leave_one(play)
        reserve(play, 1, "TAG", number=1)
        play.present_card("OTHER")
        play.expect_nothing()
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.plug_in(1)
        play.expect(StartTransaction, connector_id=1, id_tag="TAG", reservation_id=1)
        play.expect_status(1, S.CHARGING)


def test_tc_046_2_reservation_of_a_connector_remote_start() -> None:
    """Reserved; the remote start of the card is Accepted; its id with StartTransaction."""
    with Playbook(STATION) as play:
        leave_one(play)
        reserve(play, 1, "TAG", number=1)
        assert play.send(RemoteStartTransaction(id_tag="TAG", connector_id=1)) == STARTED
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.plug_in(1)
        play.expect(StartTransaction, connector_id=1, id_tag="TAG", reservation_id=1)
        play.expect_status(1, S.CHARGING)


def test_tc_047_reservation_of_a_connector_expire() -> None:
    """Reserved until the date, then Available; a start after it has no reservation."""
    with Playbook(STATION) as play:
        leave_one(play)
        reserve(play, 1, "TAG", for_s=30.0)
        play.advance(29)
        play.expect_nothing()
        play.advance(1)
        play.expect_status(1, S.AVAILABLE)
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction, connector_id=1, id_tag="TAG", reservation_id=None)
        play.expect_status(1, S.CHARGING)


def test_tc_048_1_reservation_of_a_connector_faulted() -> None:
    """A faulted connector: Faulted."""
    with Playbook(STATION) as play:
        play.boot()
        fail(play, 1)
        play.expect_status(1, S.FAULTED, GROUND)

        assert answer(play, 1) is ReservationStatus.FAULTED


@pytest.mark.parametrize("is_charging", [False, True], ids=["plugged in", "charging"])
def test_tc_048_2_reservation_of_a_connector_occupied(is_charging: bool) -> None:
    """A connector that is plugged in, or charging: Occupied."""
    with Playbook(STATION) as play:
        play.boot()
        if is_charging:
            play.begin_transaction(1)
        else:
            play.plug_in(1)
            play.expect_status(1, S.PREPARING)

        assert answer(play, 1) is ReservationStatus.OCCUPIED


def test_tc_048_3_reservation_of_a_connector_unavailable() -> None:
    """A connector out of service: Unavailable."""
    with Playbook(STATION) as play:
        play.boot()
        disable(play, 1)

        assert answer(play, 1) is ReservationStatus.UNAVAILABLE


def test_tc_048_4_reservation_of_a_connector_rejected() -> None:
    """A station that takes no reservations: Rejected."""
    with Playbook(without(STATION, FeatureProfile.RESERVATION)) as play:
        play.boot()

        assert answer(play, 1) is ReservationStatus.REJECTED


def test_tc_049_reservation_of_a_charge_point_transaction() -> None:
    """Connector 0: the remaining connector is Reserved, its card charges there."""
    with Playbook(STATION) as play:
        leave_one(play)
        reserve(play, 0, "TAG", number=1)
        play.expect_status(1, S.RESERVED)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.plug_in(1)
        play.expect(StartTransaction, connector_id=1, id_tag="TAG", reservation_id=1)
        play.expect_status(1, S.CHARGING)


def test_tc_050_1_reservation_of_a_charge_point_faulted() -> None:
    """Everything is faulted: Faulted."""
    with Playbook(STATION) as play:
        play.boot()
        fail(play, 0)
        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, S.FAULTED, GROUND)

        assert answer(play, 0) is ReservationStatus.FAULTED


def test_tc_050_2_reservation_of_a_charge_point_occupied() -> None:
    """Every connector is in use: Occupied."""
    with Playbook(STATION) as play:
        play.boot()
        for connector_id in (1, 2):
            play.begin_transaction(connector_id, f"TAG{connector_id}")

        assert answer(play, 0) is ReservationStatus.OCCUPIED


def test_tc_050_3_reservation_of_a_charge_point_unavailable() -> None:
    """The station is out of service: Unavailable."""
    with Playbook(STATION) as play:
        play.boot()
        disable(play, 0)

        assert answer(play, 0) is ReservationStatus.UNAVAILABLE


def test_tc_050_4_reservation_of_a_charge_point_rejected() -> None:
    """A station that knows no reservations of connector 0: Rejected."""
    with Playbook(configured(STATION, ReserveConnectorZeroSupported=False)) as play:
        play.boot()

        assert answer(play, 0) is ReservationStatus.REJECTED


def test_tc_051_cancel_reservation() -> None:
    """Accepted, Available; then anybody may start."""
    with Playbook(SINGLE) as play:
        play.boot()
        reserve(play, 1, "TAG", number=1)
        assert cancel(play, 1) is CancelReservationStatus.ACCEPTED
        play.expect_status(1, S.AVAILABLE)

        play.begin_transaction(1, "OTHER")
        play.present_card("OTHER")
        play.expect(StopTransaction, id_tag="OTHER")
        play.expect_status(1, S.FINISHING)


def test_tc_052_cancel_reservation_rejected() -> None:
    """Another id: Rejected; the connector stays Reserved."""
    with Playbook(STATION) as play:
        play.boot()
        reserve(play, 1, "TAG", number=1)

        assert cancel(play, 2) is CancelReservationStatus.REJECTED
        play.expect_nothing()


def test_tc_053_1_use_a_reserved_connector_with_parent_id_tag_local() -> None:
    """Another card of the group: Authorize tells its parent; it charges with the id of the reservation."""
    with Playbook(STATION) as play:
        leave_one(play)
        play.central_system.cards["TAG2"] = FAMILY
        reserve(play, 1, "TAG1", number=1, parent="FAMILY")
        play.present_card("TAG2")
        play.expect(Authorize(id_tag="TAG2"))
        play.expect_status(1, S.PREPARING)
        play.plug_in(1)
        play.expect(StartTransaction, connector_id=1, id_tag="TAG2", reservation_id=1)
        play.expect_status(1, S.CHARGING)


def test_tc_053_2_use_a_reserved_connector_with_parent_id_tag_remote() -> None:
    """A remote start of another card of the group: Accepted; Authorize tells its parent; it charges."""
    with Playbook(configured(STATION, AuthorizeRemoteTxRequests=True)) as play:
        leave_one(play)
        play.central_system.cards["TAG2"] = FAMILY
        reserve(play, 1, "TAG1", number=1, parent="FAMILY")
        assert play.send(RemoteStartTransaction(id_tag="TAG2", connector_id=1)) == STARTED
        play.expect(Authorize(id_tag="TAG2"))
        play.expect_status(1, S.PREPARING)
        play.plug_in(1)
        play.expect(StartTransaction, connector_id=1, id_tag="TAG2", reservation_id=1)
        play.expect_status(1, S.CHARGING)
