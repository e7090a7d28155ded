"""CALLs of ours: one at a time, each told what became of it, whatever the central system does (OCPP-J §4)."""

from __future__ import annotations

import pytest
from attrs import frozen

from ocpp16cp.errors import CallErrorCode, UsageError
from ocpp16cp.events import LinkDown, LinkUp, Started, TextReceived, Woke
from ocpp16cp.kernel import calls, outbox
from ocpp16cp.kernel.calls import EXCERPT, LINK, MAX_WAITING, MESSAGE_TIMEOUT
from ocpp16cp.kernel.feature import CallFailure, FailureKind, Feature, Rule, Sent, replied
from ocpp16cp.kernel.step import Step
from ocpp16cp.kernel.tables import volatile
from ocpp16cp.outcome import CallFailed, FrameRefused, SendText
from ocpp16cp.wire.exchange import Exchange, Sender
from tests.kernel.artificial import Device, Log, OrderConf, Say, SayConf, Script, Told, Word, made_of

YES = {"word": "Yes"}


def say(
    *texts: str,
    context: int | None = None,
    was_triggered: bool = False,
    replaces: str | None = None,
    after: int | None = None,
    is_urgent: bool = False,
) -> Script:
    """Sends texts that need not survive."""

    def script(step: Step) -> None:
        for text in texts:
            calls.call(
                step,
                Say(text=text),
                context=context,
                was_triggered=was_triggered,
                replaces=replaces,
                after=after,
                is_urgent=is_urgent,
            )

    return script


def log(*texts: str) -> Script:
    """Queues transaction messages."""

    def script(step: Step) -> None:
        for text in texts:
            outbox.submit(step, Log(text=text))

    return script


def failure_of(told: Told) -> FailureKind:
    assert isinstance(told.answer, CallFailure)
    return told.answer.kind


def room_left(device: Device, count: int) -> bool:
    """Whether so many more CALLs can wait."""
    found: list[bool] = []
    device.do(lambda step: found.append(calls.has_room(step, count)))
    return found[0]


# Sending.


def test_call_is_sent_at_once() -> None:
    device = Device().online()

    device.do(say("a"))

    assert device.calls == [(0.0, [2, "1-1", "Say", {"text": "a"}])]


def test_message_ids_are_run_and_number() -> None:
    """They are unique for ever: the number of the run is durable (OCPP-J §4.1.4)."""
    device = Device().online()
    device.do(say("a", "b"))
    device.answer(YES)
    again = device.power_cut().online()
    again.do(say("c"))

    assert [frame[1] for _, frame in device.calls + again.calls] == ["1-1", "1-2", "2-1"]


def test_numbers_go_on_over_connections() -> None:
    device = Device().online()
    device.do(say("a"))
    device.handle(LinkDown(1))
    device.handle(LinkUp(2))
    device.do(say("b"))

    assert [frame[1] for _, frame in device.calls] == ["1-1", "1-2"]


def test_one_call_is_in_flight_at_a_time() -> None:
    device = Device().online()

    device.do(say("a", "b", "c"))
    assert device.texts == ["a"]
    device.handle(Woke())
    assert device.texts == ["a"]
    device.answer(YES)
    assert device.texts == ["a", "b"]
    device.refuse()
    assert device.texts == ["a", "b", "c"]


def test_calls_are_sent_in_the_order_they_were_made() -> None:
    device = Device().online()
    texts = [f"{number}" for number in range(12)]

    device.do(say(*texts))
    for _ in texts:
        device.answer(YES)

    assert device.texts == texts


def test_transaction_messages_wait_for_all_others() -> None:
    device = Device().online()

    device.do(log("L1", "L2"))
    device.do(say("a", "b"))
    for payload in ({}, YES, YES, {}):
        device.answer(payload)

    assert device.texts == ["L1", "a", "b", "L2"]


def test_nothing_is_sent_without_a_connection() -> None:
    device = Device().start()

    device.do(say("a"))
    device.do(log("L1"))
    assert device.calls == []

    device.handle(LinkUp(1))
    assert device.texts == ["a"]


def test_newer_call_takes_the_place_of_one_that_waits() -> None:
    device = Device().online()
    device.do(say("first"))

    device.do(say("a1", replaces="a"))
    device.do(say("b1", replaces="b"))
    device.do(say("a2", replaces="a"))
    for _ in range(3):
        device.answer(YES)

    assert device.texts == ["first", "b1", "a2"]
    assert [told.sent.request.text for told in device.told] == ["first", "b1", "a2"]


def test_call_in_flight_is_not_replaced() -> None:
    device = Device().online()

    device.do(say("a1", replaces="a"))
    device.do(say("a2", replaces="a"))
    device.answer(YES)

    assert device.texts == ["a1", "a2"]


def test_call_waits_until_the_transaction_message_before_it_was_sent() -> None:
    device = Device().online()
    device.do(say("first"))

    def script(step: Step) -> None:
        log("L1", "L2")(step)
        say("after", after=step.was_submitted)(step)
        say("free")(step)

    device.do(script)
    for payload in (YES, YES, {}, {}):
        device.answer(payload)

    # Sent once is enough: the answer to L2 was not waited for.
    assert device.texts == ["first", "free", "L1", "L2", "after"]


def test_call_goes_once_the_message_before_it_is_gone() -> None:
    device = Device().online()
    device.do(log("L1"))
    device.answer({})

    device.do(say("a", after=1))

    assert device.texts == ["L1", "a"]


def test_call_goes_when_the_message_before_it_waits_for_its_retry() -> None:
    device = Device().online()

    def script(step: Step) -> None:
        log("L1")(step)
        say("after", after=step.was_submitted)(step)

    device.do(script)
    device.refuse()

    assert device.texts == ["L1", "after"]


def test_call_waits_for_what_the_one_it_replaces_waited_for() -> None:
    """A status that changes again must not overtake the start it follows from."""
    device = Device().online()
    device.do(say("first"))

    def script(step: Step) -> None:
        log("L1")(step)
        say("charging", replaces="status", after=step.was_submitted)(step)

    device.do(script)
    device.do(say("suspended", replaces="status"))
    device.answer(YES)

    assert device.texts == ["first", "L1"]
    device.answer({})
    assert device.texts == ["first", "L1", "suspended"]


def test_newest_transaction_message_of_a_step_is_known_in_this_step_only() -> None:
    device = Device().start()
    seen: list[int | None] = []

    def look(step: Step) -> None:
        seen.append(step.was_submitted)

    device.do(look, log("a", "b"), look)
    device.do(look)

    assert seen == [None, 2, None]


# Answers.


def test_answer_goes_to_the_owner() -> None:
    device = Device().online()
    device.do(say("a", context=7, was_triggered=True))

    device.answer(YES)

    assert device.told == [Told(Sent(Say(text="a"), 7, was_triggered=True), SayConf(word=Word.YES))]
    assert device.wakes_at() is None
    assert device.notices == []


def test_refusal_goes_to_the_owner_and_the_application() -> None:
    device = Device().online()
    device.do(say("a"))

    device.receive(4, "1-1", "NotSupported", "never heard of it", {"x": 1})

    [told] = device.told
    text = "NotSupported: never heard of it"
    assert told.answer == CallFailure(FailureKind.CALL_ERROR, text, CallErrorCode.NOT_SUPPORTED)
    assert device.notices == [CallFailed("Say", text)]


def test_long_refusal_is_cut() -> None:
    device = Device().online()
    device.do(say("a"))

    device.receive(4, "1-1", "GenericError", "x" * 10_000, {})

    [notice] = device.notices
    assert isinstance(notice, CallFailed)
    assert len(notice.reason) == EXCERPT


@pytest.mark.parametrize("payload", [{}, {"word": "Maybe"}, {"word": "Yes", "more": 1}, [], "Yes", 3, None])
def test_malformed_confirmation_is_a_failure(payload: object) -> None:
    device = Device().online()
    device.do(say("a", "b"))

    device.answer(payload)

    assert failure_of(device.told[0]) is FailureKind.INVALID_ANSWER
    assert device.texts == ["a", "b"]
    # Never a CALLERROR to an answer.
    assert len(device.frames) == 2


@pytest.mark.parametrize(
    "text",
    [
        '[3,"1-1"]',
        '[3,"1-1",{"word":"Yes"},1]',
        '[3,"1-1",{"word":"Yes","word":"Yes"}]',
        '[3,"1-1",{"word":NaN}]',
        '[4,"1-1"]',
        '[4,"1-1","GenericError",1,{}]',
    ],
)
def test_malformed_answer_frame_fails_the_call_it_belongs_to(text: str) -> None:
    device = Device().online()
    device.do(say("a", "b"))

    device.receive_text(text)

    assert failure_of(device.told[0]) is FailureKind.INVALID_ANSWER
    assert device.texts == ["a", "b"]
    assert len(device.frames) == 2


@pytest.mark.parametrize("text", ['[3,"1-2"]', '[3,"1-11",{},1]', '[4,"9-1"]', "[3]", '[4,7,"a","b",{}]'])
def test_malformed_answer_to_another_call_fails_nothing(text: str) -> None:
    device = Device().online()
    device.do(say("a", "b"))

    device.receive_text(text)

    assert device.told == []
    assert len(device.frames) == 1


@pytest.mark.parametrize(
    "frame", [(3, "1-2", YES), (3, "1-01", YES), (3, " 1-1", YES), (4, "x", "GenericError", "", {}), (3, "x" * 99, YES)]
)
def test_answer_to_an_unknown_call_is_dropped(frame: tuple[object, ...]) -> None:
    device = Device().online()
    device.do(say("a", "b"))

    device.receive(*frame)

    assert device.told == []
    assert device.texts == ["a"]
    [notice] = device.notices
    assert isinstance(notice, FrameRefused)
    device.answer(YES)
    assert device.texts == ["a", "b"]


def test_second_answer_to_a_call_is_dropped() -> None:
    device = Device().online()
    device.do(say("a", "b"))
    device.answer(YES)

    device.receive(3, "1-1", YES)

    assert [told.sent.request.text for told in device.told] == ["a"]


def test_answer_that_belongs_to_an_old_connection_is_not_heard() -> None:
    device = Device().online()
    device.handle(LinkDown(1))
    device.handle(LinkUp(2))
    device.do(say("a"))

    device.receive(3, "1-1", YES, number=1)
    assert device.told == []

    device.receive(3, "1-1", YES, number=2)
    assert len(device.told) == 1


# Silence.


def test_call_without_an_answer_fails_after_message_timeout() -> None:
    device = Device().online()
    device.do(say("a", "b"), at=10.0)
    assert device.wakes_at() == 40.0

    device.handle(Woke(), at=40.0)

    assert failure_of(device.told[0]) is FailureKind.TIMED_OUT
    assert device.notices == [CallFailed("Say", "no answer within 30 s")]
    assert device.texts == ["a", "b"]
    assert device.wakes_at() == 70.0


def test_urgent_call_behind_others_fails_when_it_waits_for_too_long() -> None:
    """Counted from when it was made; the others wait as long as it takes."""
    device = Device().online()
    device.do(say("a", "b"))
    device.do(say("c", is_urgent=True), at=10.0)
    device.handle(Woke(), at=30.0)
    assert device.texts == ["a", "b"]
    device.told.clear()
    assert device.wakes_at() == 40.0

    device.handle(Woke(), at=40.0)

    assert failure_of(device.told[0]) is FailureKind.TIMED_OUT
    assert device.notices[-1] == CallFailed("Say", "could not be sent within 30 s")
    device.answer(YES)
    assert device.texts == ["a", "b"]


def test_urgent_call_that_was_sent_has_its_time_for_the_answer() -> None:
    device = Device().online()
    device.do(say("a"))
    device.do(say("b", is_urgent=True), at=10.0)
    device.handle(Woke(), at=30.0)

    assert device.texts == ["a", "b"]
    assert device.wakes_at() == 60.0


def test_urgent_call_behind_a_closed_gate_fails() -> None:
    device = Device()
    device.may_send = lambda *_: False
    device.online()
    device.do(say("a", is_urgent=True))

    device.handle(Woke(), at=30.0)

    assert failure_of(device.told[0]) is FailureKind.TIMED_OUT
    assert device.wakes_at() is None


def test_late_answer_is_dropped() -> None:
    device = Device().online()
    device.do(say("a"))
    device.handle(Woke(), at=30.0)
    device.told.clear()

    device.receive(3, "1-1", YES)

    assert device.told == []
    assert isinstance(device.notices[-1], FrameRefused)


def test_changed_message_timeout_counts_for_the_call_in_flight() -> None:
    device = Device().online()
    device.do(say("a"))

    assert device.do(lambda step: step.set_key(MESSAGE_TIMEOUT, 5)).wake_at == 5.0


def is_suspect(device: Device) -> bool:
    return device.engine.tables.rows(LINK.table)[""].is_suspect


def test_connection_on_which_nothing_is_heard_until_a_timeout_is_suspect() -> None:
    device = Device().online()
    device.do(say("a"), at=10.0)

    device.handle(Woke(), at=40.0)
    assert is_suspect(device)

    device.handle(LinkDown(1))
    device.handle(LinkUp(2))
    assert not is_suspect(device)


def test_connection_on_which_other_things_are_heard_is_not_suspect() -> None:
    device = Device().online()
    device.do(say("a"), at=10.0)
    device.now = 20.0
    device.receive(2, "x1", "Order", {"text": "b"})

    device.handle(Woke(), at=40.0)

    assert failure_of(device.told[0]) is FailureKind.TIMED_OUT
    assert not is_suspect(device)


# The connection is lost.


def test_lost_connection_fails_what_waits_and_what_is_in_flight() -> None:
    device = Device().online()
    device.do(say("a", "b", "c"))

    device.handle(LinkDown(1))

    assert [(told.sent.request.text, failure_of(told)) for told in device.told] == [
        ("a", FailureKind.LINK_DOWN),
        ("b", FailureKind.LINK_DOWN),
        ("c", FailureKind.LINK_DOWN),
    ]
    assert len(device.notices) == 3
    device.handle(LinkUp(2))
    assert device.texts == ["a"]
    assert device.wakes_at() is None


# A gate closes.


def test_closed_gate_fails_what_waits_for_it_when_that_is_asked_for() -> None:
    """A CALL in flight stays, and so does what may still be sent."""
    device = Device().online()
    device.do(say("a", "b"), lambda step: calls.call(step, Say(text="asked for"), was_triggered=True))
    device.may_send = lambda _, __, was_triggered: was_triggered

    device.do(calls.fail_held_back)

    assert [(told.sent.request.text, failure_of(told)) for told in device.told] == [("b", FailureKind.HELD_BACK)]
    device.answer(YES)
    assert device.texts == ["a", "asked for"]


def test_call_made_when_the_connection_is_lost_waits_for_the_next() -> None:
    """What an owner sends anew when it hears of the loss must not be lost with the rest."""
    device = Device().online()
    device.do(say("a"))
    device.handle(LinkDown(1))
    device.do(say("b"))

    device.handle(LinkUp(2))

    assert device.texts == ["a", "b"]


# Bounds.


def test_calls_that_wait_are_bounded() -> None:
    device = Device().online()
    device.do(say("flying"))
    device.do(say(*(f"{number}" for number in range(MAX_WAITING))))
    assert device.told == []

    device.do(say("one too many"))

    [told] = device.told
    assert isinstance(told.answer, CallFailure)
    assert told.answer.text == f"{MAX_WAITING} calls are waiting already"
    # An owner that waits for the next connection would wait for ever, one that sends again at once would never rest.
    assert told.answer.kind is not FailureKind.LINK_DOWN
    device.answer(YES)
    assert device.texts == ["flying", "0"]


def test_room_left_can_be_asked_for() -> None:
    device = Device().online()
    device.do(say("flying", *(f"{number}" for number in range(MAX_WAITING - 2))))

    assert room_left(device, 2)
    assert not room_left(device, 3)


def test_newer_call_finds_room_in_the_place_of_the_one_it_replaces() -> None:
    device = Device().online()
    device.do(say("flying"))
    device.do(say(*(f"{number}" for number in range(MAX_WAITING - 1))))
    device.do(say("old", replaces="x"))

    device.do(say("new", replaces="x"))

    assert device.told == []


# Gates.


def test_gate_holds_back_what_may_not_be_sent_and_lets_pass_what_may() -> None:
    device = Device()
    device.may_send = lambda _, action, was_triggered: was_triggered
    device.online()

    device.do(say("a"))
    device.do(log("L1"))
    device.do(say("b", was_triggered=True))

    assert device.texts == ["b"]
    device.answer(YES)
    assert device.texts == ["b"]


OPEN = volatile("open", int, Say, because="a test")


def test_gate_that_opens_lets_out_what_waited() -> None:
    """A gate reads tables, so the rule that sends looks again when they change."""
    device = Device(made_of(tables=[OPEN]))
    device.may_send = lambda step, action, _: any(say.text == action for say in step[OPEN].values())
    device.online()
    device.do(say("a"))
    device.do(log("L1"))
    assert device.texts == []

    device.do(lambda step: step.put(OPEN, 1, Say(text="Log")))
    assert device.texts == ["L1"]
    device.answer({})
    device.do(lambda step: step.put(OPEN, 1, Say(text="Say")))
    assert device.texts == ["L1", "a"]


# Mistakes of ours.


def test_message_that_cannot_be_written_fails_where_it_is_made() -> None:
    """Sent in a later step, it would end the run at an event that has nothing to do with it."""
    device = Device(audited=False).online()
    device.do(say("a"))

    with pytest.raises((UsageError, AssertionError), match="longer than 50"):
        device.do(say("x" * 51))

    device.answer(YES)
    assert device.texts == ["a"]


def test_message_that_is_no_call_of_ours_is_refused_where_it_is_made() -> None:
    device = Device(audited=False).online()

    with pytest.raises((KeyError, AssertionError), match="SayConf"):
        device.do(lambda step: calls.call(step, SayConf(word=Word.NO)))


@frozen(kw_only=True)
class Hum:
    """Said without much interest in the answer."""

    text: str


MUTE = Exchange("Mute", Sender.CHARGE_POINT, Hum, OrderConf)


def test_call_whose_answer_nobody_takes_is_refused_where_it_is_made() -> None:
    """Its answer, or the lack of one, would end the run."""
    device = Device(Feature(name="mute", exchanges=(MUTE,)), audited=False).online()

    with pytest.raises((KeyError, AssertionError), match=r"Mute|Hum"):
        device.do(lambda step: calls.call(step, Hum(text="a")))


def test_owner_may_leave_failures_alone() -> None:
    told: list[object] = []
    indifferent = replied(MUTE, lambda _, sent, conf: told.append(conf))
    device = Device(Feature(name="mute", exchanges=(MUTE,), replies=(indifferent,))).online()

    device.do(*(lambda step: calls.call(step, Hum(text="a")) for _ in range(2)))
    device.refuse()
    device.answer({"text": "c"})

    assert told == [OrderConf(text="c")]
    assert [type(notice) for notice in device.notices] == [CallFailed]


# What is sent.


def test_frame_is_compact_json() -> None:
    device = Device().online()

    outcome = device.do(say('é"'))

    assert outcome.link == (SendText(1, '[2,"1-1","Say",{"text":"é\\""}]'),)


def babbler(step: Step) -> None:
    """Sends as often as it can, once per connection."""
    if step.one(LINK).is_up and not step[OPEN]:
        step.put(OPEN, 1, Say(text="said"))
        calls.call(step, Say(text="hello"))


def test_rule_may_send() -> None:
    rule: Rule = babbler
    device = Device(made_of([rule], [OPEN]))

    device.handle(Started())
    device.handle(LinkUp(1))

    assert device.texts == ["hello"]


def test_text_before_the_connection_stands_is_not_heard() -> None:
    device = Device().start()

    outcome = device.handle(TextReceived(0, '[2,"x","Order",{"text":"a"}]'))

    assert outcome.link == ()
