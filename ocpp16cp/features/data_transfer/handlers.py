"""Answers the DataTransfers that the application understands, and sends those that it wants to send."""

from __future__ import annotations

from ocpp16cp.events import DataAnswered, TransferRequested
from ocpp16cp.features.boot.questions import is_online
from ocpp16cp.kernel import calls, serving
from ocpp16cp.kernel.calls import EXCERPT, LINK, WAITING
from ocpp16cp.kernel.feature import LATER, CallFailure, Later, Sent
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import DataReceived, FrameRefused, TransferEnded
from ocpp16cp.vendor_messages import DataAnswer, DataRequest, VendorMessage, check_answer, read_data
from ocpp16cp.wire.types import DataTransferStatus

from .messages import DataTransfer, DataTransferConf
from .state import PENDING, TICKET_COUNT, Pending, TicketCount

MAX_PENDING = 8
"""DataTransfers that wait for the application: half of the CALLs that may be answered later; others find room."""

MAX_TRANSFERS = 16
"""DataTransfers of ours that wait to be sent: a fraction of the CALLs that may wait, so that others find room."""


def data_transfer(step: Step, req: DataTransfer) -> DataTransferConf | Later:
    """Answer a DataTransfer, or let the application do it (§5.6)."""
    of_vendor = [each for each in step.station.vendor_messages if each.vendor_id.lower() == req.vendor_id.lower()]
    if not of_vendor:
        return DataTransferConf(status=DataTransferStatus.UNKNOWN_VENDOR_ID)
    declared = _declared(of_vendor, req)
    if declared is None:
        return DataTransferConf(status=DataTransferStatus.UNKNOWN_MESSAGE_ID)
    value, broken = (None, None) if declared.schema is None else read_data(declared.schema, req.data)
    if broken is not None:
        return _confirmation(_reject(step, _name(req), broken))
    request = DataRequest(vendor_id=req.vendor_id, message_id=req.message_id, data=req.data, value=value)
    if declared.answer is not None:
        answer = declared.answer(request)
        check_answer(answer)
        return _confirmation(answer)
    if len(step[PENDING]) >= MAX_PENDING:
        return _confirmation(_reject(step, _name(req), f"{MAX_PENDING} others wait for the application"))
    _ask_application(step, request, declared.answer_within_s)
    return LATER


def _declared(of_vendor: list[VendorMessage], req: DataTransfer) -> VendorMessage | None:
    """The declaration of a message: the one that names it, else the one for all others of its vendor."""
    by_id = {message_id: each for each in of_vendor for _, message_id in (each.place,)}
    named = None if req.message_id is None else by_id.get(req.message_id.lower())
    return named or by_id.get(None)


def _name(req: DataTransfer) -> str:
    """What is said of a message, to people."""
    return f"DataTransfer {req.vendor_id}{'' if req.message_id is None else f' {req.message_id}'}"


def _reject(step: Step, name: str, why: str) -> DataAnswer:
    """Say why nothing becomes of a message, to both sides."""
    step.notice(FrameRefused(f"{name}: {why}"[:EXCERPT], ""))
    return DataAnswer(DataTransferStatus.REJECTED, why)


def _ask_application(step: Step, request: DataRequest, within_s: float) -> None:
    """Let the application answer."""
    assert step.answering is not None
    ticket = step.one(TICKET_COUNT).last + 1
    step.set(TICKET_COUNT, TicketCount(ticket))
    name = _name(DataTransfer(vendor_id=request.vendor_id, message_id=request.message_id))
    step.put(PENDING, ticket, Pending(step.answering, step.one(LINK).number, name, step.now + within_s))
    step.notice(DataReceived(ticket, request, within_s))


def data_answered(step: Step, event: DataAnswered) -> None:
    """The application has answered."""
    pending = step[PENDING].get(event.ticket)
    if pending is not None:
        step.remove(PENDING, event.ticket)
        serving.answer(step, pending.answering, _confirmation(event.answer))


def expire_pending(step: Step) -> None:
    """Answer for an application that has nothing to say in time; forget what cannot be answered any more (a rule)."""
    if not len(step[PENDING]):
        return
    link = step.one(LINK)
    for ticket, pending in step[PENDING].items():
        if pending.link != link.number or not link.is_up:
            step.remove(PENDING, ticket)
        elif step.due(pending.deadline_at):
            step.remove(PENDING, ticket)
            answer = _reject(step, pending.name, "the application did not answer in time")
            serving.answer(step, pending.answering, _confirmation(answer))


def _confirmation(answer: DataAnswer) -> DataTransferConf:
    return DataTransferConf(status=answer.status, data=answer.data)


def transfer_requested(step: Step, event: TransferRequested) -> None:
    """Send a DataTransfer, if it can be sent now: it is not kept for later (§4.3)."""
    waiting = [each for each in step[WAITING].values() if isinstance(each.request, DataTransfer)]
    if not is_online(step):
        step.notice(TransferEnded(event.reference, None, failure="the central system cannot be asked now"))
    elif len(waiting) >= MAX_TRANSFERS:
        step.notice(TransferEnded(event.reference, None, failure=f"{MAX_TRANSFERS} others wait to be sent"))
    else:
        request = DataTransfer(vendor_id=event.vendor_id, message_id=event.message_id, data=event.data)
        calls.call(step, request, context=event.reference)


def transfer_answered(step: Step, sent: Sent[DataTransfer], conf: DataTransferConf) -> None:
    """Tell the application what the central system says."""
    assert sent.context is not None
    step.notice(TransferEnded(sent.context, conf.status, conf.data))


def transfer_failed(step: Step, sent: Sent[DataTransfer], failure: CallFailure) -> None:
    """Tell the application that it says nothing."""
    assert sent.context is not None
    step.notice(TransferEnded(sent.context, None, failure=failure.text))
