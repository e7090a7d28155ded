"""Charging profiles, as in §3.13 and the cases named in each dialogue."""

from __future__ import annotations

import pytest

from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.smart_charging.messages import GetCompositeScheduleStatus
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    StartTransaction,
)
from ocpp16cp.outcome import SetLimit
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import ChargePointStatus, ChargingProfilePurposeType, ChargingRateUnitType
from tests.features.smart_charging.profiles import (
    ACCEPTED,
    DEFAULT,
    MAX,
    REJECTED,
    TX,
    A,
    W,
    ask,
    clear,
    composite,
    install,
    profile,
)
from tests.features.stations import SINGLE, STATION

S = ChargePointStatus


def test_tc_056_central_smart_charging_tx_default_profile() -> None:
    """Set on an idle connector; a transaction starts under it; the schedule shows what is left of it."""
    with Playbook(SINGLE) as play:
        play.boot()

        limits = profile(DEFAULT, "0:6, 60:10, 120:8", duration=300, valid_from=0, valid_to=1000)
        assert install(play, 1, limits) == ACCEPTED
        play.advance(5)
        play.begin_transaction(1)
        play.expect(SetLimit, connector_id=1, limit_a=32)
        play.expect(SetLimit, connector_id=1, limit_a=6)

        assert composite(play, 1, 300, A) == "0:6, 55:10, 115:8, 295:32"


def test_tc_057_central_smart_charging_tx_profile() -> None:
    """Set while the transaction runs, by its id; after its duration a positive default limit."""
    with Playbook(SINGLE) as play:
        play.boot()
        transaction_id = play.begin_transaction(1)
        play.advance(5)

        limits = profile(TX, "0:8, 50:11, 140:16, 200:6, 240:12", start=5, duration=260, transaction_id=transaction_id)
        assert install(play, 1, limits) == ACCEPTED
        assert composite(play, 1, 300, A) == "0:8, 50:11, 140:16, 200:6, 240:12, 260:32"


def test_tc_058_1_central_smart_charging_no_ongoing_transaction() -> None:
    """A TxProfile on an idle connector: Rejected."""
    with Playbook(SINGLE) as play:
        play.boot()

        assert install(play, 1, profile(TX, "0:6", transaction_id=1)) == REJECTED
        assert composite(play, 1, 300, A) == "0:32"


def test_tc_058_2_central_smart_charging_wrong_transaction_id() -> None:
    """A TxProfile for another transaction than the one that runs: Rejected."""
    with Playbook(SINGLE) as play:
        play.boot()
        transaction_id = play.begin_transaction(1)

        assert install(play, 1, profile(TX, "0:6", transaction_id=transaction_id + 1)) == REJECTED
        assert composite(play, 1, 300, A) == "0:32"


@pytest.mark.parametrize("unit", [A, W])
def test_tc_059_remote_start_with_charging_profile(unit: ChargingRateUnitType) -> None:
    """Accepted; the transaction starts under the profile; the schedule is answered as it was asked for."""
    limit = {A: "6", W: "6000"}[unit]
    with Playbook(STATION) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)

        started = play.send(
            RemoteStartTransaction(
                connector_id=1, id_tag="TAG", charging_profile=profile(TX, f"0:{limit}", level=1, unit=unit)
            ),
            RemoteStartTransactionConf,
        )
        assert started.status is RemoteStartStopStatus.ACCEPTED
        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction, connector_id=1, id_tag="TAG")
        play.expect_status(1, S.CHARGING)

        play.advance(3)
        answer = ask(play, 1, 300, unit)
        assert answer.status is GetCompositeScheduleStatus.ACCEPTED
        assert (answer.connector_id, answer.schedule_start) == (1, play.utc)
        schedule = answer.charging_schedule
        assert schedule is not None
        assert (schedule.duration, schedule.charging_rate_unit, schedule.start_schedule) == (300, unit, None)
        assert composite(play, 1, 300, unit) == f"0:{limit}"


@pytest.mark.parametrize("purpose", [MAX, DEFAULT])
def test_tc_060_remote_start_with_charging_profile_rejected(purpose: ChargingProfilePurposeType) -> None:
    """The profile is no TxProfile: Rejected, nothing starts."""
    with Playbook(STATION) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)

        started = play.send(
            RemoteStartTransaction(connector_id=1, id_tag="TAG", charging_profile=profile(purpose, "0:6")),
            RemoteStartTransactionConf,
        )
        assert started.status is RemoteStartStopStatus.REJECTED
        play.advance(20)
        play.expect_nothing()


@pytest.mark.parametrize("unit", [A, W])
def test_tc_066_get_composite_schedule(unit: ChargingRateUnitType) -> None:
    """ChargePointMaxProfile, TxDefaultProfile and TxProfile together; equal neighbours are one period."""
    scale = {A: 1, W: 1000}[unit]

    def periods(**limits: int) -> str:
        return ", ".join(f"{start[1:]}:{limit * scale}" for start, limit in limits.items())

    with Playbook(SINGLE) as play:
        play.boot()
        highest = profile(MAX, periods(t0=10), number=1, start=-5, duration=86_400, unit=unit)
        assert install(play, 0, highest) == ACCEPTED
        transaction_id = play.begin_transaction(1)
        default = periods(t0=6, t60=10, t120=8, t180=25, t260=8)
        assert install(play, 1, profile(DEFAULT, default, number=2, duration=300, unit=unit)) == ACCEPTED
        own = profile(
            TX,
            periods(t0=8, t50=11, t140=16, t200=6, t240=12),
            number=3,
            duration=260,
            transaction_id=transaction_id,
            unit=unit,
        )
        assert install(play, 1, own) == ACCEPTED

        assert composite(play, 1, 400, unit) == periods(t0=8, t50=10, t200=6, t240=10, t260=8, t300=10)
        play.advance(7)
        answer = ask(play, 1, 400, unit)
        assert answer.status is GetCompositeScheduleStatus.ACCEPTED
        assert (answer.connector_id, answer.schedule_start) == (1, play.utc)
        assert answer.charging_schedule is not None
        assert answer.charging_schedule.duration == 400
        assert composite(play, 1, 400, unit) == periods(t0=8, t43=10, t193=6, t233=10, t253=8, t293=10)


def test_tc_067_clear_charging_profile() -> None:
    """By id; by purpose, level and connector; all: each time the limits are gone and a positive one is left."""
    with Playbook(SINGLE) as play:
        play.boot()
        limits = profile(DEFAULT, "0:6, 60:8, 200:10", number=7, level=1, start=-5, duration=400)

        for fields in (
            {"id": 7},
            {"connector_id": 1, "charging_profile_purpose": DEFAULT, "stack_level": 1},
            {},
        ):
            assert install(play, 1, limits) == ACCEPTED
            assert composite(play, 1, 350, A) == "0:6, 55:8, 195:10"
            assert clear(play, **fields) == "Accepted"
            assert composite(play, 1, 350, A) == "0:32"
            assert clear(play, **fields) == "Unknown"


@pytest.mark.parametrize("is_charging", [False, True])
def test_tc_072_stacking_charging_profiles(is_charging: bool) -> None:
    """Two levels of TxDefaultProfile: the higher one as long as it gives a limit."""
    with Playbook(SINGLE) as play:
        play.boot()
        lower = profile(
            DEFAULT, "0:6, 50:5, 100:8, 200:10", number=1, start=-5, duration=400, valid_from=-5, valid_to=400
        )
        higher = profile(DEFAULT, "0:7, 100:9", number=2, level=1, start=-5, duration=150, valid_from=-5, valid_to=400)
        assert install(play, 1, lower) == ACCEPTED
        assert install(play, 1, higher) == ACCEPTED
        if is_charging:
            play.begin_transaction(1)

        assert composite(play, 1, 350, A) == "0:7, 95:9, 145:8, 195:10"


def test_tc_082_tx_default_profile_with_ongoing_transaction() -> None:
    """Set while a transaction runs: it applies at once."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction(1)
        play.expect(SetLimit, connector_id=1, limit_a=32)

        assert install(play, 1, profile(DEFAULT, "0:6, 60:10, 120:8", duration=300)) == ACCEPTED
        play.expect(SetLimit, connector_id=1, limit_a=6)
        assert composite(play, 1, 300, A) == "0:6, 60:10, 120:8"
