from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from ocpp16cp.cli.central_system import HEARTBEAT_INTERVAL_S, CentralSystem
from ocpp16cp.errors import CallErrorCode
from ocpp16cp.io.memory import MemoryTransport
from ocpp16cp.io.transport import Connection, ConnectRequest
from ocpp16cp.wire.frames import Call, CallError, CallResult, parse_frame
from ocpp16cp.wire.types import ChargePointStatus, Reason

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[CentralSystem, Connection]]:
    central_system, transport = CentralSystem(), MemoryTransport()
    with anyio.fail_after(10):
        async with transport.listen(central_system.look_after):
            yield central_system, await transport.connect(ConnectRequest("ws://central/CP1"))


async def ask(connection: Connection, call: str) -> CallResult | CallError:
    await connection.send_text(f'[2,"1",{call}]')
    answer = await connection.receive()
    assert isinstance(answer, str)
    frame = parse_frame(answer)
    assert isinstance(frame, CallResult | CallError)
    assert frame.message_id == "1"
    return frame


START = '"StartTransaction",{"connectorId":2,"idTag":"T","meterStart":100,"timestamp":"2024-01-01T00:00:00Z"}'
STOP = '"StopTransaction",{"transactionId":1,"meterStop":136,"timestamp":"2024-01-01T00:01:00Z","reason":"Local"}'


async def test_station_is_accepted_and_told_a_short_interval() -> None:
    async with connected() as (_, connection):
        answer = await ask(connection, '"BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}')

    assert isinstance(answer, CallResult)
    assert isinstance(answer.payload, dict)
    assert (answer.payload["status"], answer.payload["interval"]) == ("Accepted", HEARTBEAT_INTERVAL_S)


async def test_session_is_kept_account_of() -> None:
    async with connected() as (central_system, connection):
        await ask(connection, START)
        assert central_system.sessions[1].energy_wh is None
        await ask(connection, '"MeterValues",{"connectorId":2,"transactionId":1,"meterValue":[]}')
        await ask(connection, '"MeterValues",{"connectorId":2,"meterValue":[]}')
        await ask(connection, STOP)

    session = central_system.sessions[1]
    assert (session.connector_id, session.id_tag, session.energy_wh) == (2, "T", 36)
    assert (session.reason, session.samples) == (Reason.LOCAL, 1)


async def test_status_is_kept() -> None:
    async with connected() as (central_system, connection):
        await ask(connection, '"StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Charging"}')

    assert central_system.statuses == {1: ChargePointStatus.CHARGING}


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ('"DataTransfer",{"vendorId":"V"}', CallErrorCode.NOT_IMPLEMENTED),
        ('"Heartbeat",{"x":1}', CallErrorCode.FORMATION_VIOLATION),
        ('"Authorize",{"idTag":7}', CallErrorCode.TYPE_CONSTRAINT_VIOLATION),
    ],
)
async def test_call_that_cannot_be_answered_is_refused(call: str, code: CallErrorCode) -> None:
    async with connected() as (_, connection):
        answer = await ask(connection, call)

    assert isinstance(answer, CallError)
    assert answer.code is code


@pytest.mark.parametrize(("status", "is_tried"), [("Accepted", True), ("Rejected", False)])
@pytest.mark.parametrize("what", ["start", "stop"])
async def test_station_is_asked_for_transactions(what: str, status: str, *, is_tried: bool) -> None:
    answers = []

    async def request(central_system: CentralSystem) -> None:
        answers.append(await (central_system.start(1, "T") if what == "start" else central_system.stop(7)))

    async with connected() as (central_system, connection), anyio.create_task_group() as tasks:
        # The central system knows its station by the first thing it hears.
        await ask(connection, '"Heartbeat",{}')
        tasks.start_soon(request, central_system)
        call = parse_frame(str(await connection.receive()))
        assert isinstance(call, Call)
        assert call.action == f"Remote{what.capitalize()}Transaction"
        await connection.send_text(f'[3,"{call.message_id}",{{"status":"{status}"}}]')

    assert answers == [is_tried]
