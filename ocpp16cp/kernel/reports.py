"""How far something is, told to the other side: each status while it listens, the last of those that it missed.

The last status is durable, so that it is told after a power cut too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from attrs import evolve

from ocpp16cp.lean import frozen

from . import calls
from .feature import CallFailure, FailureKind, Sent
from .step import Step
from .tables import Single, durable_single

Req = TypeVar("Req")


@frozen
class Report:
    """The last status."""

    status: str | None = None
    """`None`: there never was one."""
    is_told: bool = True
    """Whether the other side has taken note, or will not."""


def report_single(name: str) -> Single[Report]:
    """Declare the place of a last status."""
    return durable_single(name, Report())


@frozen(eq=False)
class Reporter(Generic[Req]):
    """Tells statuses of one kind."""

    single: Single[Report]
    request: Callable[[str], Req]
    """Makes a message of a status."""
    status_of: Callable[[Req], str]
    listens: Callable[[Step], bool]
    """Whether anything can be told now."""

    def report(self, step: Step, status: str) -> None:
        """Another status is reached."""
        step.set(self.single, Report(status, is_told=False))
        if self.listens(step):
            calls.call(step, self.request(status))

    def tell_missed(self, step: Step) -> None:
        """Tell the last status, if the other side has missed it (a rule)."""
        last = step.one(self.single)
        if last.is_told or last.status is None or not self.listens(step):
            return
        request = self.request(last.status)
        if not calls.is_under_way(step, type(request)):
            calls.call(step, request)

    def answered(self, step: Step, sent: Sent[Req], conf: Any) -> None:
        """The other side knows a status now."""
        self._settle(step, sent)

    def failed(self, step: Step, sent: Sent[Req], failure: CallFailure) -> None:
        """It could not be told: on the next connection again; or the other side does not want to know."""
        if failure.kind not in (FailureKind.LINK_DOWN, FailureKind.HELD_BACK):
            self._settle(step, sent)

    def _settle(self, step: Step, sent: Sent[Req]) -> None:
        """Nothing is left to be told, unless there is something newer."""
        last = step.one(self.single)
        if last.status == self.status_of(sent.request):
            step.set(self.single, evolve(last, is_told=True))
