"""What a driver reported, held against what can be: the part of `check_driver` that only looks on."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from attrs import define, field

from ocpp16cp.driver.interface import DriverEvent
from ocpp16cp.events import (
    CardPresented,
    FaultCleared,
    FaultRaised,
    MeterRead,
    OutputChanged,
    Reading,
    SocketChanged,
    SocketState,
    StopPressed,
    VehicleChanged,
)
from ocpp16cp.station import CHARGE_POINT, Station
from ocpp16cp.wire.types import ChargePointErrorCode

from .driver_readings import mistakes, runs_backwards

OPENING = (SocketChanged, VehicleChanged, OutputChanged, MeterRead)
"""What is reported of each connector after a start, whatever its state."""

_OFF_MARGIN_WH = 1
"""By how much the reading before the report that an output is off may miss what its register shows later."""


@define
class ConnectorLedger:
    """What is known of one connector in this run."""

    said: set[type[DriverEvent]] = field(factory=set)
    """Kinds of events there were."""
    is_allowed: bool = False
    """Whether `set_output` allows energy; set before the call, and after it when energy is forbidden."""
    socket: SocketState | None = None
    wants_energy: bool = False
    is_on: bool = False
    turns: int = 0
    """How often the output was reported to be another one than before."""
    readings: int = 0
    is_read: bool = False
    """Whether there was a reading since the output was reported on, or since it was forbidden."""
    last: Reading | None = None
    off_wh: int | None = None
    """Where the register stood when the output went off; `None` while it is on, and before anything is known."""

    @property
    def is_off(self) -> bool:
        """Whether the output was reported off."""
        return OutputChanged in self.said and not self.is_on


class Ledger:
    """The reports of a driver, judged one by one as they come; registers are remembered from run to run."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._readings: dict[int, Reading] = {}
        self.connectors: dict[int, ConnectorLedger] = {}
        self.begin_run()

    def begin_run(self) -> None:
        """Forget all but the registers."""
        self.connectors = {number: ConnectorLedger() for number in self._station.connector_ids}

    def missing(self) -> list[str]:
        """What has not been reported since the start, in words."""
        return [
            f"{kind.__name__} of connector {number}"
            for number, connector in self.connectors.items()
            for kind in OPENING
            if kind not in connector.said
        ]

    def take(self, event: object) -> None:
        """Judge an event and remember it.

        Raises:
            AssertionError: it cannot be, or not now; the message tells why.
        """
        match event:
            case SocketChanged() | VehicleChanged() | OutputChanged() | StopPressed():
                self._take_at_connector(event)
            case CardPresented():
                _hold(event, "id_tag has 1 to 20 characters", is_so=_is_text(event.id_tag, 20))
                readers = range(max(1, len(self._station.readers)))
                _hold(event, "there is no such reader", is_so=event.reader in readers)
            case FaultRaised() | FaultCleared():
                self._take_fault(event)
            case MeterRead():
                self._take_reading(event)
            case _:
                raise AssertionError(f"{event!r}: this is no DriverEvent")

    def _take_at_connector(self, event: SocketChanged | VehicleChanged | OutputChanged | StopPressed) -> None:
        """Judge what only a connector can report."""
        connector = self.connectors.get(event.connector_id)
        if connector is None:
            raise AssertionError(f"{event!r}: there is no such connector")
        connector.said.add(type(event))
        match event:
            case SocketChanged(_, state):
                _hold_enumeration(event, state, SocketState)
                connector.socket = state
            case VehicleChanged(_, wants_energy):
                _hold(event, "wants_energy is a bool", is_so=isinstance(wants_energy, bool))
                connector.wants_energy = wants_energy
            case OutputChanged(_, is_on):
                _hold(event, "is_on is a bool", is_so=isinstance(is_on, bool))
                _judge_output(event, connector)
            case StopPressed():
                pass
            case _:
                assert_never(event)

    def _take_fault(self, event: FaultRaised | FaultCleared) -> None:
        """Judge a fault."""
        self._hold_place(event)
        _hold_enumeration(event, event.error_code, ChargePointErrorCode)
        is_error = event.error_code is not ChargePointErrorCode.NO_ERROR
        _hold(event, "NoError is not a fault", is_so=is_error)
        texts = [("vendor_error_code", event.vendor_error_code, 50)]
        if isinstance(event, FaultRaised):
            texts += [("info", event.info, 50), ("vendor_id", event.vendor_id, 255)]
        for name, text, limit in texts:
            is_good = text is None or _is_text(text, limit)
            _hold(event, f"{name} has 1 to {limit} characters", is_so=is_good)

    def _take_reading(self, event: MeterRead) -> None:
        """Judge a reading."""
        self._hold_place(event)
        reading = event.reading
        _hold(event, "reading is a Reading", is_so=isinstance(reading, Reading))
        connector = self.connectors.get(event.connector_id)
        phases = 3 if connector is None else self._station.connector(event.connector_id).phases
        for rule in mistakes(reading, phases):
            _hold(event, rule, is_so=False)
        earlier = self._readings.get(event.connector_id)
        if earlier is not None:
            rule = f"the register runs backwards, it was at {earlier.register_wh} Wh"
            _hold(event, rule, is_so=reading.register_wh >= earlier.register_wh)
            _hold(event, f"a register runs backwards, after {earlier!r}", is_so=not runs_backwards(reading, earlier))
        self._readings[event.connector_id] = reading
        if connector is not None:
            connector.said.add(MeterRead)
            _judge_register(event, connector)

    def _hold_place(self, event: FaultRaised | FaultCleared | MeterRead) -> None:
        """Hold an event to the connectors there are, or the station."""
        is_known = event.connector_id == CHARGE_POINT or event.connector_id in self.connectors
        _hold(event, "there is no such connector", is_so=is_known)


def _judge_output(event: OutputChanged, connector: ConnectorLedger) -> None:
    """Judge whether the contactor may be where it is, and was read before it opened."""
    if event.is_on:
        _hold(event, "no output without set_output(..., is_on=True)", is_so=connector.is_allowed)
        is_vehicle = connector.socket is SocketState.VEHICLE
        _hold(event, "no output without a vehicle in the socket", is_so=is_vehicle)
    elif connector.is_on:
        why = "a MeterRead has to come before an output is reported off"
        _hold(event, why, is_so=connector.is_read)
    if event.is_on is not connector.is_on:
        connector.turns += 1
        connector.is_on = event.is_on
        connector.is_read = False
        connector.off_wh = None if connector.last is None else connector.last.register_wh


def _judge_register(event: MeterRead, connector: ConnectorLedger) -> None:
    """Judge whether energy flowed where none can have, and remember the reading."""
    reading = event.reading
    if connector.is_off:
        if connector.off_wh is None:
            connector.off_wh = reading.register_wh
        is_still = reading.register_wh <= connector.off_wh + _OFF_MARGIN_WH
        rule = f"the output is off, and its last reading before that was {connector.off_wh} Wh"
        _hold(event, rule, is_so=is_still)
    connector.last = reading
    connector.readings += 1
    connector.is_read = True


def _hold_enumeration(event: object, value: object, kind: type[StrEnum]) -> None:
    """Hold a value to be a member: text of the same spelling is equal, but not what `match` looks for."""
    _hold(event, f"{value!r} is no member of {kind.__name__}", is_so=isinstance(value, kind))


def _is_text(text: object, limit: int) -> bool:
    """Whether it is a text of 1 to so many characters."""
    return isinstance(text, str) and 1 <= len(text) <= limit


def _hold(event: object, rule: str, *, is_so: bool) -> None:
    """Refuse an event for which a rule does not hold."""
    if not is_so:
        raise AssertionError(f"{event!r}: {rule}")
