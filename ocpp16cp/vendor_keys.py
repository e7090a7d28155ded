"""Configuration keys that an application adds to the standard ones: `Station.vendor_keys`.

    LED_COLOUR = VendorKey(name="LedColour", type=Choice(("red", "green", "blue")), default="green")
    QUIET_HOURS = VendorKey(name="QuietHours", type=Text(max_length=40), default="", veto=why_not_hours)

The central system reads and changes them as it does the standard ones; `KeyChanged` tells the application of a change,
`ChargePoint.key_text` the present value.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from ocpp16cp.errors import UsageError
from ocpp16cp.lean import frozen
from ocpp16cp.wire.strict_json import is_encodable

LARGEST_INTEGER = 2**31 - 1
"""Upper bound of every integer value: deadlines computed from it stay within what a `timedelta` holds."""
LONGEST_NAME = 50
"""Characters of a name, the limit of CiString50 (§7.29)."""
LONGEST_VALUE = 500
"""Characters of a value, the limit of CiString500 (§7.29)."""
MOST_ITEMS = (LONGEST_VALUE + 1) // 2
"""Items of a list: the shortest have one character, with a comma between them."""


class Access(StrEnum):
    """What the central system may do with a key."""

    READ_ONLY = "R"
    READ_WRITE = "RW"
    WRITE_ONLY = "W"


@frozen
class Integer:
    """Decimal digits with an optional sign."""

    minimum: int = 0
    maximum: int = LARGEST_INTEGER

    def __attrs_post_init__(self) -> None:
        if not -LARGEST_INTEGER <= self.minimum <= self.maximum <= LARGEST_INTEGER:
            raise UsageError(f"{self!r}: the bounds are not in order, or beyond {LARGEST_INTEGER}")


@frozen
class Boolean:
    """`true` or `false`."""


@frozen
class CommaList:
    """Items separated by commas."""

    items: tuple[str, ...] = ()
    """What may stand in the list, in the spelling that is reported. Empty: any text without a comma."""
    max_items: int = MOST_ITEMS

    def __attrs_post_init__(self) -> None:
        _check_words(self, self.items)
        if any("," in item for item in self.items):
            raise UsageError(f"{self!r}: an item holds a comma")
        if not 1 <= self.max_items <= MOST_ITEMS:
            raise UsageError(f"{self!r}: max_items is not 1 to {MOST_ITEMS}")


@frozen
class Text:
    """Any text."""

    max_length: int = LONGEST_VALUE

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.max_length <= LONGEST_VALUE:
            raise UsageError(f"{self!r}: max_length is not 1 to {LONGEST_VALUE}")


@frozen
class Choice:
    """One of some words."""

    choices: tuple[str, ...]
    """In the spelling that is reported."""

    def __attrs_post_init__(self) -> None:
        _check_words(self, self.choices)
        if not self.choices:
            raise UsageError(f"{self!r}: there is nothing to choose")


KeyType = Integer | Boolean | CommaList | Text | Choice
"""What values a key takes; letter case and spaces around a number, a word or an item are forgiven."""

Veto = Callable[[str], str | None]
"""Looks at a value in the spelling in which it would be reported, and returns why it is refused, or `None`.

It is a function of the value alone: asked when the central system changes the key, and about the default and what is
stored whenever a charge point is made.
"""


@frozen(kw_only=True)
class VendorKey:
    """A configuration key of the vendor.

    Raises:
        UsageError: no key can be called that. Whether a standard key is, and whether the default is a value, is found
            when a `ChargePoint` is made.
    """

    name: str
    """1 to 50 characters; names compare without regard to letter case."""
    type: KeyType
    default: str | None = None
    """As text. `None`: the key is offered without a value."""
    access: Access = Access.READ_WRITE
    veto: Veto | None = None

    def __attrs_post_init__(self) -> None:
        is_printable = self.name.isprintable() and self.name == self.name.strip()
        if not (1 <= len(self.name) <= LONGEST_NAME and is_printable):
            raise UsageError(f"vendor_keys: {self.name!r} is no name of 1 to {LONGEST_NAME} printable characters")


def _check_words(of: object, words: tuple[str, ...]) -> None:
    """Hold words to what can be told apart, and sent."""
    for word in words:
        if not word or word != word.strip() or len(word) > LONGEST_VALUE or not is_encodable(word):
            raise UsageError(f"{of!r}: {word!r} is empty, too long, has spaces around it, or cannot be sent")
    if len({word.lower() for word in words}) < len(words):
        raise UsageError(f"{of!r}: two words differ in nothing but letter case")
