"""SendLocalList (§5.15) and GetLocalListVersion (§5.10)."""

from __future__ import annotations

from enum import StrEnum

from ocpp16cp.lean import frozen
from ocpp16cp.wire.exchange import Exchange, Sender
from ocpp16cp.wire.types import IdTagInfo, IdToken


@frozen(kw_only=True)
class AuthorizationData:
    """An entry of an update of the local authorization list (§7.1)."""

    id_tag: IdToken
    id_tag_info: IdTagInfo | None = None
    """Absent in a differential update: the entry is deleted."""


class UpdateType(StrEnum):
    """Whether an update replaces the list or changes it (§7.48)."""

    DIFFERENTIAL = "Differential"
    FULL = "Full"


@frozen(kw_only=True)
class SendLocalList:
    """Replaces or changes the local authorization list (§6.41)."""

    list_version: int
    """Of the list after the update."""
    local_authorization_list: tuple[AuthorizationData, ...] | None = None
    update_type: UpdateType


class UpdateStatus(StrEnum):
    """What became of an update of the list (§7.47)."""

    ACCEPTED = "Accepted"
    FAILED = "Failed"
    NOT_SUPPORTED = "NotSupported"
    VERSION_MISMATCH = "VersionMismatch"


@frozen(kw_only=True)
class SendLocalListConf:
    """What became of the update (§6.42)."""

    status: UpdateStatus


@frozen(kw_only=True)
class GetLocalListVersion:
    """Asks for the version of the local authorization list (§6.27)."""


@frozen(kw_only=True)
class GetLocalListVersionConf:
    """The version of the local authorization list (§6.28)."""

    list_version: int
    """0 if the list is empty, -1 if there are no local lists."""


SEND_LOCAL_LIST = Exchange("SendLocalList", Sender.CENTRAL_SYSTEM, SendLocalList, SendLocalListConf)
GET_LOCAL_LIST_VERSION = Exchange(
    "GetLocalListVersion", Sender.CENTRAL_SYSTEM, GetLocalListVersion, GetLocalListVersionConf
)
EXCHANGES = (SEND_LOCAL_LIST, GET_LOCAL_LIST_VERSION)
