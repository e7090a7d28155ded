"""Asks the central system about cards."""

from __future__ import annotations

from attrs import evolve

from ocpp16cp.features.boot.questions import is_online
from ocpp16cp.kernel import calls
from ocpp16cp.kernel.feature import CallFailure, Sent
from ocpp16cp.kernel.step import Step

from .messages import Authorize, AuthorizeConf
from .state import AUTHORIZATION_COUNT, AUTHORIZATIONS, Authorization, AuthorizationCount, Verdict


def authorize(step: Step, id_tag: str) -> int:
    """Begin to find out whether a card may charge; the verdict appears in `AUTHORIZATIONS` under this number."""
    number = step.one(AUTHORIZATION_COUNT).last + 1
    step.set(AUTHORIZATION_COUNT, AuthorizationCount(number))
    online = is_online(step)
    step.put(AUTHORIZATIONS, number, Authorization(id_tag, Verdict.PENDING if online else Verdict.OFFLINE))
    if online:
        calls.call(step, Authorize(id_tag=id_tag), context=number)
    return number


def take(step: Step, number: int) -> None:
    """The one who asked has seen the verdict."""
    step.remove(AUTHORIZATIONS, number)


def authorize_answered(step: Step, sent: Sent[Authorize], conf: AuthorizeConf) -> None:
    """The central system has spoken."""
    _decide(step, sent, Verdict.ANSWERED, conf)


def authorize_failed(step: Step, sent: Sent[Authorize], failure: CallFailure) -> None:
    """It will not speak."""
    _decide(step, sent, Verdict.OFFLINE, None)


def _decide(step: Step, sent: Sent[Authorize], verdict: Verdict, conf: AuthorizeConf | None) -> None:
    """Note a verdict; who asked waits for it."""
    number = sent.context
    assert number is not None
    info = None if conf is None else conf.id_tag_info
    step.put(AUTHORIZATIONS, number, evolve(step[AUTHORIZATIONS][number], verdict=verdict, info=info))
