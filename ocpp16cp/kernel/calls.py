"""CALLs in both directions: at most one of ours in flight, answered ones matched by id, theirs handled as they come.

Ours wait in two lanes: transaction messages (`outbox`) and the rest, which goes first. Nothing here knows an action.
"""

from __future__ import annotations

from typing import Any

from attrs import evolve

from ocpp16cp.errors import PayloadInvalid
from ocpp16cp.lean import frozen
from ocpp16cp.outcome import CallFailed, FrameRefused, SendText
from ocpp16cp.wire.frames import CallError, CallResult, render_call
from ocpp16cp.wire.strict_json import load

from . import outbox
from .feature import CallFailure, FailureKind, Sent
from .keys import integer, key
from .step import Step
from .tables import durable_single, volatile, volatile_single

MESSAGE_TIMEOUT = key("MessageTimeout", integer(minimum=1), 30)
"""Seconds until a CALL without an answer has failed (errata 3.82)."""

MAX_WAITING = 100
"""CALLs outside the outbox that wait to be sent: each connector and each feature has a few at most."""

EXCERPT = 200
"""Characters of a refused frame that a notice shows."""


@frozen
class Link:
    """The connection to the central system."""

    number: int = 0
    """Of the last `Open`."""
    is_up: bool = False
    is_suspect: bool = False
    """A CALL had no answer, and nothing else was heard since it was sent: perhaps nobody is there any more."""


@frozen
class Heard:
    """When the central system last gave a sign of life on this connection; `None`: it never has."""

    at: float | None = None


@frozen
class Run:
    """The number of this run: it makes message ids unique for ever."""

    number: int = 0


@frozen
class CallCount:
    """How many CALLs were queued and sent in this run."""

    queued: int = 0
    sent: int = 0


@frozen
class Waiting:
    """A CALL that waits to be sent."""

    request: Any
    payload: str
    """The request as JSON text."""
    context: int | None
    was_triggered: bool
    replaces: str | None
    """What it has in common with those that may take its place, or come behind it."""
    after: int | None
    """It waits until the transaction message of this number was sent once."""
    urgent_since: float | None
    """Since when somebody waits for its answer; `None`: nobody does who would not wait longer."""


@frozen
class InFlight:
    """The CALL of ours that waits for its answer."""

    message_id: str
    sent: Sent[Any]
    sent_at: float
    outbox_number: int | None


RUN = durable_single("kernel.run", Run())
LINK = volatile_single("kernel.link", Link(), because="a new run opens a new connection")
HEARD = volatile_single("kernel.heard", Heard(), because="it is a fact about one connection")
CALL_COUNT = volatile_single("kernel.call_count", CallCount(), because="message ids begin with the number of the run")
WAITING = volatile("kernel.waiting", int, Waiting, because="what has to arrive stands in the outbox")
IN_FLIGHT = volatile("kernel.in_flight", int, InFlight, because="no answer finds its way into the next run")
"""At most one record, under 0."""


def call(
    step: Step,
    request: Any,
    *,
    context: int | None = None,
    was_triggered: bool = False,
    replaces: str | None = None,
    keeps: bool = False,
    after: int | None = None,
    is_urgent: bool = False,
) -> None:
    """Send a CALL that needs not survive the connection.

    Args:
        step: the step under way.
        request: the message.
        context: handed to the owner's `replied` and `failed`.
        was_triggered: the central system asked for it.
        replaces: of the CALLs that wait under the same text the newest is dropped in favour of this one, which does not
            overtake the rest.
        keeps: none is dropped.
        after: wait until the transaction message of this number was sent once.
        is_urgent: it has failed if it could not be sent within MessageTimeout, whatever holds it back.
    """
    action = _action(step, request)
    assert action in step.engine.registry.replies, f"nobody takes the answer to {action}"
    earlier = [number for number, other in step[WAITING].items() if other.replaces == replaces] if replaces else []
    if earlier:
        after = max(after or 0, *(step[WAITING][number].after or 0 for number in earlier)) or None
        if not keeps:
            step.remove(WAITING, earlier[-1])
    payload = step.engine.codec.encode(request)
    waiting = Waiting(request, payload, context, was_triggered, replaces, after, step.now if is_urgent else None)
    if not has_room(step, 1):
        _fail(step, waiting, CallFailure(FailureKind.QUEUE_FULL, f"{MAX_WAITING} calls are waiting already"))
        return
    count = step.one(CALL_COUNT)
    step.set(CALL_COUNT, evolve(count, queued=count.queued + 1))
    step.put(WAITING, count.queued, waiting)


def waiting_count(step: Step, replaces: str) -> int:
    """How many CALLs wait under this text."""
    return sum(waiting.replaces == replaces for waiting in step[WAITING].values())


def hasten(step: Step, replaces: str) -> None:
    """What waits under this text waits for its transaction message no longer."""
    for number, waiting in step[WAITING].items():
        if waiting.replaces == replaces:
            step.put(WAITING, number, evolve(waiting, after=None))


def has_room(step: Step, count: int) -> bool:
    """Whether so many more CALLs can wait to be sent."""
    return len(step[WAITING]) + count <= MAX_WAITING


def is_under_way(step: Step, request: type) -> bool:
    """Whether a CALL of this kind outside the outbox waits to be sent or to be answered."""
    flying = step[IN_FLIGHT].get(0)
    return (flying is not None and isinstance(flying.sent.request, request)) or any(
        isinstance(waiting.request, request) for waiting in step[WAITING].values()
    )


def link_up(step: Step) -> None:
    """The connection stands: CALLs may leave."""
    step.set(LINK, evolve(step.one(LINK), is_up=True, is_suspect=False))
    step.set(HEARD, Heard())


def link_down(step: Step) -> None:
    """There is no connection any more: what waited or was in flight has failed, transaction messages excepted."""
    step.set(LINK, evolve(step.one(LINK), is_up=False))
    outbox.note_link_down(step)
    failure = CallFailure(FailureKind.LINK_DOWN, "the connection was lost")
    flying = step[IN_FLIGHT].get(0)
    step.remove(IN_FLIGHT, 0)
    waiting = list(step[WAITING].items())
    for number, _ in waiting:
        step.remove(WAITING, number)
    if flying is not None and flying.outbox_number is None:
        _tell(step, flying.sent, failure)
    for _, record in waiting:
        _fail(step, record, failure)


def fail_held_back(step: Step) -> None:
    """A gate has closed: what waits and may not be sent any more has failed, so that nobody waits for it in vain."""
    failure = CallFailure(FailureKind.HELD_BACK, "nothing may be sent now")
    for number, waiting in step[WAITING].items():
        if not _may_send(step, _action(step, waiting.request), was_triggered=waiting.was_triggered):
            step.remove(WAITING, number)
            _fail(step, waiting, failure)


def take_answer(step: Step, frame: CallResult | CallError) -> None:
    """Match an answer with the CALL in flight."""
    flying = step[IN_FLIGHT].get(0)
    if flying is None or flying.message_id != frame.message_id:
        step.notice(FrameRefused("answer to no CALL of ours, or a late one", frame.message_id[:EXCERPT]))
        return
    if isinstance(frame, CallError):
        text = f"{frame.code}: {frame.description}"
        fail_flying(step, CallFailure(FailureKind.CALL_ERROR, text[:EXCERPT], frame.code))
        return
    action = _action(step, flying.sent.request)
    handler = step.engine.registry.replies[action]
    try:
        confirmation = step.decode(handler.exchange.confirmation, frame.payload, action=action)
    except PayloadInvalid as error:
        fail_flying(step, CallFailure(FailureKind.INVALID_ANSWER, str(error)))
        return
    step.remove(IN_FLIGHT, 0)
    if flying.outbox_number is not None:
        outbox.take_out(step, flying.outbox_number)
    handler.replied(step, flying.sent, confirmation)


def fail_malformed_answer(step: Step, message_id: str, reason: str) -> None:
    """An answer came that cannot be read: the CALL it belongs to has failed."""
    flying = step[IN_FLIGHT].get(0)
    if flying is not None and flying.message_id == message_id:
        fail_flying(step, CallFailure(FailureKind.INVALID_ANSWER, reason))


def expire_call(step: Step) -> None:
    """Give up waiting for an answer after MessageTimeout (a rule)."""
    flying = step[IN_FLIGHT].get(0)
    if flying is not None and step.due(flying.sent_at + step.key(MESSAGE_TIMEOUT)):
        heard_at = step.one(HEARD).at
        if heard_at is None or heard_at < flying.sent_at:
            step.set(LINK, evolve(step.one(LINK), is_suspect=True))
        fail_flying(step, CallFailure(FailureKind.TIMED_OUT, f"no answer within {step.key(MESSAGE_TIMEOUT)} s"))


def expire_waiting(step: Step) -> None:
    """Give up an urgent CALL that could not be sent in time (a rule)."""
    timeout_s = step.key(MESSAGE_TIMEOUT)
    for number, waiting in step[WAITING].items():
        if waiting.urgent_since is not None and step.due(waiting.urgent_since + timeout_s):
            step.remove(WAITING, number)
            _fail(step, waiting, CallFailure(FailureKind.TIMED_OUT, f"could not be sent within {timeout_s} s"))


def fail_flying(step: Step, failure: CallFailure) -> None:
    """The CALL in flight gets no usable answer."""
    flying = step[IN_FLIGHT][0]
    step.remove(IN_FLIGHT, 0)
    if flying.outbox_number is None:
        _tell(step, flying.sent, failure)
        return
    step.notice(CallFailed(_action(step, flying.sent.request), failure.text))
    if failure.kind is FailureKind.TIMED_OUT and step.one(HEARD).at is None:
        # A line on which nobody was ever heard says nothing about the message: perhaps a proxy without a server.
        outbox.postpone(step)
    else:
        outbox.fail_once(step, flying.outbox_number, flying.sent, failure)


def _fail(step: Step, waiting: Waiting, failure: CallFailure) -> None:
    """A CALL that never left has failed."""
    _tell(step, Sent(waiting.request, waiting.context, waiting.was_triggered), failure)


def _tell(step: Step, sent: Sent[Any], failure: CallFailure) -> None:
    """Tell the owner of a CALL that it failed."""
    action = _action(step, sent.request)
    step.notice(CallFailed(action, failure.text))
    handler = step.engine.registry.replies[action]
    if handler.failed is not None:
        handler.failed(step, sent, failure)


def _action(step: Step, request: Any) -> str:
    """The action of a message of ours."""
    return step.engine.registry.by_request[type(request)].action


def send_next_call(step: Step) -> None:
    """Send the next CALL as soon as none is in flight: what waits first, then the head of the outbox."""
    if not step.one(LINK).is_up or 0 in step[IN_FLIGHT]:
        return
    for number, waiting in step[WAITING].items():
        if waiting.after is not None and not outbox.was_sent(step, waiting.after):
            continue
        if _may_send(step, _action(step, waiting.request), was_triggered=waiting.was_triggered):
            step.remove(WAITING, number)
            sent = Sent(waiting.request, waiting.context, waiting.was_triggered)
            _send(step, sent, waiting.payload, None)
            return
    _send_head(step)


def _send_head(step: Step) -> None:
    """Send the oldest transaction message, if it may be sent now."""
    found = outbox.head(step)
    if found is None:
        return
    number, queued = found
    if not _may_send(step, queued.action, was_triggered=False) or not outbox.is_sendable(step, queued):
        return
    handler = step.engine.registry.replies[queued.action]
    request = step.engine.codec.decode(handler.exchange.request, load(queued.payload))
    payload = queued.payload
    if handler.complete is not None:
        request = handler.complete(step, request, queued.context)
        payload = step.engine.codec.encode(request)
    outbox.note_sent(step, number)
    _send(step, Sent(request, queued.context), payload, number)


def _send(step: Step, sent: Sent[Any], payload: str, outbox_number: int | None) -> None:
    """Put a CALL on the wire."""
    count = step.one(CALL_COUNT)
    step.set(CALL_COUNT, evolve(count, sent=count.sent + 1))
    message_id = f"{step.one(RUN).number}-{count.sent + 1}"
    step.put(IN_FLIGHT, 0, InFlight(message_id, sent, step.now, outbox_number))
    text = render_call(message_id, _action(step, sent.request), payload)
    step.transport(SendText(step.one(LINK).number, text))


def _may_send(step: Step, action: str, *, was_triggered: bool) -> bool:
    """Whether every gate lets a CALL of ours out."""
    return all(gate.may_send(step, action, was_triggered=was_triggered) for gate in step.engine.registry.gates)
