"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature, answers

from . import handlers
from .keys import KEYS
from .messages import CHANGE_CONFIGURATION, EXCHANGES, GET_CONFIGURATION

FEATURE = Feature(
    name="configuration",
    exchanges=EXCHANGES,
    keys=KEYS,
    calls=(
        answers(GET_CONFIGURATION, handlers.get_configuration),
        answers(CHANGE_CONFIGURATION, handlers.change_configuration),
    ),
)
