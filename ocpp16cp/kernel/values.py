"""The values of all configuration keys of one charge point; only those that were changed stand in a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from ocpp16cp.errors import UsageError
from ocpp16cp.lean import frozen
from ocpp16cp.station import Station
from ocpp16cp.vendor_keys import LONGEST_VALUE, Access
from ocpp16cp.wire.strict_json import is_encodable

from .keys import Key, ValueRefused
from .tables import Rows, durable
from .vendor import as_key

T = TypeVar("T")


@frozen
class Value:
    """A value that differs from the default, as text."""

    text: str


VALUES = durable("configuration.values", str, Value)
"""By canonical name."""


class Values:
    """The typed values of all keys of one charge point: defaults, and the texts of `VALUES` parsed once each.

    Args:
        keys: those that this station offers; nobody sees others.
        station: whose values they are.
        absent: keys of feature profiles that are switched off. They cannot be found, and stay at their defaults.

    Raises:
        UsageError: `Station.configuration` names an unknown key, or a value that breaks a rule of its key; or a vendor
            key has the name of another key, or a default that is none.
    """

    def __init__(self, keys: Iterable[Key[Any]], station: Station, *, absent: Iterable[Key[Any]] = ()) -> None:
        self.station = station
        self._keys = _by_name(tuple(keys))
        every = self._keys | _by_name(tuple(absent))
        for declared in station.vendor_keys:
            name = declared.name.lower()
            if name in every:
                raise UsageError(f"vendor_keys: there is a key {every[name].name!r} already")
            every[name] = as_key(declared)
            self._keys = {**self._keys, name: every[name]}
        self._defaults = _defaults(tuple(self._factory_values(every.values()).items()))
        self._parsed: dict[Key[Any], tuple[Value, Any]] = {}
        for key in self._keys.values():
            if (value := self._defaults[key]) is not None and (broken := self._broken(key, value)):
                raise UsageError(f"configuration: {key.name}: {broken}")

    def _factory_values(self, keys: Iterable[Key[Any]]) -> dict[Key[Any], Any]:
        """The defaults of keys, and in place of some what the station leaves the factory with."""
        found = {key: key.default(self.station) for key in keys}
        for name, text in self.station.configuration:
            key = self.find(name)
            if key is None:
                raise UsageError(f"configuration: there is no key {name!r}")
            try:
                found[key] = _parse(key, text, self.station)
            except ValueRefused as error:
                raise UsageError(f"configuration: {key.name}: {error}") from error
        return found

    @property
    def keys(self) -> Mapping[str, Key[Any]]:
        """All keys by their name in lower case, in the order in which they are listed."""
        return self._keys

    def find(self, name: str) -> Key[Any] | None:
        """The key of that name in whatever letter case, or `None`."""
        return self._keys.get(name.lower())

    def access(self, key: Key[Any]) -> Access:
        """What the central system may do with a key of this station."""
        return key.access(self.station)

    def fixed(self, key: Key[T]) -> T:
        """The value of a key that nobody can change."""
        assert self.access(key) is Access.READ_ONLY, f"{key} can be changed"
        value: T = self._defaults[key]
        return value

    def parse(self, key: Key[T], text: str) -> T:
        """The value that a text means for a key.

        Raises:
            ValueRefused: it means none, or one that breaks a rule.
        """
        value = _parse(key, text, self.station)
        if broken := self._broken(key, value):
            raise ValueRefused(broken)
        return value

    def _broken(self, key: Key[T], value: T) -> str | None:
        """The first rule of a key that a value breaks."""
        return next(filter(None, (check(value, self) for check in key.checks)), None)

    def admit(self, name: str, stored: Value) -> str | None:
        """Look at what the store holds for a key, before anything else does.

        Returns:
            The rule it breaks, as bounds may have become narrower with an update; such a value counts as the default.
            What no key owns any more, or only one of an absent profile, is left alone.
        """
        key = self.find(name)
        broken = None if key is None else self._unfit(key, stored.text)
        if key is not None and broken is not None:
            self._parsed[key] = (stored, self._defaults[key])
        return broken

    def _unfit(self, key: Key[Any], text: str) -> str | None:
        """Why a stored text is no value of a key any more."""
        if self.access(key) is Access.READ_ONLY:
            return "the key is read-only now"
        try:
            self.parse(key, text)
        except ValueRefused as error:
            return str(error)
        return None

    def text(self, key: Key[Any], changed: Value | None) -> str | None:
        """The value of a key as it may be shown; `None`: it has none yet, or never shows it."""
        if self.access(key) is Access.WRITE_ONLY:
            return None
        value = self.value(key, changed)
        return None if value is None else key.kind.render(value)

    def texts(self, changed: Rows[str, Value]) -> dict[str, str | None]:
        """All values as they may be shown, by canonical name."""
        return {key.name: self.text(key, changed.get(key.name)) for key in self._keys.values()}

    def value(self, key: Key[T], changed: Value | None) -> T:
        """The value of a key, given its entry in `VALUES`."""
        default: T = self._defaults[key]
        if changed is None:
            return default
        known = self._parsed.get(key)
        if known is None or known[0] is not changed:
            is_offered = key.name.lower() in self._keys
            known = (changed, _parse(key, changed.text, self.station) if is_offered else default)
            self._parsed[key] = known
        value: T = known[1]
        return value


@lru_cache(maxsize=64)
def _by_name(keys: tuple[Key[Any], ...]) -> dict[str, Key[Any]]:
    """Keys by their name in lower case: one dictionary, never changed, for all stations that have them."""
    found: dict[str, Key[Any]] = {}
    for key in keys:
        assert key.name.lower() not in found, f"two keys are called {key.name!r}"
        found[key.name.lower()] = key
    return found


@lru_cache(maxsize=64)
def _defaults(values: tuple[tuple[Key[Any], Any], ...]) -> dict[Key[Any], Any]:
    """Values by key: one dictionary, never changed, for all stations that begin with the same."""
    return dict(values)


def _parse(key: Key[T], text: str, station: Station) -> T:
    """What a text means by itself."""
    if len(text) > LONGEST_VALUE:
        raise ValueRefused(f"{len(text)} characters, at most {LONGEST_VALUE} are allowed")
    if not is_encodable(text):
        raise ValueRefused("a lone surrogate, which can neither be sent nor stored")
    return key.kind.parse(text, station)
