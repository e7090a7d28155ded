"""Answers GetConfiguration and ChangeConfiguration."""

from __future__ import annotations

from typing import Any

from ocpp16cp.kernel.keys import Key, ValueRefused
from ocpp16cp.kernel.step import Step
from ocpp16cp.kernel.values import VALUES
from ocpp16cp.vendor_keys import Access

from .messages import (
    ChangeConfiguration,
    ChangeConfigurationConf,
    ConfigurationStatus,
    GetConfiguration,
    GetConfigurationConf,
    KeyValue,
)


def get_configuration(step: Step, req: GetConfiguration) -> GetConfigurationConf:
    """List the keys asked for, in the order of the request; without names all of them."""
    values = step.engine.values
    if not req.key:
        readable = [key for key in values.keys.values() if values.access(key) is not Access.WRITE_ONLY]
        return GetConfigurationConf(configuration_key=tuple(_entry(step, key) for key in readable))
    found: dict[str, KeyValue] = {}
    unknown: list[str] = []
    for name in req.key:
        key = values.find(name)
        if key is None:
            unknown.append(name)
        elif key.name not in found:
            found[key.name] = _entry(step, key)
    return GetConfigurationConf(
        configuration_key=tuple(found.values()) or None,
        unknown_key=tuple(dict.fromkeys(unknown)) or None,
    )


def _entry(step: Step, key: Key[Any]) -> KeyValue:
    """What is told about one key."""
    values = step.engine.values
    readonly = values.access(key) is Access.READ_ONLY
    return KeyValue(key=key.name, readonly=readonly, value=values.text(key, step[VALUES].get(key.name)))


def change_configuration(step: Step, req: ChangeConfiguration) -> ChangeConfigurationConf:
    """Set one key."""
    return ChangeConfigurationConf(status=_change(step, req))


def _change(step: Step, req: ChangeConfiguration) -> ConfigurationStatus:
    """Set one key, if there is one of that name, it may be set, and the value is one."""
    values = step.engine.values
    key = values.find(req.key)
    if key is None:
        return ConfigurationStatus.NOT_SUPPORTED
    if values.access(key) is Access.READ_ONLY:
        return ConfigurationStatus.REJECTED
    try:
        value = values.parse(key, req.value)
    except ValueRefused:
        return ConfigurationStatus.REJECTED
    if not key.may_become(step, value):
        return ConfigurationStatus.REJECTED
    step.set_key(key, value)
    return ConfigurationStatus.ACCEPTED
