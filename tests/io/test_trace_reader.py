from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ocpp16cp.io.link import Direction
from ocpp16cp.io.trace_reader import (
    MAX_LINE_BYTES,
    MessageType,
    TraceInvalid,
    TraceRecord,
    TraceTransport,
    read_records,
)

CALL: dict[str, Any] = {
    "schemaVersion": "1.1",
    "timestamp": "2024-02-29T12:00:00.123Z",
    "transport": "json",
    "direction": "cp-to-csms",
    "messageType": "CALL",
    "messageId": "17-1",
    "action": "Heartbeat",
}
ERROR: dict[str, Any] = {
    **CALL,
    "messageType": "CALLERROR",
    "direction": "csms-to-cp",
    "error": {"code": "NotSupported", "description": ""},
}


def _read(*lines: object) -> list[TraceRecord]:
    """Read records, or lines as they are."""
    whole = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    return list(read_records(BytesIO(whole.encode())))


def _rule(line: object) -> str:
    """What a line is refused for."""
    with pytest.raises(TraceInvalid) as caught:
        _read(line)
    assert caught.value.line == 1
    return caught.value.rule


def _without(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {each: value for each, value in fields.items() if each != name}


def test_record_with_every_field() -> None:
    line = {
        **ERROR,
        "ocppVersion": "1.6",
        "chargePointId": "CP 1",
        "connectorId": 2,
        "payload": None,
        "raw": '[4,"17-1","NotSupported","",{}]',
        "error": {"code": "NotSupported", "description": "", "details": [1], "cause": "unknown"},
        "meta": {"redacted": True, "unreadableFramesBefore": 3, "latencyMs": 12.5},
    }

    (record,) = _read(line)

    assert record.line == 1
    assert record.schema_version == "1.1"
    assert record.timestamp == datetime(2024, 2, 29, 12, 0, 0, 123_000, tzinfo=UTC)
    assert record.transport is TraceTransport.JSON
    assert record.direction is Direction.RECEIVED
    assert record.message_type is MessageType.CALL_ERROR
    assert (record.ocpp_version, record.charge_point_id, record.connector_id) == ("1.6", "CP 1", 2)
    assert (record.message_id, record.action, record.payload) == ("17-1", "Heartbeat", None)
    assert record.raw == line["raw"]
    assert record.error == line["error"]
    assert record.meta == line["meta"]
    assert (record.is_redacted, record.unreadable_before) == (True, 3)


def test_what_a_record_need_not_have_is_none() -> None:
    (record,) = _read({**_without(_without(CALL, "messageId"), "action"), "messageType": "CALLRESULT"})

    left_out = (record.ocpp_version, record.charge_point_id, record.connector_id, record.message_id, record.action)
    assert left_out == (None, None, None, None, None)
    assert (record.payload, record.error, record.raw, dict(record.meta)) == (None, None, None, {})
    assert (record.is_redacted, record.unreadable_before) == (False, 0)


def test_unknown_fields_and_unknown_versions_are_taken() -> None:
    """Forward compatibility: a later writer may add fields anywhere."""
    records = _read({**CALL, "schemaVersion": "1.7", "traceId": {"of": "later"}}, {**CALL, "ocppVersion": "2.0.1"})

    assert [record.schema_version for record in records] == ["1.7", "1.1"]


def test_soap_is_taken_like_json() -> None:
    (record,) = _read({**CALL, "transport": "soap", "raw": "<Envelope/>"})

    assert (record.transport, record.raw) == (TraceTransport.SOAP, "<Envelope/>")


def test_lines_are_counted_blank_ones_included() -> None:
    records = _read("", json.dumps(CALL) + "\r", " \t", CALL)

    assert [record.line for record in records] == [2, 4]


def test_last_line_without_its_end_counts() -> None:
    assert len(list(read_records(BytesIO(json.dumps(CALL).encode())))) == 1


def test_byte_order_mark_before_the_first_line_is_passed_over() -> None:
    text = json.dumps(CALL).encode()

    assert len(list(read_records(BytesIO(b"\xef\xbb\xbf" + text)))) == 1
    with pytest.raises(TraceInvalid, match=r"^line 2: not JSON$"):
        list(read_records(BytesIO(text + b"\n\xef\xbb\xbf" + text)))


def test_records_before_a_line_that_is_none_are_handed_out() -> None:
    """A trace whose writer was killed ends in the middle of a line."""
    records = read_records(BytesIO(f"{json.dumps(CALL)}\n{json.dumps(CALL)[:40]}".encode()))

    assert next(records).action == "Heartbeat"
    with pytest.raises(TraceInvalid, match=r"^line 2: not JSON$"):
        next(records)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("", None),
        ("nothing", "not JSON"),
        ('{"meta": NaN}', "not JSON"),
        ("[" * 200_000, "not JSON"),
        ('{"a": ' + "9" * 5000 + "}", "not JSON"),
        ("[]", "not a JSON object"),
        ("7", "not a JSON object"),
    ],
)
def test_lines_that_are_no_object(line: str, rule: str | None) -> None:
    if rule is None:
        assert _read(line) == []
    else:
        assert _rule(line) == rule


def test_line_that_is_not_utf_8() -> None:
    with pytest.raises(TraceInvalid, match=r"^line 1: not UTF-8$"):
        list(read_records(BytesIO(b'{"\xff": 1}\n')))


def test_line_beyond_the_limit_is_not_read_whole() -> None:
    file = BytesIO(b'"' + b"x" * (3 * MAX_LINE_BYTES))

    with pytest.raises(TraceInvalid, match=r"^line 1: longer than 16777216 bytes$"):
        list(read_records(file))

    assert file.tell() == MAX_LINE_BYTES + 1


@pytest.mark.parametrize("name", ["schemaVersion", "timestamp", "transport", "direction", "messageType"])
def test_fields_that_every_record_must_have(name: str) -> None:
    assert _rule(_without(CALL, name)) == f"{name} is missing"


def test_fields_that_only_some_messages_must_have() -> None:
    assert _rule(_without(CALL, "action")) == "action is missing, which a CALL must have"
    assert _rule(_without(ERROR, "error")) == "error is missing, which a CALLERROR must have"


@pytest.mark.parametrize("message_type", ["CALL", "CALLRESULT"])
def test_error_belongs_to_a_callerror_alone(message_type: str) -> None:
    expected = f"error stands in a {message_type}, only a CALLERROR may have it"

    assert _rule({**ERROR, "messageType": message_type}) == expected


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("schemaVersion", 1.1, "schemaVersion is 1.1, not a text"),
        ("timestamp", "yesterday", 'timestamp is "yesterday", not a time as in RFC 3339'),
        ("transport", "http", 'transport is "http", not json or soap'),
        ("transport", ["json"], 'transport is ["json"], not json or soap'),
        ("direction", "up", 'direction is "up", not cp-to-csms or csms-to-cp'),
        ("messageType", "call", 'messageType is "call", not CALL or CALLRESULT or CALLERROR'),
        ("ocppVersion", 16, "ocppVersion is 16, not a text"),
        ("chargePointId", None, "chargePointId is null, not a text"),
        ("connectorId", -1, "connectorId is -1, not an integer from 0"),
        ("connectorId", 1.5, "connectorId is 1.5, not an integer from 0"),
        ("connectorId", True, "connectorId is true, not an integer from 0"),
        ("connectorId", "1", 'connectorId is "1", not an integer from 0'),
        ("messageId", 7, "messageId is 7, not a text"),
        ("action", {}, "action is {}, not a text"),
        ("raw", [2], "raw is [2], not a text"),
        ("meta", [], "meta is [], not an object"),
        ("messageId", ["x" * 99], f'messageId is ["{"x" * 58}..., not a text'),
    ],
)
def test_values_that_are_not_what_their_field_is_for(name: str, value: object, rule: str) -> None:
    assert _rule({**CALL, name: value}) == rule


@pytest.mark.parametrize(
    ("error", "rule"),
    [
        ("broken", 'error is "broken", not an object'),
        ({"code": 1}, 'error is {"code": 1}, not an object whose code is a text'),
        ({"description": 1}, 'error is {"description": 1}, not an object whose description is a text'),
    ],
)
def test_errors_that_are_none(error: object, rule: str) -> None:
    assert _rule({**ERROR, "error": error}) == rule


def test_error_may_be_empty() -> None:
    (record,) = _read({**ERROR, "error": {}})

    assert record.error == {}


def test_whole_number_with_a_point_is_an_integer() -> None:
    (record,) = _read({**CALL, "connectorId": 1.0})

    assert record.connector_id == 1


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-02-29T12:00:00Z", datetime(2024, 2, 29, 12, tzinfo=UTC)),
        ("2024-02-29t12:00:00z", datetime(2024, 2, 29, 12, tzinfo=UTC)),
        ("2024-02-29 12:00:00.5+00:00", datetime(2024, 2, 29, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("2024-03-01T01:30:00.123456789+13:45", datetime(2024, 2, 29, 11, 45, 0, 123_456, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_of_rfc_3339(text: str, utc: datetime) -> None:
    (record,) = _read({**CALL, "timestamp": text})

    assert record.timestamp == utc
    assert record.timestamp.tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        "2024-02-29",
        "2024-02-29T12:00:00",
        "2024-02-29T12:00Z",
        "2023-02-29T12:00:00Z",
        "2024-02-29T24:00:01Z",
        "2024-02-29T12:00:00,5Z",
        "2024-02-29T12:00:00+0100",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:60Z",
        "٢٠٢٤-02-29T12:00:00Z",
        1709208000,
        None,
    ],
)
def test_times_that_are_none(value: object) -> None:
    assert _rule({**CALL, "timestamp": value}) == f"timestamp is {json.dumps(value)}, not a time as in RFC 3339"


@pytest.mark.parametrize("count", [-1, 0, 2.5, True, "3", None])
def test_foreign_meta_is_not_taken_for_ours(count: object) -> None:
    (record,) = _read({**CALL, "meta": {"unreadableFramesBefore": count, "redacted": "yes"}})

    assert (record.unreadable_before, record.is_redacted) == (0, False)


def test_refusal_survives_a_process_boundary() -> None:
    refusal = TraceInvalid(3, "not JSON")

    copy = pickle.loads(pickle.dumps(refusal))

    assert (copy.line, copy.rule, str(copy)) == (3, "not JSON", "line 3: not JSON")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KNOWN = sorted({*CALL, *ERROR, "payload", "raw", "meta", "connectorId", "ocppVersion", "chargePointId"})


def _outcome(data: bytes) -> TraceInvalid | list[TraceRecord]:
    """What comes of a file: nothing else is ever raised."""
    try:
        return list(read_records(BytesIO(data)))
    except TraceInvalid as refusal:
        return refusal


@given(st.binary())
@example(b'{"schemaVersion": 1}\n')
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """A refusal names a line that there is."""
    outcome = _outcome(data)

    assert not isinstance(outcome, TraceInvalid) or outcome.line <= data.count(b"\n") + 1


@given(st.sampled_from([CALL, ERROR]), st.dictionaries(st.sampled_from(KNOWN), JSON, max_size=2))
def test_any_values_are_read_or_refused(fields: dict[str, Any], changed: dict[str, Any]) -> None:
    """A refusal names the field at fault."""
    outcome = _outcome(json.dumps({**fields, **changed}).encode())

    if isinstance(outcome, TraceInvalid):
        assert outcome.rule.partition(" ")[0] in {*changed, "error"}
    else:
        assert outcome[0].payload == changed.get("payload")
