"""The ways to the central system, each of which may be out of order for a while."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random

from attrs import define, field

from ocpp16cp.events import LinkDown
from ocpp16cp.features.connection.handlers import NORMAL
from ocpp16cp.outcome import Close, Open
from ocpp16cp.testing.stage import endpoint_of

from .mishaps import TOLD_AT_ONCE
from .network import Network, Schedule
from .site import Site
from .violation import InvariantViolated


@define(eq=False)
class Ways:
    """Which endpoints work, and which one the station uses."""

    random: Random
    plan: Schedule
    note: Callable[[str, object], None]
    """Takes a line for the transcript."""
    network: Network
    site: Site
    down: set[int] = field(factory=set)
    _used: int = 0
    """The endpoint of the newest attempt."""

    def choose(self, action: Open) -> Callable[[], bool]:
        """Take note of where the station wants to connect to; returned is what tells whether that works."""
        endpoint = self._used = endpoint_of(self.site.hardware.station, action)
        return lambda: endpoint not in self.down

    def fail(self) -> None:
        """An endpoint is out of order for a while, and with it the connection that goes that way."""
        endpoint = self.random.randrange(len(self.site.hardware.station.ways))
        self.note("*", f"endpoint {endpoint} fails")
        self.down.add(endpoint)
        self.plan(self.random.uniform(1.0, 400.0), partial(self._mend, endpoint))
        if endpoint == self._used:
            number = self.network.drop()
            if number is not None and self.random.random() < TOLD_AT_ONCE:
                self.site.feed(LinkDown(number, "this way is closed"))

    def closes(self, action: Close) -> None:
        """The station leaves.

        Raises:
            InvariantViolated: it does so by choice while a CALL of its own is on its way.
        """
        flight = self.site.invariants.dialogue.flight
        if action.code == NORMAL and flight is not None:
            raise InvariantViolated(f"leaves for another endpoint while {flight.action} is in flight")

    def mend(self) -> None:
        """Everything works."""
        self.down.clear()

    def _mend(self, endpoint: int) -> None:
        """One works again."""
        self.down.discard(endpoint)
