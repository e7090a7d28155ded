"""A station as a program, for the tests that kill it: one connector, a car that stays plugged in, a store in SQLite.

It prints one JSON object a line: `queued`, the records of the transaction messages in a batch that is on disk now. It
takes commands in the same way: `card`, the one that is presented. The end of its input stops it in an orderly way.
Given `--die-before` or `--die-after`, it kills itself around the batch of that number, counted from the one that begins
a transaction.

What a real meter keeps through a power cut is kept in a file, written before anybody gets to see a reading.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

import anyio
from anyio import to_thread
from attrs import evolve

from ocpp16cp.driver.interface import DriverEvent
from ocpp16cp.driver.simulated import MINIATURE, PlugIn, PresentCard, SimulatedStation
from ocpp16cp.events import MeterRead
from ocpp16cp.io.runner import StationRunner
from ocpp16cp.io.simulated import SimulatedDriver
from ocpp16cp.outcome import Write
from ocpp16cp.station import Connector, Station
from ocpp16cp.store.sqlite import SqliteStore

CAR = evolve(MINIATURE, battery_wh=60_000, charge_wh=0)


def tell(**said: object) -> None:
    """Say something to whoever runs this program, in one write."""
    os.write(sys.stdout.fileno(), (json.dumps(said) + "\n").encode())


def die() -> None:
    """As `kill -9` does it."""
    os.kill(os.getpid(), signal.SIGKILL)


class DoomedStore(SqliteStore):
    """A store whose process ends right before or after a batch of its choice."""

    def __init__(self, path: Path, *, die_before: int | None, die_after: int | None) -> None:
        super().__init__(path)
        self._die_before = die_before
        self._die_after = die_after
        self._batches = 0

    def commit(self, writes: Sequence[Write]) -> None:
        """Carry out a batch, and live to tell it or not."""
        if self._batches or any(write.table == "transactions.number" for write in writes):
            self._batches += 1
        if self._batches == self._die_before:
            die()
        super().commit(writes)
        tell(queued=[(write.key, write.text) for write in writes if write.table == "kernel.outbox" and write.text])
        if self._batches == self._die_after:
            die()


class MeteredDriver(SimulatedDriver):
    """Hardware whose meters survive the process."""

    def __init__(self, station: Station, registers: Path) -> None:
        kept = json.loads(registers.read_text()) if registers.exists() else {}
        kept_wh = {int(connector_id): register_wh for connector_id, register_wh in kept.items()}
        super().__init__(SimulatedStation(station, meter_period_s=0.1, registers_wh=kept_wh, now=anyio.current_time()))
        self._registers = registers

    async def events(self) -> AsyncGenerator[DriverEvent, None]:
        """Report what happens, a reading only once it is kept."""
        async with aclosing(super().events()) as events:
            async for event in events:
                if isinstance(event, MeterRead):
                    self._keep()
                yield event

    def _keep(self) -> None:
        """Put the registers into their file, whole or not at all."""
        registers = {each: self.station.reading(each).register_wh for each in (0, 1)}
        new = self._registers.with_suffix(".new")
        new.write_text(json.dumps(registers))
        new.replace(self._registers)


async def obey(driver: MeteredDriver, runner: StationRunner) -> None:
    """Do what the test wants; stop at the end of the input."""
    while line := await to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True):
        driver.act(PresentCard(json.loads(line)["card"]))
    await runner.stop()


async def main(arguments: argparse.Namespace) -> None:
    """Run the station."""
    station = Station(
        identity=arguments.identity,
        vendor="ocpp16cp",
        model="doomed",
        connectors=(Connector(),),
        central_system_url=arguments.url,
        configuration=(
            ("MeterValueSampleInterval", "1"),
            ("RetryBackOffWaitMinimum", "0"),
            ("RetryBackOffRandomRange", "0"),
        ),
    )
    driver = MeteredDriver(station, arguments.directory / "registers.json")
    driver.act(PlugIn(1, CAR))
    store = DoomedStore(
        arguments.directory / "station.db", die_before=arguments.die_before, die_after=arguments.die_after
    )
    runner = StationRunner(station, driver, store)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(obey, driver, runner)
        await runner.run()
        tasks.cancel_scope.cancel()
    store.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("identity")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--backend", default="asyncio")
    parser.add_argument("--die-before", type=int)
    parser.add_argument("--die-after", type=int)
    parsed = parser.parse_args()
    anyio.run(main, parsed, backend=parsed.backend)
