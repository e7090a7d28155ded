"""What a message class says about its fields, read off its annotations once.

Codec, tolerance and schemas all work from this description, so they cannot disagree.
"""

from __future__ import annotations

import json
import types
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin, get_type_hints

import attrs

from ocpp16cp.errors import UsageError
from ocpp16cp.lean import frozen

from .types import FractionDigits, MaxLength, MinItems, TextFormat

MAX_INTEGER = 2**31 - 1
"""Integers have 32 bits, as in most peers; a huge one would overflow a deadline or a register."""

MIN_INTEGER = -(2**31)

MAX_AMOUNT = Decimal(MAX_INTEGER)
"""Of a decimal, either sign: far above any charger, far below where arithmetic grows slow."""

MIN_AMOUNT = Decimal(-MAX_INTEGER)

MAX_ITEMS = 50_000
"""In a list: more than a frame of full size can hold of anything useful."""


MAX_NAME_SHOWN = 50
"""Characters of an unknown field's name that a path repeats: no name of 1.6 is longer."""


@frozen
class Text:
    """A text, with the number of characters it may have (`None`: any) and what it means."""

    max_length: int | None
    format: str | None


@frozen
class Integer:
    """A whole number of 32 bits."""


@frozen
class Boolean:
    """True or false."""


@frozen
class Amount:
    """A decimal with a bounded number of digits after the point."""

    fraction_digits: int


@frozen
class Instant:
    """An instant in UTC."""


@frozen
class Choice:
    """One of the names of an enumeration; an open one lets other texts through on receipt."""

    names: type[StrEnum]
    is_open: bool


@frozen
class Items:
    """A list of one kind of entries."""

    entry: Shape
    min_count: int


@frozen
class Record:
    """An object with the fields of a class."""

    of: type


Shape: TypeAlias = Text | Integer | Boolean | Amount | Instant | Choice | Items | Record


@frozen
class Field:
    """A field of a message or record."""

    name: str
    wire_name: str
    shape: Shape
    required: bool


@cache
def fields_of(of: type) -> tuple[Field, ...]:
    """Read the fields of an attrs class, in their order.

    Raises:
        UsageError: It is no attrs class, or a field has a type that cannot travel.
    """
    if not attrs.has(of):
        raise UsageError(f"{of.__qualname__} is no attrs class")
    hints = get_type_hints(of, include_extras=True)
    return tuple(
        Field(
            attribute.name,
            wire_name(attribute.name),
            _shape(hints[attribute.name]),
            required=attribute.default is attrs.NOTHING,
        )
        for attribute in attrs.fields(of)
    )


def wire_name(name: str) -> str:
    """Turn a field's name into that on the wire: `id_tag_info` into `idTagInfo`."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def member_path(name: str) -> str:
    """Write the step of a JSON path to a member that the other side has named."""
    short = name if len(name) <= MAX_NAME_SHOWN else f"{name[:MAX_NAME_SHOWN]}…"
    return f".{short}" if short.isidentifier() else f"[{json.dumps(short)}]"


def _shape(annotation: Any) -> Shape:
    """Read an annotation; that a field is optional is seen from its default."""
    options = [annotation]
    if get_origin(annotation) in {Union, types.UnionType}:
        options = [option for option in get_args(annotation) if option is not types.NoneType]
    match options:
        case [type() as names, type() as text] if issubclass(names, StrEnum) and text is str:
            return Choice(names, is_open=True)
        case [only] if get_origin(only) is Annotated:
            of, *extras = get_args(only)
            return _plain_shape(of, extras)
        case [only]:
            return _plain_shape(only, [])
        case _:
            raise UsageError(f"a field of type {annotation!r} cannot travel")


def _plain_shape(of: Any, extras: list[Any]) -> Shape:
    if get_origin(of) is tuple:
        counts = [extra.count for extra in extras if isinstance(extra, MinItems)]
        return Items(_shape(get_args(of)[0]), sum(counts))
    if of is str:
        lengths = [extra.characters for extra in extras if isinstance(extra, MaxLength)]
        formats = [extra.name for extra in extras if isinstance(extra, TextFormat)]
        return Text(min(lengths, default=None), min(formats, default=None))
    if of is Decimal:
        digits = [extra.digits for extra in extras if isinstance(extra, FractionDigits)]
        return Amount(min(digits, default=0))
    if of in _SIMPLE:
        return _SIMPLE[of]
    if isinstance(of, type) and issubclass(of, StrEnum):
        return Choice(of, is_open=False)
    if isinstance(of, type) and attrs.has(of):
        return Record(of)
    raise UsageError(f"a field of type {of!r} cannot travel")


_SIMPLE: dict[Any, Shape] = {int: Integer(), bool: Boolean(), datetime: Instant()}
