"""Reset (§5.14)."""

from __future__ import annotations

from enum import StrEnum

from ocpp16cp.lean import frozen
from ocpp16cp.wire.exchange import Exchange, Sender


class ResetType(StrEnum):
    """How to start anew (§7.42)."""

    HARD = "Hard"
    SOFT = "Soft"


@frozen(kw_only=True)
class Reset:
    """Asks the charge point to start anew (§6.39)."""

    type: ResetType


class ResetStatus(StrEnum):
    """Whether the charge point will reset (§7.41)."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"


@frozen(kw_only=True)
class ResetConf:
    """Whether the charge point will reset (§6.40)."""

    status: ResetStatus


RESET = Exchange("Reset", Sender.CENTRAL_SYSTEM, Reset, ResetConf)
EXCHANGES = (RESET,)
