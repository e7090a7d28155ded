"""Questions about cards, their verdicts, and what is remembered of cards."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from ocpp16cp.kernel.tables import durable, volatile, volatile_single
from ocpp16cp.lean import frozen
from ocpp16cp.wire.types import AuthorizationStatus


class Verdict(Enum):
    """How a question stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@frozen
class Authorization:
    """One question."""

    id_tag: str
    needs_parent: bool = False
    """Only the parent of the card decides what it may do: a local entry without one is no answer."""
    verdict: Verdict = Verdict.PENDING
    parent_id_tag: str | None = None
    status: AuthorizationStatus | None = None
    """What the verdict rests on; `None`: on nothing that is known of the card."""
    was_offline: bool = False
    """The central system could not be asked, or gave no usable answer."""


@frozen
class AuthorizationCount:
    """How many questions there were in this run."""

    last: int = 0


@frozen
class Cached:
    """What the central system last said about a card."""

    id_tag: str
    status: AuthorizationStatus
    expiry_date: datetime | None
    parent_id_tag: str | None
    order: int
    """Higher than that of every entry heard of before."""


@frozen
class Conflict:
    """The central system says of a card in the list whether it may charge, and the list says otherwise."""

    id_tag: str
    order: int
    """Higher than that of every conflict found before."""


@frozen
class ListUpdateSeen:
    """The last update of the list that something followed from."""

    number: int = 0


_WAITS = "who waits at the reader presents the card again after a power cut"

AUTHORIZATIONS = volatile("authorization.authorizations", int, Authorization, because=_WAITS)
AUTHORIZATION_COUNT = volatile_single("authorization.count", AuthorizationCount(), because=_WAITS)
CACHE = durable("authorization.cache", str, Cached)
"""By idTag in lower case."""
CONFLICTS = volatile("authorization.conflicts", str, Conflict, because="the next answer that contradicts says so again")
"""By idTag in lower case."""
LIST_UPDATE_SEEN = volatile_single(
    "authorization.list_update_seen", ListUpdateSeen(), because="updates are counted anew in every run"
)

TABLES = (AUTHORIZATIONS, AUTHORIZATION_COUNT.table, CACHE, CONFLICTS, LIST_UPDATE_SEEN.table)
