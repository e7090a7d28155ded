"""A store in a file: what it keeps, who owns it, and what happens when there is no room."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp16cp.errors import UsageError
from ocpp16cp.outcome import Write
from ocpp16cp.store.interface import (
    Store,
    StoreError,
    StoreFull,
    StoreInUse,
)
from ocpp16cp.store.memory import MemoryStore
from ocpp16cp.store.sqlite import SqliteStore
from ocpp16cp.testing.check_store import check_store

ROOT = Path(__file__).parents[2]

ONE = Write("a", "1", "one")

MANY = [Write("a", f"{number:03}", "x" * 200) for number in range(500)]
"""Enough for dozens of pages."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "station.db"


def make_store(path: Path, *writes: Write) -> None:
    """A file that was closed properly."""
    with closing(SqliteStore(path)) as store:
        store.commit(writes)


# What it keeps.


def test_store_in_a_file_keeps_the_contract(path: Path) -> None:
    check_store(lambda: SqliteStore(path))


def test_store_in_a_file_blocks(path: Path) -> None:
    with closing(SqliteStore(path)) as opened:
        store: Store = opened

        assert store.blocking


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAME = st.sampled_from("abc") | TEXT
BATCHES = st.lists(st.lists(st.builds(Write, NAME, NAME, st.none() | TEXT), max_size=8), max_size=8)


@settings(max_examples=40)
@given(st.lists(BATCHES, max_size=3))
def test_file_holds_the_same_as_memory(runs: list[list[list[Write]]]) -> None:
    memory = MemoryStore()

    with TemporaryDirectory() as directory:
        for batches in runs:
            with closing(SqliteStore(Path(directory, "station.db"))) as store:
                assert store.load() == memory.load()
                for batch in batches:
                    store.commit(batch)
                    memory.commit(batch)
                assert store.load() == memory.load()


def test_batch_with_a_lone_surrogate_is_refused_whole(path: Path) -> None:
    make_store(path, ONE)

    with closing(SqliteStore(path)) as store:
        with pytest.raises(UnicodeEncodeError):
            store.commit([Write("a", "1", None), Write("a", "2", "\ud800")])

        assert store.load() == (ONE,)


def test_closed_store_is_one_file(path: Path) -> None:
    make_store(path, ONE)

    assert [file.name for file in path.parent.iterdir()] == ["station.db"]


def test_files_are_readable_for_their_owner_only(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        store.commit([ONE])

        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}

    assert modes == {"station.db": 0o600, "station.db-wal": 0o600}


def test_closed_store_is_not_used_any_more(path: Path) -> None:
    store = SqliteStore(path)
    store.close()

    with pytest.raises(UsageError, match="is closed"):
        store.commit([ONE])
    with pytest.raises(UsageError, match="is closed"):
        store.load()


def test_file_without_a_log_of_its_own_gets_one_again(path: Path) -> None:
    """Somebody switched the log off, with another program."""
    make_store(path, ONE)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")

    with closing(SqliteStore(path)) as store:
        store.commit([Write("a", "2", "two")])

        assert path.with_name("station.db-wal").exists()


# One owner.


def open_elsewhere(path: Path) -> str:
    """What another process is told when it opens the store."""
    program = "import sys; from ocpp16cp.store.sqlite import SqliteStore; SqliteStore(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", program, path], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stderr.strip().rpartition("\n")[2]


def test_store_has_one_owner(path: Path) -> None:
    """An attempt of the same process must not let go of the lock either, as closing a file usually does."""
    with closing(SqliteStore(path)) as store:
        store.commit([ONE])

        with pytest.raises(StoreInUse, match="is in use by another process"):
            SqliteStore(path)
        elsewhere = open_elsewhere(path)

        assert elsewhere.startswith("ocpp16cp.store.interface.StoreInUse: ")
        store.commit([Write("a", "2", "two")])
    assert open_elsewhere(path) == ""


def test_one_of_many_that_make_the_file_at_once_owns_it(path: Path) -> None:
    openers = 8
    start = Barrier(openers)

    def open_store() -> SqliteStore | None:
        start.wait()
        try:
            return SqliteStore(path)
        except StoreInUse:
            return None

    with ThreadPoolExecutor(openers) as threads:
        attempts = [threads.submit(open_store) for _ in range(openers)]
        owners = [store for attempt in attempts if (store := attempt.result())]

    assert len(owners) == 1
    owners[0].commit([ONE])
    owners[0].close()
    assert [file.name for file in path.parent.iterdir()] == ["station.db"]


# No room.


def test_batch_that_does_not_fit_is_lost_whole(path: Path) -> None:
    with closing(SqliteStore(path, max_bytes=64 * 1024)) as store:
        store.commit([ONE])

        with pytest.raises(StoreFull, match=r"has no room for more: .*; free some space"):
            store.commit([Write("a", "1", None), Write("a", "2", "two"), *MANY])

        assert store.load() == (ONE,)
        store.commit([Write("a", "1", "uno")])
        assert store.load() == (Write("a", "1", "uno"),)


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Let the operating system refuse to write beyond a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_batch_that_the_device_does_not_take_is_lost_whole(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        store.commit([ONE])

        with (
            files_no_larger_than(100_000),
            pytest.raises(StoreError, match="see to the device") as e,
        ):
            store.commit([Write("a", "1", None), *MANY])

        assert type(e.value) is StoreError
        assert store.load() == (ONE,)
    with closing(SqliteStore(path)) as store:
        assert store.load() == (ONE,)
