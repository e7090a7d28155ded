"""GetConfiguration and ChangeConfiguration in few words."""

from __future__ import annotations

from ocpp16cp.features.configuration.messages import (
    ChangeConfiguration,
    ChangeConfigurationConf,
    ConfigurationStatus,
    GetConfiguration,
    GetConfigurationConf,
)
from ocpp16cp.testing import Playbook

ACCEPTED = ChangeConfigurationConf(status=ConfigurationStatus.ACCEPTED)
REJECTED = ChangeConfigurationConf(status=ConfigurationStatus.REJECTED)
NOT_SUPPORTED = ChangeConfigurationConf(status=ConfigurationStatus.NOT_SUPPORTED)


def read(play: Playbook, *names: str) -> GetConfigurationConf:
    """What GetConfiguration answers."""
    return play.send(GetConfiguration(key=names or None), GetConfigurationConf)


def listed(play: Playbook) -> dict[str, tuple[str | None, bool]]:
    """All that GetConfiguration lists without being asked for anything: value and whether it is read-only."""
    return {entry.key: (entry.value, entry.readonly) for entry in read(play).configuration_key or ()}


def value(play: Playbook, name: str) -> str | None:
    """The value of one key."""
    (entry,) = read(play, name).configuration_key or ()
    return entry.value


def change(play: Playbook, key: str, text: str) -> object:
    """What ChangeConfiguration answers."""
    return play.send(ChangeConfiguration(key=key, value=text))
