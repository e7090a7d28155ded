"""What an application may show, log or count. Nothing depends on it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from ocpp16cp.lean import frozen
from ocpp16cp.progress import DiagnosticsProgress, FirmwareProgress, WorkProgress
from ocpp16cp.vendor_messages import DataRequest
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointErrorCode, ChargePointStatus, DataTransferStatus, Reason


@frozen
class LinkLost:
    """There is no connection to the central system; the next attempt comes by itself."""

    reason: str
    retry_in_s: float


@frozen
class LinkEstablished:
    """The connection to the central system stands."""

    url: str
    network: str = ""
    """The interface or the address of this side, where the station says which."""


@frozen
class EndpointChanged:
    """Another of several endpoints is tried next."""

    position: int
    """In `Station.endpoints`; 0 is the preferred one."""
    url: str
    network: str
    """As in `LinkEstablished`."""
    reason: str


@frozen
class Registered:
    """The central system answered a BootNotification."""

    status: str
    interval_s: int


@frozen
class StatusChanged:
    """A connector's status, or the station's (connector 0), is another one now."""

    connector_id: int
    status: ChargePointStatus
    error_code: ChargePointErrorCode


class CardRefusal(StrEnum):
    """Why a card did not lead to anything."""

    NOT_ACCEPTED = "NotAccepted"
    """The central system, or what is known locally, says no."""
    NO_CONNECTOR = "NoConnector"
    """No connector of the reader can be used now, and none is charging for this card."""
    OFFLINE = "Offline"
    """The card cannot be checked now."""
    RESERVED = "Reserved"
    """What it could use is reserved for other cards."""
    BUSY = "Busy"
    """Too many cards are waiting for an answer."""


@frozen
class CardRefused:
    """A card was refused."""

    id_tag: str
    refusal: CardRefusal
    status: AuthorizationStatus | None = None
    """What the central system said, where it was asked."""


@frozen
class CardAccepted:
    """A card was accepted for a connector; a cable may still be missing."""

    id_tag: str
    connector_id: int


@frozen
class StartAbandoned:
    """An accepted card or remote start came to nothing."""

    connector_id: int
    id_tag: str
    reason: str


class Awaited(StrEnum):
    """What a connector waits for before anything goes on."""

    CARD = "Card"
    """A vehicle is plugged in and nobody has presented a card."""
    CABLE = "Cable"
    """A card or remote start is accepted and no vehicle is plugged in."""
    LOCK = "Lock"
    """The plug is being locked."""
    METER = "Meter"
    """The meter has not been read since the start."""
    AUTHORIZATION = "Authorization"
    """The central system is being asked about a card."""
    UNPLUGGING = "Unplugging"
    """A transaction has ended, or nobody came in time: the cable has to be taken away."""
    CARD_TO_UNLOCK = "CardToUnlock"
    """The cable is held until the card that started, or one of its group, is presented again."""


@frozen
class Awaits:
    """What a connector waits for is another thing now; `None`: nothing."""

    connector_id: int
    awaited: Awaited | None


@frozen
class ReservationMade:
    """A connector is kept for a card from now on; 0: any connector."""

    reservation_id: int
    connector_id: int
    id_tag: str
    until: datetime


class ReservationEnd(StrEnum):
    """Why a reservation has ended."""

    USED = "Used"
    """A transaction of its card, or one of its group, has begun."""
    EXPIRED = "Expired"
    CANCELLED = "Cancelled"
    REPLACED = "Replaced"
    """By another one of the same id."""
    FAULTED = "Faulted"
    UNAVAILABLE = "Unavailable"


@frozen
class ReservationEnded:
    """A reservation is over."""

    reservation_id: int
    connector_id: int
    id_tag: str
    end: ReservationEnd


@frozen
class TransactionStarted:
    """A transaction runs."""

    connector_id: int
    id_tag: str
    meter_start_wh: int


@frozen
class TransactionStopped:
    """A transaction has ended."""

    connector_id: int
    id_tag: str
    reason: Reason
    energy_wh: int


@frozen
class LimitChanged:
    """A connector offers its vehicle something else than before, or for another time."""

    connector_id: int
    limit_a: Decimal
    phases: int
    until: datetime | None
    """When the charging profiles next give another limit; `None`: they never will."""


@frozen
class ProfileRejected:
    """A charging profile that the central system sent was not installed."""

    connector_id: int
    """Where it was to be installed; 0 is the charge point."""
    charging_profile_id: int
    reason: str
    """Which of its fields breaks which rule."""


@frozen
class ProfileDropped:
    """A stored charging profile does not fit this station any more, as after an update: it is removed."""

    charging_profile_id: int
    reason: str


@frozen
class DataReceived:
    """The central system sent a DataTransfer that the application has to answer, with the event `DataAnswered`."""

    ticket: int
    request: DataRequest
    within_s: float
    """After so many seconds it is answered with Rejected."""


@frozen
class TransferEnded:
    """A DataTransfer that the application wanted to send was answered, or came to nothing."""

    reference: int
    """Of the `TransferRequested`."""
    status: DataTransferStatus | None
    """`None`: there was no answer."""
    data: str | None = None
    failure: str = ""
    """Why there was no answer."""


@frozen
class ClockChanged:
    """Somebody has told what time it is, and the clock was wrong by a second or more, or not set at all."""

    utc: datetime
    """The time from now on."""
    by_s: float | None
    """How far it was set forward, or back (negative); `None`: nobody had told the time in this run before."""


@frozen
class CallFailed:
    """A CALL of ours was not answered in time, or with an error."""

    action: str
    reason: str


@frozen
class MessageDiscarded:
    """A transaction message was given up, or thinned out of a full queue."""

    action: str
    reason: str


@frozen
class FrameRefused:
    """Something the central system sent was refused or dropped."""

    reason: str
    text: str
    """The beginning of it."""


@frozen
class FrameRelaxed:
    """Something the central system sent breaks a rule and was read all the same, as the tolerance has it."""

    action: str
    """Of the CALL that it sent, or that it answered."""
    path: str
    """Where in the payload, as a JSON path."""
    what: str


@frozen
class KeyChanged:
    """A configuration key has another value now."""

    name: str
    text: str | None
    """As it goes over the wire; `None` of a key that never shows its value."""


@frozen
class KeyReset:
    """The stored value of a configuration key is none any more, as after an update: the key is back at its default."""

    name: str
    reason: str
    """The rule that the value breaks."""


class Restart(StrEnum):
    """Why the station is to start anew; the next `Started` tells it as its `StartCause` of the same value."""

    SOFT = "SoftReset"
    """The software alone."""
    HARD = "HardReset"
    """Everything, as after a power cut."""
    FIRMWARE = "Firmware"
    """Into new firmware."""


@frozen
class Restarting:
    """Leave is taken of the central system; then the station starts anew."""

    restart: Restart


@frozen
class RestartFailed:
    """The station could not be started anew, however often it was tried: it goes on as it is."""

    restart: Restart
    reason: str


@frozen
class HardwareMisreport:
    """The driver reported something that cannot be; it was ignored, or bent into what can."""

    reason: str


Notice = (
    LinkLost
    | LinkEstablished
    | EndpointChanged
    | Registered
    | StatusChanged
    | CardRefused
    | CardAccepted
    | StartAbandoned
    | Awaits
    | ReservationMade
    | ReservationEnded
    | TransactionStarted
    | TransactionStopped
    | LimitChanged
    | ProfileRejected
    | ProfileDropped
    | DataReceived
    | TransferEnded
    | ClockChanged
    | CallFailed
    | MessageDiscarded
    | FrameRefused
    | FrameRelaxed
    | KeyChanged
    | KeyReset
    | Restarting
    | RestartFailed
    | FirmwareProgress
    | DiagnosticsProgress
    | WorkProgress
    | HardwareMisreport
)
"""What an application may be told."""
