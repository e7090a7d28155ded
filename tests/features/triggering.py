"""How the central system asks for messages."""

from __future__ import annotations

from ocpp16cp.features.remote_trigger.messages import (
    MessageTrigger,
    TriggerMessage,
    TriggerMessageConf,
    TriggerMessageStatus,
)
from ocpp16cp.testing import Playbook


def asked(play: Playbook, name: str, connector_id: int | None = None) -> TriggerMessageStatus:
    """What the station says to a TriggerMessage."""
    request = TriggerMessage(requested_message=MessageTrigger(name), connector_id=connector_id)
    return play.send(request, TriggerMessageConf).status


def trigger(play: Playbook, name: str, connector_id: int | None = None) -> None:
    """Ask for a message, of one connector or of all that make sense; the station agrees."""
    assert asked(play, name, connector_id) is TriggerMessageStatus.ACCEPTED
