"""OCPP-J frames: text to CALL, CALLRESULT, CALLERROR and back (OCPP-J §4.2).

`parse_frame` never raises: text that is none of the three is told as `Unreadable`, together with the
answer that is due for it. What a payload must hold is for the codec to say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from ocpp16cp.errors import CallErrorCode
from ocpp16cp.lean import frozen

from .strict_json import (
    MAX_LENGTH,
    Harmful,
    Json,
    NotJson,
    is_encodable,
    load,
    load_harmful,
)

CALL = 2
CALL_RESULT = 3
CALL_ERROR = 4

UNREADABLE_ID = "-1"
"""Stands for the id in the answer to a frame without a readable one, as in later generations."""

MAX_ID_LENGTH = 36
"""Characters in a message id (OCPP-J §4.1.4): a GUID fits."""

MAX_DESCRIPTION_LENGTH = 255
"""Characters of an error description that are sent: as later generations bound it."""

_FOREIGN_SPELLINGS = {
    "FormatViolation": CallErrorCode.FORMATION_VIOLATION,
    "OccurrenceConstraintViolation": CallErrorCode.OCCURENCE_CONSTRAINT_VIOLATION,
}
_CODES = {code.value: code for code in CallErrorCode} | _FOREIGN_SPELLINGS


@frozen
class Call:
    """A request of the other side. Whether there is such an action has not been looked at."""

    message_id: str
    action: str
    payload: Json
    """An object if the sender keeps to the rules; a `null` has become an empty one."""


@frozen
class CallResult:
    """A confirmation."""

    message_id: str
    payload: Json
    """An object if the sender keeps to the rules; a `null` has become an empty one."""


@frozen
class CallError:
    """A refusal instead of a confirmation."""

    message_id: str
    code: CallErrorCode
    """`GENERIC_ERROR` for a code that is none of 1.6."""
    description: str = ""
    details: Json = None
    spelling: str | None = None
    """The code as received, where that is not the spelling of 1.6."""


@frozen
class Unreadable:
    """Text that is no frame, and what is due for it."""

    reason: str
    """One line; holds nothing of the text."""
    message_type: int | None = None
    """2, 3 or 4 if that much could be read; a CALLRESULT or CALLERROR fails the CALL of its id."""
    message_id: str | None = None
    answer: CallError | None = None
    """To be sent back; `None` if an answer would be wrong."""


def parse_frame(text: str, *, max_length: int = MAX_LENGTH) -> Call | CallResult | CallError | Unreadable:
    """Read one frame.

    Args:
        text: One whole WebSocket message.
        max_length: Characters; longer texts are not looked at.
    """
    try:
        return _message(load(text, max_length=max_length))
    except NotJson as error:
        return _unidentified(str(error))
    except Harmful as error:
        reason = str(error)
    try:
        message = _message(load_harmful(text))
    except NotJson as error:
        # The harmless parser goes on where the strict one stopped, and may meet worse.
        return _unidentified(str(error))
    return message if isinstance(message, Unreadable) else _refused(message, reason)


def render_call(message_id: str, action: str, payload: str) -> str:
    """Write a CALL around a payload that is JSON text already."""
    return f"[2,{_quoted(message_id)},{_quoted(action)},{payload}]"


def render_result(message_id: str, payload: str) -> str:
    """Write a CALLRESULT around a payload that is JSON text already."""
    return f"[3,{_quoted(message_id)},{payload}]"


def render_error(
    message_id: str,
    code: CallErrorCode,
    *,
    description: str = "",
    details: Mapping[str, str] | None = None,
) -> str:
    """Write a CALLERROR.

    Args:
        message_id: That of the CALL.
        code: Why the CALL was not processed.
        description: One line, without secrets; cut at `MAX_DESCRIPTION_LENGTH`.
        details: Anything that helps to find the mistake, without secrets.
    """
    short = _quoted(description[:MAX_DESCRIPTION_LENGTH])
    return f"[4,{_quoted(message_id)},{_quoted(code)},{short},{_quoted(dict(details or {}))}]"


_quoted = json.JSONEncoder(separators=(",", ":")).encode


def _message(frame: Json) -> Call | CallResult | CallError | Unreadable:
    """Tell what a frame is; the checks stand in the order in which they decide."""
    if type(frame) is not list or not frame:
        return _unidentified("no list with a message type")
    message_type = frame[0]
    # `type` and not `isinstance`: true is an int in Python.
    if type(message_type) is not int or not CALL <= message_type <= CALL_ERROR:
        return Unreadable("unknown message type")
    message_id = frame[1] if len(frame) > 1 else None
    if type(message_id) is not str or not message_id or not is_encodable(message_id):
        if message_type == CALL:
            return _unidentified("no readable message id", message_type)
        return Unreadable("no readable message id", message_type)
    if message_type == CALL:
        return _call(message_id, frame)
    if message_type == CALL_RESULT:
        return _call_result(message_id, frame)
    return _call_error(message_id, frame)


def _call(message_id: str, frame: list[Json]) -> Call | Unreadable:
    if len(message_id) > MAX_ID_LENGTH:
        return _malformed(message_id, f"message id longer than {MAX_ID_LENGTH} characters")
    if len(frame) != 4:
        return _malformed(message_id, "a CALL has four elements")
    _, _, action, payload = frame
    if type(action) is not str:
        return _malformed(message_id, "the action is no text")
    return Call(message_id, action, {} if payload is None else payload)


def _call_result(message_id: str, frame: list[Json]) -> CallResult | Unreadable:
    if len(frame) != 3:
        return Unreadable("a CALLRESULT has three elements", CALL_RESULT, message_id)
    payload = frame[2]
    return CallResult(message_id, {} if payload is None else payload)


def _call_error(message_id: str, frame: list[Json]) -> CallError | Unreadable:
    if len(frame) != 5:
        return Unreadable("a CALLERROR has five elements", CALL_ERROR, message_id)
    _, _, spelling, description, details = frame
    if type(spelling) is not str or type(description) is not str:
        return Unreadable("code or description is no text", CALL_ERROR, message_id)
    code = _CODES.get(spelling, CallErrorCode.GENERIC_ERROR)
    foreign = None if code == spelling else spelling
    return CallError(message_id, code, description, details, spelling=foreign)


def _unidentified(reason: str, message_type: int | None = None) -> Unreadable:
    answer = CallError(UNREADABLE_ID, CallErrorCode.GENERIC_ERROR, reason)
    return Unreadable(reason, message_type, answer=answer)


def _malformed(message_id: str, reason: str) -> Unreadable:
    answer = CallError(message_id, CallErrorCode.FORMATION_VIOLATION, reason)
    return Unreadable(reason, CALL, message_id, answer)


def _refused(message: Call | CallResult | CallError, reason: str) -> Unreadable:
    """Refuse a frame that is in order but for something harmful in it."""
    if isinstance(message, Call):
        return _malformed(message.message_id, reason)
    message_type = CALL_RESULT if isinstance(message, CallResult) else CALL_ERROR
    return Unreadable(reason, message_type, message.message_id)
