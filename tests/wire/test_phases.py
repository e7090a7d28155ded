from __future__ import annotations

import pytest

from ocpp16cp.wire.phases import FURTHER_PHASES, lines_of
from ocpp16cp.wire.types import Measurand, Phase


@pytest.mark.parametrize(
    ("phase", "lines"), [(Phase.L1, 1), (Phase.N, 1), (Phase.L2_N, 2), (Phase.L1_L2, 2), (Phase.L3_L1, 3)]
)
def test_phase_needs_its_lines_wired(phase: Phase, lines: int) -> None:
    assert lines_of(phase) == lines


def test_interval_is_told_of_the_same_lines_as_its_register() -> None:
    """§7.31: it is worked out of that."""
    for measurand in Measurand:
        if measurand.value.endswith(".Interval"):
            register = Measurand(measurand.value.replace(".Interval", ".Register"))
            assert FURTHER_PHASES[measurand] == FURTHER_PHASES[register]
