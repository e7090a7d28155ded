"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature, answers, replied

from . import handlers
from .keys import KEYS
from .messages import AUTHORIZE, CLEAR_CACHE, EXCHANGES
from .state import AUTHORIZATION_COUNT, AUTHORIZATIONS, CACHE

FEATURE = Feature(
    name="authorization",
    exchanges=EXCHANGES,
    tables=(CACHE, AUTHORIZATIONS, AUTHORIZATION_COUNT.table),
    keys=KEYS,
    calls=(answers(CLEAR_CACHE, handlers.clear_cache),),
    replies=(replied(AUTHORIZE, handlers.authorize_answered, failed=handlers.authorize_failed),),
)
