"""Which measurands may be told of single conductors, and between two (§7.34)."""

from __future__ import annotations

from .types import Measurand, Phase

LINES = (Phase.L1, Phase.L2, Phase.L3)

FURTHER_PHASES: dict[Measurand, tuple[Phase, ...]] = {
    Measurand.CURRENT_IMPORT: (Phase.N,),
    Measurand.ENERGY_ACTIVE_EXPORT_INTERVAL: LINES,
    Measurand.ENERGY_ACTIVE_EXPORT_REGISTER: LINES,
    Measurand.ENERGY_ACTIVE_IMPORT_INTERVAL: LINES,
    Measurand.ENERGY_ACTIVE_IMPORT_REGISTER: LINES,
    Measurand.ENERGY_REACTIVE_EXPORT_INTERVAL: LINES,
    Measurand.ENERGY_REACTIVE_EXPORT_REGISTER: LINES,
    Measurand.ENERGY_REACTIVE_IMPORT_INTERVAL: LINES,
    Measurand.ENERGY_REACTIVE_IMPORT_REGISTER: LINES,
    Measurand.POWER_ACTIVE_EXPORT: LINES,
    Measurand.POWER_ACTIVE_IMPORT: LINES,
    Measurand.POWER_FACTOR: LINES,
    Measurand.POWER_REACTIVE_EXPORT: LINES,
    Measurand.POWER_REACTIVE_IMPORT: LINES,
    Measurand.VOLTAGE: (Phase.L1_L2, Phase.L2_L3, Phase.L3_L1),
}
"""What a meter may tell of single conductors, besides the currents of the lines and their voltages to neutral."""


def lines_of(phase: Phase) -> int:
    """How many lines have to be wired for a phase: the highest number in its name, one for N."""
    return max((int(digit) for digit in phase.value if digit.isdigit()), default=1)
