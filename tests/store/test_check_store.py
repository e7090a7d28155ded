"""The contract test finds what it is there to find: each store here breaks one promise."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from unicodedata import normalize

import pytest

from ocpp16cp.outcome import Write
from ocpp16cp.store.memory import MemoryStore
from ocpp16cp.store.sqlite import SqliteStore
from ocpp16cp.testing.check_store import check_store


class Forgets(MemoryStore):
    """Never writes anything down."""

    def commit(self, writes: Sequence[Write]) -> None:
        pass


class KeepsRemoved(MemoryStore):
    def commit(self, writes: Sequence[Write]) -> None:
        super().commit([write for write in writes if write.text is not None])


class FirstWins(MemoryStore):
    def commit(self, writes: Sequence[Write]) -> None:
        super().commit(tuple(reversed(list(writes))))


class RemovesAfterwards(MemoryStore):
    """Sorts its batches: first what is put, then what is removed."""

    def commit(self, writes: Sequence[Write]) -> None:
        super().commit(sorted(writes, key=lambda write: write.text is None))


class FoldsCase(MemoryStore):
    def commit(self, writes: Sequence[Write]) -> None:
        super().commit([Write(w.table, w.key.lower(), w.text) for w in writes])


class Normalizes(MemoryStore):
    def commit(self, writes: Sequence[Write]) -> None:
        super().commit([Write(w.table, normalize("NFC", w.key), w.text) for w in writes])


class CutsAtNul(MemoryStore):
    def commit(self, writes: Sequence[Write]) -> None:
        super().commit([Write(w.table, w.key, w.text and w.text.split("\0")[0]) for w in writes])


class TakesEmptyForNothing(MemoryStore):
    def commit(self, writes: Sequence[Write]) -> None:
        super().commit([Write(w.table, w.key, w.text or None) for w in writes])


class CutsLongTexts(MemoryStore):
    def commit(self, writes: Sequence[Write]) -> None:
        super().commit([Write(w.table, w.key, w.text and w.text[:65535]) for w in writes])


class MixesTables(MemoryStore):
    def commit(self, writes: Sequence[Write]) -> None:
        super().commit([Write("", w.key, w.text) for w in writes])


class IsNotAtomic(MemoryStore):
    def commit(self, writes: Sequence[Write]) -> None:
        for write in writes:
            super().commit([write])


class SwallowsFailures(MemoryStore):
    def commit(self, writes: Sequence[Write]) -> None:
        try:
            super().commit(writes)
        except Exception:  # noqa: BLE001 - which is what is wrong with it
            return


class LoadsInAnyOrder(MemoryStore):
    def load(self) -> tuple[Write, ...]:
        return super().load()[::-1]


class ClosesOnce(MemoryStore):
    """Cannot be closed any more after its first closing."""

    is_closed = False

    def close(self) -> None:
        if self.is_closed:
            raise RuntimeError("closed already")
        self.is_closed = True


class StaysInItsThread(MemoryStore):
    """Works only in the thread that made it."""

    blocking = True  # type: ignore[misc]  # the one thing that is final about a store in memory

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        super().__init__()

    def commit(self, writes: Sequence[Write]) -> None:
        if threading.get_ident() != self.thread:
            raise RuntimeError("made in another thread")
        super().commit(writes)


@pytest.mark.parametrize(
    ("kind", "past"),
    [
        (Forgets, "putting a record"),
        (KeepsRemoved, "removing a record"),
        (FirstWins, "putting a key twice in a batch"),
        (RemovesAfterwards, "removing and putting a key in a batch"),
        (FoldsCase, "awkward keys"),
        (Normalizes, "awkward keys"),
        (CutsAtNul, "awkward texts"),
        (TakesEmptyForNothing, "awkward texts"),
        (CutsLongTexts, "a long text and a long key"),
        (MixesTables, "putting a record"),
        (IsNotAtomic, "a batch that failed half-way"),
        (SwallowsFailures, "a batch that failed half-way"),
        (LoadsInAnyOrder, "a batch for several tables"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_broken_promise_is_found(kind: Callable[[], MemoryStore], past: str) -> None:
    store = kind()

    with pytest.raises(AssertionError, match=f"^after {past}: ") as failure:
        check_store(lambda: store)

    message = str(failure.value)
    assert "\n" not in message
    assert len(message) < 600


@pytest.mark.parametrize(("kind", "note"), [(ClosesOnce, "closing it, twice"), (StaysInItsThread, "putting a record")])
def test_exception_of_the_store_comes_out_with_a_note(kind: Callable[[], MemoryStore], note: str) -> None:
    store = kind()

    with pytest.raises(RuntimeError) as failure:
        check_store(lambda: store)

    assert f"check_store: {note}" in failure.value.__notes__


def test_storage_that_is_another_one_each_time_is_found() -> None:
    with pytest.raises(AssertionError, match=r"^after putting a record: `load` gives None"):
        check_store(MemoryStore)


def test_storage_that_is_not_empty_at_first_is_found(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "station.db")
    store.commit([Write("a", "1", "one")])
    store.close()

    with pytest.raises(AssertionError, match=r"^after making the store: .* as record 0, not None"):
        check_store(lambda: SqliteStore(tmp_path / "station.db"))
