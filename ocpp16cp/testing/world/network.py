"""The network between the station and its central system: delays, breaks, silence."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from attrs import define, field

Schedule = Callable[[float, Callable[[], None]], None]
"""Does something after so many seconds."""


@define
class Network:
    """At most one connection; what is under way when it breaks is lost.

    Frames of one direction arrive in the order in which they were sent.
    """

    random: Random
    schedule: Schedule
    now: Callable[[], float]
    is_up: bool = True
    link: int | None = None
    """The number of the connection that stands."""
    _arrivals: dict[bool, float] = field(factory=dict)
    """When the newest frame of each direction arrives."""

    def connect(self, number: int, then: Callable[[bool], None], does_work: Callable[[], bool]) -> None:
        """Try to connect; `then` learns after a while whether it worked, as far as the way `does_work` by then."""

        def arrive() -> None:
            is_up = self.is_up and does_work()
            if is_up:
                self.link = number
                self._arrivals.clear()
            then(is_up)

        self.schedule(self.random.uniform(0.01, 0.4), arrive)

    def carry(self, number: int, arrive: Callable[[], None], *, towards_station: bool) -> None:
        """Bring something to the other side, unless the connection breaks before."""

        def deliver() -> None:
            if self.link == number and self.is_up:
                arrive()

        now = self.now()
        at = max(now + self.random.expovariate(10.0), self._arrivals.get(towards_station, 0.0))
        self._arrivals[towards_station] = at
        self.schedule(at - now, deliver)

    def drop(self) -> int | None:
        """End the connection; its number, if there was one."""
        number, self.link = self.link, None
        return number
