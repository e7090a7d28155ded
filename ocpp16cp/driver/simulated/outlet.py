"""One connector of a simulated station: what is plugged in, what flows, and what its meter shows."""

from __future__ import annotations

from decimal import Decimal
from math import isqrt
from typing import Self

from attrs import define, frozen

from ocpp16cp.events import (
    HardwareEvent,
    MeterRead,
    OutputChanged,
    Reading,
    SocketChanged,
    SocketState,
    VehicleChanged,
)
from ocpp16cp.station import MIN_PILOT_A, Connector

from .cars import Car
from .lock import CableLock
from .meter import Flow, Meter
from .panel import ActionImpossible
from .units import ENERGY_PER_WH, POWER_PER_W, to_ma, to_us


@define(kw_only=True)
class PluggedCar:
    """A car at a connector: how it charges there, and how far it has come."""

    car: Car
    phases: int
    """Of those that the car and the connector have, the lower number."""
    full_ma: int
    """What the car takes per phase at most here; 0: its inlet does not fit the kind of current."""
    min_ma: int
    """The least offer it can use here."""
    active_permille: int
    """Of volts times amperes, what charges the battery."""
    reactive_permille: int
    """And what flows back and forth, so that both together are what flows."""
    charge: int
    """Energy in the battery."""
    asks_from_us: int
    """Before this instant it does not ask for energy."""
    is_suspended: bool = False

    @classmethod
    def arrive(cls, car: Car, connector: Connector, *, dc_voltage_dv: int | None, now_us: int) -> Self:
        """Connect a car to a connector, of DC if it has a voltage of its own."""
        if dc_voltage_dv is not None:
            full_ma = (car.max_dc_power_w or 0) * POWER_PER_W // dc_voltage_dv
        else:
            full_ma = to_ma(car.max_current_a)
        active_permille = int(car.power_factor * 1000) if dc_voltage_dv is None else 1000
        return cls(
            car=car,
            phases=min(car.phases, connector.phases),
            full_ma=full_ma,
            min_ma=to_ma(car.min_current_a) if dc_voltage_dv is None else 0,
            active_permille=active_permille,
            reactive_permille=isqrt(1_000_000 - active_permille**2),
            charge=round(car.charge_wh * ENERGY_PER_WH),
            asks_from_us=now_us + to_us(car.asks_after_s),
        )

    def wants_energy(self, now_us: int, *, offered_ma: int) -> bool:
        """Whether it asks for energy; where nothing is offered: whether it would take any."""
        return (
            self.full_ma > 0
            and self.charge < self._energy_at(self.car.target_percent)
            and now_us >= self.asks_from_us
            and not self.is_suspended
            and (offered_ma == 0 or offered_ma >= self.min_ma)
        )

    def takes_ma(self) -> int:
        """The current per phase that its charging curve allows now, rounded down."""
        share = next(share for soc, share in reversed(self.car.curve) if self.charge >= self._energy_at(soc))
        return self.full_ma * share // 100

    def until_next_step(self) -> int:
        """The energy it takes until the curve goes on to its next step, or the car has enough."""
        percents = (*(soc for soc, _ in self.car.curve), self.car.target_percent)
        steps = (self._energy_at(percent) - self.charge for percent in percents)
        return min(step for step in steps if step > 0)

    def soc_percent(self) -> int:
        """The state of charge, rounded down."""
        return min(100, self.charge // self._energy_at(1))

    def charge_wh(self) -> float:
        """What is in the battery, in Wh."""
        return min(self.charge / ENERGY_PER_WH, self.car.battery_wh)

    def suspend(self) -> None:
        """Pause charging."""
        self.is_suspended = True

    def resume(self, now_us: int) -> None:
        """Go on charging; a timer that was still running is overridden."""
        self.is_suspended = False
        self.asks_from_us = min(self.asks_from_us, now_us)

    def _energy_at(self, percent: int) -> int:
        """The energy in the battery at a state of charge; a whole number for every battery."""
        return self.car.battery_wh * ENERGY_PER_WH * percent // 100


@frozen
class Facts:
    """What is so at a connector; nothing of it changes between two instants at which something happens."""

    socket: SocketState = SocketState.EMPTY
    wants_energy: bool = False
    is_on: bool = False
    current_ma: int = 0
    """Per phase in use."""
    phases: int = 0
    """Those in use."""
    powers: tuple[int, ...] = ()
    """Of each of them."""
    reactive_powers: tuple[int, ...] = ()


@define(kw_only=True)
class Outlet:
    """One connector.

    The facts about it are derived from what is set here, and the difference to those before is what is reported.
    """

    connector_id: int
    connector: Connector
    voltages_dv: tuple[int, ...]
    """Of the phases wired to it, or of its DC."""
    is_dc: bool
    meter: Meter
    energies: list[int]
    """What the meter has counted, by phases."""
    reactive_energies: list[int]
    lock: CableLock
    has_cable: bool
    """Whether a cable is in the socket; a fixed one always is."""
    plugged: PluggedCar | None = None
    is_allowed: bool = False
    """Whether the core allows energy."""
    limit_a: Decimal | None = None
    """What the core set; `None`: nothing so far."""
    limit_phases: int = 3
    """Over how many phases, as the core set it."""
    facts: Facts = Facts()
    """Those of the last `settle`."""

    def plug_in(self, car: Car, now_us: int) -> None:
        """Connect a car, with a cable of its own if there is none."""
        if self.plugged is not None:
            raise ActionImpossible(f"connector {self.connector_id}: a car is plugged in already")
        self.has_cable = True
        dc_voltage_dv = self.voltages_dv[0] if self.is_dc else None
        self.plugged = PluggedCar.arrive(car, self.connector, dc_voltage_dv=dc_voltage_dv, now_us=now_us)

    def plug_in_cable(self) -> None:
        """Put a cable into the socket."""
        if self.has_cable:
            raise ActionImpossible(f"connector {self.connector_id}: there is a cable already")
        self.has_cable = True

    def unplug_at_vehicle(self) -> None:
        """Pull the cable out of the car."""
        self.car_here()
        self.plugged = None

    def unplug_at_station(self) -> None:
        """Pull the cable out of the socket, whatever is on its other end."""
        if self.connector.fixed_cable:
            raise ActionImpossible(f"connector {self.connector_id}: its cable is fixed")
        if not self.has_cable:
            raise ActionImpossible(f"connector {self.connector_id}: no cable in the socket")
        if self.lock.is_bolted:
            raise ActionImpossible(f"connector {self.connector_id}: the plug is locked")
        self.plugged = None
        self.has_cable = False

    def unplug(self) -> None:
        """Let the car leave, with its cable unless that is fixed."""
        if self.connector.fixed_cable:
            self.unplug_at_vehicle()
        else:
            self.car_here()
            self.unplug_at_station()

    def car_here(self) -> PluggedCar:
        """The car that is plugged in.

        Raises:
            ActionImpossible: there is none.
        """
        if self.plugged is None:
            raise ActionImpossible(f"connector {self.connector_id}: no car is plugged in")
        return self.plugged

    def set_limit(self, limit_a: Decimal | None, phases: int) -> None:
        """Take over what the core says."""
        self.limit_a = limit_a
        self.limit_phases = phases

    def forget(self) -> None:
        """Lose what only lasts as long as there is power."""
        self.is_allowed = False
        self.set_limit(None, 3)
        self.lock.pending = None

    def flow(self, span_us: int) -> None:
        """Let the current of the present facts flow for a while."""
        if self.plugged is not None and self.facts.is_on:
            for phase, power in enumerate(self.facts.powers):
                energy = power * span_us
                self.energies[phase] += energy
                self.plugged.charge += energy
            for phase, power in enumerate(self.facts.reactive_powers):
                self.reactive_energies[phase] += power * span_us

    def settle(self, now_us: int, *, is_live: bool) -> list[HardwareEvent]:
        """Finish what is due, derive the facts anew, and report what changed: causes first, then effects.

        Args:
            now_us: this instant, up to which energy has flowed.
            is_live: whether there is power, and no fault that blocks this connector.
        """
        events: list[HardwareEvent] = [*self.lock.finish(now_us, has_plug=self.has_cable)]
        was, self.facts = self.facts, self._derive(now_us, is_live=is_live)
        if self.facts.socket is not was.socket:
            events.append(SocketChanged(self.connector_id, self.facts.socket))
        has_arrived = self.facts.socket is SocketState.VEHICLE and was.socket is not SocketState.VEHICLE
        if has_arrived or self.facts.wants_energy is not was.wants_energy:
            events.append(VehicleChanged(self.connector_id, self.facts.wants_energy))
        if self.facts.is_on and not was.is_on:
            events.append(OutputChanged(self.connector_id, is_on=True))
        if (self.facts.current_ma, self.facts.phases) != (was.current_ma, was.phases):
            # The contactor is open before it is reported open: this reading is final.
            events.append(self.meter_read())
        if was.is_on and not self.facts.is_on:
            events.append(OutputChanged(self.connector_id, is_on=False))
        return events

    def report(self) -> list[HardwareEvent]:
        """Say everything."""
        return [
            SocketChanged(self.connector_id, self.facts.socket),
            VehicleChanged(self.connector_id, self.facts.wants_energy),
            OutputChanged(self.connector_id, self.facts.is_on),
            self.meter_read(),
        ]

    def next_us(self, now_us: int) -> int | None:
        """The next instant, after now, at which something happens here by itself."""
        instants = []
        if self.lock.pending is not None:
            instants.append(self.lock.pending.due_us)
        if self.plugged is not None and self.plugged.asks_from_us > now_us:
            instants.append(self.plugged.asks_from_us)
        if self.plugged is not None and self.facts.is_on:
            # Rounded up to the microsecond in which the step is reached.
            instants.append(now_us - -self.plugged.until_next_step() // self.power())
        return min(instants, default=None)

    def power(self) -> int:
        """What flows now."""
        return sum(self.facts.powers)

    def flow_now(self) -> Flow:
        """What flows now through the meter, over all phases wired to it."""
        wired = len(self.voltages_dv)
        idle = (0,) * (wired - self.facts.phases)
        tells_soc = self.plugged is not None and (self.is_dc or self.plugged.car.tells_soc)
        return Flow(
            voltages_dv=self.voltages_dv,
            currents_ma=((self.facts.current_ma,) * self.facts.phases + idle),
            powers=self.facts.powers + idle,
            reactive_powers=self.facts.reactive_powers + idle,
            energies=tuple(self.energies),
            reactive_energies=tuple(self.reactive_energies),
            load=self.power() / self.full_power(),
            soc_percent=self.plugged.soc_percent() if self.plugged and tells_soc else None,
        )

    def full_power(self) -> int:
        """The most that can flow."""
        return sum(self.voltages_dv) * to_ma(self.connector.max_current_a)

    def reading(self) -> Reading:
        """What the meter shows now."""
        return self.meter.read(self.flow_now())

    def meter_read(self) -> MeterRead:
        """The report of it."""
        return MeterRead(self.connector_id, self.reading())

    def _derive(self, now_us: int, *, is_live: bool) -> Facts:
        """Work out the facts."""
        if self.plugged is None:
            is_empty = self.connector.fixed_cable or not self.has_cable
            return Facts(SocketState.EMPTY if is_empty else SocketState.CABLE_ONLY)
        offered_ma = self.offered_ma() if is_live else 0
        wants_energy = self.plugged.wants_energy(now_us, offered_ma=offered_ma)
        if not wants_energy or offered_ma == 0:
            return Facts(SocketState.VEHICLE, wants_energy)
        phases = min(self.plugged.phases, self.limit_phases)
        current_ma = min(offered_ma, self.plugged.takes_ma())
        apparent = [voltage_dv * current_ma for voltage_dv in self.voltages_dv[:phases]]
        return Facts(
            SocketState.VEHICLE,
            wants_energy,
            is_on=True,
            current_ma=current_ma,
            phases=phases,
            powers=tuple(power * self.plugged.active_permille // 1000 for power in apparent),
            reactive_powers=tuple(power * self.plugged.reactive_permille // 1000 for power in apparent),
        )

    def offered_ma(self) -> int:
        """What the pilot tells the car: nothing, or at least what a pilot can tell."""
        limit_a = self.connector.max_current_a
        if self.limit_a is not None:
            limit_a = min(limit_a, self.limit_a)
        least_a = Decimal(0) if self.is_dc else MIN_PILOT_A
        return to_ma(limit_a) if self.is_allowed and limit_a >= least_a else 0
