"""Station files: what a charger is, written down in TOML.

`examples/station.toml` shows every entry there is. An entry has the name of the field of `Station`, `Connector` or
`Settings` that it sets; three things are said otherwise: the central system is `link.url`, each reader is a table with
its `connectors`, and configuration keys are a table of their own, their values as TOML has them.

Paths in errors count connectors from 1 and readers from 0, as OCPP and the card readers do.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from math import isfinite
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Final, TypeVar

import attrs
from attrs import define, evolve, field

from ocpp16cp.charge_point import FEATURES
from ocpp16cp.errors import UsageError
from ocpp16cp.features.connection.questions import connection_url
from ocpp16cp.kernel.base import BASE
from ocpp16cp.kernel.keys import Key, ValueRefused
from ocpp16cp.kernel.registry import Registry
from ocpp16cp.kernel.values import Values
from ocpp16cp.station import Connector, CurrentType, Settings, Station
from ocpp16cp.wire.types import Measurand

MAX_BYTES: Final = 2**20
"""What is larger is no station file: the largest station needs a few KiB."""

T = TypeVar("T")
Kind = Callable[[object], object]
"""Turns a value as TOML has it into what a field holds; raises `_Refused`."""


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
        central_system_url: Counts instead of `link.url`.

    Raises:
        StationFileError: the file cannot be read, or describes no station.
    """
    name = fspath(path)
    overrides = {"identity": identity, "central_system_url": central_system_url}
    try:
        entries = _parse(Path(path))
        return _station(_Section("", entries), {key: value for key, value in overrides.items() if value is not None})
    except _Refused as refusal:
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


_TOO_LARGE: Final = "holds a number of too many digits; none here needs more than 64 bits"


class _Refused(Exception):
    """What is wrong with a file, without its name."""


def _parse(path: Path) -> dict[str, object]:
    """The file as TOML has it; its syntax errors name line and column."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _Refused(f"cannot be read: {(error.strerror or str(error)).lower()}") from error
    if len(content) > MAX_BYTES:
        raise _Refused(f"is larger than {MAX_BYTES} bytes, which no station file is")
    try:
        entries = tomllib.loads(content.decode(), parse_float=Decimal)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _Refused(f"line {line}: is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise _Refused(_syntax_error(str(error))) from error
    except RecursionError as error:
        raise _Refused("is nested too deeply, which no station file is") from error
    except (ArithmeticError, ValueError) as error:
        raise _Refused(_TOO_LARGE) from error
    _check_numbers(entries)
    return entries


def _check_numbers(value: object) -> None:
    """Refuse whole numbers beyond 64 bits, as TOML does: from some size on Python cannot even show them."""
    match value:
        case dict():
            for member in value.values():
                _check_numbers(member)
        case list():
            for member in value:
                _check_numbers(member)
        case int() if value.bit_length() > 63:
            raise _Refused(_TOO_LARGE)
        case _:
            pass


def _syntax_error(text: str) -> str:
    """What the parser says, with the place in front."""
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", text, re.DOTALL)
    if found is None:
        return f"is not TOML: {text}"
    what, line, column = found.groups()
    what = what[:1].lower() + what[1:]
    return f"last line: {what}" if line is None else f"line {line}, column {column}: {what}"


# What a file may hold.


@define
class _Section:
    """A table of the file."""

    path: str
    """Dotted, empty for the whole file."""
    entries: Mapping[str, object]
    _known: list[str] = field(factory=list, init=False)

    def place(self, name: str) -> str:
        """The path of an entry."""
        return f"{self.path}.{name}" if self.path else name

    def take(self, name: str, kind: Callable[[object], T]) -> T | None:
        """The value of an entry, if it is there."""
        self._known.append(name)
        if name not in self.entries:
            return None
        try:
            return kind(self.entries[name])
        except _Refused as refusal:
            raise _Refused(f"{self.place(name)}: {refusal}") from None

    def section(self, name: str) -> _Section:
        """A table inside, empty if it is not there."""
        return _Section(self.place(name), self.take(name, _table) or {})

    def sections(self, name: str, *, first: int) -> list[_Section] | None:
        """Tables inside, `[[name]]`, if there are any; they are counted from `first`."""
        tables = self.take(name, _list_of(_table))
        if tables is None:
            return None
        return [_Section(f"{self.place(name)}[{number}]", table) for number, table in enumerate(tables, start=first)]

    def fields(self, kinds: Mapping[str, Kind]) -> dict[str, Any]:
        """The entries that are there, of those with a kind."""
        values = ((name, self.take(name, kind)) for name, kind in kinds.items())
        return {name: value for name, value in values if value is not None}

    def finish(self) -> None:
        """Refuse what nobody took."""
        for name in self.entries:
            if name not in self._known:
                raise _Refused(f"{self.place(name)}: is unknown{_hint(name, self._known)}")


def _hint(name: str, known: Iterable[str]) -> str:
    """The nearest name that would be known, or all of them."""
    names = {each.lower(): each for each in known}
    near = get_close_matches(name.lower(), names, n=1)
    return f"; did you mean {names[near[0]]!r}?" if near else f"; known here: {', '.join(names.values())}"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _Refused(f"{_shown(value)} is not a text in quotes")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Refused(f"{_shown(value)} is neither true nor false")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _Refused(f"{_shown(value)} is not a whole number")
    return value


def _amount(value: object) -> Decimal:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number or not (amount := Decimal(str(value))).is_finite():
        raise _Refused(f"{_shown(value)} is not a number")
    return amount


def _seconds(value: object) -> float:
    seconds = float(_amount(value))
    if not isfinite(seconds):
        raise _Refused(f"{_shown(value)} is not a number of seconds")
    return seconds


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _Refused(f"{_shown(value)} is not a table")
    return value


def _list_of(kind: Callable[[object], T]) -> Callable[[object], tuple[T, ...]]:
    def take(value: object) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise _Refused(f"{_shown(value)} is not a list in brackets")
        return tuple(kind(item) for item in value)

    return take


def _one_of(choices: type[StrEnum]) -> Kind:
    def take(value: object) -> StrEnum:
        text = _text(value)
        for choice in choices:
            if choice.value == text:
                return choice
        raise _Refused(f"{text!r} is not possible{_hint(text, (choice.value for choice in choices))}")

    return take


def _shown(value: object) -> str:
    """A value as somebody would find it in the file, cut short."""
    text = str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


_STATION: Final[dict[str, Kind]] = {
    "identity": _text,
    "vendor": _text,
    "model": _text,
    "serial_number": _text,
    "charge_box_serial_number": _text,
    "firmware_version": _text,
    "iccid": _text,
    "imsi": _text,
    "meter_type": _text,
    "meter_serial_number": _text,
    "current_type": _one_of(CurrentType),
    "nominal_voltage_v": _whole,
    "max_current_a": _amount,
    "measurands": _list_of(_one_of(Measurand)),
    "feature_profiles": _list_of(_text),
}
_CONNECTOR: Final[dict[str, Kind]] = {"fixed_cable": _flag, "phases": _whole, "max_current_a": _amount}
_READER: Final[dict[str, Kind]] = {"connectors": _list_of(_whole)}
_LINK: Final[dict[str, Kind]] = {"url": _text}
_OF_TYPE: Final[dict[str, Kind]] = {"int": _whole, "float": _seconds, "bool": _flag}
_SETTINGS: Final[dict[str, Kind]] = {each.name: _OF_TYPE[str(each.type)] for each in attrs.fields(Settings)}
_REQUIRED: Final = {
    "identity": "the last segment of the URL that the station connects to",
    "vendor": "who made the station, at most 20 characters",
    "model": "what the vendor calls it, at most 20 characters",
}


def _station(file: _Section, overrides: Mapping[str, str]) -> Station:
    """The station that a file describes."""
    fields = file.fields(_STATION)
    connectors = file.sections("connectors", first=1)
    if connectors is not None:
        fields["connectors"] = tuple(Connector(**_all_of(each, _CONNECTOR)) for each in connectors)
    readers = file.sections("readers", first=0)
    if readers is not None:
        fields["readers"] = tuple(_reader(each) for each in readers)
    link = _all_of(file.section("link"), _LINK)
    if "url" in link:
        fields["central_system_url"] = link["url"]
    fields["settings"] = Settings(**_all_of(file.section("settings"), _SETTINGS))
    configuration = file.section("configuration")
    file.finish()
    fields |= overrides
    for name, meaning in _REQUIRED.items():
        if name not in fields:
            raise _Refused(f"{name}: is missing; it is {meaning}")
    try:
        station = Station(**fields)
        if station.central_system_url:
            connection_url(station.central_system_url, station.identity)
    except UsageError as error:
        raise _Refused(_in_terms_of_the_file(str(error))) from error
    return evolve(station, configuration=_configuration(configuration, station))


def _all_of(section: _Section, kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """The entries of a table that has nothing but these."""
    fields = section.fields(kinds)
    section.finish()
    return fields


def _reader(section: _Section) -> tuple[int, ...]:
    """The connectors of a reader."""
    connectors: tuple[int, ...] = _all_of(section, _READER).get("connectors", ())
    if not connectors:
        raise _Refused(f"{section.place('connectors')}: is missing or empty; a reader serves at least one connector")
    return connectors


def _in_terms_of_the_file(text: str) -> str:
    """An error of `Station`, which begins with the field, with the entry in its place."""
    text = re.sub(r"^central_system_url(?=:)", "link.url", text)
    return re.sub(r"^(readers\[\d+\])(?=:)", r"\1.connectors", text)


def _configuration(section: _Section, station: Station) -> tuple[tuple[str, str], ...]:
    """The configuration keys, each known to this station and with a value that it takes."""
    registry = Registry((*FEATURES, BASE), profiles=station.feature_profiles)
    values = Values(registry.keys, station, absent=registry.absent_keys)
    found: dict[str, str] = {}
    for name, value in section.entries.items():
        place = section.place(name)
        key = values.find(name)
        if key is None:
            raise _Refused(f"{place}: is unknown{_hint(name, (key.name for key in values.keys.values()))}")
        if key.name in found:
            raise _Refused(f"{place}: stands there twice; names are the same in any letter case")
        found[key.name] = _configured(values, key, value, place)
    return tuple(found.items())


def _configured(values: Values, key: Key[Any], value: object, place: str) -> str:
    """The text of a configuration value."""
    try:
        text = _as_text(value)
        values.parse(key, text)
    except (_Refused, ValueRefused) as error:
        raise _Refused(f"{place}: {error}") from error
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
            return ",".join(_text(item) for item in value)
        case _:
            raise _Refused(f"{_shown(value)} is neither a text, a whole number, true or false, nor a list of texts")
