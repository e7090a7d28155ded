"""Charts and tables for terminals, as they look."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ocpp16cp.composition.explain import explain
from ocpp16cp.composition.text import chart, heading, table

from .building import T0, W, profile, station, supply

STEPS = profile("default", "0:16, 1800:8, 3600:0, 5400:12", duration=6300, profile_id=3)


def test_chart_shows_steps_limits_and_clock_times() -> None:
    """Limits at the left, round times beneath, a line of blocks at every height."""
    composite = station(STEPS).compose(1, T0, duration=7200)

    drawn = chart(composite, width=54, height=4)

    assert drawn.splitlines() == [
        "32.0 ┤                                          ██████",
        "24.0 ┤                                          ██████",
        "16.0 ┤████████████                        ▄▄▄▄▄▄██████",
        " 8.0 ┤████████████████████████            ████████████",
        "   0 └────────────────────────────────────────────────",
        "               ╵10:30      ╵11:00      ╵11:30",
    ]


def test_column_shows_the_lowest_limit_of_its_stretch() -> None:
    """A dip shorter than a column is not lost."""
    dip = profile("default", "0:16, 1000:0, 1001:16")
    composite = station(dip).compose(1, T0, duration=7200)

    lines = chart(composite, width=30, height=2).splitlines()

    assert lines[0] == "16.0 ┤███ ████████████████████"


def test_window_shorter_than_the_chart_and_nought_everywhere() -> None:
    """Three seconds, the last of which allows nothing."""
    composite = station(profile("default", "0:16, 2:0")).compose(1, T0, duration=3)

    lines = chart(composite, width=30, height=2).splitlines()

    assert lines[0] == "16.0 ┤" + "█" * 16


def test_no_limit_reaches_the_top() -> None:
    """Where nothing limits the chart is full, and the table says so."""
    composite = station(profile("default", "0:6", duration=60), of=supply(limit=None)).compose(1, T0, duration=120)

    assert chart(composite, width=26, height=2).splitlines()[0] == "6.0 ┤" + "█" * 21
    assert "none" in table(composite)


def test_table_lists_periods_with_their_sources() -> None:
    """From, until, limit, phases, and what set it."""
    installed = station(STEPS)
    composite = installed.compose(1, T0, duration=7200)

    listed = table(composite, explain(installed, 1, T0, duration=7200))

    assert listed.splitlines()[:2] == [
        "from            until            limit  phases  set by",
        "03-02 10:05:00  03-02 10:35:00  16.0 A       3  profile 3 (TxDefaultProfile, level 0, charge point)",
    ]
    assert listed.splitlines()[-1].endswith("32.0 A       3  hardware of connector 1")
    assert len(table(composite).splitlines()) == 6


@pytest.mark.parametrize(
    ("connector_id", "expected"),
    [
        (
            1,
            "Connector 1, 2026-03-29 01:30:00 to 2026-03-29 04:30:00 CEST, limit in A per phase",
        ),
        (0, "Charge point, 2026-03-29 01:30:00 to 2026-03-29 04:30:00 CEST, limit in A per phase"),
    ],
)
def test_heading_gives_clock_times_of_the_zone_asked_in(connector_id: int, expected: str) -> None:
    """Two hours of a night in which clocks go forward by one."""
    start = datetime(2026, 3, 29, 1, 30, tzinfo=ZoneInfo("Europe/Berlin"))

    composite = station(STEPS).compose(connector_id, start, duration=7200)

    assert heading(composite) == expected


def test_watts() -> None:
    """High limits go without decimals at the axis."""
    composite = station(STEPS).compose(1, T0, duration=7200, unit=W)

    assert heading(composite).endswith("limit in W")
    assert chart(composite).startswith("22080 ┤")
