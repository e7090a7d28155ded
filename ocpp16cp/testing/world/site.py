"""The station at its site: core, disk and hardware, and the power that may fail between any two effects of a step."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from random import Random

from attrs import define, field

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.driver.simulated import Action, ActionImpossible, CutPower, RestorePower, SimulatedStation
from ocpp16cp.events import CommandDone, Event, StartCause, Started, Succeeded, Woke
from ocpp16cp.outcome import LinkAction, Notice, Outcome, Reboot, Restart
from ocpp16cp.store.memory import MemoryStore

from .invariants import Invariants


class _PowerCut(Exception):
    """The power fails between two effects of a step."""


@define(eq=False)
class Site:
    """One station that lives, dies and lives again on the same disk and the same hardware."""

    hardware: SimulatedStation
    seed: int
    now: Callable[[], float]
    note: Callable[[str, object], None]
    """Takes a line for the transcript: its mark, and what happened."""
    carry_out_link: Callable[[LinkAction], None]
    power_failed: Callable[[], None]
    """Learns that the station is dark now."""
    make_core: type[ChargePoint] = ChargePoint
    disk: MemoryStore = field(factory=MemoryStore)
    wake_at: float | None = None
    """When the core wants to be woken."""
    boundaries_left: int | None = None
    """The power fails at the last of so many boundaries between effects; `None`: it does not."""
    run_ended: Callable[[Restart], None] = lambda _: None
    """Learns that the software has ended, to start anew."""
    hear: Callable[[Notice], None] | None = None
    """Takes a notice of the station, as the application around it."""
    runs: int = 0
    """How often the software has started."""
    _core: ChargePoint | None = None
    _inbox: deque[Event] = field(factory=deque)
    _is_feeding: bool = False
    _reboot: Reboot | None = None
    """What the hardware is being asked for."""
    invariants: Invariants = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.invariants = Invariants(self.disk, self.hardware)

    @property
    def is_dark(self) -> bool:
        """Whether there is no power."""
        return self._core is None

    def boot(self, utc: datetime, cause: StartCause = StartCause.POWER_UP) -> None:
        """The software starts from what is on the disk, unless it runs, or there is no power.

        Every third station has no clock of its own, and learns the time from its central system alone.
        """
        if self._core is not None or not self.hardware.is_powered:
            return
        self.note("*", f"the software starts: {cause}")
        self.boundaries_left = None
        self.runs += 1
        self._core = self.make_core(self.hardware.station, records=self.disk.load(), random=Random(self.seed))
        self.invariants.boots(self._core)
        self.feed(Started(cause, utc if self.seed % 3 else None), *self.hardware.report(self.now()))

    def restore_power(self, utc: datetime) -> None:
        """The power is back, and the software starts again."""
        self.act(RestorePower())
        self.boot(utc)

    def act(self, action: Action) -> None:
        """Something is done to the hardware, if the world allows it."""
        try:
            events = self.hardware.act(action, self.now())
        except ActionImpossible:
            return
        self.note("*", action)
        self.feed(*events)

    def pass_time(self) -> None:
        """Let the hardware know what time it is."""
        self.feed(*self.hardware.advance(self.now()))

    def wake(self) -> None:
        """Wake the core; the meters are read first, so that it never sees an old reading on this clock."""
        self.feed(*self.hardware.read_meters(self.now()), Woke())

    def feed(self, *events: Event) -> None:
        """Let the core know what happened, and then what the hardware did about it, until nothing more happens."""
        self._inbox.extend(events)
        if self._is_feeding:
            return
        self._is_feeding = True
        try:
            while self._inbox and self._core is not None:
                self._step(self._core, self._inbox.popleft())
        finally:
            self._is_feeding = False
            self._inbox.clear()

    def _step(self, core: ChargePoint, event: Event) -> None:
        """One step of the core."""
        self.note(">", event)
        self.invariants.hears(event, self.now())
        outcome = core.handle(event, now=self.now())
        self.wake_at = outcome.wake_at
        try:
            self._carry_out(outcome)
        except _PowerCut:
            self._go_dark()
        else:
            self.invariants.after(core, outcome, self.now())
            if self._reboot is not None and event == CommandDone(self._reboot.ask_id, Succeeded()):
                self._end_run(self._reboot.restart)

    def _carry_out(self, outcome: Outcome) -> None:
        """Do what a step asks for, as far as the power lasts."""
        self._boundary()
        self.disk.commit(outcome.writes)
        self.invariants.committed(outcome)
        self._boundary()
        for command in outcome.commands:
            self.note("<", command)
            if isinstance(command, Reboot):
                self._reboot = command
            self.feed(*self.hardware.carry_out(command, self.now()))
            self._boundary()
        self.invariants.says(outcome, self.now())
        for action in outcome.link:
            self.note("<", action)
            self.carry_out_link(action)
            self._boundary()
        for notice in outcome.notices:
            self.note("!", notice)
            if self.hear is not None:
                self.hear(notice)

    def _boundary(self) -> None:
        """Here the power may fail."""
        if self.boundaries_left is not None:
            self.boundaries_left -= 1
            if self.boundaries_left <= 0:
                raise _PowerCut

    def _end_run(self, restart: Restart) -> None:
        """The software ends, as it was asked to."""
        self._forget()
        self.run_ended(restart)

    def _go_dark(self) -> None:
        """Everything volatile is gone."""
        self._forget()
        self.act(CutPower())
        self.power_failed()

    def _forget(self) -> None:
        """Nothing is left of the run but what is on the disk."""
        self._core = self.wake_at = self._reboot = None
        self._inbox.clear()
