"""The demonstration: a station and a central system, two cars, and a real socket between them.

The cars have batteries of some watt-hours, so that they are charged in seconds; every clock runs as always.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import anyio
from attrs import evolve, field, frozen
from rich.console import Console
from rich.table import Table

from ocpp16cp.driver.simulated import MINIATURE, PlugIn, PresentCard, SimulatedStation, Unplug
from ocpp16cp.errors import UsageError
from ocpp16cp.io.link import Direction
from ocpp16cp.io.runner import StationRunner
from ocpp16cp.io.station_file import default_station
from ocpp16cp.io.websocket_server import listen
from ocpp16cp.station import Station
from ocpp16cp.wire.types import ChargePointStatus

from .central_system import CentralSystem, Session
from .demo_view import ConnectorState, LineView, LiveView, View
from .hardware import WatchedDriver
from .wording import MessageTeller

TIME_LIMIT_S: Final = 60.0
"""The demonstration takes a quarter of this; one that is stuck says so."""

FRAME_PERIOD_S: Final = 0.125
"""How often the picture is drawn anew."""

_PAUSE_S: Final = 0.8
"""Between what one person does and the next thing, so that it can be followed."""

_CAR: Final = evolve(MINIATURE, name="small car", battery_wh=48, charge_wh=24)
_SLOW_CAR: Final = evolve(MINIATURE, name="slower car", battery_wh=48, charge_wh=12, max_current_a=Decimal(16))


class DemoFailed(UsageError):
    """The demonstration did not show what it should; the message says what is wrong."""


@frozen(eq=False)
class Demo:
    """Who takes part."""

    station: Station
    driver: WatchedDriver
    central_system: CentralSystem
    view: View
    registers_wh: dict[int, int] = field(factory=dict)
    """What the meters showed in the beginning, by connector."""

    def states(self) -> list[ConnectorState]:
        """How the connectors are doing."""
        return [self._state(connector_id) for connector_id in self.station.connector_ids]

    def metered_wh(self, connector_id: int) -> int:
        """The energy that a connector's meter has counted since the beginning."""
        return self.driver.station.reading(connector_id).register_wh - self.registers_wh[connector_id]

    def _state(self, connector_id: int) -> ConnectorState:
        simulated = self.driver.station
        return ConnectorState(
            connector_id=connector_id,
            status=simulated.shown(connector_id),
            power_w=simulated.reading(connector_id).power_w or 0.0,
            energy_wh=self.metered_wh(connector_id),
            soc_percent=self.driver.charge_percent(connector_id),
            limit_a=self.driver.limits_a.get(connector_id),
        )

    async def keep_drawing(self) -> None:
        """Show how the connectors are doing, again and again."""
        while True:
            # Lets the simulation know what time it is: power and energy are of this very moment.
            await self.driver.wait_until(lambda _: True)
            self.view.refresh(self.states())
            await anyio.sleep(FRAME_PERIOD_S)

    async def play(self) -> None:
        """One whole session at each connector."""
        for connector_id in self.station.connector_ids:
            await self.driver.wait_for(connector_id, ChargePointStatus.AVAILABLE)
        await anyio.sleep(_PAUSE_S)
        async with anyio.create_task_group() as sessions:
            sessions.start_soon(self._plug_first, 1, "CARD-ANNA")
            sessions.start_soon(self._remote_first, 2, "APP-BRUNO")
        await self.central_system.wait_until(
            lambda heard: (
                set(heard.statuses.values()) == {ChargePointStatus.AVAILABLE}
                and [session.energy_wh is None for session in heard.sessions.values()] == [False, False]
            )
        )

    async def _plug_first(self, connector_id: int, id_tag: str) -> None:
        """Plug in, present a card, charge until the car is full, present the card again, leave."""
        driver, tell = self.driver, self.view.tell
        tell(f"connector {connector_id}: Anna plugs her car in")
        driver.act(PlugIn(connector_id, _CAR))
        await anyio.sleep(_PAUSE_S)
        tell(f"connector {connector_id}: she holds her card to the reader")
        driver.act(PresentCard(id_tag))
        await driver.wait_for(connector_id, ChargePointStatus.SUSPENDED_EV)
        await anyio.sleep(_PAUSE_S)
        tell(f"connector {connector_id}: her car is full, and she presents the card again")
        driver.act(PresentCard(id_tag))
        await driver.wait_for(connector_id, ChargePointStatus.FINISHING)
        await anyio.sleep(_PAUSE_S)
        tell(f"connector {connector_id}: she unplugs and leaves")
        driver.act(Unplug(connector_id))
        await driver.wait_for(connector_id, ChargePointStatus.AVAILABLE)

    async def _remote_first(self, connector_id: int, id_tag: str) -> None:
        """Start from afar, plug in, charge for some samples, stop from afar, leave."""
        driver, tell, central_system = self.driver, self.view.tell, self.central_system
        await anyio.sleep(3 * _PAUSE_S)
        tell(f"connector {connector_id}: Bruno starts with an app, through the central system")
        if not await central_system.start(connector_id, id_tag):
            raise DemoFailed("the station rejected the remote start")
        await driver.wait_for(connector_id, ChargePointStatus.PREPARING)
        await anyio.sleep(_PAUSE_S)
        tell(f"connector {connector_id}: he plugs his car in")
        driver.act(PlugIn(connector_id, _SLOW_CAR))
        await central_system.wait_until(lambda heard: self._samples(connector_id) >= 3)
        tell(f"connector {connector_id}: he has enough and stops with the app")
        if not await central_system.stop(self._session(connector_id).transaction_id):
            raise DemoFailed("the station rejected the remote stop")
        await driver.wait_for(connector_id, ChargePointStatus.FINISHING)
        await anyio.sleep(_PAUSE_S)
        tell(f"connector {connector_id}: he unplugs and leaves")
        driver.act(Unplug(connector_id))
        await driver.wait_for(connector_id, ChargePointStatus.AVAILABLE)

    def _samples(self, connector_id: int) -> int:
        """How many meter values the central system has of the session at a connector."""
        return sum(each.samples for each in self.central_system.sessions.values() if each.connector_id == connector_id)

    def _session(self, connector_id: int) -> Session:
        """The session at a connector."""
        (session,) = (each for each in self.central_system.sessions.values() if each.connector_id == connector_id)
        return session

    def report(self, console: Console) -> None:
        """Compare what the central system would bill with what the meters have counted.

        Raises:
            DemoFailed: they differ.
        """
        table = Table("connector", "started with", "stopped", "billed", "metered", title="", expand=False)
        wrong = []
        for connector_id in self.station.connector_ids:
            session, metered_wh = self._session(connector_id), self.metered_wh(connector_id)
            reason = session.reason.value if session.reason else "-"
            table.add_row(str(connector_id), session.id_tag, reason, f"{session.energy_wh} Wh", f"{metered_wh} Wh")
            if session.energy_wh != metered_wh:
                wrong.append(f"connector {connector_id}: billed {session.energy_wh} Wh, metered {metered_wh} Wh")
        console.print(table)
        if wrong:
            raise DemoFailed(f"the energies differ: {'; '.join(wrong)}")
        console.print("Two whole sessions, and the central system bills what the meters have counted.")


async def run_demo(console: Console) -> None:
    """Show the demonstration.

    Raises:
        DemoFailed: it did not show what it should.
        OSError: no socket can be had.
    """
    central_system = CentralSystem()
    beginning = anyio.current_time()
    make_view = LiveView if console.is_terminal else LineView
    async with listen(central_system.look_after) as listener:
        station = evolve(
            default_station("DEMO-01"),
            central_system_url=f"{listener.url}/ocpp",
            configuration=(("MeterValueSampleInterval", "2"), ("MeterValuesSampledData", _SAMPLED_DATA)),
        )
        driver = WatchedDriver(SimulatedStation(station, now=anyio.current_time(), meter_period_s=0.5))
        view = make_view(console, lambda: anyio.current_time() - beginning)
        registers = {each: driver.station.reading(each).register_wh for each in station.connector_ids}
        demo = Demo(station, driver, central_system, view, registers)
        console.print(f"A station and a central system on {listener.url}, in one process, over a real socket.")
        with view:
            await _perform(demo)
    demo.report(console)


_SAMPLED_DATA: Final = "Energy.Active.Import.Register,Power.Active.Import,SoC"


async def _perform(demo: Demo) -> None:
    """Run the station, from its first connection to its last."""
    teller = MessageTeller()

    def show(direction: Direction, text: str) -> None:
        demo.view.pass_message(direction, teller(direction, text))

    runner = StationRunner(demo.station, demo.driver, on_frame=show)
    try:
        with anyio.fail_after(TIME_LIMIT_S):
            async with anyio.create_task_group() as drawing:
                drawing.start_soon(demo.keep_drawing)
                async with anyio.create_task_group() as running:
                    running.start_soon(runner.run)
                    await demo.play()
                    await runner.stop()
                demo.view.refresh(demo.states())
                drawing.cancel_scope.cancel()
    except TimeoutError:
        raise DemoFailed(f"the demonstration did not come to its end within {TIME_LIMIT_S:.0f} s") from None
