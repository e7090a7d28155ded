"""JSON Schemas, rendered from the message classes, in the layout of the official set.

Like those, they leave out what only the text of the specification says, and the bounds of this
package. Draft 6 is the older of the two drafts of the official set that takes `5.0` for an integer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypeAlias, assert_never

from .exchange import Exchange
from .shapes import (
    Amount,
    Boolean,
    Choice,
    Instant,
    Integer,
    Items,
    Record,
    Shape,
    Text,
    fields_of,
)

DRAFT = "http://json-schema.org/draft-06/schema#"

_Schema: TypeAlias = dict[str, Any]


def render_schemas(exchanges: Iterable[Exchange[Any, Any]]) -> dict[str, str]:
    """Render the schemas of requests and confirmations: text by file name.

    The names are those of the official set: `Reset.json` and `ResetResponse.json`.
    """
    texts = {}
    for exchange in exchanges:
        action = exchange.action
        texts[f"{action}.json"] = render_schema(exchange.request, f"{action}Request")
        texts[f"{action}Response.json"] = render_schema(exchange.confirmation, f"{action}Response")
    return texts


def render_schema(of: type, title: str) -> str:
    """Render the schema of one message class as indented text that ends in a line feed."""
    schema = {"$schema": DRAFT, "title": title, **_record(of)}
    return f"{json.dumps(schema, indent=2)}\n"


def _record(of: type) -> _Schema:
    fields = fields_of(of)
    schema: _Schema = {
        "type": "object",
        "properties": {field.wire_name: _value(field.shape) for field in fields},
        "additionalProperties": False,
    }
    required = [field.wire_name for field in fields if field.required]
    # An empty list is not legal in draft 4, which the tools for the official set read.
    return schema | {"required": required} if required else schema


def _value(shape: Shape) -> _Schema:
    match shape:
        case Text():
            return _text(shape)
        case Integer():
            return {"type": "integer"}
        case Boolean():
            return {"type": "boolean"}
        case Amount(fraction_digits=digits):
            # A float that JSON writes with exactly these digits.
            return {"type": "number", "multipleOf": float(f"1e-{digits}")}
        case Instant():
            return {"type": "string", "format": "date-time"}
        case Choice(names=names):
            return {"type": "string", "enum": [member.value for member in names]}
        case Items(entry=entry, min_count=count):
            schema: _Schema = {"type": "array", "items": _value(entry)}
            return schema | {"minItems": count} if count else schema
        case Record(of=of):
            return _record(of)
    assert_never(shape)


def _text(shape: Text) -> _Schema:
    schema: _Schema = {"type": "string"}
    if shape.max_length is not None:
        schema["maxLength"] = shape.max_length
    if shape.format is not None:
        schema["format"] = shape.format
    return schema
