"""A composite schedule as records and as the protocol has it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ocpp16cp.composition import Period
from ocpp16cp.errors import UsageError
from ocpp16cp.wire.types import ChargingSchedule, ChargingSchedulePeriod

from .building import T0, A, at, profile, station, supply


def test_periods_are_the_columns_as_records() -> None:
    """Limits with one decimal, phases on AC."""
    composite = station(profile("default", "0:6.5, 60:10/1")).compose(1, T0, duration=100)

    assert composite.periods == (Period(0, Decimal("6.5"), 3), Period(60, Decimal(10), 1))


def test_schedule_of_the_protocol() -> None:
    """Duration as asked, no startSchedule inside (§5.7)."""
    composite = station(profile("default", "0:6.5, 60:10/1")).compose(1, T0, duration=100)

    assert composite.charging_schedule() == ChargingSchedule(
        duration=100,
        charging_rate_unit=A,
        charging_schedule_period=(
            ChargingSchedulePeriod(start_period=0, limit=Decimal("6.5"), number_phases=3),
            ChargingSchedulePeriod(start_period=60, limit=Decimal("10.0"), number_phases=1),
        ),
    )


def test_schedule_of_the_protocol_needs_limits() -> None:
    """There is no word for "no limit"; the refusal says from when on one is missing."""
    unlimited = station(profile("default", "0:6", duration=60), of=supply(limit=None))

    with pytest.raises(UsageError, match=r"connector 1: from 2026-03-02T10:06:00\+00:00 on"):
        unlimited.compose(1, T0, duration=100).charging_schedule()


def test_instants_are_right_across_a_change_of_clocks() -> None:
    """An hour after 01:30 on the night of the change it is 03:30."""
    start = datetime(2026, 3, 29, 1, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    composite = station().compose(1, start, duration=86_400)

    assert composite.instant(3600).isoformat() == "2026-03-29T03:30:00+02:00"


def test_fractions_of_a_second_are_dropped() -> None:
    """The window begins with the second."""
    composite = station(profile("default", "0:6, 60:10")).compose(1, at(0.9), duration=100)

    assert composite.starts == (0, 60)
    assert composite.instant(0) == T0
