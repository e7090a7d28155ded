"""The engine: which rules run when, what happens to a step that fails, and what an audit finds."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from attrs import evolve, frozen

from ocpp16cp.errors import UsageError
from ocpp16cp.events import CardPresented, ClockSet, Event, MeterRead, Reading, Started, StopPressed, Woke
from ocpp16cp.kernel.base import BASE, SENDING
from ocpp16cp.kernel.engine import Engine
from ocpp16cp.kernel.feature import Feature, Rule, on
from ocpp16cp.kernel.keys import integer, key
from ocpp16cp.kernel.records import RecordUnreadable
from ocpp16cp.kernel.step import Step
from ocpp16cp.kernel.tables import durable, durable_single, volatile, volatile_single
from ocpp16cp.kernel.values import VALUES, Value
from ocpp16cp.outcome import HardwareMisreport, KeyReset, LinkLost, Ping, SetOutput, Write
from ocpp16cp.wire.codec import Codec
from tests.kernel.artificial import STATION, Device, made_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@frozen
class Count:
    """A number."""

    n: int


A = durable("a", int, Count)
B = volatile("b", int, Count, because="a test")
C = volatile("c", int, Count, because="a test")
TOTAL = durable_single("total", Count(0))
ALARM = volatile_single("alarm", Count(0), because="a test")
LIMIT = key("Limit", integer(), 5)

TABLES = (A, B, C, TOTAL.table, ALARM.table)


class Runs:
    """Counts how often rules run; for a rule, a note that it ran would be a change."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def of(self, rule: Rule) -> Rule:
        def counted(step: Step) -> None:
            self.names.append(rule.__name__)
            rule(step)

        return counted

    def take(self) -> list[str]:
        taken, self.names = self.names, []
        return taken


def read_a(step: Step) -> None:
    len(step[A])


def read_b(step: Step) -> None:
    step[B].get(1)


def read_c(step: Step) -> None:
    len(step[C])


def read_a_then_b(step: Step) -> None:
    """Looks at B only where there is something in A."""
    if step[A]:
        step[B].get(1)


def device_counting(*rules: Rule) -> tuple[Device, Runs]:
    """A started device that is not audited, as an audit runs rules too."""
    runs = Runs()
    device = Device(made_of([runs.of(rule) for rule in rules], TABLES, [LIMIT]), audited=False)
    device.start()
    runs.take()
    return device, runs


# Which rules run.


def test_every_rule_runs_at_the_start() -> None:
    runs = Runs()

    Device(made_of([runs.of(read_a), runs.of(read_b)], TABLES), audited=False).start()

    assert runs.take() == ["read_a", "read_b"]


def test_rule_runs_when_a_table_it_read_has_changed_and_only_then() -> None:
    device, runs = device_counting(read_a, read_b)

    device.do(lambda step: step.put(A, 1, Count(1)))
    assert runs.take() == ["read_a"]

    device.do(lambda step: step.put(C, 1, Count(1)))
    device.do(lambda step: step.put(A, 1, Count(1)))
    device.do(lambda step: step.remove(A, 7))
    device.handle(Woke())
    assert runs.take() == []

    device.do(lambda step: step.put(B, 9, Count(1)), lambda step: step.remove(A, 1))
    assert runs.take() == ["read_a", "read_b"]


def test_what_a_rule_read_in_earlier_runs_is_forgotten() -> None:
    device, runs = device_counting(read_a_then_b)

    device.do(lambda step: step.put(B, 1, Count(1)))
    assert runs.take() == []

    device.do(lambda step: step.put(A, 1, Count(1)))
    device.do(lambda step: step.put(B, 1, Count(2)))
    assert runs.take() == ["read_a_then_b", "read_a_then_b"]

    device.do(lambda step: step.remove(A, 1))
    device.do(lambda step: step.put(B, 1, Count(3)))
    assert runs.take() == ["read_a_then_b"]


def test_question_reads_on_behalf_of_the_rule_that_asks() -> None:
    def is_there(step: Step) -> bool:
        return step.one(TOTAL) == Count(1)

    def ask(step: Step) -> None:
        is_there(step)

    device, runs = device_counting(ask)

    device.do(lambda step: step.set(TOTAL, Count(1)))

    assert runs.take() == ["ask"]


def test_configuration_key_is_read_like_a_table() -> None:
    def obey(step: Step) -> None:
        step.key(LIMIT)

    device, runs = device_counting(obey)

    device.do(lambda step: step.set_key(LIMIT, 7))
    device.do(lambda step: step.set_key(LIMIT, 7))

    assert runs.take() == ["obey"]


def test_what_a_handler_reads_is_nobodys_reason_to_run() -> None:
    device, runs = device_counting(read_b)

    device.do(lambda step: step[A].get(1))
    device.do(lambda step: step.put(A, 1, Count(1)))

    assert runs.take() == []


def test_change_that_is_taken_back_in_its_step_is_looked_at_but_not_written() -> None:
    device, runs = device_counting(read_a)

    outcome = device.do(lambda step: step.put(A, 1, Count(1)), lambda step: step.remove(A, 1))

    assert runs.take() == ["read_a"]
    assert outcome.writes == ()


# The fixpoint.


def test_rules_follow_from_each_other_until_nothing_changes() -> None:
    def b_follows_a(step: Step) -> None:
        for number, count in step[A].items():
            step.put(B, number, Count(count.n + 1))

    def c_follows_b(step: Step) -> None:
        for number, count in step[B].items():
            step.put(C, number, Count(count.n + 1))

    # The order is the wrong one: it takes two rounds.
    device = Device(made_of([c_follows_b, b_follows_a], TABLES)).start()

    device.do(lambda step: step.put(A, 4, Count(1)))

    assert device.engine.tables.rows(C)[4] == Count(3)


def test_lowest_rule_that_has_to_run_goes_first() -> None:
    def low(step: Step) -> None:
        len(step[A])
        len(step[C])

    def middle(step: Step) -> None:
        if step[A]:
            step.put(C, 1, Count(len(step[A])))

    def high(step: Step) -> None:
        len(step[A])

    device, runs = device_counting(low, middle, high)

    device.do(lambda step: step.put(A, 1, Count(1)))

    # `middle` changes what `low` reads, so `low` comes before `high` again.
    assert runs.take() == ["low", "middle", "low", "high"]


def test_lower_features_rules_run_before_those_of_higher_ones() -> None:
    runs = Runs()
    higher = made_of([runs.of(read_a)], name="higher")
    lower = made_of([runs.of(read_b)], TABLES, name="lower")

    Device(higher, lower, audited=False).start()

    assert runs.take() == ["read_b", "read_a"]


def count_up(step: Step) -> None:
    """Never comes to rest."""
    step.put(A, 1, Count(step[A][1].n + 1 if 1 in step[A] else 0))


def test_rules_that_never_come_to_rest_are_named() -> None:
    def fine(step: Step) -> None:
        len(step[B])

    with pytest.raises(AssertionError, match=r"never come to rest: \['count_up'\]"):
        Device(made_of([fine, count_up], TABLES), audited=False).start()


def test_rules_that_undo_each_other_are_named_and_the_step_is_dropped() -> None:
    def put_in(step: Step) -> None:
        if step[C] and not step[A]:
            step.put(A, 1, Count(1))

    def take_out(step: Step) -> None:
        if step[C] and step[A]:
            step.remove(A, 1)

    device = Device(made_of([put_in, take_out], TABLES), audited=False).start()

    with pytest.raises(AssertionError, match="never come to rest"):
        device.do(lambda step: step.put(C, 1, Count(1)))

    assert len(device.engine.tables.rows(C)) == 0
    assert device.do(lambda step: step.put(B, 1, Count(1))).writes == ()


# Instants.


def alarm_at(at: float) -> Rule:
    def alarm(step: Step) -> None:
        if step.due(at):
            step.set(ALARM, Count(int(at)))

    return alarm


def test_device_is_woken_at_the_earliest_instant_asked_about() -> None:
    device = Device(made_of([alarm_at(30.0), alarm_at(20.0), alarm_at(10.0)], TABLES), audited=False)

    wakes = [device.start().outcome.wake_at]
    wakes += [device.handle(Woke(), at=at).wake_at for at in (5.0, 10.0, 19.0, 20.0, 30.0)]

    assert wakes == [10.0, 10.0, 20.0, 20.0, 30.0, None]


def test_rule_runs_when_its_instant_has_come_and_only_then() -> None:
    device, runs = device_counting(alarm_at(10.0), alarm_at(20.0))

    device.handle(Woke(), at=9.5)
    assert runs.take() == []

    device.handle(Woke(), at=10.0)
    assert runs.take() == ["alarm"]

    device.handle(Woke(), at=25.0)
    assert runs.take() == ["alarm"]


def test_event_after_an_instant_finds_what_was_due() -> None:
    device = Device(made_of([alarm_at(10.0)], TABLES), audited=False).start()

    device.do(lambda step: step.put(B, 1, Count(1)), at=12.0)

    assert device.engine.tables.rows(ALARM.table)[""] == Count(10)


def test_earliest_of_several_instants_of_one_rule_counts() -> None:
    def alarm(step: Step) -> None:
        for at in (30.0, 10.0, 20.0):
            step.due(at)

    device = Device(made_of([alarm])).start()

    assert device.wakes_at() == 10.0
    assert device.handle(Woke(), at=10.0).wake_at == 20.0


def test_instant_that_no_longer_matters_wakes_nobody() -> None:
    def alarm(step: Step) -> None:
        if step[A]:
            step.due(10.0)

    device = Device(made_of([alarm], TABLES)).start()

    assert device.do(lambda step: step.put(A, 1, Count(1))).wake_at == 10.0
    assert device.do(lambda step: step.remove(A, 1)).wake_at is None


def test_clock_correction_moves_deadlines_in_utc() -> None:
    def alarm(step: Step) -> None:
        if step.due(NOON):
            step.set(ALARM, Count(1))

    device = Device(made_of([alarm], TABLES))

    device.handle(Started(utc=NOON - timedelta(seconds=100)))
    assert device.wakes_at() == 100.0

    device.handle(ClockSet(NOON - timedelta(seconds=50)), at=10.0)
    assert device.wakes_at() == 60.0

    device.handle(ClockSet(NOON - timedelta(seconds=500)), at=59.0)
    assert device.wakes_at() == 559.0

    device.handle(ClockSet(NOON + timedelta(days=1)), at=70.0)
    assert device.wakes_at() is None
    assert device.engine.tables.rows(ALARM.table)[""] == Count(1)


def test_instant_in_utc_that_has_come_is_asked_about_again_when_the_clock_goes_back() -> None:
    def alarm(step: Step) -> None:
        step.set(ALARM, Count(1 if step.due(NOON) else 0))

    device = Device(made_of([alarm], TABLES))
    device.handle(Started(utc=NOON))

    device.handle(ClockSet(NOON - timedelta(seconds=5)))

    assert device.wakes_at() == 5.0
    assert len(device.engine.tables.rows(ALARM.table)) == 0


# What leaves the step.


def test_outcome_holds_what_was_said_in_its_order() -> None:
    def speak(step: Step) -> None:
        if step[A]:
            step.put(B, 1, Count(1))

    device = Device(made_of([speak], TABLES)).start()
    commands = (SetOutput(1, True), SetOutput(2, False))
    actions = (Ping(1), Ping(2))
    notices = (LinkLost("one", 1.0), LinkLost("two", 1.0))

    def script(step: Step) -> None:
        step.put(A, 2, Count(2))
        step.put(A, 1, Count(1))
        for command in commands:
            step.command(command)
        for action in actions:
            step.transport(action)
        for notice in notices:
            step.notice(notice)

    outcome = device.do(script)

    # Volatile records are not written.
    assert outcome.writes == (Write("a", "2", '[1,{"n":2}]'), Write("a", "1", '[1,{"n":1}]'))
    assert (outcome.commands, outcome.link, outcome.notices) == (commands, actions, notices)
    assert device.handle(Woke()) == evolve(outcome, writes=(), commands=(), link=(), notices=())


def test_removed_record_is_written_as_none() -> None:
    device = Device(made_of([], TABLES)).start()
    device.do(lambda step: step.put(A, 1, Count(1)))

    outcome = device.do(lambda step: step.remove(A, 1))

    assert outcome.writes == (Write("a", "1", None),)


def test_single_record_at_its_default_is_not_stored() -> None:
    device = Device(made_of([], TABLES)).start()

    assert device.do(lambda step: step.set(TOTAL, Count(3))).writes == (Write("total", "", '[1,{"n":3}]'),)
    assert device.do(lambda step: step.set(TOTAL, Count(0))).writes == (Write("total", "", None),)


# Steps that fail.


class Mistake(Exception):
    """Raised by the tests."""


def fail(_: Step) -> None:
    raise Mistake


def test_handler_that_fails_drops_its_step() -> None:
    device, runs = device_counting(read_a)
    device.do(lambda step: step.put(A, 1, Count(1)))
    runs.take()

    with pytest.raises(Mistake):
        device.do(lambda step: step.put(A, 1, Count(2)), lambda step: step.put(B, 1, Count(2)), fail)
    outcome = device.do(lambda step: step.put(A, 2, Count(2)))

    assert outcome.writes == (Write("a", "2", '[1,{"n":2}]'),)
    assert dict(device.engine.tables.rows(A).items()) == {1: Count(1), 2: Count(2)}
    assert len(device.engine.tables.rows(B)) == 0
    assert runs.take() == ["read_a"]


@pytest.mark.parametrize("error", [Mistake, KeyboardInterrupt])
def test_rule_that_fails_drops_its_step_and_all_look_again(error: type[BaseException]) -> None:
    """What the rules before it saw was undone, so what they noted does not hold."""
    failing = [False]

    def b_follows_a(step: Step) -> None:
        for number, count in step[A].items():
            step.put(B, number, count)

    def break_down(step: Step) -> None:
        if step[B] and failing[0]:
            raise error

    def wait(step: Step) -> None:
        if not step[A]:
            step.due(50.0)

    device = Device(made_of([wait, b_follows_a, break_down], TABLES)).start()
    failing[0] = True

    with pytest.raises(error):
        device.do(lambda step: step.put(A, 1, Count(1)), at=10.0)
    failing[0] = False
    device.handle(Woke(), at=10.0)

    assert device.outcome.writes == ()
    assert device.wakes_at() == 50.0
    assert len(device.engine.tables.rows(B)) == 0

    device.do(lambda step: step.put(A, 1, Count(3)))

    assert device.wakes_at() is None
    assert device.engine.tables.rows(B)[1] == Count(3)


def test_rule_that_failed_at_its_instant_is_asked_again() -> None:
    failing = [True]

    def alarm(step: Step) -> None:
        if step.due(10.0):
            if failing[0]:
                raise Mistake
            step.set(ALARM, Count(1))

    device = Device(made_of([alarm], TABLES), audited=False).start()

    with pytest.raises(Mistake):
        device.handle(Woke(), at=10.0)
    failing[0] = False
    device.handle(Woke(), at=11.0)

    assert device.engine.tables.rows(ALARM.table)[""] == Count(1)


def test_time_of_a_dropped_step_has_not_passed() -> None:
    device = Device(audited=False).start()
    with pytest.raises(Mistake):
        device.do(fail, at=10.0)

    device.handle(Woke(), at=5.0)

    assert device.now == 5.0


def test_record_that_cannot_become_text_drops_its_step() -> None:
    device = Device(made_of([], TABLES), audited=False).start()
    nothing_to_write: Any = object()

    with pytest.raises(TypeError):
        device.do(lambda step: step.put(A, 1, Count(nothing_to_write)))

    assert device.handle(Woke()).writes == ()
    assert len(device.engine.tables.rows(A)) == 0


def test_run_whose_start_failed_can_be_started() -> None:
    failing = [True]

    def break_down(_: Step) -> None:
        if failing[0]:
            raise Mistake

    device = Device(made_of([break_down]))
    with pytest.raises(Mistake):
        device.start()
    failing[0] = False

    outcome = device.start().outcome

    assert outcome.writes[0] == Write("kernel.run", "", '[1,{"number":1}]')


# The order of events.


def test_run_begins_with_started() -> None:
    device = Device()

    with pytest.raises(UsageError, match="`Started` is the first event"):
        device.handle(Woke())

    device.start()


def test_run_is_started_once() -> None:
    device = Device().start()

    with pytest.raises(UsageError, match="comes once"):
        device.handle(Started())

    device.handle(Woke())


@pytest.mark.parametrize("now", [9.999, -math.inf, math.inf, math.nan])
def test_time_never_runs_backwards_and_is_a_number(now: float) -> None:
    device = Device().start()
    device.handle(Woke(), at=10.0)

    with pytest.raises(UsageError, match="now"):
        device.handle(Woke(), at=now)

    device.handle(Woke(), at=10.0)


@pytest.mark.parametrize("now", [-math.inf, math.inf, math.nan])
def test_run_begins_at_a_finite_instant(now: float) -> None:
    with pytest.raises(UsageError, match="now"):
        Device().handle(Started(), at=now)


def test_monotonic_time_may_be_negative() -> None:
    device = Device()
    device.now = -5.0

    device.start()

    assert device.handle(Woke(), at=-4.0).wake_at is None


@pytest.mark.parametrize("event", ["Woke", None, Reading(register_wh=1), StopPressed(1)])
def test_what_nobody_takes_in_is_refused(event: Event) -> None:
    device = Device().start()

    with pytest.raises(UsageError, match="is no event that a charge point takes in"):
        device.handle(event)

    device.handle(Woke())


def test_hardware_event_of_a_connector_that_is_not_there_is_dropped() -> None:
    meters = Feature(name="meters", events=(on(MeterRead, lambda step, event: step.put(A, 1, Count(1))),))
    device = Device(meters, made_of([], TABLES)).start()

    for connector_id in (3, -1):
        device.handle(MeterRead(connector_id, Reading(register_wh=1)))
        assert len(device.engine.tables.rows(A)) == 0
        assert isinstance(device.notices.pop(), HardwareMisreport)

    device.handle(MeterRead(0, Reading(register_wh=1)))
    assert len(device.engine.tables.rows(A)) == 1


@pytest.mark.parametrize(
    "event",
    [Started(utc=datetime(2026, 1, 1)), ClockSet(datetime(2026, 1, 1))],  # noqa: DTZ001 - the mistake to be found
)
def test_time_without_a_zone_is_the_applications_mistake(event: Started | ClockSet) -> None:
    device = Device()
    if isinstance(event, ClockSet):
        device.start()

    with pytest.raises(UsageError, match="utc"):
        device.handle(event)


# Audit.


def test_audit_finds_a_rule_that_changes_something_twice() -> None:
    once_more: list[Callable[[Step], None]] = [lambda _: None]

    def restless(step: Step) -> None:
        once_more[0](step)

    device = Device(made_of([restless], TABLES)).start()
    once_more[0] = lambda step: step.put(A, 1, Count(1))

    with pytest.raises(AssertionError, match=r"restless changes .*Count\(n=1\).* when nothing has happened"):
        device.engine.audit(device.now)


def test_audit_finds_a_rule_that_says_something_twice() -> None:
    def babble(step: Step) -> None:
        step.notice(LinkLost("again", 1.0))

    device = Device(made_of([babble]), audited=False).start()

    with pytest.raises(AssertionError, match=r"babble .*says .*again.* when nothing has happened"):
        device.engine.audit(device.now)


def test_audit_finds_a_rule_that_compares_time_by_itself() -> None:
    """Its own instant wakes nobody, so another rule's does: just before that, this one would act."""

    def impatient(step: Step) -> None:
        if step.now >= 10.0:
            step.set(ALARM, Count(1))

    device = Device(made_of([impatient, alarm_at(20.0)], TABLES), audited=False).start()

    device.engine.audit(device.now)
    with pytest.raises(AssertionError, match="impatient changes"):
        device.engine.audit(19.9)


def test_audit_changes_nothing() -> None:
    def draw(step: Step) -> None:
        if step.due(5.0):
            step.set(ALARM, Count(step.random.randrange(1000)))

    device = Device(made_of([draw], TABLES), audited=False).start()
    twin = Device(made_of([draw], TABLES), audited=False).start()

    with pytest.raises(AssertionError, match="changes"):
        device.engine.audit(5.0)
    device.handle(Woke(), at=5.0)
    twin.handle(Woke(), at=5.0)

    assert device.engine.tables.rows(ALARM.table)[""] == twin.engine.tables.rows(ALARM.table)[""]


def test_audit_at_a_later_instant_forgets_none() -> None:
    def look(step: Step) -> None:
        step.due(10.0)

    device = Device(made_of([look, read_a], TABLES), audited=False).start()

    device.engine.audit(15.0)
    device.do(lambda step: step.put(A, 1, Count(1)), at=5.0)

    assert device.engine.copy().handle(Woke(), 5.0).wake_at == 10.0
    assert device.do(lambda step: step.set(TOTAL, Count(1))).wake_at == 10.0


def test_audit_draws_nothing_from_chance() -> None:
    def draw(step: Step) -> None:
        step.random.random()

    device = Device(made_of([draw]), audited=False).start()
    twin = device.engine.copy()

    device.engine.audit(device.now)

    assert device.engine.random.random() == twin.random.random()


def test_audit_of_a_rule_that_fails_leaves_everything_as_it_was() -> None:
    failing = [False]

    def break_down(step: Step) -> None:
        step.due(10.0)
        if failing[0]:
            step.put(A, 1, Count(1))
            raise Mistake

    device = Device(made_of([break_down], TABLES), audited=False).start()
    failing[0] = True

    with pytest.raises(Mistake):
        device.engine.audit(device.now)
    failing[0] = False
    outcome = device.do(lambda step: step.put(B, 1, Count(1)))

    assert (outcome.writes, outcome.wake_at) == ((), 10.0)
    assert len(device.engine.tables.rows(A)) == 0


# Copies.


def b_follows_a(step: Step) -> None:
    for number, count in step[A].items():
        step.put(B, number, count)
        step.due(100.0 + number)


def test_copy_goes_its_own_way() -> None:
    device = Device(made_of([b_follows_a], TABLES)).start()
    device.do(lambda step: step.put(A, 1, Count(1)))

    twin = device.engine.copy()
    device.do(lambda step: step.put(A, 1, Count(2)))
    device.do(lambda step: step.remove(A, 1))

    assert twin.handle(Woke(), 0.0).wake_at == 101.0
    assert twin.tables.rows(B)[1] == Count(1)
    assert device.wakes_at() is None


def test_copy_has_instants_of_its_own() -> None:
    device = Device(made_of([b_follows_a, alarm_at(7.0), read_c], TABLES)).start()
    device.do(lambda step: step.put(A, 1, Count(1)))

    twin = device.engine.copy()
    device.do(lambda step: step.remove(A, 1))
    device.handle(Woke(), at=7.0)
    device.scripts = (lambda step: step.put(C, 1, Count(1)),)

    # The event makes a rule run, so the earliest instant is looked for anew.
    assert twin.handle(CardPresented("do"), 0.0).wake_at == 7.0
    assert twin.handle(Woke(), 7.0).wake_at == 101.0
    assert device.wakes_at() is None


def test_copys_rules_watch_the_copys_tables() -> None:
    device = Device(made_of([b_follows_a], TABLES)).start()
    device.do(lambda step: step.put(A, 1, Count(1)))
    twin = device.engine.copy()
    device.scripts = (lambda step: step.put(A, 7, Count(7)),)

    twin.handle(CardPresented("do"), 0.0)

    assert dict(twin.tables.rows(B).items()) == {1: Count(1), 7: Count(7)}
    assert dict(device.engine.tables.rows(B).items()) == {1: Count(1)}


def test_copy_has_the_same_luck() -> None:
    device = Device().start()
    device.engine.random.random()

    twin = device.engine.copy()

    assert [twin.random.random() for _ in range(3)] == [device.engine.random.random() for _ in range(3)]


# Loading.


def loaded(*writes: Write) -> Engine:
    feature = made_of([], TABLES, [LIMIT])
    return Engine((SENDING, feature, BASE), STATION, stored=writes, random=Random(1), codec=Codec())


def test_stored_records_are_there_after_a_start() -> None:
    engine = loaded(Write("a", "-3", '[1,{"n":4}]'), Write("total", "", '[1,{"n":5}]'))

    outcome = engine.handle(Started(), 0.0)

    assert engine.tables.rows(A)[-3] == Count(4)
    assert engine.tables.rows(TOTAL.table)[""] == Count(5)
    assert [write.table for write in outcome.writes] == ["kernel.run", "clock.guessed"]


@pytest.mark.parametrize("name", ["b", "nowhere", ""])
def test_record_of_no_durable_table_is_named(name: str) -> None:
    with pytest.raises(RecordUnreadable, match=f"record '7' of table '{name}' cannot be read: there is no such table"):
        loaded(Write(name, "7", '[1,{"n":4}]'))


def test_removal_is_nothing_that_a_store_loads() -> None:
    with pytest.raises(AssertionError, match="not removals"):
        loaded(Write("a", "1", None))


@pytest.mark.parametrize("text", ["many", "-1", "", "9" * 600])
def test_stored_value_that_its_key_refuses_is_taken_out_by_the_first_step(text: str) -> None:
    """A station that does not start after an update is worse than a key that is back at its default."""
    engine = loaded(Write("configuration.values", "Limit", f'[1,{{"text":"{text}"}}]'))

    outcome = engine.handle(Started(), 0.0)

    assert Write("configuration.values", "Limit", None) in outcome.writes
    assert [(type(notice), notice.name) for notice in outcome.notices if isinstance(notice, KeyReset)] == [
        (KeyReset, "Limit")
    ]
    assert "Limit" not in engine.tables.rows(VALUES)


def test_stored_value_that_its_key_refuses_is_never_used() -> None:
    """Not even by the rules of the step that takes it out, nor by whoever looks before it."""
    seen = []
    feature = made_of([lambda step: seen.append(step.key(LIMIT))], TABLES, [LIMIT])
    stored = [Write("configuration.values", "Limit", '[1,{"text":"-1"}]')]
    engine = Engine((SENDING, feature, BASE), STATION, stored=stored, random=Random(1), codec=Codec())
    before = engine.values.texts(engine.tables.rows(VALUES))

    engine.handle(Started(), 0.0)

    assert before["Limit"] == str(LIMIT.default(STATION))
    assert set(seen) == {LIMIT.default(STATION)}


def test_stored_value_of_a_key_that_is_gone_does_no_harm() -> None:
    engine = loaded(Write("configuration.values", "Gone", '[1,{"text":"7"}]'))

    engine.handle(Started(), 0.0)

    assert engine.tables.rows(VALUES)["Gone"] == Value("7")


# The same bytes, whatever the hash.

REPEATED = """
from ocpp16cp.events import Woke
from ocpp16cp.kernel import calls, outbox
from ocpp16cp.kernel.tables import durable
from tests.kernel.artificial import Device, Log, Say, made_of
from tests.kernel.test_engine import Count

WORDS = durable("words", str, Count)
COPIES = durable("copies", str, Count)

def copy_words(step):
    for word, count in step[WORDS].items():
        step.put(COPIES, word + word, count)
        step.due(count.n + 1000.0)

device = Device(made_of([copy_words], [WORDS, COPIES])).online()
for number in range(60):
    device.do(lambda step: (
        [step.put(WORDS, f"w{number * k % 17}", Count(number)) for k in range(5)],
        calls.call(step, Say(text=str(step.random.random()))),
        outbox.submit(step, Log(text=f"{number}")),
    ), at=float(number))
    print(device.outcome)
    if number % 3:
        print(device.answer({"word": "Yes"}))
"""


def test_same_events_give_the_same_bytes_whatever_the_hash_seed() -> None:
    def run(seed: str) -> str:
        completed = subprocess.run(
            [sys.executable, "-c", REPEATED],
            cwd=Path(__file__).parents[2],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        )
        return completed.stdout

    first = run("1")

    assert first.count("\n") == 100
    assert run("2") == first
