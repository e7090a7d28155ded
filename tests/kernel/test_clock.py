"""One instant in both times, and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.kernel.clock import Anchor, to_milliseconds

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DECADES = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds have none


def test_both_times_run_at_the_same_pace() -> None:
    anchor = Anchor(100.0, NOON, is_set=True)

    assert anchor.utc_at(160.5) == NOON + timedelta(seconds=60.5)
    assert anchor.utc_at(40.0) == NOON - timedelta(minutes=1)
    assert anchor.now_at(NOON + timedelta(minutes=1)) == 160.0


@given(DECADES, st.floats(0, 1e9), DECADES)
def test_instant_comes_back_to_the_microsecond(utc: datetime, now: float, asked: datetime) -> None:
    anchor = Anchor(now, utc, is_set=True)

    assert abs(anchor.utc_at(anchor.now_at(asked)) - asked) <= timedelta(microseconds=2)


def test_milliseconds_are_cut_and_not_rounded() -> None:
    assert to_milliseconds(NOON + timedelta(microseconds=1999)) == NOON + timedelta(milliseconds=1)
    assert to_milliseconds(NOON) == NOON
