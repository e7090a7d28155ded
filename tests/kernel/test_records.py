"""Records as text: what was put in comes out, and what cannot be understood is named."""

from __future__ import annotations

import json
import pickle
import types
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp16cp.charge_point import FEATURES
from ocpp16cp.kernel.base import BASE
from ocpp16cp.kernel.records import RecordUnreadable, from_text, to_text
from ocpp16cp.kernel.tables import AnyTable, durable, durable_single


class Colour(StrEnum):
    """A closed set of texts."""

    RED = "Red"


class Size(Enum):
    """A closed set of other things."""

    LARGE = 1


@frozen
class Part:
    """A record in a record."""

    name: str
    weights: tuple[Decimal, ...] = ()


@frozen
class Thing:
    """One field of each kind."""

    count: int
    share: float
    text: str
    is_new: bool
    amount: Decimal
    made_at: datetime
    colour: Colour
    size: Size
    part: Part
    parts: tuple[Part, ...] = ()
    note: str | None = None
    other: Part | None = None
    ratio: float | None = None
    until: datetime | None = None
    pairs: tuple[tuple[int, str], ...] = ()


THINGS = durable("things", int, Thing)
NAMED_THINGS = durable("named_things", str, Thing)

DURABLE = [table for feature in (*FEATURES, BASE) for table in feature.tables if table.is_durable]

TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)
LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(-(2**63), 2**63),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: TEXTS,
    bool: st.booleans(),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False, places=3),
    datetime: st.datetimes(timezones=st.just(UTC)),
}


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of an annotation."""
    if kind in LEAVES:
        return LEAVES[kind]
    if get_origin(kind) in {Union, types.UnionType}:
        return st.one_of([st.none() if each is types.NoneType else values_of(each) for each in get_args(kind)])
    if get_origin(kind) is tuple and get_args(kind)[-1] is Ellipsis:
        return st.lists(values_of(get_args(kind)[0]), max_size=3).map(tuple)
    if get_origin(kind) is tuple:
        return st.tuples(*map(values_of, get_args(kind)))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    assert isinstance(kind, type)
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: values_of(hints[field.name]) for field in attrs.fields(kind)})


def keys_of(table: AnyTable) -> st.SearchStrategy[Any]:
    return st.integers() if table.key is int else TEXTS


@pytest.mark.parametrize("table", [THINGS, NAMED_THINGS, *DURABLE], ids=repr)
@settings(max_examples=30)
@given(data=st.data())
def test_record_comes_back_as_it_was(table: AnyTable, data: st.DataObject) -> None:
    record = data.draw(values_of(table.record))
    key = data.draw(keys_of(table))

    text = to_text(table, record)

    assert from_text(table, str(key), text) == (key, record)
    assert text.encode().decode() == text


def thing() -> Thing:
    return Thing(
        count=-3,
        share=0.1,
        text='é "',
        is_new=True,
        amount=Decimal("16.0"),
        made_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
        colour=Colour.RED,
        size=Size.LARGE,
        part=Part("p", (Decimal("0.5"),)),
    )


def fields_of(record: object = None) -> dict[str, Any]:
    """The stored fields of a record."""
    version, fields = json.loads(to_text(THINGS, record or thing()))
    assert version == 1
    assert isinstance(fields, dict)
    return fields


def test_text_is_version_and_fields() -> None:
    text = to_text(durable("parts", int, Part, version=4), Part("é", (Decimal("0.50"),)))

    assert json.loads(text) == [4, {"name": "é", "weights": ["0.50"]}]
    assert " " not in text


def test_decimal_keeps_its_digits() -> None:
    _, record = from_text(THINGS, "1", to_text(THINGS, thing()))

    assert str(record.amount) == "16.0"


@pytest.mark.parametrize("text", ["\ud800", "a\udfff"])
def test_any_text_can_be_stored(text: str) -> None:
    """A lone surrogate, from a broken card reader perhaps, must not make every commit fail."""
    parts = durable("parts", str, Part)

    stored = to_text(parts, Part(text))

    assert from_text(parts, "a", stored.encode().decode()) == ("a", Part(text))


@frozen
class Bag:
    """A set, which has no order."""

    names: frozenset[str] = frozenset()


def test_set_is_stored_in_the_order_of_its_members() -> None:
    """The order of a set depends on the hash seed, the text must not."""
    bags = durable("bags", int, Bag)
    names = [f"n{number}" for number in range(10)]

    text = to_text(bags, Bag(frozenset(names)))

    assert text == json.dumps([1, {"names": names}], separators=(",", ":"))
    assert from_text(bags, "1", text) == (1, Bag(frozenset(names)))


# What cannot be understood.


def changed(name: str, value: object) -> str:
    """A stored thing with a field of another value."""
    return json.dumps([1, fields_of() | {name: value}])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("count", "many"),
        ("count", None),
        ("count", "3"),
        ("count", 3.7),
        ("count", True),
        ("share", "0.5"),
        ("share", None),
        ("text", 3),
        ("text", None),
        ("is_new", "false"),
        ("is_new", 1),
        ("amount", "one"),
        ("amount", [1]),
        ("made_at", "today"),
        ("made_at", 3),
        ("made_at", "2026-03-02T12:00:00"),
        ("colour", "Blue"),
        ("size", 2),
        ("part", "p"),
        ("part", {"weights": []}),
        ("parts", 3),
        ("parts", [1]),
        ("parts", {"name": "p"}),
        ("note", 3),
        ("other", 3),
        ("pairs", [[1]]),
    ],
)
def test_field_of_another_kind_is_found_and_named(name: str, value: object) -> None:
    """What a store gives back is either what was written, or refused: never bent into shape."""
    with pytest.raises(RecordUnreadable, match=f"record '7' of table 'things' cannot be read: .*{name}") as caught:
        from_text(THINGS, "7", changed(name, value))

    assert (caught.value.table, caught.value.key) == ("things", "7")


def test_error_survives_pickling() -> None:
    error = RecordUnreadable("things", "7", "it is torn")

    again = pickle.loads(pickle.dumps(error))

    assert (str(again), again.table, again.key) == (str(error), "things", "7")


def test_missing_field_is_found_and_named() -> None:
    fields = fields_of()
    del fields["amount"]

    with pytest.raises(RecordUnreadable, match="amount"):
        from_text(THINGS, "1", json.dumps([1, fields]))


def test_field_too_many_is_found_and_named() -> None:
    with pytest.raises(RecordUnreadable, match="extra"):
        from_text(THINGS, "1", changed("extra", 1))


def test_field_with_a_default_may_be_missing() -> None:
    fields = fields_of()
    del fields["parts"]

    assert from_text(THINGS, "1", json.dumps([1, fields])) == (1, thing())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "{}",
        "[]",
        "[1]",
        "[1,{}]",
        "[1,null]",
        "[1,[]]",
        "[1,3]",
        "[1,{},{}]",
        "[null,{}]",
        "[[1],{}]",
        '["1",{}]',
        "[2,{}]",
        "[0,{}]",
        "[-1,{}]",
        '[1,{"count":' + "9" * 5000 + "}]",
        '[1,{"count":1',
        "[" * 100_000,
        '[1,{"amount":"1e999999999999999999999"}]',
        "\x00",
    ],
)
def test_text_that_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(RecordUnreadable, match="'things'"):
        from_text(THINGS, "1", text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "weights", "x"]), inner),
    max_leaves=6,
)


@given(st.text(max_size=20) | st.builds(lambda fields: json.dumps([1, fields]), JSON), st.text(max_size=5))
def test_any_text_is_a_record_or_refused(text: str, key: str) -> None:
    tables: list[AnyTable] = [durable("parts", int, Part), durable("parts", str, Part)]
    for table in tables:
        try:
            _, record = from_text(table, key, text)
        except RecordUnreadable:
            continue
        assert from_text(table, key, to_text(table, record))[1] == record


@pytest.mark.parametrize("key", ["", "a", "1.0", " 1", "1_0", "01", "+1", "\u0661"])
def test_key_is_only_what_is_written(key: str) -> None:
    """A record under another spelling would stand in the store beside the one that is written later."""
    with pytest.raises(RecordUnreadable, match="'parts'"):
        from_text(durable("parts", int, Part), key, '[1,{"name":"p"}]')


def test_whole_number_will_do_for_a_float() -> None:
    _, record = from_text(THINGS, "1", changed("share", 2))

    assert record.share == 2.0


# Upgrades.


def renamed(fields: dict[str, Any]) -> dict[str, Any]:
    return {"name": fields["label"], "weights": fields.get("weights", [])}


def weighed(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "weights": [str(weight) for weight in fields["weights"]]}


def test_older_record_is_upgraded_version_by_version() -> None:
    parts = durable("parts", str, Part, version=3, upgrades={1: renamed, 2: weighed})

    assert from_text(parts, "a", '[1,{"label":"p","weights":[2]}]') == ("a", Part("p", (Decimal(2),)))
    assert from_text(parts, "a", '[2,{"name":"p","weights":[2]}]') == ("a", Part("p", (Decimal(2),)))
    assert from_text(parts, "a", '[3,{"name":"p"}]') == ("a", Part("p"))
    assert to_text(parts, Part("p")) == '[3,{"name":"p","weights":[]}]'


@pytest.mark.parametrize("version", [0, 4, 17])
def test_record_of_a_version_without_upgrade_is_named(version: int) -> None:
    parts = durable("parts", str, Part, version=3, upgrades={1: renamed, 2: weighed})

    with pytest.raises(RecordUnreadable, match=f"'parts'.*version {version}"):
        from_text(parts, "a", f'[{version},{{"name":"p"}}]')


def lacking(_: dict[str, Any]) -> dict[str, Any]:
    raise KeyError("label")


def test_record_that_its_upgrade_cannot_take_is_named() -> None:
    parts = durable("parts", str, Part, version=2, upgrades={1: lacking})

    with pytest.raises(RecordUnreadable, match="'parts'") as caught:
        from_text(parts, "a", '[1,{"name":"p"}]')

    assert "no upgrade" not in str(caught.value)


def test_single_record_can_be_upgraded() -> None:
    single = durable_single("part", Part("none"), version=2, upgrades={1: renamed})

    assert from_text(single.table, "", '[1,{"label":"p"}]') == ("", Part("p"))


# Every table there is.


def test_no_two_tables_share_a_name() -> None:
    names = [table.name for feature in (*FEATURES, BASE) for table in feature.tables]

    assert sorted(set(names)) == sorted(names)


def test_volatile_tables_say_why() -> None:
    lost = [table for feature in (*FEATURES, BASE) for table in feature.tables if table not in DURABLE]

    assert lost
    assert all(table.lost_because for table in lost)


def test_zone_of_an_instant_comes_back() -> None:
    record = attrs.evolve(thing(), until=datetime(2026, 3, 2, 12, tzinfo=UTC) + timedelta(microseconds=5))

    assert from_text(THINGS, "1", to_text(THINGS, record)) == (1, record)
