"""What is read off a class, and which classes are no messages."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import pytest
from attrs import frozen

from ocpp16cp.errors import UsageError
from ocpp16cp.wire.shapes import (
    Amount,
    Boolean,
    Choice,
    Field,
    Instant,
    Integer,
    Items,
    Record,
    Text,
    fields_of,
    member_path,
    wire_name,
)
from ocpp16cp.wire.types import FractionDigits, MaxLength, MinItems, TextFormat


class Colour(StrEnum):
    RED = "Red"


@frozen(kw_only=True)
class Part:
    size: int | None = None


@frozen(kw_only=True)
class Whole:
    plain_text: str
    short_text: Annotated[str, MaxLength(3)] | None = None
    address: Annotated[str, TextFormat("uri")]
    count: int
    flag: bool
    amount: Annotated[Decimal, FractionDigits(2)]
    whole_amount: Decimal
    at: datetime | None = None
    colour: Colour
    any_colour: Colour | str | None = None
    part: Part
    parts: Annotated[tuple[Part, ...], MinItems(1)] | None = None
    names: tuple[Annotated[str, MaxLength(5)], ...]


def test_fields_are_read_in_their_order() -> None:
    assert fields_of(Whole) == (
        Field("plain_text", "plainText", Text(None, None), required=True),
        Field("short_text", "shortText", Text(3, None), required=False),
        Field("address", "address", Text(None, "uri"), required=True),
        Field("count", "count", Integer(), required=True),
        Field("flag", "flag", Boolean(), required=True),
        Field("amount", "amount", Amount(2), required=True),
        Field("whole_amount", "wholeAmount", Amount(0), required=True),
        Field("at", "at", Instant(), required=False),
        Field("colour", "colour", Choice(Colour, is_open=False), required=True),
        Field("any_colour", "anyColour", Choice(Colour, is_open=True), required=False),
        Field("part", "part", Record(Part), required=True),
        Field("parts", "parts", Items(Record(Part), 1), required=False),
        Field("names", "names", Items(Text(5, None), 0), required=True),
    )


@frozen
class _HoldsFloat:
    value: float


@frozen
class _HoldsUnion:
    value: int | str


@frozen
class _HoldsOpenText:
    value: list[str]


@pytest.mark.parametrize("of", [_HoldsFloat, _HoldsUnion, _HoldsOpenText])
def test_field_that_cannot_travel_is_refused(of: type) -> None:
    with pytest.raises(UsageError, match="cannot travel"):
        fields_of(of)


def test_class_without_fields_of_attrs_is_refused() -> None:
    with pytest.raises(UsageError, match="Colour is no attrs class"):
        fields_of(Colour)


@pytest.mark.parametrize(
    ("name", "on_the_wire"),
    [
        ("readonly", "readonly"),
        ("id_tag_info", "idTagInfo"),
        ("file_name", "fileName"),
        ("cs_charging_profiles", "csChargingProfiles"),
    ],
)
def test_wire_name_is_in_camel_case(name: str, on_the_wire: str) -> None:
    assert wire_name(name) == on_the_wire


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("extra", ".extra"),
        ("", '[""]'),
        ('a "b"', '["a \\"b\\""]'),
        ("x" * 50, f".{'x' * 50}"),
        ("x" * 51, f'["{"x" * 50}\\u2026"]'),
    ],
)
def test_foreign_name_is_short_and_quoted_in_a_path(name: str, path: str) -> None:
    assert member_path(name) == path
