"""The engine against a naive one: recorded reads save work, and change nothing else.

The naive engine runs every rule after each event, from the lowest on, and begins again whenever one has changed
something. Rules are drawn at random; each derives a table of its own from lower ones, in an order that has nothing to
do with that of the tables, with reads that depend on what other reads gave, and with instants.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp16cp.events import CardPresented, Started, Woke
from ocpp16cp.kernel.base import BASE, SENDING
from ocpp16cp.kernel.engine import Engine
from ocpp16cp.kernel.feature import Feature, on
from ocpp16cp.kernel.records import to_text
from ocpp16cp.kernel.tables import Table, durable, volatile
from ocpp16cp.outcome import SetOutput, Write
from ocpp16cp.wire.codec import Codec
from tests.kernel.artificial import STATION

UNLUCKY = 13
"""A number that makes a rule fail."""


@frozen
class Number:
    """What the tables hold."""

    n: int


TABLES: tuple[Table[int, Number], ...] = tuple(
    durable(f"t{index}", int, Number) if index % 2 else volatile(f"t{index}", int, Number, because="a test")
    for index in range(6)
)

Rules = Sequence[Callable[[Any], None]]


@frozen
class Derivation:
    """How a rule works out its table."""

    target: int
    first: int
    second: int
    divisor: int
    """Records of the first table whose number it divides need a look at the second one."""
    patience: int
    """The others become different when so many seconds for each unit of their number have passed."""


def rule_of(derivation: Derivation) -> Callable[[Any], None]:
    """A rule that works on a step of either engine."""

    def value_of(step: Any, key: int, n: int) -> int | None:
        if n == UNLUCKY:
            raise LookupError
        if n % derivation.divisor == 0:
            second = step[TABLES[derivation.second]].get(key)
            return None if second is None else n + second.n
        return n + 1 if step.due(float(n * derivation.patience)) else n

    def wanted_of(step: Any) -> dict[int, Number]:
        values = {key: value_of(step, key, record.n) for key, record in step[TABLES[derivation.first]].items()}
        return {key: Number(value % 20) for key, value in values.items() if value is not None}

    return lambda step: derive(step, TABLES[derivation.target], wanted_of(step))


def derive(step: Any, target: Table[int, Number], wanted: dict[int, Number]) -> None:
    """Make a table what it should be, and say what changes."""
    for key in list(step[target]):
        if key not in wanted:
            step.remove(target, key)
            step.command(SetOutput(key, is_on=False))
    for key, record in wanted.items():
        if step[target].get(key) != record:
            step.put(target, key, record)
            step.command(SetOutput(key * 100 + record.n, is_on=True))


class NaiveRows(dict[int, Number]):
    """Walked in the order of its keys, as the engine's are."""

    def __iter__(self) -> Any:
        return iter(sorted(self.keys()))

    def items(self) -> Any:
        return sorted(super().items())


class NaiveEngine:
    """Runs everything, always. It is its own step."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.tables: dict[Table[int, Number], NaiveRows] = {table: NaiveRows() for table in TABLES}
        self.now = 0.0
        self.commands: list[SetOutput] = []
        self.instants: list[float] = []
        self.changed: list[tuple[Table[int, Number], int]] = []

    def __getitem__(self, table: Table[int, Number]) -> NaiveRows:
        return self.tables[table]

    def put(self, table: Table[int, Number], key: int, record: Number) -> None:
        if self.tables[table].get(key) != record:
            self.tables[table][key] = record
            self.changed.append((table, key))

    def remove(self, table: Table[int, Number], key: int) -> None:
        if self.tables[table].pop(key, None) is not None:
            self.changed.append((table, key))

    def due(self, at: float) -> bool:
        if at > self.now:
            self.instants.append(at)
        return at <= self.now

    def command(self, command: SetOutput) -> None:
        self.commands.append(command)

    def handle(self, script: Callable[[Any], None], now: float) -> Answer:
        """Deal with one event."""
        before = {table: NaiveRows(rows) for table, rows in self.tables.items()}
        self.now, self.commands, self.changed = now, [], []
        try:
            script(self)
            while self._changes_something():
                pass
        except LookupError:
            self.tables = before
            raise
        writes = tuple(
            Write(table.name, str(key), None if record is None else to_text(table, record))
            for table, key in dict.fromkeys(self.changed)
            for record in [self.tables[table].get(key)]
            if table.is_durable and record != before[table].get(key)
        )
        return Answer(writes, tuple(self.commands), min(self.instants, default=None))

    def _changes_something(self) -> bool:
        """Run the rules up to the first that changes something."""
        self.instants = []
        for rule in self.rules:
            count = len(self.changed)
            rule(self)
            if len(self.changed) > count:
                return True
        return False


@frozen
class Answer:
    """What an engine gives."""

    writes: tuple[Write, ...]
    commands: tuple[Any, ...]
    wake_at: float | None


class RecordingEngine:
    """The engine under test, with the rules in a feature."""

    def __init__(self, rules: Rules) -> None:
        self._script: Callable[[Any], None] = lambda _: None
        feature = Feature(
            name="drawn",
            tables=TABLES,
            rules=tuple(rules),
            events=(on(CardPresented, lambda step, _: self._script(step)),),
        )
        self.engine = Engine((SENDING, feature, BASE), STATION, stored=(), random=Random(0), codec=Codec())
        self.engine.handle(Started(), 0.0)

    def handle(self, script: Callable[[Any], None] | None, now: float) -> Answer:
        if script is None:
            outcome = self.engine.handle(Woke(), now)
        else:
            self._script = script
            outcome = self.engine.handle(CardPresented("do"), now)
        return Answer(outcome.writes, outcome.commands, outcome.wake_at)


@st.composite
def derivations(draw: st.DrawFn) -> list[Derivation]:
    """One for each table but the first, in any order."""
    drawn = []
    for target in draw(st.permutations(range(1, len(TABLES)))):
        lower = st.integers(0, target - 1)
        drawn.append(Derivation(target, draw(lower), draw(lower), draw(st.integers(1, 4)), draw(st.integers(1, 5))))
    return drawn


PUTS = st.tuples(st.just("put"), st.integers(0, 3), st.integers(0, UNLUCKY))
REMOVES = st.tuples(st.just("remove"), st.integers(0, 3), st.just(0))
ACTS = st.lists(PUTS | REMOVES, max_size=3)


def script_of(acts: list[tuple[str, int, int]]) -> Callable[[Any], None]:
    """What happens in an event: the lowest table, which no rule derives, changes."""

    def script(step: Any) -> None:
        for act, key, n in acts:
            if act == "put":
                step.put(TABLES[0], key, Number(n))
            else:
                step.remove(TABLES[0], key)

    return script


def content_of(engine: RecordingEngine) -> list[dict[int, Number]]:
    return [dict(engine.engine.tables.rows(table).items()) for table in TABLES]


@settings(max_examples=200)
@given(
    derivations(), st.lists(st.tuples(ACTS, st.sampled_from(["now", "soon", "at wake", "before wake"])), max_size=12)
)
def test_engine_does_what_running_everything_would_do(
    drawn: list[Derivation], events: list[tuple[list[tuple[str, int, int]], str]]
) -> None:
    rules = [rule_of(derivation) for derivation in drawn]
    engine, naive = RecordingEngine(rules), NaiveEngine(rules)
    now, wake_at = 0.0, None

    for acts, when in events:
        if when == "soon":
            now += 1.5
        elif wake_at is not None and when != "now":
            now = wake_at if when == "at wake" else (now + wake_at) / 2
        script = script_of(acts)
        try:
            expected: Answer | None = naive.handle(script, now)
        except LookupError:
            expected = None
        try:
            found: Answer | None = engine.handle(script if acts else None, now)
        except LookupError:
            found = None

        assert found == expected
        assert content_of(engine) == [dict(naive[table].items()) for table in TABLES]
        if found is not None:
            engine.engine.audit(now)
            wake_at = found.wake_at
