"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature, answers, replied

from . import handlers
from .keys import KEYS
from .messages import AUTHORIZE, CLEAR_CACHE, EXCHANGES
from .state import TABLES

FEATURE = Feature(
    name="authorization",
    exchanges=EXCHANGES,
    tables=TABLES,
    keys=KEYS,
    calls=(answers(CLEAR_CACHE, handlers.clear_cache),),
    replies=(replied(AUTHORIZE, handlers.authorize_answered, failed=handlers.authorize_failed),),
    rules=(handlers.follow_list,),
)
