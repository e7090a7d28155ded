"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature, Trigger, replied
from ocpp16cp.station import FeatureProfile

from . import handlers
from .messages import EXCHANGES, FIRMWARE_STATUS_NOTIFICATION

FEATURE = Feature(
    name="firmware",
    profile=FeatureProfile.FIRMWARE_MANAGEMENT,
    exchanges=EXCHANGES,
    replies=(replied(FIRMWARE_STATUS_NOTIFICATION, handlers.status_taken),),
    triggers=(Trigger("FirmwareStatusNotification", handlers.trigger_status),),
)
