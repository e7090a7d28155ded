"""Everything that may leave the core: one `Outcome` for each event, its fields carried out in order.

Notices, of which there are many, are written down in `notices` and `progress`, and to be had from here like the rest.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from attrs import field

from ocpp16cp.lean import frozen
from ocpp16cp.notices import (
    Awaited,
    Awaits,
    CallFailed,
    CardAccepted,
    CardRefusal,
    CardRefused,
    ClockChanged,
    DataReceived,
    EndpointChanged,
    FrameRefused,
    FrameRelaxed,
    HardwareMisreport,
    KeyChanged,
    KeyReset,
    LimitChanged,
    LinkEstablished,
    LinkLost,
    MessageDiscarded,
    Notice,
    ProfileDropped,
    ProfileRejected,
    Registered,
    ReservationEnd,
    ReservationEnded,
    ReservationMade,
    Restart,
    RestartFailed,
    Restarting,
    StartAbandoned,
    StatusChanged,
    TransactionStarted,
    TransactionStopped,
    TransferEnded,
)
from ocpp16cp.progress import DiagnosticsProgress, FirmwareProgress, Work, WorkProgress
from ocpp16cp.wire.types import ChargePointStatus

__all__ = [
    "Awaited",
    "Awaits",
    "CallFailed",
    "CancelAsk",
    "CardAccepted",
    "CardRefusal",
    "CardRefused",
    "ClockChanged",
    "Close",
    "CollectDiagnostics",
    "Command",
    "DataReceived",
    "DiagnosticsProgress",
    "Download",
    "EndpointChanged",
    "FileCommand",
    "FirmwareProgress",
    "FrameRefused",
    "FrameRelaxed",
    "HardwareCommand",
    "HardwareMisreport",
    "Install",
    "KeyChanged",
    "KeyReset",
    "LimitChanged",
    "LinkAction",
    "LinkEstablished",
    "LinkLost",
    "Lock",
    "MessageDiscarded",
    "Notice",
    "Open",
    "Outcome",
    "Ping",
    "ProfileDropped",
    "ProfileRejected",
    "Reboot",
    "Registered",
    "ReservationEnd",
    "ReservationEnded",
    "ReservationMade",
    "Restart",
    "RestartFailed",
    "Restarting",
    "SendText",
    "SetLights",
    "SetLimit",
    "SetOutput",
    "ShowStatus",
    "StartAbandoned",
    "StatusChanged",
    "TransactionStarted",
    "TransactionStopped",
    "TransferEnded",
    "Unlock",
    "Upload",
    "Work",
    "WorkProgress",
    "Write",
]


@frozen
class Write:
    """A record to put into the store, or with `text` of `None` to take out of it."""

    table: str
    key: str
    text: str | None


# Commands: what the hardware is to do.


@frozen
class SetOutput:
    """Allow energy at a connector, or not. A level: said on change and once after each start.

    Allowed, the contactor follows the vehicle: it closes when the vehicle asks and opens when it pauses.
    """

    connector_id: int
    is_on: bool


@frozen
class SetLimit:
    """Offer at most so much current per phase (on DC: in total). A level.

    What falls is said before what rises, so that the sum over all connectors is never above what it may be.
    """

    connector_id: int
    limit_a: Decimal
    """0, or at least what a control pilot can tell a vehicle: never in between."""
    phases: int = 3
    """Over at most so many of the connector's phases."""


@frozen
class ShowStatus:
    """Show a connector's status with its lights. A level."""

    connector_id: int
    status: ChargePointStatus


@frozen
class SetLights:
    """How bright the lights are, and how often they blink to signal something. A level, of the whole station."""

    intensity_percent: int
    """0 to 100."""
    blink_repeat: int
    """0: they do not blink."""


@frozen
class Lock:
    """Hold the plug in the socket. An ask: answered with `CommandDone(ask_id, ...)`."""

    ask_id: int
    connector_id: int


@frozen
class Unlock:
    """Let go of the plug. An ask."""

    ask_id: int
    connector_id: int


@frozen
class Reboot:
    """Start anew. An ask: it succeeds if the run is to end now, and another one begins."""

    ask_id: int
    restart: Restart


@frozen
class Download:
    """Fetch a file, to be installed. An ask; what an earlier try has fetched of it may be gone on with."""

    ask_id: int
    location: str = field(repr=False)
    """A URL; it may hold a password."""


@frozen
class Install:
    """Install the firmware that was fetched last. An ask: done when it is in place, and a reboot would start it."""

    ask_id: int


@frozen
class CollectDiagnostics:
    """Put together what there is to be known about a time, as one file. An ask."""

    ask_id: int
    file_name: str
    since: datetime | None
    until: datetime | None
    """`None`: without a limit."""


@frozen
class Upload:
    """Bring a file that was collected to a directory. An ask."""

    ask_id: int
    file_name: str
    location: str = field(repr=False)
    """The URL of the directory; it may hold a password."""


@frozen
class CancelAsk:
    """Stop carrying out an ask; its answer is not wanted any more."""

    ask_id: int


HardwareCommand = SetOutput | SetLimit | ShowStatus | SetLights | Lock | Unlock | Reboot
"""What the hardware is asked for."""

FileCommand = Download | Install | CollectDiagnostics | Upload | CancelAsk
"""What is to be done with files: by a transfer, or by the driver on files."""

Command = HardwareCommand | FileCommand
"""What is to be done here, whatever becomes of the network."""


# Link actions: what the connection is to do.


@frozen
class Open:
    """Connect to the central system; `LinkUp(number)` or `LinkDown(number)` tells what became of it."""

    number: int
    url: str
    subprotocols: tuple[str, ...]
    headers: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    local_address: str = ""
    """The IP address of this side to connect from; empty: the system chooses."""
    interface: str = ""
    """The network interface to connect over; empty: the system chooses."""


@frozen
class SendText:
    """Send one text message."""

    number: int
    text: str


@frozen
class Ping:
    """Send a WebSocket ping."""

    number: int


@frozen
class Close:
    """Close the connection, after all that was sent before."""

    number: int
    code: int
    reason: str


LinkAction = Open | SendText | Ping | Close
"""What a transport is asked for."""


@frozen
class Outcome:
    """What to do about one event: its fields in this order, each whole before the next begins."""

    writes: tuple[Write, ...] = ()
    """One atomic batch, on disk before anything below happens."""
    commands: tuple[Command, ...] = ()
    """For the driver; never waits for the network."""
    link: tuple[LinkAction, ...] = ()
    """For the transport, in this order."""
    notices: tuple[Notice, ...] = ()
    """For the application."""
    wake_at: float | None = None
    """Call again with `Woke()` by this monotonic instant, or sooner with any event; `None`: nothing is due."""
