"""Configuration keys about the configuration."""

from __future__ import annotations

from ocpp16cp.kernel.keys import at_most, comma_list, follows_from_station, integer, key, member
from ocpp16cp.station import FeatureProfile, Station
from ocpp16cp.vendor_keys import Access


def _number_of_connectors(station: Station) -> int:
    return len(station.connectors)


def _feature_profiles(station: Station) -> tuple[FeatureProfile, ...]:
    return station.feature_profiles


GET_CONFIGURATION_MAX_KEYS = key("GetConfigurationMaxKeys", integer(minimum=1), 45, access=Access.READ_ONLY)
"""How many keys the central system may ask for in one GetConfiguration (§9.1.9)."""
NUMBER_OF_CONNECTORS = key(
    "NumberOfConnectors",
    integer(minimum=1),
    _number_of_connectors,
    access=Access.READ_ONLY,
    checks=(follows_from_station(_number_of_connectors),),
)
"""Connectors of the station, the charge point itself not counted (§9.1.21)."""
SUPPORTED_FEATURE_PROFILES_MAX_LENGTH = key(
    "SupportedFeatureProfilesMaxLength", integer(), len(FeatureProfile), access=Access.READ_ONLY
)
"""How many feature profiles there can be (§9.1.30)."""
SUPPORTED_FEATURE_PROFILES = key(
    "SupportedFeatureProfiles",
    comma_list("feature profiles", member(FeatureProfile)),
    _feature_profiles,
    access=Access.READ_ONLY,
    checks=(follows_from_station(_feature_profiles), at_most(SUPPORTED_FEATURE_PROFILES_MAX_LENGTH)),
)
"""The feature profiles that this station offers (§9.1.29)."""

KEYS = (
    GET_CONFIGURATION_MAX_KEYS,
    NUMBER_OF_CONNECTORS,
    SUPPORTED_FEATURE_PROFILES,
    SUPPORTED_FEATURE_PROFILES_MAX_LENGTH,
)
