from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from attrs import evolve

from ocpp16cp.testing.endurance import STATION, Books, Life
from ocpp16cp.testing.world.violation import InvariantViolated


def books() -> Books:
    """What a central system knows that has never heard of anybody."""
    return Books(lambda: datetime(2026, 1, 1, tzinfo=UTC))


def call(action: str, **payload: object) -> str:
    """A frame of a station."""
    return json.dumps([2, "1-1", action, payload])


def test_every_watt_hour_of_two_weeks_is_told() -> None:
    life = Life(seed=3)

    life.run(days=14)

    report = life.report()
    assert report.transactions == 14 * 12
    assert report.outages >= 1
    assert report.energy_wh > 14 * 12 * 5_000
    assert sum(life.books.told_wh.values()) <= report.energy_wh


def test_the_store_holds_no_more_after_two_weeks_than_after_one() -> None:
    """But for the cards in the cache, which has a bound of its own."""
    station = evolve(STATION, settings=evolve(STATION.settings, cache_limit=50))
    life = Life(seed=3, station=station, outages_per_week=0)
    life.run(days=7)
    after_one = life.report().records

    life.run(days=7)

    assert life.report().records <= after_one + 3


def test_a_life_is_decided_by_its_seed() -> None:
    lives = [Life(seed=seed) for seed in (5, 5, 6)]
    for life in lives:
        life.run(days=1)

    one, same, other = (life.report() for life in lives)

    assert one == same
    assert one != other


def test_energy_that_nobody_metered_is_found() -> None:
    life = Life(seed=3)
    life.run(days=1)
    life.books.told_wh[1] += 1_000_000

    with pytest.raises(InvariantViolated, match=r"connector 1: .* metered, .* told"):
        life.report()


def test_energy_that_was_not_told_is_found() -> None:
    life = Life(seed=3, outages_per_week=0)
    life.run(days=1)
    while life.books.running:
        life.run(days=0.01)
    life.books.told_wh[2] -= 1

    with pytest.raises(InvariantViolated, match=r"connector 2: .* metered, .* told"):
        life.report()


def test_a_register_that_runs_backwards_is_found() -> None:
    known = books()
    known.answer(call("StartTransaction", connectorId=1, meterStart=500))

    with pytest.raises(InvariantViolated, match="was at 500 Wh, and is at 499 now"):
        known.answer(call("StopTransaction", transactionId=1, meterStop=499))


def test_meter_values_of_no_transaction_are_found() -> None:
    value = {"measurand": "Energy.Active.Import.Register", "value": "7"}

    with pytest.raises(InvariantViolated, match="transaction 4 does not run"):
        books().answer(call("MeterValues", transactionId=4, meterValue=[{"sampledValue": [value]}]))


def test_what_an_ordinary_station_does_not_say_is_found() -> None:
    with pytest.raises(InvariantViolated, match="nobody expects this: DataTransfer"):
        books().answer(call("DataTransfer", vendorId="x"))
