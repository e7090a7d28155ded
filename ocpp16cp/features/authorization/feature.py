"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature, replied

from . import handlers
from .messages import AUTHORIZE, EXCHANGES
from .state import AUTHORIZATION_COUNT, AUTHORIZATIONS

FEATURE = Feature(
    name="authorization",
    exchanges=EXCHANGES,
    tables=(AUTHORIZATIONS, AUTHORIZATION_COUNT.table),
    replies=(replied(AUTHORIZE, handlers.authorize_answered, failed=handlers.authorize_failed),),
)
