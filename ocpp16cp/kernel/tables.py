"""State as tables of frozen records, with an undo log and a memory of who read what.

A `Table` is a declaration, made once at import; a `Rows` is its content in one charge point. A record put into a
durable table *is* a write to the store: the log of a step tells which records differ from what they were before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from attrs import field, frozen

K = TypeVar("K", int, str)
R = TypeVar("R")

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns the fields of a record, as JSON values, from one version of its table into the next."""


@frozen(eq=False, repr=False)
class Table(Generic[K, R]):
    """The declaration of a table: each key leads to at most one record.

    Durable and volatile tables are made with `durable` and `volatile`, tables of one record with `Single`.
    """

    name: str
    key: type[K]
    record: type[R]
    lost_because: str | None = None
    """Why the loss of a volatile table at a power cut does not matter; `None`: the table is durable."""
    version: int = 1
    upgrades: Mapping[int, Upgrade] = field(factory=dict)
    """For each older version how its records become those of the next one."""
    has_stamps: bool = False
    """Whether its records tell, by their `datetime`s, when something happened here."""

    @property
    def is_durable(self) -> bool:
        """Whether its records survive a power cut."""
        return self.lost_because is None

    def __repr__(self) -> str:
        return f"<table {self.name}>"


def durable(
    name: str,
    key: type[K],
    record: type[R],
    *,
    version: int = 1,
    upgrades: Mapping[int, Upgrade] | None = None,
    has_stamps: bool = False,
) -> Table[K, R]:
    """Declare a table whose records are in the store before anything that follows from them leaves the core.

    With `has_stamps` every `datetime` in them tells when something happened here; see `timekeeping`.
    """
    return Table(name, key, record, None, version, dict(upgrades or {}), has_stamps)


def volatile(name: str, key: type[K], record: type[R], *, because: str, has_stamps: bool = False) -> Table[K, R]:
    """Declare a table that is empty after a start; `because` says why that does no harm."""
    return Table(name, key, record, because, has_stamps=has_stamps)


@frozen(eq=False, repr=False)
class Single(Generic[R]):
    """A table of exactly one record, which is `default` until it is set."""

    table: Table[str, R]
    default: R


def durable_single(
    name: str, default: R, *, version: int = 1, upgrades: Mapping[int, Upgrade] | None = None
) -> Single[R]:
    """Declare a single record that survives a power cut."""
    return Single(durable(name, str, type(default), version=version, upgrades=upgrades), default)


def volatile_single(name: str, default: R, *, because: str) -> Single[R]:
    """Declare a single record that is its default again after a start."""
    return Single(volatile(name, str, type(default), because=because), default)


_NO_RECORDS: Any = MappingProxyType({})
"""What a table holds before its first record: most hold nothing for days, and a dictionary each is a lot in a fleet."""


class Rows(Generic[K, R]):
    """The records of one table in one charge point, to be read; walked in the order of their keys."""

    __slots__ = ("_records", "readers", "table")

    def __init__(self, table: Table[K, R], records: dict[K, R] | None = None) -> None:
        self.table: Table[K, R] = table
        self._records: dict[K, R] = _NO_RECORDS if records is None else records
        self.readers = 0
        """The rules that read this table when they last ran, one bit each."""

    def get(self, key: K) -> R | None:
        """The record under `key`, or `None`."""
        return self._records.get(key)

    def __getitem__(self, key: K) -> R:
        return self._records[key]

    def __contains__(self, key: object) -> bool:
        return key in self._records

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[K]:
        return iter(sorted(self._records))

    def items(self) -> Iterable[tuple[K, R]]:
        """Keys and records, in the order of the keys."""
        return [(key, self._records[key]) for key in sorted(self._records)]

    def values(self) -> Iterable[R]:
        """The records, in the order of their keys."""
        return [self._records[key] for key in sorted(self._records)]

    def _set(self, key: K, record: R) -> None:
        """Put a record, the first one into a dictionary of its own."""
        if self._records is _NO_RECORDS:
            self._records = {}
        self._records[key] = record

    def _copy(self) -> Rows[K, R]:
        """The same content, apart from this one."""
        twin = Rows(self.table, dict(self._records))
        twin.readers = self.readers
        return twin


AnyTable = Table[Any, Any]
AnyRows = Rows[Any, Any]


class Tables:
    """All tables of one charge point and the undo log of the step under way.

    Args:
        tables: the declarations; two tables of one name are a mistake of ours.
    """

    def __init__(self, tables: Iterable[AnyTable]) -> None:
        self._by_name = _by_name(tuple(tables))
        self.content: dict[AnyTable, AnyRows] = {table: Rows(table) for table in self._by_name.values()}
        """The records of each table, to be read."""
        self._before: dict[tuple[AnyTable, Any], Any] = {}
        self.dirty = 0
        """The rules that have to run again: one of the tables they read has changed."""

    def rows(self, table: Table[K, R]) -> Rows[K, R]:
        """The content of one table."""
        return self.content[table]

    def named(self, name: str) -> AnyTable | None:
        """The declaration of that name, or `None`."""
        return self._by_name.get(name)

    def load(self, table: Table[K, R], key: K, record: R) -> None:
        """Put a record that came from the store: known there, so neither a change nor a write."""
        assert table.is_durable
        self.content[table]._set(key, record)

    def put(self, table: Table[K, R], key: K, record: R) -> None:
        """Put a record under `key`, in place of the one that is there."""
        assert isinstance(record, table.record), f"{table}: {record!r} is no {table.record.__name__}"
        rows = self.content[table]
        old = rows._records.get(key)
        if old is not None and old == record:
            return
        self._before.setdefault((table, key), old)
        rows._set(key, record)
        self.dirty |= rows.readers

    def remove(self, table: Table[K, R], key: K) -> None:
        """Take the record under `key` out, if there is one."""
        rows = self.content[table]
        old = rows._records.get(key)
        if old is None:
            return
        del rows._records[key]
        self._before.setdefault((table, key), old)
        self.dirty |= rows.readers

    def differences(self, *, durable_only: bool = False) -> list[tuple[AnyTable, Any, Any]]:
        """What the step has changed so far: (table, key, record or `None`), in the order of the first change."""
        found = []
        for (table, key), old in self._before.items():
            if durable_only and not table.is_durable:
                continue
            record = self.content[table]._records.get(key)
            if record is not old and record != old:
                found.append((table, key, record))
        return found

    def commit(self) -> None:
        """End the step: what was changed stays."""
        self._before.clear()

    def rollback(self) -> None:
        """End the step: everything is as it was before it."""
        for (table, key), old in self._before.items():
            rows = self.content[table]
            if old is None:
                rows._records.pop(key, None)
            else:
                rows._records[key] = old
            self.dirty |= rows.readers
        self._before.clear()

    def copy(self) -> Tables:
        """The same content, apart from this one. Only between steps."""
        assert not self._before
        twin = Tables(())
        twin._by_name = self._by_name
        twin.content = {table: rows._copy() for table, rows in self.content.items()}
        twin.dirty = self.dirty
        return twin

    def durable_records(self) -> Iterator[tuple[AnyTable, Any, Any]]:
        """Everything that the store should hold: (table, key, record), tables in the order of their declaration."""
        for table, rows in self.content.items():
            if table.is_durable:
                for key, record in rows.items():
                    yield table, key, record


@lru_cache(maxsize=64)
def _by_name(tables: tuple[AnyTable, ...]) -> dict[str, AnyTable]:
    """Tables by their name: one dictionary, never changed, for all charge points that have them."""
    found: dict[str, AnyTable] = {}
    for table in tables:
        assert table.name not in found, f"two tables are called {table.name!r}"
        found[table.name] = table
    return found
