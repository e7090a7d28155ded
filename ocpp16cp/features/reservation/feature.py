"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature
from ocpp16cp.station import FeatureProfile

from .keys import KEYS
from .messages import EXCHANGES

FEATURE = Feature(
    name="reservation",
    profile=FeatureProfile.RESERVATION,
    exchanges=EXCHANGES,
    keys=KEYS,
)
