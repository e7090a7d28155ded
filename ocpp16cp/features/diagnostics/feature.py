"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature, Trigger, replied
from ocpp16cp.station import FeatureProfile

from . import handlers
from .keys import KEYS
from .messages import DIAGNOSTICS_STATUS_NOTIFICATION, EXCHANGES

FEATURE = Feature(
    name="diagnostics",
    profile=FeatureProfile.FIRMWARE_MANAGEMENT,
    exchanges=EXCHANGES,
    keys=KEYS,
    replies=(replied(DIAGNOSTICS_STATUS_NOTIFICATION, handlers.status_taken),),
    triggers=(Trigger("DiagnosticsStatusNotification", handlers.trigger_status),),
)
