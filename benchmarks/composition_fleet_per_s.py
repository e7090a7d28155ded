"""How many composite schedules per second a fleet gets from one process and from a pool of processes.

Two hundred stations with the profiles of one workload, connector 1 of each asked in turn, five times over. A
`ProfileSet` pickles, and so does a `Composite`; but pickling both costs more than most compositions. So two ways are
measured beside the one process:

- *sets travel*: each question takes its set along to the pool.
- *sets stay*: the processes get the stations when they start, then only numbers of stations and answers travel.

    python -m benchmarks.composition_fleet_per_s [--workers N] [--quick]

The results are in `README.md`.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from time import perf_counter

from benchmarks.composition_per_s import Workload, workloads
from ocpp16cp.composition import Composite, ProfileSet

STATIONS = 200
TURNS = 5
CHUNK = 50
"""Questions handed over at a time: each hand-over costs as much as some compositions."""

_fleet: list[ProfileSet] = []
"""The stations of this process."""


def settle(fleet: list[ProfileSet]) -> None:
    """Take over the stations; runs once in each process of a pool."""
    _fleet[:] = fleet


def ask(workload: Workload, profiles: ProfileSet) -> Composite:
    """Compose for one station that came along."""
    return profiles.compose(workload.connector_id, workload.now, duration=workload.duration)


def ask_settled(workload: Workload, number: int) -> Composite:
    """Compose for a station that is here already."""
    return ask(workload, _fleet[number])


def per_s(answers: Callable[[], Iterable[Composite]], rounds: int) -> float:
    """Answers per second of wall clock time in the best round."""
    best = float("inf")
    for _ in range(rounds):
        start = perf_counter()
        count = sum(1 for _ in answers())
        best = min(best, (perf_counter() - start) / count)
    return 1 / best


def measure(workload: Workload, workers: int, rounds: int) -> str:
    """One line of the table."""
    # Each station has a set of its own, as in a fleet.
    fleet = [workload.installed() for _ in range(STATIONS)]
    numbers = [*range(STATIONS)] * TURNS
    question = partial(ask, workload)
    alone = per_s(lambda: map(question, fleet * TURNS), rounds)
    with ProcessPoolExecutor(workers, initializer=settle, initargs=(fleet,)) as pool:
        settled = partial(ask_settled, workload)
        travelling = per_s(lambda: pool.map(question, fleet * TURNS, chunksize=CHUNK), rounds)
        staying = per_s(lambda: pool.map(settled, numbers, chunksize=CHUNK), rounds)
    return f"{workload.name:<6}{alone:>14,.0f}{travelling:>14,.0f}{staying:>14,.0f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--quick", action="store_true", help="less exact, in some seconds")
    options = parser.parse_args()
    print(f"{'':<6}{'one process':>14}{'sets travel':>14}{'sets stay':>14}   per second")
    for workload in workloads():
        if workload.name in {"W1", "W2c1", "W3c1"}:
            print(measure(workload, options.workers, 1 if options.quick else 5))


if __name__ == "__main__":
    main()
