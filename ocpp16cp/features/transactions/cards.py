"""What a presented card or a remote start means, and for which connector."""

from __future__ import annotations

from attrs import evolve

from ocpp16cp.events import CardPresented
from ocpp16cp.features.authorization.handlers import authorize, take
from ocpp16cp.features.authorization.questions import parent_of, same_group, same_tag
from ocpp16cp.features.authorization.state import AUTHORIZATIONS, Verdict
from ocpp16cp.features.boot.questions import is_accepted
from ocpp16cp.features.connectors.questions import has_vehicle, is_blocked, is_in_service, is_operative, is_plugged
from ocpp16cp.features.reservation.questions import admits, is_decided_by_group, is_meant_for, usable_by
from ocpp16cp.features.reservation.state import RESERVATIONS
from ocpp16cp.features.smart_charging.handlers import may_start_with
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import CardAccepted, CardRefusal, CardRefused, HardwareMisreport, StartAbandoned
from ocpp16cp.station import FeatureProfile
from ocpp16cp.wire.strict_json import is_encodable
from ocpp16cp.wire.types import AuthorizationStatus, Reason

from .keys import AUTHORIZE_REMOTE_TX_REQUESTS
from .messages import RemoteStartStopStatus, RemoteStartTransaction, RemoteStartTransactionConf
from .questions import is_left_behind, is_unused, stoppable, waits_for_card
from .state import (
    ATTEMPTS,
    CARD_COUNT,
    CARDS,
    FINISHED,
    TIMED_OUT,
    TRANSACTIONS,
    Attempt,
    Card,
    CardCount,
    Finished,
)
from .stopping import end, unlock

MAX_CARDS = 4
"""Cards that wait for their turn: more than one person at a time stands at a reader only in a queue."""

MAX_TAG_LENGTH = 20
"""Characters of an idTag (§7.28)."""


def card_presented(step: Step, event: CardPresented) -> None:
    """Somebody holds a card to a reader."""
    readers = len(step.station.readers) or 1
    if not 0 <= event.reader < readers:
        step.notice(HardwareMisreport(f"there is no such reader, the station has {readers}: {event!r}"))
        return
    if not 0 < len(event.id_tag) <= MAX_TAG_LENGTH or not is_encodable(event.id_tag):
        step.notice(HardwareMisreport(f"an idTag has 1 to {MAX_TAG_LENGTH} characters: {event!r}"))
        return
    connectors = step.station.served_by(event.reader)
    if _is_in_hand(step, event.id_tag, connectors):
        return
    if len(step[CARDS]) >= MAX_CARDS:
        step.notice(CardRefused(event.id_tag, CardRefusal.BUSY))
        return
    _enqueue(step, Card(event.id_tag, connectors, is_remote=False))


def _is_in_hand(step: Step, id_tag: str, connectors: tuple[int, ...]) -> bool:
    """Whether a card, or a remote start of it, is not decided yet: who presents it now wants nothing else.

    Dealt with afterwards, the presentation would undo what came first.
    """
    return any(
        same_tag(card.id_tag, id_tag) and not set(card.connectors).isdisjoint(connectors)
        for card in step[CARDS].values()
    )


def remote_start(step: Step, req: RemoteStartTransaction) -> RemoteStartTransactionConf:
    """Say whether a remote start will be tried (§5.11); what is said is carried out after the answer."""
    connectors = _remote_candidates(step, req) if is_accepted(step) else ()
    if not connectors or len(step[CARDS]) >= MAX_CARDS:
        return RemoteStartTransactionConf(status=RemoteStartStopStatus.REJECTED)
    profile = req.charging_profile if step.station.offers(FeatureProfile.SMART_CHARGING) else None
    if profile is not None and not may_start_with(step, connectors[0], profile):
        return RemoteStartTransactionConf(status=RemoteStartStopStatus.REJECTED)
    _enqueue(step, Card(req.id_tag, connectors, is_remote=True, charging_profile=profile))
    return RemoteStartTransactionConf(status=RemoteStartStopStatus.ACCEPTED)


def _remote_candidates(step: Step, req: RemoteStartTransaction) -> tuple[int, ...]:
    """The connectors that a remote start can mean; none: it is rejected."""
    if req.connector_id is None:
        wanted = tuple(step.station.connector_ids)
    elif step.station.has_connector(req.connector_id):
        wanted = (req.connector_id,)
    else:
        return ()
    if _waits_already(step, req.id_tag, wanted) is not None:
        return wanted
    card = Card(req.id_tag, wanted, is_remote=True)
    parent = parent_of(step, req.id_tag)
    if parent is None:
        return wanted if _could_start(step, card) else ()
    return wanted if _candidates(step, card, parent) else ()


def _waits_already(step: Step, id_tag: str, wanted: tuple[int, ...]) -> int | None:
    """The connector where an earlier remote start of a card waits, or the card itself, if the connector is named."""
    is_named = len(wanted) == 1
    for connector_id in wanted:
        attempt = step[ATTEMPTS].get(connector_id)
        if attempt is not None and same_tag(attempt.id_tag, id_tag) and (is_named or attempt.is_remote):
            return connector_id
    return None


def _enqueue(step: Step, card: Card) -> None:
    """Let a card wait for its turn."""
    number = step.one(CARD_COUNT).last + 1
    step.set(CARD_COUNT, CardCount(number))
    step.put(CARDS, number, card)


def handle_cards(step: Step) -> None:
    """Deal with the card that came first (a rule)."""
    for number, card in step[CARDS].items():
        if card.authorization is None:
            _begin(step, number, card)
        else:
            _conclude(step, number, card, card.authorization)
        return


def _begin(step: Step, number: int, card: Card) -> None:
    """Do what a card means without asking anybody, or ask."""
    if _is_done_at_once(step, card):
        step.remove(CARDS, number)
    elif not _has_candidates(step, card):
        _refuse(step, number, card, _obstacle(step, card))
    elif _needs_no_authorization(step, card):
        step.remove(CARDS, number)
        _assign(step, card, parent_of(step, card.id_tag))
    else:
        question = authorize(step, card.id_tag, needs_parent=_is_decided_by_parent(step, card))
        asked_for = tuple(each for each in card.connectors if _may_start(step, each, card))
        step.put(CARDS, number, evolve(card, authorization=question, asked_for=asked_for))


def _is_done_at_once(step: Step, card: Card) -> bool:
    """Stop, withdraw or unlock what this very card began; a remote start never does."""
    if card.is_remote:
        return _is_said_again(step, card)
    for connector_id in card.connectors:
        transaction = step[TRANSACTIONS].get(connector_id)
        if transaction is not None and same_tag(transaction.id_tag, card.id_tag):
            if stoppable(step, connector_id) is not None:
                end(step, connector_id, Reason.LOCAL, card.id_tag)
            return True
    for connector_id in card.connectors:
        attempt = step[ATTEMPTS].get(connector_id)
        if attempt is not None and same_tag(attempt.id_tag, card.id_tag):
            abandon(step, connector_id, "the card was presented again")
            return True
    for connector_id in card.connectors:
        finished = step[FINISHED].get(connector_id)
        if finished is not None and finished.is_locked and same_tag(finished.id_tag, card.id_tag):
            _release(step, connector_id, finished)
            return True
    return False


def _is_said_again(step: Step, card: Card) -> bool:
    """Whether what a remote start wants waits already; its charging profile takes the place of an earlier one."""
    connector_id = _waits_already(step, card.id_tag, card.connectors)
    if connector_id is None:
        return False
    attempt = step[ATTEMPTS][connector_id]
    profile = card.charging_profile or attempt.charging_profile
    step.put(ATTEMPTS, connector_id, evolve(attempt, charging_profile=profile))
    return True


def _release(step: Step, connector_id: int, finished: Finished) -> None:
    """Let go of a cable that waited for its card."""
    step.put(FINISHED, connector_id, evolve(finished, is_locked=False))
    unlock(step, connector_id)


def _has_candidates(step: Step, card: Card) -> bool:
    """Whether there is anything to start, or to stop or unlock by a card of the same group."""
    return _could_start(step, card) or (not card.is_remote and _is_any_open_to_group(step, card))


def _could_start(step: Step, card: Card) -> bool:
    """Whether a card may begin somewhere, or might if it is of the right group."""
    return any(
        _may_start(step, each, card) and (admits(step, each, card.id_tag, None) or is_decided_by_group(step, each))
        for each in card.connectors
    )


def _candidates(step: Step, card: Card, parent: str | None) -> list[int]:
    """The connectors at which a card of a group may begin, other users' reservations respected."""
    return [
        each for each in card.connectors if _may_start(step, each, card) and admits(step, each, card.id_tag, parent)
    ]


def _obstacle(step: Step, card: Card) -> CardRefusal:
    """Why a card may not begin anywhere."""
    is_reserved = any(_may_start(step, each, card) for each in card.connectors)
    return CardRefusal.RESERVED if is_reserved else CardRefusal.NO_CONNECTOR


def _needs_no_authorization(step: Step, card: Card) -> bool:
    """Whether a remote start begins at once: not where only the central system knows a group that decides (§5.13)."""
    if not card.is_remote or step.key(AUTHORIZE_REMOTE_TX_REQUESTS):
        return False
    return bool(_candidates(step, card, parent_of(step, card.id_tag)))


def _is_decided_by_parent(step: Step, card: Card) -> bool:
    """Whether a card's group comes before everything else that it could do."""
    candidates = _candidates(step, card, None)
    if card.is_remote or any(waits_for_card(step, each) for each in candidates):
        return not candidates
    return not candidates or _is_any_open_to_group(step, card)


def _may_start(step: Step, connector_id: int, card: Card) -> bool:
    """Whether a card may begin a transaction at a connector.

    What becomes inoperative while the card is being asked about lets it begin, unless it is out of service by then.
    """
    was_asked_for = connector_id in card.asked_for and is_in_service(step, connector_id)
    is_ready = is_operative(step, connector_id) or was_asked_for
    return is_ready and _is_start_candidate(step, connector_id, card.connectors, is_remote=card.is_remote)


def _is_start_candidate(step: Step, connector_id: int, among: tuple[int, ...], *, is_remote: bool) -> bool:
    """Whether a card that can mean `among` may begin a transaction at one of them."""
    if is_unused(step, connector_id):
        return True
    if among != (connector_id,):
        return False
    # A cable left behind is meant only by one who names its connector: by a remote start, or at its own reader.
    return is_left_behind(step, connector_id) and (is_remote or connector_id in step[TIMED_OUT])


def _is_any_open_to_group(step: Step, card: Card) -> bool:
    """Whether another card of its group might have begun something that this one may end."""
    return any(_is_open_to_group(step, each) for each in card.connectors)


def _is_open_to_group(step: Step, connector_id: int) -> bool:
    """Whether another card of its group might stop the transaction here, or free the cable."""
    transaction = stoppable(step, connector_id)
    if transaction is not None:
        return transaction.parent_id_tag is not None
    finished = step[FINISHED].get(connector_id)
    return finished is not None and finished.is_locked and finished.parent_id_tag is not None


def _conclude(step: Step, number: int, card: Card, question: int) -> None:
    """Do what a card means now that the verdict is known."""
    authorization = step[AUTHORIZATIONS][question]
    if authorization.verdict is Verdict.PENDING:
        return
    take(step, question)
    if authorization.verdict is Verdict.ACCEPTED:
        step.remove(CARDS, number)
        _assign(step, card, authorization.parent_id_tag)
    elif authorization.was_offline and authorization.status in (None, AuthorizationStatus.ACCEPTED):
        _refuse(step, number, card, CardRefusal.OFFLINE)
    else:
        _refuse(step, number, card, CardRefusal.NOT_ACCEPTED, authorization.status)


def _refuse(
    step: Step, number: int, card: Card, refusal: CardRefusal, status: AuthorizationStatus | None = None
) -> None:
    """A card leads to nothing."""
    step.remove(CARDS, number)
    step.notice(CardRefused(card.id_tag, refusal, status))


def _assign(step: Step, card: Card, parent: str | None) -> None:
    """Give an accepted card to the first connector that fits.

    With a vehicle, before all the one reserved for it; of its group; reserved for it; with a cable; free.
    """
    uses = {each: usable_by(step, each, card.id_tag, parent) for each in _candidates(step, card, parent)}
    candidates = sorted(
        uses, key=lambda each: (not has_vehicle(step, each), uses[each] is None, not is_plugged(step, each))
    )
    has_vehicle_waiting = bool(candidates) and has_vehicle(step, candidates[0])
    if not has_vehicle_waiting and not card.is_remote and _is_done_for_group(step, card, parent):
        return
    if not candidates:
        step.notice(CardRefused(card.id_tag, _obstacle(step, card)))
        return
    connector_id = candidates[0]
    step.remove(FINISHED, connector_id)
    step.remove(TIMED_OUT, connector_id)
    attempt = Attempt(
        card.id_tag,
        parent,
        card.connectors,
        card.is_remote,
        step.now,
        charging_profile=card.charging_profile,
        reservation_id=uses[connector_id],
    )
    step.put(ATTEMPTS, connector_id, attempt)
    step.notice(CardAccepted(card.id_tag, connector_id))


def _is_done_for_group(step: Step, card: Card, parent: str | None) -> bool:
    """Stop a transaction, or free a cable, that another card of the same group began."""
    for connector_id in card.connectors:
        transaction = stoppable(step, connector_id)
        if transaction is not None and same_group(transaction.parent_id_tag, parent):
            end(step, connector_id, Reason.LOCAL, card.id_tag)
            return True
        finished = step[FINISHED].get(connector_id)
        if finished is not None and finished.is_locked and same_group(finished.parent_id_tag, parent):
            _release(step, connector_id, finished)
            return True
    return False


def abandon(step: Step, connector_id: int, reason: str) -> None:
    """Drop an attempt."""
    attempt = step[ATTEMPTS][connector_id]
    step.remove(ATTEMPTS, connector_id)
    if attempt.lock_ask is not None:
        unlock(step, connector_id)
    step.notice(StartAbandoned(connector_id, attempt.id_tag, reason))


def release_deserted_plugs(step: Step) -> None:
    """A plug that was locked for an attempt is let go when its vehicle leaves (a rule)."""
    for connector_id, attempt in step[ATTEMPTS].items():
        if attempt.lock_ask is not None and not has_vehicle(step, connector_id):
            step.put(ATTEMPTS, connector_id, evolve(attempt, lock_ask=None, is_locked=False))
            unlock(step, connector_id)


def move_attempts(step: Step) -> None:
    """A cable plugged in elsewhere takes an attempt without a cable along (a rule)."""
    for connector_id, attempt in step[ATTEMPTS].items():
        if has_vehicle(step, connector_id):
            continue
        for other in attempt.connectors:
            if waits_for_card(step, other) and admits(
                step, other, attempt.id_tag, attempt.parent_id_tag, moving_from=connector_id
            ):
                _move(step, connector_id, other, attempt)
                return


def _move(step: Step, connector_id: int, other: int, attempt: Attempt) -> None:
    """Take an attempt to another connector, and to what is reserved there."""
    step.remove(ATTEMPTS, connector_id)
    used = usable_by(step, other, attempt.id_tag, attempt.parent_id_tag)
    step.put(ATTEMPTS, other, evolve(attempt, reservation_id=used))


def drop_overtaken_attempts(step: Step) -> None:
    """A reservation that was given to another card ends the attempt that was to use it (a rule)."""
    for connector_id, attempt in step[ATTEMPTS].items():
        if attempt.reservation_id is None:
            continue
        reservation = step[RESERVATIONS].get(attempt.reservation_id)
        if reservation is not None and not is_meant_for(reservation, attempt.id_tag, attempt.parent_id_tag):
            abandon(step, connector_id, "the reservation was given to another card")


def drop_blocked_attempts(step: Step) -> None:
    """A fault ends the attempt at its connector (a rule)."""
    for connector_id in step[ATTEMPTS]:
        if is_blocked(step, connector_id):
            abandon(step, connector_id, "the connector is faulted")
