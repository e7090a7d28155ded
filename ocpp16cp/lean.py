"""`frozen`: attrs' frozen classes, quick to make.

Most of the half millisecond that a class of attrs takes is the compiling of its methods, and a station has more than
two hundred classes before it has done anything. Here all of them share their text and their hash, and attrs compiles
the comparison of a class when two of its records are first compared, which of most classes they never are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs

__all__ = ["frozen"]

if TYPE_CHECKING:
    # Type checkers know this one.
    from attrs import frozen
else:

    def frozen(of=None, *, eq=True, **options):
        """Make a class as `attrs.frozen` does."""
        if of is None:
            return partial(frozen, eq=eq, **options)
        made = attrs.frozen(of, repr=False, eq=False, **options)
        made.__repr__ = _text
        if eq:
            made.__eq__, made.__hash__ = _equals, _hash
        return made


def _text(record: attrs.AttrsInstance) -> str:
    of = type(record)
    shown = [
        f"{attribute.name}={(repr if attribute.repr is True else attribute.repr)(getattr(record, attribute.name))}"
        for attribute in attrs.fields(of)
        if attribute.repr
    ]
    return f"{of.__qualname__.rpartition('>.')[2]}({', '.join(shown)})"


def _equals(record: object, other: object) -> Any:
    """Give the class its own comparison, in place of this one, and compare."""
    of: Any = type(record)
    compared = attrs.make_class(of.__name__, _names(of), init=False, repr=False, order=False)
    of.__eq__ = compared.__eq__
    return of.__eq__(record, other)


def _hash(record: object) -> int:
    of: Any = type(record)
    return hash(_reader(of)(record))


@cache
def _reader(of: Any) -> Callable[[object], object]:
    """What reads the values that make a record of a class what it is."""
    names = _names(of)
    return attrgetter(*names) if names else lambda _: ()


def _names(of: Any) -> list[str]:
    return [attribute.name for attribute in attrs.fields(of) if attribute.eq]
