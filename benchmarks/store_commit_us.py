"""How many microseconds a commit takes, in memory and on disk, for batches of 1, 5 and 30 records.

A batch puts texts of 250 characters under keys that are there already, as a running station does. *flush* is the floor
under the store on disk: the same bytes appended to a plain file, then `fdatasync`.

    python benchmarks/store_commit_us.py [--quick] [--directory DIR]

Median and 99th percentile on a virtual machine (2 cores of an AMD EPYC, ext4 on a virtual disk), CPython 3.11.7,
SQLite 3.40.1:

    records    memory      sqlite      flush
          1    0.4   0.7   203   820   202    599
          5    1.3   3.5   213   871   233   1114
         30    6.1   9.9   331   919   338   1481

So a commit costs what the device takes to flush, and SQLite next to nothing. The slowest commits, of 4 to 10 ms, are
those that fold the log into the file, once in some hundred batches; *flush* has such ones as well.
"""

from __future__ import annotations

import argparse
import os
import statistics
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from ocpp16cp.outcome import Write
from ocpp16cp.store.memory import MemoryStore
from ocpp16cp.store.sqlite import SqliteStore

BATCHES = (1, 5, 30)
"""Records in a batch: a heartbeat, a status, the start of a transaction with all that hangs on it."""

KEYS = 300
"""Records in the store."""

TEXT_LENGTH = 250


def batches(size: int, rounds: int) -> list[list[Write]]:
    """Batches that walk over all keys, each text another one."""
    return [
        [Write("outbox", str((number * size + i) % KEYS), f"{number:0{TEXT_LENGTH}}") for i in range(size)]
        for number in range(rounds)
    ]


def measure(name: str, commit: Callable[[list[Write]], None], rounds: int) -> None:
    """Print what commits take: median, and the slowest hundredth and one."""
    for size in BATCHES:
        taken = []
        for batch in batches(size, rounds):
            start = perf_counter()
            commit(batch)
            taken.append((perf_counter() - start) * 1e6)
        cuts = statistics.quantiles(taken, n=100)
        print(f"{name:8}{size:8}{cuts[49]:12.1f}{cuts[98]:12.1f}{max(taken):12.1f}")


def main() -> None:
    """Measure both stores, and the device."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the rounds")
    parser.add_argument("--directory", type=Path, default=Path(), help="on the device to measure (default: here)")
    options = parser.parse_args()
    rounds = 300 if options.quick else 3000

    print(f"{'':8}{'records':>8}{'median':>12}{'99 %':>12}{'slowest':>12}  us")
    measure("memory", MemoryStore().commit, rounds)
    with TemporaryDirectory(dir=options.directory) as directory:
        with closing(SqliteStore(Path(directory, "station.db"))) as store:
            measure("sqlite", store.commit, rounds)
        with Path(directory, "plain").open("ab", buffering=0) as file:

            def flush(batch: list[Write]) -> None:
                file.write(b"".join((write.text or "").encode() for write in batch))
                os.fdatasync(file)

            measure("flush", flush, rounds)


if __name__ == "__main__":
    main()
