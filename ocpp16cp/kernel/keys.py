"""Configuration keys: named values with a type, bounds and an access right, kept as the text that goes over the wire.

A key's default is a value or a function of the station; only values that were changed stand in the table `VALUES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, Generic, TypeVar

from attrs import frozen

from ocpp16cp.errors import UsageError
from ocpp16cp.station import Station

from .tables import durable

T = TypeVar("T")

LARGEST_INTEGER = 2**31 - 1
"""Upper bound of every integer value: deadlines computed from it stay within what a `timedelta` holds."""
LONGEST_VALUE = 500
"""Characters of a value, the limit of CiString500 (§7.29)."""


class Access(StrEnum):
    """What the central system may do with a key."""

    READ_ONLY = "R"
    READ_WRITE = "RW"
    WRITE_ONLY = "W"


class ValueRefused(ValueError):
    """A text is no value of a key; the message says which rule it breaks."""


@frozen
class Kind(Generic[T]):
    """The type of a key's value."""

    parse: Callable[[str, Station], T]
    """Raises `ValueRefused`."""
    render: Callable[[T], str]


@frozen(eq=False, repr=False)
class Key(Generic[T]):
    """A configuration key (§9)."""

    name: str
    """Canonical spelling; names compare without regard to letter case."""
    kind: Kind[T]
    default: Callable[[Station], T | None]
    """`None`: the key is offered but has no value yet."""
    access: Callable[[Station], Access]

    def __repr__(self) -> str:
        return f"<key {self.name}>"


def key(
    name: str,
    kind: Kind[T],
    default: T | Callable[[Station], T | None],
    *,
    access: Access | Callable[[Station], Access] = Access.READ_WRITE,
) -> Key[T]:
    """Declare a configuration key; `default` and `access` may depend on the station."""
    default_of = default if callable(default) else lambda _: default
    access_of = access if callable(access) else lambda _: access
    return Key(name, kind, default_of, access_of)


def integer(minimum: int = 0, maximum: int = LARGEST_INTEGER) -> Kind[int]:
    """Decimal digits with an optional sign, within bounds; spaces around them are forgiven."""

    def parse(text: str, _: Station) -> int:
        digits = text.strip()
        unsigned = digits[1:] if digits[:1] in ("+", "-") else digits
        if not (unsigned.isascii() and unsigned.isdigit() and len(unsigned) <= 10):
            raise ValueRefused(f"{text!r} is no integer of at most 10 digits")
        value = int(digits)
        if not minimum <= value <= maximum:
            raise ValueRefused(f"{value} is not {minimum} to {maximum}")
        return value

    return Kind(parse, str)


def boolean() -> Kind[bool]:
    """`true` or `false` in any letter case; reported in lower case."""

    def parse(text: str, _: Station) -> bool:
        word = text.strip().lower()
        if word not in ("true", "false"):
            raise ValueRefused(f"{text!r} is neither true nor false")
        return word == "true"

    return Kind(parse, lambda value: "true" if value else "false")


def comma_list(
    item: Callable[[str, Station], T], render_item: Callable[[T], str], maximum: Callable[[Station], int]
) -> Kind[tuple[T, ...]]:
    """Items separated by commas, spaces around them forgiven, duplicates collapsed; an empty text is an empty list."""

    def parse(text: str, station: Station) -> tuple[T, ...]:
        if not text.strip():
            return ()
        parts = [part.strip() for part in text.split(",")]
        if "" in parts:
            raise ValueRefused(f"{text!r} has an empty item")
        items = tuple(dict.fromkeys(item(part, station) for part in parts))
        limit = maximum(station)
        if len(items) > limit:
            raise ValueRefused(f"{len(items)} items, at most {limit} are allowed")
        return items

    return Kind(parse, lambda values: ",".join(map(render_item, values)))


@frozen
class Value:
    """A value that differs from the default, as text."""

    text: str


VALUES = durable("configuration.values", str, Value)
"""By canonical name."""


class Values:
    """The typed values of all keys of one charge point: defaults, and the texts of `VALUES` parsed once each.

    Raises:
        UsageError: `Station.configuration` names an unknown key or a value that the key refuses.
    """

    def __init__(self, keys: Iterable[Key[Any]], station: Station) -> None:
        self.station = station
        self._keys: dict[str, Key[Any]] = {}
        for key in keys:
            assert key.name.lower() not in self._keys, f"two keys are called {key.name!r}"
            self._keys[key.name.lower()] = key
        self._defaults: dict[Key[Any], Any] = {key: key.default(station) for key in self._keys.values()}
        for name, text in station.configuration:
            found = self.find(name)
            if found is None:
                raise UsageError(f"configuration: there is no key {name!r}")
            try:
                self._defaults[found] = self.parse(found, text)
            except ValueRefused as error:
                raise UsageError(f"configuration: {found.name}: {error}") from error
        self._parsed: dict[Key[Any], tuple[Value, Any]] = {}

    @property
    def keys(self) -> Mapping[str, Key[Any]]:
        """All keys by their name in lower case, in the order of their declaration."""
        return self._keys

    def find(self, name: str) -> Key[Any] | None:
        """The key of that name in whatever letter case, or `None`."""
        return self._keys.get(name.lower())

    def parse(self, key: Key[T], text: str) -> T:
        """The value that a text means for a key.

        Raises:
            ValueRefused: it means none.
        """
        if len(text) > LONGEST_VALUE:
            raise ValueRefused(f"{len(text)} characters, at most {LONGEST_VALUE} are allowed")
        return key.kind.parse(text, self.station)

    def text(self, key: Key[Any], changed: Value | None) -> str | None:
        """The value of a key as it goes over the wire; `None`: it has none yet."""
        value = self.value(key, changed)
        return None if value is None else key.kind.render(value)

    def value(self, key: Key[T], changed: Value | None) -> T:
        """The value of a key, given its entry in `VALUES`."""
        if changed is None:
            default: T = self._defaults[key]
            return default
        known = self._parsed.get(key)
        if known is None or known[0] is not changed:
            known = self._parsed[key] = (changed, self.parse(key, changed.text))
        value: T = known[1]
        return value
