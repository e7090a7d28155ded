"""`ocpp16cp trace`: a file of recorded messages as a sequence listing, or as the view that all readers agree on."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Final

import typer
from attrs import define, field, frozen

from ocpp16cp.io.link import Direction
from ocpp16cp.io.trace_correlation import Trace, TraceEntry, correlate
from ocpp16cp.io.trace_reader import MessageType, TraceInvalid, TraceRecord, read_records

from .failures import FAILED, explained

PAYLOAD_SHOWN: Final = 100
"""Characters of a payload, where no terminal sets the width of a line."""

_ID_SHOWN: Final = 36
"""Characters of a message id: a UUID, as many stations use, is shown whole..."""
_ID_SHOWN_ON_TERMINAL: Final = 11
"""... but on a terminal the payload needs the room."""
_ACTION_SHOWN: Final = 33
"""The longest action there is, SignedFirmwareStatusNotification, and some room."""
_KNOWN_MAJOR: Final = "1."

_File = Annotated[
    Path,
    typer.Argument(
        help="In the open OCPP trace format, whoever wrote it.", exists=True, dir_okay=False, show_default=False
    ),
]


def trace(
    file: _File,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the consumer view of the format: what belongs to what.")
    ] = False,
) -> None:
    """List the messages of a trace: when, which way, what, how long the answer took.

    Marked are CALLs without an answer, answers without a CALL, and messages whose secrets the writer has left out. On a
    terminal a line is as wide as that; elsewhere payloads are cut after 100 characters.

    The exit code is 1 if a line breaks a rule of the format. What stands before a line that cannot be read is listed
    all the same, but there is no view of half a trace.
    """
    with explained(debug=False):
        found, failure = _read(file)
    if not as_json:
        _print(found)
    elif failure is None:
        typer.echo(json.dumps(found.consumer_view(), indent=2))
    broken = [(each.line, each.rule) for each in found.contradictions]
    if failure is not None:
        broken.append((failure.line, failure.rule))
    for line, rule in broken:
        typer.echo(_printable(f"ocpp16cp: {file}:{line}: {rule}"), err=True)
    if broken:
        raise typer.Exit(FAILED)


def _read(file: Path) -> tuple[Trace, TraceInvalid | None]:
    """All records up to the end, or to the first line that is none."""
    records: list[TraceRecord] = []
    failure = None
    with file.open("rb") as opened:
        try:
            records.extend(read_records(opened))
        except TraceInvalid as invalid:
            failure = invalid
    return correlate(records), failure


# What is shown


@frozen
class Span:
    """A part of a line."""

    text: str
    style: str = ""
    """As rich calls it."""


Line = tuple[Span, ...]


def listing(trace: Trace, *, id_shown: int) -> Iterator[Line]:
    """The lines for people: the messages, a heading where day or station change, and a summary.

    Args:
        trace: what to list.
        id_shown: characters of a message id.
    """
    layout = _Layout.of(trace, id_shown)
    heading = None
    for entry in trace.entries:
        if heading != (heading := _heading(entry.record)):
            yield (Span(heading, "bold"),)
        yield layout.line(entry)
    yield from _summary(trace)


def _heading(record: TraceRecord) -> str:
    """Day and station."""
    day = f"{record.timestamp:%Y-%m-%d} UTC"
    return day if record.charge_point_id is None else f"{day}, {_printable(record.charge_point_id)}"


@define
class _Layout:
    """The widths of the columns, and what is known of other lines."""

    _trace: Trace
    _id_shown: int
    _action_width: int
    _id_width: int
    _unanswered: frozenset[int] = field(init=False)
    _orphans: frozenset[int] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._unanswered = frozenset(self._trace.unanswered_calls)
        self._orphans = frozenset(self._trace.orphan_responses)

    @classmethod
    def of(cls, trace: Trace, id_shown: int) -> _Layout:
        """As wide as what is in them."""
        actions = [len(_action(entry)) for entry in trace.entries]
        ids = [len(_message_id(entry, id_shown)) for entry in trace.entries]
        return cls(trace, id_shown, max(actions, default=0), max(ids, default=0))

    def line(self, entry: TraceEntry) -> Line:
        """One message; what a terminal may cut off comes last."""
        record = entry.record
        is_sent = record.direction is Direction.SENT
        is_error = record.message_type is MessageType.CALL_ERROR
        kind = "bold" if record.message_type is MessageType.CALL else "red" if is_error else ""
        return (
            Span(f"{record.timestamp:%H:%M:%S}.{record.timestamp.microsecond // 1000:03d} ", "dim"),
            Span("-> " if is_sent else "<- ", "green" if is_sent else "cyan"),
            Span(f"{_action(entry):{self._action_width}} ", kind),
            Span(f"{_message_id(entry, self._id_shown):{self._id_width}} ", "dim"),
            Span(f"{_place(self._connector_id(entry)):>4} "),
            Span(f"{_took(entry):>9} "),
            *(Span(f"[{mark}] ", "yellow") for mark in self._marks(entry)),
            Span(_content(record), "red" if is_error else ""),
        )

    def _marks(self, entry: TraceEntry) -> Iterator[str]:
        """What is special about a message."""
        if entry.index in self._unanswered:
            yield "unanswered"
        if entry.index in self._orphans:
            yield "orphan"
        if entry.record.is_redacted:
            yield "redacted"

    def _connector_id(self, entry: TraceEntry) -> int | None:
        """The connector that a message is about, or the CALL that it answers."""
        if entry.call_index is not None and entry.record.connector_id is None:
            return self._connector_id(self._trace.entries[entry.call_index])
        match entry.record:
            # Not every writer copies it out of the payload.
            case TraceRecord(connector_id=None, payload={"connectorId": int(connector_id)}):
                return connector_id
            case record:
                return record.connector_id


def _action(entry: TraceEntry) -> str:
    return _shortened(entry.action or "?", _ACTION_SHOWN)


def _message_id(entry: TraceEntry, limit: int) -> str:
    return _shortened(entry.record.message_id or "", limit)


def _place(connector_id: int | None) -> str:
    return "" if connector_id is None else f"#{connector_id}"


def _took(entry: TraceEntry) -> str:
    """How long the answer took."""
    if entry.latency is None:
        return ""
    seconds = entry.latency.total_seconds()
    return f"{seconds * 1000:+.0f} ms" if abs(seconds) < 10 else f"{seconds:+.1f} s"


def _content(record: TraceRecord) -> str:
    """The payload, or what went wrong."""
    if record.error is None:
        return _printable(record.raw or "") if record.payload is None else _compact(record.payload)
    said = f"{record.error.get('code', '')} {record.error.get('description', '')}".strip()
    details = record.error.get("details")
    return _printable(said) if details in (None, {}) else f"{_printable(said)} {_compact(details)}"


def _compact(value: object) -> str:
    return "" if value is None else _printable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _shortened(text: str, limit: int) -> str:
    shown = _printable(text)
    return shown if len(shown) <= limit else f"{shown[: limit - 3]}..."


def _printable(text: str) -> str:
    """A text that cannot steer a terminal, whoever wrote it, and that every file takes."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _summary(trace: Trace) -> Iterator[Line]:
    """Counts, and whatever else there is to know about the whole."""
    counts = [
        _counted(trace.count(MessageType.CALL), "CALL"),
        _counted(trace.count(MessageType.CALL_RESULT), "CALLRESULT"),
        _counted(trace.count(MessageType.CALL_ERROR), "CALLERROR"),
    ]
    yield (Span(f"{_counted(len(trace.entries), 'record')}: {', '.join(counts)}", "bold"),)
    yield from ((Span(note, "yellow"),) for note in _notes(trace))
    took = [entry.latency.total_seconds() for entry in trace.entries if entry.latency is not None]
    if took:
        median, longest = statistics.median(took) * 1000, max(took) * 1000
        yield (Span(f"an answer took {median:.0f} ms (median), {longest:.0f} ms at most"),)


def _notes(trace: Trace) -> Iterator[str]:
    """What somebody should know before he trusts the listing."""
    records = [entry.record for entry in trace.entries]
    if trace.entries and not trace.schema_version.startswith(_KNOWN_MAJOR):
        yield f"written in version {_printable(trace.schema_version)} of the format, read as version 1"
    if trace.unanswered_calls:
        yield f"{_counted(len(trace.unanswered_calls), 'CALL')} unanswered"
    if trace.orphan_responses:
        yield f"{_counted(len(trace.orphan_responses), 'response')} without a CALL"
    if redacted := sum(record.is_redacted for record in records):
        yield f"{_counted(redacted, 'message')} without the secrets they held"
    if unreadable := sum(record.unreadable_before for record in records):
        yield f"{_counted(unreadable, 'frame')} left out by the writer, as they were no messages"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


# How it is shown


def _print(trace: Trace) -> None:
    """In colour and as wide as the terminal, where there is one and rich is installed; otherwise as plain text."""
    if sys.stdout.isatty() and find_spec("rich") is not None:
        _print_rich(listing(trace, id_shown=_ID_SHOWN_ON_TERMINAL))
        return
    for *front, content in listing(trace, id_shown=_ID_SHOWN):
        text = "".join(span.text for span in front) + _shortened(content.text, PAYLOAD_SHOWN)
        typer.echo(text.rstrip())


def _print_rich(lines: Iterator[Line]) -> None:
    # Loaded only to be used: it takes longer than all the rest.
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for line in lines:
        text = Text.assemble(*((span.text, span.style) for span in line))
        text.rstrip()
        console.print(text, no_wrap=True, overflow="ellipsis")
