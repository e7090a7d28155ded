"""How many kibibytes of memory a connected station takes: the first in a process, and each further one.

Each station has a WebSocket connection without TLS to a central system in another process, was accepted, and has
reported its status. Ours has two connectors, a `MemoryStore`, and a driver that reports nothing. The peer is the
package `ocpp` on the package `websockets`: its `ChargePoint` started, its BootNotification accepted; it keeps no state.
Both run on asyncio, as shipped: the peer asks for compression, ours does not. *plain* is the peer at a central system
that refuses compression.

The figures are what the operating system counts as resident (Linux), after a collection of garbage: *first* of a
process with one station, *further* the growth per station from there to 101.

    python -m benchmarks.footprint_memory_kib [--quick] [--where ours|theirs]

`--where` shows instead which lines hold the memory of a further station. The results are in `README.md`.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys

import anyio

from ocpp16cp.io.serving import UpgradeRequest
from ocpp16cp.io.transport import Connection
from ocpp16cp.io.websocket import WebSocketOptions
from ocpp16cp.io.websocket_server import ServerOptions, listen

from .footprint_process import WHERE

SIDES = ("ours", "theirs")

ROWS = {"ours": ("ours", True), "ocpp": ("theirs", True), "ocpp, plain": ("theirs", False)}
"""What is measured: the side, and whether the central system agrees to compression."""

CONFIRMATIONS = {
    "BootNotification": '{"status":"Accepted","currentTime":"2026-03-02T12:00:00Z","interval":900}',
    "Heartbeat": '{"currentTime":"2026-03-02T12:00:00Z"}',
}


async def answer(connection: Connection, _request: UpgradeRequest) -> None:
    """Answer every CALL of a station."""
    while True:
        text = await connection.receive()
        if isinstance(text, str) and text.startswith("[2"):
            _, message_id, action, _ = json.loads(text)
            await connection.send_text(f'[3,"{message_id}",{CONFIRMATIONS.get(action, "{}")}]')


def _side(side: str, *arguments: str) -> list[str]:
    """The command that runs a side."""
    return [sys.executable, "-m", f"benchmarks.footprint_{side}", *arguments]


async def run_side(side: str, *arguments: str, compression: bool) -> str:
    """Run a side against a central system in this process, which is not measured; what it said."""
    options = ServerOptions(websocket=WebSocketOptions(compression=compression))
    async with listen(answer, options=options) as listener:
        command = [sys.executable, "-m", f"benchmarks.footprint_{side}", listener.url, *arguments]
        return (await anyio.run_process(command, stderr=None)).stdout.decode()


async def compare(rounds: int) -> None:
    """Print the table."""
    figures: dict[str, list[tuple[float, float]]] = {row: [] for row in ROWS}
    for _ in range(rounds):
        for row, (side, compression) in ROWS.items():
            first, further = map(float, (await run_side(side, compression=compression)).split())
            figures[row].append((first / 1024, further))
    print(f"{platform.python_implementation()} {sys.version.split()[0]}, {platform.machine()}")
    print(f"{'':16}{'first, MiB':>16}{'further, KiB':>16}")
    for row, taken in figures.items():
        print(f"{row:16}" + "".join(f"{_spread(column):>16}" for column in zip(*taken, strict=True)))


async def show(side: str) -> None:
    """Print where the memory of a side is."""
    print(await run_side(side, WHERE, compression=True), end="")


def _spread(figures: tuple[float, ...]) -> str:
    return f"{statistics.median(figures):.1f} ± {(max(figures) - min(figures)) / 2:.1f}"


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one process a side")
    parser.add_argument("--where", choices=SIDES, help="which lines hold the memory of a further station")
    options = parser.parse_args()
    if options.where:
        anyio.run(show, options.where)
    else:
        anyio.run(compare, 1 if options.quick else 5)


if __name__ == "__main__":
    main()
