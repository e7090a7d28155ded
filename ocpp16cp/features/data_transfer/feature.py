"""The folder as data."""

from __future__ import annotations

from ocpp16cp.events import DataAnswered, TransferRequested
from ocpp16cp.kernel.feature import Feature, answers, on, replied

from . import handlers
from .messages import DATA_TRANSFER, EXCHANGES
from .state import PENDING, TICKET_COUNT

FEATURE = Feature(
    name="data_transfer",
    exchanges=EXCHANGES,
    tables=(PENDING, TICKET_COUNT.table),
    calls=(answers(DATA_TRANSFER, handlers.data_transfer),),
    replies=(replied(DATA_TRANSFER, handlers.transfer_answered, failed=handlers.transfer_failed),),
    events=(
        on(DataAnswered, handlers.data_answered),
        on(TransferRequested, handlers.transfer_requested),
    ),
    rules=(handlers.expire_pending,),
)
