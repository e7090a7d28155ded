"""What holds after every step of the station."""

from __future__ import annotations

from attrs import define, field

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.driver.simulated import SimulatedStation
from ocpp16cp.events import Event
from ocpp16cp.outcome import Awaited, Awaits, Open, Outcome
from ocpp16cp.store.memory import MemoryStore
from ocpp16cp.testing.status_watch import MINIMUM_STATUS_DURATION, StatusWatch

from .cards import Promises
from .dialogue import Dialogue
from .journal import Journal
from .limits import Limits
from .usage import check_usage
from .violation import InvariantViolated

TRANSACTIONS = "transactions.transactions"

PATIENCE_S = {Awaited.LOCK: 15.0, Awaited.METER: 15.0, Awaited.AUTHORIZATION: 300.0}
"""How long a connector may wait for what comes by itself, or does not: a few answers of a lock, a few cards in a row of
which nobody says anything within MessageTimeout."""

AUDIT_EVERY = 6
"""One step in so many is audited: that costs more than all the rest, and what it finds shows in many steps."""


@define
class Invariants:
    """What holds of core, disk, link and hardware together."""

    disk: MemoryStore
    hardware: SimulatedStation
    dialogue: Dialogue = field(factory=Dialogue)
    """Of the present run."""
    statuses: StatusWatch = field(factory=StatusWatch)
    """Of the present run."""
    journal: Journal = field(init=False)
    limits: Limits = field(init=False)
    promises: Promises = field(init=False)
    _awaited: dict[int, tuple[Awaited | None, float]] = field(factory=dict)
    """What each connector waits for, as the application was told, and since when."""
    _steps: int = 0

    def __attrs_post_init__(self) -> None:
        self.journal = Journal(self.hardware.station.settings.queue_limit)
        self.limits = Limits(self.disk, self.hardware)
        self.promises = Promises(self.disk)

    def boots(self, core: ChargePoint) -> None:
        """A new run begins."""
        self.dialogue = Dialogue()
        self.statuses = StatusWatch(core.key_text(MINIMUM_STATUS_DURATION) or "0")
        self._awaited.clear()

    def hears(self, event: Event, now: float) -> None:
        """Something reaches the station."""
        self.dialogue.hears(event, now)
        self.limits.hears(event)
        self.promises.hears(event)

    def committed(self, outcome: Outcome) -> None:
        """A step is on the disk, whatever else becomes of it."""
        self.journal.committed(outcome, self.dialogue.landing)
        self.limits.committed(outcome)
        self.promises.committed(outcome)

    def says(self, outcome: Outcome, now: float) -> None:
        """A step speaks, as far as the power lasts."""
        before = self.dialogue.flight
        self.dialogue.says(outcome, now)
        flight = self.dialogue.flight
        if flight is not None and flight is not before:
            self.journal.sends(flight)
            self.statuses.sends(flight.request)
        for action in outcome.link:
            if isinstance(action, Open):
                self.statuses.connects()
        check_usage(outcome.notices, self.statuses.shown, self.disk)
        for notice in outcome.notices:
            self.statuses.notices(notice)
            if isinstance(notice, Awaits):
                self._awaited[notice.connector_id] = (notice.awaited, now)

    def after(self, core: ChargePoint, outcome: Outcome, now: float) -> None:
        """Look at a step that was carried out whole."""
        self._steps += 1
        if self._steps % AUDIT_EVERY == 0:
            core.audit(now=now)
        if outcome.writes:
            self._disk_equals_memory(core)
        self.limits.after(core, now)
        self.promises.after(core, self.statuses.shown, now)
        for connector_id in self.hardware.station.connector_ids:
            if self.hardware.is_on(connector_id):
                self._may_deliver(connector_id)
        self._check_patience(now)

    def _may_deliver(self, connector_id: int) -> None:
        """Energy flows in a transaction only, and only where nobody can pull the plug."""
        if (TRANSACTIONS, str(connector_id)) not in self.disk.snapshot():
            raise InvariantViolated(f"connector {connector_id} delivers energy without a transaction")
        is_held = self.hardware.station.connector(connector_id).fixed_cable or self.hardware.is_locked(connector_id)
        if not is_held:
            raise InvariantViolated(f"connector {connector_id} delivers energy through a plug that is not locked")

    def check_rest(self, now: float) -> None:
        """After a long quiet nothing is on its way, and whoever waits does so for somebody to come."""
        self.dialogue.check_rest()
        self._check_patience(now)

    def _check_patience(self, now: float) -> None:
        """No connector waits for long for what nobody can bring."""
        for connector_id, (awaited, since) in self._awaited.items():
            if awaited in PATIENCE_S and now > since + PATIENCE_S[awaited]:
                raise InvariantViolated(f"connector {connector_id} has waited since {since:.3f} s: {awaited}")

    def _disk_equals_memory(self, core: ChargePoint) -> None:
        """What a restart would find is what the core knows."""
        memory = {(write.table, write.key): write.text for write in core.records()}
        disk = self.disk.snapshot()
        if memory != disk:
            differing = sorted(place for place in memory.keys() | disk.keys() if memory.get(place) != disk.get(place))
            raise InvariantViolated(f"disk and memory differ at {differing}")
