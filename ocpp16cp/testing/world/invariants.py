"""What holds after every step of the station."""

from __future__ import annotations

from attrs import define, field

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.driver.simulated import SimulatedStation
from ocpp16cp.outcome import Open, Outcome, SendText
from ocpp16cp.store.memory import MemoryStore
from ocpp16cp.wire.frames import Call, CallError, CallResult, parse_frame

from .violation import InvariantViolated

TRANSACTIONS = "transactions.transactions"

MESSAGE_TIMEOUT_S = 30.0
"""The default of the key MessageTimeout, which no world changes."""

CLOCK_GRAIN_S = 1e-6
"""What the sum and the difference of two instants may lose."""


@define
class CallWatch:
    """At most one CALL of the station is in flight."""

    message_id: str | None = None
    since: float = 0.0

    def sent(self, outcome: Outcome, now: float) -> None:
        """Look at what a step sends."""
        for action in outcome.link:
            if isinstance(action, Open):
                self.message_id = None
            elif isinstance(action, SendText):
                frame = parse_frame(action.text)
                if isinstance(frame, Call):
                    self._sent_call(frame.message_id, now)

    def _sent_call(self, message_id: str, now: float) -> None:
        """A CALL leaves."""
        if self.message_id is not None and now - self.since < MESSAGE_TIMEOUT_S - CLOCK_GRAIN_S:
            raise InvariantViolated(f"CALL {message_id} is sent while {self.message_id} waits for its answer")
        self.message_id = message_id
        self.since = now

    def received(self, text: str) -> None:
        """An answer reaches the station."""
        frame = parse_frame(text)
        if isinstance(frame, CallResult | CallError) and frame.message_id == self.message_id:
            self.message_id = None


@define
class Invariants:
    """What holds of core, disk and hardware together."""

    disk: MemoryStore
    hardware: SimulatedStation
    calls: CallWatch = field(factory=CallWatch)

    def after(self, core: ChargePoint, outcome: Outcome, now: float) -> None:
        """Look at a step that was carried out whole."""
        core.audit(now=now)
        if outcome.writes:
            self._disk_equals_memory(core)
        for connector_id in self.hardware.station.connector_ids:
            if self.hardware.is_on(connector_id) and (TRANSACTIONS, str(connector_id)) not in self.disk.snapshot():
                raise InvariantViolated(f"connector {connector_id} delivers energy without a transaction")

    def _disk_equals_memory(self, core: ChargePoint) -> None:
        """What a restart would find is what the core knows."""
        memory = {(write.table, write.key): write.text for write in core.records()}
        disk = self.disk.snapshot()
        if memory != disk:
            differing = sorted(place for place in memory.keys() | disk.keys() if memory.get(place) != disk.get(place))
            raise InvariantViolated(f"disk and memory differ at {differing}")
