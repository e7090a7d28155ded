"""A contract test for drivers: a vendor runs it on his own, with the board on his desk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from decimal import Decimal
from typing import Never, TypeVar

import anyio

from ocpp16cp.driver.interface import Driver, HardwareFailure
from ocpp16cp.events import FailureReason, SocketState, StartCause, Started
from ocpp16cp.outcome import Restart
from ocpp16cp.station import CHARGE_POINT, CurrentType, Station
from ocpp16cp.wire.types import ChargePointStatus

from .driver_ledger import ConnectorLedger, Ledger
from .driver_readings import untold

_T = TypeVar("_T")

_LEVEL_TIME_S = 1.0
"""Ten times what is much for a level."""

_METER_GAP_S = 2.5
"""Readings come about once a second; one may be lost."""

_READINGS = 3
"""How many readings of a session are waited for."""

_QUIET_S = 0.5
"""How long to wait for reports that are on their way, or must not come."""

_CURRENT_MARGIN_A = 1.0
"""By how much a meter, or a vehicle, may be off."""

_MANY_BLINKS = 2**31 - 1
"""The key has no upper bound but that of its type: the driver decides how long it goes on."""

_STATION_STATUSES = (
    ChargePointStatus.AVAILABLE,
    ChargePointStatus.UNAVAILABLE,
    ChargePointStatus.FAULTED,
)


async def check_driver(
    make_driver: Callable[[], Driver],
    *,
    station: Station,
    vehicle_at: int | None = None,
    survives_restart: bool = False,
    patience_s: float = 10.0,
) -> None:
    """Try whether a driver keeps to the contract of `Driver`, as far as it can be seen from outside.

    Two runs of one object: everything is reported after the start, levels may be repeated, asks are answered, what is
    reported makes sense; with a vehicle also a session whose last reading comes before the output is reported off. The
    first run is cut off by cancellation, with the output on if there is a vehicle; the second is closed while an event
    is being taken. Where it can be, a soft restart is tried last, which has to lead to a start that tells of it, or of
    no more than power.

    Left to be proven on the board: that safety does not wait for the core, and that registers survive a power cut.

    Args:
        make_driver: makes the driver; called once, in the event loop.
        station: what the driver is for.
        vehicle_at: a connector with a vehicle, or a load, that asks for energy for a minute; `None`: no sessions.
        survives_restart: whether `reboot` returns, so that it can be tried: where it restarts the board, this would end
            here.
        patience_s: how long it may take the board to say everything or to move a contactor, and a vehicle to follow.

    Raises:
        AssertionError: the driver breaks its contract; the message tells after what, and how. An exception of the
            driver's own comes out as it is, with a note that tells the same.
    """
    bench = _Bench(make_driver(), station, patience_s)
    try:
        async with bench.run():
            await _check_levels(bench)
            await _check_locks(bench)
            if vehicle_at is not None:
                await _check_session(bench, vehicle_at)
        await _check_second_run(bench)
        if survives_restart:
            await _check_restart(bench)
    except _ContractBroken:
        raise
    except Exception as error:
        error.add_note(f"after {bench.past}")
        raise


class _ContractBroken(AssertionError):
    """The driver does not do what a driver does."""


class _Bench:
    """A driver under test, what it reported so far, and how to wait for more."""

    def __init__(self, driver: Driver, station: Station, patience_s: float) -> None:
        self.driver = driver
        self.station = station
        self.ledger = Ledger(station)
        self.patience_s = patience_s
        self.past = "making the driver"
        """What was done last, for messages."""
        self._reported = anyio.Event()

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """A run from its start, with everything said, until it is cancelled."""
        try:
            async with anyio.create_task_group() as tasks:
                await self.start()
                tasks.start_soon(self._read)
                await self.wait_for_everything()
                yield
                self.past = "cancelling the run"
                tasks.cancel_scope.cancel()
        except ExceptionGroup as group:
            raise _first_of(group) from None

    async def start(self) -> Started:
        """Begin a run."""
        self.ledger.begin_run()
        started: object = await self._call("start()", self.driver.start(), self.patience_s)
        if not isinstance(started, Started):
            self.fail(f"returned {started!r}, not Started")
        if started.utc is not None and started.utc.utcoffset() is None:
            self.fail(f"the clock {started.utc!r} has no time zone")
        return started

    async def wait_for_everything(self) -> None:
        """Wait until the driver has said everything once."""
        with anyio.move_on_after(self.patience_s):
            while self.ledger.missing():
                await self._reported.wait()
        if missing := self.ledger.missing():
            self.fail(f"not reported within {self.patience_s} s: {', '.join(missing)}")

    async def set_output(self, connector_id: int, *, is_on: bool) -> None:
        """Call `set_output`."""
        connector = self.ledger.connectors[connector_id]
        if is_on:
            connector.is_allowed = True
        else:
            connector.is_read = False
        call = self.driver.set_output(connector_id, is_on=is_on)
        await self._call(f"set_output({connector_id}, is_on={is_on})", call, _LEVEL_TIME_S)

    async def set_limit(self, connector_id: int, limit_a: Decimal, *, phases: int | None = None) -> None:
        """Call `set_limit`, over all phases unless their number is given."""
        phases = phases or self.station.phases(connector_id)
        call = self.driver.set_limit(connector_id, limit_a, phases=phases)
        await self._call(f"set_limit({connector_id}, {limit_a!r}, {phases=})", call, _LEVEL_TIME_S)

    async def show_status(self, connector_id: int, status: ChargePointStatus) -> None:
        """Call `show_status`."""
        call = self.driver.show_status(connector_id, status)
        await self._call(f"show_status({connector_id}, {status!r})", call, _LEVEL_TIME_S)

    async def set_lights(self, intensity_percent: int, blink_repeat: int) -> None:
        """Call `set_lights`."""
        call = self.driver.set_lights(intensity_percent, blink_repeat)
        await self._call(f"set_lights({intensity_percent}, {blink_repeat})", call, _LEVEL_TIME_S)

    async def lock(self, connector_id: int) -> FailureReason | None:
        """Call `lock`; returned is why it failed, if it did."""
        return await self._ask(f"lock({connector_id})", self.driver.lock(connector_id))

    async def unlock(self, connector_id: int) -> FailureReason | None:
        """Call `unlock`; returned is why it failed, if it did."""
        return await self._ask(f"unlock({connector_id})", self.driver.unlock(connector_id))

    async def reboot(self) -> None:
        """Call `reboot`."""
        await self._call("reboot()", self.driver.reboot(Restart.SOFT), self.station.settings.reboot_timeout_s)

    async def wait_for(self, what: str, is_reached: Callable[[], bool], *, limit_s: float | None = None) -> None:
        """Wait until the reports have led to something."""
        limit_s = self.patience_s if limit_s is None else limit_s
        with anyio.move_on_after(limit_s):
            while not is_reached():
                await self._reported.wait()
        if not is_reached():
            self.fail(f"{what} was not reported within {limit_s} s")

    async def wait_for_reading(self, connector: ConnectorLedger) -> None:
        """Wait for the next meter reading while energy flows."""
        before = connector.readings
        await self.wait_for("another meter reading", lambda: connector.readings > before, limit_s=_METER_GAP_S)

    def fail(self, what: str) -> Never:
        """Tell what is wrong."""
        raise _ContractBroken(f"after {self.past}: {what}")

    def judge(self, event: object) -> None:
        """Take a report in."""
        try:
            self.ledger.take(event)
        except AssertionError as error:
            self.fail(str(error))
        self._reported.set()
        self._reported = anyio.Event()

    async def _read(self) -> None:
        """Read the reports until the run ends."""
        async with aclosing(self.driver.events()) as events:
            async for event in events:
                self.judge(event)
        self.fail("events() came to an end by itself")

    async def _ask(self, name: str, ask: Awaitable[None]) -> FailureReason | None:
        """Ask for something, and take a failure for an answer."""
        limit_s = self.station.settings.lock_timeout_s
        try:
            await self._call(name, ask, limit_s)
        except HardwareFailure as failure:
            return failure.reason
        return None

    async def _call(self, name: str, call: Awaitable[_T], limit_s: float) -> _T:
        """Call a method of the driver, which has to return in time."""
        self.past = name
        with anyio.move_on_after(limit_s):
            return await call
        return self.fail(f"it did not return within {limit_s} s")


async def _check_levels(bench: _Bench) -> None:
    """Say every level, each twice, without anything coming on."""
    for status in _STATION_STATUSES:
        await bench.show_status(CHARGE_POINT, status)
    for intensity_percent, blink_repeat in ((100, 0), (100, 0), (0, 0), (50, 3), (100, _MANY_BLINKS), (100, 0)):
        await bench.set_lights(intensity_percent, blink_repeat)
    for connector_id in bench.station.connector_ids:
        largest_a = bench.station.connector(connector_id).max_current_a
        for limit_a in (largest_a, largest_a, Decimal(0), Decimal(0), Decimal("6.5"), largest_a):
            await bench.set_limit(connector_id, limit_a)
        for status in (*ChargePointStatus, ChargePointStatus.AVAILABLE):
            await bench.show_status(connector_id, status)
            await bench.show_status(connector_id, status)
        await bench.set_output(connector_id, is_on=False)
        await bench.set_output(connector_id, is_on=False)
    await anyio.sleep(_QUIET_S)


async def _check_locks(bench: _Bench) -> None:
    """Ask for the locks, and change our mind in between."""
    for connector_id in bench.station.connector_ids:
        if bench.station.connector(connector_id).fixed_cable:
            for answer in (await bench.lock(connector_id), await bench.unlock(connector_id)):
                if answer is not FailureReason.NOT_SUPPORTED:
                    bench.fail("a fixed cable has no lock: NOT_SUPPORTED is the only answer")
            continue
        await bench.unlock(connector_id)
        await bench.lock(connector_id)
        with anyio.CancelScope() as scope:
            scope.cancel()
            await bench.unlock(connector_id)
        await bench.unlock(connector_id)


async def _check_session(bench: _Bench, connector_id: int) -> None:
    """Charge for a few seconds, twice; leave the output on."""
    connector = bench.ledger.connectors[connector_id]
    await _check_beginning(bench, connector_id, connector)
    await _check_limit(bench, connector_id, connector)
    await _check_end(bench, connector_id, connector)
    await bench.set_output(connector_id, is_on=True)
    await bench.wait_for("the output on again", lambda: connector.is_on)


async def _check_beginning(bench: _Bench, connector_id: int, connector: ConnectorLedger) -> None:
    """Allow energy, which flows and is measured; allowing it again changes nothing."""
    await bench.wait_for(
        "a vehicle that asks for energy",
        lambda: connector.socket is SocketState.VEHICLE and connector.wants_energy,
    )
    await bench.set_output(connector_id, is_on=True)
    await bench.wait_for("the output on", lambda: connector.is_on)
    turns = connector.turns
    await bench.set_output(connector_id, is_on=True)
    for _ in range(_READINGS):
        await bench.wait_for_reading(connector)
    if connector.turns != turns:
        bench.fail("the output changed, though what is to be was only said again")
    if connector.last is not None and (missing := untold(bench.station, connector_id, connector.last)):
        bench.fail(f"the meter does not tell what the station says it does: {', '.join(missing)}")


async def _check_limit(bench: _Bench, connector_id: int, connector: ConnectorLedger) -> None:
    """Lower the limit, and see the current follow where the meter tells it."""
    largest_a = bench.station.connector(connector_id).max_current_a
    is_dc = bench.station.current_type is CurrentType.DC
    limit_a = largest_a / 2 if is_dc else min(largest_a, Decimal(8))
    await bench.set_limit(connector_id, limit_a)
    most_a = float(limit_a) + _CURRENT_MARGIN_A
    await bench.wait_for(
        f"a current of at most {limit_a} A",
        lambda: connector.last is not None and max(connector.last.current_a, default=0.0) <= most_a,
    )
    if _switches_phases(bench.station) and bench.station.phases(connector_id) > 1:
        await bench.set_limit(connector_id, largest_a, phases=1)
        await bench.wait_for(
            "a current on one phase only",
            lambda: connector.last is not None and max(connector.last.current_a[1:], default=0.0) <= _CURRENT_MARGIN_A,
        )
    await bench.set_limit(connector_id, largest_a)


def _switches_phases(station: Station) -> bool:
    """Whether the station says that it can change the number of phases while it charges."""
    return any(
        name.lower() == "connectorswitch3to1phasesupported" and value.strip().lower() == "true"
        for name, value in station.configuration
    )


async def _check_end(bench: _Bench, connector_id: int, connector: ConnectorLedger) -> None:
    """Forbid energy, which is read for the last time and then off; forbidding it again changes nothing."""
    # A reading still on its way must not pass for the last one.
    await anyio.sleep(_QUIET_S)
    await bench.set_output(connector_id, is_on=False)
    await bench.wait_for("the output off", lambda: not connector.is_on)
    connector.is_allowed = False
    await bench.set_output(connector_id, is_on=False)
    await anyio.sleep(_QUIET_S)


async def _check_second_run(bench: _Bench) -> None:
    """Start once more, hear everything again, and close the events in the middle of a report."""
    await bench.start()
    events = bench.driver.events()
    with anyio.move_on_after(bench.patience_s):
        async for event in events:
            bench.judge(event)
            if not bench.ledger.missing():
                break
    if missing := bench.ledger.missing():
        bench.fail(f"not reported again within {bench.patience_s} s: {', '.join(missing)}")
    bench.past = "closing the events"
    with anyio.move_on_after(bench.patience_s) as scope:
        await events.aclose()
    if scope.cancelled_caught:
        bench.fail(f"aclose() did not return within {bench.patience_s} s")


async def _check_restart(bench: _Bench) -> None:
    """Ask for a soft restart in the middle of a run, and see what the next start tells."""
    async with bench.run():
        await bench.reboot()
    started = await bench.start()
    if started.cause not in (StartCause.SOFT_RESET, StartCause.POWER_UP):
        bench.fail(f"the cause after a soft restart is {started.cause}")


def _first_of(group: ExceptionGroup[Exception]) -> Exception:
    """The first exception that is no group."""
    first = group.exceptions[0]
    return _first_of(first) if isinstance(first, ExceptionGroup) else first
