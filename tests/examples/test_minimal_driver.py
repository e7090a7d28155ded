from __future__ import annotations

from contextlib import aclosing
from decimal import Decimal
from typing import Any

import anyio
import pytest
from attrs import define
from trio.testing import MockClock

from examples.minimal_driver import MEASURANDS, Board, MinimalDriver
from ocpp16cp.driver.interface import DriverEvent
from ocpp16cp.events import CardPresented, MeterRead, OutputChanged, Reading, SocketChanged, SocketState, VehicleChanged
from ocpp16cp.station import Connector, Station
from ocpp16cp.testing.check_driver import check_driver

pytestmark = pytest.mark.anyio

STATION = Station(
    identity="CP1",
    vendor="ocpp16cp",
    model="minimal",
    connectors=(Connector(phases=1),),
    measurands=MEASURANDS,
)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """A clock that jumps: the board is polled, and time passes quickly."""
    return "trio", {"clock": MockClock(autojump_threshold=0)}


@define
class Bench:
    """What stands in for the board's pins: a vehicle that takes 16 A at most."""

    pilot: str = "A"
    card: str | None = None
    limit_a: float = 0.0
    energy_wh: float = 1234.0
    counted_at: float = 0.0

    def board(self) -> Board:
        """The board, as the driver sees it."""
        return Board(
            read_pilot=lambda: self.pilot,
            read_contactor=lambda: self.current_a() > 0,
            read_meter=self.read_meter,
            read_card=self.read_card,
            offer=self.offer,
        )

    def current_a(self) -> float:
        """What flows now."""
        return min(self.limit_a, 16.0) if self.pilot == "C" else 0.0

    def read_meter(self) -> tuple[int, float]:
        """Count, and show."""
        now = anyio.current_time()
        self.energy_wh += self.current_a() * 230 * (now - self.counted_at) / 3600
        self.counted_at = now
        return int(self.energy_wh), self.current_a()

    def read_card(self) -> str | None:
        """Hand out a card once."""
        card, self.card = self.card, None
        return card

    def offer(self, limit_a: float) -> None:
        """Count what flowed until now, then offer another current."""
        self.read_meter()
        self.limit_a = limit_a


async def events_of(driver: MinimalDriver, number: int) -> list[DriverEvent]:
    """The first events of a run."""
    heard: list[DriverEvent] = []
    async with aclosing(driver.events()) as events:
        async for event in events:
            heard.append(event)
            if len(heard) == number:
                break
    return heard


async def test_minimal_driver_keeps_the_contract() -> None:
    await check_driver(lambda: MinimalDriver(Bench(pilot="C").board()), station=STATION, vehicle_at=1)


async def test_empty_board_is_reported_whole() -> None:
    bench = Bench(card="CARD-1")

    events = await events_of(MinimalDriver(bench.board()), 5)

    assert events == [
        SocketChanged(1, SocketState.EMPTY),
        VehicleChanged(1, wants_energy=False),
        MeterRead(1, Reading(register_wh=1234, current_a=(0.0,))),
        OutputChanged(1, is_on=False),
        CardPresented("CARD-1"),
    ]


@pytest.mark.parametrize(
    ("limit_a", "offered_a"), [(Decimal("5.9"), 0.0), (Decimal(6), 6.0), (Decimal(20), 20.0), (Decimal(100), 32.0)]
)
async def test_pilot_offers_what_it_can_tell(limit_a: Decimal, offered_a: float) -> None:
    bench = Bench()
    driver = MinimalDriver(bench.board())

    await driver.set_output(1, is_on=True)
    await driver.set_limit(1, limit_a, phases=1)

    assert bench.limit_a == offered_a


async def test_nothing_is_offered_after_a_run() -> None:
    bench = Bench(pilot="C")
    driver = MinimalDriver(bench.board())
    await driver.start()
    await driver.set_output(1, is_on=True)

    await events_of(driver, 1)

    assert bench.limit_a == 0
