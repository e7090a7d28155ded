"""The stations of this project in `footprint_memory_kib`: two connectors, a `MemoryStore`, hardware that is silent."""

from __future__ import annotations

import asyncio
from asyncio import TaskGroup
from collections.abc import AsyncGenerator
from decimal import Decimal

from ocpp16cp import Driver, Station, StationRunner
from ocpp16cp.driver.interface import DriverEvent
from ocpp16cp.events import MeterRead, Reading, Started
from ocpp16cp.outcome import Notice, Registered

from .footprint_process import run


class Silent(Driver):
    """Hardware to which nothing happens."""

    async def start(self) -> Started:
        """Start without a clock."""
        return Started()

    async def events(self) -> AsyncGenerator[DriverEvent, None]:
        """Report nothing."""
        await asyncio.get_running_loop().create_future()
        yield MeterRead(1, Reading(register_wh=0))

    async def set_output(self, connector_id: int, *, is_on: bool) -> None:
        """Do nothing."""

    async def set_limit(self, connector_id: int, limit_a: Decimal, *, phases: int) -> None:
        """Do nothing."""


async def connect(url: str, identity: str, tasks: TaskGroup) -> None:
    """Run a station until it has been accepted, and beyond."""
    accepted = asyncio.get_running_loop().create_future()

    def hear(notice: Notice) -> None:
        if isinstance(notice, Registered):
            accepted.set_result(None)

    station = Station(identity=identity, vendor="Elektron", model="Wallbox 22", central_system_url=url)
    tasks.create_task(StationRunner(station, Silent(), on_notice=hear).run())
    await accepted


if __name__ == "__main__":
    run(connect)
