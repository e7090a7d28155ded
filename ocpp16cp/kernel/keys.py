"""Configuration keys: named values with a type, bounds and an access right, kept as the text that goes over the wire.

A key's default is a value or a function of the station. What a text means is the matter of its `Kind`; what else a
value has to keep to, given the station and the values that nobody can change, that of the key's checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from attrs import frozen

from ocpp16cp.station import Station
from ocpp16cp.vendor_keys import LARGEST_INTEGER, LONGEST_VALUE, Access

if TYPE_CHECKING:
    from .step import Step
    from .values import Values

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class ValueRefused(ValueError):
    """A text is no value of a key; the message says which rule it breaks, and holds no secret."""


@frozen
class Kind(Generic[T]):
    """The type of a key's value."""

    description: str
    """For people: `integer, 0 to 100`."""
    parse: Callable[[str, Station], T]
    """Raises `ValueRefused`."""
    render: Callable[[T], str]


Check = Callable[[T, "Values"], str | None]
"""Looks at a value and returns the rule it breaks, or `None`.

Asked of every value there is, wherever it comes from: the default, the factory, the store, the central system. So it
may look only at what does not change in a run: the station and `Values.fixed`.
"""


@frozen(eq=False, repr=False)
class Key(Generic[T]):
    """A configuration key (§9)."""

    name: str
    """Canonical spelling; names compare without regard to letter case."""
    kind: Kind[T]
    default: Callable[[Station], T | None]
    """`None`: the key is offered but has no value yet."""
    access: Callable[[Station], Access]
    checks: tuple[Check[T], ...]
    may_become: Callable[[Step, T], bool]
    """Whether the central system may set a value now; asked of values that have passed the checks."""

    def __repr__(self) -> str:
        return f"<key {self.name}>"


def key(
    name: str,
    kind: Kind[T],
    default: T | Callable[[Station], T | None],
    *,
    access: Access | Callable[[Station], Access] = Access.READ_WRITE,
    checks: tuple[Check[T], ...] = (),
    may_become: Callable[[Step, T], bool] = lambda *_: True,
) -> Key[T]:
    """Declare a configuration key; `default` and `access` may depend on the station."""
    default_of = default if callable(default) else lambda _: default
    access_of = access if callable(access) else lambda _: access
    return Key(name, kind, default_of, access_of, checks, may_become)


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

    bounds = f"from {minimum}" if maximum == LARGEST_INTEGER else f"{minimum} to {maximum}"
    return Kind(f"integer, {bounds}", parse, str)


def boolean() -> Kind[bool]:
    """`true` or `false` in any letter case; reported in lower case."""

    def parse(text: str, _: Station) -> bool:
        word = text.strip().lower()
        if word not in ("true", "false"):
            raise ValueRefused(f"{text!r} is neither true nor false")
        return word == "true"

    return Kind("boolean", parse, lambda value: "true" if value else "false")


def plain_text(minimum: int = 0, maximum: int = LONGEST_VALUE) -> Kind[str]:
    """Any text of so many characters, taken as it is; blanks alone count as none."""

    def parse(text: str, _: Station) -> str:
        if not minimum <= len(text) <= maximum or (minimum and not text.strip()):
            raise ValueRefused(f"{len(text)} characters, not {minimum} to {maximum}, or nothing but spaces")
        return text

    return Kind(f"text, {minimum} to {maximum} characters", parse, str)


def word(words: Iterable[str]) -> Callable[[str, Station], str]:
    """A parser of words in any letter case, spaces around them forgiven; each is reported in the spelling given."""
    known = {each.lower(): each for each in words}

    def parse(text: str, _: Station) -> str:
        found = known.get(text.strip().lower())
        if found is None:
            raise ValueRefused(f"{text!r} is none of {', '.join(known.values())}")
        return found

    return parse


def member(enumeration: type[E]) -> Callable[[str, Station], E]:
    """A parser of the values of an enumeration in any letter case."""
    find = word(enumeration)
    return lambda text, station: enumeration(find(text, station))


def comma_list(
    of: str, item: Callable[[str, Station], T], render_item: Callable[[T], str] = str
) -> Kind[tuple[T, ...]]:
    """Items separated by commas, spaces around them forgiven, duplicates collapsed; an empty text is an empty list.

    Args:
        of: what the items are, for people.
        item: parses one.
        render_item: the opposite.
    """

    def parse(text: str, station: Station) -> tuple[T, ...]:
        if not text.strip():
            return ()
        parts = [part.strip() for part in text.split(",")]
        if "" in parts:
            raise ValueRefused(f"{text!r} has an empty item")
        return tuple(dict.fromkeys(item(part, station) for part in parts))

    return Kind(f"list of {of}", parse, lambda values: ",".join(map(render_item, values)))


def at_most(limit: Key[int], *, zero_is_none: bool = False) -> Check[tuple[Any, ...]]:
    """A list has no more items than a read-only key says; with `zero_is_none` its 0 means that there is no limit."""

    def check(items: tuple[Any, ...], values: Values) -> str | None:
        maximum = values.fixed(limit)
        if len(items) <= maximum or (zero_is_none and maximum == 0):
            return None
        return f"{len(items)} items, at most {maximum} are allowed ({limit.name})"

    return check


def follows_from_station(derive: Callable[[Station], T]) -> Check[T]:
    """The value says nothing but what the station's description says."""

    def check(value: T, values: Values) -> str | None:
        return None if value == derive(values.station) else "contradicts the description of the station"

    return check
