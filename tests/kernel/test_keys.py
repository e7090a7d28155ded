"""Configuration keys: which texts are values, and what the values are before anybody changed them."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.charge_point import FEATURES
from ocpp16cp.errors import UsageError
from ocpp16cp.kernel.base import BASE
from ocpp16cp.kernel.keys import (
    LARGEST_INTEGER,
    LONGEST_VALUE,
    Access,
    Key,
    Kind,
    Value,
    ValueRefused,
    Values,
    boolean,
    comma_list,
    integer,
    key,
)
from ocpp16cp.station import Connector, Station
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


LETTERS = comma_list(parse_letter, str.upper, lambda station: len(station.connectors))


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


def test_list_is_as_long_as_the_station_allows() -> None:
    larger = evolve(STATION, connectors=(Connector(),) * 3)

    with pytest.raises(ValueRefused, match="3 items, at most 2 are allowed"):
        LETTERS.parse("a,b,c", STATION)
    assert LETTERS.parse("a,b,c", larger) == ("a", "b", "c")


def test_list_is_rendered_item_by_item() -> None:
    assert LETTERS.render(("a", "b")) == "A,B"
    assert LETTERS.render(()) == ""


@pytest.mark.parametrize("kind", [integer(), integer(-3, 12), boolean(), LETTERS])
@given(text=HOSTILE)
def test_any_text_is_a_value_or_refused(kind: Kind[object], text: str) -> None:
    """And a value that is rendered means the same value."""
    try:
        value = kind.parse(text, STATION)
    except ValueRefused:
        return
    assert kind.parse(kind.render(value), STATION) == value


# Declarations.


def test_key_is_shown_by_its_name() -> None:
    assert repr(key("Limit", integer(), 5)) == "<key Limit>"


def test_access_is_fixed_or_depends_on_the_station() -> None:
    def by_size(station: Station) -> Access:
        return Access.READ_ONLY if len(station.connectors) > 1 else Access.READ_WRITE

    assert key("A", integer(), 5).access(STATION) is Access.READ_WRITE
    assert key("A", integer(), 5, access=Access.WRITE_ONLY).access(STATION) is Access.WRITE_ONLY
    assert key("A", integer(), 5, access=by_size).access(STATION) is Access.READ_ONLY


# Values.

LIMIT = key("Limit", integer(), 5)
SIZE = key("Size", integer(), lambda station: len(station.connectors))
SECRET: Key[int] = key("Secret", integer(), lambda _: None)
LIST = key("List", LETTERS, ("a",))


def values(*configuration: tuple[str, str]) -> Values:
    return Values((LIMIT, SIZE, SECRET, LIST), evolve(STATION, configuration=configuration))


def test_key_is_found_in_any_letter_case() -> None:
    assert values().find("lImIt") is LIMIT
    assert values().find("Limits") is None
    assert list(values().keys) == ["limit", "size", "secret", "list"]


def test_two_keys_of_one_name_are_refused() -> None:
    """Names compare without regard to letter case, so the second would hide the first."""
    with pytest.raises(AssertionError, match=r"LIMIT|Limit|limit"):
        Values((LIMIT, key("LIMIT", integer(), 6)), STATION)


def test_value_is_the_default_of_the_station() -> None:
    found = values()

    assert (found.value(LIMIT, None), found.value(SIZE, None)) == (5, 2)
    assert (found.text(LIMIT, None), found.text(SIZE, None), found.text(LIST, None)) == ("5", "2", "A")


def test_key_may_have_no_value_yet() -> None:
    assert values().text(SECRET, None) is None
    assert values().text(SECRET, Value("7")) == "7"


def test_factory_may_change_the_default() -> None:
    found = values(("limit", " 7 "), ("LIST", "b,A"))

    assert found.value(LIMIT, None) == 7
    assert found.text(LIST, None) == "B,A"


def test_changed_value_stands_before_the_default() -> None:
    found = values(("Limit", "7"))

    assert found.value(LIMIT, Value("9")) == 9
    assert found.value(LIMIT, None) == 7


def test_value_follows_its_text() -> None:
    found = values()

    assert [found.value(LIMIT, Value(text)) for text in ("1", "2", "2", "1")] == [1, 2, 2, 1]


def test_factory_configuration_of_an_unknown_key_is_refused() -> None:
    with pytest.raises(UsageError, match="configuration: there is no key 'Limits'"):
        values(("Limits", "7"))


def test_factory_configuration_that_its_key_refuses_is_refused() -> None:
    with pytest.raises(UsageError, match="configuration: Limit: 'seven' is no integer"):
        values(("limit", "seven"))


def test_value_may_have_500_characters() -> None:
    found = values()

    assert found.parse(LIST, ",".join(["a"] * 250)) == ("a",)
    with pytest.raises(ValueRefused, match=f"{LONGEST_VALUE + 1} characters, at most {LONGEST_VALUE} are allowed"):
        found.parse(LIST, ",".join(["a"] * 250) + "  ")


# Every key there is.

KEYS = [each for feature in (*FEATURES, BASE) for each in feature.keys]


@pytest.mark.parametrize("each", KEYS, ids=repr)
def test_default_of_every_key_is_a_value_of_it(each: Key[object]) -> None:
    found = Values(KEYS, STATION)
    default = each.default(STATION)

    assert default is None or found.parse(each, each.kind.render(default)) == default


ALL_VALUES = Values(KEYS, STATION)


@given(text=HOSTILE)
def test_any_text_is_a_value_of_every_key_or_refused(text: str) -> None:
    for each in KEYS:
        try:
            value = ALL_VALUES.parse(each, text)
        except ValueRefused:
            continue
        assert ALL_VALUES.parse(each, each.kind.render(value)) == value
