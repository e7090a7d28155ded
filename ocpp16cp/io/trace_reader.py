"""Traces read back, whoever wrote them: the open OCPP trace format, JSON Lines, major version 1.

    with path.open("rb") as file:
        trace = correlate(read_records(file))

`correlate` is in `ocpp16cp.io.trace_correlation`. What the schema of the format forbids ends the reading, with
`TraceInvalid`; fields that are not known are ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, BinaryIO, Final, NoReturn, TypeVar

from attrs import field, frozen

from ocpp16cp.errors import UsageError

from .link import Direction

MAX_LINE_BYTES: Final = 2**24
"""A record holds its message twice, and the second time with a backslash before each quotation mark: that of a message
of 1 MiB, the most that a station takes, stays far below."""


class TraceInvalid(UsageError):
    """A line is no record of the format."""

    def __init__(self, line: int, rule: str) -> None:
        super().__init__(f"line {line}: {rule}")
        self.line = line
        """The first is 1."""
        self.rule = rule
        """What it breaks; holds nothing of the line but the value of one field."""

    def __reduce__(self) -> tuple[type[TraceInvalid], tuple[int, str]]:
        """Rebuild from the arguments: `Exception` alone would pass the joined text."""
        return type(self), (self.line, self.rule)


class MessageType(StrEnum):
    """The kinds of messages, as the format spells them."""

    CALL = "CALL"
    CALL_RESULT = "CALLRESULT"
    CALL_ERROR = "CALLERROR"


class TraceTransport(StrEnum):
    """What carried a message."""

    JSON = "json"
    SOAP = "soap"


@frozen(kw_only=True)
class TraceRecord:
    """One message, with the fields that its writer gave; `None` for those it did not."""

    line: int
    """Where it stands in the file; the first is 1."""
    schema_version: str
    timestamp: datetime
    """In UTC."""
    transport: TraceTransport
    direction: Direction
    message_type: MessageType
    ocpp_version: str | None
    charge_point_id: str | None
    connector_id: int | None
    message_id: str | None
    action: str | None
    """Of a CALL always, of a response if its writer gave it."""
    payload: Any = field(eq=False)
    """Parsed JSON."""
    error: Mapping[str, Any] | None = field(eq=False)
    """Of a CALLERROR always: `code`, `description`, `details` and what else its writer gave, each of which may be
    missing; code and description are texts."""
    meta: Mapping[str, Any] = field(eq=False)
    raw: str | None = field(repr=False)

    @property
    def is_redacted(self) -> bool:
        """Whether the writer has left secrets out."""
        return self.meta.get("redacted") is True

    @property
    def unreadable_before(self) -> int:
        """Frames since the record before that were no messages, as far as the writer counts them as ours does."""
        count = self.meta.get("unreadableFramesBefore")
        return count if type(count) is int and count > 0 else 0


def read_records(file: BinaryIO) -> Iterator[TraceRecord]:
    """Read one record after the other; blank lines are passed over.

    Raises:
        TraceInvalid: a line is no record; those before it have been handed out.
        OSError: the file cannot be read.
    """
    number = 0
    while data := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(data) > MAX_LINE_BYTES:
            raise TraceInvalid(number, f"longer than {MAX_LINE_BYTES} bytes")
        if not data.isspace():
            yield _record(number, _fields(number, data))


def _fields(line: int, data: bytes) -> dict[str, Any]:
    """What is in a line; some writers put the mark of UTF-8 before the first one."""
    try:
        fields = load(data.decode("utf-8-sig" if line == 1 else "utf-8"))
    except UnicodeDecodeError:
        raise TraceInvalid(line, "not UTF-8") from None
    except ValueError:
        raise TraceInvalid(line, "not JSON") from None
    if not isinstance(fields, dict):
        raise TraceInvalid(line, "not a JSON object")
    return fields


def load(text: str) -> Any:
    """Parse JSON; more than the wire takes, as others may have written it.

    Raises:
        ValueError: this is none, or nested deeper than the interpreter can follow.
    """
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _record(line: int, fields: dict[str, Any]) -> TraceRecord:
    """Check the fields in the order in which the format lists them."""
    must = partial(_required, line, fields)
    may = partial(_optional, line, fields)
    record = TraceRecord(
        line=line,
        schema_version=must("schemaVersion", _text),
        timestamp=must("timestamp", _instant),
        transport=must("transport", partial(_one_of, TraceTransport)),
        direction=must("direction", partial(_one_of, Direction)),
        message_type=must("messageType", partial(_one_of, MessageType)),
        ocpp_version=may("ocppVersion", _text),
        charge_point_id=may("chargePointId", _text),
        connector_id=may("connectorId", _connector_id),
        message_id=may("messageId", _text),
        action=may("action", _text),
        payload=fields.get("payload"),
        raw=may("raw", _text),
        error=may("error", _error),
        meta=may("meta", _object) or {},
    )
    if record.message_type is MessageType.CALL and record.action is None:
        raise TraceInvalid(line, "action is missing, which a CALL must have")
    if record.message_type is MessageType.CALL_ERROR and record.error is None:
        raise TraceInvalid(line, "error is missing, which a CALLERROR must have")
    if record.message_type is not MessageType.CALL_ERROR and record.error is not None:
        raise TraceInvalid(line, f"error stands in a {record.message_type}, only a CALLERROR may have it")
    return record


class _Wrong(Exception):
    """A value is not what its field is for; says what it should be."""


T = TypeVar("T")


def _required(line: int, fields: dict[str, Any], name: str, check: Callable[[Any], T]) -> T:
    if name not in fields:
        raise TraceInvalid(line, f"{name} is missing")
    try:
        return check(fields[name])
    except _Wrong as wrong:
        raise TraceInvalid(line, f"{name} is {_quoted(fields[name])}, not {wrong}") from None


def _optional(line: int, fields: dict[str, Any], name: str, check: Callable[[Any], T]) -> T | None:
    return _required(line, fields, name, check) if name in fields else None


def _quoted(value: object) -> str:
    """A value as it stood there, at a length that a message can bear."""
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:60]}..."


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _Wrong("a text")
    return value


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong("an object")
    return value


def _error(value: object) -> dict[str, Any]:
    error = _object(value)
    for name in ("code", "description"):
        if not isinstance(error.get(name, ""), str):
            raise _Wrong(f"an object whose {name} is a text")
    return error


def _connector_id(value: object) -> int:
    # JSON has one kind of numbers: 1.0 is an integer as well.
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise _Wrong("an integer from 0")
    return number


E = TypeVar("E", bound=StrEnum)


def _one_of(choices: type[E], value: object) -> E:
    for choice in choices:
        if choice == value:
            return choice
    raise _Wrong(" or ".join(choices))


_RFC_3339: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)",
    re.ASCII,
)


def _instant(value: object) -> datetime:
    """A time of RFC 3339, in UTC; a leap second is the one after it."""
    found = _RFC_3339.fullmatch(value) if isinstance(value, str) else None
    try:
        if found is not None:
            day, minute, second, fraction, offset = found.groups("")
            is_leap = second == "60"
            text = f"{day}T{minute}:{'59' if is_leap else second}{fraction}{offset.upper()}"
            return datetime.fromisoformat(text).astimezone(UTC) + timedelta(seconds=is_leap)
    except (ValueError, OverflowError):
        pass
    raise _Wrong("a time as in RFC 3339")
