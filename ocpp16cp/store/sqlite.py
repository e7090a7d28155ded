"""A store in one SQLite file, safe against a power cut at any instant.

What makes it so:

- A batch is one transaction in SQLite's write-ahead log, with `synchronous=FULL`: flushed before `commit` returns.
- A new file is made aside and appears under its name only when it is whole.
- One process owns the file from opening to closing: SQLite's own lock, which also ends with the process.
- A file is recognised, and found sound, before anything is written to it or to its log.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ocpp16cp.errors import UsageError
from ocpp16cp.outcome import Write
from ocpp16cp.store.interface import (
    StoreCorrupt,
    StoreError,
    StoreForeign,
    StoreFull,
    StoreInUse,
    StoreNotWritable,
    StoreTooNew,
)

MAX_BYTES = 64 * 2**20
"""How large a file may grow: to two hundred thousand records of 250 characters, where a station has some thousand. What
runs away is stopped before it has filled a device that the rest of the charger lives on too."""

_APPLICATION_ID = int.from_bytes(b"16cp", "big")
_SCHEMA_VERSION = 1
_PAGE_BYTES = 4096

# How long an opening waits for another owner, in seconds: two openings at once get into each other's way only shortly,
# a running station will not let go at all.
_PATIENCE_S = 0.25

# Without a row id, a record is in one tree only: half the pages to be written for a batch.
_SCHEMA = f"""
    PRAGMA page_size={_PAGE_BYTES};
    PRAGMA journal_mode=WAL;
    PRAGMA synchronous=FULL;
    BEGIN;
    CREATE TABLE record (
        "table" TEXT NOT NULL,
        "key" TEXT NOT NULL,
        "text" TEXT NOT NULL,
        PRIMARY KEY ("table", "key")
    ) WITHOUT ROWID;
    PRAGMA application_id={_APPLICATION_ID};
    PRAGMA user_version={_SCHEMA_VERSION};
    COMMIT;
"""

_LOAD = 'SELECT "table", "key", "text" FROM record ORDER BY "table", "key"'
_PUT = "INSERT OR REPLACE INTO record VALUES (?, ?, ?)"
_REMOVE = 'DELETE FROM record WHERE "table" = ? AND "key" = ?'


class SqliteStore:
    """Keeps records in a file; see `Store`. Opening it blocks, as every call does.

    A file that is missing is made, readable for its owner only, as it may hold the station's password. Its directory is
    not: where a volume is not mounted, a station that starts with empty hands loses what it owes to the central system.
    The file system must know hard links, on which making the file rests.

    While the station runs, no other program can read the file, and its own process must not open it in any other way:
    the lock would be gone. Next to it stands its log, `-wal`; after a power cut both belong together. A closed store is
    one file.

    Args:
        path: The file.
        max_bytes: How large it may grow, its log aside (about 4 MiB).

    Raises:
        StoreError: in one of its kinds, each named for what is wrong. Nothing was changed.
    """

    blocking: Final = True

    def __init__(self, path: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES) -> None:
        self._path = Path(path).absolute()
        with _explaining(self._path):
            if not self._path.exists():
                _create(self._path)
            self._connection = _open(self._path, max_bytes)

    def load(self) -> tuple[Write, ...]:
        """Everything that is stored; see `Store.load`."""
        with _explaining(self._path):
            return tuple(Write(*row) for row in self._connection.execute(_LOAD))

    def commit(self, writes: Sequence[Write]) -> None:
        """Carry out a batch, whole or not at all, and flush it to the device; see `Store.commit`.

        Raises:
            StoreError: nothing of the batch is stored.
            UnicodeEncodeError: a lone surrogate, which UTF-8 cannot encode; nothing of the batch is stored.
        """
        if not writes:
            return
        with _explaining(self._path), self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            for write in writes:
                if write.text is None:
                    connection.execute(_REMOVE, (write.table, write.key))
                else:
                    connection.execute(_PUT, (write.table, write.key, write.text))

    def close(self) -> None:
        """Fold the log into the file and let go of it."""
        with _explaining(self._path):
            self._connection.close()


def _create(path: Path) -> None:
    """Make an empty store that is either whole or not there."""
    if not path.parent.is_dir():
        raise StoreNotWritable(f"{str(path)!r} cannot be made: its directory does not exist; create or mount it")
    for log in (f"{path}-wal", f"{path}-journal"):
        # SQLite would take it for the log of the new file.
        if Path(log).exists():
            raise StoreCorrupt(
                f"{str(path)!r} is missing, but its log {log!r} is there: put the file back, or"
                " move the log away and lose what was stored"
            )
    with TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as workshop:
        new = Path(workshop, path.name)
        with closing(sqlite3.connect(new)) as connection:
            connection.executescript(_SCHEMA)
        new.chmod(0o600)
        # A link never replaces a file, as a renaming would. One that was made meanwhile is as good: who owns it is
        # found out by opening it.
        with suppress(FileExistsError):
            path.hardlink_to(new)
    _flush_names(path.parent)


def _flush_names(directory: Path) -> None:
    """Make sure that a new file is still there after a power cut."""
    # Other systems neither can nor need to.
    if os.name == "posix":
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _open(path: Path, max_bytes: int) -> sqlite3.Connection:
    """Open an existing store for its only owner; one that is refused keeps every byte, and so does its log."""
    if not path.is_file():
        raise StoreNotWritable(f"{str(path)!r} is not a file; name a file")
    # Looks at the file alone: opened in any other way, a foreign database would have its log folded in. SQLite does the
    # looking because closing a file anywhere in a process drops the locks that the process holds on it, of which
    # SQLite, but not Python's `open`, takes care.
    with closing(_connect(path, "mode=ro&immutable=1")) as connection:
        # After a power cut the file may be shorter than it says, with the rest still in the log. Only with this
        # setting does SQLite not mind.
        connection.execute("PRAGMA writable_schema=ON")
        _recognise(path, connection)
    connection = _connect(path, "mode=rw")
    try:
        _take_over(path, connection, max_bytes)
    except BaseException:
        # Closing folds the log into the file, unless it is interrupted.
        connection.interrupt()
        connection.close()
        raise
    return connection


def _take_over(path: Path, connection: sqlite3.Connection, max_bytes: int) -> None:
    """Lock the file for good and, if it is sound together with its log, make it ready for batches."""
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    (finding,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if finding != "ok":
        raise _corrupt(path, finding)
    _recognise(path, connection)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA max_page_count={max_bytes // _PAGE_BYTES}")


def _connect(path: Path, options: str) -> sqlite3.Connection:
    """A connection for any thread, without Python's own idea of when a transaction begins."""
    return sqlite3.connect(
        f"{path.as_uri()}?{options}",
        uri=True,
        timeout=_PATIENCE_S,
        isolation_level=None,
        check_same_thread=False,
    )


def _recognise(path: Path, connection: sqlite3.Connection) -> None:
    """Make sure that the file is a store, of a version that is understood."""
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    if application_id != _APPLICATION_ID:
        raise _foreign(path)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > _SCHEMA_VERSION:
        raise StoreTooNew(
            f"{str(path)!r} was written by a newer version of ocpp16cp (schema {version}, known up to"
            f" {_SCHEMA_VERSION}); update ocpp16cp, or name another file"
        )


@contextmanager
def _explaining(path: Path) -> Iterator[None]:
    """Say in terms of a store what SQLite or the operating system does not like."""
    try:
        yield
    except sqlite3.ProgrammingError as error:
        raise UsageError(f"{str(path)!r} is closed") from error
    except sqlite3.Error as error:
        raise _explanation(path, error) from error
    except OSError as error:
        raise _not_writable(path, str(error.strerror)) from error


def _explanation(path: Path, error: sqlite3.Error) -> StoreError:
    """What an error of SQLite means for a store."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        # Python could not decode a text. What it says repeats the text, which may be a secret.
        return _corrupt(path, "a text is not UTF-8")
    if code == sqlite3.SQLITE_IOERR_LOCK:
        # What SQLite meets when it may read the file, but not write.
        return _not_writable(path, "read-only, or on a file system without locks")
    match code & 0xFF:
        case sqlite3.SQLITE_BUSY:
            return StoreInUse(f"{str(path)!r} is in use by another process; stop that one, or name another file")
        case sqlite3.SQLITE_FULL:
            return StoreFull(
                f"{str(path)!r} has no room for more: the device is full, or the file at its limit; free some space"
            )
        case sqlite3.SQLITE_NOTADB:
            return _foreign(path)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_ERROR:
            return _corrupt(path, str(error))
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY:
            return _not_writable(path, str(error))
        case _:
            return StoreError(f"{str(path)!r} failed: {error}; see to the device it is on")


def _not_writable(path: Path, why: str) -> StoreNotWritable:
    return StoreNotWritable(
        f"{str(path)!r} cannot be written: {why}; the file and its directory must be writable for this user"
    )


def _foreign(path: Path) -> StoreForeign:
    return StoreForeign(
        f"{str(path)!r} is not a store of ocpp16cp, or damaged beyond recognition; name another"
        " file, or move this one away"
    )


def _corrupt(path: Path, finding: str) -> StoreCorrupt:
    return StoreCorrupt(
        f"{str(path)!r} is damaged ({' '.join(finding.split())}); restore a copy, or move it away"
        " with its '-wal' and lose what was stored"
    )
