"""Whatever happens, a reservation is what was granted and has not ended, and a reserved connector is for its card."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from attrs import frozen
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ocpp16cp.events import ClockSet, StopPressed
from ocpp16cp.features.reservation.messages import CancelReservationStatus, ReservationStatus
from ocpp16cp.features.transactions.messages import RemoteStartTransaction, StartTransaction
from ocpp16cp.station import CHARGE_POINT, Connector
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, IdTagInfo
from tests.features.reservation.reserving import answer, cancel, disable, enable, fail, mend, reserved, shown
from tests.features.stations import station

GROUPS = {"ALICE": None, "BOB": "FAMILY", "CAROL": "FAMILY", "DAVE": None}
CONNECTORS = (1, 2)
PLACES = (CHARGE_POINT, *CONNECTORS)

id_tags = st.sampled_from(sorted(GROUPS))
numbers = st.sampled_from((1, 2, 3))
connectors = st.sampled_from(CONNECTORS)
places = st.sampled_from(PLACES)


@frozen
class Granted:
    """What the central system was promised."""

    connector_id: int
    id_tag: str
    parent: str | None
    until: datetime

    def is_for(self, id_tag: str) -> bool:
        """Whether a card may use it."""
        return id_tag == self.id_tag or (self.parent is not None and GROUPS[id_tag] == self.parent)


class ReservationHistory(RuleBasedStateMachine):
    """A station of two connectors, and what it has promised."""

    def __init__(self) -> None:
        super().__init__()
        self.play = Playbook(station(*(Connector(),) * len(CONNECTORS)))
        # No heartbeat sets the clock meanwhile.
        self.play.central_system.interval_s = 10**9
        for id_tag, parent in GROUPS.items():
            info = IdTagInfo(status=AuthorizationStatus.ACCEPTED, parent_id_tag=parent)
            self.play.central_system.cards[id_tag] = info
        self.play.boot()
        self.granted: dict[int, Granted] = {}
        self.faults: set[int] = set()
        self.clock_error = timedelta()
        self.starts_seen = 0

    # What happens.

    @rule(
        connector_id=places,
        id_tag=id_tags,
        number=numbers,
        in_group=st.booleans(),
        is_fresh=st.booleans(),
        for_s=st.sampled_from((0, 5, 3600, 3600, 3600)),
    )
    def reserve(
        self, *, connector_id: int, id_tag: str, number: int, in_group: bool, is_fresh: bool, for_s: int
    ) -> None:
        if is_fresh:
            self.make_good()
        parent = GROUPS[id_tag] if in_group else None
        until = self.play.utc + timedelta(seconds=for_s)
        status = answer(self.play, connector_id, id_tag, number=number, parent=parent, for_s=for_s)
        if status is ReservationStatus.ACCEPTED:
            assert until > self.station_utc
            self.granted[number] = Granted(connector_id, id_tag, parent, until)
        self.play.skip()

    @rule(number=numbers)
    def cancel(self, number: int) -> None:
        self.settle()
        was_there = self.granted.pop(number, None) is not None
        assert (cancel(self.play, number) is CancelReservationStatus.ACCEPTED) is was_there
        self.play.skip()

    def present(self, id_tag: str) -> None:
        self.watch_starts(lambda: self.play.present_card(id_tag))

    @rule(id_tag=id_tags, connector_id=st.none() | connectors)
    def start_remotely(self, id_tag: str, connector_id: int | None) -> None:
        request = RemoteStartTransaction(id_tag=id_tag, connector_id=connector_id)
        self.watch_starts(lambda: self.play.send(request))

    @rule(connector_id=connectors, is_in=st.booleans(), id_tag=st.none() | id_tags)
    def plug(self, connector_id: int, is_in: bool, id_tag: str | None) -> None:
        """Somebody comes or leaves, perhaps with a card."""
        if is_in:
            self.watch_starts(lambda: self.play.plug_in(connector_id))
        else:
            self.play.happens(StopPressed(connector_id))
            self.play.unplug(connector_id)
        if id_tag is not None:
            self.present(id_tag)

    @rule(
        what=st.sampled_from(("fault", "availability", "power", "clock")),
        connector_id=places,
        is_good=st.booleans(),
    )
    def something_else(self, what: str, connector_id: int, is_good: bool) -> None:
        """One rule for all of these: they end much, and what goes on is the point here."""
        if what == "fault":
            (mend if is_good else fail)(self.play, connector_id)
            (self.faults.discard if is_good else self.faults.add)(connector_id)
        elif what == "availability":
            (enable if is_good else disable)(self.play, connector_id)
        elif what == "power":
            self.lose_power(30.0 if is_good else 0.0)
        else:
            self.clock_error += timedelta(seconds=40 if is_good else -40)
            self.play.happens(ClockSet(self.station_utc))

    @rule(seconds=st.sampled_from((1.0, 10.0, 61.0)))
    def wait(self, seconds: float) -> None:
        self.play.advance(seconds)

    def make_good(self) -> None:
        """Everything works again, and is free, or as good as."""
        for connector_id in PLACES:
            mend(self.play, connector_id)
        self.faults.clear()
        enable(self.play, CHARGE_POINT)
        for connector_id in CONNECTORS:
            self.play.happens(StopPressed(connector_id))
            self.play.unplug(connector_id)

    def lose_power(self, off_s: float) -> None:
        """A power cut; afterwards the central system tells the time, and the driver what is broken."""
        self.play.power_cut(off_s=off_s)
        self.clock_error = timedelta()
        for connector_id in sorted(self.faults):
            fail(self.play, connector_id)

    # What is known of it.

    @property
    def station_utc(self) -> datetime:
        """What time the station takes it to be."""
        return self.play.utc + self.clock_error

    def is_sound(self, connector_id: int) -> bool:
        """Whether a connector, or the station, is neither faulted nor out of service."""
        is_broken = connector_id in self.faults or CHARGE_POINT in self.faults
        return not is_broken and shown(self.play, connector_id) is not ChargePointStatus.UNAVAILABLE

    def watch_starts(self, happen: Callable[[], object]) -> None:
        """Let something happen that may start transactions: none takes what is promised to somebody else."""
        self.settle()
        before = {connector_id: shown(self.play, connector_id) for connector_id in CONNECTORS}
        happen()
        for start in self.play.central_system.seen_of(StartTransaction)[self.starts_seen :]:
            own = [each for each in self.granted.values() if each.connector_id == start.connector_id]
            assert all(each.is_for(start.id_tag) for each in own), f"{start} takes what is reserved: {own}"
            if before[start.connector_id] is ChargePointStatus.RESERVED:
                assert start.reservation_id is not None, f"{start} uses nothing of a reserved connector"
            if start.reservation_id is not None:
                used = self.granted.pop(start.reservation_id)
                assert used.is_for(start.id_tag), f"{start} uses {used}"
                assert used.connector_id in (CHARGE_POINT, start.connector_id), f"{start} uses {used}"
            self.starts_seen += 1

    def settle(self) -> None:
        """End what has expired, and what is broken or out of service."""
        self.play.skip()
        works = any(self.is_sound(each) for each in CONNECTORS)
        for number, each in list(self.granted.items()):
            is_void = not self.is_sound(each.connector_id) or (each.connector_id == CHARGE_POINT and not works)
            if each.until <= self.station_utc or is_void:
                del self.granted[number]

    @invariant()
    def what_is_stored_is_what_was_granted(self) -> None:
        self.settle()
        assert reserved(self.play) == sorted(self.granted)

    @invariant()
    def reserved_is_shown_for_a_reservation_alone(self) -> None:
        self.settle()
        own = {each.connector_id for each in self.granted.values()}
        for connector_id in CONNECTORS:
            is_shown = shown(self.play, connector_id) is ChargePointStatus.RESERVED
            if is_shown:
                assert connector_id in own or CHARGE_POINT in own
            if connector_id in own:
                # Its card may be waiting for a cable.
                assert is_shown or shown(self.play, connector_id) is ChargePointStatus.PREPARING

    @invariant()
    def enough_is_reserved_where_little_is_free(self) -> None:
        """As long as every connector works and is free or reserved, those of any connector are provided for."""
        self.settle()
        statuses = [shown(self.play, connector_id) for connector_id in CONNECTORS]
        if not set(statuses) <= {ChargePointStatus.AVAILABLE, ChargePointStatus.RESERVED}:
            return
        own = [each.connector_id for each in self.granted.values() if each.connector_id != CHARGE_POINT]
        assert len(self.granted) <= len(CONNECTORS)
        is_full = len(self.granted) == len(CONNECTORS)
        expected = len(CONNECTORS) if is_full else len(own)
        assert statuses.count(ChargePointStatus.RESERVED) == expected


ReservationHistory.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
TestReservationHistory = ReservationHistory.TestCase
