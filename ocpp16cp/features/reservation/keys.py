"""Configuration keys of reservations."""

from __future__ import annotations

from ocpp16cp.kernel.keys import boolean, key
from ocpp16cp.station import FeatureProfile
from ocpp16cp.vendor_keys import Access

RESERVE_CONNECTOR_ZERO_SUPPORTED = key(
    "ReserveConnectorZeroSupported",
    boolean(),
    lambda station: station.offers(FeatureProfile.RESERVATION),
    access=Access.READ_ONLY,
)
"""Whether any connector, instead of a certain one, can be reserved (§9.3.1); not where the profile is switched off."""

KEYS = (RESERVE_CONNECTOR_ZERO_SUPPORTED,)
