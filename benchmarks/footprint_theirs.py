"""The stations of the package `ocpp` in `footprint_memory_kib`, on the package `websockets`."""

from __future__ import annotations

from asyncio import TaskGroup

import websockets
from ocpp.v16 import ChargePoint, call

from .footprint_process import run


async def connect(url: str, identity: str, tasks: TaskGroup) -> None:
    """Start a station, and let it be accepted."""
    connection = await websockets.connect(f"{url}/{identity}", subprotocols=[websockets.Subprotocol("ocpp1.6")])
    charge_point = ChargePoint(identity, connection)
    tasks.create_task(charge_point.start())
    await charge_point.call(call.BootNotification(charge_point_model="Wallbox 22", charge_point_vendor="Elektron"))


if __name__ == "__main__":
    run(connect)
