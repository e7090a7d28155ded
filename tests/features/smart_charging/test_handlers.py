from __future__ import annotations

import json
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from attrs import evolve

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.errors import CallErrorCode
from ocpp16cp.events import Started
from ocpp16cp.features.smart_charging.messages import (
    ClearChargingProfile,
    GetCompositeSchedule,
    GetCompositeScheduleConf,
    GetCompositeScheduleStatus,
    SetChargingProfile,
)
from ocpp16cp.features.transactions.messages import StartTransaction
from ocpp16cp.outcome import ProfileDropped, ProfileRejected, Write
from ocpp16cp.station import CurrentType
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import Late
from ocpp16cp.wire.frames import CallError
from ocpp16cp.wire.types import ChargePointStatus, ChargingProfile, ChargingRateUnitType
from tests.features.smart_charging.profiles import (
    ACCEPTED,
    DEFAULT,
    MAX,
    RECURRING,
    REJECTED,
    RELATIVE,
    TX,
    A,
    W,
    ask,
    at,
    clear,
    composite,
    install,
    profile,
)
from tests.features.stations import SINGLE, STATION, configured

PLAIN = profile(DEFAULT, "0:16")
LIMITED = configured(
    STATION, ChargeProfileMaxStackLevel=3, ChargingScheduleMaxPeriods=2, MaxChargingProfilesInstalled=3
)


def installed(play: Playbook) -> dict[int, int]:
    """The connectors of the installed profiles, by id, as the store has them."""
    return {
        int(write.key): json.loads(write.text or "")[1]["connector_id"]
        for write in play.disk
        if write.table == "smart_charging.profiles"
    }


# SetChargingProfile: what is refused.


@pytest.mark.parametrize("connector_id", [-1, 3])
def test_unknown_connector_is_an_error(connector_id: int) -> None:
    """§5.16, errata 3.39."""
    with Playbook(STATION) as play:
        play.boot()

        answer = play.answer_to(play.post(SetChargingProfile(connector_id=connector_id, cs_charging_profiles=PLAIN)))

        assert isinstance(answer, CallError)
        assert answer.code is CallErrorCode.PROPERTY_CONSTRAINT_VIOLATION


@pytest.mark.parametrize(
    ("name", "value"),
    [("chargingProfilePurpose", "Nothing"), ("chargingProfileKind", "Sometimes"), ("recurrencyKind", "Yearly")],
)
def test_unknown_word_is_an_error(name: str, value: str) -> None:
    """Errata 3.38."""
    payload: dict[str, Any] = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6}]},
    }
    payload[name] = value
    with Playbook(STATION) as play:
        play.boot()

        answer = play.answer_to(play.post("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": payload}))

        assert isinstance(answer, CallError)
        assert answer.code is CallErrorCode.PROPERTY_CONSTRAINT_VIOLATION


REFUSALS: list[tuple[int, ChargingProfile, str]] = [
    (1, profile(MAX, "0:16"), "connectorId"),
    (0, profile(TX, "0:16"), "connectorId"),
    (0, profile(MAX, "0:16", kind=RELATIVE), "chargingProfileKind"),
    (1, evolve(PLAIN, stack_level=4), "stackLevel"),
    (1, evolve(PLAIN, stack_level=-1), "stackLevel"),
    (1, profile(DEFAULT, "0:16, 60:10, 120:8"), "chargingSchedule.chargingSchedulePeriod"),
    (1, profile(DEFAULT, "1:16"), "chargingSchedule.chargingSchedulePeriod[0].startPeriod"),
    (1, profile(DEFAULT, "0:16, 0:10"), "chargingSchedule.chargingSchedulePeriod[1].startPeriod"),
    (1, profile(DEFAULT, "0:-1"), "chargingSchedule.chargingSchedulePeriod[0].limit"),
    (1, profile(DEFAULT, "0:16/4"), "chargingSchedule.chargingSchedulePeriod[0].numberPhases"),
    (1, profile(DEFAULT, "0:16/0"), "chargingSchedule.chargingSchedulePeriod[0].numberPhases"),
    (1, profile(DEFAULT, "0:16", duration=0), "chargingSchedule.duration"),
    (1, evolve(profile(DEFAULT, "0:16"), charging_profile_kind=RECURRING), "recurrencyKind"),
    (1, profile(DEFAULT, "0:16", kind=RECURRING, start=None), "chargingSchedule.startSchedule"),
    (1, profile(DEFAULT, "0:16", valid_from=500, valid_to=500), "validTo"),
    (1, profile(DEFAULT, "0:16", valid_to=99), "validTo"),
    (1, profile(DEFAULT, "0:16", valid_to=100), "validTo"),
    (1, profile(TX, "0:16"), "chargingProfilePurpose"),
]


@pytest.mark.parametrize(("connector_id", "refused", "field"), REFUSALS)
def test_refused_profile_leaves_the_old_one_in_place(connector_id: int, refused: ChargingProfile, field: str) -> None:
    """§5.16: whatever is wrong with the new one; the application learns what it is (ChargeProfileMaxStackLevel,
    ChargingScheduleMaxPeriods among it)."""
    with Playbook(LIMITED) as play:
        play.boot()
        play.advance(100)
        assert install(play, 1, profile(DEFAULT, "0:13")) == ACCEPTED

        assert install(play, connector_id, refused) == REJECTED

        told = play.expect(ProfileRejected)
        assert (told.connector_id, told.charging_profile_id) == (connector_id, refused.charging_profile_id)
        assert told.reason.startswith(f"{field}: ")
        assert composite(play, 1) == "0:13"


@pytest.mark.parametrize(("allowed", "unit"), [("Current", W), ("Power", A)])
def test_unit_that_is_not_allowed_is_refused(allowed: str, unit: ChargingRateUnitType) -> None:
    """§9.4.2; a composite schedule is not given in it either, and by default in the one that is allowed."""
    with Playbook(configured(SINGLE, ChargingScheduleAllowedChargingRateUnit=allowed)) as play:
        play.boot()

        assert install(play, 1, profile(DEFAULT, "0:6000", unit=unit)) == REJECTED
        assert play.expect(ProfileRejected).reason == f"chargingSchedule.chargingRateUnit: {unit} is not allowed"
        assert ask(play, 1, 60, unit) == GetCompositeScheduleConf(status=GetCompositeScheduleStatus.REJECTED)
        schedule = ask(play, 1, 60).charging_schedule
        assert schedule is not None
        assert schedule.charging_rate_unit is {"Current": A, "Power": W}[allowed]


@pytest.mark.parametrize(("is_strict", "status"), [(False, "Accepted"), (True, "Rejected")])
def test_absolute_profile_without_start(is_strict: bool, status: str) -> None:
    """§7.13 calls it relative to the start of charging; whoever takes it for a mistake may have it refused."""
    strict = evolve(SINGLE, settings=evolve(SINGLE.settings, requires_start_schedule=is_strict))
    with Playbook(strict) as play:
        play.boot()

        assert install(play, 1, profile(DEFAULT, "0:16", start=None)).status.value == status
        assert install(play, 1, profile(DEFAULT, "0:16", start=None, kind=RELATIVE)) == ACCEPTED


def test_charge_point_max_profile_without_start_counts_from_its_receipt() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.advance(10)
        assert install(play, 0, profile(MAX, "0:16, 100:10", start=None)) == ACCEPTED

        play.advance(20)
        play.power_cut(off_s=20)
        play.skip()
        assert composite(play, 1) == "0:16, 60:10"


# SetChargingProfile: TxProfiles.


def test_tx_profile_with_the_id_of_its_transaction_or_none() -> None:
    """§5.16.2."""
    with Playbook(STATION) as play:
        play.boot()
        transaction_id = play.begin_transaction(1)

        assert install(play, 2, profile(TX, "0:10")) == REJECTED
        assert install(play, 1, profile(TX, "0:10", transaction_id=transaction_id)) == ACCEPTED
        assert install(play, 1, profile(TX, "0:12")) == ACCEPTED
        assert composite(play, 1) == "0:12"


def test_tx_profile_with_an_id_before_it_is_known_is_refused() -> None:
    """The StartTransaction is not answered so far: the id cannot be that of this transaction."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(StartTransaction, Late(10.0))
        play.plug_in(1)
        play.present_card("TAG")
        transaction_id = play.central_system.transaction_id
        play.skip()

        assert install(play, 1, profile(TX, "0:10", transaction_id=transaction_id)) == REJECTED
        assert install(play, 1, profile(TX, "0:12", number=2)) == ACCEPTED
        play.advance(10)
        play.expect_status(1, ChargePointStatus.CHARGING)
        assert install(play, 1, profile(TX, "0:10", level=1, transaction_id=transaction_id)) == ACCEPTED
        assert composite(play, 1) == "0:10"


def test_transaction_id_of_another_purpose_is_ignored() -> None:
    with Playbook(SINGLE) as play:
        play.boot()

        assert install(play, 1, profile(DEFAULT, "0:10", transaction_id=77)) == ACCEPTED
        assert composite(play, 1) == "0:10"


# SetChargingProfile: what is replaced.


@pytest.mark.parametrize(
    ("connector_id", "new", "left"),
    [
        # The same id, wherever it is.
        (2, profile(DEFAULT, "0:9", number=1, level=3), {1: 2, 2: 0, 3: 0}),
        (0, profile(MAX, "0:9", number=2, level=3), {1: 1, 2: 0, 3: 0}),
        # The same slot.
        (1, profile(DEFAULT, "0:9", number=4, level=1), {2: 0, 3: 0, 4: 1}),
        (0, profile(MAX, "0:9", number=4, level=1), {1: 1, 2: 0, 4: 0}),
        # Both, and different ones.
        (0, profile(MAX, "0:9", number=1, level=1), {1: 0, 2: 0}),
        # Neither: on another connector, of another purpose, of another level.
        (2, profile(DEFAULT, "0:9", number=4, level=1), None),
        (0, profile(DEFAULT, "0:9", number=4, level=2), None),
    ],
)
def test_replacement_at_full_capacity(connector_id: int, new: ChargingProfile, left: dict[int, int] | None) -> None:
    """§5.16.2: an id or a slot is taken over, though MaxChargingProfilesInstalled is reached; a new one is refused."""
    with Playbook(LIMITED) as play:
        play.boot()
        assert install(play, 1, profile(DEFAULT, "0:10", number=1, level=1)) == ACCEPTED
        assert install(play, 0, profile(DEFAULT, "0:11", number=2, level=1)) == ACCEPTED
        assert install(play, 0, profile(MAX, "0:30", number=3, level=1)) == ACCEPTED

        answer = install(play, connector_id, new)

        assert answer == (REJECTED if left is None else ACCEPTED)
        assert installed(play) == ({1: 1, 2: 0, 3: 0} if left is None else left)
        if left is None:
            assert play.expect(ProfileRejected).reason == "3 profiles are installed already"


def test_expired_profiles_make_room() -> None:
    """They stay until there is need for room, and count as installed until then."""
    with Playbook(LIMITED) as play:
        play.boot()
        for number, valid_to in ((1, 50), (2, 100), (3, None)):
            limits = profile(DEFAULT, "0:10", number=number, level=number, valid_to=valid_to)
            assert install(play, 1, limits) == ACCEPTED
        play.advance(60)
        assert installed(play) == {1: 1, 2: 1, 3: 1}

        assert install(play, 2, profile(DEFAULT, "0:8", number=4)) == ACCEPTED
        assert installed(play) == {2: 1, 3: 1, 4: 2}


def test_default_of_a_connector_lies_over_that_of_the_charge_point() -> None:
    """Whichever came first; cleared, the other one is in force again."""
    with Playbook(STATION) as play:
        play.boot()
        assert install(play, 2, profile(DEFAULT, "0:8", number=1)) == ACCEPTED
        assert install(play, 0, profile(DEFAULT, "0:16", number=2)) == ACCEPTED
        assert (composite(play, 1), composite(play, 2)) == ("0:16", "0:8")

        assert clear(play, connector_id=2) == "Accepted"
        assert (composite(play, 1), composite(play, 2)) == ("0:16", "0:16")

        assert install(play, 2, profile(DEFAULT, "0:8", number=1)) == ACCEPTED
        assert clear(play, connector_id=0) == "Accepted"
        assert (composite(play, 1), composite(play, 2)) == ("0:32", "0:8")


def test_profile_that_becomes_valid_later_replaces_at_once() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        assert install(play, 1, profile(DEFAULT, "0:10", number=1)) == ACCEPTED
        assert install(play, 1, profile(DEFAULT, "0:6", number=2, valid_from=400)) == ACCEPTED

        assert composite(play, 1, 900) == "0:32, 400:6"


# ClearChargingProfile.

PLACED = (
    (0, profile(MAX, "0:30", number=1, level=1)),
    (0, profile(DEFAULT, "0:20", number=2, level=1)),
    (1, profile(DEFAULT, "0:20", number=3, level=2)),
    (2, profile(DEFAULT, "0:20", number=4, level=1)),
    (1, profile(TX, "0:20", number=5, level=1)),
)


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({}, []),
        ({"id": 3}, [1, 2, 4, 5]),
        # Errata 3.26: with an id all else is ignored.
        ({"id": 3, "connector_id": 2, "charging_profile_purpose": MAX, "stack_level": 9}, [1, 2, 4, 5]),
        ({"id": 9}, None),
        ({"connector_id": 0}, [3, 4, 5]),
        ({"connector_id": 1}, [1, 2, 4]),
        ({"connector_id": 7}, None),
        ({"charging_profile_purpose": DEFAULT}, [1, 5]),
        ({"charging_profile_purpose": TX}, [1, 2, 3, 4]),
        ({"stack_level": 1}, [3]),
        ({"stack_level": 5}, None),
        # Errata 3.25: all that are given have to match.
        ({"connector_id": 0, "charging_profile_purpose": DEFAULT}, [1, 3, 4, 5]),
        ({"connector_id": 1, "stack_level": 1}, [1, 2, 3, 4]),
        ({"charging_profile_purpose": DEFAULT, "stack_level": 1}, [1, 3, 5]),
        ({"connector_id": 2, "charging_profile_purpose": DEFAULT, "stack_level": 1}, [1, 2, 3, 5]),
        ({"connector_id": 2, "charging_profile_purpose": MAX, "stack_level": 1}, None),
    ],
)
def test_clear_by_every_filter(fields: dict[str, Any], left: list[int] | None) -> None:
    """§5.5: Unknown where nothing matches."""
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1)
        for connector_id, placed in PLACED:
            assert install(play, connector_id, placed) == ACCEPTED

        status = clear(play, **fields)

        assert status == ("Unknown" if left is None else "Accepted")
        assert sorted(installed(play)) == ([1, 2, 3, 4, 5] if left is None else left)


# GetCompositeSchedule.


@pytest.mark.parametrize(("connector_id", "duration"), [(-1, 60), (3, 60), (1, 0), (1, -5)])
def test_composite_schedule_that_cannot_be_given(connector_id: int, duration: int) -> None:
    """§5.7: Rejected, and nothing else."""
    with Playbook(STATION) as play:
        play.boot()

        assert ask(play, connector_id, duration) == GetCompositeScheduleConf(status=GetCompositeScheduleStatus.REJECTED)


def test_composite_schedule_of_the_charge_point() -> None:
    """The sum of the connectors under the ChargePointMaxProfile."""
    with Playbook(evolve(STATION, max_current_a=Decimal(63))) as play:
        play.boot()
        assert install(play, 0, profile(DEFAULT, "0:10", number=1, duration=200)) == ACCEPTED
        assert composite(play, 0, 300) == "0:20, 200:63"

        assert install(play, 0, profile(MAX, "0:32", number=2)) == ACCEPTED
        assert composite(play, 0, 300) == "0:20, 200:32"


def test_composite_schedule_is_as_long_as_a_week_at_most() -> None:
    """A message stays one, whatever is asked for: its duration tells how far it reaches."""
    with Playbook(SINGLE) as play:
        play.boot()
        assert install(play, 1, profile(DEFAULT, "0:16, 43200:8", kind=RECURRING)) == ACCEPTED

        schedule = ask(play, 1, 2**31 - 1).charging_schedule

        assert schedule is not None
        assert schedule.duration == 604_800
        assert len(schedule.charging_schedule_period) == 14


def test_composite_schedule_starts_at_a_whole_second() -> None:
    """Its periods are whole seconds: what is told of an instant is true at that instant."""
    with Playbook(SINGLE) as play:
        play.boot()
        assert install(play, 1, profile(DEFAULT, "0:16, 100:8")) == ACCEPTED
        play.advance(9.75)

        answer = ask(play, 1, 300)

        assert answer.schedule_start == at(9)
        assert composite(play, 1, 300) == "0:16, 91:8"


def test_unit_of_a_dc_station_is_watts() -> None:
    """Unless another one is asked for; there are no phases."""
    dc = evolve(
        SINGLE, current_type=CurrentType.DC, nominal_voltage_v=400, connectors=(evolve(SINGLE.connector(1), phases=1),)
    )
    with Playbook(dc) as play:
        play.boot()
        assert install(play, 1, profile(DEFAULT, "0:20", number=1)) == ACCEPTED

        assert composite(play, 1, phases=True) == "0:8000/None"
        assert composite(play, 1, unit=A, phases=True) == "0:20/None"


def test_phases_of_a_composite_schedule() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        assert install(play, 0, profile(MAX, "0:12, 60:18/1, 120:18")) == ACCEPTED

        assert composite(play, 1, 180, phases=True) == "0:12/3, 60:18/1, 120:18/3"


# What lasts.


def test_profiles_survive_a_power_cut() -> None:
    """Errata 3.37."""
    with Playbook(STATION, has_clock=True) as play:
        play.boot()
        for connector_id, placed in PLACED[:4]:
            assert install(play, connector_id, placed) == ACCEPTED
        before = [composite(play, each) for each in (0, 1, 2)]

        play.power_cut(off_s=5)
        play.skip()

        assert [composite(play, each) for each in (0, 1, 2)] == before


def test_stored_profile_that_does_not_fit_any_more_is_removed() -> None:
    """The station came back from the workshop with one connector less: it starts all the same, and tells."""
    with Playbook(STATION) as play:
        play.boot()
        assert install(play, 2, profile(DEFAULT, "0:10", number=1)) == ACCEPTED
        assert install(play, 1, profile(DEFAULT, "0:12", number=2)) == ACCEPTED

    core = ChargePoint(SINGLE, records=play.disk, random=Random(0))
    outcome = core.handle(Started(), now=0.0)

    assert ProfileDropped(1, "connectorId: there is no connector 2") in outcome.notices
    assert Write("smart_charging.profiles", "1", None) in outcome.writes
    core.audit(now=0.0)


def test_switched_off_nothing_of_it_exists() -> None:
    """NotSupported, no keys, and no limit but that of the hardware; what was stored counts again when it is back."""
    core_only = evolve(SINGLE, feature_profiles=("Core",))
    with Playbook(SINGLE) as play:
        play.boot()
        assert install(play, 1, profile(DEFAULT, "0:10")) == ACCEPTED
    with Playbook(core_only) as other:
        other.boot()
        for request in (
            SetChargingProfile(connector_id=1, cs_charging_profiles=PLAIN),
            ClearChargingProfile(),
            GetCompositeSchedule(connector_id=1, duration=60),
        ):
            answer = other.answer_to(other.post(request))
            assert isinstance(answer, CallError)
            assert answer.code is CallErrorCode.NOT_SUPPORTED
        assert "MaxChargingProfilesInstalled" not in other.charge_point.configuration()

    core = ChargePoint(core_only, records=play.disk, random=Random(0))
    core.handle(Started(), now=0.0)

    assert "smart_charging.profiles" in {write.table for write in core.records()}
