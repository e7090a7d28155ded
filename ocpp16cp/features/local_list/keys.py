"""Configuration keys of the local authorization list."""

from __future__ import annotations

from ocpp16cp.kernel.keys import boolean, integer, key
from ocpp16cp.kernel.values import Values
from ocpp16cp.station import FeatureProfile
from ocpp16cp.vendor_keys import Access


def _fits_the_list(value: int, values: Values) -> str | None:
    """More in one message than the list holds is a promise that cannot be kept."""
    longest = values.fixed(LOCAL_AUTH_LIST_MAX_LENGTH)
    return f"{value} is more than LocalAuthListMaxLength, {longest}" if value > longest else None


LOCAL_AUTH_LIST_ENABLED = key(
    "LocalAuthListEnabled", boolean(), lambda station: station.offers(FeatureProfile.LOCAL_AUTH_LIST_MANAGEMENT)
)
"""Whether the list counts (§9.2.1); never, where the profile is switched off."""
LOCAL_AUTH_LIST_MAX_LENGTH = key("LocalAuthListMaxLength", integer(), 100, access=Access.READ_ONLY)
"""How many entries the list may have (§9.2.2)."""
SEND_LOCAL_LIST_MAX_LENGTH = key(
    "SendLocalListMaxLength", integer(), 20, access=Access.READ_ONLY, checks=(_fits_the_list,)
)
"""How many entries one message may have (§9.2.3)."""

KEYS = (LOCAL_AUTH_LIST_ENABLED, LOCAL_AUTH_LIST_MAX_LENGTH, SEND_LOCAL_LIST_MAX_LENGTH)
