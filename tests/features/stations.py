"""Stations that the dialogues are held with."""

from __future__ import annotations

from attrs import evolve

from ocpp16cp.station import Connector, FeatureProfile, Station


def station(*connectors: Connector) -> Station:
    """A station of these connectors, with one reader for all."""
    return Station(
        identity="CP1",
        vendor="Vendor",
        model="Model",
        central_system_url="ws://cs.example/ocpp",
        connectors=connectors,
    )


STATION = station(Connector(), Connector())
"""Two connectors with fixed cables."""
SINGLE = station(Connector())
"""One connector with a fixed cable."""
SOCKETS = station(Connector(fixed_cable=False), Connector(fixed_cable=False))
"""Two connectors with detachable cables."""
SOCKET = station(Connector(fixed_cable=False))
"""One connector with a detachable cable."""


def configured(station: Station, **values: object) -> Station:
    """A station that leaves the factory with other values of configuration keys."""
    texts = tuple(
        (name, str(value).lower() if isinstance(value, bool) else str(value)) for name, value in values.items()
    )
    return evolve(station, configuration=(*station.configuration, *texts))


def without(station: Station, *profiles: FeatureProfile) -> Station:
    """A station on which feature profiles are switched off."""
    return evolve(station, feature_profiles=tuple(each for each in station.feature_profiles if each not in profiles))
