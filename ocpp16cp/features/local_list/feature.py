"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature
from ocpp16cp.station import FeatureProfile

from .keys import KEYS
from .messages import EXCHANGES

FEATURE = Feature(
    name="local_list",
    profile=FeatureProfile.LOCAL_AUTH_LIST_MANAGEMENT,
    exchanges=EXCHANGES,
    keys=KEYS,
)
