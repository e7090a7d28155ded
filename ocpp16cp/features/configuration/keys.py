"""Configuration keys about the configuration."""

from __future__ import annotations

from ocpp16cp.kernel.keys import Access, comma_list, integer, key

GET_CONFIGURATION_MAX_KEYS = key("GetConfigurationMaxKeys", integer(minimum=1), 45, access=Access.READ_ONLY)
"""How many keys the central system may ask for in one GetConfiguration (§9.1.8)."""
NUMBER_OF_CONNECTORS = key(
    "NumberOfConnectors", integer(minimum=1), lambda station: len(station.connectors), access=Access.READ_ONLY
)
"""Connectors of the station, the charge point itself not counted (§9.1.20)."""
SUPPORTED_FEATURE_PROFILES = key(
    "SupportedFeatureProfiles",
    comma_list(lambda text, _: text, str, lambda _: 6),
    lambda station: station.feature_profiles,
    access=Access.READ_ONLY,
)
"""The feature profiles that this station offers (§9.1.27)."""

KEYS = (GET_CONFIGURATION_MAX_KEYS, NUMBER_OF_CONNECTORS, SUPPORTED_FEATURE_PROFILES)
