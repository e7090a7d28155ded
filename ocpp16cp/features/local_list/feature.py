"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature, answers
from ocpp16cp.station import FeatureProfile

from . import handlers
from .keys import KEYS
from .messages import EXCHANGES, GET_LOCAL_LIST_VERSION, SEND_LOCAL_LIST
from .state import TABLES

FEATURE = Feature(
    name="local_list",
    profile=FeatureProfile.LOCAL_AUTH_LIST_MANAGEMENT,
    exchanges=EXCHANGES,
    tables=TABLES,
    keys=KEYS,
    calls=(
        answers(SEND_LOCAL_LIST, handlers.send_local_list, when_absent=True),
        answers(GET_LOCAL_LIST_VERSION, handlers.get_local_list_version, when_absent=True),
    ),
)
