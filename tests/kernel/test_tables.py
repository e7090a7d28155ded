"""Tables: what a step has changed, how it is undone, and that nothing but the content counts."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.kernel import records
from ocpp16cp.kernel.tables import AnyTable, Tables, durable, durable_single, volatile, volatile_single


@frozen
class Cup:
    """Something to put somewhere."""

    litres: int


SHELF = durable("shelf", int, Cup)
DRAWER = durable("drawer", str, Cup)
SINK = volatile("sink", int, Cup, because="cups are washed by hand")


def cupboard() -> Tables:
    return Tables((SHELF, DRAWER, SINK))


def shelf_of(tables: Tables) -> dict[int, Cup]:
    return dict(tables.rows(SHELF).items())


def test_cupboards_of_one_kind_hold_their_own() -> None:
    """They share what is declared, and that they are empty; nothing that is put into them."""
    ours, theirs = cupboard(), cupboard()

    ours.remove(SHELF, 1)
    ours.put(SHELF, 1, Cup(1))
    ours.load(DRAWER, "left", Cup(2))

    assert shelf_of(ours) == {1: Cup(1)}
    assert shelf_of(theirs) == {}
    assert (len(theirs.rows(DRAWER)), len(theirs.rows(SINK)), len(ours.rows(SINK))) == (0, 0, 0)


# Declarations.


def test_table_is_durable_unless_it_says_why_not() -> None:
    assert SHELF.is_durable
    assert not SINK.is_durable
    assert SINK.lost_because == "cups are washed by hand"


def test_single_record_has_a_table_of_its_own() -> None:
    kept = durable_single("kept", Cup(1), version=3)
    lost = volatile_single("lost", Cup(1), because="nobody misses it")

    assert (kept.table.is_durable, kept.table.version, kept.table.record) == (True, 3, Cup)
    assert not lost.table.is_durable


def test_table_is_shown_by_its_name() -> None:
    assert repr(SHELF) == "<table shelf>"


def test_two_tables_of_one_name_are_refused() -> None:
    with pytest.raises(AssertionError, match="two tables are called 'shelf'"):
        Tables((SHELF, durable("shelf", int, Cup)))


def test_table_is_found_by_its_name() -> None:
    tables = cupboard()

    assert tables.named("drawer") is DRAWER
    assert tables.named("attic") is None


# Reading.


def test_rows_are_read_like_a_mapping_in_the_order_of_keys() -> None:
    tables = cupboard()
    for number in (10, 9, -1):
        tables.put(SHELF, number, Cup(number))

    rows = tables.rows(SHELF)
    assert list(rows) == [-1, 9, 10]
    assert list(rows.items()) == [(-1, Cup(-1)), (9, Cup(9)), (10, Cup(10))]
    assert list(rows.values()) == [Cup(-1), Cup(9), Cup(10)]
    assert len(rows) == 3
    assert 9 in rows
    assert 8 not in rows
    assert rows[9] == rows.get(9) == Cup(9)
    assert rows.get(8) is None
    with pytest.raises(KeyError):
        rows[8]


def test_rows_may_be_changed_while_they_are_walked() -> None:
    tables = cupboard()
    for number in range(3):
        tables.put(SHELF, number, Cup(number))

    for number in tables.rows(SHELF):
        tables.remove(SHELF, number)

    assert shelf_of(tables) == {}


# What a step has changed.


def test_changed_record_is_a_difference() -> None:
    tables = cupboard()

    tables.put(SHELF, 1, Cup(1))

    assert tables.differences() == [(SHELF, 1, Cup(1))]


def test_record_put_where_an_equal_one_is_makes_no_difference() -> None:
    tables = cupboard()
    tables.put(SHELF, 1, Cup(1))
    tables.commit()

    tables.put(SHELF, 1, Cup(1))

    assert tables.differences() == []


def test_record_that_is_back_where_it_was_makes_no_difference() -> None:
    tables = cupboard()
    tables.put(SHELF, 1, Cup(1))
    tables.commit()

    tables.put(SHELF, 1, Cup(2))
    tables.remove(SHELF, 1)
    tables.put(SHELF, 1, Cup(1))
    tables.put(DRAWER, "a", Cup(1))
    tables.remove(DRAWER, "a")
    tables.remove(DRAWER, "never there")

    assert tables.differences() == []


def test_differences_stand_in_the_order_of_the_first_change() -> None:
    tables = cupboard()

    tables.put(DRAWER, "b", Cup(1))
    tables.put(SHELF, 1, Cup(1))
    tables.put(DRAWER, "a", Cup(1))
    tables.put(DRAWER, "b", Cup(2))

    assert [key for _, key, _ in tables.differences()] == ["b", 1, "a"]


def test_committed_step_leaves_no_differences_and_cannot_be_undone() -> None:
    tables = cupboard()
    tables.put(SHELF, 1, Cup(1))

    tables.commit()
    tables.rollback()

    assert tables.differences() == []
    assert shelf_of(tables) == {1: Cup(1)}


def test_rollback_puts_everything_back() -> None:
    tables = cupboard()
    tables.put(SHELF, 1, Cup(1))
    tables.put(SHELF, 2, Cup(2))
    tables.commit()

    tables.put(SHELF, 1, Cup(9))
    tables.remove(SHELF, 2)
    tables.put(SHELF, 3, Cup(3))
    tables.put(SHELF, 4, Cup(4))
    tables.remove(SHELF, 4)
    tables.rollback()

    assert shelf_of(tables) == {1: Cup(1), 2: Cup(2)}
    assert tables.differences() == []


def test_record_of_another_class_is_refused() -> None:
    saucer: Any = "a saucer"

    with pytest.raises(AssertionError, match="is no Cup"):
        cupboard().put(SHELF, 1, saucer)


def test_loaded_record_is_no_change() -> None:
    tables = cupboard()

    tables.load(SHELF, 1, Cup(1))

    assert tables.differences() == []
    assert shelf_of(tables) == {1: Cup(1)}


def test_record_of_a_volatile_table_cannot_be_loaded() -> None:
    with pytest.raises(AssertionError):
        cupboard().load(SINK, 1, Cup(1))


def test_durable_records_come_by_table_and_key() -> None:
    tables = cupboard()
    tables.put(SINK, 1, Cup(0))
    tables.put(DRAWER, "b", Cup(1))
    tables.put(DRAWER, "a", Cup(2))
    tables.put(SHELF, 1, Cup(3))

    assert list(tables.durable_records()) == [(SHELF, 1, Cup(3)), (DRAWER, "a", Cup(2)), (DRAWER, "b", Cup(1))]


# Who has to look again.


def test_change_makes_the_readers_of_its_table_dirty() -> None:
    tables = cupboard()
    tables.put(SHELF, 1, Cup(1))
    tables.rows(SHELF).readers = 0b101
    tables.rows(DRAWER).readers = 0b10

    tables.put(SHELF, 1, Cup(1))
    tables.remove(SHELF, 2)
    assert tables.dirty == 0

    tables.put(SHELF, 1, Cup(2))
    assert tables.dirty == 0b101

    tables.remove(SHELF, 1)
    tables.put(DRAWER, "a", Cup(1))
    assert tables.dirty == 0b111


def test_rollback_makes_the_readers_of_what_is_undone_dirty() -> None:
    tables = cupboard()
    tables.put(SHELF, 1, Cup(1))
    tables.rows(SHELF).readers = 0b100

    tables.rollback()

    assert tables.dirty == 0b100


# Copies.


def test_copy_goes_its_own_way() -> None:
    tables = cupboard()
    tables.put(SHELF, 1, Cup(1))
    tables.rows(SHELF).readers = 1
    tables.commit()

    twin = tables.copy()
    twin.put(SHELF, 1, Cup(2))
    twin.rows(SHELF).readers = 2
    tables.put(DRAWER, "a", Cup(1))

    assert shelf_of(tables) == {1: Cup(1)}
    assert tables.rows(SHELF).readers == 1
    assert (tables.dirty, twin.dirty) == (0, 1)
    assert len(twin.rows(DRAWER)) == 0
    assert twin.named("sink") is SINK


def test_step_under_way_cannot_be_copied() -> None:
    tables = cupboard()
    tables.put(SHELF, 1, Cup(1))

    with pytest.raises(AssertionError):
        tables.copy()


# Against a dictionary.

ACTS = st.one_of(
    st.tuples(st.just("put"), st.sampled_from([SHELF, SINK]), st.integers(0, 3), st.integers(0, 2)),
    st.tuples(st.just("put"), st.just(DRAWER), st.sampled_from("abc"), st.integers(0, 2)),
    st.tuples(st.just("remove"), st.sampled_from([SHELF, SINK]), st.integers(0, 3), st.none()),
    st.tuples(st.just("remove"), st.just(DRAWER), st.sampled_from("abc"), st.none()),
    st.tuples(st.sampled_from(["commit", "rollback", "copy"]), st.none(), st.none(), st.none()),
)

Content = dict[tuple[str, int | str], Cup]


def content_of(tables: Tables) -> Content:
    found: Content = {}
    for table in (SHELF, SINK):
        found.update({(table.name, key): record for key, record in tables.rows(table).items()})
    found.update({(DRAWER.name, key): record for key, record in tables.rows(DRAWER).items()})
    return found


@given(st.lists(ACTS, max_size=40))
def test_tables_are_dictionaries_with_an_undo(acts: list[tuple[str, AnyTable, Any, int]]) -> None:
    """The writes of all committed steps, put together, are what is in the durable tables."""
    tables = cupboard()
    now: Content = {}
    before: Content = {}
    store: dict[tuple[str, str], str] = {}

    for act, table, key, litres in acts:
        match act:
            case "put":
                tables.put(table, key, Cup(litres))
                now[table.name, key] = Cup(litres)
            case "remove":
                tables.remove(table, key)
                now.pop((table.name, key), None)
            case "rollback":
                tables.rollback()
                now = dict(before)
            case _:
                for changed, changed_key, record in tables.differences():
                    assert record == now.get((changed.name, changed_key))
                    assert record != before.get((changed.name, changed_key))
                    if not changed.is_durable:
                        continue
                    if record is None:
                        del store[changed.name, str(changed_key)]
                    else:
                        store[changed.name, str(changed_key)] = records.to_text(changed, record)
                tables.commit()
                before = dict(now)
                if act == "copy":
                    tables = tables.copy()
        assert content_of(tables) == now

    tables.rollback()
    loaded = cupboard()
    for (name, text_key), text in store.items():
        stored = loaded.named(name)
        assert stored is not None
        loaded.load(stored, *records.from_text(stored, text_key, text))
    assert list(loaded.durable_records()) == list(tables.durable_records())
