"""A station that was asked to start anew: dark for a moment, then there again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random

from attrs import define

from ocpp16cp.events import StartCause
from ocpp16cp.outcome import Restart

from .network import Network, Schedule
from .site import Site

MAX_BOOT_S = 60.0
"""A station that was restarted is back after so many seconds at the latest."""

KNOWS_CAUSE = 0.5
"""The share of restarts after which the hardware tells that it was one, and not only that there is power."""


@define(eq=False)
class Restarts:
    """Starts the software again that has ended in order to."""

    random: Random
    plan: Schedule
    network: Network
    site: Site
    utc: Callable[[], datetime]

    def begin(self, restart: Restart) -> None:
        """The software has ended, and starts after a while; the hardware may not know why it does."""
        self.network.drop()
        cause = StartCause(restart.value) if self.random.random() < KNOWS_CAUSE else StartCause.POWER_UP
        self.plan(self.random.uniform(0.5, MAX_BOOT_S), lambda: self.site.boot(self.utc(), cause))
