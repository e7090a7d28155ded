"""What is known of a card here, and what follows from it."""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from ocpp16cp.kernel.step import Step
from ocpp16cp.wire.types import AuthorizationStatus

from .keys import (
    ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID,
    AUTHORIZATION_CACHE_ENABLED,
    LOCAL_AUTHORIZE_OFFLINE,
    LOCAL_PRE_AUTHORIZE,
)
from .state import CACHE


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

    @property
    def is_valid(self) -> bool:
        """Whether the card may charge by this knowledge."""
        return self.status is AuthorizationStatus.ACCEPTED


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
    """What the cache knows of a card; `None`: nothing, or it is switched off."""
    if not step.key(AUTHORIZATION_CACHE_ENABLED):
        return None
    entry = step[CACHE].get(id_tag.lower())
    if entry is None:
        return None
    is_over = entry.expiry_date is not None and step.due(entry.expiry_date)
    is_expired = is_over and entry.status is AuthorizationStatus.ACCEPTED
    return Known(AuthorizationStatus.EXPIRED if is_expired else entry.status, entry.parent_id_tag)
