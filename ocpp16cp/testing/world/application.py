"""The program around the station, as far as DataTransfer goes."""

from __future__ import annotations

from functools import partial
from itertools import count
from random import Random

from attrs import define, field

from ocpp16cp.events import DataAnswered, TransferRequested
from ocpp16cp.outcome import DataReceived, Notice, TransferEnded
from ocpp16cp.vendor_messages import DataAnswer
from ocpp16cp.wire.types import DataTransferStatus

from .network import Schedule
from .site import Site
from .vendor import VENDOR
from .violation import InvariantViolated


@define(eq=False)
class Application:
    """The program around a station: it answers what it is asked, or not, and has something to send now and then."""

    random: Random
    plan: Schedule
    site: Site
    _references: count[int] = field(factory=count)
    _open: dict[int, int] = field(factory=dict)
    """What it has sent and not learnt the end of: the run of the station in which it did so, by reference."""

    def hears(self, notice: Notice) -> None:
        """Take a notice of the station.

        Raises:
            InvariantViolated: it tells the end of something that has ended before, or was never begun.
        """
        if isinstance(notice, DataReceived):
            answer = DataAnswered(notice.ticket, DataAnswer(self.random.choice(list(DataTransferStatus))))
            # Some come too late, some twice, after a restart perhaps.
            for _ in range(self.random.choice((0, 1, 1, 1, 2))):
                self.plan(self.random.uniform(0.0, 6.0), partial(self.site.feed, answer))
        elif isinstance(notice, TransferEnded) and self._open.pop(notice.reference, None) != self.site.runs:
            raise InvariantViolated(f"{notice} of what is not open")

    def sends(self) -> None:
        """It wants to send something, or several at once."""
        for _ in range(self.random.choice((1, 1, 1, 25))):
            if self.site.is_dark:
                return
            reference = next(self._references)
            self._open[reference] = self.site.runs
            self.site.feed(TransferRequested(reference, VENDOR, data="x"))

    def check_rest(self) -> None:
        """Everything that was sent has come to its end.

        Raises:
            InvariantViolated: something has not.
        """
        still_open = [reference for reference, run in self._open.items() if run == self.site.runs]
        if still_open:
            raise InvariantViolated(f"DataTransfers without an end: {still_open}")
