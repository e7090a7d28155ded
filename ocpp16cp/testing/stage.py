"""A charge point with its surroundings on a virtual clock: disk, network, central system, hardware.

Every event is followed by an audit, every wake-up is preceded by one, and what is on disk must be what is in memory.
"""

from __future__ import annotations

import heapq
from collections import deque
from datetime import UTC, datetime, timedelta
from enum import Enum
from math import inf, nextafter
from random import Random

from attrs import define, frozen

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.events import (
    CommandDone,
    Event,
    LinkDown,
    LinkUp,
    PongReceived,
    StartCause,
    Started,
    Succeeded,
    TextReceived,
    Woke,
)
from ocpp16cp.features.connection.questions import connection_url
from ocpp16cp.outcome import Close, Command, LinkAction, Open, Outcome, Ping, Reboot, SendText, Write
from ocpp16cp.station import Station
from ocpp16cp.wire.frames import Call, parse_frame

from .central_system import ScriptedCentralSystem, typed
from .scripted_hardware import ScriptedHardware
from .status_watch import MINIMUM_STATUS_DURATION, StatusWatch

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""What time it is, to the central system, when the virtual clock shows 0."""

MAX_EVENTS_AT_ONCE = 1_000
"""Events at one instant: two sides that keep answering each other would never let time move."""


CONNECT_TIMEOUT_S = 10.0
"""How long an attempt to connect takes to fail in a network that is dead."""


class Network(Enum):
    """What becomes of connections."""

    UP = "up"
    """They come about at once, and carry everything at once."""
    DOWN = "down"
    """They fail at once."""
    DEAD = "dead"
    """Nothing comes back: attempts time out, texts and pings vanish. Only closing from our side works."""


@frozen
class PowerCut:
    """The charge point was dropped here, with everything that was not on disk."""


@frozen
class Rebooted:
    """The run ended here, because the charge point was to start anew; the next one begins with what is on disk."""


@define
class Entry:
    """One line of a transcript."""

    at: float
    is_output: bool
    item: object
    """An event; or a request, an answer, a command, a link action, a notice of the charge point."""
    is_open: bool = True
    """Of an output: no expectation has met it so far."""


def endpoint_of(station: Station, action: Open) -> int:
    """Which of `Station.endpoints` a connection is to be made to."""
    meant = (action.url, action.local_address, action.interface)
    return [
        (connection_url(way.url, station.identity), way.local_address, way.interface) for way in station.ways
    ].index(meant)


class Stage:
    """A charge point and everything around it.

    Args:
        station: what the charge point is.
        central_system: what it talks to.
        seed: of its dice.
        has_clock: the station's clock survives power cuts; without, it knows the time from the central system only.
    """

    def __init__(
        self,
        station: Station,
        *,
        central_system: ScriptedCentralSystem | None = None,
        seed: int = 0,
        has_clock: bool = False,
    ) -> None:
        self.station = station
        self.central_system = central_system or ScriptedCentralSystem()
        self.hardware = ScriptedHardware(station)
        self.network = Network.UP
        self.holds_close = False
        """Whether connections that the charge point closes do not come to their end."""
        self.endpoints_down: set[int] = set()
        """Those of `Station.endpoints`, counted from 0, that cannot be connected to although the network is up."""
        self.now = 0.0
        """Monotonic seconds: moves only in `advance`."""
        self.wake_at: float | None = None
        """When the charge point wants to be called again."""
        self.entries: list[Entry] = []
        """Everything that happened and was said."""
        self.charge_point: ChargePoint
        self._random = Random(seed)
        self._has_clock = has_clock
        self._disk: dict[tuple[str, str], str] = {}
        self._events: deque[Event] = deque()
        self._scheduled: list[tuple[float, int, Event]] = []
        self._scheduled_count = 0
        self._link = 0
        """The number of the connection that stands, or 0."""
        self._ended = 0
        """The number of the last connection or attempt that ended: each ends once."""
        self._statuses: StatusWatch
        self._reboot: Reboot | None = None
        """What the hardware is being asked for."""
        self._replace_charge_point()

    @property
    def utc(self) -> datetime:
        """The time of day, as the central system has it."""
        return BEGINNING + timedelta(seconds=self.now)

    @property
    def disk(self) -> tuple[Write, ...]:
        """Everything that is on disk."""
        return tuple(Write(table, key, text) for (table, key), text in self._disk.items())

    @property
    def link(self) -> int:
        """The number of the connection that stands, or 0."""
        return self._link

    def start(self, cause: StartCause = StartCause.POWER_UP) -> None:
        """Start the software; the driver reports everything."""
        self._begin(cause)
        self._settle()

    def _begin(self, cause: StartCause) -> None:
        """What comes first in a run."""
        started = Started(cause, self.utc if self._has_clock else None)
        self._events.extend([started, *self.hardware.everything()])

    def power_cut(self, *, cause: StartCause = StartCause.POWER_UP, off_s: float = 0.0) -> None:
        """Cut the power, or whatever the cause stands for; after `off_s` seconds start anew from what is on disk."""
        self._go_down(PowerCut())
        self.now += off_s
        self._replace_charge_point()
        self.start(cause)

    def _go_down(self, how: PowerCut | Rebooted) -> None:
        """End the run, with all that was under way."""
        self.entries.append(Entry(self.now, is_output=False, item=how))
        self._events.clear()
        self._scheduled.clear()
        self._link = self._ended = 0
        self._reboot = None
        self.hardware.lose_power()

    def happens(self, event: Event) -> None:
        """Let something happen now, and all that follows from it at the same instant."""
        self._events.append(event)
        self._settle()

    def advance(self, seconds: float) -> None:
        """Let time pass: wake-ups and delayed events come on the way, each exactly at its instant."""
        assert seconds >= 0, f"time does not run backwards: {seconds!r}"
        end = self.now + seconds
        while (at := self._next_at()) <= end:
            if at == self.wake_at:
                self.charge_point.audit(now=max(self.now, nextafter(at, -inf)))
            self.now = at
            self._events.extend(self._fall_due() or [Woke()])
            self._settle()
        self.now = end

    def _next_at(self) -> float:
        """When something happens next by itself."""
        scheduled = self._scheduled[0][0] if self._scheduled else inf
        return min(scheduled, inf if self.wake_at is None else self.wake_at)

    def _fall_due(self) -> list[Event]:
        """The delayed events of this instant, without those that have come to nothing meanwhile."""
        due = []
        while self._scheduled and self._scheduled[0][0] <= self.now:
            due.append(heapq.heappop(self._scheduled)[2])
        return [event for event in due if not self._is_lost(event)]

    def _is_lost(self, event: Event) -> bool:
        """Whether a delayed event does not come: a text in a network that failed, the second end of a connection."""
        if isinstance(event, TextReceived):
            return self.network is not Network.UP
        return isinstance(event, LinkDown) and event.number <= self._ended

    def _happens_later(self, after_s: float, event: Event) -> None:
        """Let something happen after a time; 0: when all before it at this instant has happened."""
        if after_s <= 0:
            self._events.append(event)
            return
        self._scheduled_count += 1
        heapq.heappush(self._scheduled, (self.now + after_s, self._scheduled_count, event))

    def _settle(self) -> None:
        """Let everything happen that follows at this instant."""
        for _ in range(MAX_EVENTS_AT_ONCE):
            if not self._events:
                return
            self._take(self._events.popleft())
        raise AssertionError(f"more than {MAX_EVENTS_AT_ONCE} events at {self.now} s")

    def _take(self, event: Event) -> None:
        """Hand one event to the charge point, look after it, and carry out its answer."""
        if isinstance(event, LinkDown) and event.number >= self._link:
            self._link, self._ended = 0, event.number
        self.hardware.note(event)
        self.entries.append(Entry(self.now, is_output=False, item=event))
        outcome = self.charge_point.handle(event, now=self.now)
        self._commit(outcome.writes)
        self._look_after(outcome)
        for command in outcome.commands:
            self._carry_out(command)
        for action in outcome.link:
            self._transport(action)
        for notice in outcome.notices:
            self._say(notice)
            self._statuses.notices(notice)
        self._heed_reboot(event)

    def _heed_reboot(self, event: Event) -> None:
        """Start anew if that is what the hardware has just said yes to."""
        reboot = self._reboot
        if reboot is None or event != CommandDone(reboot.ask_id, Succeeded()):
            return
        self._go_down(Rebooted())
        self._replace_charge_point()
        self._begin(StartCause(reboot.restart.value) if self.hardware.knows_cause else StartCause.POWER_UP)

    def _commit(self, writes: tuple[Write, ...]) -> None:
        """Put a batch on disk."""
        for write in writes:
            if write.text is None:
                del self._disk[write.table, write.key]
            else:
                self._disk[write.table, write.key] = write.text

    def _look_after(self, outcome: Outcome) -> None:
        """Make sure that the charge point is at rest, and has forgotten nothing."""
        self.wake_at = outcome.wake_at
        assert self.wake_at is None or self.wake_at > self.now, f"wants to be woken at {self.wake_at}, it is {self.now}"
        self.charge_point.audit(now=self.now)
        memory = {(write.table, write.key): write.text for write in self.charge_point.records()}
        assert memory == self._disk, "what is in memory differs from what is on disk"

    def _say(self, item: object) -> None:
        """Note what the charge point says."""
        self.entries.append(Entry(self.now, is_output=True, item=item))

    def _carry_out(self, command: Command) -> None:
        """Let the hardware do something."""
        self._say(command)
        if isinstance(command, Reboot):
            self._reboot = command
        for after_s, event in self.hardware.carry_out(command):
            self._happens_later(after_s, event)

    def _transport(self, action: LinkAction) -> None:
        """Let the network do something."""
        if isinstance(action, SendText):
            self._send(action)
            return
        self._say(action)
        match action:
            case Open() if self._is_endpoint_down(action):
                self._events.append(LinkDown(action.number, "connection refused"))
            case Open() if self.network is Network.UP:
                self._link = action.number
                self._statuses.connects()
                self._events.append(LinkUp(action.number))
            case Open() if self.network is Network.DOWN:
                self._events.append(LinkDown(action.number, "connection refused"))
            case Open():
                self._happens_later(CONNECT_TIMEOUT_S, LinkDown(action.number, "timed out"))
            case Ping() if self.network is Network.UP:
                self._events.append(PongReceived(action.number))
            case Close() if not self.holds_close:
                self._events.append(LinkDown(action.number, f"closed: {action.reason}"))
            case _:
                pass

    def _is_endpoint_down(self, action: Open) -> bool:
        """Whether what is to be connected to is out of order by itself."""
        endpoint = endpoint_of(self.station, action)
        return endpoint in self.endpoints_down and self.network is not Network.DEAD

    def _send(self, action: SendText) -> None:
        """Carry a text of the charge point to the central system, and its replies back."""
        frame = parse_frame(action.text)
        said = typed(frame) if isinstance(frame, Call) else frame
        self._say(said)
        self._statuses.sends(said)
        if self.network is Network.UP and action.number == self._link:
            for reply in self.central_system.receive(action.text, utc=self.utc):
                self._happens_later(reply.after_s, TextReceived(action.number, reply.text))

    def _replace_charge_point(self) -> None:
        """Make a charge point of what is on disk; it must understand all of it."""
        self.charge_point = ChargePoint(self.station, records=self.disk, random=self._random)
        self._statuses = StatusWatch(self.charge_point.key_text(MINIMUM_STATUS_DURATION) or "0")
        memory = {(write.table, write.key): write.text for write in self.charge_point.records()}
        assert memory == self._disk, "what is on disk is read back as something else"
        self.wake_at = None
