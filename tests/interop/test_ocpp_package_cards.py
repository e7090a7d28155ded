"""Lists, reservations and triggers against a central system made with the package `ocpp`, over sockets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from ocpp16cp.driver.simulated import PlugIn, PresentCard, Unplug
from ocpp16cp.outcome import CardRefusal, CardRefused
from tests.interop.foreign import CAR, Ocpp, Payload, Site, site
from tests.interop.programs import running

pytestmark = pytest.mark.anyio

LENGTH, CHUNK = 1_000, 100


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def central_system() -> Iterator[Ocpp]:
    """One program for all tests here; each has a station of its own name."""
    ocpp = Ocpp(interval_s=300)
    with running(ocpp.program):
        yield ocpp


def entries(first: int, count: int) -> list[dict[str, Any]]:
    """Cards of a list, each of a group of ten."""
    expiry = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    return [
        {
            "id_tag": f"CARD-{number:06}",
            "id_tag_info": {"status": "Accepted", "parent_id_tag": f"GROUP-{number // 10}", "expiry_date": expiry},
        }
        for number in range(first, first + count)
    ]


async def send_list(central_system: Ocpp, identity: str) -> list[Payload]:
    """Send a long list in chunks, the first of which replaces what there was; the answers."""
    return [
        await central_system.call(
            identity,
            "SendLocalList",
            list_version=number + 1,
            update_type="Differential" if number else "Full",
            local_authorization_list=entries(number * CHUNK, CHUNK),
        )
        for number in range(LENGTH // CHUNK)
    ]


async def test_list_sent_in_chunks_lets_cards_in(central_system: Ocpp, anyio_backend: str) -> None:
    identity = f"list-{anyio_backend}"
    async with site(central_system.url, identity, LocalAuthListMaxLength=LENGTH, SendLocalListMaxLength=CHUNK) as at:
        await central_system.until_called(identity, "StatusNotification", connectorId=2)
        answers = await send_list(central_system, identity)
        version = await central_system.call(identity, "GetLocalListVersion")
        one_more = await central_system.call(
            identity,
            "SendLocalList",
            list_version=99,
            update_type="Differential",
            local_authorization_list=entries(LENGTH, 1),
        )
        at.driver.act(PlugIn(1, CAR))
        at.driver.act(PresentCard("card-000999"))
        await central_system.until_called(identity, "StatusNotification", connectorId=1, status="Charging")
        # Another one of its group ends it, and nobody was asked about either.
        at.driver.act(PresentCard("CARD-000990"))
        stop = await central_system.until_called(identity, "StopTransaction")

    assert answers == [{"status": "Accepted"}] * (LENGTH // CHUNK)
    assert version == {"list_version": LENGTH // CHUNK}
    assert one_more == {"status": "Failed"}
    assert (stop["idTag"], stop["reason"]) == ("CARD-000990", "Local")
    assert central_system.calls(identity, "Authorize") == []
    assert sum(table == "local_list.entries" for table, _ in at.store.snapshot()) == LENGTH


async def reserve(central_system: Ocpp, identity: str, connector_id: int, number: int, for_s: float = 600.0) -> Payload:
    """Reserve a connector for a card."""
    expiry = (datetime.now(UTC) + timedelta(seconds=for_s)).isoformat()
    return await central_system.call(
        identity,
        "ReserveNow",
        connector_id=connector_id,
        expiry_date=expiry,
        id_tag="RESERVED-1",
        reservation_id=number,
    )


async def test_reservation_is_used_by_its_card_alone(central_system: Ocpp, anyio_backend: str) -> None:
    identity = f"reserve-{anyio_backend}"
    async with site(central_system.url, identity) as at:
        await central_system.until_called(identity, "StatusNotification", connectorId=2)
        at.driver.act(PlugIn(2, CAR))
        at.driver.act(PresentCard("CARD-2"))
        await central_system.until_called(identity, "StatusNotification", connectorId=2, status="Charging")
        answer = await reserve(central_system, identity, 1, 17)
        await central_system.until_called(identity, "StatusNotification", connectorId=1, status="Reserved")
        occupied = await reserve(central_system, identity, 2, 18)
        at.driver.act(PlugIn(1, CAR))
        at.driver.act(PresentCard("OTHER-1"))
        await at.until(lambda: any(each.refusal is CardRefusal.RESERVED for each in at.noticed(CardRefused)))
        at.driver.act(PresentCard("reserved-1"))
        start = await central_system.until_called(identity, "StartTransaction", connectorId=1)
        await central_system.until_called(identity, "StatusNotification", connectorId=1, status="Charging")

    assert (answer, occupied) == ({"status": "Accepted"}, {"status": "Occupied"})
    assert (start["idTag"], start["reservationId"]) == ("reserved-1", 17)
    assert [payload["idTag"] for _, payload in central_system.calls(identity, "Authorize")] == ["CARD-2", "reserved-1"]
    statuses = [
        payload["status"]
        for _, payload in central_system.calls(identity, "StatusNotification")
        if payload["connectorId"] == 1
    ]
    assert statuses == ["Available", "Reserved", "Preparing", "Charging"]


async def test_reservations_are_cancelled_and_expire(central_system: Ocpp, anyio_backend: str) -> None:
    identity = f"cancel-{anyio_backend}"
    async with site(central_system.url, identity) as at:
        await central_system.until_called(identity, "StatusNotification", connectorId=2)
        answers = [await reserve(central_system, identity, 1, 5)]
        await until_last_status(central_system, at, 1, "Reserved")
        answers += [
            await central_system.call(identity, "CancelReservation", reservation_id=number) for number in (6, 5)
        ]
        await until_last_status(central_system, at, 1, "Available")
        answers.append(await reserve(central_system, identity, 1, 5, for_s=1.0))
        await until_last_status(central_system, at, 1, "Reserved")
        await until_last_status(central_system, at, 1, "Available")
        # Any connector: the one that is left.
        answers.append(await reserve(central_system, identity, 0, 7))
        at.driver.act(PlugIn(1, CAR))
        await until_last_status(central_system, at, 2, "Reserved")
        at.driver.act(Unplug(1))
        await until_last_status(central_system, at, 2, "Available")

    assert [answer["status"] for answer in answers] == ["Accepted", "Rejected", "Accepted", "Accepted", "Accepted"]


async def until_last_status(central_system: Ocpp, at: Site, connector_id: int, status: str) -> None:
    """Wait until a connector was last said to be so."""

    def is_last() -> bool:
        calls = central_system.calls(at.identity, "StatusNotification")
        return [payload["status"] for _, payload in calls if payload["connectorId"] == connector_id][-1:] == [status]

    await central_system.until(is_last)


def _has_come(central_system: Ocpp, identity: str, action: str, before: int) -> bool:
    """Whether more CALLs of an action have come than there were before."""
    return len(central_system.calls(identity, action)) > before


async def test_messages_come_when_they_are_asked_for(central_system: Ocpp, anyio_backend: str) -> None:
    identity = f"trigger-{anyio_backend}"
    names = (
        "Heartbeat",
        "MeterValues",
        "StatusNotification",
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
        "BootNotification",
    )
    async with site(central_system.url, identity):
        await central_system.until_called(identity, "StatusNotification", connectorId=2)
        answers = []
        for name in names:
            before = len(central_system.calls(identity, name))
            answers.append(
                await central_system.call(identity, "TriggerMessage", requested_message=name, connector_id=1)
            )
            await central_system.until(partial(_has_come, central_system, identity, name, before))
        unknown = await central_system.call(identity, "TriggerMessage", requested_message="MeterValues", connector_id=3)

    assert answers == [{"status": "Accepted"}] * len(names)
    assert unknown == {"status": "Rejected"}
    (values,) = (payload for _, payload in central_system.calls(identity, "MeterValues"))
    assert {each["context"] for each in values["meterValue"][0]["sampledValue"]} == {"Trigger"}
    (idle,) = central_system.calls(identity, "FirmwareStatusNotification")
    assert idle == ("FirmwareStatusNotification", {"status": "Idle"})
