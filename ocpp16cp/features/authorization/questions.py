"""What is known of a card here, and what follows from it."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from ocpp16cp.features.local_list.keys import LOCAL_AUTH_LIST_ENABLED
from ocpp16cp.features.local_list.questions import listed
from ocpp16cp.kernel.step import Step
from ocpp16cp.lean import frozen
from ocpp16cp.wire.types import AuthorizationStatus

from .keys import (
    ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID,
    AUTHORIZATION_CACHE_ENABLED,
    LOCAL_AUTHORIZE_OFFLINE,
    LOCAL_PRE_AUTHORIZE,
)
from .state import CACHE, CONFLICTS, Conflict


def same_tag(one: str, other: str) -> bool:
    """Whether two idTags are one: they compare without regard to letter case (errata 3.73)."""
    return one.lower() == other.lower()


def same_group(parent: str | None, other: str | None) -> bool:
    """Whether two idTags belong together: both have a parent, and it is the same (§3.5)."""
    return parent is not None and other is not None and same_tag(parent, other)


class Decision(Enum):
    """What to do about a card."""

    ASK = "ask"
    ACCEPT = "accept"
    REFUSE = "refuse"


@frozen
class Known:
    """What is known of a card here."""

    status: AuthorizationStatus
    """Expired, whatever was said, once the expiry date has passed."""
    parent_id_tag: str | None
    is_listed: bool = False
    """It stands in the local authorization list; else in the cache."""

    @property
    def is_valid(self) -> bool:
        """Whether the card may charge by this knowledge. A list cannot know of concurrent transactions (§3.5.2)."""
        is_concurrent = self.status is AuthorizationStatus.CONCURRENT_TX
        return self.status is AuthorizationStatus.ACCEPTED or (self.is_listed and is_concurrent)


@frozen(kw_only=True)
class Circumstances:
    """Everything else that a decision depends on."""

    is_online: bool
    local_pre_authorize: bool
    local_authorize_offline: bool
    allow_offline_tx_for_unknown_id: bool


def decide(known: Known | None, circumstances: Circumstances) -> Decision:
    """The table of authorization (§3.5): a function of what is known and of four switches."""
    is_valid = known is not None and known.is_valid
    if circumstances.is_online:
        return Decision.ACCEPT if is_valid and circumstances.local_pre_authorize else Decision.ASK
    if known is None:
        may_start = circumstances.allow_offline_tx_for_unknown_id
    else:
        # A card known as valid may at least do what an unknown one may.
        may_start = is_valid and (
            circumstances.local_authorize_offline or circumstances.allow_offline_tx_for_unknown_id
        )
    return Decision.ACCEPT if may_start else Decision.REFUSE


def circumstances(step: Step, *, is_online: bool) -> Circumstances:
    """The switches as they are set now."""
    return Circumstances(
        is_online=is_online,
        local_pre_authorize=step.key(LOCAL_PRE_AUTHORIZE),
        local_authorize_offline=step.key(LOCAL_AUTHORIZE_OFFLINE),
        allow_offline_tx_for_unknown_id=step.key(ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID),
    )


def known_of(step: Step, id_tag: str) -> Known | None:
    """What is known of a card: by the list, else by the cache; `None`: nothing, or both are switched off."""
    entry = listed(step, id_tag)
    if entry is not None:
        return Known(_present_status(step, entry.status, entry.expiry_date), entry.parent_id_tag, is_listed=True)
    return cached(step, id_tag)


def parent_of(step: Step, id_tag: str) -> str | None:
    """The group of a card as far as it is known here by an entry that counts."""
    known = known_of(step, id_tag)
    return known.parent_id_tag if known is not None and known.is_valid else None


def cached(step: Step, id_tag: str) -> Known | None:
    """What the cache knows of a card; `None`: nothing, or it is switched off."""
    if not step.key(AUTHORIZATION_CACHE_ENABLED):
        return None
    entry = step[CACHE].get(id_tag.lower())
    if entry is None:
        return None
    return Known(_present_status(step, entry.status, entry.expiry_date), entry.parent_id_tag)


def _present_status(step: Step, status: AuthorizationStatus, expiry_date: datetime | None) -> AuthorizationStatus:
    """The status of an entry now: once its date has passed, one that was valid has expired."""
    may_expire = status in (AuthorizationStatus.ACCEPTED, AuthorizationStatus.CONCURRENT_TX)
    is_over = may_expire and expiry_date is not None and step.due(expiry_date)
    return AuthorizationStatus.EXPIRED if is_over else status


def conflict(step: Step) -> Conflict | None:
    """The newest contradiction between the list and the central system's answers, while the list counts."""
    conflicts = step[CONFLICTS].values() if step.key(LOCAL_AUTH_LIST_ENABLED) else ()
    return max(conflicts, key=lambda each: each.order, default=None)
