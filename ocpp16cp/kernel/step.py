"""What a handler, a question or a rule works with: the tables, the time, the configuration, and ways to speak."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, TypeVar

from ocpp16cp.outcome import Command, FrameRelaxed, KeyChanged, LinkAction, Notice
from ocpp16cp.station import Station
from ocpp16cp.wire.strict_json import Json
from ocpp16cp.wire.tolerance import Relaxation

from .clock import ANCHOR, to_milliseconds
from .keys import Key
from .tables import AnyRows, K, R, Rows, Single, Table
from .values import VALUES, Value

if TYPE_CHECKING:
    from .engine import Engine

A = TypeVar("A")
T = TypeVar("T")


class Step:
    """One event being dealt with.

    Inside a rule every table read and every instant asked about is recorded: the rule runs again when one of those
    tables changes or one of those instants comes, and only then. So a rule must not keep what it read elsewhere.
    """

    __slots__ = (
        "_bit",
        "_content",
        "_read",
        "_rule",
        "_tables",
        "answering",
        "commands",
        "engine",
        "link",
        "notices",
        "now",
        "was_submitted",
    )

    def __init__(self, engine: Engine, now: float) -> None:
        self.engine = engine
        self._tables = engine.tables
        self._content = engine.tables.content
        self._rule: int | None = None
        self._bit = 0
        self._read: list[AnyRows] = []
        self.now = now
        """Monotonic seconds. Only for taking down when something happened: compare times with `due`."""
        self.commands: list[Command] = []
        self.link: list[LinkAction] = []
        self.notices: list[Notice] = []
        self.answering: str | None = None
        """The message id of the CALL that is being handled."""
        self.was_submitted: int | None = None
        """The number of the last transaction message queued in this step."""

    def __getitem__(self, table: Table[K, R]) -> Rows[K, R]:
        """The records of a table, to be read."""
        rows: Rows[K, R] = self._content[table]
        if self._bit and not rows.readers & self._bit:
            rows.readers |= self._bit
            self._read.append(rows)
        return rows

    def one(self, single: Single[R]) -> R:
        """The record of a table that has exactly one."""
        record = self[single.table].get("")
        return single.default if record is None else record

    def put(self, table: Table[K, R], key: K, record: R) -> None:
        """Put a record under `key`, in place of the one that is there."""
        self._tables.put(table, key, record)

    def remove(self, table: Table[K, R], key: K) -> None:
        """Take the record under `key` out, if there is one."""
        self._tables.remove(table, key)

    def set(self, single: Single[R], record: R) -> None:
        """Set the record of a table that has exactly one."""
        if record == single.default:
            self._tables.remove(single.table, "")
        else:
            self._tables.put(single.table, "", record)

    def derived(self, derive: Callable[[A, T | None], T], of: A) -> T:
        """What follows from records by a pure function, kept until the records are others.

        For what takes too long to be worked out in every step. It is no state: it stands in no table, and whoever has
        lost it works it out again.

        Args:
            derive: a function of a module; it is handed the records, and what it returned last, to build on.
            of: the records, or a tuple of such; cheap to compare, as they mostly are the same objects.
        """
        known = self.engine.derived.get(derive)
        if known is not None and known[0] == of:
            value: T = known[1]
        else:
            value = derive(of, None if known is None else known[1])
            self.engine.derived[derive] = (of, value)
        return value

    def key(self, key: Key[T]) -> T:
        """The value of a configuration key."""
        return self.engine.values.value(key, self[VALUES].get(key.name))

    def set_key(self, key: Key[T], value: T) -> None:
        """Change the value of a configuration key, and tell the application; back at its default, nothing is stored.

        Raises:
            ValueRefused: the key cannot have this value.
        """
        values = self.engine.values
        value = values.parse(key, key.kind.render(value))
        if value == self.key(key):
            return
        changed = Value(key.kind.render(value))
        if value == values.value(key, None):
            self.remove(VALUES, key.name)
        else:
            self.put(VALUES, key.name, changed)
        self.notice(KeyChanged(key.name, values.text(key, changed)))

    def due(self, at: float | datetime) -> bool:
        """Whether an instant, monotonic or UTC, has come; if not, the rule that asks runs again when it does."""
        if isinstance(at, datetime):
            at = self.one(ANCHOR).now_at(at)
        if at <= self.now:
            return True
        if self._rule is not None:
            self.engine.note_instant(self._rule, at)
        return False

    @property
    def utc(self) -> datetime:
        """The time of day, in milliseconds. For time stamps: compare times with `due`."""
        return self.utc_at(self.now)

    def utc_at(self, now: float) -> datetime:
        """What time it was at a monotonic instant, as far as is known by now, in milliseconds."""
        return to_milliseconds(self.engine.anchor.utc_at(now))

    @property
    def station(self) -> Station:
        """What this charger is."""
        return self.engine.station

    @property
    def random(self) -> Random:
        """The only source of chance."""
        return self.engine.random

    def command(self, command: Command) -> None:
        """Tell the driver a level."""
        self.commands.append(command)

    def transport(self, action: LinkAction) -> None:
        """Tell the transport to do something."""
        self.link.append(action)

    def notice(self, notice: Notice) -> None:
        """Tell the application something."""
        self.notices.append(notice)

    def decode(self, of: type[T], payload: Json, *, action: str) -> T:
        """Make a message of what the central system sent; what is forgiven is told to the application.

        Raises:
            PayloadInvalid: it breaks a rule that is not forgiven.
        """

        def report(relaxation: Relaxation) -> None:
            self.notice(FrameRelaxed(action, relaxation.path, relaxation.what))

        return self.engine.codec.decode(of, payload, action=action, report=report)

    def start_over(self) -> None:
        """Drop everything this step has done so far."""
        self._tables.rollback()
        self.commands.clear()
        self.link.clear()
        self.notices.clear()
        self.was_submitted = None

    def run_rule(self, index: int, read: list[AnyRows]) -> None:
        """Run one rule; what it reads is added to `read`."""
        self._rule, self._bit, self._read = index, 1 << index, read
        try:
            self.engine.rules[index](self)
        finally:
            self._rule, self._bit = None, 0
