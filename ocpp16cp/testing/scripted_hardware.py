"""Hardware by script: it does at once what it is told, and reports it; each habit can be set otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp16cp.events import (
    CommandDone,
    Event,
    Failed,
    FaultCleared,
    FaultRaised,
    MeterRead,
    OutputChanged,
    Reading,
    SocketChanged,
    SocketState,
    Succeeded,
    VehicleChanged,
)
from ocpp16cp.outcome import (
    CollectDiagnostics,
    Command,
    Download,
    Install,
    Lock,
    Reboot,
    SetLights,
    SetOutput,
    Unlock,
    Upload,
)
from ocpp16cp.station import Station

FileAsk = Download | Install | CollectDiagnostics | Upload
"""What takes its time with files."""


class ScriptedHardware:
    """What is plugged, wrong, switched on and metered at each connector.

    A world of facts without physics: no energy flows unless a reading says so, and a vehicle that leaves does not open
    the contactor by itself.

    Args:
        station: what the hardware is that of; each connector's register begins at 1000 Wh times its number.
    """

    def __init__(self, station: Station) -> None:
        self.sockets = dict.fromkeys(station.connector_ids, SocketState.EMPTY)
        self.vehicles: dict[int, bool] = {}
        """Whether the vehicle wants energy; a connector that is missing has none that tells."""
        self.outputs = dict.fromkeys(station.connector_ids, False)
        self.readings = {each: Reading(register_wh=1000 * each) for each in station.connector_ids}
        """What each meter shows; a meter that is missing here is not reported."""
        self.faults: dict[tuple[int, str, str | None], FaultRaised] = {}
        self.output_delay_s: float | None = 0.0
        """How long it takes to switch an output and report it; `None`: it is neither switched nor reported."""
        self.lock_delay_s: float | None = 0.0
        """How long an answer of a lock takes; `None`: none comes."""
        self.lock_result: Succeeded | Failed = Succeeded()
        """What the locks answer."""
        self.reboot_delay_s: float | None = 0.0
        """How long it takes to restart; `None`: nothing comes of it."""
        self.reboot_result: Succeeded | Failed = Succeeded()
        """What the board answers when it is to restart."""
        self.knows_cause = True
        """Whether it tells after a restart that it was one; else only that there is power."""
        self.file_results: dict[type[FileAsk], Succeeded | Failed] = {}
        """What comes of `Download`, `Install`, `CollectDiagnostics` and `Upload`; as they come, they succeed."""
        self.file_delays_s: dict[type[FileAsk], float | None] = {}
        """How long each of them takes; `None`: no answer comes. As they come, they take no time."""
        self.lights: SetLights | None = None
        """How bright the lights were set; `None`: not since there is power."""

    def note(self, event: Event) -> None:
        """Keep in mind what was reported: after a start it is reported again."""
        match event:
            case SocketChanged():
                self.sockets[event.connector_id] = event.state
                if event.state is not SocketState.VEHICLE:
                    self.vehicles.pop(event.connector_id, None)
            case VehicleChanged():
                self.vehicles[event.connector_id] = event.wants_energy
            case OutputChanged():
                self.outputs[event.connector_id] = event.is_on
            case MeterRead():
                self.readings[event.connector_id] = event.reading
            case FaultRaised():
                self.faults[event.connector_id, event.error_code, event.vendor_error_code] = event
            case FaultCleared():
                self.faults.pop((event.connector_id, event.error_code, event.vendor_error_code), None)
            case _:
                pass

    def everything(self) -> Iterator[Event]:
        """What a driver reports after a start: faults, then each connector."""
        yield from self.faults.values()
        for connector_id, state in self.sockets.items():
            if connector_id in self.readings:
                yield MeterRead(connector_id, self.readings[connector_id])
            yield SocketChanged(connector_id, state)
            if connector_id in self.vehicles:
                yield VehicleChanged(connector_id, self.vehicles[connector_id])
            yield OutputChanged(connector_id, self.outputs[connector_id])

    def carry_out(self, command: Command) -> Iterator[tuple[float, Event]]:
        """Do what the charge point says: what is reported, each after so many seconds."""
        match command:
            case SetOutput():
                if self.output_delay_s is not None:
                    for event in self._switch(command):
                        yield self.output_delay_s, event
            case Lock() | Unlock():
                if self.lock_delay_s is not None:
                    yield self.lock_delay_s, CommandDone(command.ask_id, self.lock_result)
            case Reboot():
                if self.reboot_delay_s is not None:
                    yield self.reboot_delay_s, CommandDone(command.ask_id, self.reboot_result)
            case SetLights():
                self.lights = command
            case Download() | Install() | CollectDiagnostics() | Upload():
                yield from self._work(command)
            case _:
                pass

    def _work(self, ask: FileAsk) -> Iterator[tuple[float, Event]]:
        """Do something with files."""
        delay_s = self.file_delays_s.get(type(ask), 0.0)
        if delay_s is not None:
            yield delay_s, CommandDone(ask.ask_id, self.file_results.get(type(ask), Succeeded()))

    def _switch(self, command: SetOutput) -> Iterator[Event]:
        """Switch a contactor; its last reading comes before the report that it opened."""
        if self.outputs[command.connector_id] == command.is_on:
            return
        if not command.is_on and command.connector_id in self.readings:
            yield MeterRead(command.connector_id, self.readings[command.connector_id])
        yield OutputChanged(command.connector_id, command.is_on)

    def lose_power(self) -> None:
        """Everything that needs power lets go: the contactors open, the lights go out."""
        self.outputs = dict.fromkeys(self.outputs, False)
        self.lights = None
