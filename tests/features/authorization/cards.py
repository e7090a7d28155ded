"""How dialogues let a station learn about cards."""

from __future__ import annotations

import json
from datetime import timedelta

from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import AuthorizationStatus, IdTagInfo


def info(
    play: Playbook,
    status: AuthorizationStatus = AuthorizationStatus.ACCEPTED,
    parent: str | None = None,
    *,
    expires_in_s: float | None = None,
) -> IdTagInfo:
    """What a central system says of a card."""
    expiry = None if expires_in_s is None else play.utc + timedelta(seconds=expires_in_s)
    return IdTagInfo(status=status, parent_id_tag=parent, expiry_date=expiry)


def learn(play: Playbook, said: IdTagInfo, id_tag: str = "TAG") -> None:
    """Let an idle station hear of a card: it is presented, and taken back if it was accepted."""
    play.central_system.cards[id_tag] = said
    play.present_card(id_tag)
    if said.status is AuthorizationStatus.ACCEPTED:
        play.present_card(id_tag)
    play.skip()


def cached(play: Playbook) -> dict[str, str]:
    """What is on disk of the cache: statuses by idTag."""
    entries = [json.loads(write.text or "")[1] for write in play.disk if write.table == "authorization.cache"]
    return {entry["id_tag"]: entry["status"] for entry in entries}
