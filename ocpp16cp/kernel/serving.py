"""The central system's side: its frames read, its CALLs checked in a fixed order, handled, answered (OCPP-J §4.2)."""

from __future__ import annotations

from typing import Any

from ocpp16cp.errors import CallErrorCode, CallRefused, PayloadInvalid
from ocpp16cp.events import TextReceived
from ocpp16cp.lean import frozen
from ocpp16cp.outcome import FrameRefused, SendText
from ocpp16cp.wire.frames import (
    CALL_ERROR,
    CALL_RESULT,
    UNREADABLE_ID,
    Call,
    Unreadable,
    parse_frame,
    render_error,
    render_result,
)

from .calls import EXCERPT, HEARD, LINK, Heard, fail_malformed_answer, take_answer
from .feature import LATER, Admission, CallHandler
from .step import Step
from .tables import volatile, volatile_single

MAX_UNANSWERED = 16
"""CALLs of the central system whose answers are still to come. It should wait for one before it sends the next."""

COMPLAINT_INTERVAL_S = 1.0
"""At most one answer to unreadable frames in this time: a peer that answers complaints with complaints stays slow."""


@frozen
class Unanswered:
    """A CALL of the central system whose answer is still to come."""

    message_id: str


@frozen
class Complaint:
    """When an unreadable frame was last answered."""

    at: float | None = None


UNANSWERED = volatile("kernel.unanswered", str, Unanswered, because="an answer belongs to its connection")
"""By ticket: central systems use the same ids again on the next connection."""
COMPLAINT = volatile_single("kernel.complaint", Complaint(), because="it only slows down complaints")


def text_received(step: Step, event: TextReceived) -> None:
    """Deal with one text message of the central system."""
    link = step.one(LINK)
    if event.number != link.number or not link.is_up:
        return
    step.set(HEARD, Heard(step.now))
    frame = parse_frame(event.text)
    match frame:
        case Call():
            _serve(step, frame)
        case Unreadable():
            _complain(step, frame, event.text)
        case _:
            take_answer(step, frame)


def forget_unanswered(step: Step) -> None:
    """The connection is gone: nobody waits for these answers any more."""
    for ticket in step[UNANSWERED]:
        step.remove(UNANSWERED, ticket)


def answer(step: Step, ticket: str, confirmation: Any) -> None:
    """Answer a CALL whose handler returned `LATER`, by its `step.answering`.

    Not if its connection is gone, or CALLs have come to be ignored meanwhile.
    """
    unanswered = step[UNANSWERED].get(ticket)
    if unanswered is None:
        return
    step.remove(UNANSWERED, ticket)
    if not _is_ignored(step):
        _send_result(step, unanswered.message_id, step.engine.codec.encode(confirmation))


def _ticket(step: Step, message_id: str) -> str:
    """What a CALL is known by from one step to the next."""
    return f"{step.one(LINK).number}/{message_id}"


def _serve(step: Step, frame: Call) -> None:
    """Check a CALL, hand it to its feature, and answer."""
    if _is_ignored(step):
        step.notice(FrameRefused("no CALL is answered while the registration is rejected", frame.action[:EXCERPT]))
        return
    try:
        handler, request = _check(step, frame)
    except CallRefused as refusal:
        _refuse(step, frame, refusal)
        return
    _handle(step, frame, handler, request)


def _check(step: Step, frame: Call) -> tuple[CallHandler, Any]:
    """The handler and the typed request of a CALL.

    Raises:
        CallRefused: there is none.
    """
    if _ticket(step, frame.message_id) in step[UNANSWERED]:
        raise CallRefused(CallErrorCode.GENERIC_ERROR, "a CALL of this id is still being processed")
    registry = step.engine.registry
    if frame.action not in registry.exchanges:
        raise CallRefused(CallErrorCode.NOT_IMPLEMENTED, f"unknown action {frame.action[:50]!r}")
    handler = registry.calls.get(frame.action)
    if handler is None:
        raise CallRefused(CallErrorCode.NOT_SUPPORTED, f"{frame.action} is not offered by this charge point")
    if len(step[UNANSWERED]) >= MAX_UNANSWERED:
        raise CallRefused(CallErrorCode.GENERIC_ERROR, f"{MAX_UNANSWERED} CALLs are being processed already")
    try:
        return handler, step.decode(handler.exchange.request, frame.payload, action=frame.action)
    except PayloadInvalid as error:
        raise CallRefused(error.code, str(error)) from error


def _handle(step: Step, frame: Call, handler: CallHandler, request: Any) -> None:
    """Run a call handler. One that fails drops all it did; the central system is told, and the station goes on."""
    ticket = step.answering = _ticket(step, frame.message_id)
    try:
        confirmation = handler.handle(step, request)
        payload = None if confirmation is LATER else _encode(step, handler, confirmation)
    except CallRefused as refusal:
        _start_over(step)
        _refuse(step, frame, refusal)
        return
    except Exception as error:  # noqa: BLE001 - a mistake of ours must not end the run of a charger
        _start_over(step)
        step.notice(FrameRefused(f"{frame.action} made its handler fail: {error!r}", frame.action))
        _send_error(step, frame.message_id, CallRefused(CallErrorCode.INTERNAL_ERROR, "internal error"))
        return
    finally:
        step.answering = None
    if payload is None:
        step.put(UNANSWERED, ticket, Unanswered(frame.message_id))
    else:
        _send_result(step, frame.message_id, payload)


def _encode(step: Step, handler: CallHandler, confirmation: Any) -> str:
    """The confirmation as JSON text."""
    expected = handler.exchange.confirmation
    assert isinstance(confirmation, expected), f"{confirmation!r} is no {expected.__name__}"
    return step.engine.codec.encode(confirmation)


def _start_over(step: Step) -> None:
    """Undo what a handler did that failed. That the central system was heard stays true."""
    step.start_over()
    step.set(HEARD, Heard(step.now))


def _refuse(step: Step, frame: Call, refusal: CallRefused) -> None:
    """Answer a CALL with an error, and tell the application."""
    step.notice(FrameRefused(f"{frame.action[:EXCERPT]}: {refusal}", frame.message_id))
    _send_error(step, frame.message_id, refusal)


def _complain(step: Step, frame: Unreadable, text: str) -> None:
    """Report a frame that is no message, and answer it where an answer is due."""
    step.notice(FrameRefused(frame.reason, text[:EXCERPT]))
    if frame.message_id is not None and frame.message_type in (CALL_RESULT, CALL_ERROR):
        fail_malformed_answer(step, frame.message_id, frame.reason)
    if frame.answer is None or _is_ignored(step):
        return
    if frame.answer.message_id == UNREADABLE_ID:
        at = step.one(COMPLAINT).at
        if at is not None and step.now - at < COMPLAINT_INTERVAL_S:
            return
        step.set(COMPLAINT, Complaint(step.now))
    _send_error(step, frame.answer.message_id, CallRefused(frame.answer.code, frame.answer.description))


def _is_ignored(step: Step) -> bool:
    """Whether the central system gets no answer to anything now."""
    return any(gate.admits(step) is Admission.IGNORE for gate in step.engine.registry.gates)


def _send_result(step: Step, message_id: str, payload: str) -> None:
    """Send a CALLRESULT."""
    step.transport(SendText(step.one(LINK).number, render_result(message_id, payload)))


def _send_error(step: Step, message_id: str, refusal: CallRefused) -> None:
    """Send a CALLERROR."""
    text = render_error(message_id, refusal.code, description=refusal.reason)
    step.transport(SendText(step.one(LINK).number, text))
