"""The kernel's own share in a charge point, declared like a feature: one below all others, one above."""

from __future__ import annotations

from attrs import evolve

from ocpp16cp.events import ClockSet, CommandDone, Started, TextReceived
from ocpp16cp.outcome import KeyReset

from .asks import ASK_COUNT, ASKED, command_done, expire_asks
from .calls import (
    CALL_COUNT,
    HEARD,
    IN_FLIGHT,
    LINK,
    MESSAGE_TIMEOUT,
    RUN,
    WAITING,
    expire_call,
    expire_waiting,
    send_next_call,
)
from .clock import ANCHOR, BEGINNING, GUESSED, LAST_TIME, Beginning
from .feature import Feature, on
from .outbox import (
    LANE,
    OUTBOX,
    TRANSACTION_MESSAGE_ATTEMPTS,
    TRANSACTION_MESSAGE_RETRY_INTERVAL,
    open_lane,
)
from .serving import COMPLAINT, UNANSWERED, text_received
from .step import Step
from .timekeeping import begin_time, tell_time
from .values import VALUES


def started(step: Step, event: Started) -> None:
    """Begin a run: count it, set the clock, look what the last run left to send."""
    run = step.one(RUN)
    step.set(RUN, evolve(run, number=run.number + 1))
    open_lane(step)
    begin_time(step, event.utc)
    step.set(BEGINNING, Beginning(step.now, event.cause))
    drop_unfit_values(step)


def drop_unfit_values(step: Step) -> None:
    """Keys that do not take their stored value any more are back at their defaults, for good."""
    for name, broken in step.engine.unfit.items():
        step.remove(VALUES, name)
        step.notice(KeyReset(name, broken))


def clock_set(step: Step, event: ClockSet) -> None:
    """Take over the time that the application knows."""
    tell_time(step, event.utc)


BASE = Feature(
    name="base",
    tables=(
        RUN.table,
        VALUES,
        OUTBOX,
        ANCHOR.table,
        LAST_TIME.table,
        GUESSED.table,
        BEGINNING.table,
        LINK.table,
        HEARD.table,
        CALL_COUNT.table,
        WAITING,
        IN_FLIGHT,
        LANE.table,
        UNANSWERED,
        COMPLAINT.table,
        ASKED,
        ASK_COUNT.table,
    ),
    keys=(MESSAGE_TIMEOUT, TRANSACTION_MESSAGE_ATTEMPTS, TRANSACTION_MESSAGE_RETRY_INTERVAL),
    events=(
        on(Started, started),
        on(ClockSet, clock_set),
        on(TextReceived, text_received),
        on(CommandDone, command_done),
    ),
    rules=(expire_call, expire_waiting, expire_asks),
)

SENDING = Feature(name="sending", rules=(send_next_call,))
"""Comes to its turn when all features have had theirs."""
