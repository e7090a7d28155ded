"""The kernel's own share: a run begins, counts itself, and knows its time."""

from __future__ import annotations

from datetime import UTC, datetime

from ocpp16cp.events import ClockSet, StartCause, Started
from ocpp16cp.kernel.calls import RUN
from ocpp16cp.kernel.clock import ANCHOR, BEGINNING, EPOCH, Anchor, Beginning
from ocpp16cp.outcome import Write
from tests.kernel.artificial import Device

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_runs_are_counted_durably() -> None:
    device = Device().start()
    assert device.outcome.writes[0] == Write("kernel.run", "", '[1,{"number":1}]')

    again = device.power_cut().start()

    assert again.outcome.writes == (Write("kernel.run", "", '[1,{"number":2}]'),)
    assert again.engine.tables.rows(RUN.table)[""].number == 2


def test_start_tells_instant_and_cause() -> None:
    device = Device()

    device.handle(Started(StartCause.WATCHDOG), at=7.0)

    assert device.engine.tables.rows(BEGINNING.table)[""] == Beginning(7.0, StartCause.WATCHDOG)


def test_clock_is_the_stations_own_from_the_start() -> None:
    device = Device()

    device.handle(Started(utc=NOON), at=7.0)

    assert device.engine.anchor == Anchor(7.0, NOON, is_set=True)


def test_station_without_a_clock_begins_with_the_epoch() -> None:
    device = Device()

    device.handle(Started(), at=7.0)

    assert device.engine.anchor == Anchor(7.0, EPOCH, is_set=False)


def test_application_may_set_the_clock() -> None:
    device = Device().start()

    outcome = device.handle(ClockSet(NOON), at=3.0)

    assert device.engine.tables.rows(ANCHOR.table)[""] == Anchor(3.0, NOON, is_set=True)
    assert [write.table for write in outcome.writes] == ["clock.guessed", "clock.last_time"]
