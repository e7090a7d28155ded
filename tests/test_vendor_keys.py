"""Declarations of vendor keys that no station can have."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ocpp16cp.errors import UsageError
from ocpp16cp.vendor_keys import (
    LARGEST_INTEGER,
    LONGEST_NAME,
    LONGEST_VALUE,
    MOST_ITEMS,
    Boolean,
    Choice,
    CommaList,
    Integer,
    KeyType,
    Text,
    VendorKey,
)


@pytest.mark.parametrize("name", ["A", "x" * LONGEST_NAME, "Größe.1 (mm)"])
def test_name_is_printable_text_of_a_bounded_length(name: str) -> None:
    assert VendorKey(name=name, type=Boolean()).name == name


@pytest.mark.parametrize("name", ["", "x" * (LONGEST_NAME + 1), " A", "A ", "A\n", "\ud800"])
def test_name_that_nobody_can_ask_for_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no name of 1 to 50 printable characters"):
        VendorKey(name=name, type=Boolean())


@pytest.mark.parametrize(
    "make",
    [
        lambda: Integer(-LARGEST_INTEGER, LARGEST_INTEGER),
        lambda: Integer(3, 3),
        lambda: CommaList(("a", "b c"), MOST_ITEMS),
        lambda: Text(LONGEST_VALUE),
        lambda: Text(1),
        lambda: Choice(("a,b",)),
    ],
)
def test_type_may_go_to_the_bounds(make: Callable[[], KeyType]) -> None:
    assert make() == make()


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: Integer(2, 1), "not in order"),
        (lambda: Integer(0, LARGEST_INTEGER + 1), "beyond"),
        (lambda: Integer(-LARGEST_INTEGER - 1, 0), "beyond"),
        (lambda: CommaList(("a,b",)), "holds a comma"),
        (lambda: CommaList(("a", "A")), "letter case"),
        (lambda: CommaList(("a", "")), "is empty"),
        (lambda: CommaList(max_items=0), "max_items is not 1 to"),
        (lambda: CommaList(max_items=MOST_ITEMS + 1), "max_items is not 1 to"),
        (lambda: Text(0), "max_length is not 1 to"),
        (lambda: Text(LONGEST_VALUE + 1), "max_length is not 1 to"),
        (lambda: Choice(()), "nothing to choose"),
        (lambda: Choice((" a",)), "spaces around"),
        (lambda: Choice(("x" * (LONGEST_VALUE + 1),)), "too long"),
        (lambda: Choice(("\ud800",)), "cannot be sent"),
    ],
)
def test_type_that_makes_no_sense_is_refused(make: Callable[[], KeyType], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        make()
