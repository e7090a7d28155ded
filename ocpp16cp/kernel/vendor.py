"""Vendor keys, which an application declares as data, as keys like all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from attrs import evolve

from ocpp16cp.errors import UsageError
from ocpp16cp.station import Station
from ocpp16cp.vendor_keys import Access, Boolean, Choice, CommaList, Integer, KeyType, Text, VendorKey

from .keys import Check, Key, Kind, ValueRefused, boolean, comma_list, integer, key, plain_text, word

if TYPE_CHECKING:
    from .values import Values


def as_key(declared: VendorKey) -> Key[Any]:
    """Make a key of a declaration; its `default` raises `UsageError` when the text is no value."""
    kind = _kind(declared.type)
    checks = _checks(declared, kind)
    if declared.access is Access.WRITE_ONLY:
        kind, checks = _discreet(kind), [_discreet_check(check) for check in checks]

    def default(station: Station) -> object:
        if declared.default is None:
            return None
        try:
            return kind.parse(declared.default, station)
        except ValueRefused as error:
            raise UsageError(f"vendor_keys: {declared.name}: default: {error}") from error

    return key(declared.name, kind, default, access=declared.access, checks=tuple(checks))


def _kind(of: KeyType) -> Kind[Any]:
    match of:
        case Integer():
            return integer(of.minimum, of.maximum)
        case Boolean():
            return boolean()
        case CommaList():
            return comma_list("words", word(of.items) if of.items else lambda text, _: text)
        case Text():
            return plain_text(maximum=of.max_length)
        case Choice():
            return Kind(f"one of {', '.join(of.choices)}", word(of.choices), str)
        case _:
            assert_never(of)


def _checks(declared: VendorKey, kind: Kind[Any]) -> list[Check[Any]]:
    """What a value has to keep to beyond its type."""
    checks: list[Check[Any]] = []
    if isinstance(declared.type, CommaList):
        checks.append(_no_more_than(declared.type.max_items))
    if (veto := declared.veto) is not None:
        checks.append(lambda value, _: veto(kind.render(value)))
    return checks


def _no_more_than(maximum: int) -> Check[Any]:
    def check(items: tuple[object, ...], _: Values) -> str | None:
        return f"{len(items)} items, at most {maximum} are allowed" if len(items) > maximum else None

    return check


_DISCREET = "the text is no value of this write-only key"
"""A refusal usually repeats what is refused."""


def _discreet(kind: Kind[Any]) -> Kind[Any]:
    def parse(text: str, station: Station) -> Any:
        try:
            return kind.parse(text, station)
        except ValueRefused:
            raise ValueRefused(_DISCREET) from None

    return evolve(kind, parse=parse)


def _discreet_check(check: Check[Any]) -> Check[Any]:
    return lambda value, values: _DISCREET if check(value, values) else None
