"""The central system's CALLs: the order of checks, what is answered and what is not (OCPP-J §4.2, §4.3)."""

from __future__ import annotations

import json

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp16cp.errors import CallErrorCode, CallRefused, UsageError
from ocpp16cp.events import LinkDown, LinkUp, TextReceived
from ocpp16cp.kernel import calls
from ocpp16cp.kernel.calls import EXCERPT, HEARD
from ocpp16cp.kernel.feature import LATER, Admission, Later
from ocpp16cp.kernel.serving import COMPLAINT_INTERVAL_S, MAX_UNANSWERED, UNANSWERED, answer
from ocpp16cp.kernel.step import Step
from ocpp16cp.kernel.tables import durable
from ocpp16cp.outcome import CallFailed, FrameRefused, LinkLost, Ping, SetOutput
from ocpp16cp.wire.frames import MAX_DESCRIPTION_LENGTH, CallError, Unreadable, parse_frame
from tests.kernel.artificial import Device, Frame, Order, OrderConf, Say, Script, made_of, sent_frames


@frozen
class Mark:
    """Something to remember."""

    text: str


MARKS = durable("marks", int, Mark)


def order(message_id: str = "x1", text: str = "a") -> tuple[object, ...]:
    return (2, message_id, "Order", {"text": text})


def say(text: str) -> Script:
    """Sends something of ours."""
    return lambda step: calls.call(step, Say(text=text))


def answers_to(device: Device, *frame: object) -> list[Frame]:
    return sent_frames(device.receive(*frame))


def notice_of(device: Device) -> FrameRefused:
    """The only notice of the last step."""
    [notice] = device.outcome.notices
    assert isinstance(notice, FrameRefused)
    return notice


# Answers.


def test_call_is_answered_in_its_step() -> None:
    device = Device().online()

    assert answers_to(device, *order()) == [[3, "x1", {"text": "a"}]]
    assert device.outcome.notices == ()


def test_calls_are_answered_while_one_of_ours_waits() -> None:
    """Neither side waits for the other: that would be a deadlock."""
    device = Device().online()
    device.do(say("a"))

    assert answers_to(device, *order("1-1")) == [[3, "1-1", {"text": "a"}]]
    assert device.told == []


def test_answer_leaves_before_the_calls_it_causes() -> None:
    device = Device().online()

    def handler(step: Step, req: Order) -> OrderConf:
        calls.call(step, Say(text="caused"))
        return OrderConf(text=req.text)

    device.order = handler

    assert [frame[0] for frame in answers_to(device, *order())] == [3, 2]


def test_id_may_come_again_once_it_is_answered() -> None:
    device = Device().online()

    assert answers_to(device, *order()) == answers_to(device, *order())


# The order of checks: id, action known, action offered, payload, handler.


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("Nonsense", {"text": 3}, "NotImplemented"),
        ("order", {"text": "a"}, "NotImplemented"),
        ("", {}, "NotImplemented"),
        ("Unoffered", {"unknown": 3}, "NotSupported"),
        ("Say", {"text": 3}, "NotSupported"),
        ("Order", {"text": 3}, "TypeConstraintViolation"),
        ("Order", {}, "ProtocolError"),
        ("Order", {"text": "a", "more": 1}, "FormationViolation"),
        ("Order", {"text": "a" * 51}, "PropertyConstraintViolation"),
        ("Order", [], "FormationViolation"),
        ("Order", None, "ProtocolError"),
    ],
)
def test_first_check_that_fails_decides(action: str, payload: object, code: str) -> None:
    device = Device().online()

    [frame] = answers_to(device, 2, "x1", action, payload)

    assert frame[:3] == [4, "x1", code]
    assert frame[4] == {}
    assert notice_of(device).text == "x1"


def test_refusal_of_a_handler_is_a_call_error() -> None:
    device = Device().online()

    def handler(_: Step, __: Order) -> OrderConf:
        raise CallRefused(CallErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "no such thing")

    device.order = handler

    assert answers_to(device, *order()) == [[4, "x1", "PropertyConstraintViolation", "no such thing", {}]]
    assert notice_of(device).reason == "Order: PropertyConstraintViolation: no such thing"


def test_handler_that_changed_something_before_it_refused_has_changed_nothing() -> None:
    """What the central system was told was refused must not have been done."""
    device = Device(made_of(tables=[MARKS])).online()

    def handler(step: Step, _: Order) -> OrderConf:
        step.put(MARKS, 1, Mark("half done"))
        step.command(SetOutput(1, is_on=True))
        raise CallRefused(CallErrorCode.GENERIC_ERROR, "after all not")

    device.order = handler
    outcome = device.receive(*order())

    assert (outcome.writes, outcome.commands) == ((), ())
    assert sent_frames(outcome) == [[4, "x1", "GenericError", "after all not", {}]]


def test_unknown_action_is_told_at_bounded_length() -> None:
    device = Device().online()

    [frame] = answers_to(device, 2, "x1", "N" * 100_000, {})

    assert len(frame[3]) <= MAX_DESCRIPTION_LENGTH
    assert len(notice_of(device).reason) < 2 * EXCERPT


# A handler that fails.


@pytest.mark.parametrize("error", [ValueError("secret"), AssertionError(), UsageError("wrong"), RecursionError()])
def test_handler_that_fails_is_told_and_has_done_nothing(error: Exception) -> None:
    device = Device(made_of(tables=[MARKS])).online()

    def handler(step: Step, _: Order) -> OrderConf:
        step.put(MARKS, 1, Mark("half done"))
        step.command(SetOutput(1, is_on=True))
        step.transport(Ping(1))
        step.notice(LinkLost("not", 1.0))
        raise error

    device.order = handler
    outcome = device.receive(*order())

    assert (outcome.writes, outcome.commands) == ((), ())
    # Nothing of the reason leaves the station.
    assert sent_frames(outcome) == [[4, "x1", "InternalError", "internal error", {}]]
    assert len(outcome.link) == 1
    assert notice_of(device).reason == f"Order made its handler fail: {error!r}"
    assert len(device.engine.tables.rows(UNANSWERED)) == 0

    device.order = lambda _, req: OrderConf(text=req.text)
    assert answers_to(device, *order()) == [[3, "x1", {"text": "a"}]]


@pytest.mark.parametrize("confirmation", [OrderConf(text="x" * 51), OrderConf(text="\ud800"), None, "Accepted"])
def test_confirmation_that_cannot_be_written_is_a_failure_of_its_handler(confirmation: OrderConf) -> None:
    """The central system could end the run with one request otherwise, as often as it likes."""
    device = Device(made_of(tables=[MARKS])).online()

    def handler(step: Step, _: Order) -> OrderConf:
        step.put(MARKS, 1, Mark("half done"))
        return confirmation

    device.order = handler
    outcome = device.receive(*order())

    assert sent_frames(outcome) == [[4, "x1", "InternalError", "internal error", {}]]
    assert outcome.writes == ()


def test_sign_of_life_counts_though_the_handler_failed() -> None:
    """A peer that is heard must not be given up for dead."""
    device = Device().online()

    def handler(_: Step, __: Order) -> OrderConf:
        raise ValueError

    device.order = handler
    device.handle(TextReceived(1, json.dumps(order())), at=50.0)

    assert device.engine.tables.rows(HEARD.table)[""].at == 50.0


def test_mistake_that_ends_the_process_is_not_swallowed() -> None:
    device = Device(audited=False).online()

    def handler(_: Step, __: Order) -> OrderConf:
        raise KeyboardInterrupt

    device.order = handler

    with pytest.raises(KeyboardInterrupt):
        device.receive(*order())


# Answers that come later.


def later(device: Device) -> list[str]:
    """Let every order be answered later; collects the ids to answer to."""
    ids: list[str] = []

    def handler(step: Step, _: Order) -> Later:
        assert step.answering is not None
        ids.append(step.answering)
        return LATER

    device.order = handler
    return ids


def give(message_id: str, text: str = "b") -> Script:
    """Answers an order of before."""
    return lambda step: answer(step, message_id, OrderConf(text=text))


def test_answer_may_come_in_a_later_step() -> None:
    device = Device().online()
    ids = later(device)
    assert answers_to(device, *order()) == []

    outcome = device.do(give(ids[0]), at=3.0)

    assert sent_frames(outcome) == [[3, "x1", {"text": "b"}]]
    assert len(device.engine.tables.rows(UNANSWERED)) == 0


def test_answer_is_given_once() -> None:
    device = Device().online()
    ids = later(device)
    device.receive(*order())
    device.do(give(ids[0]))

    outcome = device.do(give(ids[0], "c"))

    assert outcome.link == ()


def test_answer_is_not_given_while_calls_are_ignored() -> None:
    """Nor is it kept for later: the central system has given up waiting by then."""
    device = Device().online()
    ids = later(device)
    device.receive(*order())
    device.admits = lambda _: Admission.IGNORE

    outcome = device.do(give(ids[0]))
    device.admits = lambda _: Admission.HANDLE

    assert outcome.link == ()
    assert device.do(give(ids[0])).link == ()


def test_answers_may_come_in_any_order() -> None:
    device = Device().online()
    ids = later(device)
    for number in range(3):
        device.receive(*order(f"x{number}"))

    for number in (2, 0, 1):
        device.do(give(ids[number], f"{number}"))

    assert device.frames == [(0.0, [3, f"x{number}", {"text": f"{number}"}]) for number in (2, 0, 1)]


def test_call_whose_id_is_being_processed_is_refused() -> None:
    device = Device().online()
    ids = later(device)
    device.receive(*order())

    [frame] = answers_to(device, *order())

    assert frame[:3] == [4, "x1", "GenericError"]
    assert len(ids) == 1
    # Before anything else of it is looked at.
    assert answers_to(device, 2, "x1", "Order", {"text": 3})[0][2] == "GenericError"
    assert answers_to(device, 2, "x1", "Nonsense", {})[0][2] == "GenericError"


def test_calls_being_processed_are_bounded() -> None:
    device = Device().online()
    ids = later(device)
    for number in range(MAX_UNANSWERED):
        assert answers_to(device, *order(f"x{number}")) == []

    [frame] = answers_to(device, *order("one too many"))
    assert frame[:3] == [4, "one too many", "GenericError"]

    device.do(give(ids[3]))
    assert answers_to(device, *order("now")) == []


def test_answer_for_a_connection_that_is_gone_is_not_sent() -> None:
    device = Device().online()
    ids = later(device)
    device.receive(*order())
    device.handle(LinkDown(1))
    device.handle(LinkUp(2))

    outcome = device.do(give(ids[0]))

    assert outcome.link == ()


def test_answer_for_a_connection_that_is_gone_is_no_answer_to_a_call_of_the_same_id_on_the_next() -> None:
    """Central systems that count from 1 on each connection use the same ids again."""
    device = Device().online()
    ids = later(device)
    device.receive(*order(text="unlock 1"))
    device.handle(LinkDown(1))
    device.handle(LinkUp(2))
    device.receive(*order(text="unlock 2"))

    first = device.do(give(ids[0], "first"))
    second = device.do(give(ids[1], "second"))

    assert sent_frames(first) == []
    assert sent_frames(second) == [[3, "x1", {"text": "second"}]]


# Frames that are no messages.


@pytest.mark.parametrize("text", ["", "hello", "{}", "[]", "[2]", '[2,7,"Order",{}]', '[2,"","Order",{}]', "[" * 9999])
def test_unreadable_frame_is_answered_once_in_a_while(text: str) -> None:
    device = Device().online()

    [frame] = sent_frames(device.receive_text(text))
    assert frame[:3] == [4, "-1", "GenericError"]
    assert notice_of(device).text == text[:EXCERPT]

    device.now = COMPLAINT_INTERVAL_S - 0.01
    assert device.receive_text(text).link == ()
    assert len(device.outcome.notices) == 1

    device.now = COMPLAINT_INTERVAL_S
    assert len(device.receive_text(text).link) == 1


@pytest.mark.parametrize("text", ['[2,"x1"]', '[2,"x1","Order",{},1]', '[2,"x1",3,{}]', '[2,"x1","Order",{"a":NaN}]'])
def test_malformed_call_with_an_id_is_refused_each_time(text: str) -> None:
    device = Device().online()

    for _ in range(3):
        [frame] = sent_frames(device.receive_text(text))
        assert frame[:3] == [4, "x1", "FormationViolation"]


def test_id_that_is_too_long_is_refused_under_that_id() -> None:
    device = Device().online()

    [frame] = answers_to(device, *order("x" * 37))

    assert frame[:3] == [4, "x" * 37, "FormationViolation"]


@pytest.mark.parametrize("text", ['[5,"x1","Order",{}]', '["2","x1","Order",{}]', '[true,"x1"]', "[3]", '[4,"x1"]'])
def test_frame_of_no_known_type_and_malformed_answer_get_no_answer(text: str) -> None:
    device = Device().online()

    assert device.receive_text(text).link == ()
    assert len(device.outcome.notices) == 1


# Nobody is there.


def test_text_of_another_connection_is_not_heard() -> None:
    device = Device().online()

    for number in (0, 2):
        assert device.receive(*order(), number=number).link == ()

    device.handle(LinkDown(1))
    assert device.receive(*order(), number=1).link == ()


def test_gate_may_leave_calls_and_complaints_without_any_answer() -> None:
    device = Device().online()
    device.admits = lambda _: Admission.IGNORE

    for text in (json.dumps(order()), '[2,"x1"]', "no frame", '[2,"x1","Nonsense",{}]'):
        assert device.receive_text(text).link == ()
        assert len(device.outcome.notices) == 1

    device.admits = lambda _: Admission.HANDLE
    assert answers_to(device, *order()) == [[3, "x1", {"text": "a"}]]


def test_gate_that_ignores_calls_lets_answers_pass() -> None:
    device = Device().online()
    device.do(say("a"))
    device.admits = lambda _: Admission.IGNORE

    device.answer({"word": "Yes"})

    assert len(device.told) == 1


def test_notice_of_an_ignored_call_is_bounded() -> None:
    device = Device().online()
    device.admits = lambda _: Admission.IGNORE

    device.receive(2, "x1", "N" * 100_000, {})

    assert len(notice_of(device).text) <= EXCERPT


# Whatever comes.

ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(),
    st.sampled_from(["Order", "Say", "Unoffered", "1-1", "x1", "-1", "GenericError", "text", "a", "", "\ud83d"]),
    st.text(max_size=60),
)
JSON = st.recursive(
    ATOMS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(["text", "times", "word"]), inner),
    max_leaves=8,
)
FRAMES = st.one_of(
    st.text(max_size=60),
    st.text('[]{}",:234 \\uE1-x', max_size=30),
    JSON.map(json.dumps),
    st.lists(JSON, max_size=6).map(json.dumps),
    st.builds(lambda *parts: json.dumps([2, *parts]), st.sampled_from(["x1", "x2"]), st.just("Order"), JSON),
    st.builds(lambda *parts: json.dumps([3, *parts]), st.sampled_from(["1-1", "1-2", "1-3"]), JSON),
    st.builds(lambda *parts: json.dumps([4, *parts]), st.sampled_from(["1-1", "1-2"]), JSON, JSON, JSON),
)


@settings(max_examples=100)
@given(st.lists(FRAMES, min_size=1, max_size=6), st.booleans())
def test_any_text_is_dealt_with_and_any_answer_is_a_frame(texts: list[str], is_later: bool) -> None:
    device = Device().online()
    device.do(*(say(text) for text in "abc"))
    if is_later:
        later(device)

    for text in texts:
        outcome = device.receive_text(text)

        for frame in sent_frames(outcome):
            again = parse_frame(json.dumps(frame))
            assert not isinstance(again, Unreadable) or (frame[0] == 4 and len(frame) == 5)
            if isinstance(again, CallError):
                assert again.spelling is None
                assert len(again.description) <= MAX_DESCRIPTION_LENGTH
        for notice in outcome.notices:
            assert isinstance(notice, FrameRefused | CallFailed)
            assert len(notice.reason) <= 4 * EXCERPT
        for action in outcome.link:
            str(action).encode()
    assert len(device.engine.tables.rows(UNANSWERED)) <= MAX_UNANSWERED
