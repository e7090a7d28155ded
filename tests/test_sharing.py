from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.sharing import Claim, Sharing, first_come, share_equally

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def claims(*wanted_a: str, least_a: str = "6") -> list[Claim]:
    """Claims of connectors 1, 2, ..., the first came first."""
    return [
        Claim(
            connector_id=number,
            wanted_a=Decimal(wanted),
            least_a=Decimal(least_a),
            id_tag=f"TAG-{number}",
            started_at=T0,
            wants_energy=True,
        )
        for number, wanted in enumerate(wanted_a, start=1)
    ]


def shares(policy: Sharing, total_a: str, of: list[Claim]) -> list[str]:
    """What each gets."""
    granted = policy(Decimal(total_a), of)
    return [str(granted.get(claim.connector_id, 0)) for claim in of]


@pytest.mark.parametrize(
    ("total_a", "wanted_a", "granted_a"),
    [
        ("32", ["32", "32"], ["16", "16"]),
        # What one cannot use is for the others.
        ("32", ["8", "32"], ["8", "24"]),
        ("40", ["32", "8", "32"], ["16", "8", "16"]),
        # What does not divide goes to who came first.
        ("25", ["32", "32"], ["12.5", "12.5"]),
        ("25.1", ["32", "32"], ["12.6", "12.5"]),
        ("20", ["32", "32", "32"], ["6.7", "6.7", "6.6"]),
        # Too little for all: who came last goes without.
        ("17.9", ["32", "32", "32"], ["9", "8.9", "0"]),
        ("11.9", ["32", "32", "32"], ["11.9", "0", "0"]),
        ("5.9", ["32", "32"], ["0", "0"]),
        ("0", ["32", "32"], ["0", "0"]),
        # Who cannot be helped takes nothing from the others.
        ("32", ["5", "32"], ["0", "32"]),
    ],
)
def test_share_equally(total_a: str, wanted_a: list[str], granted_a: list[str]) -> None:
    assert shares(share_equally, total_a, claims(*wanted_a)) == granted_a


def test_least_is_that_of_each_claim() -> None:
    one, other = claims("32", "32", least_a="13")

    assert shares(share_equally, "25", [one, *claims("0", "32")[1:]]) == ["0", "25"]
    assert shares(share_equally, "25", [one, other]) == ["25", "0"]


@pytest.mark.parametrize(
    ("total_a", "wanted_a", "granted_a"),
    [
        ("40", ["32", "32"], ["32", "8"]),
        ("37.9", ["32", "32", "6"], ["32", "0", "0"]),
        ("38", ["32", "32", "6"], ["32", "6", "0"]),
        ("38", ["32", "5", "6"], ["32", "0", "6"]),
        ("5", ["32"], ["0"]),
    ],
)
def test_first_come(total_a: str, wanted_a: list[str], granted_a: list[str]) -> None:
    assert shares(first_come, total_a, claims(*wanted_a)) == granted_a


tenths = st.integers(min_value=0, max_value=640).map(lambda value: Decimal(value) / 10)
crowds = st.lists(
    st.builds(
        Claim,
        connector_id=st.integers(1, 64),
        wanted_a=tenths,
        least_a=st.decimals(min_value=1, max_value=20, places=1),
        id_tag=st.just("TAG"),
        started_at=st.just(T0),
        wants_energy=st.booleans(),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda claim: claim.connector_id,
)


@pytest.mark.parametrize("policy", [share_equally, first_come])
@given(total_a=tenths, crowd=crowds)
def test_no_policy_gives_away_too_much_or_too_little_to_use(
    policy: Sharing, total_a: Decimal, crowd: list[Claim]
) -> None:
    granted = policy(total_a, crowd)

    assert sum(granted.values()) <= total_a
    for claim in crowd:
        share_a = granted.get(claim.connector_id, Decimal(0))
        assert share_a == 0 or claim.least_a <= share_a <= claim.wanted_a


@given(total_a=tenths, crowd=crowds)
def test_equal_shares_leave_nothing_that_somebody_served_could_use(total_a: Decimal, crowd: list[Claim]) -> None:
    granted = share_equally(total_a, crowd)

    served = [claim for claim in crowd if granted.get(claim.connector_id)]
    hungry = [claim for claim in served if granted[claim.connector_id] < claim.wanted_a]
    if hungry:
        assert sum(granted.values()) == total_a
        level = max(granted[claim.connector_id] for claim in served)
        assert all(granted[claim.connector_id] >= level - Decimal("0.1") for claim in hungry)
