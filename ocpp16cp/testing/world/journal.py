"""What the station has to deliver, read off its disk: every transaction message from its queueing to its end.

No message leaves the queue but by an answer of the central system, or because the station gives it up and may. So the
journal knows of each message that is missing at the central system why it is missing.
"""

from __future__ import annotations

import json
from enum import Enum
from typing import Any

from attrs import define, evolve, field

from ocpp16cp.features.metering.messages import MeterValues, MeterValuesConf
from ocpp16cp.features.transactions.messages import StartTransaction, StartTransactionConf, StopTransaction
from ocpp16cp.kernel import records
from ocpp16cp.kernel.clock import END_OF_TIME, EPOCH
from ocpp16cp.kernel.outbox import OUTBOX, TRANSACTION_MESSAGE_ATTEMPTS, Queued
from ocpp16cp.kernel.timekeeping import moved
from ocpp16cp.outcome import ClockChanged, MessageDiscarded, Outcome, TransactionStarted, TransactionStopped
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.strict_json import load

from .cards import is_triggered
from .central_system import EXCHANGES
from .dialogue import Flight, Landing
from .ledger import NAMELESS
from .violation import InvariantViolated

DEFAULT_ATTEMPTS = 3
"""Of the key TransactionMessageAttempts."""


class Delivery(Enum):
    """What became of a transaction message."""

    QUEUED = "queued"
    ANSWERED = "answered"
    DISCARDED = "discarded"


@define(eq=False)
class Message:
    """A transaction message in the queue of the station."""

    request: Any
    context: int | None
    """The number of its transaction, as the station counts them."""
    is_expendable: bool
    refusals: int = 0
    """How often the central system refused it, or answered nonsense."""
    silences: int = 0
    """How often it did not answer in time."""


@define
class Account:
    """One transaction as the station tells it."""

    start: StartTransaction
    start_delivery: Delivery = Delivery.QUEUED
    transaction_id: int = NAMELESS
    """As the central system named it in the answer that the station took; before, and without one, `NAMELESS`."""
    stop: StopTransaction | None = None
    """With the id under which it was sent last."""
    stop_delivery: Delivery = Delivery.QUEUED


@define
class Journal:
    """All transactions that the station began, and its queue."""

    queue_limit: int
    """Beyond it the station may thin out what is expendable."""
    codec: Codec = field(factory=Codec)
    accounts: dict[int, Account] = field(factory=dict)
    """By number, as the station counts them."""
    queue: dict[int, Message] = field(factory=dict)
    """By ascending number."""
    discarded: list[Message] = field(factory=list)
    """What the station gave up, or thinned out."""
    _attempts: int = DEFAULT_ATTEMPTS

    def committed(self, outcome: Outcome, landing: Landing | None) -> None:
        """A step is on the disk; `landing` is what came of a CALL in it."""
        refused = self._failed(landing)
        began = len(self.accounts)
        removed = []
        for write in outcome.writes:
            if write.table == OUTBOX.name and write.text is None:
                removed.append(int(write.key))
            elif write.table == OUTBOX.name and write.text is not None:
                number, queued = records.from_text(OUTBOX, write.key, write.text)
                if number in self.queue:
                    self._change(number, queued, outcome)
                else:
                    self._queue(number, queued)
        self._match_notices(outcome, len(self.accounts) - began)
        discards = [notice.action for notice in outcome.notices if isinstance(notice, MessageDiscarded)]
        for number in removed:
            self._remove(number, landing, discards)
        if discards:
            raise InvariantViolated(f"said to be discarded, but still there: {discards}")
        if refused is not None and refused in self.queue.values() and refused.refusals >= self._attempts:
            raise InvariantViolated(f"refused {refused.refusals} times, and not given up: {refused}")
        self._take_setting(outcome)

    def sends(self, flight: Flight) -> None:
        """The station sends a CALL: of the queue it may only be the head, and with the right id."""
        if not _is_queued(flight):
            return
        head = next(iter(self.queue.values()), None)
        expected = None if head is None else self._with_id(head)
        if flight.request != expected:
            raise InvariantViolated(f"{flight.request} is sent, when it is the turn of {expected}")
        if isinstance(flight.request, StopTransaction) and head is not None and head.context is not None:
            self.accounts[head.context].stop = flight.request

    def _with_id(self, message: Message) -> object:
        """A message as it has to be sent now."""
        if isinstance(message.request, StartTransaction) or message.context is None:
            return message.request
        return evolve(message.request, transaction_id=self.accounts[message.context].transaction_id)

    def _queue(self, number: int, queued: Queued) -> None:
        """The station queues a message."""
        if self.queue and number <= max(self.queue):
            raise InvariantViolated(f"message {number} is queued before others: {queued}")
        request = self._request(queued)
        self.queue[number] = Message(request, queued.context, queued.is_expendable)
        if queued.context is None:
            return
        account = self.accounts.get(queued.context)
        if isinstance(request, StartTransaction):
            if account is not None:
                raise InvariantViolated(f"transaction {queued.context} begins twice: {request}")
            self.accounts[queued.context] = Account(request)
        elif account is None or account.stop is not None:
            raise InvariantViolated(f"transaction {queued.context} does not run: {request}")
        elif isinstance(request, StopTransaction):
            account.stop = request

    def _change(self, number: int, queued: Queued, outcome: Outcome) -> None:
        """A message that waits is another one now: only its stamps, when the station learns the time at last."""
        message = self.queue[number]
        request = self._request(queued)
        if request == message.request:
            return
        learns = any(isinstance(notice, ClockChanged) and notice.by_s is None for notice in outcome.notices)
        if not learns or _timeless(request) != _timeless(message.request):
            raise InvariantViolated(f"{message.request} becomes {request} in the queue")
        message.request = request
        account = None if queued.context is None else self.accounts[queued.context]
        if isinstance(request, StartTransaction) and account is not None:
            account.start = request
        elif isinstance(request, StopTransaction) and account is not None:
            account.stop = request

    def _request(self, queued: Queued) -> Any:
        """The message in a record of the queue."""
        return self.codec.decode(EXCHANGES[queued.action].request, load(queued.payload))

    def _match_notices(self, outcome: Outcome, began: int) -> None:
        """What the application is told of transactions is what the central system will be told."""
        started = sum(isinstance(notice, TransactionStarted) for notice in outcome.notices)
        stopped = sum(isinstance(notice, TransactionStopped) for notice in outcome.notices)
        ended = sum(write.text is not None and _is_stop(write.table, write.text) for write in outcome.writes)
        if started != began or stopped > ended:
            raise InvariantViolated(f"{began} begins and {ended} ends are queued: {outcome.notices}")

    def _failed(self, landing: Landing | None) -> Message | None:
        """A CALL has failed, perhaps; if it was the head of the queue, one of its attempts is used up.

        Returns:
            The message, if the central system has refused it. Silence says less: on a line on which nobody was ever
            heard it says nothing about the message, and does not count.
        """
        if landing is None or landing.confirmation is not None or not _is_queued(landing.flight):
            return None
        head = next(iter(self.queue.values()))
        if not landing.is_certain:
            head.silences += 1
            return None
        head.refusals += 1
        return head

    def _remove(self, number: int, landing: Landing | None, discards: list[str]) -> None:
        """A message leaves the queue: answered, given up after its last attempt, or thinned out."""
        message = self.queue[number]
        is_head = number == next(iter(self.queue))
        action = type(message.request).__name__
        is_answered = landing is not None and landing.confirmation is not None
        if is_answered and is_head and landing is not None and landing.flight.request == self._with_id(message):
            self._answered(message, landing.confirmation)
        elif action in discards and self._may_discard(message, is_head=is_head):
            discards.remove(action)
            self._discarded(message)
        else:
            raise InvariantViolated(f"message {number} left the queue, and nobody knows why: {message}")
        del self.queue[number]

    def _may_discard(self, message: Message, *, is_head: bool) -> bool:
        """Whether the station may do without a message."""
        if is_head and message.refusals + message.silences >= self._attempts:
            return True
        return message.is_expendable and len(self.queue) >= self.queue_limit

    def _answered(self, message: Message, confirmation: object) -> None:
        """The central system knows of a message."""
        if message.context is None or isinstance(confirmation, MeterValuesConf):
            return
        account = self.accounts[message.context]
        if isinstance(confirmation, StartTransactionConf):
            account.start_delivery = Delivery.ANSWERED
            account.transaction_id = confirmation.transaction_id
        else:
            account.stop_delivery = Delivery.ANSWERED

    def _discarded(self, message: Message) -> None:
        """The station gives a message up."""
        self.discarded.append(message)
        if message.context is None:
            return
        if isinstance(message.request, StartTransaction):
            self.accounts[message.context].start_delivery = Delivery.DISCARDED
        elif isinstance(message.request, StopTransaction):
            self.accounts[message.context].stop_delivery = Delivery.DISCARDED

    def _take_setting(self, outcome: Outcome) -> None:
        """The central system may change how often a message is attempted."""
        for write in outcome.writes:
            if write.key == TRANSACTION_MESSAGE_ATTEMPTS.name:
                text = None if write.text is None else json.loads(write.text)[1]["text"]
                self._attempts = DEFAULT_ATTEMPTS if text is None else max(1, int(text))


def _is_queued(flight: Flight) -> bool:
    """Whether a CALL comes out of the queue."""
    request = flight.request
    return isinstance(request, StartTransaction | StopTransaction) or (
        isinstance(request, MeterValues) and not is_triggered(request)
    )


def _is_stop(table: str, text: str) -> bool:
    """Whether a record is a queued StopTransaction."""
    return table == OUTBOX.name and '"StopTransaction"' in text


def _timeless(request: Any) -> Any:
    """A message with all its stamps at the same instant."""
    return moved(request, EPOCH, EPOCH - END_OF_TIME)
