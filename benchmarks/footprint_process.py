"""One side of `footprint_memory_kib`, in a process of its own: connects stations, and says what memory they take.

It imports nothing that not every program on asyncio has, as that would be counted as well.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from asyncio import TaskGroup
from collections.abc import Awaitable, Callable
from pathlib import Path

FURTHER = 100

RESIDENT = Path("/proc/self/statm")
PAGE_KIB = 4
"""On all machines that this is likely to run on."""

WHERE = "where"
"""On the command line: tell where the memory is."""

Connect = Callable[[str, str, TaskGroup], Awaitable[None]]
"""Connects one station to a URL under an identity, and returns when it has been accepted."""


def run(connect: Connect) -> None:
    """Measure, or tell where the memory is, as the command line asks."""
    url, *rest = sys.argv[1:]
    asyncio.run((_tell_where if rest == [WHERE] else _measure)(connect, url))


async def _measure(connect: Connect, url: str) -> None:
    """Print the memory of the first station and of each further one."""
    async with TaskGroup() as tasks:
        await connect(url, "CP-0", tasks)
        first = await _settled_kib()
        await _connect_further(connect, url, tasks)
        print(first, (await _settled_kib() - first) / FURTHER, flush=True)
        _end_all()


async def _tell_where(connect: Connect, url: str) -> None:
    """Print which lines hold what of a further station."""
    import tracemalloc

    async with TaskGroup() as tasks:
        await connect(url, "CP-0", tasks)
        await _settled_kib()
        tracemalloc.start()
        before = tracemalloc.take_snapshot()
        await _connect_further(connect, url, tasks)
        await _settled_kib()
        differences = tracemalloc.take_snapshot().compare_to(before, "lineno")
        total = sum(difference.size_diff for difference in differences)
        print(f"{total / FURTHER / 1024:8.2f} KiB in all")
        for difference in differences[:40]:
            place = difference.traceback[0]
            kib, blocks = difference.size_diff / FURTHER / 1024, difference.count_diff / FURTHER
            print(f"{kib:8.2f} KiB {blocks:7.1f} blocks  {place.filename}:{place.lineno}", flush=True)
        _end_all()


def _end_all() -> None:
    """End without taking leave of anybody: what is to be said was said."""
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


async def _connect_further(connect: Connect, url: str, tasks: TaskGroup) -> None:
    """All the others, one after the other."""
    for number in range(1, FURTHER + 1):
        await connect(url, f"CP-{number}", tasks)


async def _settled_kib() -> float:
    """Resident memory when all is quiet."""
    await asyncio.sleep(0.5)
    gc.collect()
    return _resident_kib()


def _resident_kib() -> float:
    return int(RESIDENT.read_text(encoding="ascii").split()[1]) * PAGE_KIB
