"""Cards that the central system has sent a list of: §3.5.2, §5.10, §5.15 and the cases named in each dialogue."""

from __future__ import annotations

from ocpp16cp.certified import CERTIFIED_CONFIGURATION
from ocpp16cp.features.local_list.messages import UpdateStatus
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    StartTransaction,
)
from ocpp16cp.station import FeatureProfile
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import ChargePointStatus
from tests.features.configuration.asking import ACCEPTED as CHANGED
from tests.features.configuration.asking import change, value
from tests.features.local_list.listing import DIFFERENTIAL, FULL, update, version_of
from tests.features.stations import STATION, configured, without

S = ChargePointStatus
LISTING = configured(
    STATION,
    LocalAuthListEnabled=True,
    LocalPreAuthorize=True,
    AuthorizationCacheEnabled=False,
    AuthorizeRemoteTxRequests=True,
)
UNLISTED = without(STATION, FeatureProfile.LOCAL_AUTH_LIST_MANAGEMENT)


def test_tc_008_1_start_charging_session_authorize_in_local_list() -> None:
    """A card of the list: no Authorize; StartTransaction, Charging."""
    with Playbook(LISTING) as play:
        play.boot()
        assert update(play, 1, "TAG") is UpdateStatus.ACCEPTED

        play.begin_transaction(1, "TAG", is_known=True)


def test_tc_008_2_remote_start_charging_session_authorize_in_local_list() -> None:
    """A remote start of a card of the list: Accepted; no Authorize; StartTransaction, Charging."""
    with Playbook(LISTING) as play:
        play.boot()
        assert update(play, 1, "TAG") is UpdateStatus.ACCEPTED

        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        started = play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        assert started == RemoteStartTransactionConf(status=RemoteStartStopStatus.ACCEPTED)
        play.expect(StartTransaction, connector_id=1, id_tag="TAG")
        play.expect_status(1, S.CHARGING)


def test_tc_042_1_get_local_list_version_not_supported() -> None:
    """Switched off by its key: -1."""
    with Playbook(LISTING) as play:
        play.boot()
        assert change(play, "LocalAuthListEnabled", "false") == CHANGED

        assert version_of(play) == -1


def test_tc_042_1_get_local_list_version_without_the_profile() -> None:
    """A station without local lists: -1."""
    with Playbook(UNLISTED) as play:
        play.boot()

        assert version_of(play) == -1


def test_tc_042_2_get_local_list_version_empty() -> None:
    """A full update without a list is Accepted; the version is 0."""
    with Playbook(LISTING) as play:
        play.boot()

        assert update(play, 1) is UpdateStatus.ACCEPTED
        assert version_of(play) == 0


def test_tc_043_send_local_authorization_list() -> None:
    """A full and a differential update are Accepted, and their versions are read back."""
    with Playbook(LISTING) as play:
        play.boot()

        assert update(play, 1, "ONE", "TWO", kind=FULL) is UpdateStatus.ACCEPTED
        assert version_of(play) == 1
        assert update(play, 2, "THREE", kind=DIFFERENTIAL) is UpdateStatus.ACCEPTED
        assert version_of(play) == 2


def test_tc_043_1_send_local_authorization_list_not_supported() -> None:
    """A station without local lists: NotSupported."""
    with Playbook(UNLISTED) as play:
        play.boot()

        assert update(play, 1, "TAG") is UpdateStatus.NOT_SUPPORTED


def test_tc_043_2_send_local_authorization_list_version_mismatch() -> None:
    """A differential update with a lower version: VersionMismatch, and the version stays."""
    with Playbook(LISTING) as play:
        play.boot()
        for version in (2, 5):
            assert update(play, version, "TAG") is UpdateStatus.ACCEPTED
            assert version_of(play) == version

        assert update(play, 4, "OTHER", kind=DIFFERENTIAL) is UpdateStatus.VERSION_MISMATCH
        assert version_of(play) == 5


def test_tc_043_3_send_local_authorization_list_failed() -> None:
    """More entries than a message may have: Failed."""
    with Playbook(LISTING) as play:
        play.boot()
        most = int(value(play, "SendLocalListMaxLength") or 0)
        assert ("SendLocalListMaxLength", str(most)) in CERTIFIED_CONFIGURATION

        assert update(play, 2, *(f"TAG-{number}" for number in range(most + 1))) is UpdateStatus.FAILED
