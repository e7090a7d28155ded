"""DataTransfers that an application declares."""

from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from ocpp16cp.errors import UsageError
from ocpp16cp.events import DataAnswered, TransferRequested
from ocpp16cp.station import MAX_VENDOR_MESSAGES
from ocpp16cp.vendor_messages import (
    LONGEST_DATA,
    LONGEST_EXPLANATION,
    DataAnswer,
    VendorMessage,
    read_data,
)
from ocpp16cp.wire.types import DataTransferStatus
from tests.features.stations import STATION

LIMIT = {
    "type": "object",
    "properties": {"limit": {"type": "number", "multipleOf": 0.1, "maximum": 32}, "who": {"type": "string"}},
    "required": ["limit"],
    "additionalProperties": False,
}


def test_schema_is_kept_as_text() -> None:
    """So that a station that holds it can be compared and hashed."""
    message = VendorMessage(vendor_id="com.example", schema={"type": "object"})

    assert message.schema == '{"type": "object"}'
    assert message == VendorMessage(vendor_id="com.example", schema='{"type": "object"}')
    assert isinstance(hash(message), int)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ('{"limit":16.1}', {"limit": Decimal("16.1")}),
        (' {"limit": 16, "who": "é"} ', {"limit": 16, "who": "é"}),
    ],
)
def test_data_that_fit_are_read(data: str, value: object) -> None:
    """Amounts with one decimal are exact."""
    schema = VendorMessage(vendor_id="V", schema=LIMIT).schema
    assert schema is not None

    assert read_data(schema, data) == (value, None)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (None, "data: required, and missing"),
        ("", "data: no JSON"),
        ("{", "data: no JSON"),
        ('{"limit":1,"limit":2}', "data: a key stands twice"),
        ("[" * 40 + "]" * 40, "data: nested deeper than 32 levels"),
        ("[]", "$: [] is not of type 'object'"),
        ("{}", "$: 'limit' is a required property"),
        ('{"limit":16.15}', "$.limit: 16.15 is not a multiple of 0.1"),
        ('{"limit":1,"x":2}', "$: Additional properties are not allowed ('x' was unexpected)"),
    ],
)
def test_data_that_do_not_fit_are_told_apart(data: str | None, rule: str) -> None:
    schema = VendorMessage(vendor_id="V", schema=LIMIT).schema
    assert schema is not None

    assert read_data(schema, data) == (None, rule)


def test_explanation_has_a_bound() -> None:
    value, rule = read_data('{"type":"integer"}', f'"{"x" * 10_000}"')

    assert value is None
    assert rule is not None
    assert len(rule) == LONGEST_EXPLANATION


def test_older_drafts_are_taken_at_their_word() -> None:
    """In draft 4 a bound is exclusive by a flag beside it."""
    schema = '{"$schema":"http://json-schema.org/draft-04/schema#","maximum":5,"exclusiveMaximum":true}'

    assert read_data(schema, "5")[1] is not None
    assert read_data(schema, "4") == (4, None)


def test_references_within_the_schema_are_followed() -> None:
    schema = '{"$defs":{"level":{"maximum":3}},"items":{"$ref":"#/$defs/level"}}'

    assert read_data(schema, "[1,2]") == ([1, 2], None)
    assert read_data(schema, "[4]")[1] == "$[0]: 4 is greater than the maximum of 3"


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ("{", "schema: no JSON"),
        ('{"type":"objekt"}', "schema: $.type: 'objekt' is not valid"),
        (
            {"properties": {"a": {"$ref": "http://example.org/a.json"}}},
            "schema: 'http://example.org/a.json' is in another",
        ),
        ({"allOf": [{"$ref": "a.json#/b"}]}, "schema: 'a.json#/b' is in another document"),
        ({"const": float("nan")}, "schema: cannot be written as JSON"),
        ({"const": object()}, "schema: cannot be written as JSON"),
    ],
)
def test_what_is_no_schema_is_refused_where_it_is_declared(schema: dict[str, object] | str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        VendorMessage(vendor_id="V", schema=schema)
    assert str(caught.value).startswith(f"vendor_messages: {why}")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"vendor_id": ""}, "vendor_id: '' is not 1 to 255 characters"),
        ({"vendor_id": "v" * 256}, "vendor_id: 'vvv"),
        ({"vendor_id": "\ud800"}, "vendor_id: "),
        ({"vendor_id": "v", "message_id": "m" * 51}, "message_id: 'mmm"),
        ({"vendor_id": "v", "message_id": ""}, "message_id: ''"),
    ],
)
def test_ids_that_cannot_be_sent_are_refused(fields: dict[str, str], why: str) -> None:
    with pytest.raises(UsageError) as declared:
        VendorMessage(**fields)  # type: ignore[arg-type]  # only the ids
    with pytest.raises(UsageError) as requested:
        TransferRequested(1, **fields)
    assert str(declared.value).startswith(why)
    assert str(requested.value) == str(declared.value)


@pytest.mark.parametrize("seconds", [0, -1, 61, float("nan")])
def test_time_for_an_answer_is_bounded(seconds: float) -> None:
    with pytest.raises(UsageError, match="answer_within_s"):
        VendorMessage(vendor_id="v", answer_within_s=seconds)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (DataAnswer(data="x" * (LONGEST_DATA + 1)), "data: 131073 characters"),
        (DataAnswer(data="\ud800"), "data: a lone surrogate"),
        (DataAnswer(DataTransferStatus.UNKNOWN_VENDOR_ID, "x"), "data: there are none for an unknown vendor"),
    ],
)
def test_data_that_cannot_be_sent_are_refused(answer: DataAnswer, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        DataAnswered(1, answer)


def test_request_with_too_much_data_is_refused() -> None:
    with pytest.raises(UsageError, match="data: 131073 characters, at most 131072 are sent"):
        TransferRequested(1, "v", data="x" * (LONGEST_DATA + 1))


def test_message_is_declared_once() -> None:
    """Ids compare without regard to letter case (§7.1)."""
    messages = (VendorMessage(vendor_id="a", message_id="M"), VendorMessage(vendor_id="A", message_id="m"))

    with pytest.raises(UsageError, match=r"vendor_messages\[2\]: A m is declared twice"):
        evolve(STATION, vendor_messages=messages)


def test_messages_are_bounded() -> None:
    messages = tuple(VendorMessage(vendor_id=f"v{each}") for each in range(MAX_VENDOR_MESSAGES + 1))

    with pytest.raises(UsageError, match="vendor_messages: 201 of them, at most 200"):
        evolve(STATION, vendor_messages=messages)
