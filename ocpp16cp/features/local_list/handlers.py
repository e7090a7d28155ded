"""Takes over what the central system sends of the list: whole, or not at all.

The same handlers answer where the feature profile is switched off: then the list does not count either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ocpp16cp.kernel.step import Step

from .keys import LOCAL_AUTH_LIST_ENABLED, LOCAL_AUTH_LIST_MAX_LENGTH, SEND_LOCAL_LIST_MAX_LENGTH
from .messages import (
    AuthorizationData,
    GetLocalListVersion,
    GetLocalListVersionConf,
    SendLocalList,
    SendLocalListConf,
    UpdateStatus,
    UpdateType,
)
from .state import LIST_UPDATE, LIST_VERSION, LISTED, Listed, ListUpdate, ListVersion

NO_LISTS = -1
"""The version where there are no local lists (§5.10)."""

Change = Listed | None
"""What is to be said about a card from now on; `None`: nothing."""


def get_local_list_version(step: Step, req: GetLocalListVersion) -> GetLocalListVersionConf:
    """Say which version the list has (§5.10)."""
    is_enabled = step.key(LOCAL_AUTH_LIST_ENABLED)
    return GetLocalListVersionConf(list_version=step.one(LIST_VERSION).number if is_enabled else NO_LISTS)


def send_local_list(step: Step, req: SendLocalList) -> SendLocalListConf:
    """Replace or change the list (§5.15)."""
    if not step.key(LOCAL_AUTH_LIST_ENABLED):
        return SendLocalListConf(status=UpdateStatus.NOT_SUPPORTED)
    entries = req.local_authorization_list or ()
    is_full = req.update_type is UpdateType.FULL
    is_clearing = is_full and not entries and req.list_version == 0
    if req.list_version < 1 and not is_clearing:
        return SendLocalListConf(status=UpdateStatus.FAILED)
    if not is_full and req.list_version <= step.one(LIST_VERSION).number:
        return SendLocalListConf(status=UpdateStatus.VERSION_MISMATCH)
    changes = _changes(step, entries, is_full=is_full)
    if changes is None:
        return SendLocalListConf(status=UpdateStatus.FAILED)
    _apply(step, changes, is_full=is_full, version=req.list_version)
    return SendLocalListConf(status=UpdateStatus.ACCEPTED)


def _changes(step: Step, entries: Sequence[AuthorizationData], *, is_full: bool) -> Mapping[str, Change] | None:
    """What an update says, by idTag in lower case; `None`: it breaks a rule."""
    if len(entries) > step.key(SEND_LOCAL_LIST_MAX_LENGTH):
        return None
    changes = {entry.id_tag.lower(): _listed(entry) for entry in entries}
    if len(changes) < len(entries) or (is_full and None in changes.values()):
        return None
    length = len(changes) if is_full else len(step[LISTED]) + sum(_growth(step, *each) for each in changes.items())
    return changes if length <= step.key(LOCAL_AUTH_LIST_MAX_LENGTH) else None


def _listed(entry: AuthorizationData) -> Change:
    """The record of an entry."""
    info = entry.id_tag_info
    return None if info is None else Listed(entry.id_tag, info.status, info.expiry_date, info.parent_id_tag)


def _growth(step: Step, place: str, change: Change) -> int:
    """By how many entries a change makes the list longer."""
    return (change is not None) - (place in step[LISTED])


def _apply(step: Step, changes: Mapping[str, Change], *, is_full: bool, version: int) -> None:
    """Make the list what the update says."""
    gone = [place for place in step[LISTED] if place not in changes] if is_full else []
    for place in gone:
        step.remove(LISTED, place)
    for place, change in changes.items():
        if change is None:
            step.remove(LISTED, place)
        else:
            step.put(LISTED, place, change)
    step.set(LIST_VERSION, ListVersion(version if len(step[LISTED]) else 0))
    step.set(LIST_UPDATE, ListUpdate(step.one(LIST_UPDATE).number + 1, is_full, tuple(changes)))
