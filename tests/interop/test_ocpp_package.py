"""Against a central system made with the package `ocpp`, over sockets, on asyncio and on trio.

That package checks what it gets by the official schemas and refuses what does not keep to them: `site` makes sure that
it never did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from ocpp16cp.driver.simulated import PlugIn, PresentCard, Unplug
from tests.interop.foreign import (
    CAR,
    TRANSACTION_MESSAGES,
    Message,
    Ocpp,
    Site,
    in_order_without_repetitions,
    registers_wh,
    site,
    without_ids,
)
from tests.interop.programs import running

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def central_system() -> Iterator[Ocpp]:
    """One program for all tests that do not hurt it; each has a station of its own name."""
    ocpp = Ocpp(interval_s=1)
    with running(ocpp.program):
        yield ocpp


def check_nothing_lost(at: Site, *central_systems: Ocpp) -> list[Message]:
    """All that was ever queued has arrived, in its order, by the right id, and the meter never ran backwards."""
    heard = [each.calls(at.identity, *TRANSACTION_MESSAGES) for each in central_systems]
    messages = in_order_without_repetitions([message for each in heard for message in each])
    assert without_ids(messages) == without_ids(at.store.owed)
    assert registers_wh(messages) == sorted(registers_wh(messages))
    named = [number for each in central_systems for number in each.about(at.identity, "named")]
    assert {payload["transactionId"] for action, payload in messages if action != "StartTransaction"} == {*named}
    return messages


async def test_boot_statuses_and_heartbeats(central_system: Ocpp, anyio_backend: str) -> None:
    identity = f"boot {anyio_backend}"
    # As it arrives: the package leaves the decoding to its users.
    name = f"boot%20{anyio_backend}"
    async with site(central_system.url, identity) as at:
        await central_system.until(lambda: len(central_system.calls(name, "Heartbeat")) >= 2)

    calls = central_system.calls(name)
    assert calls[0] == ("BootNotification", {"chargePointVendor": "ocpp16cp", "chargePointModel": "interop"})
    statuses = [payload for action, payload in calls if action == "StatusNotification"]
    assert [(each["connectorId"], each["status"], each["errorCode"]) for each in statuses] == [
        (connector_id, "Available", "NoError") for connector_id in (0, 1, 2)
    ]
    assert at.store.owed == []
    await central_system.until(lambda: central_system.about(name, "closed") == [1001])
    assert central_system.about(name, "opened") == ["ocpp1.6"]


async def test_session_that_begins_with_a_card(central_system: Ocpp, anyio_backend: str) -> None:
    identity = f"card-{anyio_backend}"
    async with site(central_system.url, identity, MeterValueSampleInterval=1) as at:
        await central_system.until_called(identity, "StatusNotification", connectorId=2)
        at.driver.act(PresentCard("CARD-1"))
        await central_system.until_called(identity, "StatusNotification", connectorId=1, status="Preparing")
        at.driver.act(PlugIn(1, CAR))
        await central_system.until_called(identity, "MeterValues", connectorId=1)
        at.driver.act(PresentCard("CARD-1"))
        stop = await central_system.until_called(identity, "StopTransaction")
        await central_system.until_called(identity, "StatusNotification", connectorId=1, status="Finishing")
        at.driver.act(Unplug(1))
        await central_system.until(
            lambda: central_system.calls(identity, "StatusNotification")[-1][1]["status"] == "Available"
        )

    messages = check_nothing_lost(at, central_system)
    assert [action for action, _ in messages][:2] == ["StartTransaction", "MeterValues"]
    assert stop["idTag"] == messages[0][1]["idTag"] == "CARD-1"
    assert stop["meterStop"] == at.driver.station.reading(1).register_wh > messages[0][1]["meterStart"]
    actions = [action for action, _ in central_system.calls(identity) if action not in ("Heartbeat", "MeterValues")]
    assert actions[4:] == [
        "Authorize",
        "StatusNotification",
        "StartTransaction",
        "StatusNotification",
        "StopTransaction",
        "StatusNotification",
        "StatusNotification",
    ]


async def test_session_that_begins_with_a_plug_and_ends_with_it(central_system: Ocpp, anyio_backend: str) -> None:
    identity = f"plug-{anyio_backend}"
    async with site(central_system.url, identity) as at:
        await central_system.until_called(identity, "StatusNotification", connectorId=2)
        at.driver.act(PlugIn(2, CAR))
        await central_system.until_called(identity, "StatusNotification", connectorId=2, status="Preparing")
        at.driver.act(PresentCard("CARD-2"))
        await central_system.until_called(identity, "StatusNotification", connectorId=2, status="Charging")
        await at.energy_flows(2)
        at.driver.act(Unplug(2))
        stop = await central_system.until_called(identity, "StopTransaction", reason="EVDisconnected")

    (start, _) = check_nothing_lost(at, central_system)
    assert stop["meterStop"] == at.driver.station.reading(2).register_wh > start[1]["meterStart"]


async def test_session_from_afar(central_system: Ocpp, anyio_backend: str) -> None:
    identity = f"remote-{anyio_backend}"
    async with site(central_system.url, identity) as at:
        await central_system.until_called(identity, "StatusNotification", connectorId=2)
        at.driver.act(PlugIn(1, CAR))
        started = await central_system.call(identity, "RemoteStartTransaction", id_tag="REMOTE-1", connector_id=1)
        await central_system.until_called(identity, "StatusNotification", connectorId=1, status="Charging")
        await at.energy_flows(1)
        unknown = await central_system.call(identity, "RemoteStopTransaction", transaction_id=0)
        (transaction_id,) = central_system.about(identity, "named")
        stopped = await central_system.call(identity, "RemoteStopTransaction", transaction_id=transaction_id)
        await central_system.until_called(
            identity, "StopTransaction", reason="Remote", idTag="REMOTE-1", transactionId=transaction_id
        )

    assert (started, unknown, stopped) == ({"status": "Accepted"}, {"status": "Rejected"}, {"status": "Accepted"})
    check_nothing_lost(at, central_system)


async def test_configuration_is_read_and_changed(central_system: Ocpp, anyio_backend: str) -> None:
    identity = f"keys-{anyio_backend}"
    async with site(central_system.url, identity):
        await central_system.until_called(identity, "StatusNotification", connectorId=2)
        read = await central_system.call(identity, "GetConfiguration", key=["HeartbeatInterval", "Nonsense"])
        everything = await central_system.call(identity, "GetConfiguration")
        answers = [
            await central_system.call(identity, "ChangeConfiguration", key=key, value=value)
            for key, value in (
                ("ConnectionTimeOut", "90"),
                ("ConnectionTimeOut", "soon"),
                ("NumberOfConnectors", "3"),
                ("Nonsense", "1"),
            )
        ]
        after = await central_system.call(identity, "GetConfiguration", key=["ConnectionTimeOut"])

    assert read == {
        "configuration_key": [{"key": "HeartbeatInterval", "readonly": False, "value": "1"}],
        "unknown_key": ["Nonsense"],
    }
    keys = {each["key"] for each in everything["configuration_key"]}
    assert {"HeartbeatInterval", "NumberOfConnectors", "MeterValueSampleInterval"} <= keys
    assert [answer["status"] for answer in answers] == ["Accepted", "Rejected", "Rejected", "NotSupported"]
    assert after["configuration_key"][0]["value"] == "90"


def _has_more(say: Callable[[str, str], list[object]], identity: str, key: str, than: int) -> bool:
    """Whether more was said of a station than before."""
    return len(say(identity, key)) > than


@pytest.mark.parametrize("way", [{"drop": True}, {"close": 1012}], ids=["dropped", "closed"])
async def test_connection_lost_in_mid_session(central_system: Ocpp, anyio_backend: str, way: dict[str, object]) -> None:
    """Nothing is lost, nothing changes its place, and the session goes on meanwhile."""
    identity = f"lost-{next(iter(way))}-{anyio_backend}"
    async with site(central_system.url, identity, MeterValueSampleInterval=1) as at:
        await central_system.until_called(identity, "StatusNotification", connectorId=2)
        at.driver.act(PlugIn(1, CAR))
        at.driver.act(PresentCard("CARD-1"))
        await central_system.until_called(identity, "MeterValues")
        for _ in range(2):
            before = len(central_system.about(identity, "opened"))
            central_system.program.say(station=identity, **way)
            await central_system.until(partial(_has_more, central_system.about, identity, "opened", before))
        await at.energy_flows(1)
        at.driver.act(PresentCard("CARD-1"))
        stop = await central_system.until_called(identity, "StopTransaction")

    messages = check_nothing_lost(at, central_system)
    assert [action for action, _ in messages].count("StartTransaction") == 1
    assert stop["meterStop"] == at.driver.station.reading(1).register_wh
    # The same run, registered already: no second BootNotification (§4.2).
    assert len(central_system.calls(identity, "BootNotification")) == 1


async def test_central_system_killed_in_mid_session(anyio_backend: str) -> None:
    """What was not answered waits for the next one, on the same port, even the end of a session."""
    identity = "CP1"
    first = Ocpp(first_transaction_id=17)
    with running(first.program):
        async with site(first.url, identity, MeterValueSampleInterval=1) as at:
            await first.until_called(identity, "StatusNotification", connectorId=2)
            at.driver.act(PlugIn(1, CAR))
            at.driver.act(PresentCard("CARD-1"))
            await first.until_called(identity, "MeterValues")
            first.program.kill()
            await at.energy_flows(1, at_least_wh=8)
            at.driver.act(PresentCard("CARD-1"))
            second = Ocpp(port=first.port, first_transaction_id=99)
            with running(second.program):
                stop = await second.until_called(identity, "StopTransaction")
                await second.until_called(identity, "StatusNotification", connectorId=1, status="Finishing")

    messages = check_nothing_lost(at, first, second)
    assert [action for action, _ in messages].count("StartTransaction") == 1
    assert stop["transactionId"] == 17
    assert stop["meterStop"] == at.driver.station.reading(1).register_wh
