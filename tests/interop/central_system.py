"""A central system made with the package `ocpp`, as a program: run by `Ocpp` in `tests.interop.foreign`.

It prints one JSON object a line: `listening` (the port), `opened` and `closed` (a station), `heard` (a frame of a
station, before it is answered), `named` (the id of a transaction), `answer` (to a CALL it was told to make). It takes
commands in the same way: `call` (an action, with its `payload`), `trouble` (an action, with what goes wrong with the
`next` CALLs of it: `error` for a CALLERROR, `late` for an answer that is held; confirmed by `troubled`), `release` (the
oldest answer that is held), `close` (a code), `drop`, each with the `station` that is meant. It ends with its input.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import defaultdict, deque
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import count
from typing import Any

from ocpp.exceptions import InternalError
from ocpp.messages import unpack
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from ocpp.v16.enums import Action, AuthorizationStatus, RegistrationStatus
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

CALL = 2
"""What the frame of a CALL begins with."""


def tell(**said: object) -> None:
    """Say something to whoever runs this program; the package has limits as decimals."""
    sys.stdout.write(json.dumps(said, default=float) + "\n")
    sys.stdout.flush()


class Station(ChargePoint):
    """One charge point, as a central system sees it: everything it wants is granted, but for what is told."""

    def __init__(
        self, identity: str, connection: ServerConnection, interval_s: int, transaction_ids: count[int]
    ) -> None:
        super().__init__(identity, connection)
        self.connection = connection
        self._interval_s = interval_s
        self._transaction_ids = transaction_ids
        self.troubles: defaultdict[str, deque[str]] = defaultdict(deque)
        self.held: deque[str] = deque()
        self._late_id: str | None = None

    async def route_message(self, raw_msg: str) -> None:
        frame = json.loads(raw_msg)
        tell(station=self.id, heard=frame)
        troubles = self.troubles[frame[2]] if frame[0] == CALL else None
        trouble = troubles.popleft() if troubles else None
        if trouble == "error":
            await self._send(unpack(raw_msg).create_call_error(InternalError("as told")).to_json())
            return
        self._late_id = frame[1] if trouble == "late" else None
        await super().route_message(raw_msg)

    async def _send(self, message: str) -> None:
        frame = json.loads(message)
        if frame[0] != CALL and frame[1] == self._late_id:
            self.held.append(message)
        else:
            await super()._send(message)

    @on(Action.boot_notification)
    def on_boot_notification(self, **_: object) -> call_result.BootNotification:
        return call_result.BootNotification(
            current_time=datetime.now(UTC).isoformat(), interval=self._interval_s, status=RegistrationStatus.accepted
        )

    @on(Action.heartbeat)
    def on_heartbeat(self) -> call_result.Heartbeat:
        return call_result.Heartbeat(current_time=datetime.now(UTC).isoformat())

    @on(Action.status_notification)
    def on_status_notification(self, **_: object) -> call_result.StatusNotification:
        return call_result.StatusNotification()

    @on(Action.authorize)
    def on_authorize(self, **_: object) -> call_result.Authorize:
        return call_result.Authorize(id_tag_info={"status": AuthorizationStatus.accepted})

    @on(Action.start_transaction)
    def on_start_transaction(self, **_: object) -> call_result.StartTransaction:
        number = next(self._transaction_ids)
        tell(station=self.id, named=number)
        return call_result.StartTransaction(transaction_id=number, id_tag_info={"status": AuthorizationStatus.accepted})

    @on(Action.meter_values)
    def on_meter_values(self, **_: object) -> call_result.MeterValues:
        return call_result.MeterValues()

    @on(Action.firmware_status_notification)
    def on_firmware_status_notification(self, **_: object) -> call_result.FirmwareStatusNotification:
        return call_result.FirmwareStatusNotification()

    @on(Action.diagnostics_status_notification)
    def on_diagnostics_status_notification(self, **_: object) -> call_result.DiagnosticsStatusNotification:
        return call_result.DiagnosticsStatusNotification()

    @on(Action.stop_transaction)
    def on_stop_transaction(self, **_: object) -> call_result.StopTransaction:
        return call_result.StopTransaction()


class CentralSystem:
    """Stations by identity, and what to do with them."""

    def __init__(self, interval_s: int, first_transaction_id: int) -> None:
        self._interval_s = interval_s
        self._transaction_ids = count(first_transaction_id)
        self._stations: dict[str, Station] = {}

    async def look_after(self, connection: ServerConnection) -> None:
        """Serve one connection to its end."""
        assert connection.request is not None
        identity = connection.request.path.rpartition("/")[2]
        station = Station(identity, connection, self._interval_s, self._transaction_ids)
        self._stations[identity] = station
        tell(station=identity, opened=connection.subprotocol)
        try:
            await station.start()
        except ConnectionClosed as end:
            tell(station=identity, closed=end.rcvd.code if end.rcvd is not None else None)

    async def obey(self, command: dict[str, Any]) -> None:
        """Do what the test wants."""
        station = self._stations[command["station"]]
        if "call" in command:
            answer = await station.call(getattr(call, command["call"])(**command["payload"]))
            tell(station=station.id, answer=asdict(answer))
        elif "trouble" in command:
            station.troubles[command["trouble"]].extend(command["next"])
            tell(station=station.id, troubled=command["trouble"])
        elif "release" in command:
            await station.connection.send(station.held.popleft())
        elif "close" in command:
            await station.connection.close(command["close"], "as told")
        else:
            station.connection.transport.abort()


async def main() -> None:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--interval", type=int, default=300)
    parser.add_argument("--first-transaction-id", type=int, default=1)
    arguments = parser.parse_args()
    central_system = CentralSystem(arguments.interval, arguments.first_transaction_id)
    subprotocols = [Subprotocol("ocpp1.6")]
    async with (
        serve(central_system.look_after, "127.0.0.1", arguments.port, subprotocols=subprotocols) as server,
        asyncio.TaskGroup() as tasks,
    ):
        tell(listening=next(iter(server.sockets)).getsockname()[1])
        while line := await asyncio.to_thread(sys.stdin.readline):
            tasks.create_task(central_system.obey(json.loads(line)))


if __name__ == "__main__":
    asyncio.run(main())
