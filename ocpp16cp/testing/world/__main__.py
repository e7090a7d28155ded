"""Many worlds, one after the other: `python -m ocpp16cp.testing.world --seeds 1000`.

Without `--first` the seeds are fresh. The first seed is printed before anything else, each violation with its seed as
soon as it is found; the exit code is 1 if there was one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from random import SystemRandom

from .violation import InvariantViolated
from .world import World

MAX_REPORTED = 3
"""Violations after which nothing new can be learnt from more of them."""

LARGEST_SEED = 10**9
"""A seed stays short enough to be read out to a colleague."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as many worlds as the arguments say; the exit code."""
    chosen = _parser().parse_args(arguments)
    first = SystemRandom().randrange(LARGEST_SEED) if chosen.first is None else chosen.first
    _say(f"{chosen.seeds} seeds from {first}")
    found = 0
    for violation in _violations(range(first, first + chosen.seeds), chosen.workers):
        _say(violation)
        found += 1
        if found == MAX_REPORTED:
            _say("more seeds were not tried")
            break
    _say(f"{found} violated an invariant" if found else "no invariant was violated")
    return 1 if found else 0


def violation_of(seed: int) -> str | None:
    """What the world of a seed violates, or `None`."""
    try:
        World(seed).run()
    except InvariantViolated as violation:
        return str(violation)
    return None


def _violations(seeds: range, workers: int) -> Iterator[str]:
    """What the worlds of these seeds violate."""
    if workers == 1:
        yield from (violation for violation in map(violation_of, seeds) if violation is not None)
        return
    with ProcessPoolExecutor(workers) as pool:
        try:
            for violation in pool.map(violation_of, seeds, chunksize=5):
                if violation is not None:
                    yield violation
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _parser() -> argparse.ArgumentParser:
    """What can be chosen."""
    parser = argparse.ArgumentParser(prog="python -m ocpp16cp.testing.world", description="Live through many worlds.")
    parser.add_argument("--seeds", type=int, default=100, help="how many (100)")
    parser.add_argument("--first", type=int, help="the first seed; without it a fresh one")
    parser.add_argument("--workers", type=int, default=1, help="processes side by side (1)")
    return parser


def _say(line: str) -> None:
    """Print a line at once, also into a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
