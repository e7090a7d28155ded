"""Why a composite schedule is what it is: for each of its periods, what set the limit."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from enum import StrEnum

from attrs import evolve

from ocpp16cp.lean import frozen
from ocpp16cp.wire.types import ChargingProfile, ChargingRateUnitType

from .composite import Composite, Period
from .installed import ProfileSet
from .layer import EXACT, Layer, seconds
from .plan import Part, Plan
from .steps import Stack, Steps, laid, stacked, unstacked
from .supply import CHARGE_POINT, NO_LIMIT


class SourceKind(StrEnum):
    """What sets a limit."""

    PROFILE = "profile"
    HARDWARE = "hardware"
    NOTHING = "nothing"


@frozen
class Source:
    """What set a limit: a profile, a hardware limit, or nothing, so that there is none."""

    kind: SourceKind
    connector_id: int
    """Where the profile is installed, or whose hardware it is; 0 is the charge point."""
    profile: ChargingProfile | None = None

    def __str__(self) -> str:
        place = "charge point" if self.connector_id == CHARGE_POINT else f"connector {self.connector_id}"
        if self.profile is None:
            return f"no limit on {place}" if self.kind is SourceKind.NOTHING else f"hardware of {place}"
        return (
            f"profile {self.profile.charging_profile_id} ({self.profile.charging_profile_purpose.value},"
            f" level {self.profile.stack_level}, {place})"
        )


@frozen
class Reason:
    """From when on which sources set the limit."""

    start: int
    """Seconds from the start of the window."""
    sources: tuple[Source, ...]
    """One; on connector 0, where the connectors together draw less than the charge point may, one per connector."""


@frozen
class ExplainedPeriod:
    """A period of a composite schedule and what set it."""

    period: Period
    reasons: tuple[Reason, ...]
    """At least one, the first from the start of the period; more where equal limits of different sources meet."""


@frozen
class _Limits:
    """A stack over the window: limits in exact units, and which of its layers gave them."""

    limits: Steps
    givers: list[int]
    """By step, as an index into `layers`; `NO_LIMIT` where none gives a limit."""
    layers: tuple[Layer, ...]

    def at(self, offset: int) -> tuple[int, Layer | None]:
        """The limit at an instant, and the layer that gives it."""
        index = bisect_right(self.limits[0], offset) - 1
        giver = self.givers[index]
        return self.limits[1][index], None if giver == NO_LIMIT else self.layers[giver]


def explain(
    profiles: ProfileSet,
    connector_id: int,
    start: datetime,
    *,
    duration: int,
    unit: ChargingRateUnitType | None = None,
) -> tuple[ExplainedPeriod, ...]:
    """Compose as `ProfileSet.compose` does and tell for each period what set it.

    Of equal limits the more specific is named: the connector's profile before the charge point's, both before
    hardware. This takes several times as long as composing alone.

    Raises:
        UsageError: there is no such connector, or the window is empty.
        TypeError: `start` has no time zone.
    """
    composite = profiles.compose(connector_id, start, duration=duration, unit=unit)
    return explained(profiles, composite)


def explained(profiles: ProfileSet, composite: Composite) -> tuple[ExplainedPeriod, ...]:
    """Tell for each period of a composite schedule of this set what set it."""
    reasons = _reasons(profiles, composite)
    until = [*composite.starts[1:], composite.duration]
    result = []
    for period, end in zip(composite.periods, until, strict=True):
        first = bisect_right(reasons, period.start, key=lambda reason: reason.start) - 1
        inside = [evolve(reasons[first], start=period.start)]
        inside += [reason for reason in reasons[first + 1 :] if reason.start < end]
        result.append(ExplainedPeriod(period, tuple(inside)))
    return tuple(result)


def _reasons(profiles: ProfileSet, composite: Composite) -> list[Reason]:
    """What set the limit, all over the window; neighbours differ."""
    begin = seconds(composite.start)
    end = begin + composite.duration
    plan = profiles.plan(composite.connector_id).anchored(begin)
    ceiling = _over(plan.ceiling, begin, end)
    wanted = [_over(part.stack, begin, end) for part in plan.parts]
    instants = sorted({offset for each in (ceiling, *wanted) for offset in each.limits[0]})
    reasons: list[Reason] = []
    for offset in instants:
        sources = _sources(plan, ceiling, wanted, offset)
        if not reasons or sources != reasons[-1].sources:
            reasons.append(Reason(offset, sources))
    return reasons


def _over(stack: Stack | None, begin: int, end: int) -> _Limits:
    """Lay a stack over the window twice: once for the limits, once with numbered layers for who gives them."""
    layers = tuple(unstacked(stack))
    numbered = stacked(
        [evolve(layer, columns=((index,) * len(layer.offsets),) * 3) for index, layer in enumerate(layers)]
    )
    limits = laid(stack, begin, end, EXACT)
    return _Limits(limits, laid(numbered, begin, end, EXACT)[1], layers)


def _sources(plan: Plan, ceiling: _Limits, wanted: list[_Limits], offset: int) -> tuple[Source, ...]:
    """What sets the limit at one instant."""
    chosen = [_lower_of(part, *limits.at(offset)) for part, limits in zip(plan.parts, wanted, strict=True)]
    together = sum(limit for limit, _ in chosen)
    limit, layer = ceiling.at(offset)
    hardware = plan.hardware[EXACT]
    if together <= min(limit, hardware, NO_LIMIT - 1):
        return tuple(source for _, source in chosen)
    if layer is not None and limit <= hardware:
        return (_profile(layer),)
    if hardware < NO_LIMIT:
        return (Source(SourceKind.HARDWARE, CHARGE_POINT),)
    return (Source(SourceKind.NOTHING, plan.connector_id),)


def _lower_of(part: Part, limit: int, layer: Layer | None) -> tuple[int, Source]:
    """What one connector may draw, and by what."""
    hardware = part.hardware[EXACT]
    if layer is not None and limit <= hardware:
        return limit, _profile(layer)
    if hardware < NO_LIMIT:
        return hardware, Source(SourceKind.HARDWARE, part.connector_id)
    return NO_LIMIT, Source(SourceKind.NOTHING, part.connector_id)


def _profile(layer: Layer) -> Source:
    return Source(SourceKind.PROFILE, layer.connector_id, layer.profile)
