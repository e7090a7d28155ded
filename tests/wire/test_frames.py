"""The decision table for incoming frames, row by row, and the frames we write (OCPP-J §4.1, §4.2)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.errors import CallErrorCode
from ocpp16cp.wire.frames import (
    MAX_DESCRIPTION_LENGTH,
    Call,
    CallError,
    CallResult,
    Unreadable,
    parse_frame,
    render_call,
    render_error,
    render_result,
)

GUID = "c4b0e8f2-5d0f-4f3c-9d57-3f0f4a1b2c3d"

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats()
    | st.sampled_from(["Heartbeat", "-1", "17-42", "GenericError", "\ud83d", ""])
    | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


# Frames that are understood.


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ('[2,"17-42","Heartbeat",{}]', Call("17-42", "Heartbeat", {})),
        (' [ 2 , "1" , "A" , { "b" : 1 } ]\n', Call("1", "A", {"b": 1})),
        (f'[2,"{GUID}","NoSuchAction",{{}}]', Call(GUID, "NoSuchAction", {})),
        ('[2,"\u00e9","",{}]', Call("é", "", {})),
        ('[3,"17-42",{"status":"Accepted"}]', CallResult("17-42", {"status": "Accepted"})),
        (
            '[4,"17-42","NotSupported","no such thing",{"a":[1]}]',
            CallError("17-42", CallErrorCode.NOT_SUPPORTED, "no such thing", {"a": [1]}),
        ),
    ],
)
def test_well_formed_frame_is_read(text: str, frame: object) -> None:
    assert parse_frame(text) == frame


def test_null_stands_for_an_empty_payload() -> None:
    assert parse_frame('[2,"1","Heartbeat",null]') == Call("1", "Heartbeat", {})
    assert parse_frame('[3,"1",null]') == CallResult("1", {})


def test_payload_that_is_no_object_is_left_to_the_codec() -> None:
    """Whether there is such an action is decided before the payload is looked at."""
    assert parse_frame('[2,"1","NoSuchAction",[7]]') == Call("1", "NoSuchAction", [7])
    assert parse_frame('[3,"1","text"]') == CallResult("1", "text")


@pytest.mark.parametrize("code", CallErrorCode)
def test_every_code_of_1_6_is_understood(code: CallErrorCode) -> None:
    assert parse_frame(f'[4,"1","{code}","",{{}}]') == CallError("1", code, "", {})


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("FormatViolation", CallErrorCode.FORMATION_VIOLATION),
        ("OccurrenceConstraintViolation", CallErrorCode.OCCURENCE_CONSTRAINT_VIOLATION),
        ("RpcFrameworkError", CallErrorCode.GENERIC_ERROR),
        ("notsupported", CallErrorCode.GENERIC_ERROR),
        ("", CallErrorCode.GENERIC_ERROR),
    ],
)
def test_foreign_code_is_understood_and_kept(spelling: str, code: CallErrorCode) -> None:
    frame = parse_frame(f'[4,"1","{spelling}","",{{}}]')

    assert frame == CallError("1", code, "", {}, spelling)


@pytest.mark.parametrize("details", ["{}", '"text"', "[1,2]", "null", "7"])
def test_error_details_may_be_anything(details: str) -> None:
    frame = parse_frame(f'[4,"1","GenericError","",{details}]')

    assert frame == CallError("1", CallErrorCode.GENERIC_ERROR, "", json.loads(details))


# Frames that are not, and what is due for them.


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no JSON"),
        ("hello", "no JSON"),
        ('[2,"1","Heartbeat",{}', "no JSON"),
        ('[2,"1","Heartbeat",{}]]', "no JSON"),
        ("{}", "no list with a message type"),
        ('"2"', "no list with a message type"),
        ("null", "no list with a message type"),
        ("[]", "no list with a message type"),
        ("[2]", "no readable message id"),
        ("[2,17]", "no readable message id"),
        ('[2,17,"Heartbeat",{}]', "no readable message id"),
        ('[2,null,"Heartbeat",{}]', "no readable message id"),
        ('[2,"","Heartbeat",{}]', "no readable message id"),
        ('[2,["1"],"Heartbeat",{}]', "no readable message id"),
        ('[2,"\\ud83d","Heartbeat",{}]', "no readable message id"),
        ('[2,17,"Heartbeat",{"a":NaN}]', "no readable message id"),
        ("[" * 100_000 + "]" * 100_000, "nested too deep"),
        ('[2,"1","A",{"a":Infinity,"b":' + "[" * 100_000 + "]" * 100_000 + "}]", "nested too deep"),
        ('[2,"1","A",{"a":' + "9" * 5_000 + "}]", "no JSON"),
        ('[2,"1","A",{"a":1e99999999999999999999}]', "no JSON"),
    ],
    ids=lambda text: ascii(text[:40]),
)
def test_frame_without_readable_id_is_answered_under_minus_one(text: str, reason: str) -> None:
    frame = parse_frame(text)

    assert isinstance(frame, Unreadable)
    assert (frame.reason, frame.message_id) == (reason, None)
    assert frame.answer == CallError("-1", CallErrorCode.GENERIC_ERROR, reason)


def test_frame_that_is_too_long_is_not_looked_at() -> None:
    frame = parse_frame('[2,"1","Heartbeat",{}]', max_length=21)

    reason = "longer than 21 characters"
    answer = CallError("-1", CallErrorCode.GENERIC_ERROR, reason)
    assert frame == Unreadable(reason, answer=answer)


@pytest.mark.parametrize(
    "text",
    [
        '[5,"1","Heartbeat",{}]',
        '[0,"1"]',
        '["2","1","Heartbeat",{}]',
        '[2.0,"1","Heartbeat",{}]',
        '[true,"1"]',
        "[null]",
        '[{"a":1,"a":2}]',
        "[NaN]",
    ],
)
def test_unknown_message_type_is_not_answered(text: str) -> None:
    assert parse_frame(text) == Unreadable("unknown message type")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[2,"1"]', "a CALL has four elements"),
        ('[2,"1","Heartbeat"]', "a CALL has four elements"),
        ('[2,"1","Heartbeat",{},{}]', "a CALL has four elements"),
        ('[2,"1",7,{}]', "the action is no text"),
        ('[2,"1",null,{}]', "the action is no text"),
        ('[2,"1","A",{"a":1,"a":1}]', "a key stands twice"),
        ('[2,"1","A",{"a":NaN}]', "NaN is no number"),
        ('[2,"1","A",{"a":"\\ud83d"}]', "lone surrogate"),
        ('[2,"1","\ud83d",{}]', "lone surrogate"),
        ('[2,"1","A",{"a":' + "[" * 40 + "]" * 40 + "}]", "nested deeper than 32 levels"),
        ('[2,"1","A",{"a":1,"a":1},{}]', "a CALL has four elements"),
    ],
    ids=lambda text: ascii(text[:40]),
)
def test_malformed_call_is_answered_under_its_id(text: str, reason: str) -> None:
    frame = parse_frame(text)

    answer = CallError("1", CallErrorCode.FORMATION_VIOLATION, reason)
    assert frame == Unreadable(reason, 2, "1", answer)


def test_id_of_37_characters_is_a_formation_violation_and_echoed() -> None:
    assert isinstance(parse_frame(f'[2,"{"x" * 36}","A",{{}}]'), Call)

    frame = parse_frame(f'[2,"{"x" * 37}","A",{{}}]')

    assert isinstance(frame, Unreadable)
    assert frame.answer is not None
    assert frame.answer.message_id == "x" * 37
    assert frame.answer.code is CallErrorCode.FORMATION_VIOLATION


@pytest.mark.parametrize(
    ("text", "unreadable"),
    [
        ('[3,"1"]', Unreadable("a CALLRESULT has three elements", 3, "1")),
        ('[3,"1",{},{}]', Unreadable("a CALLRESULT has three elements", 3, "1")),
        ("[3]", Unreadable("no readable message id", 3)),
        ("[3,7,{}]", Unreadable("no readable message id", 3)),
        ('[3,"1",{"a":1,"a":1}]', Unreadable("a key stands twice", 3, "1")),
        ('[4,"1","GenericError",""]', Unreadable("a CALLERROR has five elements", 4, "1")),
        ('[4,"1",7,"",{}]', Unreadable("code or description is no text", 4, "1")),
        ('[4,"1","GenericError",null,{}]', Unreadable("code or description is no text", 4, "1")),
        ('[4,"","GenericError","",{}]', Unreadable("no readable message id", 4)),
        ('[4,"1","GenericError","",{"a":NaN}]', Unreadable("NaN is no number", 4, "1")),
    ],
)
def test_malformed_answer_is_never_answered(text: str, unreadable: Unreadable) -> None:
    """The id, where there is one, lets the CALL fail that waits for this answer."""
    assert parse_frame(text) == unreadable


# Frames that we write.


def test_frames_are_written_compactly() -> None:
    assert render_call("17-42", "Heartbeat", "{}") == '[2,"17-42","Heartbeat",{}]'
    assert render_result("17-42", '{"a":1}') == '[3,"17-42",{"a":1}]'
    assert (
        render_error("17-42", CallErrorCode.NOT_SUPPORTED, description="no", details={"a": "b"})
        == '[4,"17-42","NotSupported","no",{"a":"b"}]'
    )
    assert render_error("17-42", CallErrorCode.INTERNAL_ERROR) == '[4,"17-42","InternalError","",{}]'


def test_long_description_is_cut() -> None:
    text = render_error("1", CallErrorCode.GENERIC_ERROR, description="x" * 300)

    assert json.loads(text)[3] == "x" * MAX_DESCRIPTION_LENGTH


@given(st.text(min_size=1, max_size=36), st.text(max_size=100))
def test_what_is_written_is_read_back(message_id: str, text: str) -> None:
    code = CallErrorCode.SECURITY_ERROR
    payload = json.dumps({"data": text})

    call = parse_frame(render_call(message_id, text, payload))
    result = parse_frame(render_result(message_id, payload))
    error = parse_frame(render_error(message_id, code, description=text, details={"data": text}))

    assert call == Call(message_id, text, {"data": text})
    assert result == CallResult(message_id, {"data": text})
    assert error == CallError(message_id, code, text, {"data": text})


# Any text at all.


def _assert_accounted_for(text: str) -> None:
    frame = parse_frame(text)

    assert isinstance(frame, Call | CallResult | CallError | Unreadable)
    assert parse_frame(text) == frame
    if isinstance(frame, Unreadable) and frame.answer is not None:
        answer = frame.answer
        assert frame.message_type in {None, 2}
        assert answer.message_id == (frame.message_id or "-1")
        assert answer.code in {CallErrorCode.GENERIC_ERROR, CallErrorCode.FORMATION_VIOLATION}
        written = render_error(answer.message_id, answer.code, description=answer.description)
        assert json.loads(written.encode())[1:3] == [answer.message_id, answer.code]


@given(st.text(st.characters(codec=None)) | st.text('[]{}",:\\ud80234NaN -'))
def test_any_text_is_understood_or_refused_with_a_documented_code(text: str) -> None:
    _assert_accounted_for(text)


@given(st.lists(JSON_VALUES, max_size=6), st.sampled_from([2, 3, 4]), st.booleans())
def test_any_list_is_understood_or_refused_with_a_documented_code(
    elements: list[object], message_type: int, is_typed: bool
) -> None:
    _assert_accounted_for(json.dumps([message_type, *elements] if is_typed else elements))


@given(st.data(), st.sampled_from(['[2,"17-42","Reset",{"type":"Hard"}]', '[3,"1",{"a":[1.5]}]']))
def test_any_damaged_frame_is_understood_or_refused_with_a_documented_code(data: st.DataObject, text: str) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    _assert_accounted_for(text[:start] + data.draw(st.text(max_size=3)) + text[end:])
