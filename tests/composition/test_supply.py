"""What a station can be fed with, and the whole numbers of limits."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ocpp16cp.composition import ConnectorSupply, CurrentType, Supply
from ocpp16cp.composition.supply import NO_LIMIT, has_one_decimal
from ocpp16cp.errors import UsageError

from .building import A, W


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"connectors": ()}, "connectors"),
        ({"connectors": (ConnectorSupply(),) * 65}, "connectors"),
        ({"connectors": (ConnectorSupply(), ConnectorSupply(phases=4))}, r"connectors\[2\].phases"),
        (
            {"connectors": (ConnectorSupply(limit_a=Decimal(0)),)},
            r"connectors\[1\].limit_a",
        ),
        ({"voltage_v": 0}, "voltage_v"),
        ({"phases": 0}, "phases"),
        ({"limit_a": Decimal("16.05")}, "limit_a"),
        ({"limit_a": Decimal("NaN")}, "limit_a"),
    ],
)
def test_impossible_supply_is_refused_by_name(fields: dict[str, object], name: str) -> None:
    """The application's mistake names the field."""
    with pytest.raises(UsageError, match=f"^{name}: "):
        Supply(**fields)  # type: ignore[arg-type]  # one case for each kind of field


@pytest.mark.parametrize("phases", [1, 2, 3])
def test_watts_and_amperes_convert_both_ways_without_loss(phases: int) -> None:
    """A tenth of a watt stays a tenth of a watt on 1, 2 and 3 phases (§7.12)."""
    supply = Supply(voltage_v=231)

    exact = supply.exact(Decimal("7777.7"), W, phases)

    assert supply.tenths(exact, W, phases) == 77_777
    assert supply.tenths(exact, A, phases) == 77_777 // (231 * phases)


def test_direct_current_has_no_phases() -> None:
    """Watts are amperes times volts."""
    supply = Supply(current_type=CurrentType.DC, voltage_v=400)

    exact = supply.exact(Decimal(50_000), W, 3)

    assert supply.tenths(exact, A, 3) == 1250
    assert supply.tenths(exact, W, 3) == 500_000


def test_no_limit_stays_none_in_any_unit() -> None:
    """Nothing is not divided."""
    supply = Supply()

    assert [supply.tenths(NO_LIMIT, unit, 3) for unit in (A, W)] == [NO_LIMIT, NO_LIMIT]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("0", True), ("16.5", True), ("16.55", False), ("-1", False), ("Infinity", False), ("1e999999", False)],
)
def test_limits_with_one_decimal(limit: str, expected: bool) -> None:
    """Checked before any arithmetic, which a huge exponent would make endless."""
    assert has_one_decimal(Decimal(limit)) is expected
