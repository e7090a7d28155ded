"""How the composite schedule of a connector is put together from the profiles and the hardware (§3.13, §5.7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import reduce

from attrs import evolve, field

from ocpp16cp.errors import UsageError
from ocpp16cp.lean import frozen
from ocpp16cp.wire.types import ChargingProfilePurposeType, ChargingRateUnitType

from .composite import Composite
from .layer import EPOCH, EXACT, FOREVER, PHASES, TENTHS, Layer, seconds
from .steps import Stack, Steps, capped, laid, lowest, stacked, total
from .supply import CHARGE_POINT, NO_LIMIT, Supply

_MAX = ChargingProfilePurposeType.CHARGE_POINT_MAX_PROFILE
_DEFAULT = ChargingProfilePurposeType.TX_DEFAULT_PROFILE
_TX = ChargingProfilePurposeType.TX_PROFILE
_AMPERES = ChargingRateUnitType.A

_PHASE_BITS = 2
_PHASE_MASK = 3
"""A number of phases, 1 to 3, fits two bits."""


@frozen(kw_only=True)
class Transaction:
    """A transaction that is running: from its start count the profiles relative to it."""

    connector_id: int
    transaction_id: int | None = None
    """As the central system named it; `None` while it has not. TxProfiles for another one do not count."""
    start: datetime
    """The time stamp of its StartTransaction. Later than a question (a clock was set back), it counts as that."""


@frozen
class Steady:
    """From when on the highest layer of a stack alone counts, with one limit that never ends."""

    since: int
    """`FOREVER` if it never does."""
    limit: tuple[int, int]
    """By `TENTHS` and `EXACT`."""


@frozen
class Part:
    """What one connector may draw by its TxProfiles and TxDefaultProfiles, before the ChargePointMaxProfiles."""

    connector_id: int
    layers: tuple[Layer, ...]
    """From the highest priority down: TxProfiles of the running transaction, then defaults."""
    stack: Stack | None = field(repr=False)
    """The layers for questions from `fixed_from` on."""
    fixed_from: int
    """For earlier questions floating layers count from the question: no transaction, or none that has begun."""
    steady: Steady
    """Of the stack."""
    hardware: tuple[int, int]
    """The connector's own limit by `TENTHS` and `EXACT`, or `NO_LIMIT`."""

    def anchored(self, begin: int) -> Part:
        """This part for one question, asked at `begin`, and any that goes on from it."""
        if begin >= self.fixed_from:
            return self
        stack = _anchored(self.layers, begin)
        return evolve(self, stack=stack, fixed_from=-FOREVER, steady=_steady(stack))


@frozen
class Plan:
    """All that the composite schedule of one connector, or of the charge point, is made of."""

    supply: Supply = field(repr=False)
    is_dc: bool
    connector_id: int
    ceiling: Stack | None = field(repr=False)
    """The ChargePointMaxProfiles."""
    parts: tuple[Part, ...]
    """One per connector that draws."""
    hardware: tuple[int, int]
    """The limit for all of it by `TENTHS` and `EXACT`, or `NO_LIMIT`: of the grid connection, and of a connector."""
    steady: Steady
    """Of the ChargePointMaxProfiles and the hardware limit together."""
    phases: int
    """The most phases an answer can have."""
    has_fixed_phases: bool
    """No profile counts on fewer phases than that: every answer has as many."""
    is_plain: bool
    """An answer in amperes takes no more than tenths of an ampere to calculate with, and phases are fixed."""
    fixed_from: int
    """The latest of its parts: from then on, an answer does not depend on when one asks."""

    def anchored(self, begin: int) -> Plan:
        """This plan for a question asked at `begin`, and any that goes on from it."""
        if begin >= self.fixed_from:
            return self
        parts = tuple(part.anchored(begin) for part in self.parts)
        return evolve(self, parts=parts, fixed_from=-FOREVER)

    def compose(self, start: datetime, duration: int, unit: ChargingRateUnitType) -> Composite:
        """The composite schedule of a window; see `ProfileSet.compose`.

        Raises:
            UsageError: the window is empty.
            TypeError: `start` has no time zone.
        """
        if duration <= 0:
            raise UsageError(f"duration: {duration!r} s is not above 0")
        # As `seconds` does; this call is short enough for the difference to be seen.
        since = start - EPOCH
        begin = since.days * 86_400 + since.seconds
        plan = self if begin >= self.fixed_from else self.anchored(begin)
        if self.is_plain and unit is _AMPERES:
            starts, tenths = _limits(plan, begin, begin + duration, TENTHS)
            phases: tuple[int, ...] | None = (self.phases,) * len(starts)
        else:
            starts, tenths, phases = _converted(plan, begin, begin + duration, unit)
        if self.is_dc:
            phases = None
        return Composite(self.connector_id, start, duration, unit, tuple(starts), tuple(tenths), phases)


def plans(supply: Supply, layers: Iterable[Layer], transactions: Iterable[Transaction]) -> tuple[Plan, ...]:
    """The plans of the charge point and of connectors 1 to N."""
    by_level = sorted(layers, key=lambda layer: -layer.profile.stack_level)
    running = {transaction.connector_id: transaction for transaction in transactions}
    ceiling = tuple(layer for layer in by_level if layer.profile.charging_profile_purpose is _MAX)
    parts = [
        _part(supply, by_level, connector_id, running.get(connector_id))
        for connector_id in range(1, len(supply.connectors) + 1)
    ]
    whole = _plan(supply, CHARGE_POINT, ceiling, tuple(parts))
    return (whole, *(_plan(supply, part.connector_id, ceiling, (part,)) for part in parts))


def _plan(supply: Supply, connector_id: int, ceiling: tuple[Layer, ...], parts: tuple[Part, ...]) -> Plan:
    """Gather what bounds a connector, or the charge point."""
    layers = [*ceiling, *(layer for part in parts for layer in part.layers)]
    phases = supply.phases_of(connector_id)
    has_fixed_phases = all(layer.fewest_phases >= phases for layer in layers)
    # Rounding down and taking the lower may change places; rounding down and a sum may not.
    is_whole = len(parts) == 1 or all(layer.is_whole for layer in layers)
    # The grid connection bounds every connector; in a sum the connectors' own limits bound its terms.
    exact = supply.hardware_limit(CHARGE_POINT)
    if connector_id != CHARGE_POINT:
        exact = min(exact, supply.hardware_limit(connector_id))
    hardware = _by_column(supply, exact)
    stack = stacked(ceiling)
    steady = _steady(stack)
    return Plan(
        supply=supply,
        is_dc=supply.is_dc,
        connector_id=connector_id,
        ceiling=stack,
        parts=parts,
        hardware=hardware,
        steady=evolve(
            steady, limit=(min(hardware[TENTHS], steady.limit[TENTHS]), min(hardware[EXACT], steady.limit[EXACT]))
        ),
        phases=phases,
        has_fixed_phases=has_fixed_phases,
        is_plain=has_fixed_phases and is_whole,
        fixed_from=max(part.fixed_from for part in parts),
    )


def _part(supply: Supply, layers: list[Layer], connector_id: int, transaction: Transaction | None) -> Part:
    """Sort out which profiles a connector draws by; `layers` stand highest level first."""
    own = [layer for layer in layers if layer.connector_id == connector_id]
    # An overlay: a default of the connector hides the general one of its level for as long as it is installed.
    hidden = {layer.profile.stack_level for layer in own if _is_default(layer)}
    ordered = [
        layer
        for layer in layers
        if _is_default(layer)
        and (
            layer.connector_id == connector_id
            or (layer.connector_id == CHARGE_POINT and layer.profile.stack_level not in hidden)
        )
    ]
    anchor = FOREVER
    if transaction is not None:
        anchor = seconds(transaction.start)
        ordered = [layer for layer in own if _counts_for(layer, transaction)] + ordered
    is_floating = any(layer.is_floating for layer in ordered)
    stack = _anchored(ordered, anchor)
    return Part(
        connector_id=connector_id,
        layers=tuple(ordered),
        stack=stack,
        fixed_from=anchor if is_floating else -FOREVER,
        steady=_steady(stack),
        hardware=_by_column(supply, supply.hardware_limit(connector_id)),
    )


def _counts_for(layer: Layer, transaction: Transaction) -> bool:
    """Whether this is a TxProfile of that transaction; one without transactionId is for whichever runs."""
    profile = layer.profile
    return profile.charging_profile_purpose is _TX and (
        profile.transaction_id is None or profile.transaction_id == transaction.transaction_id
    )


def _is_default(layer: Layer) -> bool:
    return layer.profile.charging_profile_purpose is _DEFAULT


def _anchored(layers: Iterable[Layer], anchor: int) -> Stack | None:
    """A stack in which floating layers count from an instant."""
    return stacked([layer.anchored(anchor) if layer.is_floating else layer for layer in layers])


def _steady(stack: Stack | None) -> Steady:
    """Recognise the commonest stacks of all: nothing installed, or a highest layer with one limit and no end."""
    if stack is None:
        return Steady(-FOREVER, (NO_LIMIT, NO_LIMIT))
    highest = stack.layer
    is_endless = highest.high == FOREVER and highest.length == highest.period
    if not is_endless or len(highest.offsets) > 1:
        return Steady(FOREVER, (NO_LIMIT, NO_LIMIT))
    return Steady(highest.low, (highest.columns[TENTHS][0], highest.columns[EXACT][0]))


def _by_column(supply: Supply, exact: int) -> tuple[int, int]:
    """A hardware limit by `TENTHS` and `EXACT`; it has one decimal, so both are exact."""
    return exact if exact == NO_LIMIT else exact // supply.exact_per_tenth, exact


def _limits(plan: Plan, begin: int, end: int, column: int) -> Steps:
    """Limits over a window, by `TENTHS` or by `EXACT`."""
    steady = plan.parts[0].steady
    if plan.connector_id == CHARGE_POINT:
        wanted = reduce(total, [_granted(part, begin, end, column) for part in plan.parts])
    elif begin >= steady.since:
        wanted = [0], [steady.limit[column]]
    else:
        wanted = laid(plan.parts[0].stack, begin, end, column)
    steady = plan.steady
    if begin >= steady.since:
        return capped(wanted, steady.limit[column])
    ceiling = laid(plan.ceiling, begin, end, column)
    if plan.hardware[column] < NO_LIMIT:
        ceiling = capped(ceiling, plan.hardware[column])
    return lowest(ceiling, wanted)


def _granted(part: Part, begin: int, end: int, column: int) -> Steps:
    """What a connector may draw over a window by its own profiles and hardware."""
    steps = laid(part.stack, begin, end, column)
    cap = part.hardware[column]
    return capped(steps, cap) if cap < NO_LIMIT else steps


def _phases(plan: Plan, begin: int, end: int) -> Steps:
    """Over how many phases the limits count: the fewest of those that take part, and of the hardware."""
    fewest = laid(plan.ceiling, begin, end, PHASES)
    for part in plan.parts:
        fewest = lowest(fewest, laid(part.stack, begin, end, PHASES))
    return capped(fewest, plan.phases)


def _converted(
    plan: Plan, begin: int, end: int, unit: ChargingRateUnitType
) -> tuple[list[int], list[int], tuple[int, ...]]:
    """Starts, tenths of the unit and phases, calculated in exact units and rounded down at the end."""
    limit_starts, limits = _limits(plan, begin, end, EXACT)
    phase_steps: Steps = ([0], [plan.phases])
    if not plan.has_fixed_phases:
        phase_steps = _phases(plan, begin, end)
    # One whole number for both, so that two step functions become one of pairs.
    pairs = total((limit_starts, [limit << _PHASE_BITS for limit in limits]), phase_steps)
    starts: list[int] = []
    tenths: list[int] = []
    phases: list[int] = []
    last = (-1, -1)
    for start, pair in zip(*pairs, strict=True):
        count = pair & _PHASE_MASK
        step = (plan.supply.tenths(pair >> _PHASE_BITS, unit, count), count)
        if step != last:
            starts.append(start)
            tenths.append(step[0])
            phases.append(count)
            last = step
    return starts, tenths, tuple(phases)
