"""Configuration keys: which texts are values of which kind, and how keys are declared."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.kernel.keys import (
    Kind,
    ValueRefused,
    boolean,
    comma_list,
    integer,
    key,
    member,
    plain_text,
    word,
)
from ocpp16cp.station import Station
from ocpp16cp.vendor_keys import LARGEST_INTEGER, Access
from tests.kernel.artificial import STATION

HOSTILE = st.one_of(
    st.text(max_size=40),
    st.text("0123456789+-_., eE\t\u0661\u00b2\uff11", max_size=14),
    st.integers().map(str),
    st.sampled_from(["true", "TRUE", " False ", "tru\u00e9", "0x1F", "1_000", "1e3", "NaN", "\u2212 5", "--1", "+"]),
)


def parse_letter(text: str, _: Station) -> str:
    """An item of one letter, in either case."""
    if len(text) != 1 or not "a" <= text.lower() <= "z":
        raise ValueRefused(f"{text!r} is no letter")
    return text.lower()


LETTERS = comma_list("letters", parse_letter, str.upper)


# Integers.


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("7", 7), (" 7\t", 7), ("+7", 7), ("-3", -3), ("-0", 0), ("007", 7), ("2147483647", LARGEST_INTEGER)],
)
def test_integer_is_decimal_digits_with_an_optional_sign(text: str, value: int) -> None:
    assert integer(minimum=-5).parse(text, STATION) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "+",
        "-",
        "+-1",
        "1.0",
        "1e3",
        "1_000",
        "1 000",
        "0x1",
        "\u0661",
        "\u00b2",
        "\uff11",
        "00000000001",
        "9" * 400,
    ],
)
def test_text_that_is_no_integer_is_refused(text: str) -> None:
    with pytest.raises(ValueRefused, match="is no integer of at most 10 digits"):
        integer().parse(text, STATION)


@pytest.mark.parametrize(
    ("minimum", "maximum", "text"),
    [(0, LARGEST_INTEGER, "-1"), (0, LARGEST_INTEGER, "2147483648"), (1, 3, "0"), (1, 3, "4"), (-1, 1, "-2")],
)
def test_integer_beyond_its_bounds_is_refused(minimum: int, maximum: int, text: str) -> None:
    with pytest.raises(ValueRefused, match=f"{text} is not {minimum} to {maximum}"):
        integer(minimum, maximum).parse(text, STATION)


# Booleans.


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("false", False), ("TRUE", True), (" False\n", False), ("tRuE", True)]
)
def test_boolean_is_true_or_false_in_any_case(text: str, value: bool) -> None:
    kind = boolean()

    assert kind.parse(text, STATION) is value
    assert kind.render(value) == text.strip().lower()


@pytest.mark.parametrize("text", ["", "1", "0", "yes", "truefalse", "true,", "t"])
def test_text_that_is_no_boolean_is_refused(text: str) -> None:
    with pytest.raises(ValueRefused, match="is neither true nor false"):
        boolean().parse(text, STATION)


# Lists.


@pytest.mark.parametrize(
    ("text", "value"),
    [("", ()), ("  ", ()), ("a", ("a",)), (" B , a ", ("b", "a")), ("a,A,a", ("a",)), ("a,b,a,B", ("a", "b"))],
)
def test_list_is_items_between_commas(text: str, value: tuple[str, ...]) -> None:
    assert LETTERS.parse(text, STATION) == value


@pytest.mark.parametrize("text", [",", "a,", ",a", "a,,b", "a b", "a;b", "ab"])
def test_list_with_an_item_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueRefused, match=r"is no letter|empty item"):
        LETTERS.parse(text, STATION)


def test_list_is_rendered_item_by_item() -> None:
    assert LETTERS.render(("a", "b")) == "A,B"
    assert LETTERS.render(()) == ""


# Texts and words.


@pytest.mark.parametrize("text", ["a", " a ", "äöü €", "x" * 8])
def test_text_is_taken_as_it_is(text: str) -> None:
    assert plain_text(1, 8).parse(text, STATION) == text


@pytest.mark.parametrize("text", ["", "   ", "x" * 9])
def test_text_of_a_wrong_length_or_of_blanks_is_refused(text: str) -> None:
    with pytest.raises(ValueRefused, match=f"{len(text)} characters, not 1 to 8"):
        plain_text(1, 8).parse(text, STATION)


def test_text_may_be_empty_where_nothing_is_asked_for() -> None:
    assert plain_text().parse("", STATION) == ""
    assert plain_text().parse(" ", STATION) == " "


class Colour(StrEnum):
    RED = "Red"
    LIGHT_BLUE = "light Blue"


@pytest.mark.parametrize(("text", "colour"), [("Red", Colour.RED), (" rED ", Colour.RED), ("LIGHT blue", "light Blue")])
def test_word_is_found_in_any_letter_case(text: str, colour: str) -> None:
    assert word(["Red", "light Blue"])(text, STATION) == colour
    assert member(Colour)(text, STATION) is Colour(colour)


@pytest.mark.parametrize("text", ["", "Re", "lightBlue", "RED_"])
def test_word_that_is_none_is_refused_with_those_there_are(text: str) -> None:
    with pytest.raises(ValueRefused, match="is none of Red, light Blue"):
        member(Colour)(text, STATION)


KINDS: list[Kind[Any]] = [
    integer(),
    integer(-3, 12),
    boolean(),
    LETTERS,
    plain_text(1, 8),
    comma_list("c", member(Colour)),
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.description)
@given(text=HOSTILE)
def test_any_text_is_a_value_or_refused(kind: Kind[Any], text: str) -> None:
    """And a value that is rendered means the same value."""
    try:
        value = kind.parse(text, STATION)
    except ValueRefused:
        return
    assert kind.parse(kind.render(value), STATION) == value


@pytest.mark.parametrize(
    ("kind", "description"),
    [
        (integer(), "integer, from 0"),
        (integer(1, 3), "integer, 1 to 3"),
        (boolean(), "boolean"),
        (plain_text(1, 8), "text, 1 to 8 characters"),
        (LETTERS, "list of letters"),
    ],
)
def test_kind_is_described_for_people(kind: Kind[object], description: str) -> None:
    assert kind.description == description


# Declarations.


def test_key_is_shown_by_its_name() -> None:
    assert repr(key("Limit", integer(), 5)) == "<key Limit>"


def test_access_is_fixed_or_depends_on_the_station() -> None:
    def by_size(station: Station) -> Access:
        return Access.READ_ONLY if len(station.connectors) > 1 else Access.READ_WRITE

    assert key("A", integer(), 5).access(STATION) is Access.READ_WRITE
    assert key("A", integer(), 5, access=Access.WRITE_ONLY).access(STATION) is Access.WRITE_ONLY
    assert key("A", integer(), 5, access=by_size).access(STATION) is Access.READ_ONLY
