"""Questions to the central system about cards, and its verdicts."""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from ocpp16cp.kernel.tables import volatile, volatile_single
from ocpp16cp.wire.types import IdTagInfo


class Verdict(Enum):
    """How a question stands."""

    PENDING = "pending"
    ANSWERED = "answered"
    """The central system has spoken: see `info`."""
    OFFLINE = "offline"
    """It cannot be asked now, or gave no usable answer."""


@frozen
class Authorization:
    """One question."""

    id_tag: str
    verdict: Verdict
    info: IdTagInfo | None = None


@frozen
class AuthorizationCount:
    """How many questions there were in this run."""

    last: int = 0


_WAITS = "who waits at the reader presents the card again after a power cut"

AUTHORIZATIONS = volatile("authorization.authorizations", int, Authorization, because=_WAITS)
AUTHORIZATION_COUNT = volatile_single("authorization.count", AuthorizationCount(), because=_WAITS)
