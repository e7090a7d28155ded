"""Transaction messages: durable, strictly in order, sent again until they are answered or given up (§3.7, §4.8).

The head of the queue is in flight or waits for its retry; all behind it wait. A connection that breaks is no failure of
the message.
"""

from __future__ import annotations

from typing import Any

from attrs import evolve

from ocpp16cp.lean import frozen
from ocpp16cp.outcome import MessageDiscarded
from ocpp16cp.wire.strict_json import MAX_LENGTH

from .feature import CallFailure, Sent
from .keys import integer, key
from .step import Step
from .tables import durable, volatile_single

TRANSACTION_MESSAGE_ATTEMPTS = key("TransactionMessageAttempts", integer(), 3)
"""How often a transaction message is submitted in all when the central system fails to process it; 0 counts as 1."""
TRANSACTION_MESSAGE_RETRY_INTERVAL = key("TransactionMessageRetryInterval", integer(), 60)
"""Seconds before the next submission, times the number of those before it."""


MAX_PAYLOAD = MAX_LENGTH - 1024
"""Characters of a message: with the rest of its frame it can still be read back."""


THINNING_STEP = 64
"""A queue that stays too long, because nothing is left to thin out, is looked through once in so many messages."""


@frozen
class Queued:
    """A transaction message that was not answered so far."""

    action: str
    payload: str
    """JSON text."""
    context: int | None
    is_expendable: bool
    failures: int = 0
    """Submissions that the central system failed to process."""


@frozen
class Lane:
    """Where the queue stands."""

    first: int = 1
    """No message has a lower number."""
    last: int = 0
    """The number of the newest message of this run, or of what was left from the run before."""
    sent: int = 0
    """The messages up to this number were sent at least once in this run."""
    failed_at: float | None = None
    """When the head failed; `None`: it may be sent."""


OUTBOX = durable("kernel.outbox", int, Queued)
"""By ascending number."""
LANE = volatile_single("kernel.lane", Lane(), because="a start reads it off the queue, and sends the head at once")


def open_lane(step: Step) -> None:
    """Find out, at a start, where the queue stands."""
    numbers = list(step[OUTBOX])
    if numbers:
        step.set(LANE, Lane(first=numbers[0], last=numbers[-1]))


def submit(step: Step, request: Any, *, context: int | None = None, is_expendable: bool = False) -> None:
    """Queue a transaction message.

    Args:
        step: the step under way.
        request: the message.
        context: handed to the owner's `replied`, `failed` and `complete`.
        is_expendable: it may be thinned out of a queue that is full.
    """
    _make_room(step)
    lane = step.one(LANE)
    number = lane.last + 1
    action = step.engine.registry.by_request[type(request)].action
    assert action in step.engine.registry.replies, f"nobody takes the answer to {action}"
    payload = step.engine.codec.encode(request)
    assert len(payload) <= MAX_PAYLOAD, f"{action}: {len(payload)} characters are too many to be sent"
    step.put(OUTBOX, number, Queued(action, payload, context, is_expendable))
    step.set(LANE, evolve(lane, last=number))
    step.was_submitted = number


def _make_room(step: Step) -> None:
    """Thin a full queue: every other expendable message goes, so that the rest still covers the whole time."""
    excess = len(step[OUTBOX]) - step.station.settings.queue_limit
    if excess < 0 or excess % THINNING_STEP:
        return
    expendable = [
        number for number, queued in step[OUTBOX].items() if queued.is_expendable and number > step.one(LANE).sent
    ]
    for number in expendable[::2]:
        step.notice(MessageDiscarded(step[OUTBOX][number].action, "the queue is full"))
        step.remove(OUTBOX, number)


def head(step: Step) -> tuple[int, Queued] | None:
    """The oldest message and its number, or `None`."""
    lane = step.one(LANE)
    for number in range(lane.first, lane.last + 1):
        queued = step[OUTBOX].get(number)
        if queued is not None:
            return number, queued
    return None


def is_sendable(step: Step, queued: Queued) -> bool:
    """Whether the wait after the head's last failure is over."""
    failed_at = step.one(LANE).failed_at
    if failed_at is None:
        return True
    return step.due(failed_at + max(1, queued.failures) * step.key(TRANSACTION_MESSAGE_RETRY_INTERVAL))


def was_sent(step: Step, number: int) -> bool:
    """Whether a message was sent once, or is gone."""
    return step.one(LANE).sent >= number or number not in step[OUTBOX]


def note_sent(step: Step, number: int) -> None:
    """The message is in flight."""
    lane = step.one(LANE)
    step.set(LANE, evolve(lane, sent=max(lane.sent, number), failed_at=None))


def note_link_down(step: Step) -> None:
    """The next connection begins with the head, whatever wait was left."""
    step.set(LANE, evolve(step.one(LANE), failed_at=None))


def take_out(step: Step, number: int) -> None:
    """A message was answered or given up."""
    step.remove(OUTBOX, number)
    lane = step.one(LANE)
    step.set(LANE, evolve(lane, first=max(lane.first, number + 1), failed_at=None))


def postpone(step: Step) -> None:
    """The head had no answer, for which it is not to blame: again later, or on the next connection."""
    step.set(LANE, evolve(step.one(LANE), failed_at=step.now))


def fail_once(step: Step, number: int, sent: Sent[Any], failure: CallFailure) -> None:
    """The central system failed to process the head: again later, or given up."""
    queued = step[OUTBOX][number]
    failures = queued.failures + 1
    if failures < max(1, step.key(TRANSACTION_MESSAGE_ATTEMPTS)):
        step.put(OUTBOX, number, evolve(queued, failures=failures))
        step.set(LANE, evolve(step.one(LANE), failed_at=step.now))
        return
    take_out(step, number)
    step.notice(MessageDiscarded(queued.action, f"given up after {failures} attempts: {failure.text}"))
    handler = step.engine.registry.replies[queued.action]
    if handler.failed is not None:
        handler.failed(step, sent, failure)
