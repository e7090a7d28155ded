"""The whole numbers the simulation calculates in.

Time is counted in microseconds, current in milliamperes, voltage in tenths of a volt; power and energy in their
products. Sums and products of whole numbers are exact, so energy is the integral of power however time was cut into
pieces, and a run is the same on every machine. Rounding happens where a value enters, downwards for limits, and where
it leaves.
"""

from __future__ import annotations

from decimal import Decimal

POWER_PER_W = 10 * 1000
"""Units of power (0.1 V x 1 mA) in a watt."""

ENERGY_PER_WH = 3600 * POWER_PER_W * 1_000_000
"""Units of energy (0.1 V x 1 mA x 1 us) in a watt-hour."""


def to_us(seconds: float) -> int:
    """An instant or a span in whole microseconds: exact enough for a clock that has run for 30 years."""
    return round(seconds * 1_000_000)


def to_seconds(us: int) -> float:
    """The instant or span again in seconds; `to_us` of it is the same number."""
    return us / 1_000_000


def to_ma(current_a: Decimal) -> int:
    """A current of 0 A or more in whole milliamperes, rounded down: a limit is never exceeded."""
    return int(current_a * 1000)
