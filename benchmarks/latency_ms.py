"""How soon a busy station answers its central system, and sends what it is asked for.

A station in a process of its own, over a loopback socket, its store an SQLite file on the disk; cars charge at two of
its three connectors, each meter reports every second, and a sample of each transaction is sent every second. The
central system asks at random instants: for any of fifteen things, for a remote start, for a message. What is measured
is the time from the sending of the CALL to its answer, or to the message that was triggered, as the central system sees
it.

    python -m benchmarks.latency_ms [--quick] [--backend trio]

The first CALL of each action takes up to 20 ms, as its codec is made then; that is in the figures.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

import anyio
from attrs import define, evolve, field, frozen

from ocpp16cp import Connector, SqliteStore, Station, StationRunner, VendorMessage
from ocpp16cp.driver.simulated import COMPACT, PlugIn, PresentCard, SimulatedStation
from ocpp16cp.features.boot.messages import Heartbeat
from ocpp16cp.features.configuration.messages import ChangeConfiguration, GetConfiguration
from ocpp16cp.features.connectors.messages import AvailabilityType, ChangeAvailability
from ocpp16cp.features.data_transfer.messages import DataTransfer
from ocpp16cp.features.local_list.messages import GetLocalListVersion, SendLocalList, UpdateType
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.remote_trigger.messages import MessageTrigger, TriggerMessage
from ocpp16cp.features.reservation.messages import CancelReservation, ReserveNow
from ocpp16cp.features.smart_charging.messages import (
    ClearChargingProfile,
    GetCompositeSchedule,
    SetChargingProfile,
)
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import (
    RemoteStartTransaction,
    RemoteStopTransaction,
    UnlockConnector,
)
from ocpp16cp.io.serving import UpgradeRequest
from ocpp16cp.io.simulated import SimulatedDriver
from ocpp16cp.io.transport import Connection, Pong
from ocpp16cp.io.websocket_server import listen
from ocpp16cp.testing.central_system import ScriptedCentralSystem, typed
from ocpp16cp.vendor_messages import DataAnswer
from ocpp16cp.wire.frames import Call, parse_frame
from ocpp16cp.wire.types import (
    ChargingProfile,
    ChargingProfileKindType,
    ChargingProfilePurposeType,
    ChargingRateUnitType,
    ChargingSchedule,
    ChargingSchedulePeriod,
)

PAUSE_S = 0.02
"""Between an answer and the next question, on average."""

CAR = evolve(COMPACT, battery_wh=500_000, charge_wh=0)
"""Charges for as long as anybody measures."""

PROFILE = ChargingProfile(
    charging_profile_id=1,
    stack_level=0,
    charging_profile_purpose=ChargingProfilePurposeType.TX_DEFAULT_PROFILE,
    charging_profile_kind=ChargingProfileKindType.RELATIVE,
    charging_schedule=ChargingSchedule(
        charging_rate_unit=ChargingRateUnitType.A,
        charging_schedule_period=tuple(
            ChargingSchedulePeriod(start_period=600 * each, limit=Decimal(10 + each)) for each in range(10)
        ),
    ),
)

REQUESTS: tuple[Callable[[], object], ...] = (
    GetConfiguration,
    lambda: GetConfiguration(key=("HeartbeatInterval", "Nonsense")),
    lambda: ChangeConfiguration(key="ConnectionTimeOut", value=str(60 + int(perf_counter()) % 60)),
    lambda: ChangeAvailability(connector_id=3, type=AvailabilityType.OPERATIVE),
    lambda: UnlockConnector(connector_id=1),
    lambda: RemoteStopTransaction(transaction_id=-7),
    lambda: DataTransfer(vendor_id="com.example", data="x" * 200),
    lambda: DataTransfer(vendor_id="org.nobody"),
    GetLocalListVersion,
    lambda: SendLocalList(list_version=1, update_type=UpdateType.FULL),
    lambda: ReserveNow(
        connector_id=1, expiry_date=datetime.now(UTC) + timedelta(hours=1), id_tag="TAG", reservation_id=1
    ),
    lambda: CancelReservation(reservation_id=7),
    lambda: SetChargingProfile(connector_id=0, cs_charging_profiles=PROFILE),
    lambda: GetCompositeSchedule(connector_id=1, duration=86_400),
    lambda: ClearChargingProfile(id=1),
)
"""What a central system asks of a station while cars are charging."""

TRIGGERS = (
    (TriggerMessage(requested_message=MessageTrigger.HEARTBEAT), Heartbeat),
    (TriggerMessage(requested_message=MessageTrigger.STATUS_NOTIFICATION, connector_id=2), StatusNotification),
    (TriggerMessage(requested_message=MessageTrigger.METER_VALUES, connector_id=1), MeterValues),
)
"""What is asked for, and what has to come."""


@frozen
class Target:
    """A figure, and what it is held against."""

    name: str
    target_ms: float
    certificate: str
    """The limit of the certificate, and what the certified station was measured with."""


ANSWER = Target("answer to any request", 20.0, "5 s; 4 s")
REMOTE_START = Target("answer to RemoteStartTransaction", 20.0, "1 s; 0 s")
TRIGGERED = Target("triggered message", 100.0, "15 s; 11 s")


# The station.


async def run_station(url: str, folder: Path) -> None:
    """Charge at two connectors until the process is ended."""
    station = Station(
        identity="LATENCY",
        vendor="Elektron",
        model="Three",
        connectors=(Connector(),) * 3,
        readers=((1,), (2,), (3,)),
        central_system_url=url,
        configuration=(("MeterValueSampleInterval", "1"), ("ConnectionTimeOut", "0"), ("WebSocketPingInterval", "10")),
        vendor_messages=(VendorMessage(vendor_id="com.example", answer=lambda request: DataAnswer(data=request.data)),),
    )
    driver = SimulatedDriver(SimulatedStation(station, now=anyio.current_time()), clock=lambda: datetime.now(UTC))
    runner = StationRunner(station, driver, SqliteStore(folder / "station.db"))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(runner.run)
        await driver.wait_until(lambda each: each.shown(1) == "Available")
        for connector_id in (1, 2):
            driver.act(PlugIn(connector_id, CAR))
            driver.act(PresentCard(f"CARD-{connector_id}", connector_id - 1))


# The central system.


@define(eq=False)
class Asker:
    """A central system that takes the time."""

    central_system: ScriptedCentralSystem = field(factory=ScriptedCentralSystem)
    connection: Connection | None = None
    _changed: anyio.Event = field(factory=anyio.Event)
    _awaited: type | None = None
    """What was asked for, and has not come so far."""
    _came_at: float = 0.0

    async def look_after(self, connection: Connection, _: UpgradeRequest) -> None:
        """Answer the station as long as it is there."""
        self.connection = connection
        while True:
            text = await connection.receive()
            if isinstance(text, Pong):
                continue
            if self._awaited is not None and _is_triggered(text, self._awaited):
                self._awaited, self._came_at = None, perf_counter()
            for reply in self.central_system.receive(text, utc=datetime.now(UTC)):
                await connection.send_text(reply.text)
            self._changed.set()
            self._changed = anyio.Event()

    async def until(self, is_reached: Callable[[], bool]) -> None:
        """Wait for something that the station says."""
        while not is_reached():
            await self._changed.wait()

    async def ask(self, request: object) -> float:
        """Milliseconds until the answer."""
        assert self.connection is not None
        message_id, text = self.central_system.call(request)
        sent_at = perf_counter()
        await self.connection.send_text(text)
        await self.until(lambda: message_id in self.central_system.answers)
        return (perf_counter() - sent_at) * 1e3

    async def trigger(self, request: TriggerMessage, expected: type) -> float:
        """Milliseconds until the message that was asked for."""
        sent_at = perf_counter()
        self._awaited = expected
        await self.ask(request)
        await self.until(lambda: self._awaited is None)
        return (self._came_at - sent_at) * 1e3


def _is_triggered(text: str, expected: type) -> bool:
    """Whether a text is a message of a kind, triggered as far as that can be seen."""
    frame = parse_frame(text)
    request = typed(frame) if isinstance(frame, Call) else None
    if isinstance(request, MeterValues):
        return expected is MeterValues and request.meter_value[0].sampled_value[0].context == "Trigger"
    return type(request) is expected


async def measure(url_of: Callable[[str], Sequence[str]], repetitions: int) -> dict[Target, list[float]]:
    """Ask so often for each of the three."""
    asker, random = Asker(), Random(1)
    taken: dict[Target, list[float]] = {ANSWER: [], REMOTE_START: [], TRIGGERED: []}
    async with (
        listen(asker.look_after) as listener,
        await anyio.open_process(url_of(f"{listener.url}/ocpp"), stdout=None, stderr=None) as process,
    ):
        with anyio.fail_after(60):
            await asker.until(lambda: len(asker.central_system.seen_of(MeterValues)) >= 4)
        start = RemoteStartTransaction(connector_id=3, id_tag="REMOTE")
        for _ in range(repetitions):
            request = random.choice(REQUESTS)()
            taken[ANSWER].append(await asker.ask(request))
            await anyio.sleep(random.uniform(0, 2 * PAUSE_S))
            taken[REMOTE_START].append(await asker.ask(start))
            await anyio.sleep(random.uniform(0, 2 * PAUSE_S))
            taken[TRIGGERED].append(await asker.trigger(*random.choice(TRIGGERS)))
            await anyio.sleep(random.uniform(0, 2 * PAUSE_S))
        process.kill()
    return taken


def percentile(values: list[float], share: float) -> float:
    """What that share of the values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a fifth of the questions")
    parser.add_argument("--backend", choices=("asyncio", "trio"), default="asyncio", help="of the station")
    parser.add_argument("--station", nargs=2, metavar=("URL", "DIR"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.station is not None:
        url, folder = options.station
        anyio.run(run_station, url, Path(folder), backend=options.backend)
        return
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.latency_ms", "--backend", options.backend, "--station"]
        taken = anyio.run(measure, lambda url: [*command, url, folder], 200 if options.quick else 1000)
    print(f"{platform.python_implementation()} {sys.version.split()[0]}, {platform.machine()}, {options.backend}")
    print("| milliseconds | median | p99 | longest | target, p99 | certificate: limit; measured |")
    print("|---|---:|---:|---:|---:|---|")
    for target, values in taken.items():
        figures = " | ".join(f"{percentile(values, share):.1f}" for share in (0.5, 0.99, 1.0))
        print(f"| {target.name} | {figures} | {target.target_ms:.0f} | {target.certificate} |")


if __name__ == "__main__":
    main()
