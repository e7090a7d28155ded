from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO
from typing import Any

import jsonschema
import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.io.link import Direction
from ocpp16cp.io.trace import REMEMBERED_CALLS, TraceWriter

SENT, RECEIVED = Direction.SENT, Direction.RECEIVED

RECORD: dict[str, Any] = {
    "type": "object",
    "required": ["schemaVersion", "timestamp", "transport", "direction", "messageType"],
    "properties": {
        "schemaVersion": {"const": "1.1"},
        "timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
        "transport": {"enum": ["json", "soap"]},
        "direction": {"enum": ["cp-to-csms", "csms-to-cp"]},
        "messageType": {"enum": ["CALL", "CALLRESULT", "CALLERROR"]},
        "ocppVersion": {"const": "1.6"},
        "chargePointId": {"type": "string"},
        "connectorId": {"type": "integer", "minimum": 0},
        "messageId": {"type": "string"},
        "action": {"type": "string"},
        "payload": {},
        "raw": {"type": "string"},
        "error": {"type": "object", "required": ["code", "description"]},
        "meta": {"type": "object"},
    },
    "additionalProperties": False,
    "if": {"properties": {"messageType": {"const": "CALLERROR"}}},
    "then": {"required": ["error"]},
    "else": {"not": {"required": ["error"]}},
    "allOf": [{"if": {"properties": {"messageType": {"const": "CALL"}}}, "then": {"required": ["action"]}}],
}
"""The format's own rules; anything of ours beyond them stands in `meta`."""
VALIDATOR = jsonschema.Draft202012Validator(RECORD)


@define
class Trace:
    """A trace and what is in it."""

    out: StringIO = field(factory=StringIO)
    utc: datetime = datetime(2024, 2, 29, 12, 0, 0, 123_999, tzinfo=UTC)
    writer: TraceWriter = field(init=False)

    @writer.default
    def _make(self) -> TraceWriter:
        return TraceWriter(self.out, "CP 1", clock=lambda: self.utc)

    def records(self) -> list[dict[str, Any]]:
        """What was written, each record held to the rules of the format."""
        text = self.out.getvalue()
        assert text == "" or text.endswith("\n")
        records = [json.loads(line, parse_constant=pytest.fail) for line in text.split("\n")[:-1]]
        for record in records:
            VALIDATOR.validate(record)
            _agree(record)
        return records


def _agree(record: dict[str, Any]) -> None:
    """Raw has to say what the fields say."""
    raw = json.loads(record["raw"])
    match record["messageType"]:
        case "CALL":
            assert raw[:3] == [2, record["messageId"], record["action"]]
            assert raw[3] == record.get("payload", raw[3])
        case "CALLRESULT":
            assert raw[:2] == [3, record["messageId"]]
            assert raw[2] == record.get("payload", raw[2])
        case _:
            error = record["error"]
            assert raw[:4] == [4, record["messageId"], error["code"], error["description"]]
            assert raw[4] == error.get("details", raw[4])


def traced(*frames: tuple[Direction, str]) -> list[dict[str, Any]]:
    trace = Trace()
    for direction, text in frames:
        trace.writer(direction, text)
    return trace.records()


def test_call_is_written_whole() -> None:
    raw = '[2, "1-7", "StatusNotification", {"connectorId":0,"status":"Available"}]'

    (record,) = traced((SENT, raw))

    assert record == {
        "schemaVersion": "1.1",
        "timestamp": "2024-02-29T12:00:00.123Z",
        "transport": "json",
        "direction": "cp-to-csms",
        "messageType": "CALL",
        "ocppVersion": "1.6",
        "chargePointId": "CP 1",
        "messageId": "1-7",
        "action": "StatusNotification",
        "payload": {"connectorId": 0, "status": "Available"},
        "connectorId": 0,
        "raw": raw,
    }


def test_time_of_any_zone_is_written_in_utc() -> None:
    trace = Trace(utc=datetime(2024, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2))))

    trace.writer(SENT, '[2,"1","Heartbeat",{}]')

    assert trace.records()[0]["timestamp"] == "2023-12-31T23:30:00.000Z"


def test_clock_of_the_machine_is_taken_unless_told_otherwise() -> None:
    out = StringIO()

    TraceWriter(out, "CP1")(SENT, '[2,"1","Heartbeat",{}]')

    written = datetime.fromisoformat(json.loads(out.getvalue())["timestamp"])
    assert abs(datetime.now(UTC) - written) < timedelta(minutes=1)


def test_answers_carry_the_action_they_answer() -> None:
    """A CALL of the same id the other way is another CALL: both sides may use the same ids."""
    records = traced(
        (SENT, '[2,"1","Heartbeat",{}]'),
        (RECEIVED, '[2,"1","Reset",{"type":"Soft"}]'),
        (SENT, '[4,"1","NotSupported","no","none"]'),
        (RECEIVED, '[3,"1",{"currentTime":"2024-01-01T00:00:00Z"}]'),
    )

    assert [record["action"] for record in records] == ["Heartbeat", "Reset", "Reset", "Heartbeat"]
    assert records[2]["error"] == {"code": "NotSupported", "description": "no", "details": "none"}
    assert records[3]["payload"] == {"currentTime": "2024-01-01T00:00:00Z"}


def test_answer_to_nothing_and_second_answer_have_no_action() -> None:
    records = traced(
        (RECEIVED, '[3,"9",{}]'), (SENT, '[2,"1","A",{}]'), (RECEIVED, '[3,"1",{}]'), (RECEIVED, '[3,"1",{}]')
    )

    assert ["action" in record for record in records] == [False, True, True, False]


def test_calls_without_an_answer_are_forgotten_some_time() -> None:
    calls = [(SENT, f'[2,"{number}","A",{{}}]') for number in range(REMEMBERED_CALLS + 1)]

    records = traced(*calls, (RECEIVED, '[3,"0",{}]'), (RECEIVED, '[3,"1",{}]'))

    assert ["action" in record for record in records[-2:]] == [False, True]


def test_code_of_another_spelling_is_written_as_it_came() -> None:
    (record,) = traced((RECEIVED, '[4,"1","FormatViolation","",{}]'))

    assert record["error"]["code"] == "FormatViolation"


def test_frames_that_are_no_message_are_counted_in_the_next_record() -> None:
    first, second = traced((RECEIVED, "hello"), (RECEIVED, "[5]"), (SENT, '[2,"1","A",{}]'), (SENT, '[2,"2","A",{}]'))

    assert first["meta"] == {"unreadableFramesBefore": 2}
    assert "meta" not in second


@pytest.mark.parametrize("connector_id", ["-1", "true", '"1"', "1.5"])
def test_connector_that_is_none_is_left_out(connector_id: str) -> None:
    (record,) = traced((RECEIVED, f'[2,"1","A",{{"connectorId":{connector_id}}}]'))

    assert "connectorId" not in record


@pytest.mark.parametrize("frame", ['[2,"1","A",null]', '[3,"1", null ]', '[4,"1","GenericError","",null]'])
def test_null_stays_null(frame: str) -> None:
    (record,) = traced((RECEIVED, frame))

    assert record.get("payload") is None
    assert record["raw"] == frame


@pytest.mark.parametrize(
    "frame",
    ['[2,"1","A",{"x":1e400}]', '[3,"1",{"x":[-1e400]}]', '[4,"1","GenericError","",{"x":1e400}]'],
)
def test_number_that_no_reader_can_hold_stands_in_raw_alone(frame: str) -> None:
    (record,) = traced((RECEIVED, frame))

    assert "payload" not in record
    assert "details" not in record.get("error", {})
    assert record["raw"] == frame


@pytest.mark.parametrize("key", ["AuthorizationKey", "authorizationkey"])
def test_authorization_key_becomes_stars(key: str) -> None:
    frame = json.dumps([2, "1", "ChangeConfiguration", {"key": key, "value": "s3cr3t"}])

    (record,) = traced((RECEIVED, frame))

    assert "s3cr3t" not in json.dumps(record)
    assert record["payload"] == {"key": key, "value": "***"}
    assert record["meta"] == {"redacted": True}


def test_other_configuration_stays_as_it_is() -> None:
    frame = '[2,"1","ChangeConfiguration",{"key":"HeartbeatInterval","value":"7"}]'

    (record,) = traced((RECEIVED, frame))

    assert record["raw"] == frame
    assert "meta" not in record


@pytest.mark.parametrize(
    "frame",
    [
        [2, "1", "GetDiagnostics", {"location": "ftp://user:s3cr3t@files.example/up"}],
        [2, "1", "GetLog", {"log": {"remoteLocation": "ftps://s3cr3t@files.example/up?x=1"}}],
        [2, "1", "UpdateFirmware", ["see http://user:s3cr3t@a and http://user:s3cr3t@b"]],
        [2, "1", "UpdateFirmware", {"location": "http://user:an@sign-s3cr3t@files.example/"}],
        [2, "1", "UpdateFirmware", {"location": "http://u:s3cr3t@files.example/", "retries": 10**400}],
        [3, "1", {"configurationKey": [{"value": "http://user:s3cr3t@a"}]}],
        [4, "1", "GenericError", "", {"url": "http://user:s3cr3t@a"}],
    ],
)
def test_credentials_in_urls_become_stars(frame: list[object]) -> None:
    (record,) = traced((RECEIVED, json.dumps(frame)))

    assert "s3cr3t" not in json.dumps(record)
    assert "://***@" in record["raw"]
    assert record["meta"] == {"redacted": True}


def test_redacted_number_that_no_reader_can_hold_is_told_as_text() -> None:
    (record,) = traced((RECEIVED, '[2,"1","UpdateFirmware",{"location":"http://u:p@a/","x":1e400}]'))

    assert json.loads(record["raw"])[3] == {"location": "http://***@a/", "x": "1E+400"}


def test_at_sign_behind_the_host_is_no_credential() -> None:
    frame = '[2,"1","UpdateFirmware",{"location":"http://files.example/a@b?c=d@e#f@g"}]'

    (record,) = traced((RECEIVED, frame))

    assert record["raw"] == frame


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
FRAMES = st.one_of(
    st.tuples(st.just(2), st.text(min_size=1, max_size=36), st.text(), JSON),
    st.tuples(st.just(3), st.text(min_size=1, max_size=36), JSON),
    st.tuples(st.just(4), st.text(min_size=1, max_size=36), st.text(), st.text(), JSON),
)


@given(st.lists(st.tuples(st.sampled_from(Direction), FRAMES, st.booleans()), max_size=5))
def test_any_message_becomes_a_record_that_keeps_to_the_format(
    frames: list[tuple[Direction, tuple[object, ...], bool]],
) -> None:
    records = traced(*((direction, json.dumps(frame, ensure_ascii=escaped)) for direction, frame, escaped in frames))

    unread = sum(record.get("meta", {}).get("unreadableFramesBefore", 0) for record in records)
    assert len(records) + unread <= len(frames)


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_any_text_becomes_a_record_or_is_counted(text: str) -> None:
    trace = Trace()

    trace.writer(RECEIVED, text)
    trace.writer(SENT, '[2,"1","Heartbeat",{}]')

    *others, last = trace.records()
    assert len(others) + last.get("meta", {}).get("unreadableFramesBefore", 0) == 1
