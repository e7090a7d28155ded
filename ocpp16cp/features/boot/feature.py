"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature, Gate, Trigger, replied

from . import handlers, questions
from .keys import KEYS
from .messages import BOOT_NOTIFICATION, EXCHANGES, HEARTBEAT
from .state import ACQUAINTANCE, BEAT, REGISTRATION

FEATURE = Feature(
    name="boot",
    exchanges=EXCHANGES,
    tables=(REGISTRATION.table, BEAT.table, ACQUAINTANCE.table),
    keys=KEYS,
    replies=(
        replied(BOOT_NOTIFICATION, handlers.boot_answered, failed=handlers.boot_failed),
        replied(HEARTBEAT, handlers.heartbeat_answered),
    ),
    rules=(handlers.register, handlers.send_heartbeats),
    gate=Gate(handlers.may_send, handlers.admits),
    triggers=(
        Trigger(
            "BootNotification",
            handlers.trigger_boot_notification,
            may_be_asked=questions.may_boot_notification_be_asked,
        ),
        Trigger("Heartbeat", handlers.trigger_heartbeat),
    ),
)
