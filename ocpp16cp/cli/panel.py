"""The front panel as a language: a line typed becomes an order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from difflib import get_close_matches
from enum import StrEnum
from typing import Final, TypeVar

from attrs import frozen

from ocpp16cp.driver.simulated import (
    CITY,
    COMPACT,
    MINIATURE,
    PLUG_IN_HYBRID,
    SEDAN,
    Action,
    BlockReboot,
    CutNetwork,
    CutPower,
    FreeLock,
    FreeReboot,
    JamLock,
    LockFault,
    PlugIn,
    PlugInCable,
    PresentCard,
    PressStop,
    RaiseFault,
    RestoreNetwork,
    RestorePower,
    ResumeVehicle,
    SuspendVehicle,
    Unplug,
    UnplugAtStation,
    UnplugAtVehicle,
)
from ocpp16cp.errors import UsageError
from ocpp16cp.events import FaultRaised
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus

CARS: Final = {
    "compact": COMPACT,
    "city": CITY,
    "hybrid": PLUG_IN_HYBRID,
    "sedan": SEDAN,
    "miniature": MINIATURE,
}
"""What can be plugged in, by the name it has on the panel."""

WAIT_LIMIT_S: Final = 60.0
"""How long `wait` waits for something to come true, unless told otherwise."""


class PanelError(UsageError):
    """A line is no order; the message tells what would be one."""


@frozen
class Do:
    """Something is done at the station, all of it or nothing."""

    action: Action


@frozen
class Mend:
    """All faults of a connector are mended, or those of one code."""

    connector_id: int
    error_code: ChargePointErrorCode | None = None


@frozen
class WaitForStatus:
    """Nothing is done until a connector has a status."""

    connector_id: int
    status: ChargePointStatus
    limit_s: float = WAIT_LIMIT_S


@frozen
class WaitForAcceptance:
    """Nothing is done until the central system has accepted the station."""

    limit_s: float = WAIT_LIMIT_S


@frozen
class Pause:
    """Nothing is done for a while."""

    seconds: float


@frozen
class Report:
    """How the station is doing."""


@frozen
class Help:
    """What can be said."""


@frozen
class Quit:
    """The station is to be shut down."""


Order = Do | Mend | WaitForStatus | WaitForAcceptance | Pause | Report | Help | Quit
"""What a line can mean."""


def parse(line: str) -> Order | None:
    """Understand a line; `None`: there is nothing in it, or a comment that begins with `#`.

    Raises:
        PanelError: it is no order.
    """
    words = line.split()
    if not words or words[0].startswith("#"):
        return None
    name, *rest = words
    command = _COMMANDS.get(name.lower())
    if command is None:
        raise PanelError(f"{name!r} is unknown{_hint(name, _COMMANDS)}; `help` lists what there is")
    arguments = _Arguments(command, rest)
    order = command.take(arguments)
    arguments.finish()
    return order


def help_text() -> str:
    """All commands: how they are written, and what they do."""
    width = max(len(command.usage) for command in _COMMANDS.values())
    return "\n".join(f"{command.usage:<{width}}  {command.meaning}" for command in _COMMANDS.values())


_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)


@frozen
class _Command:
    """A command of the panel."""

    usage: str
    meaning: str
    take: Callable[[_Arguments], Order]


@frozen
class _Arguments:
    """The words after the name of a command, taken one by one."""

    _command: _Command
    _words: list[str]

    def text(self) -> str:
        """The next word."""
        if not self._words:
            raise self.wrong("something is missing")
        return self._words.pop(0)

    def connector(self) -> int:
        """The number of a connector; whether there is one, the station knows."""
        return self._number(int, "the number of a connector")

    def seconds(self) -> float:
        """A span of time, at least 0."""
        return self._number(float, "a number of seconds")

    def choice(self, choices: dict[str, _T]) -> _T:
        """One of some names, in any letter case."""
        word = self.text()
        found = {name.lower(): value for name, value in choices.items()}.get(word.lower())
        if found is None:
            raise self.wrong(f"{word!r} is not possible{_hint(word, choices)}")
        return found

    def member(self, members: type[_E]) -> _E:
        """One of an enumeration."""
        return self.choice({member.value: member for member in members})

    def optional(self, take: Callable[[], _T], default: _T) -> _T:
        """What `take` takes, if there is another word."""
        return take() if self._words else default

    def count(self) -> int:
        """How many words are left."""
        return len(self._words)

    def begin_with_number(self) -> bool:
        """Whether the next word is one."""
        return bool(self._words) and set(self._words[0]) <= _NUMBER

    def finish(self) -> None:
        """Refuse what is too much."""
        if self._words:
            raise self.wrong(f"{self._words[0]!r} is too much")

    def wrong(self, what: str) -> PanelError:
        """The error to raise."""
        return PanelError(f"{what}; usage: {self._command.usage}")

    def _number(self, kind: Callable[[str], _T], meaning: str) -> _T:
        word = self.text()
        if set(word) <= _NUMBER and len(word) <= _LONGEST_NUMBER:
            with suppress(ValueError):
                return kind(word)
        raise self.wrong(f"{word!r} is not {meaning}")


_NUMBER: Final = frozenset("0123456789.")
"""Python would take signs, underscores, exponents and `nan` as well."""

_LONGEST_NUMBER: Final = 9
"""Characters: 30 years in seconds."""


def _hint(word: str, known: Iterable[str]) -> str:
    """The nearest name, or all of them."""
    names = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), names, n=1)
    return f", did you mean {names[near[0]]!r}?" if near else f": {', '.join(names.values())}"


def _plug(arguments: _Arguments) -> Order:
    connector_id = arguments.connector()
    return Do(PlugIn(connector_id, arguments.optional(lambda: arguments.choice(CARS), COMPACT)))


def _unplug(arguments: _Arguments) -> Order:
    connector_id = arguments.connector()
    ends: dict[str, Order] = {
        "vehicle": Do(UnplugAtVehicle(connector_id)),
        "station": Do(UnplugAtStation(connector_id)),
    }
    return arguments.choice(ends) if arguments.count() else Do(Unplug(connector_id))


def _card(arguments: _Arguments) -> Order:
    id_tag = arguments.text()
    return Do(PresentCard(id_tag, arguments.optional(arguments.connector, 0)))


def _fault(arguments: _Arguments) -> Order:
    connector_id, error_code = arguments.connector(), arguments.member(ChargePointErrorCode)
    if error_code is ChargePointErrorCode.NO_ERROR:
        raise arguments.wrong(f"{error_code} is no fault")
    is_blocking = arguments.optional(lambda: arguments.choice({"warning": False}), default=True)
    return Do(RaiseFault(FaultRaised(connector_id=connector_id, error_code=error_code, is_blocking=is_blocking)))


def _clear(arguments: _Arguments) -> Order:
    connector_id = arguments.connector()
    return Mend(connector_id, arguments.member(ChargePointErrorCode) if arguments.count() else None)


def _lock(arguments: _Arguments) -> Order:
    connector_id = arguments.connector()
    orders: dict[str, Order] = {fault.value: Do(JamLock(connector_id, fault)) for fault in LockFault}
    return arguments.choice(orders | {"free": Do(FreeLock(connector_id))})


def _power(arguments: _Arguments) -> Order:
    orders: dict[str, Order] = {"off": Do(CutPower()), "on": Do(RestorePower())}
    return arguments.choice(orders)


def _network(arguments: _Arguments) -> Order:
    orders: dict[str, Order] = {"off": Do(CutNetwork()), "on": Do(RestoreNetwork())}
    return arguments.choice(orders)


def _reboot(arguments: _Arguments) -> Order:
    orders: dict[str, Order] = {"stuck": Do(BlockReboot()), "free": Do(FreeReboot())}
    return arguments.choice(orders)


def _wait(arguments: _Arguments) -> Order:
    if not arguments.begin_with_number():
        arguments.choice({"online": True})
        return WaitForAcceptance(arguments.optional(arguments.seconds, WAIT_LIMIT_S))
    if arguments.count() == 1:
        return Pause(arguments.seconds())
    connector_id, status = arguments.connector(), arguments.member(ChargePointStatus)
    return WaitForStatus(connector_id, status, arguments.optional(arguments.seconds, WAIT_LIMIT_S))


def _at_connector(make: Callable[[int], Action]) -> Callable[[_Arguments], Order]:
    return lambda arguments: Do(make(arguments.connector()))


_COMMANDS: Final = {
    command.usage.partition(" ")[0]: command
    for command in (
        _Command(f"plug N [{'|'.join(CARS)}]", "a car is connected to connector N", _plug),
        _Command("unplug N [vehicle|station]", "it leaves; or one end of a detachable cable is pulled out", _unplug),
        _Command("cable N", "a detachable cable is put into the socket, without a car", _at_connector(PlugInCable)),
        _Command("card TAG [READER]", "a card is held to a reader, counted from 0", _card),
        _Command("stop N", "the stop button is pressed", _at_connector(PressStop)),
        _Command("suspend N", "the car pauses", _at_connector(SuspendVehicle)),
        _Command("resume N", "the car goes on", _at_connector(ResumeVehicle)),
        _Command("fault N CODE [warning]", "something breaks: GroundFailure for one; N 0 is the station", _fault),
        _Command("clear N [CODE]", "it is mended: all faults, or those of a code", _clear),
        _Command("lock N stuck|silent|missing|free", "the cable lock breaks, or works again", _lock),
        _Command("power off|on", "the supply fails, and comes back: the station starts anew", _power),
        _Command("reboot stuck|free", "the station refuses to be reset, or can be reset again", _reboot),
        _Command("network off|on", "the line to the central system is cut, and mended", _network),
        _Command(
            "wait S | wait online [S] | wait N STATUS [S]",
            f"the next line waits: S seconds, or at most S ({WAIT_LIMIT_S:.0f})",
            _wait,
        ),
        _Command("status", "how the station is doing", lambda _: Report()),
        _Command("help", "this", lambda _: Help()),
        _Command("quit", "the station is shut down in an orderly way", lambda _: Quit()),
    )
}
