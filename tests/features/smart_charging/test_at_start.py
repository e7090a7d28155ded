"""Profiles that come with a remote start."""

from __future__ import annotations

import pytest
from attrs import evolve

from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    StartTransaction,
)
from ocpp16cp.outcome import ProfileRejected
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import ChargePointStatus, ChargingProfile
from tests.features.smart_charging.profiles import (
    ACCEPTED,
    DEFAULT,
    REJECTED,
    RELATIVE,
    TX,
    W,
    clear,
    composite,
    install,
    profile,
)
from tests.features.stations import STATION, configured

S = ChargePointStatus
NARROW = configured(
    STATION,
    AuthorizeRemoteTxRequests=False,
    ChargeProfileMaxStackLevel=3,
    ChargingScheduleMaxPeriods=2,
    ChargingScheduleAllowedChargingRateUnit="Current",
    MaxChargingProfilesInstalled=1,
)


def start(
    play: Playbook, connector_id: int | None, brought: ChargingProfile | None, id_tag: str = "TAG"
) -> RemoteStartStopStatus:
    """Ask for a remote start; what is answered."""
    request = RemoteStartTransaction(connector_id=connector_id, id_tag=id_tag, charging_profile=brought)
    return play.send(request, RemoteStartTransactionConf).status


@pytest.mark.parametrize(
    ("brought", "field"),
    [
        (profile(DEFAULT, "0:10"), "chargingProfilePurpose"),
        (profile(TX, "0:10", transaction_id=1), "transactionId"),
        (profile(TX, "0:10", level=4), "stackLevel"),
        (profile(TX, "0:10, 10:8, 20:6"), "chargingSchedule.chargingSchedulePeriod"),
        (profile(TX, "5:10"), "chargingSchedule.chargingSchedulePeriod[0].startPeriod"),
        (profile(TX, "0:10", unit=W), "chargingSchedule.chargingRateUnit"),
        (profile(TX, "0:10", valid_to=0), "validTo"),
    ],
)
@pytest.mark.parametrize("connector_id", [1, None])
def test_profile_that_cannot_come_along_starts_nothing(
    connector_id: int | None, brought: ChargingProfile, field: str
) -> None:
    """§5.16.1."""
    with Playbook(NARROW) as play:
        play.boot()

        assert start(play, connector_id, brought) is RemoteStartStopStatus.REJECTED
        assert play.expect(ProfileRejected).reason.startswith(f"{field}: ")
        play.advance(100)


def test_profile_counts_from_the_start_of_its_transaction() -> None:
    """While it waits it counts for nothing: neither in a schedule nor as installed."""
    with Playbook(NARROW) as play:
        play.boot()
        play.ignore(MeterValues)
        brought = profile(TX, "0:10, 100:16", kind=RELATIVE, number=5)

        assert start(play, 1, brought) is RemoteStartStopStatus.ACCEPTED
        play.expect_status(1, S.PREPARING)
        assert composite(play, 1) == "0:32"
        assert clear(play, id=5) == "Unknown"
        play.advance(30)
        play.plug_in(1)
        play.expect(StartTransaction, connector_id=1)
        play.expect_status(1, S.CHARGING)

        assert composite(play, 1) == "0:10, 100:16"
        play.advance(40)
        assert composite(play, 1) == "0:10, 60:16"
        assert clear(play, id=5) == "Accepted"


def test_profile_goes_with_its_start() -> None:
    """§5.11: nobody plugged in."""
    with Playbook(NARROW) as play:
        play.boot()
        assert start(play, 1, profile(TX, "0:10")) is RemoteStartStopStatus.ACCEPTED
        play.expect_status(1, S.PREPARING)
        play.advance(60)
        play.expect_status(1, S.AVAILABLE)

        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        assert start(play, 1, None) is RemoteStartStopStatus.ACCEPTED
        play.expect(StartTransaction)
        play.expect_status(1, S.CHARGING)
        assert composite(play, 1) == "0:32"


def test_profile_moves_along_to_where_the_cable_is_plugged_in() -> None:
    with Playbook(NARROW) as play:
        play.boot()
        assert start(play, None, profile(TX, "0:10")) is RemoteStartStopStatus.ACCEPTED
        play.expect_status(1, S.PREPARING)

        play.plug_in(2)
        play.expect(StartTransaction, connector_id=2)
        play.skip()
        assert (composite(play, 1), composite(play, 2)) == ("0:32", "0:10")


@pytest.mark.parametrize(("again", "limit"), [(profile(TX, "0:12"), "12"), (None, "10")])
def test_start_that_is_said_again_brings_its_own_profile(again: ChargingProfile | None, limit: str) -> None:
    """The newer one counts; without one the older stays."""
    with Playbook(NARROW) as play:
        play.boot()
        assert start(play, 1, profile(TX, "0:10")) is RemoteStartStopStatus.ACCEPTED
        play.expect_status(1, S.PREPARING)

        assert start(play, 1, again, "tag") is RemoteStartStopStatus.ACCEPTED
        play.plug_in(1)
        play.skip()

        assert composite(play, 1) == f"0:{limit}"


def test_profile_waits_while_the_card_is_checked() -> None:
    with Playbook(configured(STATION, AuthorizeRemoteTxRequests=True)) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)

        assert start(play, 1, profile(TX, "0:10")) is RemoteStartStopStatus.ACCEPTED
        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction)
        play.expect_status(1, S.CHARGING)
        assert composite(play, 1) == "0:10"


def test_profile_of_a_start_is_installed_where_there_is_no_room() -> None:
    """It was accepted: without it more might flow. What has expired makes room; another one still finds none."""
    with Playbook(NARROW) as play:
        play.boot()
        assert install(play, 0, profile(DEFAULT, "0:8", number=1, valid_to=10)) == ACCEPTED
        for connector_id, number in ((1, 2), (2, 3)):
            assert start(play, connector_id, profile(TX, "0:10", number=number)) is RemoteStartStopStatus.ACCEPTED
            play.expect_status(connector_id, S.PREPARING)
        play.advance(10)
        play.plug_in(1)
        play.plug_in(2)
        play.skip()

        assert (composite(play, 1), composite(play, 2)) == ("0:10", "0:10")
        assert clear(play, id=1) == "Unknown"
        assert install(play, 1, profile(TX, "0:6", number=4, level=1)) == REJECTED
        # Its own slot is taken over all the same; that of another level would lie beside it (errata 3.42).
        assert install(play, 1, profile(TX, "0:6", number=4)) == ACCEPTED


def test_profile_is_ignored_without_smart_charging() -> None:
    """§5.16.1."""
    with Playbook(evolve(STATION, feature_profiles=("Core",))) as play:
        play.boot()
        play.plug_in(1)
        play.skip()

        assert start(play, 1, profile(DEFAULT, "0:10")) is RemoteStartStopStatus.ACCEPTED
        play.skip()
