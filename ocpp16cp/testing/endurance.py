"""An ordinary life, for as long as wanted: customers come and go, the line is down now and then, nothing else is wrong.

    life = Life(seed=1)
    life.run(days=365)
    print(life.report())

Where `world` looks for what goes wrong in an eventful hour, this asks whether a station that just works keeps working:
whether it forgets a watt-hour in a year, and whether it grows. The clock is virtual; what is kept does not grow with
the days, so a year needs no more memory than a week.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter, deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from random import Random

from attrs import define, field, frozen

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.driver.simulated import CITY, COMPACT, SEDAN, PlugIn, PresentCard, SimulatedStation, Unplug
from ocpp16cp.events import Event, LinkDown, LinkUp, Started, TextReceived, Woke
from ocpp16cp.kernel.outbox import OUTBOX
from ocpp16cp.outcome import Close, LinkAction, Open, Outcome, Ping, SendText
from ocpp16cp.station import Connector, Station
from ocpp16cp.store.memory import MemoryStore

from .world.violation import InvariantViolated

BIRTH = datetime(2026, 1, 1, tzinfo=UTC)
"""The time of day when a life begins."""

STATION = Station(
    identity="LIFE-1",
    vendor="Simulated",
    model="Life",
    connectors=(Connector(fixed_cable=True), Connector(fixed_cable=False)),
    central_system_url="ws://central-system/ocpp",
    configuration=(("WebSocketPingInterval", "0"), ("MeterValueSampleInterval", "900")),
)
"""One fixed cable, one socket; no pings, a sample of each transaction every quarter of an hour."""

HEARTBEAT_S = 900
DAY_S = 86_400.0
WEEK_S = 7 * DAY_S

OUTAGE_S = (600.0, 43_200.0)
"""How long the line is down: from ten minutes to half a day."""

HASTE_S = 60.0
"""How long a customer takes at most to find the card."""

_CARS = (COMPACT, CITY, SEDAN)


@define
class Books:
    """What the central system is told: transactions that run, by id, and the energy of those that have ended.

    Raises:
        InvariantViolated: no station may say this.
    """

    utc: Callable[[], datetime]
    told_wh: Counter[int] = field(factory=Counter)
    """By connector."""
    transactions: int = 0
    calls: int = 0
    running: dict[int, tuple[int, int]] = field(factory=dict)
    """The connector of each transaction and the register told last."""

    def answer(self, text: str) -> str | None:
        """The answer to a frame of the station; `None`: it is one itself."""
        kind, message_id, *rest = json.loads(text)
        if kind != 2:
            return None
        self.calls += 1
        action, payload = rest
        return json.dumps([3, message_id, self._confirm(action, payload)])

    def _confirm(self, action: str, payload: dict[str, object]) -> dict[str, object]:
        """What there is to say to a request; of transactions it is taken down."""
        match action:
            case "BootNotification":
                return {"status": "Accepted", "currentTime": self._now(), "interval": HEARTBEAT_S}
            case "Heartbeat":
                return {"currentTime": self._now()}
            case "Authorize":
                return {"idTagInfo": {"status": "Accepted"}}
            case "StatusNotification":
                return {}
            case _:
                return self._take_down(action, payload)

    def _take_down(self, action: str, payload: dict[str, object]) -> dict[str, object]:
        """Take down what is told of a transaction."""
        match action, payload:
            case "StartTransaction", {"connectorId": int(connector_id), "meterStart": int(meter_start)}:
                self.transactions += 1
                self.running[self.transactions] = (connector_id, meter_start)
                return {"transactionId": self.transactions, "idTagInfo": {"status": "Accepted"}}
            case "MeterValues", {"transactionId": int(transaction_id), "meterValue": list(meter_values)}:
                for value in (value for meter_value in meter_values for value in meter_value["sampledValue"]):
                    if value["measurand"] == "Energy.Active.Import.Register":
                        self._advance(transaction_id, int(value["value"]))
            case "StopTransaction", {"transactionId": int(transaction_id), "meterStop": int(meter_stop)}:
                self._advance(transaction_id, meter_stop)
                del self.running[transaction_id]
            case _:
                raise InvariantViolated(f"nobody expects this: {action} {payload}")
        return {}

    def _advance(self, transaction_id: int, register_wh: int) -> None:
        """A register is told of a running transaction: what it has grown by was delivered."""
        if transaction_id not in self.running:
            raise InvariantViolated(f"transaction {transaction_id} does not run")
        connector_id, before_wh = self.running[transaction_id]
        if register_wh < before_wh:
            raise InvariantViolated(f"transaction {transaction_id} was at {before_wh} Wh, and is at {register_wh} now")
        self.told_wh[connector_id] += register_wh - before_wh
        self.running[transaction_id] = (connector_id, register_wh)

    def _now(self) -> str:
        """The time that the central system tells."""
        return self.utc().isoformat(timespec="milliseconds").replace("+00:00", "Z")


@frozen
class Report:
    """What has become of a life so far."""

    days: float
    steps: int
    """Events that the core has dealt with."""
    calls: int
    """CALLs that have reached the central system."""
    transactions: int
    outages: int
    energy_wh: int
    """What the meters have counted, and the central system was told."""
    records: int
    """What the store holds."""


class Life:
    """A station with its customers, its line and its central system.

    Args:
        seed: decides when customers and outages come.
        station: what lives; each connector has the same number of customers.
        sessions_per_day: customers a day, of all connectors together. Each stays for at most nine tenths of the time
            until the next one.
        outages_per_week: how often the line goes down; the next connection takes the station's own back-off.
    """

    def __init__(
        self, seed: int, *, station: Station = STATION, sessions_per_day: float = 12.0, outages_per_week: float = 1.0
    ) -> None:
        self.now = 0.0
        self.steps = 0
        self.outages = 0
        self.books = Books(lambda: self.utc)
        self.store = MemoryStore()
        self.hardware = SimulatedStation(station, seed=seed, meter_period_s=None)
        self.core = ChargePoint(station, records=(), random=Random(seed))
        self._random = Random(seed)
        self._plans: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._inbox: deque[Event] = deque()
        self._wake_at: float | None = None
        self._link: int | None = None
        self._is_line_up = True
        self._began_wh = {each: self._register_wh(each) for each in station.connector_ids}
        self._feed(Started(utc=self.utc), *self.hardware.report(self.now))
        between_s = DAY_S * len(station.connectors) / sessions_per_day
        for connector_id in station.connector_ids:
            self._plan(self._random.uniform(0, between_s), partial(self._arrive, connector_id, between_s))
        if outages_per_week:
            self._plan(self._random.uniform(0, WEEK_S), partial(self._fail, WEEK_S / outages_per_week))

    @property
    def utc(self) -> datetime:
        """The true time of day."""
        return BIRTH + timedelta(seconds=self.now)

    def run(self, *, days: float) -> None:
        """Go on living for so many days.

        Raises:
            InvariantViolated: the station said something that cannot be.
        """
        until = self.now + days * DAY_S
        while True:
            hardware_at = self.hardware.next_change()
            instants = [until, self._plans[0][0]]
            instants += [at for at in (hardware_at, self._wake_at) if at is not None]
            self.now = max(self.now, min(instants))
            if self.now >= until:
                return
            if hardware_at is not None and hardware_at <= self.now:
                self._feed(*self.hardware.advance(self.now))
            elif self._wake_at is not None and self._wake_at <= self.now:
                self._feed(*self.hardware.read_meters(self.now), Woke())
            else:
                heapq.heappop(self._plans)[2]()

    def report(self) -> Report:
        """Compare what the meters count with what the central system was told, and sum it up.

        A transaction that runs is told of up to its last sample, so only the connectors without one are compared.

        Raises:
            InvariantViolated: some energy was not told, or some was told that nobody metered; or a message was left
                behind.
        """
        running = {connector_id for connector_id, _ in self.books.running.values()}
        metered = {each: self._register_wh(each) - before_wh for each, before_wh in self._began_wh.items()}
        left = sum(write.table == OUTBOX.name for write in self.store.load())
        if left and self._link is not None:
            raise InvariantViolated(f"{left} messages were left behind")
        for connector_id, wh in metered.items():
            told_wh = self.books.told_wh[connector_id]
            if told_wh > wh or (told_wh < wh and connector_id not in running and not left):
                raise InvariantViolated(f"connector {connector_id}: {wh} Wh metered, {told_wh} Wh told")
        return Report(
            days=self.now / DAY_S,
            steps=self.steps,
            calls=self.books.calls,
            transactions=self.books.transactions,
            outages=self.outages,
            energy_wh=sum(metered.values()),
            records=len(self.store.load()),
        )

    # Customers.

    def _arrive(self, connector_id: int, between_s: float) -> None:
        """A customer plugs in, finds the card, and leaves before the next one comes."""
        stays_s = self._random.uniform(0.3, 0.9) * between_s
        card = f"CARD-{self._random.randrange(500)}-{connector_id}"
        # One finds the cable before the card, the next one the card before the cable.
        plugs_s, shows_s = self._random.uniform(1, HASTE_S), self._random.uniform(1, HASTE_S)
        self._plan(plugs_s, partial(self._act, PlugIn(connector_id, self._random.choice(_CARS))))
        self._plan(shows_s, partial(self._act, PresentCard(card)))
        self._plan(stays_s, partial(self._act, PresentCard(card)))
        self._plan(stays_s + self._random.uniform(5, HASTE_S), partial(self._act, Unplug(connector_id)))
        self._plan(between_s, partial(self._arrive, connector_id, between_s))

    def _act(self, action: PlugIn | PresentCard | Unplug) -> None:
        """Somebody does something at the station."""
        self._feed(*self.hardware.act(action, self.now))

    def _register_wh(self, connector_id: int) -> int:
        """What a meter shows."""
        return self.hardware.reading(connector_id).register_wh

    # The line.

    def _fail(self, mean_s: float) -> None:
        """The line goes down, for a while."""
        self.outages += 1
        self._is_line_up = False
        number, self._link = self._link, None
        if number is not None:
            self._feed(LinkDown(number, "the line is down"))
        down_s = self._random.uniform(*OUTAGE_S)
        self._plan(down_s, self._mend)
        self._plan(down_s + self._random.uniform(0, 2 * mean_s - down_s), partial(self._fail, mean_s))

    def _mend(self) -> None:
        """The line is up again; the station will notice."""
        self._is_line_up = True

    def _carry_out(self, action: LinkAction) -> None:
        """Bring something to the other side."""
        number = action.number
        match action:
            case Open():
                self._link = number if self._is_line_up else None
                self._inbox.append(LinkUp(number) if self._is_line_up else LinkDown(number, "no route"))
            case SendText(text=text) if number == self._link:
                answer = self.books.answer(text)
                if answer is not None:
                    self._inbox.append(TextReceived(number, answer))
            case Close():
                self._link = None
                self._inbox.append(LinkDown(number, "closed"))
            case SendText() | Ping():
                pass

    # Time and the core.

    def _plan(self, after_s: float, what: Callable[[], None]) -> None:
        """Let something happen after so many seconds."""
        heapq.heappush(self._plans, (self.now + after_s, next(self._order), what))

    def _feed(self, *events: Event) -> None:
        """Let the core know what happened, and what came of it, until nothing more happens."""
        self._inbox.extend(events)
        while self._inbox:
            self.steps += 1
            outcome = self.core.handle(self._inbox.popleft(), now=self.now)
            self._wake_at = outcome.wake_at
            self._do(outcome)

    def _do(self, outcome: Outcome) -> None:
        """Carry out what a step asks for."""
        if outcome.writes:
            self.store.commit(outcome.writes)
        for command in outcome.commands:
            self._inbox.extend(self.hardware.carry_out(command, self.now))
        for action in outcome.link:
            self._carry_out(action)
