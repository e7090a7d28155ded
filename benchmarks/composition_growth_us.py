"""How many microseconds a cold composition takes as profiles, periods or the window grow.

A station of one connector: half of the profiles are ChargePointMaxProfiles, half TxDefaultProfiles, each on a level of
its own, daily, for six hours, at times spread over the day; the lowest level of either has no gap. One of three numbers
grows, the others stay at 10 profiles, 24 periods each and a window of 24 h.

    python -m benchmarks.composition_growth_us [--quick] [--plot FILE]

The results are in `README.md`.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from time import perf_counter, process_time

from ocpp16cp.composition import ConnectorSupply, ProfileSet, Supply
from ocpp16cp.wire.types import (
    ChargingProfile,
    ChargingProfileKindType,
    ChargingProfilePurposeType,
    ChargingRateUnitType,
    ChargingSchedule,
    ChargingSchedulePeriod,
    RecurrencyKindType,
)

NOW = datetime(2026, 3, 2, 10, 5, tzinfo=UTC)
DAY_S = 86_400
PROFILES = (2, 4, 10, 20, 50, 100, 200, 500)
PERIODS = (1, 3, 6, 12, 24, 48, 96, 288)
WINDOWS_H = (1, 6, 24, 72, 168, 336, 720)
USUAL = {"profiles": 10, "periods": 24, "window": 24}
BATCH_S = 0.003


def station(profiles: int, periods: int) -> ProfileSet:
    """A station with so many profiles of so many periods; the same whenever it is made."""
    random = Random(profiles * 1000 + periods)
    placed = [
        (0, _profile(random, purpose, level, periods))
        for level in range(max(1, profiles // 2))
        for purpose in (
            ChargingProfilePurposeType.CHARGE_POINT_MAX_PROFILE,
            ChargingProfilePurposeType.TX_DEFAULT_PROFILE,
        )
    ]
    return ProfileSet.of(Supply(connectors=(ConnectorSupply(),)), placed)


def _profile(random: Random, purpose: ChargingProfilePurposeType, level: int, periods: int) -> ChargingProfile:
    length = DAY_S if level == 0 else DAY_S // 4
    return ChargingProfile(
        charging_profile_id=random.getrandbits(30),
        stack_level=level,
        charging_profile_purpose=purpose,
        charging_profile_kind=ChargingProfileKindType.RECURRING,
        recurrency_kind=RecurrencyKindType.DAILY,
        charging_schedule=ChargingSchedule(
            duration=None if level == 0 else length,
            start_schedule=NOW - timedelta(days=30, seconds=random.randrange(DAY_S)),
            charging_rate_unit=ChargingRateUnitType.A,
            charging_schedule_period=tuple(
                ChargingSchedulePeriod(
                    start_period=index * length // periods,
                    limit=Decimal(random.randrange(60, 480)) / 10,
                )
                for index in range(periods)
            ),
        ),
    )


def measure(sizes: dict[str, int], total_s: float) -> tuple[float, int]:
    """Microseconds of processor time in the best batch, and periods in the answer."""
    profiles = station(sizes["profiles"], sizes["periods"])
    duration = sizes["window"] * 3600
    composite = profiles.compose(1, NOW, duration=duration)
    best = float("inf")
    until = perf_counter() + total_s
    count = 1
    while perf_counter() < until:
        start = process_time()
        for _ in range(count):
            profiles.compose(1, NOW, duration=duration)
        taken = process_time() - start
        best = min(best, taken / count)
        count = max(1, int(BATCH_S / max(best, 1e-7)))
    return best * 1e6, len(composite.starts)


def draw(results: dict[str, list[tuple[int, float]]], path: Path) -> None:
    """Draw the three curves side by side."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3.6), layout="constrained")
    panels = figure.subplots(1, 3, sharey=True)
    titles = {
        "profiles": "installed profiles",
        "periods": "periods per profile",
        "window": "window [h]",
    }
    for axes, (name, rows) in zip(panels, results.items(), strict=True):
        axes.loglog([size for size, _ in rows], [taken for _, taken in rows], "o-", color="#1f5fa8")
        axes.set_xlabel(titles[name])
        axes.grid(visible=True, which="both", color="#d8d8d8", linewidth=0.5)
    panels[0].set_ylabel("cold composition [µs]")
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def main() -> None:
    """Print the tables, and draw them if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="less exact, in some seconds")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the curves into a file")
    options = parser.parse_args()
    total_s = 0.1 if options.quick else 1.5
    results: dict[str, list[tuple[int, float]]] = {}
    for name, sizes in (("profiles", PROFILES), ("periods", PERIODS), ("window", WINDOWS_H)):
        print(f"{name:>10}{'us':>12}{'answer':>10}{'us/period':>12}")
        results[name] = []
        for size in sizes:
            taken, answer = measure({**USUAL, name: size}, total_s)
            print(f"{size:>10}{taken:>12.1f}{answer:>10}{taken / answer:>12.3f}")
            results[name].append((size, taken))
    if options.plot:
        draw(results, options.plot)


if __name__ == "__main__":
    main()
