from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.driver.simulated.units import to_ma, to_seconds, to_us


@given(st.integers(min_value=0, max_value=30 * 366 * 86400 * 1_000_000))
def test_instant_comes_back_from_seconds_as_it_was(us: int) -> None:
    assert to_us(to_seconds(us)) == us


@given(st.decimals(min_value=0, max_value=1000, places=5))
def test_current_is_rounded_down_to_the_milliampere(current_a: Decimal) -> None:
    rounded_a = Decimal(to_ma(current_a)) / 1000

    assert rounded_a <= current_a < rounded_a + Decimal("0.001")
