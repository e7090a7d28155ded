"""The list, and what an update brought."""

from __future__ import annotations

from datetime import datetime

from ocpp16cp.kernel.tables import durable, durable_single, volatile_single
from ocpp16cp.lean import frozen
from ocpp16cp.wire.types import AuthorizationStatus


@frozen
class Listed:
    """What the list says about a card."""

    id_tag: str
    status: AuthorizationStatus
    expiry_date: datetime | None
    parent_id_tag: str | None


@frozen
class ListVersion:
    """The version of the list; 0 if there are no entries."""

    number: int = 0


@frozen
class ListUpdate:
    """The last update of this run."""

    number: int = 0
    """How many there were."""
    is_full: bool = False
    """All entries are new."""
    id_tags: tuple[str, ...] = ()
    """The cards that it named, in lower case."""


LISTED = durable("local_list.entries", str, Listed)
"""By idTag in lower case. Long: looked up, never walked, but for an update that replaces it."""
LIST_VERSION = durable_single("local_list.version", ListVersion())
LIST_UPDATE = volatile_single(
    "local_list.update", ListUpdate(), because="what follows from it follows in the same step"
)

TABLES = (LISTED, LIST_VERSION.table, LIST_UPDATE.table)
