"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature, answers
from ocpp16cp.station import FeatureProfile

from . import handlers
from .messages import EXCHANGES, EXTENDED_TRIGGER_MESSAGE, TRIGGER_MESSAGE

FEATURE = Feature(
    name="remote_trigger",
    profile=FeatureProfile.REMOTE_TRIGGER,
    exchanges=EXCHANGES,
    calls=(
        answers(TRIGGER_MESSAGE, handlers.trigger_message),
        answers(EXTENDED_TRIGGER_MESSAGE, handlers.extended_trigger_message),
    ),
)
