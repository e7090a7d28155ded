"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature, Trigger, answers, carried_out, replied
from ocpp16cp.outcome import Download, Install
from ocpp16cp.station import FeatureProfile

from . import handlers
from .messages import EXCHANGES, FIRMWARE_STATUS_NOTIFICATION, UPDATE_FIRMWARE
from .state import TABLES

FEATURE = Feature(
    name="firmware",
    profile=FeatureProfile.FIRMWARE_MANAGEMENT,
    exchanges=EXCHANGES,
    tables=TABLES,
    calls=(answers(UPDATE_FIRMWARE, handlers.update_firmware),),
    replies=(replied(FIRMWARE_STATUS_NOTIFICATION, handlers.REPORTER.answered, failed=handlers.REPORTER.failed),),
    asks=(carried_out(Download, handlers.downloaded), carried_out(Install, handlers.installed)),
    rules=(handlers.go_on, handlers.REPORTER.tell_missed),
    triggers=(Trigger("FirmwareStatusNotification", handlers.trigger_status),),
)
