"""A simulated station on a virtual clock, for the tests of this folder."""

from __future__ import annotations

from decimal import Decimal

from attrs import define

from ocpp16cp.driver.simulated import Action, Car, SimulatedStation
from ocpp16cp.events import HardwareEvent, Reading
from ocpp16cp.outcome import Command, SetOutput
from ocpp16cp.station import Connector, CurrentType, Station

SEED_STATION = Station(identity="CP1", vendor="ocpp16cp", model="seed")
"""Two connectors with fixed cables and one reader."""

SOCKETS = Station(
    identity="CP2",
    vendor="ocpp16cp",
    model="sockets",
    connectors=(Connector(fixed_cable=False), Connector(fixed_cable=False, phases=1)),
    readers=((1,), (2,)),
)
"""Two sockets for detachable cables, the second of one phase, each with a reader."""

DC_STATION = Station(
    identity="CP3",
    vendor="ocpp16cp",
    model="fast",
    connectors=(Connector(phases=1, max_current_a=Decimal(300)),),
    current_type=CurrentType.DC,
    nominal_voltage_v=400,
)

CAR = Car(
    battery_wh=10_000, charge_wh=1_000, max_current_a=Decimal(32), curve=((0, 100), (80, 50)), max_dc_power_w=50_000
)
"""Full in half an hour: 32 A on three phases up to 80 %, then 16 A."""


@define
class Rig:
    """A station and its time."""

    station: SimulatedStation
    now: float = 0.0

    def wait(self, seconds: float) -> tuple[HardwareEvent, ...]:
        """Let time pass."""
        self.now += seconds
        return self.station.advance(self.now)

    def act(self, *actions: Action) -> list[HardwareEvent]:
        """Do something, now."""
        return [event for action in actions for event in self.station.act(action, self.now)]

    def carry_out(self, *commands: Command) -> list[HardwareEvent]:
        """Command something, now."""
        return [event for command in commands for event in self.station.carry_out(command, self.now)]

    def allow(self, connector_id: int = 1) -> list[HardwareEvent]:
        """Allow energy."""
        return self.carry_out(SetOutput(connector_id, is_on=True))

    def forbid(self, connector_id: int = 1) -> list[HardwareEvent]:
        """Forbid energy."""
        return self.carry_out(SetOutput(connector_id, is_on=False))

    def reading(self, connector_id: int = 1) -> Reading:
        """What a meter shows."""
        return self.station.reading(connector_id)


def rig(station: Station = SEED_STATION, *, meter_period_s: float | None = None, lock_delay_s: float = 0.0) -> Rig:
    """A station with main meter, on which meters speak only when something changes."""
    simulated = SimulatedStation(station, meter_period_s=meter_period_s, lock_delay_s=lock_delay_s)
    return Rig(simulated)
