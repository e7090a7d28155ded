"""Sessions that the central system begins or ends, as in §5.11, §5.12 and the cases named in each dialogue."""

from __future__ import annotations

import pytest

from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.configuration.messages import ChangeConfiguration, ChangeConfigurationConf, ConfigurationStatus
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    RemoteStopTransaction,
    RemoteStopTransactionConf,
    StartTransaction,
    StopTransaction,
)
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, IdTagInfo, Reason
from tests.features.stations import STATION, configured

S = ChargePointStatus
ACCEPTED = RemoteStartTransactionConf(status=RemoteStartStopStatus.ACCEPTED)
REJECTED = RemoteStartTransactionConf(status=RemoteStartStopStatus.REJECTED)
both_ways = pytest.mark.parametrize("authorize", [True, False])


@both_ways
def test_tc_010_remote_start_cable_first(authorize: bool) -> None:
    """Plug, remote start: accepted; Authorize if the key says so; StartTransaction, Charging."""
    with Playbook(configured(STATION, AuthorizeRemoteTxRequests=authorize)) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG")) == ACCEPTED
        if authorize:
            play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction, connector_id=1, id_tag="TAG")
        play.expect_status(1, S.CHARGING)


@both_ways
def test_tc_011_1_remote_start_first(authorize: bool) -> None:
    """Remote start, then plug."""
    with Playbook(configured(STATION, AuthorizeRemoteTxRequests=authorize)) as play:
        play.boot()

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG")) == ACCEPTED
        if authorize:
            play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)

        play.advance(20)
        play.plug_in(1)
        play.expect(StartTransaction, connector_id=1, id_tag="TAG")
        play.expect_status(1, S.CHARGING)


@both_ways
def test_tc_011_2_remote_start_first_connection_time_out(authorize: bool) -> None:
    """Remote start and no plug: Available after ConnectionTimeOut, nothing started."""
    with Playbook(configured(STATION, AuthorizeRemoteTxRequests=authorize)) as play:
        play.boot()
        changed = play.send(ChangeConfiguration(key="ConnectionTimeOut", value="45"))
        assert changed == ChangeConfigurationConf(status=ConfigurationStatus.ACCEPTED)

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG")) == ACCEPTED
        if authorize:
            play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.advance(44.9)
        play.expect_nothing()
        play.advance(0.1)
        play.expect_status(1, S.AVAILABLE)


def test_tc_012_remote_stop() -> None:
    """Accepted; StopTransaction with Remote, named after the card that began; Finishing."""
    with Playbook(STATION) as play:
        play.boot()
        transaction_id = play.begin_transaction()

        stopped = play.send(RemoteStopTransaction(transaction_id=transaction_id), RemoteStopTransactionConf)
        assert stopped.status is RemoteStartStopStatus.ACCEPTED
        play.expect(StopTransaction, transaction_id=transaction_id, id_tag="TAG", reason=Reason.REMOTE)
        play.expect_status(1, S.FINISHING)


def test_tc_023_5_remote_start_authorize_invalid() -> None:
    """Accepted to try; Authorize says Invalid; nothing is started, no status changes."""
    with Playbook(configured(STATION, AuthorizeRemoteTxRequests=True)) as play:
        play.boot()
        play.central_system.cards["INVALID"] = IdTagInfo(status=AuthorizationStatus.INVALID)

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="INVALID")) == ACCEPTED
        play.expect(Authorize(id_tag="INVALID"))
        play.advance(20)
        play.expect_nothing()


def test_tc_026_remote_start_rejected() -> None:
    """A transaction runs on the connector already."""
    with Playbook(configured(STATION, LocalPreAuthorize=False)) as play:
        play.boot()
        play.begin_transaction(1)

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="OTHER")) == REJECTED


def test_tc_027_remote_start_connector_zero() -> None:
    """A transaction is never that of the charge point."""
    with Playbook(STATION) as play:
        play.boot()

        assert play.send(RemoteStartTransaction(connector_id=0, id_tag="TAG")) == REJECTED


def test_tc_028_remote_stop_rejected() -> None:
    """No such transaction: Rejected, and the one that runs goes on."""
    with Playbook(STATION) as play:
        play.boot()
        transaction_id = play.begin_transaction()

        stopped = play.send(RemoteStopTransaction(transaction_id=transaction_id + 100), RemoteStopTransactionConf)
        assert stopped.status is RemoteStartStopStatus.REJECTED
        play.advance(10)
        play.expect_nothing()
        assert play.hardware.outputs[1]
