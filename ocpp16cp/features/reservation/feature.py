"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature, answers
from ocpp16cp.station import FeatureProfile

from . import handlers
from .keys import KEYS
from .messages import CANCEL_RESERVATION, EXCHANGES, RESERVE_NOW
from .state import TABLES

FEATURE = Feature(
    name="reservation",
    profile=FeatureProfile.RESERVATION,
    exchanges=EXCHANGES,
    tables=TABLES,
    keys=KEYS,
    calls=(
        answers(RESERVE_NOW, handlers.reserve_now, when_absent=True),
        answers(CANCEL_RESERVATION, handlers.cancel_reservation, when_absent=True),
    ),
    rules=(handlers.expire_reservations, handlers.end_void_reservations, handlers.keep_connectors),
)
