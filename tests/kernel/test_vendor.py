"""Vendor keys as keys: what their types take, their bounds, their veto."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve

from ocpp16cp.errors import UsageError
from ocpp16cp.kernel.keys import ValueRefused, integer, key
from ocpp16cp.kernel.values import Values
from ocpp16cp.vendor_keys import Access, Boolean, Choice, CommaList, Integer, KeyType, Text, VendorKey
from tests.kernel.artificial import STATION

LIMIT = key("Limit", integer(), 5)


def values(*vendor_keys: VendorKey) -> Values:
    return Values((LIMIT,), evolve(STATION, vendor_keys=vendor_keys))


def canonical(of: KeyType, text: str, *, veto: Callable[[str], str | None] | None = None) -> str:
    """The spelling in which a text would be reported."""
    found = values(VendorKey(name="Own", type=of, veto=veto))
    own = found.find("own")
    assert own is not None
    rendered: str = own.kind.render(found.parse(own, text))
    return rendered


@pytest.mark.parametrize(
    ("of", "text", "reported"),
    [
        (Integer(-5, 5), " -05 ", "-5"),
        (Boolean(), "TRUE", "true"),
        (CommaList(), " b ,a,b", "b,a"),
        (CommaList(("Red", "Blue")), "blue,RED", "Blue,Red"),
        (CommaList(("Red",)), "", ""),
        (Text(3), " ä ", " ä "),
        (Choice(("Red", "Blue")), " red", "Red"),
    ],
)
def test_value_is_reported_in_its_plain_form(of: KeyType, text: str, reported: str) -> None:
    assert canonical(of, text) == reported


@pytest.mark.parametrize(
    ("of", "text"),
    [
        (Integer(-5, 5), "6"),
        (Integer(), "-1"),
        (Boolean(), "1"),
        (CommaList(), "a,,b"),
        (CommaList(("Red",)), "Green"),
        (CommaList(max_items=2), "a,b,c"),
        (Text(3), "four"),
        (Text(), "x" * 501),
        (Choice(("Red",)), ""),
    ],
)
def test_value_that_is_none_is_refused(of: KeyType, text: str) -> None:
    with pytest.raises(ValueRefused):
        canonical(of, text)


def test_veto_is_asked_about_the_plain_form() -> None:
    def no_even_numbers(text: str) -> str | None:
        asked.append(text)
        return "is even" if int(text) % 2 == 0 else None

    asked: list[str] = []

    assert canonical(Integer(), " 07", veto=no_even_numbers) == "7"
    with pytest.raises(ValueRefused, match="is even"):
        canonical(Integer(), " 08", veto=no_even_numbers)
    assert asked == ["7", "8"]


def test_veto_is_asked_about_the_default_too() -> None:
    with pytest.raises(UsageError, match="configuration: Own: never"):
        values(VendorKey(name="Own", type=Text(), default="a", veto=lambda _: "never"))


@pytest.mark.parametrize("access", Access)
def test_access_is_the_one_declared(access: Access) -> None:
    found = values(VendorKey(name="Own", type=Boolean(), default="true", access=access))
    own = found.find("OWN")

    assert own is not None
    assert found.access(own) is access
    assert found.text(own, None) == (None if access is Access.WRITE_ONLY else "true")


def test_default_that_is_no_value_is_refused() -> None:
    with pytest.raises(UsageError, match="vendor_keys: Own: default: 'yes' is neither true nor false"):
        values(VendorKey(name="Own", type=Boolean(), default="yes"))


@pytest.mark.parametrize(("first", "second"), [("Own", "oWN"), ("limit", "Other")])
def test_name_of_another_key_is_refused_in_any_letter_case(first: str, second: str) -> None:
    with pytest.raises(UsageError, match=r"vendor_keys: there is a key '(Own|Limit)' already"):
        values(VendorKey(name=first, type=Boolean()), VendorKey(name=second, type=Boolean()))


def test_name_of_an_absent_key_is_refused_too() -> None:
    with pytest.raises(UsageError, match="there is a key 'Limit' already"):
        Values((), evolve(STATION, vendor_keys=(VendorKey(name="LIMIT", type=Text()),)), absent=(LIMIT,))


def test_factory_may_configure_a_vendor_key() -> None:
    station = evolve(
        STATION, vendor_keys=(VendorKey(name="Own", type=Integer(), default="1"),), configuration=(("own", "2"),)
    )
    found = Values((), station)

    assert found.value(found.keys["own"], None) == 2


@pytest.mark.parametrize("veto", [None, lambda text: f"{text} is too easy"])
def test_refused_value_of_a_write_only_key_is_not_repeated(veto: Callable[[str], str | None] | None) -> None:
    pin = VendorKey(name="Pin", type=Integer(0, 5000 if veto else 10), access=Access.WRITE_ONLY, veto=veto)
    found = values(pin)

    with pytest.raises(ValueRefused) as caught:
        found.parse(found.keys["pin"], "1234")

    assert str(caught.value) == "the text is no value of this write-only key"


def test_value_of_a_write_only_key_is_taken_like_any_other() -> None:
    found = values(VendorKey(name="Pin", type=Integer(), access=Access.WRITE_ONLY, veto=lambda _: None))

    assert found.parse(found.keys["pin"], " 1234") == 1234
