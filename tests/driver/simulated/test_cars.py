from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from ocpp16cp.driver.simulated import CITY, COMPACT, MINIATURE, PLUG_IN_HYBRID, SEDAN, Car, PlugIn
from ocpp16cp.errors import UsageError
from tests.driver.simulated.rig import rig


@pytest.mark.parametrize(
    "changes",
    [
        {"battery_wh": 0},
        {"charge_wh": -0.1},
        {"charge_wh": 58_000.1},
        {"charge_wh": float("nan")},
        {"target_percent": 101},
        {"phases": 4},
        {"max_current_a": Decimal("0.9")},
        {"min_current_a": Decimal(-1)},
        {"max_dc_power_w": 999},
        {"curve": ()},
        {"curve": ((1, 100),)},
        {"curve": ((0, 100), (0, 50))},
        {"curve": ((0, 100), (100, 50))},
        {"curve": ((0, 0),)},
        {"curve": ((0, 101),)},
        {"asks_after_s": float("inf")},
        {"asks_after_s": -1.0},
    ],
)
def test_car_that_cannot_be_is_refused_by_the_name_of_the_field(changes: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"^{next(iter(changes))}: "):
        evolve(COMPACT, **changes)


@pytest.mark.parametrize("car", [CITY, COMPACT, MINIATURE, PLUG_IN_HYBRID, SEDAN], ids=lambda car: car.name)
def test_preset_charges_to_its_target(car: Car) -> None:
    bench = rig()
    bench.act(PlugIn(1, car))
    bench.allow()

    bench.wait(86_400)

    charged = bench.station.car(1)
    assert charged is not None
    assert charged.charge_wh == pytest.approx(car.battery_wh * car.target_percent / 100)
    assert not bench.station.is_on(1)


def test_miniature_is_full_in_about_ten_seconds() -> None:
    bench = rig()
    bench.act(PlugIn(1, MINIATURE))
    bench.allow()

    was_on = []
    for _ in range(12):
        bench.wait(1)
        was_on.append(bench.station.is_on(1))

    assert 8 <= was_on.index(False) + 1 <= 12
