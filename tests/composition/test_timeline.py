"""Answers cut out of a longer schedule: the same as composed anew."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.composition import ConnectorSupply, CurrentType, ProfileSet, Supply, Timeline
from ocpp16cp.composition.installed import MAX_PROFILES
from ocpp16cp.errors import UsageError

from .building import T0, A, W, at, profile, short, station, supply
from .generated import Case, case

cases = st.builds(case, st.integers(0, 2**32))


@given(cases, st.lists(st.integers(-100_000, 200_000), min_size=2, max_size=8))
def test_answers_are_those_of_the_set(asked: Case, moves: list[int]) -> None:
    """Now may go on, jump and go back."""
    profile_set = asked.profile_set()
    timeline = Timeline(profile_set, asked.connector_id, unit=asked.unit)

    for move in moves:
        now = asked.now + timedelta(seconds=move)
        anew = profile_set.compose(asked.connector_id, now, duration=asked.duration, unit=asked.unit)
        assert timeline.compose(now, duration=asked.duration) == anew
        assert timeline.limit_at(now) == anew.periods[0].limit
        assert timeline.phases_at(now) == anew.periods[0].phases


@given(cases)
def test_next_change_is_the_next_period(asked: Case) -> None:
    """Between now and the next change the limit stays; there it is another."""
    profile_set = asked.profile_set()
    timeline = Timeline(profile_set, asked.connector_id, unit=asked.unit)
    anew = profile_set.compose(asked.connector_id, asked.now, duration=9 * 86_400, unit=asked.unit)

    change = timeline.next_change(asked.now)

    if len(anew.starts) > 1:
        assert change == anew.instant(anew.starts[1])
    elif change is not None:
        assert change >= anew.instant(anew.duration)


@pytest.mark.parametrize("start", [at(0), at(3), at(50)])
def test_next_change_far_away(start: datetime) -> None:
    """A profile that becomes valid in twenty years ends the present limit then."""
    years = timedelta(days=20 * 365.25)
    far = profile("default", "0:10", level=1, valid_from=int(years.total_seconds()))
    timeline = Timeline(station(profile("default", "0:6"), far), 1)

    assert timeline.next_change(start) == T0 + years
    assert timeline.limit_at(T0 + years - timedelta(seconds=1)) == 6
    assert timeline.limit_at(T0 + years) == 10


@pytest.mark.parametrize("kind", ["daily", "weekly", "absolute", "relative"])
def test_no_change_ever(kind: str) -> None:
    """One limit without end; also under a validity to the end of time, which is not walked through day by day."""
    constant = profile("default", "0:6, 7:6", kind=kind)
    last = datetime.max.replace(tzinfo=UTC)
    endless = evolve(profile("max", "0:20, 5:22", kind="daily"), valid_to=last)
    timeline = Timeline(station(constant, endless), 1)

    assert timeline.next_change(at(10)) is None
    assert Timeline(station(constant, running=-9), 0).next_change(at(10)) is None


def test_change_at_the_very_end_of_a_kept_stretch() -> None:
    """A day is composed ahead; the change is one day ahead."""
    timeline = Timeline(station(profile("default", "0:6, 86400:8, 700000:6")), 1)

    changes = [timeline.next_change(at(second)) for second in (0, 86_399, 86_400, 700_000)]

    assert changes == [at(86_400), at(86_400), at(700_000), None]


def test_window_that_leaves_a_kept_stretch_by_seconds() -> None:
    """It is composed anew, not cut short."""
    timeline = Timeline(station(profile("default", "0:6, 86401:8")), 1)
    timeline.limit_at(T0)

    assert short(timeline.compose(at(86_398), duration=5)) == "0:6, 3:8"


def test_change_at_the_very_end_of_a_searched_stretch() -> None:
    """A week is looked at after each instant that happens once, and the second before."""
    week = 604_800
    timeline = Timeline(station(profile("default", f"0:6, {week + 1}:8"), profile("max", "0:32", valid_to=week)), 1)

    assert timeline.next_change(T0) == at(week + 1)


def test_end_of_time() -> None:
    """A validity to the last instant there is needs no instant after it."""
    last = datetime.max.replace(tzinfo=UTC)
    timeline = Timeline(station(evolve(profile("default", "0:6"), valid_to=last)), 1)

    assert timeline.next_change(T0) == last.replace(microsecond=0)


def test_change_of_phases_is_a_change() -> None:
    """The limit per phase stays, the number of phases does not."""
    timeline = Timeline(station(profile("default", "0:6/3, 60:6/1")), 1)

    assert timeline.next_change(T0) == at(60)
    assert [timeline.phases_at(at(second)) for second in (59, 60)] == [3, 1]


def test_units_and_direct_current() -> None:
    """Watts on DC unless asked otherwise, and no phases."""
    dc = Supply(
        connectors=(ConnectorSupply(limit_a=Decimal(100)),),
        current_type=CurrentType.DC,
        voltage_v=400,
    )
    in_watts, in_amperes = Timeline(ProfileSet(dc), 1), Timeline(ProfileSet(dc), 1, unit=A)

    assert (in_watts.unit, in_watts.phases_at(T0)) == (W, None)
    assert in_watts.limit_at(T0) == 40_000
    assert in_amperes.limit_at(T0) == 100


def test_relative_profiles_on_an_idle_connector_count_from_each_question() -> None:
    """Nothing is kept there."""
    timeline = Timeline(station(profile("default", "0:6, 30:9", kind="relative")), 1)

    found = [short(timeline.compose(at(second), duration=60)) for second in (0, 1000)]

    assert found == ["0:6, 30:9", "0:6, 30:9"]
    assert timeline.next_change(at(1000)) == at(1030)


def test_impossible_question_is_refused() -> None:
    """As by the set."""
    with pytest.raises(UsageError, match="no connector 2"):
        Timeline(station(of=supply()), 2)
    timeline = Timeline(station(), 1)
    timeline.limit_at(T0)
    with pytest.raises(UsageError, match="duration"):
        timeline.compose(T0, duration=0)


def test_timeline_pickles_however_many_levels_there_are() -> None:
    """The copy goes on with the same unit."""
    deep = station(*(profile("default", f"0:{n + 1}", level=n, start=n) for n in range(MAX_PROFILES)))
    timeline = Timeline(deep, 1, unit=W)
    timeline.compose(T0, duration=10)

    copy = pickle.loads(pickle.dumps(timeline))

    assert copy == timeline
    assert copy.compose(T0, duration=10) == timeline.compose(T0, duration=10)
