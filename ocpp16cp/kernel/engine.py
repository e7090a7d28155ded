"""Events to outcomes: take in, settle, emit.

Rules are bits of an integer. Each table knows the rules that read it when they last ran; a change makes them dirty; the
lowest dirty rule runs first, until none is left. A rule that asked `due(at)` becomes dirty when `at` comes, and the
earliest such instant is the outcome's `wake_at`. So a step costs what it touches.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import isfinite
from random import Random
from typing import Any

from ocpp16cp.errors import PayloadInvalid, UsageError
from ocpp16cp.events import ClockSet, Event, Started, Woke
from ocpp16cp.outcome import Outcome, Write
from ocpp16cp.station import Station
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.strict_json import Harmful, NotJson, load

from . import records
from .clock import ANCHOR, EPOCH, LAST_TIME, Anchor, LastTime
from .feature import Feature, Rule
from .outbox import Queued
from .registry import registry_of
from .step import Step
from .tables import AnyRows, Tables
from .values import Value, Values

NEVER = float("-inf")
"""The time of the last event before there was one."""

MAX_RULE_RUNS = 10_000
"""Rule runs in one step. A busy step needs some hundreds; two rules that undo each other would never end."""


class Engine:
    """The state of one charge point and the machinery that moves it."""

    def __init__(
        self,
        features: Sequence[Feature],
        station: Station,
        *,
        stored: Iterable[Write],
        random: Random,
        codec: Codec,
    ) -> None:
        self.station = station
        self.random = random
        self.codec = codec
        self.registry = registry_of(tuple(features), station.feature_profiles)
        self.values = Values(self.registry.keys, station, absent=self.registry.absent_keys)
        self.unfit: dict[str, str] = {}
        """Stored values that their keys do not take any more, by name, each with the rule it breaks."""
        self.derived: dict[Callable[..., Any], tuple[Any, Any]] = {}
        """What was worked out from records, by the function that did: the records, and what follows from them."""
        self.tables = Tables(self.registry.tables)
        self.rules: Sequence[Rule] = self.registry.rules
        self._reads: list[list[AnyRows]] = [[] for _ in self.rules]
        self._instants: list[float | None] = [None] * len(self.rules)
        self._next_instant: float | None = None
        self._every_rule = self.tables.dirty = (1 << len(self.rules)) - 1
        self._now = NEVER
        self._load(stored)

    def _load(self, stored: Iterable[Write]) -> None:
        """Take over what the store holds."""
        for name, key, text in ((write.table, write.key, write.text) for write in stored):
            table = self.tables.named(name)
            if table is None or not table.is_durable:
                raise records.RecordUnreadable(name, key, "there is no such table")
            assert text is not None, "a store loads records, not removals"
            loaded_key, record = records.from_text(table, key, text)
            if isinstance(record, Value):
                self._check_value(key, record)
            if isinstance(record, Queued):
                self._check_queued(table.name, key, record)
            self.tables.load(table, loaded_key, record)

    def _check_value(self, name: str, value: Value) -> None:
        """A value may have become unfit with an update, a simpler meter, or a socket in place of a cable.

        A charger that does not start is worse than a key that is back at its default: the first step takes the record
        out and tells the application.
        """
        broken = self.values.admit(name, value)
        if broken is not None:
            self.unfit[name] = broken

    def _check_queued(self, table: str, number: str, queued: Queued) -> None:
        """A queued message that cannot be sent is found now, not whenever it comes to the head of the queue."""
        handler = self.registry.replies.get(queued.action)
        if handler is None:
            raise records.RecordUnreadable(table, number, f"this station does not send {queued.action!r}")
        try:
            self.codec.decode(handler.exchange.request, load(queued.payload))
        except (PayloadInvalid, NotJson, Harmful) as error:
            raise records.RecordUnreadable(table, number, str(error)) from error

    @property
    def anchor(self) -> Anchor:
        """The clock, read without being recorded: time stamps do not make a rule run again."""
        anchor = self.tables.rows(ANCHOR.table).get("")
        return ANCHOR.default if anchor is None else anchor

    def note_instant(self, rule: int, at: float) -> None:
        """A rule asks about an instant that is still to come."""
        known = self._instants[rule]
        if known is None or at < known:
            self._instants[rule] = at

    def handle(self, event: Event, now: float) -> Outcome:
        """Deal with one event; see `ChargePoint.handle`."""
        self._check(event, now)
        if isinstance(event, Woke) and not self._is_anything_due(now):
            self._now = now
            return Outcome(wake_at=self._next_instant)
        step = Step(self, now)
        try:
            if not isinstance(event, Woke):
                self.registry.take_in(step, event)
            self._settle(step)
            outcome = self._emit(step)
        except BaseException:
            # What the rules saw is undone, so each looks again in the next step.
            self.tables.rollback()
            self.tables.dirty = self._every_rule
            raise
        self._now = now
        return outcome

    def _check(self, event: Event, now: float) -> None:
        """Hold the application to the order of events."""
        if not isfinite(now):
            raise UsageError(f"now: {now!r} is no instant")
        if isinstance(event, Started | ClockSet) and event.utc is not None and event.utc.tzinfo is None:
            raise UsageError(f"{event!r}: utc has no time zone")
        if isinstance(event, Started) != (self._now == NEVER):
            raise UsageError(f"{event!r}: `Started` is the first event of a run, and comes once")
        if now < self._now:
            raise UsageError(f"now: {now!r} is before {self._now!r}, the time of the event before")

    def _is_anything_due(self, now: float) -> bool:
        """Whether any rule has to run."""
        return self.tables.dirty != 0 or (self._next_instant is not None and self._next_instant <= now)

    def _settle(self, step: Step) -> None:
        """Run dirty rules, the lowest first, until none is left."""
        tables = self.tables
        if self._next_instant is not None and self._next_instant <= step.now:
            for rule, at in enumerate(self._instants):
                if at is not None and at <= step.now:
                    tables.dirty |= 1 << rule
        elif not tables.dirty:
            return
        restless: dict[str, None] = {}
        for runs_left in range(MAX_RULE_RUNS, 0, -1):
            dirty = tables.dirty
            if not dirty:
                self._next_instant = min((at for at in self._instants if at is not None), default=None)
                return
            lowest = dirty & -dirty
            tables.dirty = dirty ^ lowest
            rule = lowest.bit_length() - 1
            self._run(step, rule)
            if runs_left <= len(self.rules):
                restless[self.rules[rule].__qualname__] = None
        raise AssertionError(f"rules that never come to rest: {sorted(restless)}")

    def _run(self, step: Step, rule: int) -> None:
        """Run one rule, forgetting what it looked at the last time."""
        keep = ~(1 << rule)
        for rows in self._reads[rule]:
            rows.readers &= keep
        self._reads[rule].clear()
        self._instants[rule] = None
        step.run_rule(rule, self._reads[rule])

    def _emit(self, step: Step) -> Outcome:
        """Read the writes off the tables and end the step."""
        writes = self._writes()
        if writes and self.anchor.utc > EPOCH:
            # With what is stored anyway: a commit of its own it is not worth.
            last_time = LastTime(step.utc)
            if step.one(LAST_TIME) != last_time:
                step.set(LAST_TIME, last_time)
                writes.append(Write(LAST_TIME.table.name, "", records.to_text(LAST_TIME.table, last_time)))
        self.tables.commit()
        return Outcome(tuple(writes), tuple(step.commands), tuple(step.link), tuple(step.notices), self._next_instant)

    def _writes(self) -> list[Write]:
        """The durable records that differ from what they were before the step."""
        return [
            Write(table.name, str(key), None if record is None else records.to_text(table, record))
            for table, key, record in self.tables.differences(durable_only=True)
        ]

    def audit(self, now: float) -> None:
        """Run every rule and make sure that it changes nothing and says nothing; see `ChargePoint.audit`."""
        with self._undone():
            for index, rule in enumerate(self.rules):
                step = Step(self, now)
                self._run(step, index)
                changed = self.tables.differences()
                assert not changed, f"{rule.__qualname__} changes {changed} when nothing has happened"
                said = [*step.commands, *step.link, *step.notices]
                assert not said, f"{rule.__qualname__} says {said} when nothing has happened"

    @contextmanager
    def _undone(self) -> Iterator[None]:
        """Whatever happens in here has not happened."""
        chance = self.random.getstate()
        instants = list(self._instants)
        reads = [list(read) for read in self._reads]
        dirty = self.tables.dirty
        readers = [rows.readers for rows in self.tables.content.values()]
        try:
            yield
        finally:
            self.tables.rollback()
            self.random.setstate(chance)
            self._instants = instants
            self._reads = reads
            self.tables.dirty = dirty
            for rows, bits in zip(self.tables.content.values(), readers, strict=True):
                rows.readers = bits

    def copy(self) -> Engine:
        """The same state, apart from this one."""
        twin = copy.copy(self)
        twin.random = Random()
        twin.random.setstate(self.random.getstate())
        twin.derived = dict(self.derived)
        twin.tables = self.tables.copy()
        twin._reads = [[twin.tables.rows(rows.table) for rows in reads] for reads in self._reads]
        twin._instants = list(self._instants)
        return twin
