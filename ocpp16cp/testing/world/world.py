"""The world itself: one thing after the other, on a clock that jumps from one to the next."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from random import Random

from attrs import evolve

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.driver.simulated import PressStop, SimulatedStation
from ocpp16cp.driver.simulated.panel import ClearFault
from ocpp16cp.endpoints import Endpoint
from ocpp16cp.events import (
    ClockSet,
    LinkDown,
    LinkUp,
    PongReceived,
    TextReceived,
)
from ocpp16cp.outcome import Close, LinkAction, Open, Ping, SendText
from ocpp16cp.station import Connector, Settings, Station

from .application import Application
from .central_system import CentralSystemModel
from .fates import Reply
from .inhabitants import draw_action, mend
from .likelihoods import HEALTHY, NEVER, Faults, Likelihoods
from .meters import equip
from .mishaps import Mishaps
from .network import Network
from .reckoning import compare, weigh
from .restarts import Restarts
from .site import Site
from .vendor import VENDOR_MESSAGES
from .violation import InvariantViolated
from .ways import Ways

BIRTH = datetime(2026, 3, 1, tzinfo=UTC)
"""The time of day when a world begins."""

STATION = equip(
    Station(
        identity="WORLD-1",
        vendor="Simulated",
        model="World",
        connectors=(Connector(fixed_cable=True), Connector(fixed_cable=False)),
        central_system_url="ws://central-system/ocpp",
        endpoints=(Endpoint(interface="eth0"), Endpoint(local_address="10.0.0.5"), Endpoint(interface="wwan0")),
        vendor_messages=VENDOR_MESSAGES,
        settings=Settings(preferred_endpoint_wait_s=60),
    )
)
"""One connector with a fixed cable, one with a socket and a lock; meters that tell everything; three ways to the
central system."""

RESUMING = evolve(
    STATION,
    settings=evolve(STATION.settings, resumes_transactions=True),
    max_current_a=Decimal(40),
    configuration=(*STATION.configuration, ("ConnectorSwitch3to1PhaseSupported", "true")),
)
"""The same, but what a power cut interrupts goes on after it, it can switch phases, and its grid connection is weak."""

SOCKETS = (Connector(fixed_cable=False), Connector(fixed_cable=False))
"""Two connectors with sockets and locks."""

STATIONS = (STATION, RESUMING, evolve(STATION, connectors=SOCKETS), evolve(RESUMING, connectors=SOCKETS))
"""What lives in a world, by its seed."""

LOCK_DELAYS_S = (0.0, 0.0, 2.0, 3.0)
"""How long the locks of each of them take: some long enough for people, cars and mishaps to come between."""

MAX_CLOCK_ERROR_S = 300.0
"""By how much the station's clock is set wrongly."""

QUIET_S = 1810.0
"""The quiet time at the end: longer than the slowest retry of a transaction message and the longest back-off. It ends
between two points of the grid of clock-aligned samples, of which there is no end."""

TAIL = 60
"""Lines of the transcript that a violation shows."""


class World:
    """An hour, or so, in the life of a station.

    Args:
        seed: decides everything.
        station: what lives in it; without one, one of `STATIONS`.
        likelihoods: how eventful it is.
        faults: how badly its central system works.
        make_core: makes the station's core at each of its starts.
    """

    def __init__(
        self,
        seed: int,
        *,
        station: Station | None = None,
        likelihoods: Likelihoods | None = None,
        faults: Faults | None = None,
        make_core: type[ChargePoint] = ChargePoint,
    ) -> None:
        self.seed = seed
        self.now = 0.0
        self._notes: list[tuple[float, str, object]] = []
        self._likelihoods = likelihoods or Likelihoods()
        self._random = Random(seed)
        self._order = count()
        self._plans: list[tuple[float, int, Callable[[], None]]] = []
        self._is_quiet = False
        self.network = Network(self._random, self._plan, lambda: self.now)
        self._faults = faults or Faults()
        self.central_system = CentralSystemModel(self._random, self._faults)
        kind = seed % len(STATIONS)
        station = station or STATIONS[kind]
        self.hardware = SimulatedStation(station, seed=seed, meter_period_s=None, lock_delay_s=LOCK_DELAYS_S[kind])
        self.site = Site(
            self.hardware,
            seed,
            lambda: self.now,
            self._note,
            self._carry_out_link,
            self._power_failed,
            make_core,
        )
        self._application = Application(self._random, self._plan, self.site)
        self.site.hear = self._application.hears
        self.site.run_ended = Restarts(self._random, self._plan, self.network, self.site, lambda: self.utc).begin
        self._mishaps = Mishaps(
            self._random,
            self._plan,
            self._note,
            self.network,
            self.central_system,
            self.site,
            self._faults.amnesia,
        )
        self._ways = Ways(self._random, self._plan, self._note, self.network, self.site)
        self._registers_wh = {
            connector_id: self.hardware.reading(connector_id).register_wh for connector_id in station.connector_ids
        }

    def run(self, duration_s: float = 3600.0) -> None:
        """Live for so many eventful seconds, then in quiet until everything has come to rest.

        Raises:
            InvariantViolated: something happened that must not.
        """
        try:
            self.site.boot(self.utc)
            self._repeat(self._likelihoods.action_s, self._act)
            self._repeat(self._likelihoods.call_s, self._ask)
            self._repeat(self._likelihoods.limits_s, self._ask_for_limits)
            self._repeat(self._likelihoods.clock_s, self._set_clock)
            self._repeat(self._likelihoods.break_s, self._mishaps.break_link)
            self._repeat(self._likelihoods.power_cut_s, self._mishaps.light_fuse)
            self._repeat(self._likelihoods.endpoint_s, self._ways.fail)
            self._repeat(self._likelihoods.transfer_s, self._application.sends)
            self._repeat(self._faults.sick_s, self._mishaps.fall_sick)
            self._repeat(self._faults.restart_s, self._mishaps.restart)
            self._repeat(self._faults.stray_s, self._stray)
            self._repeat(self._faults.clock_step_s, self.central_system.step_clock)
            self._live(until=duration_s)
            self._calm_down()
            self._live(until=duration_s + QUIET_S)
            self._check_rest()
        except Exception as error:
            tail = "\n".join(self.transcript(TAIL))
            raise InvariantViolated(f"seed {self.seed} at {self.now:.3f} s: {error!r}\n{tail}") from error

    @property
    def utc(self) -> datetime:
        """The true time of day."""
        return BIRTH + timedelta(seconds=self.now)

    # Time.

    def _plan(self, after_s: float, what: Callable[[], None]) -> None:
        """Let something happen after so many seconds."""
        heapq.heappush(self._plans, (self.now + after_s, next(self._order), what))

    def _repeat(self, mean_s: float, what: Callable[[], None]) -> None:
        """Let something happen again and again at random, until the quiet time."""
        if mean_s == NEVER:
            return

        def happen() -> None:
            if not self._is_quiet:
                what()
                self._plan(self._random.expovariate(1 / mean_s), happen)

        self._plan(self._random.expovariate(1 / mean_s), happen)

    def _live(self, until: float) -> None:
        """Do one thing after the other."""
        while True:
            plan_at = self._plans[0][0] if self._plans else until
            hardware_at = self.hardware.next_change()
            instants = [until, plan_at, *(at for at in (hardware_at, self.site.wake_at) if at is not None)]
            self.now = max(self.now, min(instants))
            if self.now >= until:
                return
            if hardware_at is not None and hardware_at <= self.now:
                self.site.pass_time()
            elif self.site.wake_at is not None and self.site.wake_at <= self.now:
                self.site.wake()
            else:
                heapq.heappop(self._plans)[2]()

    # The link.

    def _carry_out_link(self, action: LinkAction) -> None:
        """Bring something to the other side."""
        number = action.number
        match action:
            case Open():
                does_work = self._ways.choose(action)
                self.network.connect(number, lambda is_up: self._opened(number, is_up=is_up), does_work)
            case SendText(text=text):
                self.network.carry(number, lambda: self._arrive(number, text), towards_station=False)
            case Ping():
                self.network.carry(number, lambda: self._pong(number), towards_station=False)
            case Close():
                self._ways.closes(action)
                self.network.drop()
                self._plan(0.01, lambda: self.site.feed(LinkDown(number, "closed")))

    def _opened(self, number: int, *, is_up: bool) -> None:
        """A connection came about, or not."""
        if is_up:
            self.central_system.connected()
            self.site.feed(LinkUp(number))
        else:
            self.site.feed(LinkDown(number, "refused"))

    def _arrive(self, number: int, text: str) -> None:
        """A frame reaches the central system."""
        for reply in self.central_system.receive(text, self.utc):
            if reply.after_s > 0:
                self._plan(reply.after_s, partial(self._reply, number, reply))
            else:
                self._reply(number, reply)

    def _reply(self, number: int, reply: Reply) -> None:
        """An answer leaves the central system."""
        if reply.is_stale:
            self._send_stale(number, reply.text)
        else:
            self._send(number, reply.text)

    def _send(self, number: int, text: str) -> None:
        """A frame leaves the central system."""
        self.network.carry(number, lambda: self.site.feed(TextReceived(number, text)), towards_station=True)

    def _send_stale(self, number: int, text: str) -> None:
        """A frame comes out of what was left of an old connection."""
        self.network.carry(number, lambda: self.site.feed(TextReceived(number - 1, text)), towards_station=True)

    def _pong(self, number: int) -> None:
        """A ping reaches the central system."""
        self.network.carry(number, lambda: self.site.feed(PongReceived(number)), towards_station=True)

    # What happens to it.

    def _act(self) -> None:
        """Somebody does something; what breaks is mended after a while."""
        action = draw_action(self._random, self.hardware.station)
        self.site.act(action)
        mending = mend(action)
        if mending is not None:
            self._plan(self._random.uniform(1.0, 120.0), partial(self.site.act, mending))

    def _ask(self) -> None:
        """The central system asks for something."""
        number = self.network.link
        if number is not None:
            for text in self.central_system.ask(self.utc):
                self._send(number, text)

    def _ask_for_limits(self) -> None:
        """The central system looks after the currents."""
        number = self.network.link
        if number is not None:
            for text in self.central_system.ask_for_limits(self.utc):
                self._send(number, text)

    def _set_clock(self) -> None:
        """Somebody sets the clock of the station, and the central system will set it right."""
        if not self.site.is_dark:
            error = timedelta(seconds=self._random.uniform(-MAX_CLOCK_ERROR_S, MAX_CLOCK_ERROR_S))
            self.site.feed(ClockSet(self.utc + error))

    def _stray(self) -> None:
        """The central system sends what nobody waits for."""
        number = self.network.link
        if number is not None:
            send = self._random.choice((self._send, self._send, self._send, self._send_stale))
            send(number, self.central_system.stray())

    def _power_failed(self) -> None:
        """The station is dark, for a while."""
        self.network.drop()
        self._plan(self._random.uniform(0.5, 200.0), lambda: self.site.restore_power(self.utc))

    # The end.

    def _calm_down(self) -> None:
        """From now on nothing bad happens any more, and everybody ends what is running."""
        self._is_quiet = True
        self.site.boundaries_left = None
        self.central_system.recover(HEALTHY)
        self._ways.mend()
        for fault in self.hardware.faults:
            self.site.act(ClearFault(fault))
        for connector_id in self.hardware.station.connector_ids:
            self._plan(QUIET_S / 3, partial(self.site.act, PressStop(connector_id)))

    def _check_rest(self) -> None:
        """Everything was told, and every watt-hour is accounted for."""
        journal = self.site.invariants.journal
        self.site.invariants.check_rest(self.now)
        self._application.check_rest()
        compare(journal, self.central_system.ledger)
        metered_wh = {
            connector_id: self.hardware.reading(connector_id).register_wh - before_wh
            for connector_id, before_wh in self._registers_wh.items()
        }
        weigh(journal, metered_wh)

    def _note(self, mark: str, what: object) -> None:
        """Add to the transcript; written out only when somebody reads it."""
        self._notes.append((self.now, mark, what))

    def transcript(self, last: int | None = None) -> list[str]:
        """What happened, line by line, or the last lines of it.

        Each has its instant and a mark: `>` into the core, `<` out of it, `!` told to the application, `*` done to the
        station.
        """
        return [f"{at:12.6f} {mark} {what}" for at, mark, what in self._notes[-last if last else 0 :]]
