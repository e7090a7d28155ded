from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp16cp.composition import ProfileRefused, ProfileSet, Timeline, Transaction
from ocpp16cp.features.smart_charging.compiling import Compiled, Course, Profiles, compile_profiles, supply_of
from ocpp16cp.features.smart_charging.state import Installed
from ocpp16cp.testing.world.profiles import draw_profile
from ocpp16cp.wire.types import ChargingProfilePurposeType, ChargingRateUnitType
from tests.features.smart_charging.profiles import DEFAULT, MAX, at, profile
from tests.features.stations import SINGLE, STATION

A = ChargingRateUnitType.A
T0 = at(0)
SUPPLY = supply_of(STATION)


def drawn(seed: int, count: int) -> dict[int, Installed]:
    """Profiles that fit the station, as they would be installed: one in each slot."""
    random = Random(seed)
    found: dict[int, Installed] = {}
    while len(found) < count:
        purpose = random.choice(tuple(ChargingProfilePurposeType))
        connector_id = 0 if purpose is MAX else random.choice((1, 2))
        new = draw_profile(random, T0, purpose)
        try:
            ProfileSet(SUPPLY).with_profile(connector_id, new, received=T0)
        except ProfileRefused:
            continue
        slot = (connector_id, purpose, new.stack_level)
        found = {
            number: each
            for number, each in found.items()
            if (each.connector_id, each.profile.charging_profile_purpose, each.profile.stack_level) != slot
        }
        found[new.charging_profile_id] = Installed(connector_id, new, T0)
        count -= random.random() < 0.2
    return found


def records(of: dict[int, Installed]) -> Profiles:
    """As the table hands them out."""
    return tuple(sorted(of.items()))


@settings(max_examples=50)
@given(st.lists(st.integers(0, 2**32), min_size=1, max_size=4))
def test_compiled_step_by_step_is_as_compiled_at_once(seeds: list[int]) -> None:
    """Whatever was installed before."""
    compiled: Compiled | None = None
    for seed in seeds:
        compiled = compile_profiles((SUPPLY, records(drawn(seed, 5))), compiled)
    assert compiled is not None

    anew = compile_profiles((SUPPLY, records(drawn(seeds[-1], 5))), None)

    assert set(compiled.profiles.layers) == set(anew.profiles.layers)
    assert set(compiled.ceiling.layers) == set(anew.ceiling.layers)
    assert compiled.records == anew.records
    assert compiled.unfit == anew.unfit == {}
    for connector_id in (0, 1, 2):
        one, other = (each.profiles.compose(connector_id, T0, duration=3_600) for each in (compiled, anew))
        assert one == other


def test_only_what_is_new_is_compiled() -> None:
    """The others are the same objects as before; ChargePointMaxProfiles are left alone by a TxDefaultProfile."""
    old = {1: Installed(0, profile(MAX, "0:20", number=1), T0), 2: Installed(1, profile(DEFAULT, "0:16", number=2), T0)}
    before = compile_profiles((SUPPLY, records(old)), None)

    after = compile_profiles((SUPPLY, records(old | {3: Installed(2, profile(DEFAULT, "0:8", number=3), T0)})), before)

    assert [layer for layer in after.profiles.layers if layer not in before.profiles.layers] == [
        after.profiles.layers[2]
    ]
    assert all(one is other for one, other in zip(before.profiles.layers, after.profiles.layers, strict=False))
    assert after.ceiling is before.ceiling


def test_profile_that_does_not_fit_is_named_until_it_is_gone() -> None:
    fitting, unfit = Installed(1, profile(DEFAULT, "0:8", number=1), T0), Installed(2, profile(DEFAULT, "0:8"), T0)
    small = supply_of(SINGLE)

    first = compile_profiles((small, ((1, fitting), (2, unfit))), None)
    second = compile_profiles((small, ((2, unfit),)), first)
    third = compile_profiles((small, ()), second)

    assert list(first.unfit) == list(second.unfit) == [2]
    assert [len(each.profiles.layers) for each in (first, second, third)] == [1, 0, 0]
    assert third.unfit == {}


def test_another_station_is_another_matter() -> None:
    """Nothing that was compiled for one supply is used under another."""
    installed = records({1: Installed(2, profile(DEFAULT, "0:8"), T0)})
    before = compile_profiles((SUPPLY, installed), None)

    after = compile_profiles((supply_of(SINGLE), installed), before)

    assert (list(before.unfit), list(after.unfit)) == ([], [1])


@settings(max_examples=50)
@given(st.integers(0, 2**32), st.lists(st.integers(-2_000, 4_000), min_size=2, max_size=10))
def test_course_tells_the_limit_of_every_second(seed: int, moves: list[int]) -> None:
    """Time may go on, jump and go back, also to before the transaction began."""
    compiled = compile_profiles((SUPPLY, records(drawn(seed, 6))), None)
    transaction = Transaction(connector_id=1, start=at(-300))
    profiles = ProfileSet(SUPPLY, compiled.profiles.layers, (transaction,))
    course = Course(Timeline(profiles, 1, unit=A))

    for move in moves:
        second: datetime = T0 + timedelta(seconds=move)
        stretch = course.at(second)
        now = profiles.compose(1, second, duration=1, unit=A).periods[0]
        assert (stretch.limit_a, stretch.phases) == (now.limit, now.phases)
        assert stretch.since <= second
        assert stretch.until is None or second < stretch.until
