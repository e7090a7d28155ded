"""`python -m ocpp16cp.testing.world`: many worlds from a fresh seed, or a given one."""

from __future__ import annotations

import re

import pytest

from ocpp16cp.testing.world import InvariantViolated, World
from ocpp16cp.testing.world.__main__ import MAX_REPORTED, main


def test_fresh_seeds_are_printed_before_they_are_tried(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that is killed half-way can be repeated."""
    tried: list[tuple[int, str]] = []
    monkeypatch.setattr(World, "run", lambda world: tried.append((world.seed, capsys.readouterr().out)))

    assert main(["--seeds", "3"]) == 0

    first, printed = tried[0]
    assert [seed for seed, _ in tried] == [first, first + 1, first + 2]
    assert printed == f"3 seeds from {first}\n"
    assert "no invariant was violated" in capsys.readouterr().out


def test_two_runs_take_different_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--seeds", "0"])
    main(["--seeds", "0"])

    firsts = re.findall(r"0 seeds from (\d+)", capsys.readouterr().out)
    assert len(set(firsts)) == 2


def test_violations_are_printed_and_end_the_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(world: World) -> None:
        raise InvariantViolated(f"seed {world.seed} at 1.000 s: it rained")

    monkeypatch.setattr(World, "run", fail)

    assert main(["--seeds", "50", "--first", "7"]) == 1

    out = capsys.readouterr().out
    assert re.findall(r"seed (\d+) at", out) == [str(seed) for seed in range(7, 7 + MAX_REPORTED)]
    assert "more seeds were not tried" in out


def test_worlds_are_lived_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "2", "--first", "0", "--workers", "2"]) == 0

    assert "no invariant was violated" in capsys.readouterr().out
