"""The lock that holds a detachable cable in the station's socket, and what can be wrong with it."""

from __future__ import annotations

from enum import StrEnum

from attrs import define, frozen

from ocpp16cp.events import CommandDone, Failed, FailureReason, Succeeded
from ocpp16cp.outcome import Lock, Unlock


class LockFault(StrEnum):
    """What is wrong with a lock."""

    STUCK = "stuck"
    """The bolt stays where it is, and its switch gives no sense; each ask fails."""
    SILENT = "silent"
    """The bolt stays where it is; asks are never answered."""
    MISSING = "missing"
    """There is no lock: nothing is held, and asks are not supported."""


@frozen
class _PendingAsk:
    """An ask that the lock is still working on."""

    command: Lock | Unlock
    due_us: int


@define
class CableLock:
    """A bolt driven by a motor; it stays where it is when the power fails."""

    is_fitted: bool
    """A fixed cable needs no lock and has none."""
    fault: LockFault | None = None
    is_bolted: bool = False
    pending: _PendingAsk | None = None
    """At most one: the motor obeys the newest ask."""

    def ask(self, command: Lock | Unlock, *, due_us: int) -> list[CommandDone]:
        """Begin with what is asked for; answered here are only asks that come to nothing by it."""
        overtaken = self.pending
        self.pending = _PendingAsk(command, due_us)
        if overtaken is None:
            return []
        failure = Failed(FailureReason.FAILED, "overtaken by a newer ask")
        return [CommandDone(overtaken.command.ask_id, failure)]

    def finish(self, now_us: int, *, has_plug: bool) -> list[CommandDone]:
        """Carry out what is due and answer it."""
        if self.pending is None or self.pending.due_us > now_us:
            return []
        command, self.pending = self.pending.command, None
        if self.fault is LockFault.SILENT:
            return []
        return [CommandDone(command.ask_id, self._move(command, has_plug=has_plug))]

    def jam(self, fault: LockFault) -> None:
        """Break it."""
        self.fault = fault
        if fault is LockFault.MISSING:
            self.is_bolted = False

    def _move(self, command: Lock | Unlock, *, has_plug: bool) -> Succeeded | Failed:
        """Drive the bolt where it is wanted, if it can be done."""
        wants_bolt = isinstance(command, Lock)
        if not self.is_fitted or self.fault is LockFault.MISSING:
            return Failed(FailureReason.NOT_SUPPORTED, "no lock")
        if self.fault is LockFault.STUCK:
            return Failed(FailureReason.FAILED, "the bolt is stuck")
        if wants_bolt and not has_plug:
            return Failed(FailureReason.FAILED, "no plug in the socket")
        self.is_bolted = wants_bolt
        return Succeeded()
