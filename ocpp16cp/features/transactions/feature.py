"""The folder as data."""

from __future__ import annotations

from ocpp16cp.events import CardPresented, StopPressed
from ocpp16cp.kernel.feature import Feature, answers, carried_out, on, replied
from ocpp16cp.outcome import Lock, Unlock

from . import cards, handlers, stopping
from .keys import KEYS
from .messages import (
    EXCHANGES,
    REMOTE_START_TRANSACTION,
    REMOTE_STOP_TRANSACTION,
    START_TRANSACTION,
    STOP_TRANSACTION,
)
from .state import TABLES

FEATURE = Feature(
    name="transactions",
    exchanges=EXCHANGES,
    tables=TABLES,
    keys=KEYS,
    events=(on(CardPresented, cards.card_presented), on(StopPressed, handlers.stop_pressed)),
    calls=(
        answers(REMOTE_START_TRANSACTION, cards.remote_start),
        answers(REMOTE_STOP_TRANSACTION, handlers.remote_stop),
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
    asks=(carried_out(Lock, handlers.lock_answered), carried_out(Unlock, handlers.unlock_answered)),
    rules=(
        stopping.finish_interrupted,
        stopping.stop_unplugged,
        stopping.finish_transactions,
        stopping.forget_unplugged,
        cards.handle_cards,
        cards.move_attempts,
        cards.drop_blocked_attempts,
        handlers.time_out,
        handlers.begin_transactions,
        handlers.deliver_energy,
    ),
)
