"""Configuration keys of smart charging: what charging profiles have to keep to."""

from __future__ import annotations

from enum import StrEnum

from ocpp16cp.kernel.keys import boolean, comma_list, integer, key, member
from ocpp16cp.vendor_keys import Access

MOST_PROFILES = 400
"""More than any station is known to hold; with one more for each connector, by a remote start, still not too many for
the composition."""


class RateUnit(StrEnum):
    """A unit of limits, by the quantity it measures (errata 3.86)."""

    CURRENT = "Current"
    """Amperes."""
    POWER = "Power"
    """Watts."""


def _names_one(units: tuple[RateUnit, ...], _: object) -> str | None:
    """A profile has its limits in some unit."""
    return None if units else "no unit is allowed"


CHARGE_PROFILE_MAX_STACK_LEVEL = key("ChargeProfileMaxStackLevel", integer(), 10, access=Access.READ_ONLY)
"""The highest stack level; 0 is the lowest (§9.4.1)."""
CHARGING_SCHEDULE_ALLOWED_CHARGING_RATE_UNIT = key(
    "ChargingScheduleAllowedChargingRateUnit",
    comma_list("Current and Power", member(RateUnit)),
    tuple(RateUnit),
    access=Access.READ_ONLY,
    checks=(_names_one,),
)
"""The units that limits may have (§9.4.2)."""
CHARGING_SCHEDULE_MAX_PERIODS = key("ChargingScheduleMaxPeriods", integer(minimum=1), 30, access=Access.READ_ONLY)
"""How many periods a schedule may have (§9.4.3)."""
CONNECTOR_SWITCH_3_TO_1_PHASE_SUPPORTED = key(
    "ConnectorSwitch3to1PhaseSupported", boolean(), default=False, access=Access.READ_ONLY
)
"""Whether the number of phases may change during a transaction (§9.4.4)."""
MAX_CHARGING_PROFILES_INSTALLED = key(
    "MaxChargingProfilesInstalled", integer(1, MOST_PROFILES), 50, access=Access.READ_ONLY
)
"""How many profiles there may be at a time (§9.4.5)."""

KEYS = (
    CHARGE_PROFILE_MAX_STACK_LEVEL,
    CHARGING_SCHEDULE_ALLOWED_CHARGING_RATE_UNIT,
    CHARGING_SCHEDULE_MAX_PERIODS,
    CONNECTOR_SWITCH_3_TO_1_PHASE_SUPPORTED,
    MAX_CHARGING_PROFILES_INSTALLED,
)
