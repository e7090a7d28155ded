"""Questions to the hardware: an answer, a deadline, and never both."""

from __future__ import annotations

import pytest

from ocpp16cp.events import CommandDone, Failed, FailureReason, Succeeded, Woke
from ocpp16cp.kernel.asks import ask
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import HardwareMisreport, Lock, Unlock
from tests.kernel.artificial import AskTold, Device, Script


def unlock(connector_id: int, *, timeout_s: float = 4.0, context: object = None) -> Script:
    """Asks for a plug to be let go."""

    def script(step: Step) -> None:
        ask(step, lambda ask_id: Unlock(ask_id, connector_id), timeout_s=timeout_s, context=context)

    return script


def asking(*scripts: Script) -> Device:
    device = Device().start()
    for script in scripts:
        device.do(script)
    return device


def test_asks_are_numbered() -> None:
    device = Device().start()

    outcomes = [device.do(lambda step: ask(step, lambda number: Unlock(number, 2), timeout_s=4.0)) for _ in range(2)]

    assert [outcome.commands for outcome in outcomes] == [(Unlock(1, 2),), (Unlock(2, 2),)]


def test_answer_goes_to_the_owner_with_its_context() -> None:
    device = asking(unlock(1, context="a"), unlock(2, context=("b", 2)))

    device.handle(CommandDone(2, Succeeded()), at=1.0)
    device.handle(CommandDone(1, Failed(FailureReason.NOT_SUPPORTED, "no lock")), at=2.0)

    assert device.asks_told == [
        AskTold(Unlock(2, 2), ("b", 2), Succeeded()),
        AskTold(Unlock(1, 1), "a", Failed(FailureReason.NOT_SUPPORTED, "no lock")),
    ]
    assert device.wakes_at() is None


def test_silence_is_a_failure_at_the_deadline() -> None:
    device = asking(unlock(1, timeout_s=4.0), unlock(2, timeout_s=2.5))
    assert device.wakes_at() == 2.5

    device.handle(Woke(), at=2.5)

    silent = Failed(FailureReason.TIMED_OUT, "the driver did not answer in time")
    assert device.asks_told == [AskTold(Unlock(2, 2), None, silent)]
    assert device.wakes_at() == 4.0

    device.handle(Woke(), at=10.0)

    assert device.asks_told[1:] == [AskTold(Unlock(1, 1), None, silent)]
    assert device.wakes_at() is None


def test_answer_after_the_deadline_or_to_nothing_is_a_misreport() -> None:
    device = asking(unlock(1))
    device.handle(Woke(), at=4.0)
    device.asks_told.clear()

    for ask_id in (1, 2, 0, -1):
        device.handle(CommandDone(ask_id, Succeeded()))
        assert isinstance(device.notices.pop(), HardwareMisreport)

    assert device.asks_told == []


def test_answer_counts_once() -> None:
    device = asking(unlock(1))

    device.handle(CommandDone(1, Succeeded()))
    device.handle(CommandDone(1, Failed()))

    assert [told.result for told in device.asks_told] == [Succeeded()]


def test_answer_in_the_step_of_the_deadline_counts() -> None:
    device = asking(unlock(1))

    device.handle(CommandDone(1, Succeeded()), at=4.0)

    assert [told.result for told in device.asks_told] == [Succeeded()]


def test_ask_that_nobody_takes_the_answer_to_is_refused_when_it_is_made() -> None:
    """Later there is nobody left to blame, and the run of a charger ends."""
    device = Device(audited=False).start()

    with pytest.raises(AssertionError, match="Lock"):
        device.do(lambda step: ask(step, lambda number: Lock(number, 1), timeout_s=4.0))
