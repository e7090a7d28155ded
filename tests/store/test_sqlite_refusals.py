"""What is refused as a store, with which words, and that it keeps every byte."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ocpp16cp.outcome import Write
from ocpp16cp.store.interface import (
    StoreCorrupt,
    StoreError,
    StoreForeign,
    StoreNotWritable,
    StoreTooNew,
)
from ocpp16cp.store.sqlite import SqliteStore

ONE = Write("a", "1", "one")

MANY = [Write("a", f"{number:03}", "x" * 200) for number in range(500)]
"""Enough for dozens of pages."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "station.db"


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}


def make_store(path: Path, *writes: Write) -> None:
    """A file that was closed properly."""
    with closing(SqliteStore(path)) as store:
        store.commit(writes)


def make_store_after_power_cut(path: Path, *writes: Write) -> None:
    """A file with many records, and the rest still in its log."""
    with TemporaryDirectory() as directory:
        original = Path(directory, path.name)
        make_store(original, *MANY)
        store = SqliteStore(original)
        store.commit(writes)
        files = contents(original.parent)
        store.close()
    for name, data in files.items():
        path.with_name(name).write_bytes(data)
    assert files[f"{path.name}-wal"]


def change_with_sqlite(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(sql)


def damage(path: Path, at: int) -> None:
    """Overwrite a page."""
    data = bytearray(path.read_bytes())
    data[at : at + 4096] = bytes(range(256)) * 16
    path.write_bytes(data)


def refusal(path: Path, kind: type[StoreError]) -> str:
    """Why a file is refused, which must be clear, and have left everything as it was."""
    before = contents(path.parent)
    with pytest.raises(kind) as refused:
        SqliteStore(path)
    assert type(refused.value) is kind
    assert contents(path.parent) == before
    message = str(refused.value)
    assert repr(str(path)) in message
    assert "\n" not in message
    return message


# Files of others.


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"# my notes\n",
        b"SQLite format 3\0",
        b"SQLite format 3\0" + bytes(4080),
        bytes(range(256)) * 64,
    ],
    ids=["empty", "text", "magic", "zeros", "binary"],
)
def test_foreign_file_is_refused(path: Path, data: bytes) -> None:
    path.write_bytes(data)

    message = refusal(path, StoreForeign)

    assert "is not a store of ocpp16cp" in message


def test_database_of_another_program_is_refused(path: Path) -> None:
    change_with_sqlite(path, "PRAGMA application_id=42; CREATE TABLE record (a)")

    refusal(path, StoreForeign)


def test_database_in_use_by_another_program_is_refused(path: Path) -> None:
    """To open it would be enough to fold its log into it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("PRAGMA journal_mode=WAL; CREATE TABLE notes (a)")

        refusal(path, StoreForeign)


def test_store_of_a_newer_version_is_refused(path: Path) -> None:
    make_store(path, ONE)
    change_with_sqlite(path, "PRAGMA user_version=2")

    message = refusal(path, StoreTooNew)

    assert "(schema 2, known up to 1); update ocpp16cp" in message


def test_newer_version_that_is_only_in_the_log_is_refused(tmp_path: Path) -> None:
    """A power cut came just after the file was upgraded."""
    original, path = tmp_path / "station.db", tmp_path / "after" / "station.db"
    make_store(original, ONE)
    path.parent.mkdir()
    with closing(sqlite3.connect(original)) as connection:
        connection.execute("PRAGMA user_version=2")
        for name in ("station.db", "station.db-wal"):
            path.with_name(name).write_bytes(original.with_name(name).read_bytes())

    refusal(path, StoreTooNew)


# Damage.


def test_damaged_file_is_refused(path: Path) -> None:
    make_store(path, *MANY)
    damage(path, at=5 * 4096)

    message = refusal(path, StoreCorrupt)

    assert "restore a copy, or move it away" in message


def test_damaged_file_is_refused_together_with_its_log(path: Path) -> None:
    make_store_after_power_cut(path, ONE)
    damage(path, at=5 * 4096)

    refusal(path, StoreCorrupt)


@pytest.mark.parametrize("size", [100, 4096, 3 * 4096, 3 * 4096 + 77])
def test_file_that_was_cut_off_is_refused(path: Path, size: int) -> None:
    make_store(path, *MANY)
    path.write_bytes(path.read_bytes()[:size])

    refusal(path, StoreCorrupt)


@pytest.mark.parametrize("log", ["station.db-wal", "station.db-journal"])
def test_log_without_its_file_is_refused(path: Path, log: str) -> None:
    """A new file of that name would take it for its own."""
    make_store_after_power_cut(path, ONE)
    path.with_name("station.db-wal").rename(path.with_name(log))
    path.unlink()

    message = refusal(path, StoreCorrupt)

    assert "put the file back" in message


def test_store_without_its_table_cannot_be_loaded(path: Path) -> None:
    make_store(path, ONE)
    change_with_sqlite(path, "DROP TABLE record")

    with closing(SqliteStore(path)) as store, pytest.raises(StoreCorrupt, match="no such table"):
        store.load()


def test_text_that_is_not_utf_8_is_not_repeated(path: Path) -> None:
    """It may be a secret."""
    make_store(path)
    change_with_sqlite(path, "INSERT INTO record VALUES ('a', '1', 'secret' || CAST(x'ff' AS TEXT))")

    with (
        closing(SqliteStore(path)) as store,
        pytest.raises(StoreCorrupt, match="a text is not UTF-8") as failure,
    ):
        store.load()

    assert "secret" not in str(failure.value)


# Places that do not do.


def test_directory_is_refused(path: Path) -> None:
    path.mkdir()

    assert "is not a file" in refusal(path, StoreNotWritable)


def test_missing_directory_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "not-mounted" / "station.db"

    with pytest.raises(StoreNotWritable, match="its directory does not exist; create or mount it"):
        SqliteStore(path)

    assert not path.parent.exists()


def test_dangling_link_is_refused(path: Path) -> None:
    path.symlink_to("nowhere")

    refusal(path, StoreNotWritable)


@contextmanager
def without_privileges() -> Iterator[None]:
    """Be a user for whom permissions count."""
    user = os.geteuid()
    os.seteuid(user or 65534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.parametrize(
    ("file_mode", "directory_mode"),
    [(0o444, 0o777), (0o000, 0o777), (0o666, 0o555), (0o666, 0o666), (None, 0o555)],
    ids=["read-only", "unreadable", "read-only directory", "closed directory", "cannot be made"],
)
def test_place_without_permission_is_refused(file_mode: int | None, directory_mode: int) -> None:
    with TemporaryDirectory() as directory:
        path = Path(directory, "station.db")
        if file_mode is not None:
            make_store(path, ONE)
            path.chmod(file_mode)
        path.parent.chmod(directory_mode)

        with without_privileges(), pytest.raises(StoreNotWritable) as refused:
            SqliteStore(path)

        path.parent.chmod(0o700)
        assert "must be writable for this user" in str(refused.value)
        assert [file.name for file in path.parent.iterdir()] == ["station.db"] * (file_mode is not None)
