from __future__ import annotations

import copy

import pytest

from ocpp16cp.outcome import Write
from ocpp16cp.store.interface import Store
from ocpp16cp.store.memory import MemoryStore
from ocpp16cp.testing.check_store import check_store


def test_store_in_memory_keeps_the_contract() -> None:
    store = MemoryStore()

    check_store(lambda: store)


def test_store_in_memory_does_not_block() -> None:
    store: Store = MemoryStore()

    assert not store.blocking


def test_store_begins_with_the_writes_of_another() -> None:
    store = MemoryStore([Write("a", "1", "one"), Write("a", "1", "uno"), Write("b", "1", None)])

    twin = MemoryStore(store.load())
    twin.commit([Write("a", "2", "due")])

    assert store.load() == (Write("a", "1", "uno"),)
    assert twin.load() == (Write("a", "1", "uno"), Write("a", "2", "due"))


def test_deep_copy_goes_its_own_way() -> None:
    store = MemoryStore([Write("a", "1", "one")])

    twin = copy.deepcopy(store)
    twin.commit([Write("a", "1", None)])

    assert store.load() == (Write("a", "1", "one"),)
    assert twin.load() == ()


def test_snapshot_stays_as_it_was_taken() -> None:
    store = MemoryStore([Write("a", "1", "one")])

    snapshot = store.snapshot()
    store.commit([Write("a", "1", "uno"), Write("b", "1", "")])

    assert snapshot == {("a", "1"): "one"}
    assert store.snapshot() == {("a", "1"): "uno", ("b", "1"): ""}


@pytest.mark.parametrize(
    "bad",
    [Write("\ud800", "1", ""), Write("a", "\udfff", ""), Write("a", "1", "x\ud834")],
)
def test_batch_that_no_file_could_hold_is_refused_whole(bad: Write) -> None:
    store = MemoryStore([Write("a", "1", "one")])

    with pytest.raises(UnicodeEncodeError):
        store.commit([Write("a", "1", "uno"), bad])

    assert store.load() == (Write("a", "1", "one"),)
