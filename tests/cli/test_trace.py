"""`ocpp16cp trace`: what it lists, and what it refuses."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ocpp16cp.cli.app import app
from ocpp16cp.io.link import Direction
from ocpp16cp.io.trace import TraceWriter
from ocpp16cp.io.trace_correlation import correlate
from ocpp16cp.io.trace_reader import read_records
from tests.cli.programs import ROOT, environment

UNREADABLE = Path("/proc/self/mem")
"""Even root can open it and not read it: the memory at address 0."""

UP, DOWN = "cp-to-csms", "csms-to-cp"


def _record(at: str, direction: str, message_type: str, message_id: str, **more: Any) -> dict[str, Any]:
    return {
        "schemaVersion": "1.1",
        "timestamp": f"2024-02-29T{at}Z",
        "transport": "json",
        "chargePointId": "CP 1",
        "direction": direction,
        "messageType": message_type,
        "messageId": message_id,
        **more,
    }


EXCHANGE = [
    _record("12:00:00.000", UP, "CALL", "1", action="StatusNotification", connectorId=2, payload={"status": "Faulted"}),
    _record("12:00:00.250", DOWN, "CALLRESULT", "1", payload={}),
    _record("12:00:01.000", DOWN, "CALL", "a", action="UnlockConnector", payload={"connectorId": 1}),
    _record("12:00:13.500", UP, "CALLERROR", "a", error={"code": "NotSupported", "description": "no lock"}),
    _record("12:00:14.000", UP, "CALL", "2", action="Heartbeat", payload={}),
    _record("12:00:14.100", DOWN, "CALLRESULT", "0", payload={"currentTime": "2024-02-29T12:00:14Z"}),
]


def _file(tmp_path: Path, *records: object) -> Path:
    path = tmp_path / "trace.jsonl"
    lines = (record if isinstance(record, str) else json.dumps(record) for record in records)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["trace", *map(str, arguments)])


def test_listing_of_an_exchange(tmp_path: Path) -> None:
    """Time, way, action, id, connector, how long the answer took, payload; what has no partner is marked."""
    result = _run(_file(tmp_path, *EXCHANGE))

    assert result.output.splitlines() == [
        "2024-02-29 UTC, CP 1",
        '12:00:00.000 -> StatusNotification 1   #2           {"status":"Faulted"}',
        "12:00:00.250 <- StatusNotification 1   #2   +250 ms {}",
        '12:00:01.000 <- UnlockConnector    a   #1           {"connectorId":1}',
        "12:00:13.500 -> UnlockConnector    a   #1   +12.5 s NotSupported no lock",
        "12:00:14.000 -> Heartbeat          2                [unanswered] {}",
        '12:00:14.100 <- ?                  0                [orphan] {"currentTime":"2024-02-29T12:00:14Z"}',
        "6 records: 3 CALLs, 2 CALLRESULTs, 1 CALLERROR",
        "1 CALL unanswered",
        "1 response without a CALL",
        "an answer took 6375 ms (median), 12500 ms at most",
    ]
    assert result.exit_code == 0


def test_view_is_that_of_the_library(tmp_path: Path) -> None:
    file = _file(tmp_path, *EXCHANGE)

    result = _run(file, "--json")

    with file.open("rb") as opened:
        assert json.loads(result.stdout) == correlate(read_records(opened)).consumer_view()
    assert (result.exit_code, result.stderr) == (0, "")


def test_empty_trace(tmp_path: Path) -> None:
    file = _file(tmp_path)

    assert _run(file).output == "0 records: 0 CALLs, 0 CALLRESULTs, 0 CALLERRORs\n"
    assert json.loads(_run(file, "--json").output)["schemaVersion"] == "unknown"


def test_trace_of_our_writer_shows_what_was_left_out(tmp_path: Path) -> None:
    out = StringIO()
    writer = TraceWriter(out, "CP 1", clock=lambda: datetime(2024, 2, 29, 23, 59, 59, 999_000, tzinfo=UTC))
    writer(Direction.RECEIVED, "no frame")
    writer(Direction.RECEIVED, '[2,"a","ChangeConfiguration",{"key":"AuthorizationKey","value":"00ff"}]')
    writer(Direction.SENT, '[4,"a","GenericError","full",{"limit":1e999}]')

    result = _run(_file(tmp_path, *out.getvalue().splitlines()))

    assert result.output.splitlines()[1:] == [
        '23:59:59.999 <- ChangeConfiguration a                [redacted] {"key":"AuthorizationKey","value":"***"}',
        "23:59:59.999 -> ChangeConfiguration a          +0 ms GenericError full",
        "2 records: 1 CALL, 0 CALLRESULTs, 1 CALLERROR",
        "1 message without the secrets they held",
        "1 frame left out by the writer, as they were no messages",
        "an answer took 0 ms (median), 0 ms at most",
    ]


def test_heading_tells_when_day_or_station_change(tmp_path: Path) -> None:
    first = _record("23:59:59.000", UP, "CALL", "1", action="Heartbeat")
    next_day = {**first, "timestamp": "2024-03-01T01:00:00+01:00"}
    nameless = {name: value for name, value in next_day.items() if name != "chargePointId"}

    output = _run(_file(tmp_path, first, first, next_day, {**next_day, "chargePointId": "CP 2"}, nameless)).output

    headings = [line for line in output.splitlines() if "UTC" in line]
    assert headings == ["2024-02-29 UTC, CP 1", "2024-03-01 UTC, CP 1", "2024-03-01 UTC, CP 2", "2024-03-01 UTC"]


def test_what_is_long_is_cut(tmp_path: Path) -> None:
    long = _record("12:00:00.000", UP, "CALL", "i" * 50, action="A" * 50, payload={"data": "d" * 200})

    line = _run(_file(tmp_path, long)).output.splitlines()[1]

    expected = f'12:00:00.000 -> {"A" * 30}... {"i" * 33}... {"":14} [unanswered] {{"data":"{"d" * 88}...'
    assert line == expected


def test_content_of_a_message_that_has_no_payload(tmp_path: Path) -> None:
    """The frame itself, if there is one; details of an error, if they say something."""
    raw = _record("12:00:00.000", UP, "CALL", "1", action="Heartbeat", raw='[2,"1","Heartbeat",{}]')
    none = _record("12:00:00.000", UP, "CALL", "2", action="Heartbeat")
    error = _record("12:00:00.000", DOWN, "CALLERROR", "1", error={"code": "InternalError", "details": {"at": 3}})

    lines = _run(_file(tmp_path, raw, none, error)).output.splitlines()[1:4]

    assert lines == [
        '12:00:00.000 -> Heartbeat 1                [2,"1","Heartbeat",{}]',
        "12:00:00.000 -> Heartbeat 2                [unanswered]",
        '12:00:00.000 <- Heartbeat 1          +0 ms InternalError {"at":3}',
    ]


def test_nothing_in_a_file_can_steer_the_terminal(tmp_path: Path) -> None:
    """Escape sequences, line ends, marks that turn the direction of writing, halves of characters."""
    evil = "\x1b]0;owned\x07\r\n\u202e\ud83d"
    record = _record("12:00:00.000", UP, "CALL", evil, action=evil, payload={evil: evil}, chargePointId=evil)

    result = _run(_file(tmp_path, record, {**record, "raw": "no"}))

    assert all(character.isprintable() or character == "\n" for character in result.output)
    assert r"\x1b]0;owned\x07\r\n\u202e\ud83d" in result.output


def test_other_version_of_the_format_is_told(tmp_path: Path) -> None:
    result = _run(_file(tmp_path, {**EXCHANGE[4], "schemaVersion": "2.0"}))

    assert "written in version 2.0 of the format, read as version 1" in result.output
    assert result.exit_code == 0


def test_line_that_is_no_record(tmp_path: Path) -> None:
    """File, line and rule; what stands before is listed."""
    file = _file(tmp_path, EXCHANGE[4], {**EXCHANGE[0], "direction": "up"}, EXCHANGE[1])

    result = _run(file)

    assert result.stderr == f'ocpp16cp: {file}:2: direction is "up", not cp-to-csms or csms-to-cp\n'
    assert "12:00:14.000 -> Heartbeat" in result.stdout
    assert "1 record: 1 CALL," in result.stdout
    assert result.exit_code == 1


def test_there_is_no_view_of_half_a_trace(tmp_path: Path) -> None:
    file = _file(tmp_path, EXCHANGE[0], '{"schemaVersion": "1.1", "timest')

    result = _run(file, "--json")

    assert (result.stdout, result.stderr, result.exit_code) == ("", f"ocpp16cp: {file}:2: not JSON\n", 1)


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_contradictions_are_told_beside_what_was_asked_for(tmp_path: Path, options: list[str]) -> None:
    file = _file(tmp_path, EXCHANGE[0], {**EXCHANGE[1], "raw": '[3,"2",{}]', "action": "Heartbeat"})

    result = _run(file, *options)

    assert result.stderr.splitlines() == [
        f"ocpp16cp: {file}:2: raw has another message id than the record",
        f"ocpp16cp: {file}:2: action is 'Heartbeat', that of its CALL in line 1 'StatusNotification'",
    ]
    assert "StatusNotification" in result.stdout
    assert result.exit_code == 1


def test_file_that_does_not_exist(tmp_path: Path) -> None:
    result = _run(tmp_path / "none.jsonl")

    assert result.exit_code == 2
    assert "none.jsonl" in result.stderr


@pytest.mark.skipif(not UNREADABLE.exists(), reason="only Linux has this file")
def test_file_that_cannot_be_read() -> None:
    """In one line, like all errors of the system."""
    result = _run(UNREADABLE)

    assert result.exit_code == 1
    assert result.stderr.startswith("ocpp16cp: ")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("columns", [60, 120])
def test_on_a_terminal_lines_are_coloured_and_as_wide_as_it(tmp_path: Path, columns: int) -> None:
    """One line a message, however long its payload."""
    record = {**EXCHANGE[4], "messageId": "8f0bc3e1-7d5a-4a5e-9a55-6d9f3a4c1e27", "payload": {"data": "d" * 500}}
    file = _file(tmp_path, record)

    shown = _on_terminal(file, columns)

    heading, line, *_ = shown.splitlines()
    assert "\x1b[1m2024-02-29 UTC, CP 1" in heading
    assert "\x1b[32m-> " in line
    plain = _uncoloured(line)
    assert plain.startswith("12:00:14.000 -> Heartbeat 8f0bc3e1... ")
    assert plain.endswith("…")
    assert len(plain) == columns


def _on_terminal(file: Path, columns: int) -> str:
    """What the program writes to a terminal of its own."""
    ours, theirs = pty.openpty()
    variables = {**environment(), "COLUMNS": str(columns), "TERM": "xterm-256color"}
    variables.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "ocpp16cp", "trace", str(file)]
    with subprocess.Popen(command, stdout=theirs, env=variables, cwd=ROOT) as process:
        os.close(theirs)
        said = b""
        try:
            while data := os.read(ours, 4096):
                said += data
        except OSError:
            # Linux reports the end of a terminal like this.
            pass
        finally:
            os.close(ours)
    assert process.returncode == 0
    return said.decode()


def _uncoloured(line: str) -> str:
    return "".join(part.partition("m")[2] if index else part for index, part in enumerate(line.split("\x1b[")))
