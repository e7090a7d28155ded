"""Charging profiles of a central system made with the package `ocpp`, over sockets, on asyncio and on trio.

Whatever is installed, cleared or cut off, the composite schedules are those of the oracle.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from attrs import define, field

from ocpp16cp.driver.simulated import PlugIn, PresentCard
from ocpp16cp.features.smart_charging.messages import GetCompositeScheduleConf
from ocpp16cp.testing.oracle import Grid, Installed, Oracle, Running, difference
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.frames import CallResult, parse_frame
from ocpp16cp.wire.types import (
    ChargingProfile,
    ChargingProfileKindType,
    ChargingProfilePurposeType,
    ChargingRateUnitType,
    ChargingSchedule,
    ChargingSchedulePeriod,
    RecurrencyKindType,
)
from tests.interop.foreign import CAR, Ocpp, Site, site
from tests.interop.programs import running

pytestmark = pytest.mark.anyio

MAX, DEFAULT, TX = ChargingProfilePurposeType
MOST = 50
"""MaxChargingProfilesInstalled, unless a station says something else."""
WINDOW_S = 100_000
LOOKS = 100
"""Instants at which a composite schedule is looked at, of those around which anything may change."""
GRID = Grid(connectors=((3, Fraction(32)), (3, Fraction(32))))

Slot = tuple[ChargingProfilePurposeType, int, int]
"""Purpose, connector, stack level."""

SLOTS: list[Slot] = [
    (purpose, connector_id, level)
    for purpose, connector_id in ((DEFAULT, 0), (DEFAULT, 1), (DEFAULT, 2), (MAX, 0), (TX, 1))
    for level in range(11)
]
"""More than fit."""


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def central_system() -> Iterator[Ocpp]:
    """One program for all tests; each has a station of its own name."""
    ocpp = Ocpp()
    with running(ocpp.program):
        yield ocpp


def draw(random: Random, number: int, slot: Slot) -> ChargingProfile:
    """A profile for a slot; those of high levels have gaps and ends, so that lower ones show."""
    purpose, _, level = slot
    kinds = [each for each in ChargingProfileKindType if purpose is not MAX or each != "Relative"]
    kind = random.choice(kinds)
    unit = random.choice(tuple(ChargingRateUnitType))
    now = datetime.now(UTC).replace(microsecond=0)
    offsets = sorted({0, *(random.randrange(1, 40_000) for _ in range(random.randrange(5)))})
    return ChargingProfile(
        charging_profile_id=number,
        stack_level=level,
        charging_profile_purpose=purpose,
        charging_profile_kind=kind,
        recurrency_kind=random.choice(tuple(RecurrencyKindType)) if kind == "Recurring" else None,
        valid_from=now + timedelta(seconds=random.randrange(-9_000, 9_000)) if random.random() < 0.3 else None,
        valid_to=now + timedelta(seconds=random.randrange(9_001, 90_000)) if random.random() < 0.3 else None,
        charging_schedule=ChargingSchedule(
            duration=offsets[-1] + random.randrange(1, 20_000),
            start_schedule=None if kind == "Relative" else now - timedelta(seconds=random.randrange(50_000)),
            charging_rate_unit=unit,
            charging_schedule_period=tuple(
                ChargingSchedulePeriod(
                    start_period=offset,
                    limit=Decimal(random.randrange(400)) / 10 * (1 if unit == "A" else 690),
                    number_phases=random.choice((None, None, 1, 2, 3)),
                )
                for offset in offsets
            ),
        ),
    )


@define
class Ours:
    """What should be installed, as who has sent it knows."""

    central_system: Ocpp
    identity: str
    installed: dict[int, tuple[Slot, ChargingProfile, datetime]] = field(factory=dict)
    running: tuple[Running, ...] = ()
    random: Random = field(factory=lambda: Random(0))

    async def install(self, slot: Slot, profile: ChargingProfile) -> str:
        """Set a profile; what is accepted takes the place of the same id and of the same slot."""
        payload = json.loads(Codec().encode(profile))
        answer = await self.central_system.call(
            self.identity, "SetChargingProfile", connector_id=slot[1], cs_charging_profiles=payload
        )
        if answer["status"] == "Accepted":
            self.installed = {number: each for number, each in self.installed.items() if each[0] != slot}
            self.installed[profile.charging_profile_id] = (slot, profile, datetime.now(UTC))
        status: str = answer["status"]
        return status

    async def clear(self, **fields: Any) -> str:
        """Clear what matches."""
        answer = await self.central_system.call(self.identity, "ClearChargingProfile", **fields)

        def is_meant(number: int, slot: Slot) -> bool:
            if "id" in fields:
                return bool(number == fields["id"])
            names = ("charging_profile_purpose", "connector_id", "stack_level")
            return all(fields.get(name, value) == value for name, value in zip(names, slot, strict=True))

        self.installed = {number: each for number, each in self.installed.items() if not is_meant(number, each[0])}
        status: str = answer["status"]
        return status

    async def compare(self, at: Site) -> None:
        """Hold the composite schedules of the station and its connectors against the oracle."""
        installed = tuple(Installed(slot[1], profile, when) for slot, profile, when in self.installed.values())
        oracle = Oracle(GRID, installed, self.running)
        for connector_id in (0, 1, 2):
            unit = ChargingRateUnitType.A if connector_id else ChargingRateUnitType.W
            await self.central_system.call(
                self.identity,
                "GetCompositeSchedule",
                connector_id=connector_id,
                duration=WINDOW_S,
                charging_rate_unit=unit,
            )
            result = next(text for _, text in reversed(at.frames) if text.startswith("[3,"))
            frame = parse_frame(result)
            assert isinstance(frame, CallResult)
            answer = Codec().decode(GetCompositeScheduleConf, frame.payload)
            assert answer.schedule_start is not None
            begin = math.floor(answer.schedule_start.timestamp())
            boundaries = {t - before for t in oracle.boundaries(begin, begin + WINDOW_S) for before in (0, 1)}
            instants = sorted(t for t in {begin, *boundaries} if begin <= t < begin + WINDOW_S)
            if len(instants) > LOOKS:
                instants = self.random.sample(instants, LOOKS)
            assert difference(oracle, connector_id, answer, instants) is None


async def test_station_full_of_profiles(central_system: Ocpp, anyio_backend: str) -> None:
    """Filled to MaxChargingProfilesInstalled, replaced, cut off, cleared by each filter."""
    identity = f"limits-{anyio_backend}"
    random = Random(anyio_backend)
    ours = Ours(central_system, identity)
    slots = random.sample(SLOTS, len(SLOTS))
    async with site(central_system.url, identity) as at:
        await charge(central_system, at)
        ours.running = (transaction(central_system, identity),)
        for number, slot in enumerate(slots[:MOST]):
            assert await ours.install(slot, draw(random, number, slot)) == "Accepted"
            if number % 25 == 24:
                await ours.compare(at)
        assert await ours.install(slots[MOST], draw(random, 999, slots[MOST])) == "Rejected"
        await ours.compare(at)
        for number in random.sample(range(MOST), 3):
            # The same id in another slot, then another id in the same slot.
            await replace(ours, random, number, slots[MOST], number)
            await replace(ours, random, number, ours.installed[number][0], 1_000 + number)
            slots[MOST] = next(slot for slot in slots if slot not in {each[0] for each in ours.installed.values()})
            await ours.compare(at)
        assert len(ours.installed) == MOST
        disk = at.store.snapshot()

    # What a power cut leaves is on the disk; it ends the transaction, and TxProfiles with it.
    ours.running = ()
    ours.installed = {number: each for number, each in ours.installed.items() if each[0][0] is not TX}
    async with site(central_system.url, identity, disk=disk) as at:
        await central_system.until_called(identity, "StopTransaction", reason="PowerLoss")
        await ours.compare(at)
        some = next(iter(ours.installed))
        for fields in (
            {"id": some, "connector_id": 9},
            {"connector_id": 2, "stack_level": 3},
            {"stack_level": 5},
            {"charging_profile_purpose": DEFAULT, "connector_id": 1},
            {"connector_id": 2},
            {"charging_profile_purpose": MAX},
            {},
        ):
            before = len(ours.installed)
            status = await ours.clear(**fields)
            assert status == ("Accepted" if len(ours.installed) < before else "Unknown")
            await ours.compare(at)
        assert ours.installed == {}
        assert await ours.clear() == "Unknown"


async def replace(ours: Ours, random: Random, old: int, slot: Slot, number: int) -> None:
    """Set a profile in place of another one."""
    del ours.installed[old]
    assert await ours.install(slot, draw(random, number, slot)) == "Accepted"


async def charge(central_system: Ocpp, at: Site) -> None:
    """Let a car charge at connector 1."""
    await central_system.until_called(at.identity, "StatusNotification", connectorId=2)
    at.driver.act(PlugIn(1, CAR))
    at.driver.act(PresentCard("CARD-1"))
    await central_system.until_called(at.identity, "StatusNotification", connectorId=1, status="Charging")


def transaction(central_system: Ocpp, identity: str) -> Running:
    """The transaction that runs, as it was told."""
    (start,) = (payload for _, payload in central_system.calls(identity, "StartTransaction"))
    (number,) = central_system.about(identity, "named")
    return Running(connector_id=1, transaction_id=number, start=datetime.fromisoformat(start["timestamp"]))


async def test_current_of_a_car_follows_what_is_set(central_system: Ocpp, anyio_backend: str) -> None:
    """From the socket to the cable: the car draws what the newest profile leaves it."""
    identity = f"current-{anyio_backend}"
    ours = Ours(central_system, identity)
    random = Random(1)
    async with site(central_system.url, identity) as at:
        await charge(central_system, at)
        for number, limit in enumerate((16, 7, 0, 10)):
            profile = draw(random, number, (TX, 1, 0))
            period = ChargingSchedulePeriod(start_period=0, limit=Decimal(limit))
            schedule = ChargingSchedule(charging_rate_unit=ChargingRateUnitType.A, charging_schedule_period=(period,))
            profile = ChargingProfile(
                charging_profile_id=number,
                stack_level=0,
                charging_profile_purpose=TX,
                charging_profile_kind=ChargingProfileKindType.RELATIVE,
                charging_schedule=schedule,
            )
            assert await ours.install((TX, 1, 0), profile) == "Accepted"
            await at.driver.wait_until(
                lambda station, limit=limit: station.reading(1).current_a[0] == limit  # type: ignore[misc]  # no type
            )
        await central_system.until_called(identity, "StatusNotification", connectorId=1, status="SuspendedEVSE")
