"""The official schemas as an oracle: what they say of a payload, and payloads made from them.

The schemas are those in the package `ocpp`, read with Decimals. Where our verdict is meant to differ,
the difference is one named amendment here, so that all that is left has to be equal.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from decimal import Decimal, localcontext
from functools import cache
from importlib import resources
from random import Random
from typing import Any

from jsonschema import Draft6Validator, FormatChecker, validators

from ocpp16cp.errors import CallErrorCode

Schema = dict[str, Any]
Verdict = set[tuple[str, CallErrorCode]]
"""Every violation: JSON path and the code it is answered with."""

INSTANTS = (
    "2024-01-31T08:00:00.000Z",
    "2024-02-29T23:59:59Z",
    "2013-02-01T20:53:32.486Z",
    "2013-01-01T00:00Z",
    "2024-06-30T12:00:00",
    "2024-06-30T12:00:00.5+05:30",
    "2024-06-30T12:00:00-11:00",
    "1970-01-01t00:00:00z",
    "9999-12-31T23:59:59.999Z",
)
NO_INSTANTS = (
    "",
    "yesterday",
    "2024-01-31",
    "2024-01-31 08:00:00Z",
    "2024-02-30T08:00:00Z",
    "2024-13-01T08:00:00Z",
    "2024-01-31T24:00:00Z",
    "2024-01-31T08:00:60Z",
    "2024-01-31T08:00:00,5Z",
    "2024-01-31T08:00:00.Z",
    "2024-01-31T08:00:00+0100",
    "2024-01-31T08:00:00+25:00",
    "2024-W05-3T08:00:00Z",
    "20240131T080000Z",
    "+02024-01-31T08:00:00Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "٢٠٢٤-01-31T08:00:00Z",
)


# Where we mean to differ.


def without_hertz(schema: Schema) -> None:
    """Only the package's copy of MeterValues lists the unit Hertz; the official set does not."""
    for node in _nodes(schema):
        if "Hertz" in node.get("enum", ()):
            node["enum"].remove("Hertz")


def without_min_items_of_meter_values(schema: Schema) -> None:
    """Only the package's copy of MeterValues refuses empty lists; the official set does not."""
    if schema.get("title") == "MeterValuesRequest":
        for node in _nodes(schema):
            node.pop("minItems", None)


def with_open_triggers(schema: Schema) -> None:
    """An unknown trigger name is answered with a status, so it has to get past the codec."""
    schema.get("properties", {}).get("requestedMessage", {}).pop("enum", None)


def with_bounds(schema: Schema) -> None:
    """Numbers are kept within 32 bits."""
    for node in _nodes(schema):
        if node.get("type") == "integer":
            node |= {"minimum": -(2**31), "maximum": 2**31 - 1}
        if node.get("type") == "number":
            node |= {"minimum": -(2**31) + 1, "maximum": 2**31 - 1}


AMENDMENTS = (
    without_hertz,
    without_min_items_of_meter_values,
    with_open_triggers,
    with_bounds,
)


def _is_integer(_: object, value: object) -> bool:
    """Take `5.0` as an integer, as draft 6 does; draft 4 does not, and neither knows Decimals."""
    if isinstance(value, Decimal):
        return abs(value) > 2**40 or value == value.to_integral_value()
    return isinstance(value, int) and not isinstance(value, bool)


# Every text that is an instant here is one of ours: what is a date is no matter of the schemas.
_FORMATS = FormatChecker(formats=())
_FORMATS.checks("date-time")(lambda value: not isinstance(value, str) or value in INSTANTS)

_Validator = validators.extend(  # type: ignore[no-untyped-call]  # its stub forgot the types
    Draft6Validator,
    type_checker=Draft6Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)

_CODES = {
    "required": CallErrorCode.PROTOCOL_ERROR,
    "additionalProperties": CallErrorCode.FORMATION_VIOLATION,
    "type": CallErrorCode.TYPE_CONSTRAINT_VIOLATION,
    "enum": CallErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "maxLength": CallErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "multipleOf": CallErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "format": CallErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "minimum": CallErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "maximum": CallErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "minItems": CallErrorCode.OCCURENCE_CONSTRAINT_VIOLATION,
}


def names() -> list[str]:
    """The schemas there are: `Reset`, `ResetResponse` and so on."""
    folder = resources.files("ocpp.v16.schemas")
    return sorted(path.name.removesuffix(".json") for path in folder.iterdir() if path.is_file())


@cache
def original(name: str) -> Schema:
    """A schema of the set with its references put in; not to be changed."""
    text = resources.files("ocpp.v16.schemas").joinpath(f"{name}.json").read_text("utf-8-sig")
    schema: Schema = json.loads(text, parse_float=Decimal)
    resolved: Schema = _resolved(schema, schema.pop("definitions", {}))
    return resolved


@cache
def amended(name: str) -> Schema:
    """A schema of the set with our amendments; not to be changed."""
    schema = copy.deepcopy(original(name))
    for amend in AMENDMENTS:
        amend(schema)
    return schema


@cache
def _validator(name: str) -> Any:
    return _Validator(amended(name), format_checker=_FORMATS)


def verdict(name: str, payload: object) -> Verdict:
    """All violations that an amended schema finds; none for a valid payload."""
    found: Verdict = set()
    # The oracle divides, which for a large number takes many digits.
    with localcontext(prec=500):
        errors = list(_validator(name).iter_errors(payload))
    for error in errors:
        code = _CODES[error.validator]
        path = error.json_path
        if error.validator == "required":
            absent = [name for name in error.validator_value if name not in error.instance]
            found |= {(f"{path}.{name}", code) for name in absent}
        elif error.validator == "additionalProperties":
            known = error.schema.get("properties", {})
            extra = [name for name in error.instance if name not in known]
            # The official set has this keyword on texts, too, where it means nothing.
            found |= {(f"{path}.{name}", code) for name in extra if error.schema["type"] == "object"}
        else:
            found.add((path, CallErrorCode.FORMATION_VIOLATION if path == "$" else code))
    return found


# Payloads.


def valid_value(schema: Schema, random: Random) -> Any:
    """Make a value that a schema takes, with a liking for the edges."""
    if "enum" in schema:
        return random.choice(schema["enum"])
    match schema["type"]:
        case "object":
            required = schema.get("required", ())
            return {
                name: valid_value(member, random)
                for name, member in schema.get("properties", {}).items()
                if name in required or random.random() < 0.6
            }
        case "array":
            count = random.randint(schema.get("minItems", 0), 3)
            return [valid_value(schema["items"], random) for _ in range(count)]
        case "string" if schema.get("format") == "date-time":
            return random.choice(INSTANTS)
        case "string":
            longest = schema.get("maxLength", 60)
            length = random.choice([0, 1, longest, random.randint(0, longest)])
            return "".join(random.choices('aZ09 _-é€😀\\"\x00', k=length))
        case "integer":
            return random.choice([0, 1, -1, 2**31 - 1, -(2**31), random.randint(-99, 9999)])
        case "number":
            whole = random.choice([0, 16, -3, random.randint(0, 99_999)])
            return random.choice([whole, Decimal(whole) / 10, Decimal(whole), Decimal("16.10")])
        case "boolean":
            return random.random() < 0.5
        case _:
            raise AssertionError(schema)


def damaged(schema: Schema, payload: Any, random: Random) -> Any:
    """Copy a payload with something changed in one place; often that makes it invalid, not always."""
    holder = [copy.deepcopy(payload)]
    places = list(_places(schema, holder, 0))
    node, key, place = random.choice(places)
    damages = [_retype, _damage_value, _add_member, _drop_member]
    random.choice(damages)(node, key, place, random)
    return holder[0]


def _retype(node: Any, key: Any, _: Schema, random: Random) -> None:
    others = [None, True, 0, 5, Decimal("5.0"), Decimal("0.5"), "", "5", [], [1], {}, {"a": 1}]
    node[key] = random.choice(others)


def _damage_value(node: Any, key: Any, schema: Schema, random: Random) -> None:
    """Break the rule that a value of this schema could break most easily."""
    value = node[key]
    if isinstance(value, bool) or value is None:
        node[key] = random.choice(["true", 1, None])
    elif isinstance(value, int | Decimal):
        node[key] = random.choice(
            [
                2**31,
                -(2**31) - 1,
                10**30,
                Decimal("1e400"),
                Decimal("-1e400"),
                Decimal("1e-400"),
                Decimal("16.15"),
                Decimal("0.1000000000000000000000000000000000000000001"),
                Decimal("2147483647.5"),
                Decimal("-7.0"),
                Decimal("1e2"),
            ]
        )
    elif isinstance(value, str) and schema.get("format") == "date-time":
        node[key] = random.choice(NO_INSTANTS)
    elif isinstance(value, str) and "enum" in schema:
        node[key] = random.choice([value.swapcase(), f"{value} ", "", "Hertz", "Heartbeat"])
    elif isinstance(value, str):
        node[key] = "x" * (schema.get("maxLength", 9_999) + random.randint(0, 1))
    elif isinstance(value, list):
        node[key] = random.choice([[], value * 2, [None], value[:1]])
    else:
        node[key] = {}


def _add_member(node: Any, key: Any, _: Schema, random: Random) -> None:
    if isinstance(node[key], dict):
        node[key][random.choice(["extra", "ID", "customData", "status"])] = random.choice([1, "x"])


def _drop_member(node: Any, key: Any, _: Schema, random: Random) -> None:
    if isinstance(node[key], dict) and node[key]:
        del node[key][random.choice(sorted(node[key]))]


def _places(schema: Schema, node: Any, key: Any) -> Iterator[tuple[Any, Any, Schema]]:
    """Every value within `node[key]`, as where it is held and the schema it is under."""
    yield node, key, schema
    value = node[key]
    if isinstance(value, dict):
        for name in value:
            yield from _places(schema["properties"][name], value, name)
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from _places(schema["items"], value, index)


def _nodes(schema: Any) -> Iterator[Schema]:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from _nodes(value)


def _resolved(node: Any, definitions: Schema) -> Any:
    if isinstance(node, list):
        return [_resolved(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _resolved(definitions[node["$ref"].rpartition("/")[2]], definitions)
    return {key: _resolved(value, definitions) for key, value in node.items()}
