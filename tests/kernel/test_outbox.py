"""Transaction messages: in order, again until they are answered or given up, over power cuts (§3.7, §4.8)."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp16cp.errors import UsageError
from ocpp16cp.events import LinkDown, LinkUp, Woke
from ocpp16cp.kernel import calls, outbox
from ocpp16cp.kernel.calls import MESSAGE_TIMEOUT
from ocpp16cp.kernel.feature import CallFailure, FailureKind, Feature, Sent, replied
from ocpp16cp.kernel.outbox import OUTBOX, TRANSACTION_MESSAGE_ATTEMPTS, TRANSACTION_MESSAGE_RETRY_INTERVAL
from ocpp16cp.kernel.records import RecordUnreadable
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import CallFailed, MessageDiscarded
from ocpp16cp.station import Settings
from ocpp16cp.wire.exchange import Exchange, Sender
from tests.kernel.artificial import STATION, Device, Log, LogConf, Say, Script, Told


def log(*texts: str, context: int | None = None, is_expendable: bool = False) -> Script:
    """Queues transaction messages."""

    def script(step: Step) -> None:
        for text in texts:
            outbox.submit(step, Log(text=text), context=context, is_expendable=is_expendable)

    return script


def say(text: str) -> Script:
    """Sends something else."""
    return lambda step: calls.call(step, Say(text=text))


def queued(device: Device) -> list[str]:
    """The messages in the queue, oldest first."""
    return [json.loads(each.payload)["text"] for each in device.engine.tables.rows(OUTBOX).values()]


# The way it should be.


def test_message_is_durable_before_it_is_sent() -> None:
    device = Device().online()

    outcome = device.do(log("a"))

    assert [(write.table, write.key) for write in outcome.writes] == [("kernel.outbox", "1")]
    assert device.texts == ["a"]


def test_messages_are_sent_in_order_and_leave_with_their_answer() -> None:
    device = Device().online()
    device.do(log("a", "b", "c"))
    assert (device.texts, queued(device)) == (["a"], ["a", "b", "c"])

    outcome = device.answer({})
    assert [(write.table, write.key, write.text) for write in outcome.writes] == [("kernel.outbox", "1", None)]
    assert (device.texts, queued(device)) == (["a", "b"], ["b", "c"])

    device.answer({})
    device.answer({})
    assert (device.texts, queued(device)) == (["a", "b", "c"], [])
    assert [told.answer for told in device.told] == [LogConf()] * 3


def test_what_was_not_known_is_filled_in_when_it_is_sent() -> None:
    device = Device().online()

    device.do(log("a", context=17))
    device.answer({})

    assert device.last_call[3] == {"text": "a", "serial": 17}
    assert device.told == [Told(Sent(Log(text="a", serial=17), 17), LogConf())]


@frozen(kw_only=True)
class Hum:
    """Complete when it is queued."""

    times: int
    text: str


HUM = Exchange("Hum", Sender.CHARGE_POINT, Hum, LogConf)


def test_message_that_is_complete_is_sent_as_it_was_queued() -> None:
    device = Device(Feature(name="hum", exchanges=(HUM,), replies=(replied(HUM, lambda *_: None),))).online()

    device.do(lambda step: outbox.submit(step, Hum(times=3, text="é")))

    assert device.last_call[2:] == ["Hum", {"times": 3, "text": "é"}]


# Failures: send, 60 s, send, 120 s, send, give up.


def test_message_is_sent_again_with_growing_waits_and_then_given_up() -> None:
    device = Device().online()
    device.do(log("a", "b"), at=1000.0)
    device.refuse()
    assert device.wakes_at() == 1060.0

    device.sleep_until(1060.0)
    device.refuse()
    assert device.wakes_at() == 1180.0

    device.sleep_until(1180.0)
    device.refuse()

    assert [(at, frame[3]["text"]) for at, frame in device.calls] == [
        (1000.0, "a"),
        (1060.0, "a"),
        (1180.0, "a"),
        (1180.0, "b"),
    ]
    [told] = device.told
    assert isinstance(told.answer, CallFailure)
    assert told.answer.kind is FailureKind.CALL_ERROR
    assert [type(notice) for notice in device.notices] == [CallFailed] * 3 + [MessageDiscarded]
    assert device.notices[-1] == MessageDiscarded("Log", "given up after 3 attempts: InternalError: ")


def test_each_attempt_has_an_id_of_its_own() -> None:
    device = Device().online()
    device.do(log("a"))
    device.refuse()
    device.sleep_until(60.0)

    assert [frame[1] for _, frame in device.calls] == ["1-1", "1-2"]


def test_silence_on_a_line_on_which_nobody_was_ever_heard_is_no_failure() -> None:
    """A proxy takes connections for a central system that is away: the message must not be given up for that."""
    device = Device().online()
    device.do(log("a"))

    for link in range(2, 8):
        device.sleep_until(device.now + 30.0)
        device.handle(LinkDown(link - 1))
        device.handle(LinkUp(link))

    assert len(device.calls) == 7
    assert not any(isinstance(notice, MessageDiscarded) for notice in device.notices)


def test_silence_and_malformed_answers_are_failures_too() -> None:
    device = Device().online()
    device.receive_text('[3,"late",{}]')
    device.do(log("a"))

    device.sleep_until(30.0)
    assert device.wakes_at() == 90.0
    device.sleep_until(90.0)
    device.answer({"unknown": 1})
    assert device.wakes_at() == 210.0
    device.sleep_until(210.0)
    device.receive_text(f'[3,"{device.last_call[1]}"]')

    assert [at for at, _ in device.calls] == [0.0, 90.0, 210.0]
    assert queued(device) == []
    assert isinstance(device.told[0].answer, CallFailure)


def test_message_that_succeeds_late_is_taken() -> None:
    device = Device().online()
    device.do(log("a", "b"))
    device.refuse()
    device.sleep_until(60.0)

    device.answer({})

    assert device.texts == ["a", "a", "b"]
    device.refuse()
    assert device.wakes_at() == 120.0


def test_other_calls_go_while_the_head_waits() -> None:
    device = Device().online()
    device.do(log("a", "b"))
    device.refuse()

    device.do(say("x"), at=10.0)
    device.answer({"word": "Yes"})

    assert device.texts == ["a", "x"]
    assert device.wakes_at() == 60.0


@pytest.mark.parametrize(("attempts", "sent"), [(0, 1), (1, 1), (2, 2), (5, 5)])
def test_attempts_are_counted_in_all(attempts: int, sent: int) -> None:
    device = Device().online()
    device.do(lambda step: step.set_key(TRANSACTION_MESSAGE_ATTEMPTS, attempts))
    device.do(log("a"))

    for _ in range(sent):
        device.refuse()
        device.sleep_until(device.wakes_at() or device.now)

    assert device.texts == ["a"] * sent
    assert queued(device) == []


def test_without_an_interval_it_is_sent_again_at_once() -> None:
    device = Device().online()
    device.do(lambda step: step.set_key(TRANSACTION_MESSAGE_RETRY_INTERVAL, 0))
    device.do(log("a"))

    device.refuse()

    assert device.texts == ["a", "a"]


def test_changed_interval_counts_for_the_wait_under_way() -> None:
    device = Device().online()
    device.do(log("a"))
    device.refuse()

    device.do(lambda step: step.set_key(TRANSACTION_MESSAGE_RETRY_INTERVAL, 10), at=5.0)

    assert device.wakes_at() == 10.0


@pytest.mark.parametrize("interval", [2**31 - 1])
def test_largest_interval_does_no_harm(interval: int) -> None:
    device = Device().online()
    device.do(lambda step: step.set_key(TRANSACTION_MESSAGE_RETRY_INTERVAL, interval))
    device.do(log("a"))
    device.refuse()

    assert device.wakes_at() == float(interval)


def test_owner_may_leave_failures_alone() -> None:
    hum = Feature(name="hum", exchanges=(HUM,), replies=(replied(HUM, lambda *_: None),))
    device = Device(hum).online()
    device.do(lambda step: step.set_key(TRANSACTION_MESSAGE_ATTEMPTS, 1))
    device.do(lambda step: outbox.submit(step, Hum(times=1, text="a")))

    device.refuse()

    assert len(device.engine.tables.rows(OUTBOX)) == 0


# The connection is lost.


def test_lost_connection_is_no_failure_of_the_message() -> None:
    device = Device().online()
    device.do(log("a"))

    for number in range(2, 8):
        device.handle(LinkDown(number - 1))
        device.handle(LinkUp(number))

    assert device.texts == ["a"] * 7
    assert queued(device) == ["a"]
    assert device.told == []
    assert device.notices == []


def test_message_is_sent_at_once_on_the_next_connection_and_keeps_its_attempts() -> None:
    device = Device().online()
    device.do(log("a"))
    device.refuse()
    device.handle(LinkDown(1), at=5.0)
    assert device.wakes_at() is None

    device.handle(LinkUp(2), at=7.0)
    device.refuse()
    assert device.wakes_at() == 127.0
    device.sleep_until(127.0)
    device.refuse()

    assert [at for at, _ in device.calls] == [0.0, 7.0, 127.0]
    assert queued(device) == []


def test_timeout_does_not_run_without_a_connection() -> None:
    device = Device().online()
    device.do(log("a"))
    device.handle(LinkDown(1))

    device.sleep_until(1000.0)

    assert queued(device) == ["a"]
    assert device.notices == []


# A power cut.


def test_power_cut_keeps_the_queue_its_order_and_the_attempts() -> None:
    device = Device().online()
    texts = [f"{number}" for number in range(12)]
    device.do(log(*texts))
    device.refuse()
    device.sleep_until(60.0)
    device.refuse()

    after = device.power_cut().online()
    assert after.texts == ["0"]
    after.refuse()
    for _ in range(11):
        after.answer({})

    # The third failure, over both runs, was the last one.
    assert after.texts == texts
    assert queued(after) == []


def test_numbers_go_on_after_a_power_cut() -> None:
    device = Device().start()
    device.do(log("a", "b"))
    after = device.power_cut().start()

    outcome = after.do(log("c"))

    assert [write.key for write in outcome.writes] == ["3"]
    assert queued(after) == ["a", "b", "c"]


def test_message_answered_just_before_the_power_cut_is_not_sent_again() -> None:
    device = Device().online()
    device.do(log("a", "b"))
    device.answer({})

    assert device.power_cut().online().texts == ["b"]


def test_stored_message_that_cannot_be_sent_is_found_at_load() -> None:
    """Otherwise it would end every run at the moment it comes to the head of the queue."""
    payloads = ['{"text":1}', "no json", "{}", '{"text":"a","more":1}']
    records = [
        json.dumps([1, {"action": "Log", "payload": text, "context": None, "is_expendable": False}])
        for text in payloads
    ]
    records += [json.dumps([1, {"action": "Gone", "payload": "{}", "context": None, "is_expendable": False}])]

    for text in records:
        with pytest.raises(RecordUnreadable, match=r"kernel\.outbox"):
            Device(stored={("kernel.outbox", "1"): text})


def test_message_too_large_to_be_read_back_is_refused_when_it_is_queued() -> None:
    device = Device(audited=False).online()

    with pytest.raises((UsageError, AssertionError)):
        device.do(log("x" * 1_048_570))

    assert device.do(log("a")).link


# A full queue.


def full_device(*, limit: int = 10) -> Device:
    return Device(station=evolve(STATION, settings=Settings(queue_limit=limit))).start()


def test_full_queue_is_thinned_evenly_and_keeps_what_must_arrive() -> None:
    device = full_device()
    device.do(log("start"))
    device.do(log(*"12345678", is_expendable=True))
    device.do(log("stop"))
    assert device.notices == []

    device.do(log("start2"))

    assert queued(device) == ["start", "2", "4", "6", "8", "stop", "start2"]
    assert device.notices == [MessageDiscarded("Log", "the queue is full")] * 4


def test_queue_stays_bounded_while_there_is_something_to_thin() -> None:
    device = full_device()

    for number in range(100):
        device.do(log(f"{number}", is_expendable=number != 50))
        assert len(queued(device)) <= 10

    assert "50" in queued(device)
    assert queued(device)[-1] == "99"


def test_queue_of_what_must_arrive_is_never_thinned() -> None:
    device = full_device()

    device.do(log(*(f"{number}" for number in range(15))))

    assert len(queued(device)) == 15
    assert device.notices == []


def test_message_in_flight_is_not_thinned() -> None:
    device = full_device()
    device.handle(LinkUp(1))
    device.do(log(*"123456789", is_expendable=True))
    device.do(log("a", "b"))

    assert queued(device)[0] == "1"
    device.answer({})
    assert device.texts == ["1", "3"]


def test_thinned_queue_is_sent_in_order() -> None:
    device = full_device()
    device.do(log(*(f"{number}" for number in range(10)), is_expendable=True))
    device.do(log("end"))

    device.handle(LinkUp(1))
    while queued(device):
        device.answer({})

    assert device.texts == ["1", "3", "5", "7", "9", "end"]


# Whatever happens.


class Storm:
    """A device, and what a central system, a connection and a power supply can do to it."""

    def __init__(self) -> None:
        self.station = evolve(STATION, settings=Settings(queue_limit=8))
        self.device = Device(station=self.station).start()
        self.link = 0
        self.is_up = False
        self.submitted = 0
        self.taken: list[int] = []
        self.given_up = 0

    @property
    def has_call_in_flight(self) -> bool:
        return len(self.device.engine.tables.rows(calls.IN_FLIGHT)) > 0

    def queue(self) -> None:
        self.device.do(log(str(self.submitted)))
        self.submitted += 1

    def queue_expendable(self) -> None:
        self.device.do(log(str(self.submitted), is_expendable=True))
        self.submitted += 1

    def say(self) -> None:
        self.device.do(say("x"))

    def answer(self) -> None:
        if not self.has_call_in_flight:
            return
        if self.device.last_call[2] == "Log":
            self.taken.append(int(self.device.last_call[3]["text"]))
            self.device.answer({})
        else:
            self.device.answer({"word": "No"})

    def answer_wrongly(self) -> None:
        if self.has_call_in_flight:
            self.device.answer(["wrong"])

    def refuse(self) -> None:
        if self.has_call_in_flight:
            self.device.refuse()

    def wait(self) -> None:
        self.device.sleep_until(self.device.now + 30.0)

    def wait_long(self) -> None:
        self.device.sleep_until(self.device.now + 200.0)

    def disconnect(self) -> None:
        if self.is_up:
            self.is_up = False
            self.device.handle(LinkDown(self.link))

    def connect(self) -> None:
        if not self.is_up:
            self.is_up = True
            self.link += 1
            self.device.handle(LinkUp(self.link))

    def cut_power(self) -> None:
        self.count()
        self.device = Device(station=self.station, stored=self.device.store).start()
        self.is_up, self.link = False, 0

    def count(self) -> None:
        self.given_up += sum(isinstance(notice, MessageDiscarded) for notice in self.device.notices)

    def calm_down(self) -> None:
        """The connection stands and the central system answers."""
        self.connect()
        while queued(self.device):
            self.device.sleep_until(self.device.wakes_at() or self.device.now)
            self.answer()
        self.count()


ACTS = [
    *(Storm.queue, Storm.queue_expendable, Storm.say, Storm.answer, Storm.answer_wrongly, Storm.refuse),
    *(Storm.wait, Storm.wait_long, Storm.disconnect, Storm.connect, Storm.cut_power),
]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(ACTS), max_size=50))
def test_messages_arrive_in_order_or_are_given_up(acts: list[Callable[[Storm], None]]) -> None:
    """In order, and each once as long as the power lasts from the answer to the end of its step."""
    storm = Storm()

    for act in acts:
        act(storm)
    storm.calm_down()

    assert storm.taken == sorted(set(storm.taken))
    assert len(storm.taken) + storm.given_up == storm.submitted


def test_wake_without_reason_changes_nothing() -> None:
    device = Device().online()
    device.do(log("a"))
    device.refuse()

    outcome = device.handle(Woke(), at=59.9)

    assert (outcome.writes, outcome.link, outcome.wake_at) == ((), (), 60.0)


def test_timeout_of_a_message_is_message_timeout() -> None:
    device = Device().online()
    device.do(lambda step: step.set_key(MESSAGE_TIMEOUT, 7))

    assert device.do(log("a")).wake_at == 7.0
