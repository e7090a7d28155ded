"""A day of two cars at the simulated station, under ten charging profiles, held against the oracle."""

from __future__ import annotations

import math
from collections import deque
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from attrs import define, evolve, field

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.driver.simulated import COMPACT, PlugIn, PresentCard, SimulatedStation
from ocpp16cp.events import Event, LinkUp, PongReceived, Started, TextReceived, Woke
from ocpp16cp.features.smart_charging.messages import SetChargingProfile
from ocpp16cp.outcome import LinkAction, Open, Ping, SendText
from ocpp16cp.station import Station
from ocpp16cp.testing import ScriptedCentralSystem
from ocpp16cp.testing.oracle import Grid, Oracle, Running, install
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.types import ChargingProfile
from tests.features.smart_charging.profiles import DEFAULT, MAX, RECURRING, RELATIVE, TX, W, profile
from tests.features.stations import STATION, configured

DAY_S = 86_400
CAR = evolve(
    COMPACT, battery_wh=2_000_000, charge_wh=0, max_current_a=Decimal(32), curve=((0, 100),), target_percent=100
)
"""It takes what it is offered, all day long."""

QUIET = configured(STATION, MeterValueSampleInterval=0, WebSocketPingInterval=0)
"""It says little else."""

PROFILES: list[tuple[int, ChargingProfile]] = [
    (0, profile(MAX, "0:50, 25200:24, 32400:40, 61200:13, 75600:60", number=1, kind=RECURRING, start=-3 * DAY_S)),
    (0, profile(MAX, "0:30, 600:36", number=2, level=1, start=40_000, duration=3_600)),
    (0, profile(DEFAULT, "0:16, 21600:10, 36000:20, 72000:6", number=3, kind=RECURRING, start=-86_400 * 9)),
    (0, profile(DEFAULT, "0:12, 1800:22", number=4, level=2, start=18_000, duration=5_400)),
    (1, profile(DEFAULT, "0:14000, 3000:7000, 9000:22080", number=5, level=1, unit=W, start=12_345, duration=20_000)),
    (2, profile(DEFAULT, "0:9, 43200:32", number=6, kind=RECURRING, daily=False, start=-7 * DAY_S + 7)),
    (2, profile(DEFAULT, "0:32, 120:0, 240:8", number=7, level=3, kind=RELATIVE, duration=1_000)),
    (1, profile(TX, "0:7, 1:8, 2:9, 3:10, 60:25.5", number=8, start=50_000, duration=10_000)),
    (1, profile(TX, "0:5.9, 300:6, 600:6.1", number=9, level=1, start=55_000, valid_from=55_100, valid_to=56_000)),
    (
        2,
        profile(TX, "0:11040, 500:4140", number=10, unit=W, kind=RECURRING, start=0, valid_from=80_000, duration=4_000),
    ),
]
"""Ten profiles of every purpose and kind, in amperes and in watts, that meet in each hour of the day."""


@define
class Place:
    """A station with its hardware, on a virtual clock; the central system answers at once."""

    station: Station
    central_system: ScriptedCentralSystem = field(factory=ScriptedCentralSystem)
    now: float = 0.0
    origin: float = 0.0
    """Where the monotonic clock stood at `BEGINNING`."""
    changes: list[tuple[float, dict[int, Fraction]]] = field(factory=list)
    """When the currents were others than before, in seconds from `BEGINNING`, and which then."""
    _events: deque[Event] = field(factory=deque)
    _link: int = 0
    wake_at: float | None = None
    hardware: SimulatedStation = field(init=False)
    core: ChargePoint = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.hardware = SimulatedStation(self.station, meter_period_s=None)
        self.core = ChargePoint(self.station, random=Random(0))

    @property
    def utc(self) -> datetime:
        return BEGINNING + timedelta(seconds=self.now - self.origin)

    def feed(self, *events: Event) -> None:
        """Let the core know, and carry out what it says, until nothing follows any more."""
        self._events.extend(events)
        while self._events:
            outcome = self.core.handle(self._events.popleft(), now=self.now)
            self.wake_at = outcome.wake_at
            for command in outcome.commands:
                self._events.extend(self.hardware.carry_out(command, self.now))
            for action in outcome.link:
                self._transport(action)
        currents = {each: _current_a(self.hardware, each) for each in self.station.connector_ids}
        if not self.changes or self.changes[-1][1] != currents:
            self.changes.append((round(self.now - self.origin, 4), currents))

    def _transport(self, action: LinkAction) -> None:
        match action:
            case Open():
                self._link = action.number
                self._events.append(LinkUp(action.number))
            case SendText():
                replies = self.central_system.receive(action.text, utc=self.utc)
                self._events.extend(TextReceived(action.number, reply.text) for reply in replies)
            case Ping():
                self._events.append(PongReceived(action.number))
            case _:
                raise AssertionError(action)

    def ask(self, request: object) -> object:
        """Let the central system ask for something."""
        message_id, text = self.central_system.call(request)
        self.feed(TextReceived(self._link, text))
        return self.central_system.answers[message_id]

    def live(self, until: float) -> None:
        """Let time pass."""
        while True:
            instants = [at for at in (self.wake_at, self.hardware.next_change()) if at is not None]
            at = min(instants, default=until)
            if at > until:
                break
            self.now = at
            self.feed(*self.hardware.advance(at), Woke())
        self.now = until


def _current_a(hardware: SimulatedStation, connector_id: int) -> Fraction:
    """What flows on each phase, exactly."""
    currents = set(hardware.reading(connector_id).current_a)
    assert len(currents) == 1
    return Fraction(round(currents.pop() * 1000), 1000)


@pytest.mark.parametrize(("origin", "fraction_s"), [(0.0, 0.0), (0.0, 0.317), (2.0**33, 0.2)])
def test_currents_follow_the_composite_all_day_to_the_second(origin: float, fraction_s: float) -> None:
    """§3.13: at each instant at which anything changes.

    Whatever fraction of a second the station's life began at, and however coarse its monotonic clock: at two to the
    33rd seconds its steps are of two microseconds, and no whole second of the day is one of them.
    """
    place = Place(QUIET, now=origin + fraction_s, origin=origin)
    place.hardware.advance(place.now)
    place.feed(Started(utc=place.utc), *place.hardware.report(place.now))
    for connector_id in (1, 2):
        place.feed(*place.hardware.act(PlugIn(connector_id, CAR), place.now))
        place.feed(*place.hardware.act(PresentCard(f"TAG-{connector_id}"), place.now))
    for connector_id, new in PROFILES:
        request = SetChargingProfile(connector_id=connector_id, cs_charging_profiles=new)
        assert "Accepted" in str(place.ask(request)), new
    place.changes.clear()
    place.feed()

    place.live(until=origin + DAY_S - 0.5)

    begin = math.floor(BEGINNING.timestamp())
    running = tuple(Running(connector_id=each, transaction_id=each, start=BEGINNING) for each in (1, 2))
    grid = Grid(connectors=((3, Fraction(32)), (3, Fraction(32))))
    oracle = Oracle(grid, install(PROFILES, BEGINNING), running)
    boundaries = {t - begin for t in oracle.boundaries(begin, begin + DAY_S)}
    # Between these instants nothing changes: then all seconds of the day are as the first of their stretch.
    assert {at for at, _ in place.changes[1:]} <= boundaries
    shared = 0
    for second in sorted({1, *(each for each in boundaries if 0 < each < DAY_S)}):
        flows = [currents for at, currents in place.changes if at <= second][-1]
        shared += _check(oracle, begin + second, flows)
    assert len(place.changes) > 20
    assert shared > 3


def _check(oracle: Oracle, t: int, flows: dict[int, Fraction]) -> bool:
    """Hold what flows against the oracle; whether it had to be shared."""
    own = {each: oracle.limit(each, t, t)[0] for each in flows}
    ceiling = oracle.ceiling(t)
    limits = {each: Fraction(0) if limit is None or limit < 6 else _floored(limit) for each, limit in own.items()}
    is_shared = ceiling is not None and sum(limits.values()) > ceiling
    assert ceiling is None or sum(flows.values()) <= ceiling, t
    for each, flow in flows.items():
        assert flow <= limits[each], (t, each)
        if not is_shared:
            assert flow == limits[each], (t, each)
    return is_shared


def _floored(limit: Fraction) -> Fraction:
    """To tenths, as limits are told."""
    return Fraction(math.floor(limit * 10), 10)
