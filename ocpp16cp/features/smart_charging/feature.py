"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature, answers
from ocpp16cp.station import FeatureProfile

from . import handlers
from .keys import KEYS
from .messages import CLEAR_CHARGING_PROFILE, EXCHANGES, GET_COMPOSITE_SCHEDULE, SET_CHARGING_PROFILE
from .state import TABLES

FEATURE = Feature(
    name="smart_charging",
    profile=FeatureProfile.SMART_CHARGING,
    exchanges=EXCHANGES,
    tables=TABLES,
    keys=KEYS,
    calls=(
        answers(SET_CHARGING_PROFILE, handlers.set_charging_profile),
        answers(CLEAR_CHARGING_PROFILE, handlers.clear_charging_profile),
        answers(GET_COMPOSITE_SCHEDULE, handlers.get_composite_schedule),
    ),
    rules=(handlers.end_tx_profiles, handlers.drop_unfit_profiles),
)
