"""Which status can follow which (§4.9), as a table."""

from __future__ import annotations

from typing import Final

from ocpp16cp.station import CHARGE_POINT
from ocpp16cp.wire.types import ChargePointStatus

_S = ChargePointStatus

_ORDER: Final = (
    _S.AVAILABLE,
    _S.PREPARING,
    _S.CHARGING,
    _S.SUSPENDED_EV,
    _S.SUSPENDED_EVSE,
    _S.FINISHING,
    _S.RESERVED,
    _S.UNAVAILABLE,
    _S.FAULTED,
)
"""Rows A to I of the table, and columns 1 to 9."""

_TABLE: Final = """
       A2  A3  A4  A5      A7  A8  A9
   B1      B3  B4  B5  B6          B9
   C1          C4  C5  C6      C8  C9
   D1      D3      D5  D6      D8  D9
   E1      E3  E4      E6      E8  E9
   F1  F2                      F8  F9
   G1  G2                      G8  G9
   H1  H2  H3  H4  H5              H9
   I1  I2  I3  I4  I5  I6  I7  I8
"""

TRANSITIONS: Final = {(_ORDER["ABCDEFGHI".index(name[0])], _ORDER[int(name[1]) - 1]): name for name in _TABLE.split()}
"""The names of the permitted transitions, by status before and after; B6 is that of errata 3.20."""

MERGED: Final = frozenset({(_S.PREPARING, _S.UNAVAILABLE)})
"""Two transitions at one instant, told as one: B1 and A8, where an attempt ends at what is to be Unavailable then."""

CHARGE_POINT_STATUSES: Final = frozenset({_S.AVAILABLE, _S.UNAVAILABLE, _S.FAULTED})
"""What the charge point itself can be."""

_PASSED: Final = {
    _S.CHARGING: _S.PREPARING,
    _S.SUSPENDED_EV: _S.PREPARING,
    _S.SUSPENDED_EVSE: _S.PREPARING,
    _S.RESERVED: _S.AVAILABLE,
    _S.PREPARING: _S.AVAILABLE,
}
"""What comes before these where nothing else leads to them: a card at a cable left behind (F2), or at a reserved
connector (G2), can start a transaction at once; a connector that becomes free can at once be reserved, or taken by the
next one who waits."""


def is_permitted(connector_id: int, before: ChargePointStatus, after: ChargePointStatus) -> bool:
    """Whether one status can be followed by another one."""
    if connector_id == CHARGE_POINT and not {before, after} <= CHARGE_POINT_STATUSES:
        return False
    return (before, after) in TRANSITIONS or (before, after) in MERGED


def passed_through(before: ChargePointStatus, after: ChargePointStatus) -> ChargePointStatus | None:
    """The status between two that cannot follow each other: it lasted no time, but is told as any other."""
    passed = None if (before, after) in TRANSITIONS else _PASSED.get(after)
    return passed if passed is not None and (before, passed) in TRANSITIONS else None
