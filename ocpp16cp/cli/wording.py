"""What passes and what happens, in one line each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, assert_never

from attrs import define, field

from ocpp16cp.io.link import Direction
from ocpp16cp.io.trace import REMEMBERED_CALLS
from ocpp16cp.outcome import (
    Awaited,
    Awaits,
    CallFailed,
    CardAccepted,
    CardRefusal,
    CardRefused,
    ClockChanged,
    DataReceived,
    DiagnosticsProgress,
    EndpointChanged,
    FirmwareProgress,
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
    ReservationEnded,
    ReservationMade,
    RestartFailed,
    Restarting,
    StartAbandoned,
    StatusChanged,
    TransactionStarted,
    TransactionStopped,
    TransferEnded,
    WorkProgress,
)
from ocpp16cp.station import CHARGE_POINT
from ocpp16cp.wire.frames import Call, CallError, CallResult, Unreadable, parse_frame
from ocpp16cp.wire.strict_json import Json
from ocpp16cp.wire.types import ChargePointErrorCode

_LEFT_OUT: Final = {"context", "currentTime", "location", "measurand", "timestamp"}
"""Members that tell little to somebody who watches: the time is now, and units tell measurands apart."""

_REFUSALS: Final = {
    CardRefusal.NOT_ACCEPTED: "not accepted",
    CardRefusal.NO_CONNECTOR: "no connector to use",
    CardRefusal.OFFLINE: "cannot be checked while offline",
    CardRefusal.RESERVED: "reserved for somebody else",
    CardRefusal.BUSY: "too many cards are waiting",
}


_AWAITED: Final = {
    None: "waits for nothing",
    Awaited.CARD: "waits for a card",
    Awaited.CABLE: "waits for its cable",
    Awaited.LOCK: "waits for the plug to be locked",
    Awaited.METER: "waits for its meter",
    Awaited.AUTHORIZATION: "waits for a card to be checked",
    Awaited.UNPLUGGING: "waits to be unplugged",
    Awaited.CARD_TO_UNLOCK: "holds the cable until the card is presented again",
}


@define(eq=False)
class MessageTeller:
    """Messages of one connection in one line each; answers are told with the action they belong to."""

    _actions: dict[tuple[Direction, str], str] = field(factory=dict, init=False)

    def __call__(self, direction: Direction, text: str) -> str:
        """One frame: which way it goes, its action, what is in it."""
        frame = parse_frame(text)
        arrow = "->" if direction is Direction.SENT else "<-"
        match frame:
            case Call():
                if len(self._actions) >= REMEMBERED_CALLS:
                    del self._actions[next(iter(self._actions))]
                self._actions[direction, frame.message_id] = frame.action
                what = f"{frame.action} {_summary(frame.payload)}"
            case CallResult():
                what = f"{self._answered(direction, frame.message_id)}: {_summary(frame.payload) or 'confirmed'}"
            case CallError():
                said = f"{frame.code.value} {frame.description}"
                what = f"{self._answered(direction, frame.message_id)}: {said}"
            case Unreadable():
                what = f"no message: {frame.reason}"
            case _:
                assert_never(frame)
        return f"{arrow} {what}".rstrip()

    def _answered(self, direction: Direction, message_id: str) -> str:
        """The action of the CALL that is answered."""
        opposite = Direction.SENT if direction is Direction.RECEIVED else Direction.RECEIVED
        return self._actions.pop((opposite, message_id), "answer to nothing")


def _summary(payload: Json) -> str:
    """The members of a payload that matter, without its structure."""
    return " ".join(_parts(payload))


def _parts(value: Json) -> Iterator[str]:
    """What is in a value."""
    match value:
        case {"value": measured, **rest} if "key" not in rest:
            unit = rest.get("unit", "")
            yield f"{measured} {'%' if unit == 'Percent' else unit}"
        case dict():
            for name, member in value.items():
                if isinstance(member, dict | list):
                    yield from _parts(member)
                elif name not in _LEFT_OUT and member != ChargePointErrorCode.NO_ERROR:
                    yield f"{name}={member}"
        case list():
            for member in value:
                yield from _parts(member)
        case _:
            yield str(value)


def tell_notice(notice: Notice) -> str:
    """What the station says has happened."""
    return _TOLD[type(notice)](notice)


def _place(connector_id: int) -> str:
    """A connector, or the station."""
    return "station" if connector_id == CHARGE_POINT else f"connector {connector_id}"


def _way(url: str, network: str) -> str:
    """A way to the central system."""
    return f"{url} over {network}" if network else url


def _status_changed(notice: StatusChanged) -> str:
    has_error = notice.error_code is not ChargePointErrorCode.NO_ERROR
    return f"{_place(notice.connector_id)}: {notice.status}{f' ({notice.error_code})' if has_error else ''}"


def _card_refused(notice: CardRefused) -> str:
    said = f", the central system says {notice.status}" if notice.status else ""
    return f"card {notice.id_tag} refused: {_REFUSALS[notice.refusal]}{said}"


def _limit_changed(notice: LimitChanged) -> str:
    on_phases = f" on {notice.phases} phase{'s' if notice.phases > 1 else ''}"
    until = "" if notice.until is None else f" until {notice.until.isoformat(timespec='seconds')}"
    return f"connector {notice.connector_id}: offers {notice.limit_a} A{on_phases}{until}"


def _with_reason(said: str, reason: str) -> str:
    return f"{said}: {reason}" if reason else said


def _work_progress(notice: WorkProgress) -> str:
    whole = "" if notice.total is None else f" of {notice.total}"
    return f"{notice.work.lower()}: {notice.done}{whole}"


_TOLD: Final[dict[type, Callable[[Any], str]]] = {
    LinkEstablished: lambda notice: f"online: connected to {_way(notice.url, notice.network)}",
    EndpointChanged: lambda notice: f"next is endpoint {notice.position + 1}: {_way(notice.url, notice.network)}",
    LinkLost: lambda notice: f"offline: {notice.reason} (next attempt in {notice.retry_in_s:.0f} s)",
    Registered: lambda notice: f"registration: {notice.status}, interval {notice.interval_s} s",
    CallFailed: lambda notice: f"{notice.action} failed: {notice.reason}",
    DataReceived: lambda notice: f"DataTransfer of {notice.request.vendor_id} waits for an answer",
    TransferEnded: lambda notice: f"DataTransfer {notice.reference}: {notice.status or notice.failure}",
    ClockChanged: lambda notice: (
        f"the clock shows {notice.utc:%Y-%m-%d %H:%M:%S} UTC"
        + ("" if notice.by_s is None else f", set by {notice.by_s:+.0f} s")
    ),
    MessageDiscarded: lambda notice: f"{notice.action} given up: {notice.reason}",
    FrameRelaxed: lambda notice: f"{notice.action}: forgave the central system {notice.path}: {notice.what}",
    FrameRefused: lambda notice: f"refused what the central system sent: {notice.reason}: {notice.text}",
    Restarting: lambda notice: f"the station starts anew: {notice.restart}",
    RestartFailed: lambda notice: f"the station could not be started anew: {notice.reason}",
    FirmwareProgress: lambda notice: _with_reason(f"firmware: {notice.status}", notice.reason),
    DiagnosticsProgress: lambda notice: _with_reason(f"diagnostics: {notice.status}", notice.reason),
    WorkProgress: _work_progress,
    HardwareMisreport: lambda notice: f"the hardware reports what cannot be: {notice.reason}",
    StatusChanged: _status_changed,
    CardRefused: _card_refused,
    CardAccepted: lambda notice: f"connector {notice.connector_id}: card {notice.id_tag} accepted",
    StartAbandoned: lambda notice: (
        f"connector {notice.connector_id}: nothing becomes of {notice.id_tag}: {notice.reason}"
    ),
    Awaits: lambda notice: f"connector {notice.connector_id}: {_AWAITED[notice.awaited]}",
    KeyChanged: lambda notice: f"{notice.name} is now {'another one' if notice.text is None else repr(notice.text)}",
    KeyReset: lambda notice: f"{notice.name} is back at its default: {notice.reason}",
    ReservationMade: lambda notice: (
        f"{_place(notice.connector_id)}: reserved for {notice.id_tag} until {notice.until:%Y-%m-%d %H:%M:%S} UTC"
    ),
    ReservationEnded: lambda notice: (
        f"{_place(notice.connector_id)}: reservation of {notice.id_tag} is over ({notice.end})"
    ),
    TransactionStarted: lambda notice: (
        f"connector {notice.connector_id}: transaction of {notice.id_tag} begins at {notice.meter_start_wh} Wh"
    ),
    LimitChanged: _limit_changed,
    ProfileRejected: lambda notice: (
        f"{_place(notice.connector_id)}: charging profile {notice.charging_profile_id} rejected: {notice.reason}"
    ),
    ProfileDropped: lambda notice: f"charging profile {notice.charging_profile_id} removed: {notice.reason}",
    TransactionStopped: lambda notice: (
        f"connector {notice.connector_id}: transaction of {notice.id_tag} ends with {notice.energy_wh} Wh"
        f" ({notice.reason})"
    ),
}
"""A sentence for each kind of notice."""
