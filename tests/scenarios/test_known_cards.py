"""Cards that the station knows: §3.5, §5.4 and the cases named in each dialogue."""

from __future__ import annotations

from ocpp16cp.features.authorization.messages import Authorize, ClearCache, ClearCacheConf, ClearCacheStatus
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    StartTransaction,
    StopTransaction,
)
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import ChargePointStatus
from tests.features.stations import STATION, configured

S = ChargePointStatus
ACCEPTED = RemoteStartTransactionConf(status=RemoteStartStopStatus.ACCEPTED)
CLEARED = ClearCacheConf(status=ClearCacheStatus.ACCEPTED)
CACHING = configured(STATION, AuthorizationCacheEnabled=True, LocalPreAuthorize=True, AuthorizeRemoteTxRequests=True)


def cache_card(play: Playbook) -> None:
    """A whole session, by which the station gets to know the card."""
    play.begin_transaction()
    play.present_card("TAG")
    play.expect(StopTransaction, id_tag="TAG")
    play.expect_status(1, S.FINISHING)
    play.unplug(1)
    play.expect_status(1, S.AVAILABLE)


def test_tc_007_1_start_charging_session_cached_id() -> None:
    """A card that was accepted before: no Authorize; StartTransaction, Charging."""
    with Playbook(CACHING) as play:
        play.boot()
        cache_card(play)

        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(StartTransaction, connector_id=1, id_tag="TAG")
        play.expect_status(1, S.CHARGING)


def test_tc_007_2_remote_start_charging_session_cached_id() -> None:
    """A remote start of a card that was accepted before: Accepted; no Authorize; StartTransaction, Charging."""
    with Playbook(CACHING) as play:
        play.boot()
        cache_card(play)

        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG")) == ACCEPTED
        play.expect(StartTransaction, connector_id=1, id_tag="TAG")
        play.expect_status(1, S.CHARGING)


def test_tc_061_1_clear_authorization_data_in_authorization_cache() -> None:
    """ClearCache is Accepted; the card is asked about again."""
    with Playbook(CACHING) as play:
        play.boot()
        cache_card(play)

        assert play.send(ClearCache()) == CLEARED
        play.begin_transaction()


def test_tc_061_2_clear_authorization_data_in_authorization_cache_remote() -> None:
    """ClearCache is Accepted; the card of a remote start is asked about again."""
    with Playbook(CACHING) as play:
        play.boot()
        cache_card(play)

        assert play.send(ClearCache()) == CLEARED
        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG")) == ACCEPTED
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.plug_in(1)
        play.expect(StartTransaction, connector_id=1, id_tag="TAG")
        play.expect_status(1, S.CHARGING)
