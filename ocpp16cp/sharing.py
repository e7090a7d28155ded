"""How connectors share what is not enough for all of them: a ChargePointMaxProfile, or the grid connection.

`Settings.sharing` takes one of the policies here, or a function of your own. A policy is asked whenever a transaction
begins or ends, a limit changes, or a car begins or stops asking for energy, and only where there is too little. It has
to be pure: the same claims give the same shares. Whatever it answers, the station never offers more than a claim and,
all connectors together, never more than the total.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from ocpp16cp.lean import frozen


@frozen(kw_only=True)
class Claim:
    """A connector with a running transaction, and what it could use."""

    connector_id: int
    wanted_a: Decimal
    """Amperes per phase that its own profiles and its hardware allow."""
    least_a: Decimal
    """Less than this is as good as nothing: below the 6 A that a control pilot can tell, or the minChargingRate of
    the profile that gives the limit."""
    id_tag: str
    """Who charges."""
    started_at: datetime
    wants_energy: bool
    """Whether the car asks for energy now. One that pauses needs an offer to go on."""


class Sharing(Protocol):
    """A policy."""

    def __call__(self, total_a: Decimal, claims: Sequence[Claim], /) -> Mapping[int, Decimal]:
        """Divide what there is.

        Args:
            total_a: amperes per phase for all together, with at most one decimal; less than all claims add up to.
            claims: at least one, in the order in which the transactions began.

        Returns:
            Amperes per phase by connector; those that are missing get nothing. Cut to one decimal, to what was
            claimed, and in the order of the claims to what is left.
        """
        ...


def share_equally(total_a: Decimal, claims: Sequence[Claim]) -> Mapping[int, Decimal]:
    """Give everyone the same, but nobody more than it can use; what does not divide goes to who came first.

    Where that is too little for somebody to be of use, who came last goes without, until it is enough for the others.
    """
    served = [claim for claim in claims if claim.wanted_a >= claim.least_a]
    while served:
        shares = _filled(total_a, served)
        starved = [claim for claim in served if shares[claim.connector_id] < claim.least_a]
        if not starved:
            return shares
        served.remove(starved[-1])
    return {}


def first_come(total_a: Decimal, claims: Sequence[Claim]) -> Mapping[int, Decimal]:
    """Give each all it can use, in the order in which they came, as long as there is anything of use left."""
    shares: dict[int, Decimal] = {}
    left_a = total_a
    for claim in claims:
        share_a = min(claim.wanted_a, left_a)
        if share_a >= claim.least_a:
            shares[claim.connector_id] = share_a
            left_a -= share_a
    return shares


SHARINGS: Mapping[str, Sharing] = {"equally": share_equally, "first come": first_come}
"""The policies here by the names that they have in a station file."""


def _filled(total_a: Decimal, claims: Sequence[Claim]) -> dict[int, Decimal]:
    """Equal shares in tenths of an ampere; what one cannot use is for the others."""
    left = int(total_a * 10)
    # Small claims first, so that the rest of each division moves on to those who can use it, the first comer at last.
    ascending = sorted(enumerate(claims), key=lambda pair: (pair[1].wanted_a, -pair[0]))
    shares: dict[int, Decimal] = {}
    for others, (_, claim) in zip(range(len(ascending), 0, -1), ascending, strict=True):
        share = min(int(claim.wanted_a * 10), left // others)
        shares[claim.connector_id] = Decimal(share) / 10
        left -= share
    return shares
