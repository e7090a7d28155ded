"""A station without hardware, as others see it: what it is told, what is done to it, what it reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from random import Random

from attrs import define, evolve

from ocpp16cp.errors import UsageError
from ocpp16cp.events import FaultRaised, HardwareEvent, Reading, SocketState
from ocpp16cp.outcome import Command, FileCommand, SetLights
from ocpp16cp.station import CHARGE_POINT, Station
from ocpp16cp.wire.types import ChargePointStatus

from .cabinet import Cabinet
from .cars import Car
from .effects import do, obey
from .panel import Action
from .units import to_seconds, to_us

MIN_METER_PERIOD_S = 0.1
"""Meters that report more often tell nothing new, and a slip of the pen must not fill the memory."""


@define(init=False)
class SimulatedStation:
    """The hardware of a station, and the world around it.

    Every call that takes `now` first lets the time pass until then, and returns all that has happened since the last
    call: for `ChargePoint.handle`, one after the other. `now` is monotonic seconds and never runs backwards. Call
    `advance` at `next_change` at the latest, so that what happens by itself is told in time.

    While there is no power nothing is returned. After a start of the core `report` says everything.
    """

    station: Station
    """What is simulated."""
    _cabinet: Cabinet
    _untold: list[HardwareEvent]

    def __init__(
        self,
        station: Station,
        *,
        seed: int = 0,
        now: float = 0.0,
        meter_period_s: float | None = 1.0,
        lock_delay_s: float = 0.0,
        has_main_meter: bool = True,
        registers_wh: Mapping[int, int] | None = None,
    ) -> None:
        """A station with power and network, nothing plugged in, its meters somewhere in their life.

        Args:
            station: what is simulated.
            seed: for the voltages, and for where the meters stand.
            now: monotonic seconds.
            meter_period_s: how often meters report while energy flows, at least 0.1. `None`, for a virtual clock: only
                when the current changes, before an output is reported off, and when `read_meters` asks.
            lock_delay_s: how long a lock takes.
            has_main_meter: whether there is a meter of the whole station (connector 0).
            registers_wh: where meters stand, by connector, 0 for the main meter; the others as the seed says.

        Raises:
            UsageError: a value is out of its range; the message names it.
        """
        if meter_period_s is not None and meter_period_s < MIN_METER_PERIOD_S:
            raise UsageError(f"meter_period_s: {meter_period_s!r} is below {MIN_METER_PERIOD_S}")
        if lock_delay_s < 0:
            raise UsageError(f"lock_delay_s: {lock_delay_s!r} is negative")
        for connector_id, register_wh in (registers_wh or {}).items():
            if connector_id != CHARGE_POINT and not station.has_connector(connector_id):
                raise UsageError(f"registers_wh: there is no connector {connector_id!r}")
            if register_wh < 0:
                raise UsageError(f"registers_wh: {register_wh!r} of connector {connector_id} is negative")
        self.station = station
        self._cabinet = Cabinet.build(
            station,
            random=Random(seed),
            now_us=to_us(now),
            meter_period_us=None if meter_period_s is None else to_us(meter_period_s),
            lock_delay_us=to_us(lock_delay_s),
            has_main_meter=has_main_meter,
            registers_wh=registers_wh or {},
        )
        self._untold = []

    def advance(self, now: float) -> tuple[HardwareEvent, ...]:
        """Let the time pass.

        Raises:
            UsageError: `now` lies before the `now` of an earlier call.
        """
        self._pass_time(now)
        return self._tell()

    def carry_out(self, command: Command, now: float) -> tuple[HardwareEvent, ...]:
        """Do what the core asks for; the answer to an ask is among the events, now or later, unless the lock is silent.

        Files are not part of the simulation: what is asked about them gets no answer here.

        Raises:
            UsageError: there is no such connector.
        """
        self._pass_time(now)
        if self.is_powered and not isinstance(command, FileCommand):
            self._say(obey(self._cabinet, command))
            self._say(self._cabinet.settle())
        return self._tell()

    def act(self, action: Action, now: float) -> tuple[HardwareEvent, ...]:
        """Do what somebody does at the panel, the cables or the lines.

        Raises:
            ActionImpossible: the world does not allow this now; nothing was done, and what has happened until `now` is
                returned by the next call.
            UsageError: there is no such connector or reader.
        """
        self._pass_time(now)
        self._say(do(self._cabinet, action))
        self._say(self._cabinet.settle())
        return self._tell()

    def report(self, now: float) -> tuple[HardwareEvent, ...]:
        """Say everything, for a core that has just started; what an earlier one asked or was not told is forgotten."""
        for outlet in self._cabinet.outlets:
            outlet.lock.pending = None
        self._pass_time(now)
        self._untold.clear()
        self._say(self.faults)
        for outlet in self._cabinet.outlets:
            self._say(outlet.report())
        self._say(self._cabinet.read_main_meter())
        return self._tell()

    def read_meters(self, now: float) -> tuple[HardwareEvent, ...]:
        """Read every meter now."""
        self._pass_time(now)
        self._say(self._cabinet.read_main_meter())
        self._say(outlet.meter_read() for outlet in self._cabinet.outlets)
        return self._tell()

    def next_change(self) -> float | None:
        """The next instant at which something happens by itself: call `advance` then. `None`: nothing will."""
        next_us = self._cabinet.next_us()
        return None if next_us is None else to_seconds(next_us)

    # What is to be seen, as of the last call that took `now`.

    @property
    def is_powered(self) -> bool:
        """Whether there is power."""
        return self._cabinet.is_powered

    @property
    def has_network(self) -> bool:
        """Whether a connection to the central system can live: transports are to heed it, nothing here does."""
        return self._cabinet.has_network

    @property
    def faults(self) -> tuple[FaultRaised, ...]:
        """The active faults, the oldest first."""
        return tuple(self._cabinet.faults.values())

    def socket(self, connector_id: int) -> SocketState:
        """What is plugged in."""
        return self._cabinet.outlet(connector_id).facts.socket

    def car(self, connector_id: int) -> Car | None:
        """The car that is plugged in, with what is in its battery by now: to be plugged in again later."""
        plugged = self._cabinet.outlet(connector_id).plugged
        return None if plugged is None else evolve(plugged.car, charge_wh=plugged.charge_wh())

    def is_locked(self, connector_id: int) -> bool:
        """Whether the plug is held in the station's socket."""
        return self._cabinet.outlet(connector_id).lock.is_bolted

    def is_on(self, connector_id: int) -> bool:
        """Whether the contactor is closed: then energy flows."""
        return self._cabinet.outlet(connector_id).facts.is_on

    def offered_a(self, connector_id: int) -> Decimal:
        """The current per phase that is allowed and offered, whether or not a car takes any of it."""
        return Decimal(self._cabinet.outlet(connector_id).offered_ma()) / 1000

    def offered_phases(self, connector_id: int) -> int:
        """Over how many phases it is offered."""
        outlet = self._cabinet.outlet(connector_id)
        return min(outlet.limit_phases, len(outlet.voltages_dv))

    def is_allowed(self, connector_id: int) -> bool:
        """Whether the core allows energy, even if the limit leaves nothing of it."""
        return self._cabinet.outlet(connector_id).is_allowed

    def reading(self, connector_id: int) -> Reading:
        """What a meter shows; 0 is the main meter, whether or not it reports."""
        if connector_id == CHARGE_POINT:
            return self._cabinet.main_reading()
        return self._cabinet.outlet(connector_id).meter_read().reading

    def shown(self, connector_id: int) -> ChargePointStatus | None:
        """The status that the lights show, 0 for those of the station; `None`: dark."""
        return self._cabinet.shown.get(connector_id)

    @property
    def lights(self) -> SetLights | None:
        """How bright the lights are, and how often they blink; `None`: nobody has said so since there is power."""
        return self._cabinet.lights

    def _pass_time(self, now: float) -> None:
        """Let the time pass, keeping what happens."""
        until_us = to_us(now)
        if until_us < self._cabinet.now_us:
            earlier = to_seconds(self._cabinet.now_us)
            raise UsageError(f"now: {now!r} is before {earlier!r}, where the station is already")
        self._say(self._cabinet.pass_time(until_us))

    def _say(self, events: Iterable[HardwareEvent]) -> None:
        """Keep what happened, to be told; without power nobody notices."""
        happened = tuple(events)
        if self.is_powered:
            self._untold += happened

    def _tell(self) -> tuple[HardwareEvent, ...]:
        """Hand out what was kept."""
        told = tuple(self._untold)
        self._untold.clear()
        return told
