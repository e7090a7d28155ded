from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ocpp16cp.io.trace_ring import NAME, TraceRing

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def line(number: int) -> str:
    """A line of the trace, one a minute."""
    at = (NOON + timedelta(minutes=number)).isoformat()
    return json.dumps({"timestamp": at, "number": number}) + "\n"


def numbers(ring: TraceRing, since: datetime | None = None, until: datetime | None = None) -> list[int]:
    """Which lines are there."""
    return [json.loads(each)["number"] for each in ring.lines(since, until)]


def test_the_last_lines_are_kept_within_the_bound(tmp_path: Path) -> None:
    ring = TraceRing(tmp_path, max_bytes=1000)

    for number in range(100):
        ring.write(line(number))
        ring.flush()

    kept = numbers(ring)
    ring.close()
    assert kept == list(range(kept[0], 100))
    assert 15 <= len(kept) <= 40
    assert sum(each.stat().st_size for each in tmp_path.iterdir()) <= 2000


def test_lines_are_there_after_a_restart(tmp_path: Path) -> None:
    first = TraceRing(tmp_path)
    first.write(line(1))
    first.close()

    second = TraceRing(tmp_path)
    second.write(line(2))

    assert numbers(second) == [1, 2]
    second.close()


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [(None, None, [0, 1, 2]), (1, None, [1, 2]), (None, 1, [0, 1]), (1, 1, [1]), (5, None, [])],
)
def test_a_time_selects_lines(since: int | None, until: int | None, expected: list[int], tmp_path: Path) -> None:
    ring = TraceRing(tmp_path)
    for number in range(3):
        ring.write(line(number))

    bounds = [None if minute is None else NOON + timedelta(minutes=minute) for minute in (since, until)]

    assert numbers(ring, *bounds) == expected
    ring.close()


def test_a_damaged_line_is_left_out(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(line(1).encode() + b'{"timestamp": "2026-\xff\n[]\n')

    ring = TraceRing(tmp_path)

    assert numbers(ring) == [1]
    ring.close()


def test_a_line_that_the_disk_does_not_take_is_lost_and_counted(tmp_path: Path) -> None:
    (tmp_path / NAME).symlink_to("/dev/full")
    ring = TraceRing(tmp_path, max_bytes=0)

    ring.write(line(1))
    ring.close()

    assert ring.lost == 1
