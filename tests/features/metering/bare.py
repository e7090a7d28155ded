"""A charge point alone, for tests of many steps: nobody compares its disk with its memory after each of them."""

from __future__ import annotations

from datetime import datetime
from random import Random

from attrs import define, evolve, field

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.events import (
    CardPresented,
    Event,
    MeterRead,
    OutputChanged,
    Reading,
    SocketChanged,
    SocketState,
    Started,
    Woke,
)
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import StartTransaction, StopTransaction
from ocpp16cp.kernel.outbox import OUTBOX
from ocpp16cp.kernel.records import from_text
from ocpp16cp.outcome import Outcome, SetOutput, Write
from ocpp16cp.station import Station
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.strict_json import load

_MESSAGES = {each.__name__: each for each in (StartTransaction, MeterValues, StopTransaction)}


@define
class Bare:
    """A station that is never connected, with a clock, that charges whoever comes at connector 1."""

    station: Station
    now: float = 0.0
    disk: dict[tuple[str, str], str] = field(factory=dict)
    outcome: Outcome = field(factory=Outcome)
    """Of the last step."""
    queued: list[tuple[int | None, StartTransaction | MeterValues | StopTransaction]] = field(factory=list)
    """All messages that were ever queued, each with the number of its transaction."""
    charge_point: ChargePoint = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.station = evolve(
            self.station,
            central_system_url="",
            settings=evolve(self.station.settings, accept_before_first_boot=True, queue_limit=100_000),
        )

    def start(self, reading: Reading, utc: datetime = BEGINNING) -> None:
        """Start from what is on the disk."""
        records = [Write(table, key, text) for (table, key), text in self.disk.items()]
        self.charge_point = ChargePoint(self.station, records=records, random=Random(0))
        self.handle(Started(utc=utc))
        self.handle(MeterRead(1, reading))

    def charge(self) -> None:
        """Begin a transaction."""
        for event in (SocketChanged(1, SocketState.VEHICLE), CardPresented("TAG"), OutputChanged(1, is_on=True)):
            self.handle(event)

    def handle(self, event: Event) -> Outcome:
        """Let something happen now; a contactor that is told to open does so at once."""
        self.outcome = outcome = self.charge_point.handle(event, now=self.now)
        for write in outcome.writes:
            if write.text is None:
                del self.disk[write.table, write.key]
                continue
            if write.table == OUTBOX.name and (write.table, write.key) not in self.disk:
                _, message = from_text(OUTBOX, write.key, write.text)
                request = Codec().decode(_MESSAGES[message.action], load(message.payload))
                assert isinstance(request, StartTransaction | MeterValues | StopTransaction)
                self.queued.append((message.context, request))
            self.disk[write.table, write.key] = write.text
        if any(isinstance(command, SetOutput) and not command.is_on for command in outcome.commands):
            self.handle(OutputChanged(1, is_on=False))
        return outcome

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        while self.outcome.wake_at is not None and self.outcome.wake_at <= end:
            self.now = max(self.now, self.outcome.wake_at)
            self.handle(Woke())
        self.now = end

    def queued_of(self, kind: type[StopTransaction]) -> list[StopTransaction]:
        """The ends of transactions."""
        return [each for _, each in self.queued if isinstance(each, kind)]
