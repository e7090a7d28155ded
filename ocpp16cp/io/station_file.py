"""Station files: what a charger is, written down in TOML.

`examples/station.toml` shows every entry there is. An entry has the name of the field of `Station`, `Connector` or
`Settings` that it sets; three things are said otherwise: the central system is `link.url` and the ways to it
`link.endpoints`, each reader is a table with its `connectors`, and configuration keys are a table of their own, their
values as TOML has them.

Paths in errors count connectors from 1 and readers from 0, as OCPP and the card readers do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Final

from attrs import evolve, fields, resolve_types

from ocpp16cp.charge_point import FEATURES
from ocpp16cp.endpoints import Endpoint
from ocpp16cp.errors import UsageError
from ocpp16cp.features.connection.questions import check_ways, connection_url
from ocpp16cp.kernel.base import BASE
from ocpp16cp.kernel.keys import Key, ValueRefused
from ocpp16cp.kernel.registry import Registry
from ocpp16cp.kernel.values import Values
from ocpp16cp.sharing import SHARINGS, Sharing
from ocpp16cp.station import Connector, CurrentType, Settings, Station
from ocpp16cp.wire.phases import FURTHER_PHASES
from ocpp16cp.wire.types import Measurand, Phase

from .toml_entries import (
    Kind,
    Refused,
    Section,
    a_duration,
    a_flag,
    a_list_of,
    a_text,
    a_whole_number,
    an_amount,
    hint,
    one_of,
    parse,
    shown,
)


class StationFileError(UsageError):
    """A station file cannot be used. The message is one line: the file, the line or the entry, and what is wrong."""


def default_station(identity: str = "CP001") -> Station:
    """A station of two fixed cables of 22 kW behind one card reader, as described in `examples/station.toml`.

    Raises:
        UsageError: no station can have this identity.
    """
    station = Station(
        identity=identity,
        vendor="Example",
        model="Twin 22",
        serial_number="EX22-0001",
        firmware_version="1.0.0",
        max_current_a=Decimal(63),
    )
    return evolve(station, measurands=(*station.measurands, Measurand.SOC))


def load_station(
    path: str | PathLike[str], *, identity: str | None = None, central_system_url: str | None = None
) -> Station:
    """Read a station file. It blocks, as files do.

    Args:
        path: The file.
        identity: Counts instead of the one in the file, which may then be without.
        central_system_url: Counts instead of `link.url` and of all endpoints: it is then the only way.

    Raises:
        StationFileError: the file cannot be read, or describes no station.
    """
    name = fspath(path)
    overrides = {"identity": identity, "central_system_url": central_system_url}
    try:
        entries = parse(Path(path))
        return _station(Section("", entries), {key: value for key, value in overrides.items() if value is not None})
    except Refused as refusal:
        raise StationFileError(f"{name}: {refusal}") from refusal.__cause__


def check_url(url: str, identity: str) -> None:
    """Make sure that a station of this identity can try to connect to a central system at this URL.

    Raises:
        UsageError: it never could; the message tells why and what a URL looks like.
    """
    try:
        connection_url(url, identity)
    except UsageError as error:
        reason = str(error).partition(": ")[2]
        raise UsageError(f"{reason}; a URL looks like ws://host:port/path or wss://host/path") from None


def _a_phase_of_a_measurand(value: object) -> tuple[Measurand, Phase]:
    """A measurand and a phase, as configuration keys spell them: `Voltage.L1-L2`."""
    text = a_text(value)
    possible = {
        f"{measurand.value}.{phase.value}": (measurand, phase)
        for measurand, phases in FURTHER_PHASES.items()
        for phase in phases
    }
    if text not in possible:
        raise Refused(f"{text!r} is not possible{hint(text, possible)}")
    return possible[text]


_STATION: Final[dict[str, Kind]] = {
    "identity": a_text,
    "vendor": a_text,
    "model": a_text,
    "serial_number": a_text,
    "charge_box_serial_number": a_text,
    "firmware_version": a_text,
    "iccid": a_text,
    "imsi": a_text,
    "meter_type": a_text,
    "meter_serial_number": a_text,
    "current_type": one_of(CurrentType),
    "nominal_voltage_v": a_whole_number,
    "max_current_a": an_amount,
    "measurands": a_list_of(one_of(Measurand)),
    "measured_phases": a_list_of(_a_phase_of_a_measurand),
    "feature_profiles": a_list_of(a_text),
}
_CONNECTOR: Final[dict[str, Kind]] = {"fixed_cable": a_flag, "phases": a_whole_number, "max_current_a": an_amount}
_READER: Final[dict[str, Kind]] = {"connectors": a_list_of(a_whole_number)}
_LINK: Final[dict[str, Kind]] = {"url": a_text}
_ENDPOINT: Final[dict[str, Kind]] = {"url": a_text, "local_address": a_text, "interface": a_text}


def _a_sharing(value: object) -> Sharing:
    name = a_text(value)
    if name not in SHARINGS:
        raise Refused(f"{name!r} is not possible{hint(name, SHARINGS)}")
    return SHARINGS[name]


_KIND_OF: Final[dict[object, Kind]] = {
    bool: a_flag,
    int: a_whole_number,
    float: a_duration,
    Decimal | None: an_amount,
    Sharing: _a_sharing,
}
_SETTINGS: Final = {setting.name: _KIND_OF[setting.type] for setting in fields(resolve_types(Settings))}
_REQUIRED: Final = {
    "identity": "the last segment of the URL that the station connects to",
    "vendor": "who made the station, at most 20 characters",
    "model": "what the vendor calls it, at most 20 characters",
}


def _station(file: Section, overrides: Mapping[str, str]) -> Station:
    """The station that a file describes."""
    fields = file.fields(_STATION)
    connectors = file.sections("connectors", first=1)
    if connectors is not None:
        fields["connectors"] = tuple(Connector(**_all_of(each, _CONNECTOR)) for each in connectors)
    readers = file.sections("readers", first=0)
    if readers is not None:
        fields["readers"] = tuple(_reader(each) for each in readers)
    fields |= _link(file.section("link"))
    fields["settings"] = Settings(**_all_of(file.section("settings"), _SETTINGS))
    configuration = file.section("configuration")
    file.finish()
    fields |= overrides
    if "central_system_url" in overrides:
        fields.pop("endpoints", None)
    for name, meaning in _REQUIRED.items():
        if name not in fields:
            raise Refused(f"{name}: is missing; it is {meaning}")
    try:
        station = Station(**fields)
        check_ways(station)
    except UsageError as error:
        raise Refused(_in_terms_of_the_file(str(error))) from error
    return evolve(station, configuration=_configuration(configuration, station))


def _all_of(section: Section, kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """The entries of a table that has nothing but these."""
    fields = section.fields(kinds)
    section.finish()
    return fields


def _link(section: Section) -> dict[str, Any]:
    """How the station reaches its central system."""
    endpoints = section.sections("endpoints", first=1)
    link = _all_of(section, _LINK)
    found: dict[str, Any] = {"central_system_url": link["url"]} if "url" in link else {}
    if endpoints is not None:
        found["endpoints"] = tuple(Endpoint(**_all_of(each, _ENDPOINT)) for each in endpoints)
    return found


def _reader(section: Section) -> tuple[int, ...]:
    """The connectors of a reader."""
    connectors: tuple[int, ...] = _all_of(section, _READER).get("connectors", ())
    if not connectors:
        raise Refused(f"{section.place('connectors')}: is missing or empty; a reader serves at least one connector")
    return connectors


def _in_terms_of_the_file(text: str) -> str:
    """An error of `Station`, which begins with the field, with the entry in its place."""
    text = re.sub(r"^central_system_url(?=:)", "link.url", text)
    text = re.sub(r"(?<![.\w])endpoints(?=[\[:])", "link.endpoints", text.replace(" central_system_url ", " link.url "))
    return re.sub(r"^(readers\[\d+\])(?=:)", r"\1.connectors", text)


def _configuration(section: Section, station: Station) -> tuple[tuple[str, str], ...]:
    """The configuration keys, each known to this station and with a value that it takes."""
    registry = Registry((*FEATURES, BASE), profiles=station.feature_profiles)
    values = Values(registry.keys, station, absent=registry.absent_keys)
    found: dict[str, str] = {}
    for name, value in section.entries.items():
        place = section.place(name)
        key = values.find(name)
        if key is None:
            raise Refused(f"{place}: is unknown{hint(name, (key.name for key in values.keys.values()))}")
        if key.name in found:
            raise Refused(f"{place}: stands there twice; names are the same in any letter case")
        found[key.name] = _configured(values, key, value, place)
    return tuple(found.items())


def _configured(values: Values, key: Key[Any], value: object, place: str) -> str:
    """The text of a configuration value."""
    try:
        text = _as_text(value)
        values.parse(key, text)
    except (Refused, ValueRefused) as error:
        raise Refused(f"{place}: {error}") from error
    return text


def _as_text(value: object) -> str:
    """A value of a configuration key as it goes over the wire: a list becomes one with commas."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case list():
            return ",".join(a_text(item) for item in value)
        case _:
            raise Refused(f"{shown(value)} is neither a text, a whole number, true or false, nor a list of texts")
