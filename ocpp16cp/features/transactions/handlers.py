"""How transactions begin and run, and what the central system says about them."""

from __future__ import annotations

from attrs import evolve

from ocpp16cp.events import EMERGENCY_STOP, Failed, PowerFailing, StopPressed
from ocpp16cp.features.authorization.handlers import remember
from ocpp16cp.features.boot.questions import is_accepted
from ocpp16cp.features.connectors.handlers import lock_failed, set_levels
from ocpp16cp.features.connectors.questions import (
    faults_of,
    has_vehicle,
    is_blocked,
    is_out_of_touch,
    is_plugged,
    wants_energy,
)
from ocpp16cp.features.metering.handlers import begin_transaction as begin_metering
from ocpp16cp.features.metering.questions import register_wh
from ocpp16cp.features.metering.state import METERS
from ocpp16cp.features.reservation.handlers import use_up
from ocpp16cp.features.smart_charging.handlers import install_at_start
from ocpp16cp.features.smart_charging.offering import make_offers
from ocpp16cp.features.status.state import STATUSES
from ocpp16cp.kernel import outbox
from ocpp16cp.kernel.asks import ask
from ocpp16cp.kernel.calls import RUN
from ocpp16cp.kernel.feature import AskResult, CallFailure, Sent
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import Lock, TransactionStarted
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, Reason

from .cards import abandon
from .keys import CONNECTION_TIME_OUT, MAX_ENERGY_ON_INVALID_ID, STOP_TRANSACTION_ON_INVALID_ID
from .messages import (
    RemoteStartStopStatus,
    RemoteStopTransaction,
    RemoteStopTransactionConf,
    StartTransaction,
    StartTransactionConf,
    StopTransaction,
    StopTransactionConf,
)
from .questions import is_unused, running, stoppable
from .resuming import resume_lock_answered
from .state import (
    ATTEMPTS,
    CARDS,
    FINISHED,
    TIMED_OUT,
    TRANSACTION_IDS,
    TRANSACTION_NUMBER,
    TRANSACTIONS,
    UNLOCK_REQUESTS,
    Attempt,
    Grace,
    TimedOut,
    Transaction,
    TransactionId,
    TransactionNumber,
)
from .stopping import UNKNOWN_ID, end, unlock


def remote_stop(step: Step, req: RemoteStopTransaction) -> RemoteStopTransactionConf:
    """Stop the running transaction of that id, on the lowest connector if there are several (§5.12)."""
    for connector_id in step[TRANSACTIONS] if is_accepted(step) else ():
        transaction = stoppable(step, connector_id)
        if transaction is not None and transaction.transaction_id == req.transaction_id:
            end(step, connector_id, Reason.REMOTE, transaction.id_tag)
            return RemoteStopTransactionConf(status=RemoteStartStopStatus.ACCEPTED)
    return RemoteStopTransactionConf(status=RemoteStartStopStatus.REJECTED)


def stop_pressed(step: Step, event: StopPressed) -> None:
    """The stop button of a connector was pressed."""
    transaction = stoppable(step, event.connector_id)
    if transaction is not None:
        end(step, event.connector_id, Reason.LOCAL, transaction.id_tag)


def power_failing(step: Step, event: PowerFailing) -> None:
    """End every transaction while there is power to report it (§3.13), unless it is to go on afterwards."""
    if step.station.settings.resumes_transactions:
        return
    for connector_id in step[TRANSACTIONS]:
        if running(step, connector_id) is not None:
            end(step, connector_id, Reason.POWER_LOSS, None)


def stop_on_fault(step: Step) -> None:
    """An emergency stop ends the transactions that it covers, another blocking fault if the operator wants (a rule)."""
    for connector_id in step[TRANSACTIONS]:
        transaction = running(step, connector_id)
        blocking = [fault for fault in faults_of(step, connector_id) if fault.is_blocking]
        if transaction is None or not blocking:
            continue
        if any(fault.vendor_error_code == EMERGENCY_STOP for fault in blocking):
            end(step, connector_id, Reason.EMERGENCY_STOP, None)
        elif step.station.settings.stops_on_fault:
            end(step, connector_id, Reason.OTHER, transaction.id_tag)


def time_out(step: Step) -> None:
    """Drop what has waited for ConnectionTimeOut: a card for its cable, a cable for its card (a rule)."""
    timeout_s = step.key(CONNECTION_TIME_OUT)
    if timeout_s == 0:
        return
    for connector_id, attempt in step[ATTEMPTS].items():
        what = "meter showed anything" if has_vehicle(step, connector_id) else "cable was plugged in"
        is_waiting = not has_vehicle(step, connector_id) or connector_id not in step[METERS]
        if is_waiting and step.due(attempt.since_at + timeout_s):
            abandon(step, connector_id, f"no {what} in time")
    asked_for = {connector_id for card in step[CARDS].values() for connector_id in card.connectors}
    for connector_id in step.station.connector_ids:
        status = step[STATUSES].get(connector_id)
        if status is None or status.status is not ChargePointStatus.PREPARING or connector_id in asked_for:
            continue
        if is_plugged(step, connector_id) and is_unused(step, connector_id) and step.due(status.since_at + timeout_s):
            step.put(TIMED_OUT, connector_id, TimedOut())


def begin_transactions(step: Step) -> None:
    """Begin where a card is accepted, a vehicle is plugged in, the plug is held and the meter is known (a rule)."""
    for connector_id, attempt in step[ATTEMPTS].items():
        if connector_id in step[UNLOCK_REQUESTS] or not has_vehicle(step, connector_id):
            continue
        is_held = attempt.is_locked or step.station.connector(connector_id).fixed_cable
        if not is_held and attempt.lock_ask is None:
            _lock(step, connector_id, attempt)
        elif is_held and connector_id in step[METERS]:
            _begin(step, connector_id, attempt)


def _lock(step: Step, connector_id: int, attempt: Attempt) -> None:
    """Hold the plug before any energy flows."""
    timeout_s = step.station.settings.lock_timeout_s
    lock_ask = ask(step, lambda ask_id: Lock(ask_id, connector_id), timeout_s=timeout_s)
    step.put(ATTEMPTS, connector_id, evolve(attempt, lock_ask=lock_ask))


def lock_answered(step: Step, command: Lock, context: None, result: AskResult) -> None:
    """The plug is held, or cannot be."""
    connector_id = command.connector_id
    if resume_lock_answered(step, command, result):
        return
    attempt = step[ATTEMPTS].get(connector_id)
    if attempt is None or attempt.lock_ask != command.ask_id:
        if not _needs_lock(step, connector_id):
            # Whoever wanted it has gone: nobody else would let go of the plug.
            unlock(step, connector_id)
    elif isinstance(result, Failed):
        abandon(step, connector_id, "the plug could not be locked")
        lock_failed(step, connector_id)
    else:
        step.put(ATTEMPTS, connector_id, evolve(attempt, is_locked=True))


def _needs_lock(step: Step, connector_id: int) -> bool:
    """Whether somebody else than who asked for it wants the plug held, or will say himself when it may go."""
    finished = step[FINISHED].get(connector_id)
    waits_for_card = finished is not None and finished.is_locked
    return waits_for_card or connector_id in step[ATTEMPTS] or connector_id in step[TRANSACTIONS]


def _begin(step: Step, connector_id: int, attempt: Attempt) -> None:
    """A transaction runs from now on."""
    number = step.one(TRANSACTION_NUMBER).last + 1
    step.set(TRANSACTION_NUMBER, TransactionNumber(number))
    step.remove(ATTEMPTS, connector_id)
    meter_start = step[METERS][connector_id].reading.register_wh
    transaction = Transaction(
        number, step.one(RUN).number, attempt.id_tag, attempt.parent_id_tag, step.utc, meter_start
    )
    step.put(TRANSACTIONS, connector_id, transaction)
    begin_metering(step, connector_id, number, transaction.started_at)
    if attempt.charging_profile is not None:
        install_at_start(step, connector_id, attempt.charging_profile)
    request = StartTransaction(
        connector_id=connector_id,
        id_tag=attempt.id_tag,
        meter_start=meter_start,
        timestamp=step.utc,
        reservation_id=use_up(step, connector_id, attempt.id_tag, attempt.parent_id_tag),
    )
    outbox.submit(step, request, context=number)
    step.notice(TransactionStarted(connector_id, attempt.id_tag, meter_start))


def deliver_energy(step: Step) -> None:
    """Tell the hardware of each connector what it may deliver (a rule)."""
    delivering = [each for each in step.station.connector_ids if _may_deliver(step, each)]
    set_levels(step, make_offers(step, delivering))


def _may_deliver(step: Step, connector_id: int) -> bool:
    """Whether energy may flow at a connector, as far as it is offered."""
    transaction = running(step, connector_id)
    return (
        transaction is not None
        and not transaction.is_deauthorized
        and has_vehicle(step, connector_id)
        and not is_blocked(step, connector_id)
        and not (is_out_of_touch(step, connector_id) and wants_energy(step, connector_id))
    )


def start_answered(step: Step, sent: Sent[StartTransaction], conf: StartTransactionConf) -> None:
    """The central system has named a transaction, and says whether it likes the card."""
    number = sent.context
    assert number is not None
    step.put(TRANSACTION_IDS, number, TransactionId(conf.transaction_id))
    info = conf.id_tag_info
    remember(step, sent.request.id_tag, info)
    connector_id = sent.request.connector_id
    transaction = step[TRANSACTIONS].get(connector_id)
    if transaction is None or transaction.number != number:
        return
    parent = info.parent_id_tag or transaction.parent_id_tag
    transaction = evolve(transaction, transaction_id=conf.transaction_id, parent_id_tag=parent)
    step.put(TRANSACTIONS, connector_id, transaction)
    if info.status is AuthorizationStatus.ACCEPTED or stoppable(step, connector_id) is None:
        return
    grace_wh = step.key(MAX_ENERGY_ON_INVALID_ID)
    if grace_wh > 0:
        until_wh = (register_wh(step, connector_id) or transaction.meter_start_wh) + grace_wh
        grace = Grace(until_wh, ends_transaction=step.key(STOP_TRANSACTION_ON_INVALID_ID))
        step.put(TRANSACTIONS, connector_id, evolve(transaction, grace=grace))
    else:
        _deauthorize(step, connector_id, transaction, is_end=step.key(STOP_TRANSACTION_ON_INVALID_ID))


def _deauthorize(step: Step, connector_id: int, transaction: Transaction, *, is_end: bool) -> None:
    """No energy for a card that the central system does not accept; the transaction ends with it, or goes on."""
    if is_end:
        end(step, connector_id, Reason.DE_AUTHORIZED, transaction.id_tag)
    else:
        step.put(TRANSACTIONS, connector_id, evolve(transaction, is_deauthorized=True))


def end_grace(step: Step) -> None:
    """Deauthorize a transaction that has used up what was still granted to it (a rule)."""
    for connector_id, transaction in step[TRANSACTIONS].items():
        grace = transaction.grace
        if grace is None or transaction.is_deauthorized or running(step, connector_id) is None:
            continue
        if (register_wh(step, connector_id) or 0) >= grace.until_wh:
            _deauthorize(step, connector_id, transaction, is_end=grace.ends_transaction)


def start_failed(step: Step, sent: Sent[StartTransaction], failure: CallFailure) -> None:
    """The central system will never name this transaction; it goes on all the same."""
    assert sent.context is not None
    step.put(TRANSACTION_IDS, sent.context, TransactionId(UNKNOWN_ID))


def stop_answered(step: Step, sent: Sent[StopTransaction], conf: StopTransactionConf) -> None:
    """The central system knows of the end: nothing is left of this transaction."""
    if sent.request.id_tag is not None and conf.id_tag_info is not None:
        remember(step, sent.request.id_tag, conf.id_tag_info, keeps_parent=True)
    _forget(step, sent)


def stop_failed(step: Step, sent: Sent[StopTransaction], failure: CallFailure) -> None:
    """It will never know; the transaction is over all the same."""
    _forget(step, sent)


def _forget(step: Step, sent: Sent[StopTransaction]) -> None:
    """No message of this transaction needs its id any more."""
    assert sent.context is not None
    step.remove(TRANSACTION_IDS, sent.context)
