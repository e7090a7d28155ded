"""From parsed JSON to a message, checked in one pass.

The functions for classes are cattrs' generated ones. The hooks for the fields are ours and given field
by field: cattrs' own dispatch would coerce (`str(5)`, `int("5")`) where a refusal is due.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Context, Decimal
from functools import cache
from typing import Any, TypeAlias, TypeVar, assert_never

from cattrs import BaseConverter
from cattrs.errors import (
    AttributeValidationNote,
    ClassValidationError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn, override

from ocpp16cp.errors import CallErrorCode, PayloadInvalid

from .shapes import (
    MAX_AMOUNT,
    MAX_INTEGER,
    MAX_ITEMS,
    MIN_AMOUNT,
    MIN_INTEGER,
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
    member_path,
    wire_name,
)
from .strict_json import Json

T = TypeVar("T")
_Hook: TypeAlias = Callable[[Any, Any], Any]
"""Takes a value and, as cattrs will have it, a type; raises `_Violation`."""


class _Violation(Exception):
    """A value breaks a rule of its field; cattrs adds as notes which field that is."""

    def __init__(self, rule: str, code: CallErrorCode, *, step: str = "") -> None:
        super().__init__(rule)
        self.rule = rule
        self.code = code
        self.step = step
        """What the path leads to within the field."""


def structure(of: type[T], payload: Json) -> T:
    """Make a message or record of a payload.

    Raises:
        PayloadInvalid: The first violation in the order of the fields; unknown fields come last.
    """
    if type(payload) is not dict:
        rule = f"an object expected, not {_kind(payload)}"
        raise PayloadInvalid("$", rule, CallErrorCode.FORMATION_VIOLATION)
    try:
        made: T = _record(of)(payload, of)  # type: ignore[arg-type]  # for mypy no class has a hash
    except (ClassValidationError, _Violation) as error:
        raise _refusal(error) from None
    return made


def _refusal(error: BaseException) -> PayloadInvalid:
    """Read path, rule and code off what was raised through the functions of cattrs."""
    path = "$"
    while True:
        for note in reversed(getattr(error, "__notes__", [])):
            if isinstance(note, AttributeValidationNote):
                path += f".{wire_name(note.name)}"
            else:
                assert isinstance(note, IterableValidationNote), note
                path += f"[{note.index}]"
        if not isinstance(error, ClassValidationError):
            break
        # Classes collect one exception per field, in their order.
        error = error.exceptions[0]
    if isinstance(error, _Violation):
        return PayloadInvalid(path + error.step, error.rule, error.code)
    assert isinstance(error, KeyError), error
    return PayloadInvalid(path, "missing", CallErrorCode.PROTOCOL_ERROR)


def _hook(shape: Shape) -> _Hook:
    match shape:
        case Text(max_length=length):
            return _any_text if length is None else _text(length)
        case Integer():
            return _integer
        case Boolean():
            return _boolean
        case Amount(fraction_digits=digits):
            return _amount(digits)
        case Instant():
            return _instant
        case Choice():
            return _choice(shape)
        case Items():
            return _items(shape)
        case Record(of=of):
            return _record(of)
    assert_never(shape)


def _any_text(value: Json, _: object) -> str:
    if type(value) is not str:
        raise _wrong_type("a text", value)
    return value


def _text(max_length: int) -> _Hook:
    def text(value: Json, _: object) -> str:
        if type(value) is not str:
            raise _wrong_type("a text", value)
        if len(value) > max_length:
            raise _wrong_value(f"longer than {max_length} characters")
        return value

    return text


def _integer(value: Json, _: object) -> int:
    if type(value) is int:
        if MIN_INTEGER <= value <= MAX_INTEGER:
            return value
        raise _wrong_value("not within 32 bits")
    if type(value) is not Decimal:
        raise _wrong_type("an integer", value)
    # The range comes first: making an integer of 1e999999999 never ends.
    if not (value.is_finite() and MIN_INTEGER <= value <= MAX_INTEGER):
        raise _wrong_value("not within 32 bits")
    if value != value.to_integral_value():
        raise _wrong_type("an integer", value)
    return int(value)


def _boolean(value: Json, _: object) -> bool:
    if type(value) is not bool:
        raise _wrong_type("true or false", value)
    return value


def _amount(fraction_digits: int) -> _Hook:
    quantum = Decimal(1).scaleb(-fraction_digits)
    beyond = f"beyond {MAX_AMOUNT}"

    def amount(value: Json, _: object) -> Decimal:
        if type(value) is int and -MAX_INTEGER <= value <= MAX_INTEGER:
            return Decimal(value)
        if type(value) is not Decimal:
            raise _wrong_value(beyond) if type(value) is int else _wrong_type("a number", value)
        if not (value.is_finite() and MIN_AMOUNT <= value <= MAX_AMOUNT):
            raise _wrong_value(beyond)
        if not value.same_quantum(quantum) and value != value.quantize(quantum, context=_EXACT):
            raise _wrong_value(f"not a multiple of {quantum}")
        return value

    return amount


def _instant(value: Json, _: object) -> datetime:
    if type(value) is not str:
        raise _wrong_type("a date and time", value)
    if not _DATE_TIME.fullmatch(value):
        raise _wrong_value("no date and time of RFC 3339")
    try:
        instant = datetime.fromisoformat(value.upper())
        if instant.tzinfo is None:
            return instant.replace(tzinfo=UTC)
        return instant.astimezone(UTC)
    # The 31st of June is a ValueError; a year below 1 or above 9999 in UTC is an OverflowError.
    except (ValueError, OverflowError):
        raise _wrong_value("a date and time that does not exist") from None


def _choice(shape: Choice) -> _Hook:
    members = {member.value: member for member in shape.names}
    names = ", ".join(members)

    def choice(value: Json, _: object) -> str:
        if type(value) is not str:
            raise _wrong_type("a text", value)
        if value in members:
            return members[value]
        if shape.is_open:
            return value
        raise _wrong_value(f"none of {names}")

    return choice


def _items(shape: Items) -> _Hook:
    entry = _hook(shape.entry)

    def items(value: Json, _: object) -> tuple[Any, ...]:
        if type(value) is not list:
            raise _wrong_type("a list", value)
        if not shape.min_count <= len(value) <= MAX_ITEMS:
            rule = f"{shape.min_count} to {MAX_ITEMS} entries expected, not {len(value)}"
            raise _Violation(rule, CallErrorCode.OCCURENCE_CONSTRAINT_VIOLATION)
        done: list[Any] = []
        try:
            for item in value:
                done.append(entry(item, None))  # noqa: PERF401  # its length is where it failed
        except (_Violation, ClassValidationError) as error:
            # The first error ends it: cattrs' own lists would collect one exception per entry.
            error.add_note(IterableValidationNote("", len(done), None))
            raise
        return tuple(done)

    return items


@cache
def _record(of: type) -> _Hook:
    """Generate the function for a class; done at its first use, as it takes half a millisecond."""
    fields = fields_of(of)
    hooks = {field.name: override(rename=field.wire_name, struct_hook=_hook(field.shape)) for field in fields}
    make: _Hook = make_dict_structure_fn(
        of,
        BaseConverter(),
        _cattrs_detailed_validation=True,
        _cattrs_use_linecache=False,
        **hooks,  # type: ignore[arg-type]  # mypy matches them with the flags, too
    )
    # Unknown fields are looked for here: cattrs builds two sets for it, a fifth of the time of a record.
    names = frozenset(field.wire_name for field in fields)

    def record(value: Json, _: object) -> Any:
        if type(value) is not dict:
            raise _wrong_type("an object", value)
        made = make(value, of)
        if not names.issuperset(value):
            # A set has no order of its own, and the same text must give the same answer.
            step = member_path(min(value.keys() - names))
            raise _Violation("unknown field", CallErrorCode.FORMATION_VIOLATION, step=step)
        return made

    return record


def _wrong_type(expected: str, value: Json) -> _Violation:
    rule = f"{expected} expected, not {_kind(value)}"
    return _Violation(rule, CallErrorCode.TYPE_CONSTRAINT_VIOLATION)


def _wrong_value(rule: str) -> _Violation:
    return _Violation(rule, CallErrorCode.PROPERTY_CONSTRAINT_VIOLATION)


def _kind(value: Json) -> str:
    return _KINDS.get(type(value), type(value).__name__)


_KINDS = {
    type(None): "null",
    bool: "true or false",
    int: "an integer",
    Decimal: "a decimal",
    str: "a text",
    list: "a list",
    dict: "an object",
}
_EXACT = Context(prec=40)
"""An application may set its own context to any precision."""

_DATE_TIME = re.compile(
    # RFC 3339, but seconds and zone may be missing, as in the specification's own example.
    r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?",
    re.ASCII | re.IGNORECASE,
)
