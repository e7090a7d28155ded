"""GetConfiguration (§5.8) and ChangeConfiguration (§5.3)."""

from __future__ import annotations

from enum import StrEnum

from ocpp16cp.lean import frozen
from ocpp16cp.wire.exchange import Exchange, Sender
from ocpp16cp.wire.types import CiString50, CiString500


@frozen(kw_only=True)
class GetConfiguration:
    """Asks for configuration keys (§6.23)."""

    key: tuple[CiString50, ...] | None = None
    """All keys, if absent or empty."""


@frozen(kw_only=True)
class KeyValue:
    """A configuration key with its value (§7.29)."""

    key: CiString50
    readonly: bool
    value: CiString500 | None = None
    """Always text, booleans too; absent where the key has no value or never shows it."""


@frozen(kw_only=True)
class GetConfigurationConf:
    """The keys that are known, and the names that are not (§6.24)."""

    configuration_key: tuple[KeyValue, ...] | None = None
    unknown_key: tuple[CiString50, ...] | None = None


@frozen(kw_only=True)
class ChangeConfiguration:
    """Sets a configuration key (§6.9)."""

    key: CiString50
    value: CiString500


class ConfigurationStatus(StrEnum):
    """What became of a change (§7.22)."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    REBOOT_REQUIRED = "RebootRequired"
    NOT_SUPPORTED = "NotSupported"


@frozen(kw_only=True)
class ChangeConfigurationConf:
    """Whether the value was set (§6.10)."""

    status: ConfigurationStatus


GET_CONFIGURATION = Exchange("GetConfiguration", Sender.CENTRAL_SYSTEM, GetConfiguration, GetConfigurationConf)
CHANGE_CONFIGURATION = Exchange(
    "ChangeConfiguration", Sender.CENTRAL_SYSTEM, ChangeConfiguration, ChangeConfigurationConf
)
EXCHANGES = (GET_CONFIGURATION, CHANGE_CONFIGURATION)
