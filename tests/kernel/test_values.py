"""The values of configuration keys: what they are before anybody changed them, and what they have to keep to."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given

from ocpp16cp.charge_point import FEATURES
from ocpp16cp.errors import UsageError
from ocpp16cp.kernel.base import BASE
from ocpp16cp.kernel.keys import Key, ValueRefused, at_most, follows_from_station, integer, key, plain_text
from ocpp16cp.kernel.tables import Rows
from ocpp16cp.kernel.values import VALUES, Value, Values
from ocpp16cp.station import Station
from ocpp16cp.vendor_keys import LONGEST_VALUE, Access, Text, VendorKey
from tests.kernel.artificial import STATION
from tests.kernel.test_keys import HOSTILE, LETTERS

LIMIT = key("Limit", integer(), 5)
SIZE = key("Size", integer(), lambda station: len(station.connectors))
UNSET: Key[int] = key("Unset", integer(), lambda _: None)
LIST_MAX_LENGTH = key("ListMaxLength", integer(), 3, access=Access.READ_ONLY)
LIST = key("List", LETTERS, ("a",), checks=(at_most(LIST_MAX_LENGTH),))
SECRET = key("Secret", plain_text(1), "confidential", access=Access.WRITE_ONLY)


SOME_KEYS = (LIMIT, SIZE, UNSET, LIST_MAX_LENGTH, LIST, SECRET)


def values(*configuration: tuple[str, str]) -> Values:
    return Values(SOME_KEYS, evolve(STATION, configuration=configuration))


def test_key_is_found_in_any_letter_case() -> None:
    assert values().find("lImIt") is LIMIT
    assert values().find("Limits") is None
    assert list(values().keys) == ["limit", "size", "unset", "listmaxlength", "list", "secret"]


def test_stations_of_one_kind_have_values_of_their_own() -> None:
    """They share what never changes: not what the factory or the vendor has added to one of them."""
    theirs = values()
    configured = values(("limit", "7"))
    extended = Values(SOME_KEYS, evolve(STATION, vendor_keys=(VendorKey(name="Colour", type=Text(), default="red"),)))
    added = extended.find("colour")

    assert added is not None
    assert extended.text(added, None) == "red"
    assert (theirs.find("colour"), configured.find("colour")) == (None, None)
    assert [each.text(LIMIT, None) for each in (theirs, configured, extended, values())] == ["5", "7", "5", "5"]


def test_two_keys_of_one_name_are_refused() -> None:
    """Names compare without regard to letter case, so the second would hide the first."""
    with pytest.raises(AssertionError, match=r"LIMIT|Limit|limit"):
        Values((LIMIT, key("LIMIT", integer(), 6)), STATION)


def test_value_is_the_default_of_the_station() -> None:
    found = values()

    assert (found.value(LIMIT, None), found.value(SIZE, None)) == (5, 2)
    assert (found.text(LIMIT, None), found.text(SIZE, None), found.text(LIST, None)) == ("5", "2", "A")


def test_key_may_have_no_value_yet() -> None:
    assert values().text(UNSET, None) is None
    assert values().text(UNSET, Value("7")) == "7"


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


# What a value has to keep to.


def test_list_is_as_long_as_another_key_says() -> None:
    found = values(("ListMaxLength", "2"))

    assert found.parse(LIST, "a,b") == ("a", "b")
    with pytest.raises(ValueRefused, match=r"3 items, at most 2 are allowed \(ListMaxLength\)"):
        found.parse(LIST, "a,b,c")


def test_list_may_be_held_to_nothing() -> None:
    with pytest.raises(ValueRefused, match="1 items, at most 0"):
        values(("ListMaxLength", "0"), ("List", "")).parse(LIST, "a")


def test_zero_may_mean_that_there_is_no_limit() -> None:
    free = key("Free", LETTERS, (), checks=(at_most(LIST_MAX_LENGTH, zero_is_none=True),))
    found = Values((LIST_MAX_LENGTH, free), evolve(STATION, configuration=(("ListMaxLength", "0"),)))

    assert found.parse(free, "a,b,c,d") == ("a", "b", "c", "d")
    with pytest.raises(ValueRefused, match="4 items, at most 3"):
        Values((LIST_MAX_LENGTH, free), STATION).parse(free, "a,b,c,d")


def test_factory_values_are_held_to_each_other_in_whatever_order_they_stand() -> None:
    assert values(("List", "a,b,c,d"), ("ListMaxLength", "4")).text(LIST, None) == "A,B,C,D"
    with pytest.raises(UsageError, match="configuration: List: 1 items, at most 0 are allowed"):
        values(("ListMaxLength", "0"))


def test_value_that_follows_from_the_station_is_none_other() -> None:
    def size(station: Station) -> int:
        return len(station.connectors)

    derived = key("Size", integer(), size, checks=(follows_from_station(size),))

    assert Values((derived,), evolve(STATION, configuration=(("Size", "2"),))).value(derived, None) == 2
    with pytest.raises(UsageError, match="configuration: Size: contradicts the description of the station"):
        Values((derived,), evolve(STATION, configuration=(("Size", "3"),)))


def test_value_that_can_change_is_nothing_to_hold_others_to() -> None:
    with pytest.raises(AssertionError, match="Limit> can be changed"):
        values().fixed(LIMIT)


@pytest.mark.parametrize("text", ["\ud800", "a\udfff"])
def test_text_that_cannot_be_stored_is_no_value(text: str) -> None:
    with pytest.raises(ValueRefused, match="lone surrogate"):
        values().parse(SECRET, text)


# What may be shown.


def test_write_only_key_never_shows_its_value() -> None:
    found = values()

    assert found.text(SECRET, None) is None
    assert found.text(SECRET, Value("other")) is None
    assert found.value(SECRET, Value("other")) == "other"


def test_all_texts_are_those_of_the_keys() -> None:
    changed = Rows(VALUES, {"Limit": Value("9"), "Gone": Value("1")})

    assert values().texts(changed) == {
        "Limit": "9",
        "Size": "2",
        "Unset": None,
        "ListMaxLength": "3",
        "List": "A",
        "Secret": None,
    }


# What the store held.


@pytest.mark.parametrize(
    ("name", "text", "broken"),
    [
        ("Limit", "many", "'many' is no integer"),
        ("List", "a,b,c,d", "4 items, at most 3"),
        ("ListMaxLength", "5", "the key is read-only now"),
        ("Secret", "", "0 characters, not 1 to 500"),
    ],
)
def test_stored_value_that_is_none_any_more_counts_as_the_default(name: str, text: str, broken: str) -> None:
    found = values()
    found_key = found.find(name)
    assert found_key is not None
    stored = Value(text)

    why = found.admit(name, stored)

    assert why is not None
    assert broken in why
    assert found.value(found_key, stored) == found.value(found_key, None)


@pytest.mark.parametrize(("name", "text"), [("Limit", "7"), ("Secret", "other"), ("Gone", "many")])
def test_stored_value_that_fits_or_belongs_to_nobody_is_left_alone(name: str, text: str) -> None:
    assert values().admit(name, Value(text)) is None


# Keys of a profile that is switched off.


def test_absent_key_cannot_be_found_and_stays_at_its_default() -> None:
    found = Values((LIMIT,), STATION, absent=(SIZE,))

    assert found.find("Size") is None
    assert list(found.texts(Rows(VALUES))) == ["Limit"]
    assert found.value(SIZE, None) == found.value(SIZE, Value("9")) == 2
    assert found.admit("Size", Value("many")) is None


def test_absent_key_cannot_be_configured() -> None:
    with pytest.raises(UsageError, match="there is no key 'Size'"):
        Values((LIMIT,), evolve(STATION, configuration=(("Size", "1"),)), absent=(SIZE,))


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
