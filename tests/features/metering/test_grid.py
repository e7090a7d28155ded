from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.features.metering.grid import MAX_SPANS, lateness_s, next_point, with_point
from ocpp16cp.features.metering.state import Span

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(text: str) -> datetime:
    """A time of that day."""
    return datetime.fromisoformat(f"2026-03-01T{text}+00:00")


@pytest.mark.parametrize(
    ("after", "interval_s", "point"),
    [
        ("11:59:59.999", 900, "12:00:00"),
        ("12:00:00", 900, "12:15:00"),
        ("12:00:00.001", 900, "12:15:00"),
        ("12:00:05", 20, "12:00:20"),
        ("12:00:05", 1, "12:00:06"),
        ("00:00:00", 7, "00:00:07"),
        ("23:00:00", 5400, "2026-03-02T00:00:00"),
        ("22:29:59", 5400, "22:30:00"),
        ("23:59:58", 7, "2026-03-02T00:00:00"),
        ("12:00:00", 86_400, "2026-03-02T00:00:00"),
        ("12:00:00", 50_000, "13:53:20"),
    ],
)
def test_grid_begins_at_midnight(after: str, interval_s: int, point: str) -> None:
    """§9.1.5: multiples of the interval since 00:00:00; where they do not fill the day, it begins anew at its end."""
    expected = datetime.fromisoformat(f"{point}+00:00") if "T" in point else at(point)

    assert next_point(at(after), interval_s, ()) == expected


def test_point_that_has_had_its_sample_is_passed_over() -> None:
    spans = (Span(at("12:00:00"), at("12:30:00")), Span(at("12:45:00"), at("12:45:00")))

    assert next_point(at("11:50:00"), 900, spans) == at("13:00:00")
    assert next_point(at("11:40:00"), 900, spans) == at("11:45:00")
    assert next_point(at("12:31:00"), 60, spans) == at("12:32:00")


def test_points_that_follow_each_other_are_one_stretch() -> None:
    spans: tuple[Span, ...] = ()
    for minute in range(0, 300, 15):
        spans = with_point(spans, NOON + timedelta(minutes=minute), 900)

    assert spans == (Span(NOON, NOON + timedelta(minutes=285)),)


def test_point_between_two_stretches_makes_them_one() -> None:
    spans = (Span(at("10:00:00"), at("12:00:00")), Span(at("12:30:00"), at("13:00:00")))

    assert with_point(spans, at("12:15:00"), 900) == (Span(at("10:00:00"), at("13:00:00")),)


def test_of_too_many_stretches_the_nearest_become_one() -> None:
    years = [NOON.replace(year=2026 + year) for year in range(MAX_SPANS)]
    spans = tuple(Span(year, year) for year in years)

    assert with_point(spans, at("13:00:00"), 60) == (Span(NOON, at("13:00:00")), *spans[1:])


@pytest.mark.parametrize(
    ("interval_s", "lateness"), [(1, 0.5), (2, 1.0), (4, 2.0), (15, 2.0), (60, 6.0), (900, 90.0), (86_400, 8640.0)]
)
def test_sample_may_be_late_by_a_tenth_of_its_interval(interval_s: int, lateness: float) -> None:
    """Short ones by two seconds, and never by so much that two points would be due at once."""
    assert lateness_s(interval_s) == lateness


instants = st.integers(0, 7_258_118_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
nearby = st.integers(-3 * 86_400, 3 * 86_400).map(lambda seconds: NOON + timedelta(seconds=seconds))


@given(st.lists(st.tuples(instants | nearby, st.integers(1, 86_400)), max_size=40))
def test_no_point_comes_twice(looks: list[tuple[datetime, int]]) -> None:
    """Wherever the clock is set, on whatever grid, and after any number of steps."""
    spans: tuple[Span, ...] = ()
    taken: set[datetime] = set()
    for after, interval_s in looks:
        point = next_point(after, interval_s, spans)
        assert point > after
        assert point not in taken
        seconds = (point - point.replace(hour=0, minute=0, second=0)).total_seconds()
        assert seconds % interval_s == 0
        taken.add(point)
        spans = with_point(spans, point, interval_s)
        assert len(spans) <= MAX_SPANS
        assert all(any(span.first <= each <= span.last for span in spans) for each in taken)
