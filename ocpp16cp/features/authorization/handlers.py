"""Finds out about cards, and remembers what was found out."""

from __future__ import annotations

from attrs import evolve

from ocpp16cp.features.boot.questions import is_online
from ocpp16cp.kernel import calls
from ocpp16cp.kernel.feature import CallFailure, Sent
from ocpp16cp.kernel.step import Step
from ocpp16cp.wire.types import AuthorizationStatus, IdTagInfo

from .keys import AUTHORIZATION_CACHE_ENABLED
from .messages import Authorize, AuthorizeConf, ClearCache, ClearCacheConf, ClearCacheStatus
from .questions import Decision, circumstances, decide, known_of
from .state import AUTHORIZATION_COUNT, AUTHORIZATIONS, CACHE, Authorization, AuthorizationCount, Cached, Verdict


def authorize(step: Step, id_tag: str, *, needs_parent: bool = False) -> int:
    """Begin to find out whether a card may charge; the verdict appears in `AUTHORIZATIONS` under this number.

    Args:
        step: the step under way.
        id_tag: the card.
        needs_parent: what the card may do depends on its parent alone.
    """
    number = step.one(AUTHORIZATION_COUNT).last + 1
    step.set(AUTHORIZATION_COUNT, AuthorizationCount(number))
    question = Authorization(id_tag, needs_parent)
    step.put(AUTHORIZATIONS, number, question)
    if not is_online(step):
        _decide_offline(step, number, question)
    elif not _is_decided_locally(step, number, question):
        calls.call(step, Authorize(id_tag=id_tag), context=number)
    return number


def take(step: Step, number: int) -> None:
    """The one who asked has seen the verdict."""
    step.remove(AUTHORIZATIONS, number)


def _is_decided_locally(step: Step, number: int, question: Authorization) -> bool:
    """Accept a card without asking, where that is allowed and enough is known of it."""
    known = known_of(step, question.id_tag)
    if decide(known, circumstances(step, is_online=True)) is Decision.ASK:
        return False
    assert known is not None
    if question.needs_parent and known.parent_id_tag is None:
        return False
    verdict = evolve(
        question, verdict=Verdict.ACCEPTED, parent_id_tag=known.parent_id_tag, status=AuthorizationStatus.ACCEPTED
    )
    step.put(AUTHORIZATIONS, number, verdict)
    return True


def _decide_offline(step: Step, number: int, question: Authorization) -> None:
    """Decide by what is known here, as nobody can be asked."""
    known = known_of(step, question.id_tag)
    is_accepted = decide(known, circumstances(step, is_online=False)) is Decision.ACCEPT
    verdict = evolve(
        question,
        verdict=Verdict.ACCEPTED if is_accepted else Verdict.REFUSED,
        parent_id_tag=None if known is None else known.parent_id_tag,
        status=None if known is None else known.status,
        was_offline=True,
    )
    step.put(AUTHORIZATIONS, number, verdict)


def authorize_answered(step: Step, sent: Sent[Authorize], conf: AuthorizeConf) -> None:
    """The central system has spoken."""
    info = conf.id_tag_info
    remember(step, sent.request.id_tag, info)
    number = sent.context
    assert number is not None
    is_accepted = info.status is AuthorizationStatus.ACCEPTED
    verdict = evolve(
        step[AUTHORIZATIONS][number],
        verdict=Verdict.ACCEPTED if is_accepted else Verdict.REFUSED,
        parent_id_tag=info.parent_id_tag,
        status=info.status,
    )
    step.put(AUTHORIZATIONS, number, verdict)


def authorize_failed(step: Step, sent: Sent[Authorize], failure: CallFailure) -> None:
    """It will not speak."""
    number = sent.context
    assert number is not None
    _decide_offline(step, number, step[AUTHORIZATIONS][number])


def remember(step: Step, id_tag: str, info: IdTagInfo, *, keeps_parent: bool = False) -> None:
    """Note what the central system says about a card.

    Args:
        step: the step under way.
        id_tag: the card.
        info: replaces what was known of it.
        keeps_parent: an info without a parent leaves the one that is known: many central systems send a bare status
            with a StopTransaction.
    """
    if not step.key(AUTHORIZATION_CACHE_ENABLED):
        return
    place = id_tag.lower()
    known = step[CACHE].get(place)
    limit = step.station.settings.cache_limit
    while known is None and step[CACHE] and len(step[CACHE]) >= limit:
        _make_room(step)
    if limit == 0:
        return
    parent = info.parent_id_tag
    if parent is None and keeps_parent and known is not None:
        parent = known.parent_id_tag
    order = max((entry.order for entry in step[CACHE].values()), default=0) + 1
    step.put(CACHE, place, Cached(id_tag, info.status, info.expiry_date, parent, order))


def _make_room(step: Step) -> None:
    """Forget the card that matters least: one that is not valid, else the one heard of longest ago."""

    def worth(place: str) -> tuple[bool, int]:
        known = known_of(step, place)
        return known is not None and known.is_valid, step[CACHE][place].order

    step.remove(CACHE, min(step[CACHE], key=worth))


def clear_cache(step: Step, req: ClearCache) -> ClearCacheConf:
    """Forget every card; what is running goes on with what it knows."""
    for place in step[CACHE]:
        step.remove(CACHE, place)
    return ClearCacheConf(status=ClearCacheStatus.ACCEPTED)
