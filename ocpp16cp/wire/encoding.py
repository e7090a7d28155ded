"""From a message to compact JSON text; a value that breaks a rule of its field is found here."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Context, Decimal
from functools import cache
from typing import Any, TypeAlias, assert_never

from cattrs import BaseConverter
from cattrs.gen import make_dict_unstructure_fn, override

from ocpp16cp.errors import UsageError

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
)
from .strict_json import MAX_LENGTH, is_encodable

_Hook: TypeAlias = Callable[[Any], Any]
"""Takes a field's value, gives what `json` writes; raises `_Unfit`."""


class _Unfit(Exception):
    """A value that breaks a rule of its field."""

    def __init__(self, path: str, rule: str) -> None:
        super().__init__(rule)
        self.path = path
        self.rule = rule


def unstructure(message: object) -> str:
    """Write a message as compact JSON.

    Raises:
        UsageError: A field holds what it may not: class, path, value and rule are named.
    """
    try:
        write = _of_class(type(message))  # type: ignore[arg-type]  # for mypy no class has a hash
        text = _dump(write(message))
    except _Unfit as error:
        raise UsageError(f"{type(message).__name__}: ${error.path}: {error.rule}") from None
    if not text.isascii() and not is_encodable(text):
        raise UsageError(f"{type(message).__name__}: a text holds a lone surrogate")
    return text


_dump = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False).encode


@cache
def _of_class(of: type) -> _Hook:
    """Generate the function for a class; done at its first use, as it takes half a millisecond."""
    overrides = {
        field.name: override(
            rename=field.wire_name,
            unstruct_hook=_hook(field.shape, f".{field.wire_name}"),
            omit_if_default=not field.required,
        )
        for field in fields_of(of)
    }
    return make_dict_unstructure_fn(
        of,
        BaseConverter(),
        _cattrs_use_linecache=False,
        **overrides,  # type: ignore[arg-type]  # mypy matches them with the flags, too
    )


def _hook(shape: Shape, at: str) -> _Hook:
    """Make the hook for a value; `at` is the last step of its path."""
    match shape:
        case Text():
            return _text(shape, at)
        case Integer():
            return _integer(at)
        case Boolean():
            return _boolean(at)
        case Amount():
            return _amount(shape, at)
        case Instant():
            return _instant(at)
        case Choice():
            return _choice(shape, at)
        case Items():
            return _items(shape, at)
        case Record():
            return _record(shape, at)
    assert_never(shape)


def _text(shape: Text, at: str) -> _Hook:
    max_length = MAX_LENGTH if shape.max_length is None else shape.max_length

    def text(value: str) -> str:
        if not isinstance(value, str):
            raise _unfit(at, value, "is no text")
        if len(value) > max_length:
            raise _unfit(at, value, f"is longer than {max_length} characters")
        return value

    return text


def _integer(at: str) -> _Hook:
    def integer(value: int) -> int:
        if type(value) is not int or not MIN_INTEGER <= value <= MAX_INTEGER:
            raise _unfit(at, value, "is no integer within 32 bits")
        return value

    return integer


def _boolean(at: str) -> _Hook:
    def boolean(value: object) -> object:
        if type(value) is not bool:
            raise _unfit(at, value, "is neither true nor false")
        return value

    return boolean


def _amount(shape: Amount, at: str) -> _Hook:
    quantum = Decimal(1).scaleb(-shape.fraction_digits)

    def amount(value: Decimal) -> float:
        if type(value) is not Decimal or not value.is_finite():
            raise _unfit(at, value, "is no decimal")
        if not MIN_AMOUNT <= value <= MAX_AMOUNT:
            raise _unfit(at, value, f"is beyond {MAX_AMOUNT}")
        if not value.same_quantum(quantum) and value != value.quantize(quantum, context=_EXACT):
            raise _unfit(at, value, f"is not a multiple of {quantum}")
        # A float of that size is written with exactly the digits of the decimal.
        return float(value)

    return amount


def _instant(at: str) -> _Hook:
    def instant(value: Any) -> str:
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise _unfit(at, value, "is no instant with a zone")
        if value.tzinfo is not UTC:
            try:
                value = value.astimezone(UTC)
            except OverflowError:
                raise _unfit(at, value, "does not exist in UTC") from None
        return f"{value.isoformat(timespec='milliseconds')[:-6]}Z"

    return instant


def _choice(shape: Choice, at: str) -> _Hook:
    spellings = {member.value: member.value for member in shape.names}
    names = ", ".join(spellings)

    def choice(value: str) -> str:
        if not isinstance(value, str):
            raise _unfit(at, value, "is no text")
        if value in spellings:
            return spellings[value]
        if shape.is_open:
            return value
        raise _unfit(at, value, f"is none of {names}")

    return choice


def _items(shape: Items, at: str) -> _Hook:
    entry = _hook(shape.entry, "")

    def items(value: tuple[Any, ...]) -> list[Any]:
        if type(value) is not tuple:
            raise _unfit(at, value, "is no tuple")
        if not shape.min_count <= len(value) <= MAX_ITEMS:
            raise _unfit(at, len(value), f"entries are not {shape.min_count} to {MAX_ITEMS}")
        done: list[Any] = []
        try:
            for item in value:
                done.append(entry(item))  # noqa: PERF401  # its length is where it failed
        except _Unfit as error:
            raise _Unfit(f"{at}[{len(done)}]{error.path}", error.rule) from None
        return done

    return items


def _record(shape: Record, at: str) -> _Hook:
    write = _of_class(shape.of)

    def record(value: object) -> Any:
        if type(value) is not shape.of:
            raise _unfit(at, value, f"is no {shape.of.__name__}")
        try:
            return write(value)
        except _Unfit as error:
            raise _Unfit(at + error.path, error.rule) from None

    return record


def _unfit(at: str, value: object, rule: str) -> _Unfit:
    shown = repr(value)
    if len(shown) > MAX_VALUE_SHOWN:
        shown = f"{shown[:MAX_VALUE_SHOWN]}…"
    return _Unfit(at, f"{shown} {rule}")


MAX_VALUE_SHOWN = 80
"""Characters of an unfit value that an error repeats: one line of a log."""

_EXACT = Context(prec=40)
"""An application may set its own context to any precision."""
