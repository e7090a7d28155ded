"""What time it is, and what was stamped before anybody knew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.events import ClockSet, Started
from ocpp16cp.kernel.clock import ANCHOR, EPOCH, GUESSED, LAST_TIME, Anchor, Guessed
from ocpp16cp.kernel.timekeeping import moved
from ocpp16cp.outcome import ClockChanged
from tests.kernel.artificial import Device

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STAMPS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda utc: utc.replace(microsecond=utc.microsecond // 1000 * 1000)
)


@frozen
class Inner:
    """Something in a record."""

    at: datetime | None


@frozen
class Stamped:
    """A record of all that can hold a stamp."""

    name: str
    at: datetime
    until: datetime
    inner: Inner
    several: tuple[Inner | datetime | int, ...]


@given(stamps=st.lists(STAMPS, min_size=4, max_size=4), by_s=st.integers(-(10**8), 10**8))
def test_stamps_of_the_guessed_clock_are_moved_and_keep_their_order(stamps: list[datetime], by_s: int) -> None:
    """What was right stays; the rest never gets before it, wherever the clock is set."""
    first, second, third, fourth = stamps
    record = Stamped("n", first, second, Inner(third), (Inner(fourth), first, 7, Inner(None)))

    result = moved(record, NOON, timedelta(seconds=by_s))

    found = (result.at, result.until, result.inner.at, result.several[0].at)  # type: ignore[union-attr]
    for before, after in zip(stamps, found, strict=True):
        assert after is not None
        assert after == before if before < NOON else after == max(NOON, before + timedelta(seconds=by_s))
    assert [stamp for _, stamp in sorted(zip(stamps, found, strict=True))] == sorted(found)  # type: ignore[type-var]
    assert (result.name, result.several[2:]) == ("n", (7, Inner(None)))


def anchor(device: Device) -> Anchor:
    """The clock."""
    return device.engine.anchor


def known(device: Device) -> tuple[Guessed, datetime]:
    """What is known of time after a power cut."""
    rows = device.engine.tables.rows
    return rows(GUESSED.table).get("") or Guessed(), (rows(LAST_TIME.table).get("") or LAST_TIME.default).utc


def test_first_run_ever_begins_in_1970() -> None:
    device = Device()
    device.handle(Started(), at=5.0)

    assert anchor(device) == Anchor(5.0, EPOCH)
    assert known(device) == (Guessed(EPOCH, 1), EPOCH)
    assert device.notices == []


def test_run_without_a_clock_begins_where_the_last_one_was_seen() -> None:
    """A little beyond, so that what is only guessed can be told from what was known."""
    before = Device()
    before.handle(Started(utc=NOON))
    device = before.power_cut().start()

    assert anchor(device) == Anchor(0.0, NOON + timedelta(milliseconds=1))
    assert known(device)[0] == Guessed(NOON + timedelta(milliseconds=1), 1)


def test_second_run_that_guesses_remembers_where_the_first_one_began() -> None:
    before = Device()
    before.handle(Started(utc=NOON))
    between = before.power_cut().start()
    device = between.power_cut().start()

    assert known(device)[0] == Guessed(NOON + timedelta(milliseconds=1), 1)


def test_clock_of_its_own_leaves_nothing_to_guess() -> None:
    device = Device()
    device.handle(Started(utc=NOON), at=2.0)

    assert anchor(device) == Anchor(2.0, NOON, is_set=True)
    assert known(device) == (Guessed(), NOON)
    assert device.notices == [ClockChanged(NOON, None)]


def test_clock_that_comes_back_after_a_run_without_puts_its_stamps_right_at_once() -> None:
    before = Device().start()
    device = before.power_cut()
    device.handle(Started(utc=NOON))

    assert known(device)[0] == Guessed()


@pytest.mark.parametrize(
    ("by_s", "told"), [(0.0, None), (0.9, None), (-0.9, None), (1.0, 1.0), (-86_400.5, -86_400.5), (3e8, 3e8)]
)
def test_only_a_clock_that_was_wrong_is_told(by_s: float, told: float | None) -> None:
    device = Device()
    device.handle(Started(utc=NOON))
    right = NOON + timedelta(seconds=30 + by_s)

    outcome = device.handle(ClockSet(right), at=30.0)

    shown = right.replace(microsecond=right.microsecond // 1000 * 1000)
    assert outcome.notices == (() if told is None else (ClockChanged(shown, told),))
    assert device.engine.tables.rows(ANCHOR.table)[""] == Anchor(30.0, right, is_set=True)
