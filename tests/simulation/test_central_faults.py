"""The World notices mistakes in how a station deals with its central system; each is planted here, and found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from attrs import evolve

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.events import Event, TextReceived
from ocpp16cp.kernel import outbox
from ocpp16cp.kernel.feature import CallFailure, Sent
from ocpp16cp.kernel.outbox import OUTBOX, Queued
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import MessageDiscarded, Open, Outcome, SendText
from ocpp16cp.testing.world import HEALTHY, Faults, InvariantViolated, Likelihoods, World
from ocpp16cp.testing.world.fates import Fate

SEEDS = 40
"""Worlds in which a planted mistake has to show; most do so in the first or second. What shows first may be something
that follows from it."""

SICKLY = Faults(sick_s=300.0, restart_s=600.0, amnesia=0.5, refusal=0.3, burst=0.3, stray_s=30.0)
"""A central system in a bad state."""


BUSY = Likelihoods(action_s=10.0)


def _complaints(make_core: type[ChargePoint] = ChargePoint) -> Iterator[str]:
    """What some worlds complain of, each without what went before."""
    for seed in range(SEEDS):
        try:
            World(seed, likelihoods=BUSY, faults=SICKLY, make_core=make_core).run(1800.0)
        except InvariantViolated as violation:
            yield str(violation).partition("\n")[0]


class _Tampered(ChargePoint):
    """A station between whose core and whose link somebody makes a mistake."""

    number = 0
    last_id = ""

    def handle(self, event: Event, *, now: float) -> Outcome:
        outcome = super().handle(self.heard(event), now=now)
        for action in outcome.link:
            if isinstance(action, Open):
                self.number = action.number
        return evolve(outcome, link=tuple(each for action in outcome.link for each in self.said(action)))

    def heard(self, event: Event) -> Event:
        return event

    def said(self, action: Any) -> tuple[Any, ...]:
        if isinstance(action, SendText):
            if action.text.startswith("[2,"):
                self.last_id = action.text.split('"')[1]
            return tuple(evolve(action, text=text) for text in self.texts(action.text))
        return (action,)

    def texts(self, text: str) -> tuple[str, ...]:
        return (text,)


class _HearsOldLinks(_Tampered):
    """Takes what an old connection still had for a message of the present one."""

    def heard(self, event: Event) -> Event:
        return evolve(event, number=self.number) if isinstance(event, TextReceived) else event


class _HearsLateAnswers(_Tampered):
    """Takes any answer for the one it waits for."""

    def heard(self, event: Event) -> Event:
        if isinstance(event, TextReceived) and event.text.startswith("[3,"):
            return evolve(event, text=re.sub(r'^\[3,"[^"]*"', f'[3,"{self.last_id}"', event.text))
        return event


class _BelievesItself(_Tampered):
    """Takes any BootNotification that is answered for one that is accepted."""

    def heard(self, event: Event) -> Event:
        if isinstance(event, TextReceived):
            return evolve(event, text=re.sub('"(Rejected|Pending)"', '"Accepted"', event.text))
        return event


class _ReusesIds(_Tampered):
    """Sends every CALL under one message id."""

    def heard(self, event: Event) -> Event:
        if isinstance(event, TextReceived):
            return evolve(event, text=event.text.replace('"0-0"', f'"{self.last_id}"'))
        return event

    def texts(self, text: str) -> tuple[str, ...]:
        return (text.replace(f'"{self.last_id}"', '"0-0"') if text.startswith("[2,") else text,)


class _RepeatsAnswers(_Tampered):
    """Answers a CALL twice."""

    def texts(self, text: str) -> tuple[str, ...]:
        return (text,) if text.startswith("[2,") else (text, text)


class _KeepsSilent(_Tampered):
    """Answers no CALL that it refuses."""

    def texts(self, text: str) -> tuple[str, ...]:
        return () if text.startswith("[4,") else (text,)


class _Misnames(_Tampered):
    """Names another transaction when it tells an end."""

    def texts(self, text: str) -> tuple[str, ...]:
        if '"StopTransaction"' not in text:
            return (text,)
        return (re.sub(r'("transactionId"):(\d+)', lambda found: f"{found[1]}:{int(found[2]) + 1}", text),)


class _InventsIds(_Tampered):
    """Makes up an id where the central system has named none."""

    def texts(self, text: str) -> tuple[str, ...]:
        return (text.replace('"transactionId":-1', '"transactionId":0'),)


@pytest.mark.parametrize(
    ("make_core", "complaint"),
    [
        (_HearsOldLinks, "an answer to nothing"),
        (_HearsLateAnswers, "waits for its answer"),
        (_BelievesItself, "while the registration is"),
        (_ReusesIds, "was used before"),
        (_RepeatsAnswers, "an answer to nothing"),
        (_KeepsSilent, "never answered"),
        (_Misnames, "when it is the turn of"),
        (_InventsIds, "when it is the turn of"),
    ],
)
def test_a_mistake_on_the_link_is_found(make_core: type[ChargePoint], complaint: str) -> None:
    assert any(complaint in each for each in _complaints(make_core))


def _newest_first(step: Step) -> tuple[int, Queued] | None:
    """A queue that forgets its order."""
    return next(reversed(list(step[OUTBOX].items())), None)


def _lose_head(step: Step) -> None:
    """A queue that forgets what was under way when the connection broke."""
    found = outbox.head(step)
    if found is not None and outbox.was_sent(step, found[0]):
        outbox.take_out(step, found[0])


def _take_for_delivered(step: Step, number: int, sent: Sent[Any], failure: CallFailure) -> None:
    """A queue that takes any answer for a good one."""
    outbox.take_out(step, number)


def _give_up_at_once(step: Step, number: int, sent: Sent[Any], failure: CallFailure) -> None:
    """A queue without patience."""
    outbox.take_out(step, number)
    step.notice(MessageDiscarded(type(sent.request).__name__, failure.text))


def _never_give_up(step: Step, number: int, sent: Sent[Any], failure: CallFailure) -> None:
    """A queue that a single message can hold up for ever."""
    outbox.postpone(step)


@pytest.mark.parametrize(
    ("name", "mistake", "complaint"),
    [
        ("head", _newest_first, "when it is the turn of"),
        ("note_link_down", _lose_head, "nobody knows why"),
        ("fail_once", _take_for_delivered, "nobody knows why"),
        ("fail_once", _give_up_at_once, "nobody knows why"),
        ("fail_once", _never_give_up, "not given up"),
    ],
)
def test_a_mistake_in_the_queue_is_found(
    monkeypatch: pytest.MonkeyPatch, name: str, mistake: Callable[..., Any], complaint: str
) -> None:
    """The kernel itself is altered here: no mistake on the link does the same."""
    monkeypatch.setattr(outbox, name, mistake)

    assert any(complaint in each for each in _complaints())


def test_every_fault_happens() -> None:
    """Faults that never come up prove nothing: each fate, and messages of every kind given up."""
    worlds = [World(seed, likelihoods=BUSY, faults=SICKLY) for seed in range(10)]

    for world in worlds:
        world.run()

    assert {fate for world in worlds for fate in world.central_system.fates} == set(Fate)
    discarded = {type(each.request).__name__ for world in worlds for each in world.site.invariants.journal.discarded}
    assert discarded == {"StartTransaction", "StopTransaction", "MeterValues"}
    entries = [entry for world in worlds for entry in world.central_system.ledger.entries.values()]
    assert any(entry.is_forgotten for entry in entries)
    assert any(world.central_system.ledger.nameless for world in worlds)


def test_a_healthy_central_system_misses_nothing() -> None:
    """Where nothing is refused and every CALL is answered in time, nothing may be given up."""
    for seed in range(5):
        world = World(seed, faults=HEALTHY)

        world.run()

        assert not world.site.invariants.journal.discarded
        ledger = world.central_system.ledger
        assert len(ledger.entries) == len(world.site.invariants.journal.accounts)


def test_a_violation_names_its_seed() -> None:
    seed = Random(1).randrange(10**9)

    with pytest.raises(InvariantViolated, match=f"seed {seed} at "):
        World(seed, faults=SICKLY, make_core=_ReusesIds).run()
