from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.io.link import Direction
from ocpp16cp.io.trace import TraceWriter
from ocpp16cp.io.trace_correlation import Trace, correlate
from ocpp16cp.io.trace_reader import MessageType, read_records

UP, DOWN = "cp-to-csms", "csms-to-cp"
NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)


def _call(direction: str, message_id: str | None, action: str = "Heartbeat", **more: Any) -> dict[str, Any]:
    return _record(direction, "CALL", message_id, action=action, **more)


def _result(direction: str, message_id: str | None, **more: Any) -> dict[str, Any]:
    return _record(direction, "CALLRESULT", message_id, **more)


def _error(direction: str, message_id: str | None, **more: Any) -> dict[str, Any]:
    return _record(direction, "CALLERROR", message_id, **{"error": {"code": "GenericError"}, **more})


def _record(direction: str, message_type: str, message_id: str | None, **more: Any) -> dict[str, Any]:
    fields = {
        "schemaVersion": "1.1",
        "timestamp": "2024-02-29T12:00:00.000Z",
        "transport": "json",
        "direction": direction,
        "messageType": message_type,
        **more,
    }
    return fields if message_id is None else {**fields, "messageId": message_id}


def _trace(*records: dict[str, Any]) -> Trace:
    lines = "".join(f"{json.dumps(record)}\n" for record in records)
    return correlate(read_records(BytesIO(lines.encode())))


def _rules(*records: dict[str, Any]) -> list[tuple[int, str]]:
    return [(each.line, each.rule) for each in _trace(*records).contradictions]


def test_view_of_an_ordinary_exchange() -> None:
    view = _trace(_call(UP, "1", "BootNotification"), _result(DOWN, "1", payload={}), _call(DOWN, "a", "Reset"))

    assert view.consumer_view() == {
        "schemaVersion": "1.1",
        "counts": {"records": 3, "calls": 2, "callResults": 1, "callErrors": 0},
        "records": [
            {"index": 0, "messageType": "CALL", "messageId": "1", "action": "BootNotification"},
            {
                "index": 1,
                "messageType": "CALLRESULT",
                "messageId": "1",
                "action": "BootNotification",
                "correlatesWith": 0,
            },
            {"index": 2, "messageType": "CALL", "messageId": "a", "action": "Reset"},
        ],
        "unansweredCalls": [2],
        "orphanResponses": [],
    }


def test_view_of_a_trace_without_records() -> None:
    assert _trace().consumer_view() == {
        "schemaVersion": "unknown",
        "counts": {"records": 0, "calls": 0, "callResults": 0, "callErrors": 0},
        "records": [],
        "unansweredCalls": [],
        "orphanResponses": [],
    }


def test_version_of_the_view_is_that_of_the_first_record() -> None:
    assert _trace(_call(UP, "1", schemaVersion="1.0"), _call(UP, "2")).schema_version == "1.0"


def test_both_sides_may_use_the_same_ids() -> None:
    """A response answers a CALL that went the other way."""
    trace = _trace(_call(UP, "1", "Heartbeat"), _call(DOWN, "1", "Reset"), _result(DOWN, "1"), _result(UP, "1"))

    assert [(entry.action, entry.call_index) for entry in trace.entries[2:]] == [("Heartbeat", 0), ("Reset", 1)]
    assert trace.unanswered_calls == trace.orphan_responses == ()


def test_response_of_the_same_direction_answers_nothing() -> None:
    trace = _trace(_call(UP, "1"), _result(UP, "1"))

    assert (trace.unanswered_calls, trace.orphan_responses) == ((0,), (1,))


def test_latest_call_of_an_id_is_answered_first() -> None:
    """A CALL sent again under its old id: the answer is taken for that of the last one, the next for the one before."""
    trace = _trace(_call(UP, "1"), _call(UP, "1"), _result(DOWN, "1"), _error(DOWN, "1"), _result(DOWN, "1"))

    assert [entry.call_index for entry in trace.entries] == [None, None, 1, 0, None]
    assert trace.orphan_responses == (4,)


def test_call_after_its_response_is_not_answered_by_it() -> None:
    trace = _trace(_result(DOWN, "1"), _call(UP, "1"))

    assert (trace.unanswered_calls, trace.orphan_responses) == ((1,), (0,))


def test_orphan_keeps_the_action_that_it_carries() -> None:
    trace = _trace(_result(DOWN, "1", action="Heartbeat"), _error(DOWN, "2"))

    assert [entry.action for entry in trace.entries] == ["Heartbeat", None]
    records = trace.consumer_view()["records"]
    assert records == [
        {"index": 0, "messageType": "CALLRESULT", "messageId": "1", "action": "Heartbeat"},
        {"index": 1, "messageType": "CALLERROR", "messageId": "2"},
    ]


def test_messages_without_ids_are_answered_in_turn() -> None:
    """SOAP has no need for ids: request and answer are one HTTP exchange."""
    trace = _trace(_call(UP, None, transport="soap"), _call(UP, "1"), _result(DOWN, None, transport="soap"))

    assert trace.entries[2].call_index == 0
    assert trace.unanswered_calls == (1,)


def test_latency_is_the_difference_of_the_time_stamps() -> None:
    trace = _trace(
        _call(UP, "1", timestamp="2024-02-29T12:00:00.000Z"),
        _call(DOWN, "1", timestamp="2024-02-29T12:00:00.100Z"),
        _result(DOWN, "1", timestamp="2024-02-29T13:00:00.250+01:00"),
        _result(UP, "1", timestamp="2024-02-29T12:00:00.000Z"),
    )

    latencies = [entry.latency for entry in trace.entries]
    assert latencies == [None, None, timedelta(milliseconds=250), timedelta(milliseconds=-100)]


def test_action_of_a_response_must_be_that_of_its_call() -> None:
    called = _call(UP, "1", "Heartbeat")

    assert _rules(called, _result(DOWN, "1", action="Heartbeat")) == []
    assert _rules(called, _result(DOWN, "1", action="Reset")) == [
        (2, "action is 'Reset', that of its CALL in line 1 'Heartbeat'")
    ]


@pytest.mark.parametrize(
    ("record", "raw"),
    [
        (_call(UP, "1", payload={"a": [1, {"b": None}]}), '[2,"1","Heartbeat",{"a":[1.0,{"b":null}]}]'),
        (_call(UP, "1"), '[2,"1","Heartbeat",{"any":"payload"}]'),
        (_call(UP, None, payload={}), '[2,"77","Heartbeat",{},"more"]'),
        (_call(UP, "1", payload=None), '[2,"1","Heartbeat"]'),
        (_call(UP, "1", payload={"limit": 0.1}), '[2,"1","Heartbeat",{"limit":0.10000000000000000001}]'),
        (_call(UP, "1", payload={"n": 10**400}), f'[2,"1","Heartbeat",{{"n":1{"0" * 400}}}]'),
        (_result(DOWN, "1", payload={"a": 1}), '[3,"1",{"a":1}]'),
        (_error(DOWN, "1"), '[4,"1","GenericError","any",{}]'),
        (_error(DOWN, "1", error={}), '[4,"1","InternalError","",{}]'),
        (_call(UP, "1", transport="soap"), "<Envelope/>"),
    ],
)
def test_raw_that_says_the_same(record: dict[str, Any], raw: str) -> None:
    assert _rules({**record, "raw": raw}) == []


@pytest.mark.parametrize(
    ("record", "raw", "rule"),
    [
        (_call(UP, "1"), "<Envelope/>", "raw is not a JSON array"),
        (_call(UP, "1"), "{}", "raw is not a JSON array"),
        (_call(UP, "1"), "[" * 200_000, "raw is not a JSON array"),
        (_call(UP, "1"), '[3,"1","Heartbeat",{}]', "raw has another message type than the record"),
        (_call(UP, "1"), '["2","1","Heartbeat",{}]', "raw has another message type than the record"),
        (_call(UP, "1"), '[2,"2","Heartbeat",{}]', "raw has another message id than the record"),
        (_call(UP, "1"), '[2,"1","Reset",{}]', "raw has another action than the record"),
        (_call(UP, "1"), '[2,"1"]', "raw has no action"),
        (_call(UP, "1", payload={"a": 1}), '[2,"1","Heartbeat",{"a":true}]', "raw has another payload than the record"),
        (_call(UP, "1", payload={"a": 1}), '[2,"1","Heartbeat",{"b":1}]', "raw has another payload than the record"),
        (_call(UP, "1", payload=[1, 2]), '[2,"1","Heartbeat",[1]]', "raw has another payload than the record"),
        (_call(UP, "1", payload=[1]), '[2,"1","Heartbeat",{"0":1}]', "raw has another payload than the record"),
        (_result(DOWN, "1", payload={}), '[3,"1",null]', "raw has another payload than the record"),
        (_result(DOWN, "1", payload={}), '[3,"1"]', "raw has no payload"),
        (_error(DOWN, "1"), '[4,"1","InternalError","",{}]', "raw has another error code than the record"),
    ],
)
def test_raw_that_says_something_else(record: dict[str, Any], raw: str, rule: str) -> None:
    records = (_call(UP, "1"), {**record, "raw": raw})

    assert _rules(*records) == [(2, rule)]


def test_deep_payloads_are_compared_without_deep_calls() -> None:
    deep = "[" * 400 + "]" * 400
    record = _call(UP, "1", payload=json.loads(deep))

    assert _rules({**record, "raw": f'[2,"1","Heartbeat",{deep}]'}) == []


# Together with our writer


FRAMES = st.one_of(
    st.builds(
        lambda number, connector_id: f'[2,"{number}","StatusNotification",{{"connectorId":{connector_id}}}]',
        st.integers(0, 5),
        st.integers(-1, 3),
    ),
    st.builds('[2,"{}","ChangeConfiguration",{{"key":"AuthorizationKey","value":"00ff"}}]'.format, st.integers(0, 5)),
    st.builds('[3,"{}",{{"limit":1e999,"n":0.1}}]'.format, st.integers(0, 5)),
    st.builds('[3,"{}",null]'.format, st.integers(0, 5)),
    st.builds('[4,"{}","GenericError","",{{"a":1.5}}]'.format, st.integers(0, 5)),
    st.just("no frame"),
)


@given(st.lists(st.tuples(st.sampled_from(Direction), FRAMES), max_size=30))
def test_what_our_writer_writes_is_read_without_a_contradiction(frames: list[tuple[Direction, str]]) -> None:
    """Every message is there, in order, with its secret left out; the others are counted."""
    out = StringIO()
    writer = TraceWriter(out, "CP 1", clock=lambda: NOON)
    messages = [(direction, text) for direction, text in frames if text != "no frame"]

    for direction, text in frames:
        writer(direction, text)
    trace = correlate(read_records(BytesIO(out.getvalue().encode())))

    assert trace.contradictions == ()
    assert "00ff" not in out.getvalue()
    records = [entry.record for entry in trace.entries]
    assert [(record.direction, record.message_id) for record in records] == [
        (direction, json.loads(text)[1]) for direction, text in messages
    ]
    assert all(record.timestamp == NOON and record.charge_point_id == "CP 1" for record in records)
    assert [record.is_redacted for record in records] == ["AuthorizationKey" in text for _, text in messages]
    after = len(frames) if not messages else [text for _, text in frames][::-1].index(messages[-1][1])
    assert sum(record.unreadable_before for record in records) + after == len(frames) - len(messages)


@given(
    st.lists(st.tuples(st.sampled_from([UP, DOWN]), st.sampled_from([2, 3, 4]), st.sampled_from("abc")), max_size=30)
)
def test_every_call_is_answered_once_or_not_at_all(messages: list[tuple[str, int, str]]) -> None:
    """Said once more, the slow way: look back for the nearest CALL that fits and has no response."""
    make = {2: _call, 3: _result, 4: _error}
    answered: dict[int, int] = {}
    for index, (direction, kind, message_id) in enumerate(messages):
        for earlier in range(index - 1, -1, -1) if kind != 2 else ():
            other_way = (DOWN if direction == UP else UP, 2, message_id)
            if messages[earlier] == other_way and earlier not in answered.values():
                answered[index] = earlier
                break

    trace = _trace(*(make[kind](direction, message_id) for direction, kind, message_id in messages))

    assert {entry.index: entry.call_index for entry in trace.entries if entry.call_index is not None} == answered
    calls = {entry.index for entry in trace.entries if entry.record.message_type is MessageType.CALL}
    assert list(trace.unanswered_calls) == sorted(calls - set(answered.values()))
    assert list(trace.orphan_responses) == sorted(set(range(len(messages))) - calls - set(answered))
