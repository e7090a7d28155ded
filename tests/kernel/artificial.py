"""A device whose protocol was made up for the tests of the kernel: it says, logs, and takes orders.

`Device` drives an engine and holds it, in every step, to what must always be true: the store equals the memory, nothing
is left to do, and a rule that waits for an instant has told so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from math import nextafter
from random import Random
from typing import Any

from attrs import evolve, frozen

from ocpp16cp.events import CardPresented, Event, LinkDown, LinkUp, Started, TextReceived, Woke
from ocpp16cp.kernel import calls, records, serving
from ocpp16cp.kernel.base import BASE, SENDING
from ocpp16cp.kernel.calls import LINK
from ocpp16cp.kernel.engine import Engine
from ocpp16cp.kernel.feature import (
    Admission,
    AskResult,
    CallFailure,
    Feature,
    Gate,
    Later,
    Rule,
    Sent,
    answers,
    carried_out,
    on,
    replied,
)
from ocpp16cp.kernel.keys import Key
from ocpp16cp.kernel.step import Step
from ocpp16cp.kernel.tables import AnyTable
from ocpp16cp.outcome import Notice, Outcome, SendText, Unlock, Write
from ocpp16cp.station import Station
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.exchange import Exchange, Sender
from ocpp16cp.wire.types import CiString50

STATION = Station(identity="CP", vendor="V", model="M")


class Word(StrEnum):
    """What can be said to something that was said."""

    YES = "Yes"
    NO = "No"


@frozen(kw_only=True)
class Say:
    """Needs not survive the connection."""

    text: CiString50


@frozen(kw_only=True)
class SayConf:
    """Has a field, so that it can be malformed."""

    word: Word


@frozen(kw_only=True)
class Log:
    """A transaction message; its serial number is filled in when it is sent."""

    text: str
    serial: int | None = None


@frozen(kw_only=True)
class LogConf:
    """Taken note of."""


@frozen(kw_only=True)
class Order:
    """What the central system wants."""

    text: CiString50
    times: int | None = None


@frozen(kw_only=True)
class OrderConf:
    """What comes of it."""

    text: CiString50


SAY = Exchange("Say", Sender.CHARGE_POINT, Say, SayConf)
LOG = Exchange("Log", Sender.CHARGE_POINT, Log, LogConf)
ORDER = Exchange("Order", Sender.CENTRAL_SYSTEM, Order, OrderConf)
UNOFFERED = Exchange("Unoffered", Sender.CENTRAL_SYSTEM, LogConf, LogConf)
"""An action that is known, and that nobody handles."""

Script = Callable[[Step], object]
"""What an event's handler does, given by the test."""

Frame = list[Any]


@frozen
class Told:
    """The owner of a CALL was told what became of it."""

    sent: Sent[Any]
    answer: Any
    """The confirmation, or the failure."""


@frozen
class AskTold:
    """The owner of an ask was told what became of it."""

    command: Unlock
    context: Any
    result: AskResult


class Device:
    """An engine with features of the test, its store, and a clock that is moved by hand.

    Args:
        features: from high to low, below `SENDING` and above those of the artificial protocol.
        stored: what an earlier run has left.
    """

    def __init__(
        self,
        *features: Feature,
        stored: dict[tuple[str, str], str] | None = None,
        station: Station = STATION,
        seed: int = 1,
        audited: bool = True,
    ) -> None:
        self.store = dict(stored or {})
        self.now = 0.0
        self.outcome = Outcome()
        self.frames: list[tuple[float, Frame]] = []
        """Everything that was sent, with the time."""
        self.notices: list[Notice] = []
        self.told: list[Told] = []
        self.asks_told: list[AskTold] = []
        self.order: Callable[[Step, Order], OrderConf | Later] = lambda _, req: OrderConf(text=req.text)
        """Handles the central system's CALLs."""
        self.may_send: Callable[[Step, str, bool], bool] = lambda *_: True
        self.admits: Callable[[Step], Admission] = lambda _: Admission.HANDLE
        self.scripts: tuple[Script, ...] = ()
        """What the handler of `CardPresented` does."""
        self._audited = audited
        self.engine = Engine(
            (SENDING, *features, self._protocol(), BASE),
            station,
            stored=[Write(table, key, text) for (table, key), text in self.store.items()],
            random=Random(seed),
            codec=Codec(),
        )

    def _protocol(self) -> Feature:
        """The artificial protocol."""
        return Feature(
            name="artificial",
            exchanges=(SAY, LOG, UNOFFERED, ORDER),
            calls=(answers(ORDER, self._take_order),),
            replies=(
                replied(SAY, self._tell, failed=self._tell_failure),
                replied(LOG, self._tell, failed=self._tell_failure, complete=complete_log),
            ),
            events=(
                on(LinkUp, line_up),
                on(LinkDown, line_down),
                on(CardPresented, lambda step, _: self._run_scripts(step)),
            ),
            asks=(carried_out(Unlock, self._tell_ask),),
            gate=Gate(
                self._ask_to_send,
                self._ask_to_admit,
            ),
        )

    # What the test puts in place of a handler or a gate may change while the device runs.

    def _take_order(self, step: Step, req: Order) -> OrderConf | Later:
        return self.order(step, req)

    def _ask_to_send(self, step: Step, action: str, was_triggered: bool) -> bool:
        return self.may_send(step, action, was_triggered)

    def _ask_to_admit(self, step: Step) -> Admission:
        return self.admits(step)

    def _tell(self, _: Step, sent: Sent[Any], confirmation: object) -> None:
        self.told.append(Told(sent, confirmation))

    def _tell_failure(self, _: Step, sent: Sent[Any], failure: CallFailure) -> None:
        self.told.append(Told(sent, failure))

    def _tell_ask(self, _: Step, command: Unlock, context: object, result: AskResult) -> None:
        self.asks_told.append(AskTold(command, context, result))

    def handle(self, event: Event, *, at: float | None = None) -> Outcome:
        """Let something happen, now or at an instant that is still to come."""
        self.now = self.now if at is None else at
        self.outcome = self.engine.handle(event, self.now)
        for write in self.outcome.writes:
            if write.text is None:
                del self.store[write.table, write.key]
            else:
                self.store[write.table, write.key] = write.text
        self.notices += self.outcome.notices
        self.frames += [(self.now, frame) for frame in sent_frames(self.outcome)]
        assert self.store == stored_in(self.engine)
        if self._audited:
            self.engine.audit(self.now)
            if self.outcome.wake_at is not None:
                assert self.outcome.wake_at > self.now
                self.engine.audit(max(self.now, nextafter(self.outcome.wake_at, 0.0)))
        return self.outcome

    def start(self) -> Device:
        """Begin the run."""
        self.handle(Started())
        return self

    def online(self) -> Device:
        """Begin the run, and connect."""
        self.start()
        self.handle(LinkUp(1))
        return self

    def _run_scripts(self, step: Step) -> None:
        for script in self.scripts:
            script(step)

    def do(self, *scripts: Script, at: float | None = None) -> Outcome:
        """Let an event's handler do something, one script after the other."""
        self.scripts = scripts
        return self.handle(CardPresented("do"), at=at)

    def sleep_until(self, at: float) -> None:
        """Let time pass; the device is woken when it wants to be, and at the end."""
        while self.outcome.wake_at is not None and self.outcome.wake_at <= at:
            self.handle(Woke(), at=self.outcome.wake_at)
        self.handle(Woke(), at=at)

    def receive(self, *frame: object, number: int | None = None) -> Outcome:
        """Let the central system send a frame."""
        return self.receive_text(json.dumps(frame), number=number)

    def receive_text(self, text: str, *, number: int | None = None) -> Outcome:
        """Let the central system send a text."""
        return self.handle(TextReceived(self.link_number if number is None else number, text))

    def answer(self, payload: object) -> Outcome:
        """Let the central system answer the last CALL."""
        return self.receive(3, self.last_call[1], payload)

    def refuse(self, code: str = "InternalError") -> Outcome:
        """Let the central system refuse the last CALL."""
        return self.receive(4, self.last_call[1], code, "", {})

    def power_cut(self, *features: Feature) -> Device:
        """The next run: what is in the store, and nothing else."""
        return Device(*features, stored=self.store)

    def wakes_at(self) -> float | None:
        """When it wants to be woken."""
        return self.outcome.wake_at

    @property
    def link_number(self) -> int:
        """The number of the present connection."""
        link = self.engine.tables.rows(LINK.table).get("")
        return 0 if link is None else link.number

    @property
    def calls(self) -> list[tuple[float, Frame]]:
        """The CALLs sent, with the time."""
        return [(at, frame) for at, frame in self.frames if frame[0] == 2]

    @property
    def last_call(self) -> Frame:
        """The last CALL sent."""
        return self.calls[-1][1]

    @property
    def texts(self) -> list[str]:
        """What the CALLs sent say, in order."""
        return [frame[3]["text"] for _, frame in self.calls]


def complete_log(step: Step, request: Log, context: int | None) -> Log:
    """Fill in the serial number, which is the context here."""
    return request if context is None else evolve(request, serial=context)


def line_up(step: Step, event: LinkUp) -> None:
    """There is a connection."""
    step.set(LINK, evolve(step.one(LINK), number=event.number))
    calls.link_up(step)


def line_down(step: Step, event: LinkDown) -> None:
    """There is none any more."""
    serving.forget_unanswered(step)
    calls.link_down(step)


def sent_frames(outcome: Outcome) -> list[Frame]:
    """The frames in an outcome, parsed."""
    return [json.loads(action.text) for action in outcome.link if isinstance(action, SendText)]


def stored_in(engine: Engine) -> dict[tuple[str, str], str]:
    """What the store should hold by the engine's memory."""
    return {
        (table.name, str(key)): records.to_text(table, record) for table, key, record in engine.tables.durable_records()
    }


def made_of(
    rules: Sequence[Rule] = (),
    tables: Iterable[AnyTable] = (),
    keys: Iterable[Key[Any]] = (),
    *,
    name: str = "made",
) -> Feature:
    """A feature of rules and tables."""
    return Feature(name=name, rules=tuple(rules), tables=tuple(tables), keys=tuple(keys))
