"""Everything that may enter the core.

Hardware events report a state, not a change of one: saying the same twice does nothing, and after a start the driver
says everything once (sockets, vehicles, outputs, faults that are active, meters).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from ocpp16cp.lean import frozen
from ocpp16cp.vendor_messages import DataAnswer, check_answer, check_data, check_ids
from ocpp16cp.wire.types import ChargePointErrorCode


class StartCause(StrEnum):
    """Why the station's software starts."""

    POWER_UP = "PowerUp"
    HARD_RESET = "HardReset"
    SOFT_RESET = "SoftReset"
    WATCHDOG = "Watchdog"
    FIRMWARE = "Firmware"
    """New firmware was installed, and starts for the first time."""
    FIRMWARE_FALLBACK = "FirmwareFallback"
    """New firmware did not start: this is the old one again."""


@frozen
class Started:
    """The software runs: the first event of every run, exactly once."""

    cause: StartCause = StartCause.POWER_UP
    utc: datetime | None = None
    """The station's own clock, aware, if it has one that survives a power cut."""


@frozen
class LinkUp:
    """The connection asked for by `Open(number)` stands, subprotocol agreed."""

    number: int


@frozen
class LinkDown:
    """The connection of `Open(number)` could not be made, or has ended. Every `Open` leads to exactly one."""

    number: int
    reason: str = ""
    """One line for people: what happened."""


@frozen
class TextReceived:
    """One whole text message of the central system."""

    number: int
    text: str


@frozen
class PongReceived:
    """The central system's answer to a `Ping`."""

    number: int


class SocketState(StrEnum):
    """What is plugged where, as the proximity and the pilot contact tell it."""

    EMPTY = "Empty"
    """Nothing in the station's socket. On a fixed cable: no vehicle on it."""
    CABLE_ONLY = "CableOnly"
    """A detachable cable is in the socket, without a vehicle on its other end."""
    VEHICLE = "Vehicle"
    """A vehicle is connected."""


@frozen
class SocketChanged:
    """What is plugged into a connector now."""

    connector_id: int
    state: SocketState


@frozen
class VehicleChanged:
    """Whether the vehicle asks for energy now (control pilot state C or D) or pauses (state B)."""

    connector_id: int
    wants_energy: bool


@frozen
class OutputChanged:
    """Whether a connector's contactor is closed now, whoever opened it.

    The last meter reading comes before the report that it opened.
    """

    connector_id: int
    is_on: bool


@frozen
class CardPresented:
    """A card was held to a reader."""

    id_tag: str
    reader: int = 0
    """Index into `Station.readers`; 0 where there is one reader for all."""


@frozen
class StopPressed:
    """The stop button of a connector was pressed."""

    connector_id: int


@frozen
class PowerFailing:
    """The supply is gone and a battery bridges the next seconds: transactions are ended while there is time."""


EMERGENCY_STOP = "EmergencyStop"
"""The `vendor_error_code` of a fault that an emergency stop raised: it ends transactions where others suspend them."""


@frozen(kw_only=True)
class FaultRaised:
    """Something is wrong at a connector, or with the charge point as a whole (connector 0).

    Several faults may be active at one connector; they are told apart by `error_code` and `vendor_error_code`.
    """

    connector_id: int
    error_code: ChargePointErrorCode
    is_blocking: bool = True
    """No energy can be delivered while it lasts. `False`: a warning, charging goes on."""
    info: str | None = None
    vendor_id: str | None = None
    vendor_error_code: str | None = None


@frozen(kw_only=True)
class FaultCleared:
    """The fault of these codes is gone."""

    connector_id: int
    error_code: ChargePointErrorCode
    vendor_error_code: str | None = None


@frozen(kw_only=True)
class LineReading:
    """What a meter showed of one line, L1, L2 or L3, apart from the others. `None`: it cannot tell.

    The fields mean what those of the same names in `Reading` mean for all lines together.
    """

    register_wh: int | None = None
    export_register_wh: int | None = None
    reactive_register_varh: int | None = None
    reactive_export_register_varh: int | None = None
    power_w: float | None = None
    export_power_w: float | None = None
    reactive_power_var: float | None = None
    reactive_export_power_var: float | None = None
    power_factor: float | None = None


@frozen(kw_only=True)
class Reading:
    """What a meter showed at one instant. `None` or empty: this meter cannot tell.

    Import flows from the grid to the vehicle, export back. Registers never run backwards and survive power cuts; what
    flowed in an interval is worked out of them. Per-phase values stand in the order L1, L2, L3 (one value on DC and on
    one phase). `Station.measurands` and `Station.measured_phases` say which of all this is always told.
    """

    register_wh: int
    """Energy.Active.Import.Register."""
    export_register_wh: int | None = None
    reactive_register_varh: int | None = None
    """Energy.Reactive.Import.Register."""
    reactive_export_register_varh: int | None = None
    power_w: float | None = None
    """Power.Active.Import; 0 while energy flows back."""
    export_power_w: float | None = None
    reactive_power_var: float | None = None
    """Power.Reactive.Import."""
    reactive_export_power_var: float | None = None
    current_a: tuple[float, ...] = ()
    """Current.Import."""
    export_current_a: tuple[float, ...] = ()
    neutral_current_a: float | None = None
    voltage_v: tuple[float, ...] = ()
    """To neutral."""
    line_voltage_v: tuple[float, ...] = ()
    """L1 to L2, L2 to L3, L3 to L1."""
    frequency_hz: float | None = None
    power_factor: float | None = None
    temperature_c: float | None = None
    """Inside the station."""
    soc_percent: int | None = None
    """State of charge, where the vehicle tells it."""
    fan_rpm: float | None = None
    """RPM."""
    lines: tuple[LineReading, ...] = ()
    """What the meter tells of each line apart."""


@frozen
class MeterRead:
    """A connector's meter, or the main meter (connector 0), shows this now: about once a second while charging."""

    connector_id: int
    reading: Reading


@frozen
class Succeeded:
    """An ask was carried out."""


class FailureReason(StrEnum):
    """Why an ask was not carried out."""

    FAILED = "Failed"
    NOT_SUPPORTED = "NotSupported"
    TIMED_OUT = "TimedOut"


@frozen
class Failed:
    """An ask was not carried out."""

    reason: FailureReason = FailureReason.FAILED
    text: str = ""


@frozen
class CommandDone:
    """The driver's answer to an ask."""

    ask_id: int
    result: Succeeded | Failed


@frozen
class AskProgressed:
    """How far an ask has come; not more often than about once a second."""

    ask_id: int
    done: int
    """Bytes of a transfer, percent of anything else."""
    total: int | None
    """In the same unit; `None`: not known."""


@frozen
class StopRequested:
    """The application wants the run to end: the link is closed in an orderly way; transactions stay open."""


@frozen
class ClockSet:
    """The application knows the time better, from GPS or NTP."""

    utc: datetime


@frozen
class DataAnswered:
    """The application answers a `DataReceived`. One that comes too late, or a second time, counts for nothing.

    Raises:
        UsageError: the answer cannot be sent.
    """

    ticket: int
    """Of the notice."""
    answer: DataAnswer

    def __attrs_post_init__(self) -> None:
        check_answer(self.answer)


@frozen
class TransferRequested:
    """The application wants to send a DataTransfer; the notice `TransferEnded` tells what became of it.

    Raises:
        UsageError: it cannot be sent like this.
    """

    reference: int
    """Of the application's choice: the notice bears it too."""
    vendor_id: str
    message_id: str | None = None
    data: str | None = None

    def __attrs_post_init__(self) -> None:
        check_ids(self.vendor_id, self.message_id)
        check_data(self.data)


@frozen
class Woke:
    """Time has come: the instant asked for by `Outcome.wake_at`, or any other. Always allowed."""


HardwareEvent = (
    SocketChanged
    | VehicleChanged
    | OutputChanged
    | CardPresented
    | StopPressed
    | PowerFailing
    | FaultRaised
    | FaultCleared
    | MeterRead
    | CommandDone
)
"""What a driver reports."""

ApplicationEvent = StopRequested | ClockSet | DataAnswered | TransferRequested
"""What an application may tell its station."""

Event = (
    Started | LinkUp | LinkDown | TextReceived | PongReceived | HardwareEvent | AskProgressed | ApplicationEvent | Woke
)
"""What `ChargePoint.handle` takes."""
