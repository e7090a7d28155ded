"""The rendered schemas: complete, up to date, and of one layout."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Annotated

import pytest
from attrs import frozen
from jsonschema import Draft6Validator

from ocpp16cp.features.boot.messages import HEARTBEAT
from ocpp16cp.wire.schemas import render_schema, render_schemas
from ocpp16cp.wire.types import CertificateUse, FractionDigits, MaxLength, MinItems, TextFormat
from schemas.__main__ import FOLDER, all_exchanges, stale_files


@frozen(kw_only=True)
class Part:
    use: CertificateUse


@frozen(kw_only=True)
class Whole:
    text: Annotated[str, MaxLength(3)]
    address: Annotated[str, TextFormat("uri")] | None = None
    limit: Annotated[Decimal, FractionDigits(1)] | None = None
    parts: Annotated[tuple[Part, ...], MinItems(1)]
    names: tuple[str, ...] | None = None
    readonly: bool


def test_schema_says_what_the_class_says() -> None:
    part = {
        "type": "object",
        "properties": {
            "use": {"type": "string", "enum": ["CentralSystemRootCertificate", "ManufacturerRootCertificate"]}
        },
        "additionalProperties": False,
        "required": ["use"],
    }

    assert json.loads(render_schema(Whole, "WholeRequest")) == {
        "$schema": "http://json-schema.org/draft-06/schema#",
        "title": "WholeRequest",
        "type": "object",
        "properties": {
            "text": {"type": "string", "maxLength": 3},
            "address": {"type": "string", "format": "uri"},
            "limit": {"type": "number", "multipleOf": 0.1},
            "parts": {"type": "array", "items": part, "minItems": 1},
            "names": {"type": "array", "items": {"type": "string"}},
            "readonly": {"type": "boolean"},
        },
        "additionalProperties": False,
        "required": ["text", "parts", "readonly"],
    }


def test_files_are_named_as_in_the_official_set() -> None:
    texts = render_schemas([HEARTBEAT])

    assert list(texts) == ["Heartbeat.json", "HeartbeatResponse.json"]
    assert json.loads(texts["Heartbeat.json"]) == {
        "$schema": "http://json-schema.org/draft-06/schema#",
        "title": "HeartbeatRequest",
        "type": "object",
        "properties": {},
        "additionalProperties": False,
    }


def test_rendered_schemas_are_up_to_date() -> None:
    """If not: python -m schemas."""
    assert stale_files(FOLDER) == []


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.json")))
def test_rendered_schema_is_a_schema(name: str) -> None:
    Draft6Validator.check_schema(json.loads((FOLDER / name).read_text(encoding="utf-8")))


def test_all_39_actions_are_there() -> None:
    actions = [exchange.action for exchange in all_exchanges()]

    assert len(actions) == len(set(actions)) == 39
    for exchange in all_exchanges():
        assert exchange.request.__name__ == exchange.action
        assert exchange.confirmation.__name__ == f"{exchange.action}Conf"
