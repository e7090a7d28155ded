"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature
from ocpp16cp.station import FeatureProfile

from .messages import EXCHANGES

FEATURE = Feature(
    name="firmware",
    profile=FeatureProfile.FIRMWARE_MANAGEMENT,
    exchanges=EXCHANGES,
)
