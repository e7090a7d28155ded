"""The contract test for drivers, tried on one that keeps the contract and on many that break it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from datetime import UTC, datetime
from decimal import Decimal
from math import nan
from typing import Any

import anyio
import pytest
from attrs import evolve
from trio.testing import MockClock

from ocpp16cp.driver.interface import DriverEvent, HardwareFailure
from ocpp16cp.driver.simulated import COMPACT, PlugIn, PlugInCable, SimulatedStation
from ocpp16cp.events import (
    CardPresented,
    CommandDone,
    FailureReason,
    FaultCleared,
    FaultRaised,
    LineReading,
    MeterRead,
    OutputChanged,
    Reading,
    SocketChanged,
    SocketState,
    Started,
    StopPressed,
    Succeeded,
    VehicleChanged,
)
from ocpp16cp.io.simulated import SimulatedDriver
from ocpp16cp.outcome import Lock, Reboot, Restart, SetOutput, Unlock
from ocpp16cp.station import Connector, CurrentType, Station
from ocpp16cp.testing.check_driver import check_driver
from ocpp16cp.wire.phases import FURTHER_PHASES
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus, Measurand

pytestmark = pytest.mark.anyio

STATION = Station(
    identity="CP1", vendor="ocpp16cp", model="mixed", connectors=(Connector(), Connector(fixed_cable=False))
)
DC_STATION = Station(
    identity="CP2",
    vendor="ocpp16cp",
    model="fast",
    connectors=(Connector(phases=1, max_current_a=Decimal(200)),),
    current_type=CurrentType.DC,
    nominal_voltage_v=400,
)
GROUND_FAILURE = ChargePointErrorCode.GROUND_FAILURE


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """On a clock that jumps: what a board is given time for takes none here."""
    return "trio", {"clock": MockClock(autojump_threshold=0)}


class Bent(SimulatedDriver):
    """A driver that keeps the contract, until a test bends it."""

    bend: Callable[[DriverEvent], Iterable[Any]] = staticmethod(lambda event: [event])
    """What is reported instead of an event."""

    async def events(self) -> AsyncGenerator[DriverEvent, None]:
        events = super().events()
        try:
            async for event in events:
                for bent in type(self).bend(event):
                    yield bent
        finally:
            await events.aclose()


def with_vehicle(kind: type[SimulatedDriver] = SimulatedDriver, station: Station = STATION) -> SimulatedDriver:
    """A driver with a car at connector 1, and a cable in socket 2 if it is one."""
    simulated = SimulatedStation(station, now=anyio.current_time(), lock_delay_s=0.5)
    driver = kind(simulated)
    driver.act(PlugIn(1, COMPACT))
    if not station.connectors[-1].fixed_cable:
        driver.act(PlugInCable(2))
    return driver


async def failure_of(kind: type[SimulatedDriver], *, vehicle_at: int | None = 1) -> str:
    """What is said about a driver that breaks the contract."""
    with pytest.raises(AssertionError) as caught:
        await check_driver(lambda: with_vehicle(kind), station=STATION, vehicle_at=vehicle_at)
    return str(caught.value)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_simulated_driver_keeps_the_contract_in_real_time() -> None:
    def make() -> SimulatedDriver:
        simulated = SimulatedStation(STATION, now=anyio.current_time(), meter_period_s=0.1)
        driver = SimulatedDriver(simulated)
        driver.act(PlugIn(1, COMPACT))
        return driver

    await check_driver(make, station=STATION, vehicle_at=1)


@pytest.mark.parametrize("station", [STATION, DC_STATION], ids=["AC", "DC"])
@pytest.mark.parametrize("vehicle_at", [None, 1])
async def test_simulated_driver_keeps_the_contract(station: Station, vehicle_at: int | None) -> None:
    await check_driver(lambda: with_vehicle(station=station), station=station, vehicle_at=vehicle_at)


# What is reported.


@pytest.mark.parametrize(
    ("impossible", "what"),
    [
        ("plugged", "'plugged': this is no DriverEvent"),
        (CommandDone(1, Succeeded()), "this is no DriverEvent"),
        (SocketChanged(3, SocketState.EMPTY), "no such connector"),
        (VehicleChanged(0, wants_energy=True), "no such connector"),
        (StopPressed(0), "no such connector"),
        (FaultCleared(connector_id=-1, error_code=GROUND_FAILURE), "no such connector"),
        (MeterRead(3, Reading(register_wh=1)), "no such connector"),
        (SocketChanged(1, "Empty"), "'Empty' is no member of SocketState"),  # type: ignore[arg-type]  # the point of it
        (VehicleChanged(1, 1), "wants_energy is a bool"),  # type: ignore[arg-type]  # the point of it
        (OutputChanged(1, 0), "is_on is a bool"),  # type: ignore[arg-type]  # the point of it
        (OutputChanged(1, is_on=True), "no output without set_output"),
        (CardPresented(""), "id_tag has 1 to 20 characters"),
        (CardPresented("x" * 21), "id_tag has 1 to 20 characters"),
        (CardPresented("CARD-1", 1), "there is no such reader"),
        (FaultRaised(connector_id=1, error_code=ChargePointErrorCode.NO_ERROR), "NoError is not a fault"),
        (FaultRaised(connector_id=1, error_code=GROUND_FAILURE, info="x" * 51), "info has 1 to 50"),
        (FaultRaised(connector_id=1, error_code=GROUND_FAILURE, vendor_id=""), "vendor_id has 1 to 255"),
        (FaultCleared(connector_id=1, error_code=GROUND_FAILURE, vendor_error_code=""), "vendor_error_code has 1 to"),
        (MeterRead(1, 5), "reading is a Reading"),  # type: ignore[arg-type]  # the point of it
        (MeterRead(1, Reading(register_wh=-1)), "register_wh is a whole number"),
        (MeterRead(1, Reading(register_wh=1.5)), "register_wh is a whole number"),  # type: ignore[arg-type]
        (MeterRead(1, Reading(register_wh=0)), "the register runs backwards"),
        (MeterRead(0, Reading(register_wh=0)), "the register runs backwards"),
        (MeterRead(1, Reading(register_wh=10**9)), "the output is off, and its last reading"),
        (MeterRead(1, Reading(register_wh=10**9, current_a=(1.0,) * 4)), "current_a: there are 3 phases"),
        (MeterRead(1, Reading(register_wh=10**9, voltage_v=[230.0])), "voltage_v is a tuple"),  # type: ignore[arg-type]
        (MeterRead(1, Reading(register_wh=10**9, voltage_v=(float("nan"),))), "voltage_v has to be finite"),
        (MeterRead(1, Reading(register_wh=10**9, power_w=float("inf"))), "power_w has to be finite"),
        (MeterRead(1, Reading(register_wh=10**9, soc_percent=101)), "soc_percent is 0 to 100"),
        (MeterRead(1, Reading(register_wh=None)), "register_wh is a whole number"),  # type: ignore[arg-type]
        (
            MeterRead(1, Reading(register_wh=10**9, reactive_register_varh=1.5)),  # type: ignore[arg-type]
            "reactive_register_varh is a whole number of varh, 0 or more",
        ),
        (MeterRead(1, Reading(register_wh=10**9, export_register_wh=-1)), "export_register_wh is a whole number"),
        (MeterRead(1, Reading(register_wh=10**9, line_voltage_v=(nan,))), "line_voltage_v has to be finite"),
        (MeterRead(1, Reading(register_wh=10**9, neutral_current_a=nan)), "neutral_current_a has to be finite"),
        (
            MeterRead(1, Reading(register_wh=10**9, lines=(LineReading(), LineReading(power_w=nan)))),
            "lines[2].power_w has to be finite",
        ),
        (
            MeterRead(1, Reading(register_wh=10**9, lines=(LineReading(register_wh=True),))),
            "lines[1].register_wh is a whole number of Wh, 0 or more",
        ),
        (MeterRead(1, Reading(register_wh=10**9, lines=(LineReading(),) * 4)), "lines: there are 3 phases"),
    ],
)
async def test_event_that_cannot_be_is_named(impossible: Any, what: str) -> None:
    class Driver(Bent):
        @staticmethod
        def bend(event: DriverEvent) -> list[Any]:
            is_last = isinstance(event, MeterRead) and event.connector_id == 0
            return [event, impossible] if is_last else [event]

    message = await failure_of(Driver, vehicle_at=None)

    assert message.startswith("after start(): ")
    assert what in message


@pytest.mark.parametrize("kind", [SocketChanged, VehicleChanged, OutputChanged, MeterRead])
async def test_what_is_not_reported_after_the_start_is_named(kind: type[DriverEvent]) -> None:
    class Driver(Bent):
        @staticmethod
        def bend(event: DriverEvent) -> list[DriverEvent]:
            is_meant = isinstance(event, kind) and getattr(event, "connector_id", None) == 2
            return [] if is_meant else [event]

    message = await failure_of(Driver)

    assert message == f"after start(): not reported within 10.0 s: {kind.__name__} of connector 2"


async def test_register_of_reactive_energy_that_runs_backwards_is_named() -> None:
    class Driver(Bent):
        varh = 9

        @classmethod
        def bend(cls, event: DriverEvent) -> list[DriverEvent]:
            if not isinstance(event, MeterRead):
                return [event]
            cls.varh -= 1
            return [evolve(event, reading=evolve(event.reading, reactive_register_varh=cls.varh))]

    assert "a register runs backwards, after " in await failure_of(Driver)


async def test_meter_that_does_not_tell_what_the_station_says_is_named() -> None:
    """While a vehicle charges, everything in `measurands` and `measured_phases` has to come."""

    class Driver(Bent):
        @staticmethod
        def bend(event: DriverEvent) -> list[DriverEvent]:
            if not isinstance(event, MeterRead):
                return [event]
            return [evolve(event, reading=evolve(event.reading, voltage_v=(230.0,)))]

    message = await failure_of(Driver)

    assert message.endswith("the meter does not tell what the station says it does: Voltage.L2, Voltage.L3")


async def test_meter_may_tell_everything_there_is() -> None:
    """All 22 measurands, with all their phases."""
    phases = tuple((measurand, phase) for measurand, phases in FURTHER_PHASES.items() for phase in phases)
    station = evolve(STATION, measurands=tuple(Measurand), measured_phases=phases)

    await check_driver(lambda: with_vehicle(SimulatedDriver, station), station=station, vehicle_at=1)


async def test_harmless_events_are_taken() -> None:
    fault = FaultRaised(connector_id=0, error_code=GROUND_FAILURE, info="door", vendor_id="v", vendor_error_code="e")

    class Driver(Bent):
        @staticmethod
        def bend(event: DriverEvent) -> list[DriverEvent]:
            more = [event, event, CardPresented("CARD-1"), StopPressed(2), fault]
            return more if isinstance(event, SocketChanged) else [event]

    await check_driver(lambda: with_vehicle(Driver), station=STATION, vehicle_at=1)


async def test_energy_at_the_start_without_a_register_before_is_noticed() -> None:
    class Driver(Bent):
        """Reports the output before its meter, which runs on."""

        register_wh = 10**8

        @classmethod
        def bend(cls, event: DriverEvent) -> list[DriverEvent]:
            if not isinstance(event, MeterRead) or event.connector_id != 2:
                return [event]
            first, second = (MeterRead(2, Reading(register_wh=10**8 + extra_wh)) for extra_wh in (0, 2))
            return [first, second]

    assert "its last reading before that was 100000000 Wh" in await failure_of(Driver)


async def test_events_that_end_are_noticed() -> None:
    class Driver(SimulatedDriver):
        async def events(self) -> AsyncGenerator[DriverEvent, None]:
            events = super().events()
            for _ in range(9):
                yield await anext(events)
            await events.aclose()

    assert (await failure_of(Driver)).endswith("events() came to an end by itself")


# Start, levels, asks.


@pytest.mark.parametrize(
    ("started", "what"),
    [
        (None, "after start(): returned None, not Started"),
        (Started(utc=datetime(2026, 3, 1)), "has no time zone"),  # noqa: DTZ001  # the point of it
    ],
)
async def test_start_without_a_proper_answer_is_noticed(started: Any, what: str) -> None:
    class Driver(SimulatedDriver):
        async def start(self) -> Started:
            return started  # type: ignore[no-any-return]  # the point of it

    assert what in await failure_of(Driver)


async def test_clock_with_a_time_zone_is_taken() -> None:
    class Driver(SimulatedDriver):
        async def start(self) -> Started:
            return Started(utc=datetime(2026, 3, 1, tzinfo=UTC))

    await check_driver(lambda: with_vehicle(Driver), station=STATION)


async def test_call_that_hangs_is_named() -> None:
    class Driver(SimulatedDriver):
        async def set_limit(self, connector_id: int, limit_a: Decimal, *, phases: int) -> None:
            await anyio.sleep_forever()

    assert await failure_of(Driver) == "after set_limit(1, Decimal('32'), phases=3): it did not return within 1.0 s"


async def test_lights_that_take_too_long_are_told() -> None:
    class Driver(SimulatedDriver):
        async def set_lights(self, intensity_percent: int, blink_repeat: int) -> None:
            for _ in range(blink_repeat):
                await anyio.sleep(0.5)

    assert await failure_of(Driver) == "after set_lights(50, 3): it did not return within 1.0 s"


async def test_exception_of_the_driver_comes_out_with_a_note() -> None:
    class Driver(SimulatedDriver):
        async def show_status(self, connector_id: int, status: ChargePointStatus) -> None:
            raise RuntimeError("the bus is down")

    with pytest.raises(RuntimeError, match="the bus is down") as caught:
        await check_driver(lambda: with_vehicle(Driver), station=STATION)

    assert caught.value.__notes__ == [f"after show_status(0, {ChargePointStatus.AVAILABLE!r})"]


async def test_exception_among_the_events_comes_out_with_a_note() -> None:
    class Driver(Bent):
        @staticmethod
        def bend(event: DriverEvent) -> list[DriverEvent]:
            if isinstance(event, MeterRead):
                raise HardwareFailure(text="the board is lost")
            return [event]

    with pytest.raises(HardwareFailure, match="the board is lost") as caught:
        await check_driver(lambda: with_vehicle(Driver), station=STATION)

    assert caught.value.__notes__ == ["after start()"]


@pytest.mark.parametrize("name", ["lock", "unlock"])
@pytest.mark.parametrize("reason", [None, FailureReason.FAILED])
async def test_fixed_cable_with_a_lock_is_noticed(name: str, reason: FailureReason | None) -> None:
    class Driver(SimulatedDriver):
        async def _ask(self, command: Callable[[int], Lock | Unlock | Reboot]) -> None:
            is_meant = isinstance(command(0), Lock) is (name == "lock")
            if not is_meant or reason is not None:
                raise HardwareFailure(reason if is_meant and reason else FailureReason.NOT_SUPPORTED)

    assert "a fixed cable has no lock" in await failure_of(Driver)


async def test_lock_that_fails_has_answered() -> None:
    class Driver(SimulatedDriver):
        async def lock(self, connector_id: int) -> None:
            raise HardwareFailure(FailureReason.NOT_SUPPORTED)

    await check_driver(lambda: with_vehicle(Driver), station=STATION)


async def test_lock_that_does_not_answer_is_noticed() -> None:
    class Driver(SimulatedDriver):
        async def lock(self, connector_id: int) -> None:
            if connector_id == 2:
                await anyio.sleep_forever()
            await super().lock(connector_id)

    assert await failure_of(Driver) == "after lock(2): it did not return within 4.0 s"


async def test_lock_that_does_not_survive_a_cancelled_ask_is_noticed() -> None:
    class Driver(SimulatedDriver):
        is_broken = False

        async def unlock(self, connector_id: int) -> None:
            try:
                if self.is_broken:
                    await anyio.sleep_forever()
                await super().unlock(connector_id)
            except anyio.get_cancelled_exc_class():
                self.is_broken = True
                raise

    assert await failure_of(Driver) == "after unlock(2): it did not return within 4.0 s"


# Sessions.


class Stubborn(SimulatedDriver):
    """Does not do everything it is told."""

    async def set_output(self, connector_id: int, *, is_on: bool) -> None:
        if is_on:
            await super().set_output(connector_id, is_on=True)


async def test_session_needs_a_vehicle() -> None:
    message = await failure_of(SimulatedDriver, vehicle_at=2)

    assert message.endswith("a vehicle that asks for energy was not reported within 10.0 s")


async def test_output_that_does_not_come_on_is_noticed() -> None:
    class Driver(SimulatedDriver):
        async def set_output(self, connector_id: int, *, is_on: bool) -> None:
            pass

    assert await failure_of(Driver) == "after set_output(1, is_on=True): the output on was not reported within 10.0 s"


async def test_output_that_does_not_go_off_is_noticed() -> None:
    message = await failure_of(Stubborn)

    assert message == "after set_output(1, is_on=False): the output off was not reported within 10.0 s"


async def test_level_said_again_that_changes_something_is_noticed() -> None:
    class Driver(SimulatedDriver):
        async def set_output(self, connector_id: int, *, is_on: bool) -> None:
            await super().set_output(connector_id, is_on=False)
            await super().set_output(connector_id, is_on=is_on)

    message = await failure_of(Driver)

    assert message == "after set_output(1, is_on=True): the output changed, though what is to be was only said again"


async def test_meter_that_is_not_read_while_charging_is_noticed() -> None:
    def make() -> SimulatedDriver:
        simulated = SimulatedStation(STATION, now=anyio.current_time(), meter_period_s=None)
        driver = SimulatedDriver(simulated)
        driver.act(PlugIn(1, COMPACT))
        return driver

    with pytest.raises(AssertionError, match=r"another meter reading was not reported within 2\.5 s"):
        await check_driver(make, station=STATION, vehicle_at=1)


async def test_meter_that_is_not_read_before_the_output_is_off_is_noticed() -> None:
    class Driver(Bent):
        @staticmethod
        def bend(event: DriverEvent) -> list[DriverEvent]:
            is_last = isinstance(event, MeterRead) and event.reading.power_w == 0 and Driver.was_on
            Driver.was_on |= isinstance(event, OutputChanged) and event.is_on
            return [] if is_last else [event]

        was_on = False

    message = await failure_of(Driver)

    assert message.startswith("after set_output(1, is_on=False): OutputChanged(")
    assert message.endswith("a MeterRead has to come before an output is reported off")


async def test_output_without_a_vehicle_is_noticed() -> None:
    class Hiding(Bent):
        """Says that the vehicle has left, and leaves the output on."""

        @staticmethod
        def bend(event: DriverEvent) -> list[DriverEvent]:
            if isinstance(event, OutputChanged) and event.is_on:
                return [SocketChanged(event.connector_id, SocketState.EMPTY), event]
            return [event]

    assert (await failure_of(Hiding)).endswith("no output without a vehicle in the socket")


async def test_limit_that_is_not_kept_is_noticed() -> None:
    class Driver(SimulatedDriver):
        async def set_limit(self, connector_id: int, limit_a: Decimal, *, phases: int) -> None:
            pass

    message = await failure_of(Driver)

    assert (
        message == "after set_limit(1, Decimal('8'), phases=3): a current of at most 8 A was not reported within 10.0 s"
    )


SWITCHING = evolve(STATION, configuration=(("connectorSwitch3To1PhaseSupported", "true"),))


async def test_phases_that_are_switched_are_seen() -> None:
    await check_driver(lambda: with_vehicle(station=SWITCHING), station=SWITCHING, vehicle_at=1)


async def test_phases_that_are_not_switched_are_noticed() -> None:
    """Only where the station says that it can."""

    class Driver(SimulatedDriver):
        async def set_limit(self, connector_id: int, limit_a: Decimal, *, phases: int) -> None:
            await super().set_limit(connector_id, limit_a, phases=3)

    await check_driver(lambda: with_vehicle(Driver), station=STATION, vehicle_at=1)
    with pytest.raises(AssertionError) as caught:
        await check_driver(lambda: with_vehicle(Driver, SWITCHING), station=SWITCHING, vehicle_at=1)

    message = str(caught.value)
    assert (
        message
        == "after set_limit(1, Decimal('32'), phases=1): a current on one phase only was not reported within 10.0 s"
    )


# The second run.


async def test_output_left_on_after_a_run_is_noticed() -> None:
    class Driver(SimulatedDriver):
        """Forgets to open the outputs at the end."""

        async def events(self) -> AsyncGenerator[DriverEvent, None]:
            events = super().events()
            try:
                async for event in events:
                    yield event
            finally:
                await events.aclose()
                self.station.carry_out(SetOutput(1, is_on=True), anyio.current_time())

    message = await failure_of(Driver)

    assert message.startswith("after start(): OutputChanged(connector_id=1, is_on=True): no output without")


async def test_second_run_that_says_nothing_is_noticed() -> None:
    class Driver(SimulatedDriver):
        runs = 0

        async def events(self) -> AsyncGenerator[DriverEvent, None]:
            self.runs += 1
            if self.runs > 1:
                await anyio.sleep_forever()
            async with aclosing(super().events()) as events:
                async for event in events:
                    yield event

    message = await failure_of(Driver, vehicle_at=None)

    assert message.startswith("after start(): not reported again within 10.0 s: SocketChanged of connector 1, ")


async def test_events_that_do_not_close_are_noticed() -> None:
    class Driver(SimulatedDriver):
        async def events(self) -> AsyncGenerator[DriverEvent, None]:
            async with aclosing(super().events()) as events:
                try:
                    async for event in events:
                        yield event
                finally:
                    await anyio.sleep(100)

    assert await failure_of(Driver) == "after closing the events: aclose() did not return within 10.0 s"


async def test_restart_is_tried_where_it_can_be() -> None:
    asked: list[Restart] = []

    class Driver(SimulatedDriver):
        async def reboot(self, restart: Restart) -> None:
            asked.append(restart)
            await super().reboot(restart)

    await check_driver(lambda: with_vehicle(Driver), station=STATION, survives_restart=True)
    await check_driver(lambda: with_vehicle(Driver), station=STATION)

    assert asked == [Restart.SOFT]


async def test_restart_that_is_taken_for_something_else_is_noticed() -> None:
    class Driver(SimulatedDriver):
        async def reboot(self, restart: Restart) -> None:
            await super().reboot(Restart.FIRMWARE)

    with pytest.raises(AssertionError, match="the cause after a soft restart is Firmware"):
        await check_driver(lambda: with_vehicle(Driver), station=STATION, survives_restart=True)
