"""The inside of a simulated station: outlets on one supply, faults and meters, moved on from instant to instant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from random import Random
from typing import Self

from attrs import define, evolve, field

from ocpp16cp.errors import UsageError
from ocpp16cp.events import FaultRaised, HardwareEvent, MeterRead, Reading
from ocpp16cp.outcome import SetLights
from ocpp16cp.station import CHARGE_POINT, CurrentType, Station
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus

from .lock import CableLock
from .meter import Flow, Meter
from .outlet import Outlet
from .units import ENERGY_PER_WH

FaultKey = tuple[int, ChargePointErrorCode, str | None]
"""What tells two faults apart: connector, error code, vendor's error code."""


def key_of(fault: FaultRaised) -> FaultKey:
    """By what a fault is known."""
    return fault.connector_id, fault.error_code, fault.vendor_error_code


def _summed(of_outlets: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    """What flows through all outlets together, by phases; some have fewer than others."""
    return tuple(sum(of_phase) for of_phase in zip_longest(*of_outlets, fillvalue=0))


def _shared(energy: int, phases: int) -> list[int]:
    """An energy as if it had flowed over all phases alike."""
    return [(energy + phase) // phases for phase in range(phases)]


@define(kw_only=True)
class Cabinet:
    """Everything in the station that obeys physics.

    After anything was set from outside, `settle` finds out what follows from it.
    """

    outlets: tuple[Outlet, ...]
    is_dc: bool
    voltages_dv: tuple[int, ...]
    """Of the supply, each phase."""
    meter: Meter
    """The main one."""
    main_offset_wh: int
    """By how much the main meter is ahead of the sum of the connectors' meters."""
    has_main_meter: bool
    readers: range
    """The numbers of the card readers."""
    meter_period_us: int | None
    lock_delay_us: int
    now_us: int
    is_powered: bool = True
    has_network: bool = True
    can_reboot: bool = True
    faults: dict[FaultKey, FaultRaised] = field(factory=dict)
    """Active ones, the oldest first."""
    shown: dict[int, ChargePointStatus] = field(factory=dict)
    """What the lights show, by connector, 0 for those of the station."""
    lights: SetLights | None = None
    """How bright they are; `None`: nobody has said so."""
    meter_due_us: int | None = None
    """When the meters report next by themselves."""

    @classmethod
    def build(
        cls,
        station: Station,
        *,
        random: Random,
        now_us: int,
        meter_period_us: int | None,
        lock_delay_us: int,
        has_main_meter: bool,
        registers_wh: Mapping[int, int],
    ) -> Self:
        """Put a station together; chance decides what the description leaves open."""
        is_dc = station.current_type is CurrentType.DC
        voltages_dv = tuple(station.nominal_voltage_v * random.randint(990, 1010) // 100 for _ in range(3))
        meter = Meter.of(station)
        outlets = []
        for connector_id in station.connector_ids:
            connector = station.connector(connector_id)
            drawn_wh = random.randrange(10_000_000)
            wired = 1 if is_dc else connector.phases
            outlet = Outlet(
                connector_id=connector_id,
                connector=connector,
                is_dc=is_dc,
                voltages_dv=voltages_dv[:wired],
                meter=meter,
                energies=_shared(registers_wh.get(connector_id, drawn_wh) * ENERGY_PER_WH, wired),
                reactive_energies=[0] * wired,
                lock=CableLock(is_fitted=not connector.fixed_cable),
                has_cable=connector.fixed_cable,
            )
            outlets.append(outlet)
        total_wh = sum(sum(outlet.energies) for outlet in outlets) // ENERGY_PER_WH
        drawn_wh = total_wh + random.randrange(100_000)
        return cls(
            outlets=tuple(outlets),
            is_dc=is_dc,
            voltages_dv=voltages_dv,
            meter=meter,
            main_offset_wh=registers_wh.get(CHARGE_POINT, drawn_wh) - total_wh,
            has_main_meter=has_main_meter,
            readers=range(max(1, len(station.readers))),
            meter_period_us=meter_period_us,
            lock_delay_us=lock_delay_us,
            now_us=now_us,
        )

    def outlet(self, connector_id: int) -> Outlet:
        """The outlet of a connector.

        Raises:
            UsageError: there is none of that number.
        """
        if not 1 <= connector_id <= len(self.outlets):
            raise UsageError(f"there is no connector {connector_id!r}")
        return self.outlets[connector_id - 1]

    def lose_power(self) -> None:
        """Forget what only lasts as long as there is power."""
        self.is_powered = False
        self.darken()
        for outlet in self.outlets:
            outlet.forget()

    def darken(self) -> None:
        """Show nothing any more."""
        self.shown.clear()
        self.lights = None

    def pass_time(self, until_us: int) -> Iterator[HardwareEvent]:
        """Move on to an instant, stopping wherever something happens on the way."""
        while (at_us := self.next_us()) is not None and at_us <= until_us:
            self._flow(at_us)
            yield from self.settle()
        self._flow(until_us)

    def settle(self) -> list[HardwareEvent]:
        """Work out what follows from what is so now, and report what changed."""
        events = []
        for outlet in self.outlets:
            is_live = self.is_powered and not self._is_blocked(outlet.connector_id)
            events += outlet.settle(self.now_us, is_live=is_live)
        read = {event.connector_id for event in events if isinstance(event, MeterRead)}
        events += (outlet.meter_read() for outlet in self._outlets_due() if outlet.connector_id not in read)
        if any(isinstance(event, MeterRead) for event in events):
            events += self.read_main_meter()
        return events

    def read_main_meter(self) -> list[HardwareEvent]:
        """What the main meter reports, if there is one."""
        return [MeterRead(CHARGE_POINT, self.main_reading())] if self.has_main_meter else []

    def main_reading(self) -> Reading:
        """What the main meter shows: the sum of the outlets, whose phases are wired in the same order."""
        flows = [outlet.flow_now() for outlet in self.outlets]
        load = sum(outlet.power() for outlet in self.outlets) / sum(outlet.full_power() for outlet in self.outlets)
        energies = _summed(flow.energies for flow in flows)
        flow = Flow(
            voltages_dv=self.voltages_dv[: len(energies)],
            currents_ma=_summed(flow.currents_ma for flow in flows),
            powers=_summed(flow.powers for flow in flows),
            reactive_powers=_summed(flow.reactive_powers for flow in flows),
            energies=(energies[0] + self.main_offset_wh * ENERGY_PER_WH, *energies[1:]),
            reactive_energies=_summed(flow.reactive_energies for flow in flows),
            load=load,
        )
        reading = self.meter.read(flow)
        # On DC the voltages known here are those of the outlets; what is in front of the rectifier is not modelled.
        return evolve(reading, current_a=(), voltage_v=(), export_current_a=()) if self.is_dc else reading

    def next_us(self) -> int | None:
        """The next instant, after now, at which something happens by itself."""
        instants = [outlet.next_us(self.now_us) for outlet in self.outlets]
        instants.append(self.meter_due_us)
        return min((at_us for at_us in instants if at_us is not None), default=None)

    def _flow(self, until_us: int) -> None:
        """Let energy flow until an instant before which nothing changes."""
        for outlet in self.outlets:
            outlet.flow(until_us - self.now_us)
        self.now_us = until_us

    def _outlets_due(self) -> list[Outlet]:
        """The outlets whose meters are to report now; makes the next appointment."""
        charging = [outlet for outlet in self.outlets if outlet.facts.is_on]
        if self.meter_period_us is None or not charging:
            self.meter_due_us = None
            return []
        is_due = self.meter_due_us is not None and self.meter_due_us <= self.now_us
        if is_due or self.meter_due_us is None:
            self.meter_due_us = self.now_us + self.meter_period_us
        return charging if is_due else []

    def _is_blocked(self, connector_id: int) -> bool:
        """Whether a fault keeps a connector from delivering energy."""
        return any(
            fault.is_blocking and fault.connector_id in {CHARGE_POINT, connector_id} for fault in self.faults.values()
        )
