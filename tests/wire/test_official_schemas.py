"""Our message classes against the official schemas: the same fields and limits, the same verdicts."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp16cp.errors import PayloadInvalid
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.schemas import render_schema
from ocpp16cp.wire.strict_json import load
from schemas.__main__ import all_exchanges
from tests.wire import official

CLASSES: dict[str, type[object]] = {
    name: of
    for exchange in all_exchanges()
    for name, of in [
        (exchange.action, exchange.request),
        (f"{exchange.action}Response", exchange.confirmation),
    ]
}
CODEC = Codec()
PAYLOADS_PER_EXAMPLE = 10

per_message = pytest.mark.parametrize("name", official.names())
# 50 examples of 10 payloads: 500 of each kind for every message.
many_payloads = settings(max_examples=50)


def test_every_message_of_the_official_set_has_a_class() -> None:
    assert sorted(CLASSES) == official.names()
    assert len(CLASSES) == 78


@per_message
def test_fields_and_limits_are_those_of_the_official_schema(name: str) -> None:
    """The amendments for Hertz and for the lists of MeterValues are quirks of the oracle's copy."""
    rendered = json.loads(render_schema(CLASSES[name], name), parse_float=Decimal)
    expected = copy.deepcopy(official.original(name))
    official.without_hertz(expected)
    official.without_min_items_of_meter_values(expected)

    assert _essence(rendered) == _essence(expected)
    assert list(rendered["properties"]) == list(expected.get("properties", ()))


def _essence(schema: official.Schema) -> official.Schema:
    """What a schema demands, without what it is called and without the order of its names."""
    keywords = {"type", "format", "maxLength", "multipleOf", "minItems"}
    essence = {key: value for key, value in schema.items() if key in keywords}
    for key in ("enum", "required"):
        essence[key] = set(schema.get(key, ()))
    # On texts the official set has this keyword, too, where it means nothing.
    if schema["type"] == "object":
        essence["additionalProperties"] = schema["additionalProperties"]
    if schema["type"] == "array":
        essence["items"] = _essence(schema["items"])
    for name, member in schema.get("properties", {}).items():
        essence[f".{name}"] = _essence(member)
    return essence


@per_message
@many_payloads
@given(seed=st.integers(0, 2**64))
def test_valid_payload_is_taken_and_comes_back_the_same(name: str, seed: int) -> None:
    random = Random(seed)

    for _ in range(PAYLOADS_PER_EXAMPLE):
        payload = official.valid_value(official.amended(name), random)
        message = CODEC.decode(CLASSES[name], payload)
        written = load(CODEC.encode(message))

        assert official.verdict(name, payload) == set()
        assert CODEC.decode(CLASSES[name], written) == message
        assert _spelled_alike(payload, written)


def _spelled_alike(payload: Any, written: Any) -> bool:
    """Whether what was written says the same, apart from the spelling of instants and numbers."""
    if isinstance(payload, dict):
        return payload.keys() == written.keys() and all(
            _spelled_alike(value, written[name]) for name, value in payload.items()
        )
    if isinstance(payload, list):
        return len(payload) == len(written) and all(map(_spelled_alike, payload, written))
    return bool(payload == written) or payload in official.INSTANTS


@per_message
@many_payloads
@given(seed=st.integers(0, 2**64))
def test_verdict_on_damaged_payload_is_that_of_the_official_schema(name: str, seed: int) -> None:
    random = Random(seed)

    for _ in range(PAYLOADS_PER_EXAMPLE):
        payload = official.valid_value(official.amended(name), random)
        payload = official.damaged(official.amended(name), payload, random)
        ours = set()
        try:
            CODEC.decode(CLASSES[name], payload)
        except PayloadInvalid as refusal:
            ours = {(refusal.path, refusal.code)}
        theirs = official.verdict(name, payload)

        assert bool(ours) == bool(theirs), payload
        assert ours <= theirs, payload
