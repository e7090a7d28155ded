"""Cars: a battery, a charging curve, phases; and a few that differ where it matters to a station."""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from ocpp16cp.errors import UsageError
from ocpp16cp.station import MIN_PILOT_A

TAPER = ((0, 100), (80, 80), (84, 60), (88, 45), (92, 30), (96, 15))
"""Full power up to 80 %, then less and less, as batteries of cars do."""

_MIN_CURRENT_A = Decimal(1)
_MIN_DC_POWER_W = 1000
"""Below these a step of the curve could round down to no current at all."""


@frozen(kw_only=True)
class Car:
    """A car as it arrives; what becomes of its battery at a connector is told by `SimulatedStation.car`.

    Raises:
        UsageError: a value is out of its range; the message names the field.
    """

    name: str = "car"
    battery_wh: int
    charge_wh: float
    """What is in the battery, 0 to `battery_wh`."""
    target_percent: int = 100
    """The car stops asking for energy at this state of charge."""
    phases: int = 3
    """Phases of the charger on board, 1 to 3; fewer are used where the connector has fewer."""
    max_current_a: Decimal = Decimal(16)
    """What the charger on board takes per phase, at least 1 A."""
    min_current_a: Decimal = MIN_PILOT_A
    """The least offer on AC that this car can use; offered less, it pauses."""
    max_dc_power_w: int | None = None
    """What the battery takes from a DC connector, at least 1000 W; `None`: it has no DC inlet."""
    power_factor: Decimal = Decimal(1)
    """Of the charger on board, on AC, 0.5 to 1: the rest of what flows is reactive power."""
    curve: tuple[tuple[int, int], ...] = TAPER
    """Steps of (state of charge from which it holds, share of the full current), both in percent; the first from 0."""
    asks_after_s: float = 0.0
    """How long after it was plugged in the car first asks for energy: its handshake, or a timer of its owner."""
    tells_soc: bool = False
    """Whether it tells its state of charge on AC as well; on DC every car does."""

    def __attrs_post_init__(self) -> None:
        _check(self)


def _check(car: Car) -> None:
    """Refuse a car that cannot be."""
    socs = [soc for soc, _ in car.curve]
    for name, is_good in (
        ("battery_wh", car.battery_wh > 0),
        ("charge_wh", 0 <= car.charge_wh <= car.battery_wh),
        ("target_percent", 0 <= car.target_percent <= 100),
        ("phases", car.phases in {1, 2, 3}),
        ("max_current_a", _MIN_CURRENT_A <= car.max_current_a <= 1000),
        ("min_current_a", 0 <= car.min_current_a <= 1000),
        ("power_factor", Decimal("0.5") <= car.power_factor <= 1),
        ("max_dc_power_w", car.max_dc_power_w is None or car.max_dc_power_w >= _MIN_DC_POWER_W),
        ("curve", socs[:1] == [0] and socs == sorted({*socs})),
        ("curve", all(soc < 100 and 1 <= share <= 100 for soc, share in car.curve)),
        ("asks_after_s", 0 <= car.asks_after_s < float("inf")),
    ):
        if not is_good:
            raise UsageError(f"{name}: {getattr(car, name)!r} is not possible for a car")


# Cars to plug in; `attrs.evolve` makes others of them.

COMPACT = Car(name="compact", battery_wh=58_000, charge_wh=17_400, max_dc_power_w=120_000, target_percent=80)
"""What most people drive: 11 kW on AC."""

CITY = Car(
    name="city",
    battery_wh=52_000,
    charge_wh=15_600,
    max_current_a=Decimal(32),
    min_current_a=Decimal(8),
    max_dc_power_w=46_000,
)
"""22 kW on AC, and needs 8 A at least: it pauses at an offer of 6 or 7 A."""

PLUG_IN_HYBRID = Car(
    name="plug-in hybrid",
    battery_wh=12_000,
    charge_wh=600,
    phases=1,
    power_factor=Decimal("0.97"),
    curve=((0, 100), (95, 50)),
)
"""One phase, a small battery, no DC inlet."""

SEDAN = Car(
    name="sedan",
    battery_wh=100_000,
    charge_wh=10_000,
    max_dc_power_w=250_000,
    power_factor=Decimal("0.99"),
    asks_after_s=4.0,
    tells_soc=True,
)
"""A large battery; talks for a while before it asks for energy, and tells its state of charge."""

MINIATURE = Car(
    name="miniature",
    battery_wh=60,
    charge_wh=24,
    max_current_a=Decimal(32),
    max_dc_power_w=22_000,
    tells_soc=True,
)
"""No car at all, but a battery so small that 22 kW fill it in about ten seconds: for demonstrations in real time."""
