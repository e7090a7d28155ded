"""The folder as data."""

from __future__ import annotations

from ocpp16cp.events import CardPresented, PowerFailing, StopPressed
from ocpp16cp.kernel.feature import Feature, answers, carried_out, on, replied
from ocpp16cp.outcome import Lock, Unlock

from . import cards, handlers, resuming, stopping, unlocking, waiting
from .keys import KEYS
from .messages import (
    EXCHANGES,
    REMOTE_START_TRANSACTION,
    REMOTE_STOP_TRANSACTION,
    START_TRANSACTION,
    STOP_TRANSACTION,
    UNLOCK_CONNECTOR,
)
from .state import TABLES

FEATURE = Feature(
    name="transactions",
    exchanges=EXCHANGES,
    tables=TABLES,
    keys=KEYS,
    events=(
        on(CardPresented, cards.card_presented),
        on(StopPressed, handlers.stop_pressed),
        on(PowerFailing, handlers.power_failing),
    ),
    calls=(
        answers(REMOTE_START_TRANSACTION, cards.remote_start),
        answers(REMOTE_STOP_TRANSACTION, handlers.remote_stop),
        answers(UNLOCK_CONNECTOR, unlocking.unlock_connector),
    ),
    replies=(
        replied(START_TRANSACTION, handlers.start_answered, failed=handlers.start_failed),
        replied(
            STOP_TRANSACTION,
            handlers.stop_answered,
            failed=handlers.stop_failed,
            complete=stopping.complete,
        ),
    ),
    asks=(carried_out(Lock, handlers.lock_answered), carried_out(Unlock, unlocking.unlock_answered)),
    rules=(
        resuming.resume_interrupted,
        stopping.finish_interrupted,
        handlers.stop_on_fault,
        handlers.end_grace,
        stopping.stop_unplugged,
        stopping.finish_transactions,
        stopping.forget_unplugged,
        cards.handle_cards,
        cards.release_deserted_plugs,
        cards.move_attempts,
        cards.drop_overtaken_attempts,
        cards.drop_blocked_attempts,
        handlers.time_out,
        handlers.begin_transactions,
        handlers.deliver_energy,
        unlocking.unlock_on_request,
        waiting.tell_what_is_awaited,
    ),
)
