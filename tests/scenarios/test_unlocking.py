"""Unlocking a connector, as in §5.18 and the cases named in each dialogue."""

from __future__ import annotations

from ocpp16cp.events import Failed, FailureReason
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStopTransaction,
    RemoteStopTransactionConf,
    StopTransaction,
    UnlockConnector,
    UnlockConnectorConf,
    UnlockStatus,
)
from ocpp16cp.outcome import Unlock
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus, Reason
from tests.features.stations import SOCKETS, STATION

S = ChargePointStatus
UNLOCKED = UnlockConnectorConf(status=UnlockStatus.UNLOCKED)
UNLOCK_FAILED = UnlockConnectorConf(status=UnlockStatus.UNLOCK_FAILED)
NOT_SUPPORTED = UnlockConnectorConf(status=UnlockStatus.NOT_SUPPORTED)


def test_tc_017_1_unlock_connector_no_charging_session_not_fixed_cable() -> None:
    """A detachable cable is plugged, nothing runs: Unlocked."""
    with Playbook(SOCKETS) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)

        assert play.send(UnlockConnector(connector_id=1)) == UNLOCKED
        play.expect(Unlock, connector_id=1)


def test_tc_017_2_unlock_connector_no_charging_session_fixed_cable() -> None:
    """A fixed cable: NotSupported."""
    with Playbook(STATION) as play:
        play.boot()

        assert play.send(UnlockConnector(connector_id=1)) == NOT_SUPPORTED


def test_tc_018_1_unlock_connector_with_charging_session_not_fixed_cable() -> None:
    """Unlocked; StopTransaction with UnlockCommand; Finishing, and Available when the cable is gone."""
    with Playbook(SOCKETS) as play:
        play.boot()
        transaction_id = play.begin_transaction()

        assert play.send(UnlockConnector(connector_id=1)) == UNLOCKED
        play.expect(StopTransaction, transaction_id=transaction_id, id_tag="TAG", reason=Reason.UNLOCK_COMMAND)
        play.expect_status(1, S.FINISHING)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_tc_018_2_unlock_connector_with_charging_session_fixed_cable() -> None:
    """NotSupported; the transaction goes on until a remote stop ends it."""
    with Playbook(STATION) as play:
        play.boot()
        transaction_id = play.begin_transaction()

        assert play.send(UnlockConnector(connector_id=1)) == NOT_SUPPORTED
        play.advance(10)
        play.expect_nothing()
        stopped = play.send(RemoteStopTransaction(transaction_id=transaction_id), RemoteStopTransactionConf)
        assert stopped.status is RemoteStartStopStatus.ACCEPTED
        play.expect(StopTransaction, transaction_id=transaction_id, reason=Reason.REMOTE)
        play.expect_status(1, S.FINISHING)


def test_tc_030_unlock_connector_unlock_failure() -> None:
    """The lock is blocked: UnlockFailed, and a warning that names it."""
    with Playbook(SOCKETS) as play:
        play.boot()
        play.hardware.lock_result = Failed(FailureReason.FAILED, "blocked by the tester")

        assert play.send(UnlockConnector(connector_id=1)) == UNLOCK_FAILED
        play.expect_status(1, S.AVAILABLE, ChargePointErrorCode.CONNECTOR_LOCK_FAILURE)


def test_tc_031_unlock_connector_unknown_connector() -> None:
    """A connector that there is not: NotSupported."""
    with Playbook(SOCKETS) as play:
        play.boot()

        assert play.send(UnlockConnector(connector_id=9999)) == NOT_SUPPORTED
