"""Authorize (§4.1) and ClearCache (§5.4)."""

from __future__ import annotations

from enum import StrEnum

from ocpp16cp.lean import frozen
from ocpp16cp.wire.exchange import Exchange, Sender
from ocpp16cp.wire.types import IdTagInfo, IdToken


@frozen(kw_only=True)
class Authorize:
    """Asks whether an idTag may charge (§6.1)."""

    id_tag: IdToken


@frozen(kw_only=True)
class AuthorizeConf:
    """What the central system knows about the idTag (§6.2)."""

    id_tag_info: IdTagInfo


@frozen(kw_only=True)
class ClearCache:
    """Asks to forget the authorization cache (§6.11)."""


class ClearCacheStatus(StrEnum):
    """Whether the cache was cleared (§7.20)."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"


@frozen(kw_only=True)
class ClearCacheConf:
    """Whether the cache was cleared (§6.12)."""

    status: ClearCacheStatus


AUTHORIZE = Exchange("Authorize", Sender.CHARGE_POINT, Authorize, AuthorizeConf)
CLEAR_CACHE = Exchange("ClearCache", Sender.CENTRAL_SYSTEM, ClearCache, ClearCacheConf)
EXCHANGES = (AUTHORIZE, CLEAR_CACHE)
