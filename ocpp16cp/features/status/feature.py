"""The folder as data."""

from __future__ import annotations

from ocpp16cp.features.connectors.messages import CHANGE_AVAILABILITY
from ocpp16cp.kernel.feature import Feature, Trigger, answers, replied

from . import availability, handlers
from .keys import KEYS
from .messages import EXCHANGES, STATUS_NOTIFICATION
from .state import LIGHTS, REPORTS, STATUSES

FEATURE = Feature(
    name="status",
    exchanges=EXCHANGES,
    tables=(STATUSES, REPORTS, LIGHTS.table),
    keys=KEYS,
    calls=(answers(CHANGE_AVAILABILITY, availability.change_availability),),
    replies=(replied(STATUS_NOTIFICATION, handlers.status_taken),),
    rules=(
        handlers.set_lights,
        availability.end_service,
        handlers.derive_statuses,
        handlers.forget_unconfirmed,
        handlers.report_statuses,
    ),
    triggers=(Trigger("StatusNotification", handlers.trigger_status, connectors=handlers.told_of),),
)
