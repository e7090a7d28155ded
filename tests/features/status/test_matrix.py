from __future__ import annotations

from itertools import product

import pytest

from ocpp16cp.features.status.matrix import CHARGE_POINT_STATUSES, TRANSITIONS, is_permitted, passed_through
from ocpp16cp.wire.types import ChargePointStatus

S = ChargePointStatus

COLUMNS = (
    S.AVAILABLE,
    S.PREPARING,
    S.CHARGING,
    S.SUSPENDED_EV,
    S.SUSPENDED_EVSE,
    S.FINISHING,
    S.RESERVED,
    S.UNAVAILABLE,
    S.FAULTED,
)

MATRIX = {
    S.AVAILABLE: "-xxxx.xxx",
    S.PREPARING: "x-xxxx..x",
    S.CHARGING: "x.-xxx.xx",
    S.SUSPENDED_EV: "x.x-xx.xx",
    S.SUSPENDED_EVSE: "x.xx-x.xx",
    S.FINISHING: "xx...-.xx",
    S.RESERVED: "xx....-xx",
    S.UNAVAILABLE: "xxxxx..-x",
    S.FAULTED: "xxxxxxxx-",
}
"""The table of §4.9 with errata 3.20: rows from, columns to."""

PAIRS = [pair for pair in product(COLUMNS, COLUMNS) if pair[0] is not pair[1]]

TOLD_AS_ONE = {(S.PREPARING, S.UNAVAILABLE)}

PASSED = {
    (S.FINISHING, S.CHARGING): S.PREPARING,
    (S.FINISHING, S.SUSPENDED_EV): S.PREPARING,
    (S.FINISHING, S.SUSPENDED_EVSE): S.PREPARING,
    (S.RESERVED, S.CHARGING): S.PREPARING,
    (S.RESERVED, S.SUSPENDED_EV): S.PREPARING,
    (S.RESERVED, S.SUSPENDED_EVSE): S.PREPARING,
    (S.CHARGING, S.PREPARING): S.AVAILABLE,
    (S.SUSPENDED_EV, S.PREPARING): S.AVAILABLE,
    (S.SUSPENDED_EVSE, S.PREPARING): S.AVAILABLE,
    (S.PREPARING, S.RESERVED): S.AVAILABLE,
    (S.CHARGING, S.RESERVED): S.AVAILABLE,
    (S.SUSPENDED_EV, S.RESERVED): S.AVAILABLE,
    (S.SUSPENDED_EVSE, S.RESERVED): S.AVAILABLE,
    (S.FINISHING, S.RESERVED): S.AVAILABLE,
    (S.UNAVAILABLE, S.RESERVED): S.AVAILABLE,
}
"""What lies between two that cannot follow each other, where one thing can cause both transitions."""


def test_matrix_knows_every_status() -> None:
    assert set(COLUMNS) == set(ChargePointStatus) == set(MATRIX)


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_transition_is_permitted_as_the_matrix_has_it(before: ChargePointStatus, after: ChargePointStatus) -> None:
    """§4.9: every pair of statuses, the permitted and the others."""
    is_in_table = MATRIX[before][COLUMNS.index(after)] == "x"

    assert ((before, after) in TRANSITIONS) is is_in_table
    assert is_permitted(1, before, after) is (is_in_table or (before, after) in TOLD_AS_ONE)


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_charge_point_has_three_statuses(before: ChargePointStatus, after: ChargePointStatus) -> None:
    """§7.7: connector 0 is Available, Unavailable or Faulted, and changes between them freely."""
    expected = {before, after} <= CHARGE_POINT_STATUSES == {S.AVAILABLE, S.UNAVAILABLE, S.FAULTED}

    assert is_permitted(0, before, after) is expected


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_what_is_passed_through_is_permitted(before: ChargePointStatus, after: ChargePointStatus) -> None:
    passed = passed_through(before, after)

    assert passed is PASSED.get((before, after))
    if passed is not None:
        assert is_permitted(1, before, passed)
        assert is_permitted(1, passed, after)


def test_names_are_those_of_the_specification() -> None:
    """§4.9, and B6 of errata 3.20."""
    assert TRANSITIONS[S.AVAILABLE, S.PREPARING] == "A2"
    assert TRANSITIONS[S.PREPARING, S.FINISHING] == "B6"
    assert TRANSITIONS[S.FINISHING, S.UNAVAILABLE] == "F8"
    assert TRANSITIONS[S.UNAVAILABLE, S.SUSPENDED_EVSE] == "H5"
    assert TRANSITIONS[S.FAULTED, S.RESERVED] == "I7"
    assert len(set(TRANSITIONS.values())) == len(TRANSITIONS) == 53
