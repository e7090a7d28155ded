"""Questions to the hardware: each has an id, an answer and a deadline, so that a silent driver hangs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ocpp16cp.events import CommandDone, Failed, FailureReason
from ocpp16cp.lean import frozen
from ocpp16cp.outcome import CancelAsk, Command, HardwareMisreport

from .feature import AskResult
from .step import Step
from .tables import volatile, volatile_single


@frozen
class Asked:
    """An ask without an answer so far."""

    command: Any
    context: Any
    deadline_at: float


@frozen
class AskCount:
    """How many asks there were in this run."""

    last: int = 0


ASKED = volatile("kernel.asked", int, Asked, because="the driver starts anew with the core")
ASK_COUNT = volatile_single("kernel.ask_count", AskCount(), because="ask ids are of one run")


def ask(step: Step, command: Callable[[int], Command], *, timeout_s: float, context: Any = None) -> int:
    """Ask the driver for something that can fail.

    Args:
        step: the step under way.
        command: makes the command of the ask's id.
        timeout_s: after so many seconds without an answer the ask has failed.
        context: handed to the feature's handler together with the answer; an immutable value.

    Returns:
        The ask's id, which the command bears too.
    """
    number = step.one(ASK_COUNT).last + 1
    step.set(ASK_COUNT, AskCount(number))
    made = command(number)
    assert type(made) in step.engine.registry.asks, f"nobody takes the answer to {made!r}"
    step.put(ASKED, number, Asked(made, context, step.now + timeout_s))
    step.command(made)
    return number


def cancel(step: Step, number: int) -> None:
    """Stop an ask, if it is still under way: its owner hears nothing more of it."""
    if number in step[ASKED]:
        step.remove(ASKED, number)
        step.command(CancelAsk(number))


def command_done(step: Step, event: CommandDone) -> None:
    """Take the driver's answer."""
    if event.ask_id not in step[ASKED]:
        step.notice(HardwareMisreport(f"answer to no ask, or after its deadline: {event!r}"))
        return
    _finish(step, event.ask_id, event.result)


def expire_asks(step: Step) -> None:
    """Take silence for a failure."""
    for number, asked in step[ASKED].items():
        if step.due(asked.deadline_at):
            _finish(step, number, Failed(FailureReason.TIMED_OUT, "the driver did not answer in time"))


def _finish(step: Step, number: int, result: AskResult) -> None:
    """End an ask and tell its owner."""
    asked = step[ASKED][number]
    step.remove(ASKED, number)
    step.engine.registry.asks[type(asked.command)].handle(step, asked.command, asked.context, result)
