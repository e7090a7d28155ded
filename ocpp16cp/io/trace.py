"""Message traces in the open OCPP trace format, version 1.1: one JSON record a line for each frame.

Secrets do not enter a trace: the value of AuthorizationKey, and user and password in URLs, become `***`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Final, Protocol

from attrs import define, field

from ocpp16cp.wire.frames import Call, CallError, CallResult, parse_frame
from ocpp16cp.wire.strict_json import Json, load

from .link import Direction

SCHEMA_VERSION: Final = "1.1"

REMEMBERED_CALLS: Final = 64
"""CALLs without an answer that are kept to name the action of their answer: each side has one in flight, or a few."""

_SECRET_KEYS: Final = {"authorizationkey"}
_CREDENTIALS: Final = re.compile(r"(?<=://)[^/?#\s\"]+(?=@)")
"""Up to the last `@` before the path: some write one into a password as it is."""
_STARS: Final = "***"


def _utc_now() -> datetime:
    """The time of the machine."""
    return datetime.now(UTC)


class Lines(Protocol):
    """Where a trace is written to: an open text file, or what behaves like one."""

    def write(self, text: str, /) -> object:
        """Take a line, its end included."""
        ...

    def flush(self) -> None:
        """Let others see what was written."""
        ...


@define(eq=False)
class TraceWriter:
    """Writes the frames of one charge point, as `StationRunner.on_frame` hands them over.

    Frames that are no OCPP message have no record: they are counted, and the next record tells how many there were.
    """

    out: Lines
    """Flushed after each record."""
    identity: str
    clock: Callable[[], datetime] = field(default=_utc_now, kw_only=True)
    """The time to write down, an aware datetime."""
    _calls: dict[tuple[Direction, str], str] = field(factory=dict, init=False)
    """Actions of the CALLs without an answer, by direction and message id."""
    _unreadable: int = field(default=0, init=False)

    def __call__(self, direction: Direction, text: str) -> None:
        """Write one frame down."""
        frame = parse_frame(text)
        if not isinstance(frame, Call | CallResult | CallError):
            self._unreadable += 1
            return
        record: dict[str, Any] = {
            "schemaVersion": SCHEMA_VERSION,
            "timestamp": _timestamp(self.clock()),
            "transport": "json",
            "direction": direction.value,
            "messageType": _MESSAGE_TYPES[type(frame)],
            "ocppVersion": "1.6",
            "chargePointId": self.identity,
            "messageId": frame.message_id,
        }
        shown = self._describe(record, frame, direction)
        record["raw"] = text if shown is None else _rendered(shown)
        self._add_meta(record, is_redacted=shown is not None)
        self.out.write(_line(record, text) + "\n")
        self.out.flush()

    def _describe(
        self, record: dict[str, Any], frame: Call | CallResult | CallError, direction: Direction
    ) -> list[Any] | None:
        """Add what depends on the kind of message; the frame without its secrets, `None` if there are none in it."""
        match frame:
            case Call():
                if len(self._calls) >= REMEMBERED_CALLS:
                    del self._calls[next(iter(self._calls))]
                self._calls[direction, frame.message_id] = frame.action
                payload = _redacted(frame.action, frame.payload)
                record |= {"action": frame.action, "payload": payload}
                connector_id = payload.get("connectorId") if isinstance(payload, dict) else None
                if type(connector_id) is int and connector_id >= 0:
                    record["connectorId"] = connector_id
                return None if payload == frame.payload else [2, frame.message_id, frame.action, payload]
            case CallResult():
                self._name_action(record, frame.message_id, direction)
                record["payload"] = payload = _without_credentials(frame.payload)
                return None if payload == frame.payload else [3, frame.message_id, payload]
            case CallError():
                self._name_action(record, frame.message_id, direction)
                code = frame.code.value if frame.spelling is None else frame.spelling
                details = _without_credentials(frame.details)
                record["error"] = {"code": code, "description": frame.description, "details": details}
                if details == frame.details:
                    return None
                return [4, frame.message_id, code, frame.description, details]

    def _name_action(self, record: dict[str, Any], message_id: str, direction: Direction) -> None:
        """Add the action of the CALL that is answered, if it was seen."""
        opposite = Direction.SENT if direction is Direction.RECEIVED else Direction.RECEIVED
        action = self._calls.pop((opposite, message_id), None)
        if action is not None:
            record["action"] = action

    def _add_meta(self, record: dict[str, Any], *, is_redacted: bool) -> None:
        """Add what is ours alone."""
        meta: dict[str, Any] = {}
        if is_redacted:
            meta["redacted"] = True
        if self._unreadable:
            meta["unreadableFramesBefore"], self._unreadable = self._unreadable, 0
        if meta:
            record["meta"] = meta


_MESSAGE_TYPES: Final = {Call: "CALL", CallResult: "CALLRESULT", CallError: "CALLERROR"}


def _timestamp(utc: datetime) -> str:
    """RFC 3339 in milliseconds."""
    return utc.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _rendered(frame: list[Any]) -> str:
    """The text of a frame without its secrets; a number that no float can be becomes a text."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"), default=_number)


def _number(value: Decimal) -> float | str:
    number = float(value)
    return number if isfinite(number) else str(value)


def _line(record: dict[str, Any], text: str) -> str:
    """The record as JSON; payload and raw say the same."""
    if record.get("payload") == {}:
        # May have been a `null`, which is taken for an empty payload everywhere else.
        sent = load(text)
        assert isinstance(sent, list)
        record["payload"] = sent[-1]
    try:
        return _strict(record)
    except ValueError:
        # A number that no float can be: raw alone tells it.
        record.pop("payload", None)
        record.get("error", {}).pop("details", None)
        return _strict(record)


def _strict(record: dict[str, Any]) -> str:
    """A record as JSON.

    Raises:
        ValueError: a number in it is beyond what a float holds.
    """
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=float, allow_nan=False)


def _redacted(action: str, payload: Json) -> Json:
    """The payload of a CALL without its secrets."""
    if action == "ChangeConfiguration" and isinstance(payload, dict) and _is_secret(payload.get("key")):
        return payload | {"value": _STARS}
    return _without_credentials(payload)


def _is_secret(key: Json) -> bool:
    """Whether the value of a configuration key may be known to both sides only."""
    return isinstance(key, str) and key.lower() in _SECRET_KEYS


def _without_credentials(value: Json) -> Json:
    """A value with user and password of every URL in it replaced."""
    match value:
        case str():
            return _CREDENTIALS.sub(_STARS, value)
        case dict():
            return {name: _without_credentials(member) for name, member in value.items()}
        case list():
            return [_without_credentials(member) for member in value]
        case _:
            return value
