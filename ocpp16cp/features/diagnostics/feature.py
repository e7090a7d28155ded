"""The folder as data."""

from __future__ import annotations

from ocpp16cp.events import AskProgressed
from ocpp16cp.kernel.feature import Feature, Trigger, answers, carried_out, on, replied
from ocpp16cp.outcome import CollectDiagnostics, Upload
from ocpp16cp.station import FeatureProfile

from . import handlers
from .keys import KEYS
from .messages import DIAGNOSTICS_STATUS_NOTIFICATION, EXCHANGES, GET_DIAGNOSTICS
from .state import TABLES

FEATURE = Feature(
    name="diagnostics",
    profile=FeatureProfile.FIRMWARE_MANAGEMENT,
    exchanges=EXCHANGES,
    tables=TABLES,
    keys=KEYS,
    events=(on(AskProgressed, handlers.progressed),),
    calls=(answers(GET_DIAGNOSTICS, handlers.get_diagnostics),),
    replies=(replied(DIAGNOSTICS_STATUS_NOTIFICATION, handlers.REPORTER.answered, failed=handlers.REPORTER.failed),),
    asks=(carried_out(CollectDiagnostics, handlers.collected), carried_out(Upload, handlers.uploaded)),
    rules=(handlers.end_for_restart, handlers.go_on, handlers.promise, handlers.REPORTER.tell_missed),
    triggers=(Trigger("DiagnosticsStatusNotification", handlers.trigger_status),),
)
