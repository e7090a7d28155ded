"""Answers trigger messages; what they ask for follows the answer."""

from __future__ import annotations

from collections.abc import Sequence

from ocpp16cp.features.boot.questions import is_answered
from ocpp16cp.kernel.calls import has_room
from ocpp16cp.kernel.feature import Trigger
from ocpp16cp.kernel.step import Step
from ocpp16cp.station import CHARGE_POINT

from .messages import (
    ExtendedMessageTrigger,
    ExtendedTriggerMessage,
    ExtendedTriggerMessageConf,
    MessageTrigger,
    TriggerMessage,
    TriggerMessageConf,
    TriggerMessageStatus,
)

_ACTIONS = {
    ExtendedMessageTrigger.FIRMWARE_STATUS_NOTIFICATION: "SignedFirmwareStatusNotification",
    ExtendedMessageTrigger.SIGN_CHARGE_POINT_CERTIFICATE: "SignCertificate",
}
"""What an ExtendedTriggerMessage asks for where that has another name."""


def trigger_message(step: Step, req: TriggerMessage) -> TriggerMessageConf:
    """Send one of the messages of 1.6 (§5.17)."""
    wanted = req.requested_message
    action = wanted.value if isinstance(wanted, MessageTrigger) else None
    return TriggerMessageConf(status=_trigger(step, action, req.connector_id))


def extended_trigger_message(step: Step, req: ExtendedTriggerMessage) -> ExtendedTriggerMessageConf:
    """Send one of the messages of the security whitepaper."""
    wanted = req.requested_message
    action = _ACTIONS.get(wanted, wanted.value) if isinstance(wanted, ExtendedMessageTrigger) else None
    return ExtendedTriggerMessageConf(status=_trigger(step, action, req.connector_id))


def _trigger(step: Step, action: str | None, connector_id: int | None) -> TriggerMessageStatus:
    """Send a message, if it may be asked for now and there is something to tell."""
    trigger = None if action is None else step.engine.registry.triggers.get(action)
    if trigger is None:
        return TriggerMessageStatus.NOT_IMPLEMENTED
    meant = _meant(step, trigger, connector_id)
    may_be_sent = is_answered(step) and trigger.may_be_asked(step) and has_room(step, len(meant))
    if not meant or not may_be_sent:
        return TriggerMessageStatus.REJECTED
    for each in meant:
        trigger.send(step, each)
    return TriggerMessageStatus.ACCEPTED


def _meant(step: Step, trigger: Trigger, connector_id: int | None) -> Sequence[int]:
    """The connectors to send a message for, each of its own."""
    if trigger.connectors is None:
        return (CHARGE_POINT,)
    known = trigger.connectors(step)
    return [each for each in known if connector_id in (None, each)]
