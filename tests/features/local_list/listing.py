"""How dialogues send a station its list of cards."""

from __future__ import annotations

import json
from datetime import timedelta

from ocpp16cp.features.local_list.messages import (
    AuthorizationData,
    GetLocalListVersion,
    GetLocalListVersionConf,
    SendLocalList,
    SendLocalListConf,
    UpdateStatus,
    UpdateType,
)
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import AuthorizationStatus, IdTagInfo

FULL, DIFFERENTIAL = UpdateType.FULL, UpdateType.DIFFERENTIAL


def entry(
    id_tag: str,
    status: AuthorizationStatus | None = AuthorizationStatus.ACCEPTED,
    parent: str | None = None,
    *,
    play: Playbook | None = None,
    expires_in_s: float = 0.0,
) -> AuthorizationData:
    """An entry of an update; without a status one that deletes. With a dialogue it has an expiry date."""
    if status is None:
        return AuthorizationData(id_tag=id_tag)
    expiry = None if play is None else play.utc + timedelta(seconds=expires_in_s)
    return AuthorizationData(
        id_tag=id_tag, id_tag_info=IdTagInfo(status=status, parent_id_tag=parent, expiry_date=expiry)
    )


def update(
    play: Playbook, version: int, *entries: AuthorizationData | str, kind: UpdateType = UpdateType.FULL
) -> UpdateStatus:
    """Send an update, with cards that are plainly accepted given by their idTags; what the station says to it."""
    whole = tuple(entry(each) if isinstance(each, str) else each for each in entries)
    request = SendLocalList(list_version=version, local_authorization_list=whole, update_type=kind)
    return play.send(request, SendLocalListConf).status


def send_list(play: Playbook, *entries: AuthorizationData | str, version: int = 1) -> None:
    """Replace the list."""
    assert update(play, version, *entries) is UpdateStatus.ACCEPTED


def version_of(play: Playbook) -> int:
    """The version that the station reports."""
    return play.send(GetLocalListVersion(), GetLocalListVersionConf).list_version


def stored(play: Playbook) -> dict[str, str]:
    """What is on disk of the list: statuses by idTag."""
    entries = [json.loads(write.text or "")[1] for write in play.disk if write.table == "local_list.entries"]
    return {each["id_tag"]: each["status"] for each in entries}
