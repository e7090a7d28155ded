"""How many composite schedules per second one core makes: cold, warm, from message objects, from JSON text.

What is counted, on the workloads of `data/composition_workloads.json`:

- *cold*: `ProfileSet.compose` from an aware `datetime` to a finished `Composite` (starts, limits, phases). The profiles
  are installed, that is each compiled by itself, sorted into stacks; nothing is kept from one call to the next.
- *warm*: `Timeline.compose` on the same set, now moving on by 61 s each time; what it composes ahead is in the figure.
- *periods*: cold, and every period made a record with a `Decimal` besides.
- *compile*: from the messages' objects: compile all, compose once.
- *text*: from JSON text: parse, decode, check, compile, compose once.

Each figure is the best of many short batches in processor time, so that other work on the machine counts little.

    python -m benchmarks.composition_per_s [--quick] [--profile WORKLOAD]

`--profile` shows instead where the time of a cold composition goes, from the workload's steps and from cProfile.
The results are in `README.md`.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from attrs import frozen

from ocpp16cp.composition import ProfileSet, Timeline, steps
from ocpp16cp.composition.layer import TENTHS, seconds
from ocpp16cp.composition.read import read_station
from ocpp16cp.composition.timeline import HORIZON_S
from ocpp16cp.wire.types import ChargingRateUnitType

DATA = Path(__file__).parent / "data" / "composition_workloads.json"
BATCH_S = 0.003
"""Short enough to fall between two turns of another process."""
TICK = timedelta(seconds=61)


@frozen
class Workload:
    """A station as text, and a question."""

    name: str
    text: str
    connector_id: int
    now: datetime
    duration: int
    reference: list[list[float]] | None

    def installed(self) -> ProfileSet:
        """The station, ready to be asked."""
        return read_station(self.text)

    def ask(self, profiles: ProfileSet) -> object:
        """Compose once."""
        return profiles.compose(self.connector_id, self.now, duration=self.duration, unit=ChargingRateUnitType.A)


def workloads() -> list[Workload]:
    """All workloads, W1 to W4."""
    data: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return [
        Workload(
            each["name"],
            json.dumps(
                {
                    "station": data["station"],
                    "profiles": data["profileSets"][each["profileSet"]],
                    "transactions": each["transactions"],
                }
            ),
            each["connectorId"],
            datetime.fromisoformat(each["now"]),
            each["duration"],
            each.get("reference"),
        )
        for each in data["workloads"]
    ]


def best_per_s(once: Callable[[], object], total_s: float) -> float:
    """Calls per second of processor time in the best batch."""
    start = process_time()
    once()
    count = max(1, int(BATCH_S / max(process_time() - start, 1e-7)))
    best = float("inf")
    until = perf_counter() + total_s
    while perf_counter() < until:
        start = process_time()
        for _ in range(count):
            once()
        best = min(best, (process_time() - start) / count)
    return 1 / best


def warm_per_s(workload: Workload, profiles: ProfileSet, total_s: float) -> float:
    """Compositions per second of processor time while now moves on."""
    timeline = Timeline(profiles, workload.connector_id, unit=ChargingRateUnitType.A)
    compose, duration = timeline.compose, workload.duration
    # So many ticks as the timeline has composed ahead: one preparation per batch.
    ticks = max(duration, HORIZON_S - duration) // 61
    best = float("inf")
    now = workload.now
    until = perf_counter() + total_s
    while perf_counter() < until:
        instants = [now + TICK * tick for tick in range(ticks)]
        start = process_time()
        for instant in instants:
            compose(instant, duration=duration)
        best = min(best, (process_time() - start) / ticks)
        now = workload.now if now > workload.now + timedelta(days=20) else instants[-1]
    return 1 / best


def measure(workload: Workload, total_s: float) -> str:
    """One line of the table."""
    profiles = workload.installed()
    composite = profiles.compose(workload.connector_id, workload.now, duration=workload.duration)
    if workload.reference is not None:
        found = [[s, t / 10] for s, t in zip(composite.starts, composite.tenths, strict=True)]
        assert found == workload.reference
    placed = [(layer.connector_id, layer.profile) for layer in profiles.layers]

    def compiled() -> object:
        return workload.ask(ProfileSet.of(profiles.supply, placed, transactions=profiles.transactions))

    def as_records() -> object:
        return profiles.compose(workload.connector_id, workload.now, duration=workload.duration).periods

    compose, connector_id, now = profiles.compose, workload.connector_id, workload.now
    duration, unit = workload.duration, ChargingRateUnitType.A
    figures = (
        best_per_s(lambda: compose(connector_id, now, duration=duration, unit=unit), total_s),
        warm_per_s(workload, profiles, total_s),
        best_per_s(as_records, total_s),
        best_per_s(compiled, total_s),
        best_per_s(lambda: workload.ask(workload.installed()), total_s),
    )
    columns = "".join(f"{figure:>12,.0f}" for figure in figures)
    return f"{workload.name:<6}{len(composite.starts):>8}{columns}"


def profile(workload: Workload) -> None:
    """Show where a cold composition spends its time."""
    profiles = workload.installed()
    plan = profiles.plan(workload.connector_id)
    begin = seconds(workload.now)
    end = begin + workload.duration
    part = plan.parts[0]
    ceiling = steps.laid(plan.ceiling, begin, end, TENTHS)
    wanted = steps.laid(part.stack, begin, end, TENTHS)
    parts = {
        "lay the ChargePointMaxProfiles": lambda: steps.laid(plan.ceiling, begin, end, TENTHS),
        "lay the first connector's profiles": lambda: steps.laid(part.stack, begin, end, TENTHS),
        "take the lower of the two": lambda: steps.lowest(ceiling, wanted),
        "all of it": lambda: workload.ask(profiles),
    }
    print(f"{workload.name}: {len(ceiling[0])} and {len(wanted[0])} steps")
    for name, once in parts.items():
        print(f"  {name:<36}{1e6 / best_per_s(once, 1.0):8.2f} us")
    recorder = cProfile.Profile()
    recorder.enable()
    for _ in range(2000):
        workload.ask(profiles)
    recorder.disable()
    pstats.Stats(recorder).sort_stats("tottime").print_stats(8)


def main() -> None:
    """Print the table, or a profile."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="less exact, in some seconds")
    parser.add_argument("--profile", metavar="WORKLOAD", help="W1, W2c1, W2c0, W3c1, W3c0 or W4")
    options = parser.parse_args()
    if options.profile:
        profile(next(each for each in workloads() if each.name == options.profile))
        return
    heads = ("cold", "warm", "periods", "compile", "text")
    print(f"{'':<6}{'periods':>8}" + "".join(f"{head:>12}" for head in heads) + "   per second")
    for workload in workloads():
        print(measure(workload, 0.2 if options.quick else 3.0))


if __name__ == "__main__":
    main()
