"""Records to text and back: one JSON array `[version, fields]` each, with upgrades from older versions."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

import cattrs
from cattrs import Converter, transform_error

from .tables import AnyTable, K, R, Table


class RecordUnreadable(Exception):
    """A record from the store cannot be understood; the message names its table, its key and what is wrong.

    A station never starts with half of its state: the application decides whether to keep the store for inspection and
    start with an empty one.
    """

    def __init__(self, table: str, key: str, why: str) -> None:
        super().__init__(f"record {key!r} of table {table!r} cannot be read: {why}")
        self.table = table
        self.key = key
        self.why = why

    def __reduce__(self) -> tuple[type[RecordUnreadable], tuple[str, str, str]]:
        """Rebuild from the arguments: `Exception` alone would pass the joined text."""
        return type(self), (self.table, self.key, self.why)


def _exactly(kind: type) -> Callable[[Any, Any], Any]:
    """A hook that takes values of one type and bends nothing into it."""

    def take(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise ValueError(f"{value!r} is no {kind.__name__}")
        return value

    return take


def _take_float(value: Any, _: Any) -> float:
    if type(value) not in (int, float):
        raise ValueError(f"{value!r} is no number")
    return float(value)


def _take_decimal(value: Any, _: Any) -> Decimal:
    if type(value) is not str:
        raise ValueError(f"{value!r} is no text of a decimal")
    return Decimal(value)


def _take_datetime(value: Any, _: Any) -> datetime:
    if type(value) is not str:
        raise ValueError(f"{value!r} is no text of a time")
    utc = datetime.fromisoformat(value)
    if utc.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return utc


def _or_none(take: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A hook that also takes nothing: what cattrs does by itself, without looking up the hook for each value."""
    return lambda value, of: None if value is None else take(value, of)


@cache
def _members(enumeration: type[StrEnum]) -> dict[str, StrEnum]:
    """The members of an enumeration by value; asking it is slower."""
    return {member.value: member for member in enumeration}


def _take_member(value: Any, enumeration: type[StrEnum]) -> StrEnum:
    if type(value) is not str or value not in _members(enumeration):
        raise ValueError(f"{value!r} is no {enumeration.__name__}")
    return _members(enumeration)[value]


def _make_converter(*, explains: bool) -> Converter:
    """JSON values for everything that records are made of; a field too many is an error.

    Args:
        explains: its errors say where in a record they are, which takes time also where there is none.
    """
    converter = Converter(forbid_extra_keys=True, detailed_validation=explains)
    for kind in (bool, int, str):
        converter.register_structure_hook(kind, _exactly(kind))
    converter.register_structure_hook(StrEnum, _take_member)
    converter.register_structure_hook(str | None, _or_none(_exactly(str)))
    converter.register_structure_hook(datetime | None, _or_none(_take_datetime))
    converter.register_structure_hook(float, _take_float)
    converter.register_structure_hook(Decimal, _take_decimal)
    converter.register_structure_hook(datetime, _take_datetime)
    converter.register_unstructure_hook(Decimal, str)
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    return converter


def _sorted_set(value: object) -> list[Any]:
    """The members of a set in an order that no hash seed changes."""
    if not isinstance(value, frozenset):
        raise TypeError(f"{value!r} cannot be written as JSON")
    return sorted(value)


_CONVERTER = _make_converter(explains=True)
_QUICK = _make_converter(explains=False)
"""A station may load a hundred thousand records at a start."""
_DECODE = json.JSONDecoder().raw_decode
_PLAIN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_sorted_set)
_ESCAPED = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), default=_sorted_set)


def to_text(table: AnyTable, record: object) -> str:
    """The text under which the store keeps a record."""
    fields = _CONVERTER.unstructure(record, unstructure_as=table.record)
    text = _PLAIN.encode([table.version, fields])
    try:
        text.encode()
    except UnicodeEncodeError:
        # A lone surrogate, from a broken card reader perhaps, must not make every commit fail.
        return _ESCAPED.encode([table.version, fields])
    return text


def from_text(table: Table[K, R], key: str, text: str) -> tuple[K, R]:
    """The key and the record that the store kept as `key` and `text`.

    Raises:
        RecordUnreadable: no such record can have been written by this version of the library, or an older one.
    """
    try:
        return _key(table, key), _structure(table, _upgraded(table, text))
    except cattrs.BaseValidationError as error:
        raise RecordUnreadable(table.name, key, "; ".join(transform_error(error))) from error
    except RecursionError as error:
        raise RecordUnreadable(table.name, key, "nested too deep") from error
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        raise RecordUnreadable(table.name, key, f"{type(error).__name__}: {error}") from error


def _structure(table: Table[K, R], fields: dict[str, Any]) -> R:
    """The record of these fields."""
    try:
        return _QUICK.structure(fields, table.record)
    except Exception:  # noqa: BLE001 - whatever it is, it is said again with the place where it is
        return _CONVERTER.structure(fields, table.record)


def _key(table: Table[K, R], text: str) -> K:
    """The key of a record; another spelling of it would stand in the store beside the one that is written later."""
    key = table.key(text)
    if str(key) != text:
        raise ValueError(f"the key would be written {str(key)!r}")
    return key


def _parsed(text: str) -> Any:
    """The JSON value of a text. After one that was written here nothing is left over, and that is the quick way."""
    value, end = _DECODE(text)
    return value if end == len(text) else json.loads(text)


def _upgraded(table: AnyTable, text: str) -> dict[str, Any]:
    """The fields of a record, as this version of its table has them."""
    version: Any
    fields: Any
    version, fields = _parsed(text)
    if type(version) is not int or type(fields) is not dict:
        raise ValueError("no version and fields")
    while version != table.version:
        upgrade = table.upgrades.get(version)
        if upgrade is None:
            raise ValueError(f"no upgrade from version {version} to {table.version}")
        version, fields = version + 1, upgrade(fields)
    found: dict[str, Any] = fields
    return found
