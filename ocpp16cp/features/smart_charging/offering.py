"""What the connectors offer their vehicles now: by the profiles, the hardware, and what the others may draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from ocpp16cp.features.boot.questions import is_online
from ocpp16cp.features.connectors.questions import wants_energy
from ocpp16cp.features.connectors.state import Offer
from ocpp16cp.kernel.calls import HEARD
from ocpp16cp.kernel.clock import BEGINNING
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import LimitChanged
from ocpp16cp.sharing import Claim

from .compiling import Stretch
from .keys import CONNECTOR_SWITCH_3_TO_1_PHASE_SUPPORTED
from .questions import limit_since, present_second, schedules, transaction_of
from .state import TOLD, Told

_TENTH = Decimal("0.1")


def make_offers(step: Step, delivering: Sequence[int]) -> dict[int, Offer]:
    """What each connector that may deliver energy offers; the application is told what is new about it.

    Args:
        step: the step under way.
        delivering: connectors with a running transaction.

    Returns:
        By connector. Each current is 0 or at least what a vehicle can be offered; together they are no more than what
        the station may draw.
    """
    offers: dict[int, Offer] = {}
    told: dict[int, Told] = {}
    if delivering:
        known = schedules(step)
        second = present_second(step)
        ceiling = limit_since(step, known.ceiling, second)
        stretches = {each: limit_since(step, known.courses[each], second) for each in delivering}
        limits_a = _locally_limited(step, stretches)
        if sum(limits_a.values()) > ceiling.limit_a:
            limits_a = _shared(step, ceiling.limit_a, limits_a, stretches)
        for each, stretch in stretches.items():
            offers[each] = _offer(step, each, limits_a[each], stretch.phases)
            until = min((one.until for one in (stretch, ceiling) if one.until is not None), default=None)
            told[each] = Told(offers[each].limit_a, offers[each].phases, until)
    _tell(step, told)
    return offers


def _locally_limited(step: Step, stretches: Mapping[int, Stretch]) -> dict[int, Decimal]:
    """What each connector could offer alone: by its profiles, and by what holds while nobody can be asked."""
    limits_a = {each: stretch.limit_a for each, stretch in stretches.items()}
    settings = step.station.settings
    if settings.offline_limit_a is None or is_online(step):
        return limits_a
    heard_at = step.one(HEARD).at
    since_at = step.one(BEGINNING).at if heard_at is None else heard_at
    if not step.due(since_at + settings.offline_limit_after_s):
        return limits_a
    return {each: min(limit_a, settings.offline_limit_a) for each, limit_a in limits_a.items()}


def _shared(
    step: Step, total_a: Decimal, limits_a: Mapping[int, Decimal], stretches: Mapping[int, Stretch]
) -> dict[int, Decimal]:
    """Divide what is not enough for all, as the operator wants it, and never more than there is."""
    claims = _claims(step, limits_a, stretches)
    shares_a = step.station.settings.sharing(total_a, claims)
    granted_a: dict[int, Decimal] = {}
    for claim in claims:
        share_a = max(Decimal(0), shares_a.get(claim.connector_id, Decimal(0)))
        share_a = min(share_a, claim.wanted_a, total_a).quantize(_TENTH, ROUND_DOWN)
        granted_a[claim.connector_id] = share_a
        total_a -= share_a
    return granted_a


def _claims(step: Step, limits_a: Mapping[int, Decimal], stretches: Mapping[int, Stretch]) -> list[Claim]:
    """What each connector could use, in the order in which the transactions began."""
    known = schedules(step)
    claims: list[tuple[int, Claim]] = []
    for connector_id, wanted_a in limits_a.items():
        transaction = transaction_of(step, connector_id)
        assert transaction is not None, "energy is delivered in transactions only"
        phases = stretches[connector_id].phases
        spread = Decimal(_phases_in_use(step, connector_id, phases)) / phases
        pilot_a = (step.station.least_current_a * spread).quantize(_TENTH, ROUND_UP)
        efficient_a = known.min_rate_a(connector_id, step.utc, phases)
        claim = Claim(
            connector_id=connector_id,
            wanted_a=wanted_a,
            # A rate that the connector does not reach alone either is no reason to give it nothing.
            least_a=max(pilot_a, min(efficient_a, wanted_a)),
            id_tag=transaction.id_tag,
            started_at=transaction.started_at,
            wants_energy=wants_energy(step, connector_id),
        )
        claims.append((transaction.number, claim))
    return [claim for _, claim in sorted(claims, key=lambda pair: pair[0])]


def _offer(step: Step, connector_id: int, limit_a: Decimal, phases: int) -> Offer:
    """A limit over so many phases, in terms of the phases that the connector uses."""
    in_use = _phases_in_use(step, connector_id, phases)
    if phases < in_use:
        # It cannot do with fewer phases: the power is the same.
        limit_a = (limit_a * phases / in_use).quantize(_TENTH, ROUND_DOWN)
    if limit_a < step.station.least_current_a:
        limit_a = Decimal(0)
    elif limit_a == int(limit_a):
        limit_a = Decimal(int(limit_a))
    return Offer(limit_a, in_use)


def _phases_in_use(step: Step, connector_id: int, phases: int) -> int:
    """Over how many phases a connector charges when a limit counts over `phases`: one, or all that are wired."""
    wired = step.station.phases(connector_id)
    can_switch = phases == 1 and step.key(CONNECTOR_SWITCH_3_TO_1_PHASE_SUPPORTED)
    return 1 if can_switch else wired


def _tell(step: Step, told: Mapping[int, Told]) -> None:
    """Tell the application what is new."""
    for connector_id in step.station.connector_ids:
        new = told.get(connector_id)
        if new is None:
            step.remove(TOLD, connector_id)
        elif new != step[TOLD].get(connector_id):
            step.put(TOLD, connector_id, new)
            step.notice(LimitChanged(connector_id, new.limit_a, new.phases, new.until))
