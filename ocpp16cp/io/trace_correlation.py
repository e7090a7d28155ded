"""What belongs together in a trace: which response answers which CALL, and what every reader should find in it.

Two things that cannot both be true, such as a `raw` that says something else than the fields beside it, do not make a
record unreadable: they are in `Trace.contradictions`. The fields win.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, Final, assert_never

from attrs import frozen

from .link import Direction
from .trace_reader import MessageType, TraceRecord, TraceTransport, load

UNKNOWN: Final = "unknown"
"""The schema version of a trace without records."""


@frozen(kw_only=True)
class Contradiction:
    """A line that can be read, but says two things that cannot both be true."""

    line: int
    rule: str


@frozen(kw_only=True)
class TraceEntry:
    """A record in its place."""

    index: int
    """The first is 0; lines without a record do not count."""
    record: TraceRecord
    action: str | None
    """Its own, or for a response that of its CALL; `None` for a response that tells nothing of it."""
    call_index: int | None
    """Of the CALL that this one answers."""
    latency: timedelta | None
    """Since that CALL, by the time stamps; negative if they say so."""


@frozen(kw_only=True)
class Trace:
    """All records of a trace, and which of them belong together."""

    entries: tuple[TraceEntry, ...]
    unanswered_calls: tuple[int, ...]
    """Indexes, ascending."""
    orphan_responses: tuple[int, ...]
    """Indexes, ascending."""
    contradictions: tuple[Contradiction, ...]
    """In the order of the lines."""

    @property
    def schema_version(self) -> str:
        """That of the first record."""
        return self.entries[0].record.schema_version if self.entries else UNKNOWN

    def count(self, message_type: MessageType) -> int:
        """How many records there are of a kind."""
        return sum(entry.record.message_type is message_type for entry in self.entries)

    def consumer_view(self) -> dict[str, object]:
        """What every reader of the format should find in this trace, ready to be written as JSON."""
        return {
            "schemaVersion": self.schema_version,
            "counts": {
                "records": len(self.entries),
                "calls": self.count(MessageType.CALL),
                "callResults": self.count(MessageType.CALL_RESULT),
                "callErrors": self.count(MessageType.CALL_ERROR),
            },
            "records": [_view(entry) for entry in self.entries],
            "unansweredCalls": list(self.unanswered_calls),
            "orphanResponses": list(self.orphan_responses),
        }


def _view(entry: TraceEntry) -> dict[str, object]:
    view: dict[str, object | None] = {
        "index": entry.index,
        "messageType": entry.record.message_type.value,
        "messageId": entry.record.message_id,
        "action": entry.action,
        "correlatesWith": entry.call_index,
    }
    return {name: value for name, value in view.items() if value is not None}


def correlate(records: Iterable[TraceRecord]) -> Trace:
    """Find the CALL of each response: the latest of the other direction with the same message id and no response yet.

    A missing message id counts as one of its own: traces of SOAP may do without, and their answers come in turn.
    """
    entries: list[TraceEntry] = []
    contradictions: list[Contradiction] = []
    orphans: list[int] = []
    waiting: dict[tuple[Direction, str | None], list[TraceEntry]] = {}
    for index, record in enumerate(records):
        rules = list(_contradictions_of_raw(record))
        call = None
        if record.message_type is not MessageType.CALL:
            calls = waiting.get((_opposite(record.direction), record.message_id))
            call = calls.pop() if calls else None
            if call is None:
                orphans.append(index)
            elif record.action not in (None, call.action):
                rules.append(
                    f"action is {record.action!r}, that of its CALL in line {call.record.line} {call.action!r}"
                )
        entry = _entry(index, record, call)
        entries.append(entry)
        contradictions += [Contradiction(line=record.line, rule=rule) for rule in rules]
        if record.message_type is MessageType.CALL:
            waiting.setdefault((record.direction, record.message_id), []).append(entry)
    unanswered = sorted(call.index for calls in waiting.values() for call in calls)
    return Trace(
        entries=tuple(entries),
        unanswered_calls=tuple(unanswered),
        orphan_responses=tuple(orphans),
        contradictions=tuple(contradictions),
    )


def _entry(index: int, record: TraceRecord, call: TraceEntry | None) -> TraceEntry:
    return TraceEntry(
        index=index,
        record=record,
        action=record.action if call is None else call.action,
        call_index=None if call is None else call.index,
        latency=None if call is None else record.timestamp - call.record.timestamp,
    )


def _opposite(direction: Direction) -> Direction:
    return Direction.SENT if direction is Direction.RECEIVED else Direction.RECEIVED


# What raw says


_NUMBERS: Final = {MessageType.CALL: 2, MessageType.CALL_RESULT: 3, MessageType.CALL_ERROR: 4}


def _contradictions_of_raw(record: TraceRecord) -> Iterator[str]:
    """Compare the frame's text with the fields that were taken from it."""
    if record.raw is None or record.transport is TraceTransport.SOAP:
        return
    try:
        frame = load(record.raw)
    except ValueError:
        frame = None
    if not isinstance(frame, list):
        yield "raw is not a JSON array"
        return
    for position, (name, value) in enumerate(_frame(record)):
        if value is None:
            continue
        if position >= len(frame):
            yield f"raw has no {name}"
        elif not _is_same(frame[position], value):
            yield f"raw has another {name} than the record"


def _frame(record: TraceRecord) -> Iterator[tuple[str, Any]]:
    """What raw should consist of, as far as the fields tell; `None` where they do not.

    A payload of `null` is among those: it stands for an empty one on some stations.
    """
    yield "message type", _NUMBERS[record.message_type]
    yield "message id", record.message_id
    match record.message_type:
        case MessageType.CALL:
            yield "action", record.action
            yield "payload", record.payload
        case MessageType.CALL_RESULT:
            yield "payload", record.payload
        case MessageType.CALL_ERROR:
            assert record.error is not None
            yield "error code", record.error.get("code")
        case _:
            assert_never(record.message_type)


def _is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON; level by level, so that their depth costs no stack."""
    pairs = [(one, other)]
    while pairs:
        one, other = pairs.pop()
        match one, other:
            case dict(), dict():
                if one.keys() != other.keys():
                    return False
                pairs += [(one[name], other[name]) for name in one]
            case list(), list():
                if len(one) != len(other):
                    return False
                pairs += zip(one, other, strict=True)
            case _:
                if _scalar(one) != _scalar(other):
                    return False
    return True


def _scalar(value: Any) -> tuple[str, Any]:
    """A value to be compared with its kind; numbers as the binary floats that most writers make of them."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return "number", float(value)
        except OverflowError:
            return "number", value
    return type(value).__name__, value
