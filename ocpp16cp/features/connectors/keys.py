"""Configuration keys of the connectors."""

from __future__ import annotations

from enum import StrEnum

from ocpp16cp.kernel.keys import ValueRefused, at_most, comma_list, integer, key, member
from ocpp16cp.lean import frozen
from ocpp16cp.station import CHARGE_POINT, Station
from ocpp16cp.vendor_keys import Access


class Rotation(StrEnum):
    """The order in which the phases of one meter are wired to those of the meter before it (§9.1.7)."""

    NOT_APPLICABLE = "NotApplicable"
    UNKNOWN = "Unknown"
    RST = "RST"
    RTS = "RTS"
    SRT = "SRT"
    STR = "STR"
    TRS = "TRS"
    TSR = "TSR"


@frozen
class PhaseRotation:
    """The wiring of one connector."""

    connector_id: int | None
    """0: between the grid and the main meter. `None`: of whatever is not named."""
    rotation: Rotation

    def __str__(self) -> str:
        return self.rotation.value if self.connector_id is None else f"{self.connector_id}.{self.rotation.value}"


_find_rotation = member(Rotation)


def parse_phase_rotation(text: str, station: Station) -> PhaseRotation:
    """An item like `1.RST`; or `NotApplicable` alone, which certified stations report although §9.1.7 has no such form.

    Raises:
        ValueRefused: there is no such rotation or connector.
    """
    number, point, rotation = text.rpartition(".")
    if not point:
        return PhaseRotation(None, _find_rotation(text, station))
    digits = number.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
        raise ValueRefused(f"{text!r} names no connector")
    connector_id = int(digits)
    if connector_id != CHARGE_POINT and not station.has_connector(connector_id):
        raise ValueRefused(f"{text!r}: there is no connector {connector_id}")
    return PhaseRotation(connector_id, _find_rotation(rotation, station))


def _names_each_once(items: tuple[PhaseRotation, ...], _: object) -> str | None:
    """Two rotations of one connector contradict each other."""
    ids = {item.connector_id for item in items}
    return "a connector is named twice" if len(ids) < len(items) else None


CONNECTOR_PHASE_ROTATION_MAX_LENGTH = key(
    "ConnectorPhaseRotationMaxLength",
    integer(),
    lambda station: len(station.connectors) + 1,
    access=Access.READ_ONLY,
)
"""How many items ConnectorPhaseRotation may hold; 0, as certified stations report it: no limit (§9.1.8)."""
CONNECTOR_PHASE_ROTATION = key(
    "ConnectorPhaseRotation",
    comma_list("connectors and rotations", parse_phase_rotation),
    (PhaseRotation(None, Rotation.NOT_APPLICABLE),),
    checks=(_names_each_once, at_most(CONNECTOR_PHASE_ROTATION_MAX_LENGTH, zero_is_none=True)),
)
"""How the phases are wired, by connector (§9.1.7): kept for those who read it, nothing here follows from it."""

KEYS = (CONNECTOR_PHASE_ROTATION, CONNECTOR_PHASE_ROTATION_MAX_LENGTH)
