"""What happens to a station besides what people do: breaks, power cuts, and a central system that fails."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from attrs import define

from ocpp16cp.events import LinkDown

from .central_system import CentralSystemModel
from .network import Network, Schedule
from .site import Site

TOLD_AT_ONCE = 0.7
"""The share of broken connections of which the station learns at once, and not by its own pings and time-outs."""


@define(eq=False)
class Mishaps:
    """Breaks things, and sees to it that they are mended."""

    random: Random
    plan: Schedule
    note: Callable[[str, object], None]
    """Takes a line for the transcript."""
    network: Network
    central_system: CentralSystemModel
    site: Site
    amnesia: float
    """The share of restarts after which the central system has forgotten what was running."""

    def light_fuse(self) -> None:
        """The power will fail after a few more effects."""
        self.site.boundaries_left = self.random.randint(1, 12)

    def break_link(self) -> None:
        """The connection breaks, for a while."""
        self.note("*", f"the network breaks link {self.network.link}")
        self._interrupt(self.random.uniform(0.1, 120.0))

    def fall_sick(self) -> None:
        """The central system fails in most of what it does, for a while."""
        self.note("*", "the central system falls sick")
        self.central_system.is_sick = True
        self.plan(self.random.uniform(60.0, 500.0), self._heal)

    def restart(self) -> None:
        """The central system restarts; it may not remember everything."""
        forgets = self.random.random() < self.amnesia
        self.note("*", f"the central system restarts{' and forgets' if forgets else ''}")
        if forgets:
            self.central_system.ledger.forget()
        self._interrupt(self.random.uniform(1.0, 60.0))

    def _heal(self) -> None:
        """The central system works again as before."""
        self.central_system.is_sick = False

    def _interrupt(self, for_s: float) -> None:
        """There is no connection for a while; the station may or may not be told at once."""
        number = self.network.drop()
        self.network.is_up = False
        self.plan(for_s, self._mend)
        if number is not None and self.random.random() < TOLD_AT_ONCE:
            self.site.feed(LinkDown(number, "broken"))

    def _mend(self) -> None:
        """The network works again."""
        self.network.is_up = True
