"""What features declare, and that each thing has one owner."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve

from ocpp16cp.charge_point import FEATURES
from ocpp16cp.events import Woke
from ocpp16cp.kernel.base import BASE, SENDING
from ocpp16cp.kernel.feature import Admission, Feature, Gate, Trigger, answers, carried_out, on, replied
from ocpp16cp.kernel.keys import integer, key
from ocpp16cp.kernel.registry import Registry
from ocpp16cp.kernel.step import Step
from ocpp16cp.kernel.tables import volatile
from ocpp16cp.outcome import Lock
from ocpp16cp.station import FeatureProfile
from ocpp16cp.wire.exchange import Exchange, Sender
from tests.kernel.artificial import LOG, ORDER, SAY, Log, LogConf, Order, OrderConf, Say


def nothing(*_: object) -> None:
    """Handles whatever it is handed."""


def agree(_: Step, req: Order) -> OrderConf:
    return OrderConf(text=req.text)


def never_send(step: Step, action: str, *, was_triggered: bool) -> bool:
    return False


def handle_all(_: Step) -> Admission:
    return Admission.HANDLE


def low_rule(_: Step) -> None:
    """Of the low feature."""


def high_rule(_: Step) -> None:
    """Of the high feature."""


TRIGGER = Trigger("Low", nothing)
LOW = Feature(
    name="low",
    exchanges=(ORDER, SAY),
    tables=(volatile("low", int, Say, because="a test"),),
    keys=(key("Low", integer(), 1),),
    calls=(answers(ORDER, agree),),
    replies=(replied(SAY, nothing),),
    events=(on(Woke, nothing),),
    asks=(carried_out(Lock, nothing),),
    rules=(low_rule,),
    triggers=(TRIGGER,),
)
HIGH = Feature(name="high", exchanges=(LOG,), replies=(replied(LOG, nothing),), rules=(high_rule,))


def test_everything_is_found_by_its_name() -> None:
    registry = Registry((HIGH, LOW))

    assert registry.features == (HIGH, LOW)
    assert registry.exchanges == {"Order": ORDER, "Say": SAY, "Log": LOG}
    assert registry.by_request == {Order: ORDER, Say: SAY, Log: LOG}
    assert registry.calls["Order"].handle is agree
    assert registry.replies["Say"].exchange is SAY
    assert registry.triggers == {"Low": TRIGGER}
    assert list(registry.asks) == [Lock]
    assert [each.name for each in registry.keys] == ["Low"]


def test_lower_features_rules_come_first() -> None:
    assert Registry((HIGH, LOW)).rules == (low_rule, high_rule)


TWICE: dict[str, Callable[[], Feature]] = {
    "Order": lambda: Feature(name="x", exchanges=(ORDER,)),
    "Say": lambda: Feature(name="x", replies=(replied(SAY, nothing),)),
    "Woke": lambda: Feature(name="x", events=(on(Woke, nothing),)),
    "Lock": lambda: Feature(name="x", asks=(carried_out(Lock, nothing),)),
    "Low": lambda: Feature(name="x", triggers=(Trigger("Low", nothing),)),
    "class .*Log": lambda: Feature(name="x", exchanges=(Exchange("Log2", Sender.CHARGE_POINT, Log, LogConf),)),
}


@pytest.mark.parametrize("what", TWICE)
def test_nothing_has_two_owners(what: str) -> None:
    with pytest.raises(AssertionError, match=f"{what}.* has two owners"):
        Registry((TWICE[what](), HIGH, LOW))


def test_two_handlers_of_one_action_are_refused() -> None:
    with pytest.raises(AssertionError, match="'Order' has two owners"):
        Registry((Feature(name="x", calls=(answers(ORDER, agree),)), LOW))


# Feature profiles.

OPTIONAL = evolve(LOW, name="optional", profile=FeatureProfile.RESERVATION, gate=Gate(never_send, handle_all))


def test_feature_of_a_profile_that_is_switched_on_is_like_any_other() -> None:
    registry = Registry((HIGH, OPTIONAL), profiles=(FeatureProfile.CORE, FeatureProfile.RESERVATION))

    assert [each.name for each in registry.keys] == ["Low"]
    assert registry.absent_keys == ()
    assert registry.rules == (low_rule, high_rule)
    assert list(registry.calls) == ["Order"]
    assert list(registry.triggers) == ["Low"]
    assert len(registry.gates) == 1


def test_feature_of_a_profile_that_is_switched_off_does_nothing_of_itself() -> None:
    """§3.3: it has no keys, answers nothing, can be triggered to nothing."""
    registry = Registry((HIGH, OPTIONAL), profiles=(FeatureProfile.CORE,))

    assert registry.keys == ()
    assert [each.name for each in registry.absent_keys] == ["Low"]
    assert registry.rules == (high_rule,)
    assert registry.calls == {}
    assert registry.triggers == {}
    assert registry.gates == ()


def test_call_whose_confirmation_can_say_so_is_answered_where_its_profile_is_switched_off() -> None:
    polite = evolve(OPTIONAL, calls=(answers(ORDER, agree, when_absent=True),))

    registry = Registry((HIGH, polite), profiles=(FeatureProfile.CORE,))

    assert registry.calls["Order"].handle is agree


def test_what_a_feature_left_behind_is_still_understood_when_it_is_switched_off() -> None:
    """Its records are kept, its actions known, an answer or a report that is under way finds its way."""
    registry = Registry((HIGH, OPTIONAL))

    assert registry.tables == OPTIONAL.tables
    assert set(registry.exchanges) == {"Order", "Say", "Log"}
    assert set(registry.replies) == {"Say", "Log"}
    assert list(registry.events) == [Woke]
    assert list(registry.asks) == [Lock]


NOT_SENT = {
    "LogStatusNotification",
    "SecurityEventNotification",
    "SignCertificate",
    "SignedFirmwareStatusNotification",
}
"""Messages of features that have nothing to send so far."""


def test_charge_points_features_fit_together() -> None:
    registry = Registry((SENDING, *FEATURES, BASE), profiles=tuple(FeatureProfile))

    assert set(registry.calls) <= set(registry.exchanges)
    assert set(registry.replies) <= set(registry.exchanges)
    ours = {action for action, each in registry.exchanges.items() if each.sender is not Sender.CENTRAL_SYSTEM}
    assert ours - set(registry.replies) == NOT_SENT
    assert set(registry.replies) <= ours
    assert {feature.profile for feature in FEATURES} == {None, *FeatureProfile} - {FeatureProfile.CORE}
    assert registry.absent_keys == ()
    assert len(set(registry.rules)) == len(registry.rules)
