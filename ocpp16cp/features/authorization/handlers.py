"""Finds out about cards, and remembers what was found out."""

from __future__ import annotations

from attrs import evolve

from ocpp16cp.features.boot.questions import is_online
from ocpp16cp.features.local_list.state import LIST_UPDATE, LISTED
from ocpp16cp.kernel import calls
from ocpp16cp.kernel.feature import CallFailure, Sent
from ocpp16cp.kernel.step import Step
from ocpp16cp.wire.types import AuthorizationStatus, IdTagInfo

from .keys import AUTHORIZATION_CACHE_ENABLED
from .messages import Authorize, AuthorizeConf, ClearCache, ClearCacheConf, ClearCacheStatus
from .questions import Decision, Known, cached, circumstances, decide, known_of
from .state import (
    AUTHORIZATION_COUNT,
    AUTHORIZATIONS,
    CACHE,
    CONFLICTS,
    LIST_UPDATE_SEEN,
    Authorization,
    AuthorizationCount,
    Cached,
    Conflict,
    ListUpdateSeen,
    Verdict,
)

MAX_CONFLICTS = 16
"""Contradictions that are remembered, the newest: they call for an update of the list, and one is reason enough."""


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
        calls.call(step, Authorize(id_tag=id_tag), context=number, is_urgent=True)
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
        status=_status_of(known),
        was_offline=True,
    )
    step.put(AUTHORIZATIONS, number, verdict)


def _status_of(known: Known | None) -> AuthorizationStatus | None:
    """What a verdict rests on."""
    if known is None:
        return None
    return AuthorizationStatus.ACCEPTED if known.is_valid else known.status


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
    """Note what the central system says about a card: in the cache, unless the card stands in the list (§3.5.2).

    Args:
        step: the step under way.
        id_tag: the card.
        info: replaces what was known of it.
        keeps_parent: an info without a parent leaves the one that is known: many central systems send a bare status
            with a StopTransaction.
    """
    place = id_tag.lower()
    known = known_of(step, id_tag)
    if known is not None and known.is_listed:
        _compare(step, place, id_tag, known, info)
    elif step.key(AUTHORIZATION_CACHE_ENABLED):
        _put_into_cache(step, place, id_tag, info, keeps_parent=keeps_parent)


def _compare(step: Step, place: str, id_tag: str, known: Known, info: IdTagInfo) -> None:
    """Note whether the list and the central system agree that a card may charge; only an update changes the list."""
    # That a card is charging elsewhere says nothing about the list.
    is_valid = info.status in (AuthorizationStatus.ACCEPTED, AuthorizationStatus.CONCURRENT_TX)
    if known.is_valid is is_valid:
        step.remove(CONFLICTS, place)
    elif place not in step[CONFLICTS]:
        conflicts = step[CONFLICTS]
        order = max((each.order for each in conflicts.values()), default=0) + 1
        step.put(CONFLICTS, place, Conflict(id_tag, order))
        if len(conflicts) > MAX_CONFLICTS:
            step.remove(CONFLICTS, min(conflicts, key=lambda each: conflicts[each].order))


def _put_into_cache(step: Step, place: str, id_tag: str, info: IdTagInfo, *, keeps_parent: bool) -> None:
    """Put what is said about a card in the place of what was."""
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
        known = cached(step, place)
        return known is not None and known.is_valid, step[CACHE][place].order

    step.remove(CACHE, min(step[CACHE], key=worth))


def follow_list(step: Step) -> None:
    """What an update of the list names is forgotten: cached answers to it, and contradictions (a rule)."""
    update = step.one(LIST_UPDATE)
    if update.number == step.one(LIST_UPDATE_SEEN).number:
        return
    step.set(LIST_UPDATE_SEEN, ListUpdateSeen(update.number))
    for place in update.id_tags:
        if place in step[LISTED]:
            step.remove(CACHE, place)
    for place in step[CONFLICTS] if update.is_full else update.id_tags:
        step.remove(CONFLICTS, place)


def clear_cache(step: Step, req: ClearCache) -> ClearCacheConf:
    """Forget every card; what is running goes on with what it knows."""
    for place in step[CACHE]:
        step.remove(CACHE, place)
    return ClearCacheConf(status=ClearCacheStatus.ACCEPTED)
