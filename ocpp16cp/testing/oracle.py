"""What a composite schedule has to be, instant by instant, straight from the rules: slow and obvious.

For tests of `ocpp16cp.composition`, of stations, and of central systems that compose for themselves. Nothing here comes
from `ocpp16cp.composition`: limits are fractions of an ampere per phase, instants are seconds of the
Unix epoch, and every question walks all profiles anew.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from fractions import Fraction

from attrs import field, frozen

from ocpp16cp.features.smart_charging.messages import GetCompositeScheduleConf
from ocpp16cp.wire.types import (
    ChargingProfile,
    ChargingProfileKindType,
    ChargingProfilePurposeType,
    ChargingRateUnitType,
    RecurrencyKindType,
)

DAY = 24 * 60 * 60
CYCLE = {RecurrencyKindType.DAILY: DAY, RecurrencyKindType.WEEKLY: 7 * DAY}


@frozen(kw_only=True)
class Grid:
    """Voltage, phases and hardware limits, as plain values."""

    voltage: int = 230
    is_dc: bool = False
    phases: int = 3
    limit: Fraction | None = None
    connectors: tuple[tuple[int, Fraction | None], ...] = ((3, None), (3, None))
    """Phases and limit of connectors 1 to N."""


@frozen(kw_only=True)
class Running:
    """A transaction."""

    connector_id: int
    transaction_id: int | None
    start: datetime


@frozen
class Installed:
    """A profile where it is installed, its instants and fractions worked out."""

    connector_id: int
    profile: ChargingProfile
    received: datetime
    valid_from: int | None = field(init=False)
    valid_to: int | None = field(init=False)
    periods: tuple[tuple[int, Fraction, int], ...] = field(init=False)
    """startPeriod, limit as sent, phases."""

    @valid_from.default
    def _valid_from(self) -> int | None:
        return whole_seconds(self.profile.valid_from)

    @valid_to.default
    def _valid_to(self) -> int | None:
        return whole_seconds(self.profile.valid_to)

    @periods.default
    def _periods(self) -> tuple[tuple[int, Fraction, int], ...]:
        return tuple(
            (
                period.start_period,
                Fraction(period.limit),
                3 if period.number_phases is None else period.number_phases,
            )
            for period in self.profile.charging_schedule.charging_schedule_period
        )


def whole_seconds(instant: datetime | None) -> int | None:
    """The Unix time of an instant, fractions dropped."""
    return None if instant is None else math.floor(instant.timestamp())


def install(profiles: Sequence[tuple[int, ChargingProfile]], received: datetime) -> tuple[Installed, ...]:
    """Profiles set one after the other: a later one takes the place of the same id, or of the same slot."""
    kept: list[Installed] = []
    for connector_id, new in profiles:
        kept = [
            old
            for old in kept
            if old.profile.charging_profile_id != new.charging_profile_id
            and not (
                old.connector_id == connector_id
                and old.profile.stack_level == new.stack_level
                and old.profile.charging_profile_purpose == new.charging_profile_purpose
            )
        ]
        kept.append(Installed(connector_id, new, received))
    return tuple(kept)


@frozen
class Oracle:
    """A station's grid, profiles and transactions, to be asked about one instant at a time."""

    grid: Grid
    installed: tuple[Installed, ...]
    running: tuple[Running, ...]

    def answer(
        self, connector_id: int, asked: int, t: int, unit: ChargingRateUnitType
    ) -> tuple[int | None, int | None]:
        """Limit in tenths of the unit, rounded down, and phases, at `t`, of a schedule asked for at `asked`."""
        limit, phases = self.limit(connector_id, asked, t)
        shown = None if self.grid.is_dc else phases
        if limit is None:
            return None, shown
        if unit is ChargingRateUnitType.W:
            limit = limit * self.grid.voltage * (1 if self.grid.is_dc else phases)
        return math.floor(limit * 10), shown

    def limit(self, connector_id: int, asked: int, t: int) -> tuple[Fraction | None, int]:
        """Amperes per phase, and over how many phases they count."""
        if connector_id == 0:
            station_phases = self.grid.phases
            wanted: Fraction | None = Fraction(0)
            taking_part = []
            for number in range(1, len(self.grid.connectors) + 1):
                own = self.own_limit(number, asked, t)
                hardware = self.grid.connectors[number - 1][1]
                if own is not None:
                    taking_part.append(own[1])
                share = lower(None if own is None else own[0], hardware)
                wanted = None if wanted is None or share is None else wanted + share
        else:
            station_phases, hardware = self.grid.connectors[connector_id - 1]
            own = self.own_limit(connector_id, asked, t)
            taking_part = [] if own is None else [own[1]]
            wanted = lower(None if own is None else own[0], hardware)
        ceiling = self.stack([one for one in self.installed if purpose(one) == "ChargePointMaxProfile"], t, None)
        if ceiling is not None:
            taking_part.append(ceiling[1])
            wanted = lower(wanted, ceiling[0])
        return lower(wanted, self.grid.limit), min([station_phases, *taking_part])

    def ceiling(self, t: int) -> Fraction | None:
        """Amperes per phase that all connectors together may draw, whatever they have of their own."""
        found = self.stack([one for one in self.installed if purpose(one) == "ChargePointMaxProfile"], t, None)
        return lower(None if found is None else found[0], self.grid.limit)

    def own_limit(self, connector_id: int, asked: int, t: int) -> tuple[Fraction, int] | None:
        """What TxProfile or else TxDefaultProfile give one connector."""
        start = asked
        for transaction in self.running:
            if transaction.connector_id == connector_id:
                began = whole_seconds(transaction.start)
                assert began is not None
                start = min(began, asked)
                chosen = self.stack(
                    [
                        one
                        for one in self.installed
                        if purpose(one) == "TxProfile"
                        and one.connector_id == connector_id
                        and one.profile.transaction_id in (None, transaction.transaction_id)
                    ],
                    t,
                    start,
                )
                if chosen is not None:
                    return chosen
        own = [one for one in self.defaults() if one.connector_id == connector_id]
        hidden = [one.profile.stack_level for one in own]
        general = [one for one in self.defaults() if one.connector_id == 0 and one.profile.stack_level not in hidden]
        return self.stack(own + general, t, start)

    def defaults(self) -> list[Installed]:
        """All TxDefaultProfiles."""
        return [one for one in self.installed if purpose(one) == "TxDefaultProfile"]

    def stack(self, profiles: list[Installed], t: int, start: int | None) -> tuple[Fraction, int] | None:
        """The limit of the highest level that has one at this instant."""
        for one in sorted(profiles, key=lambda one: one.profile.stack_level, reverse=True):
            found = self.limit_by(one, t, start)
            if found is not None:
                return found
        return None

    def limit_by(self, one: Installed, t: int, start: int | None) -> tuple[Fraction, int] | None:
        """The limit one profile gives at an instant."""
        if one.valid_from is not None and t < one.valid_from:
            return None
        if one.valid_to is not None and t >= one.valid_to:
            return None
        elapsed = t - anchor_of(one, start)
        if elapsed < 0:
            return None
        if one.profile.charging_profile_kind is ChargingProfileKindType.RECURRING:
            assert one.profile.recurrency_kind is not None
            elapsed %= CYCLE[one.profile.recurrency_kind]
        duration = one.profile.charging_schedule.duration
        if duration is not None and elapsed >= duration:
            return None
        _, limit, phases = next(row for row in reversed(one.periods) if row[0] <= elapsed)
        if self.grid.is_dc:
            phases = 1
        if one.profile.charging_schedule.charging_rate_unit is ChargingRateUnitType.W:
            limit = limit / (self.grid.voltage * phases)
        return limit, phases

    def boundaries(self, asked: int, end: int) -> Iterator[int]:
        """Every instant in (asked, end) at which some profile may begin, change or end."""
        for one in self.installed:
            yield from (t for t in (one.valid_from, one.valid_to) if t is not None)
            schedule = one.profile.charging_schedule
            offsets = [period.start_period for period in schedule.charging_schedule_period]
            if schedule.duration is not None:
                offsets.append(schedule.duration)
            starts = {asked, *(whole_seconds(running.start) or 0 for running in self.running)}
            for anchor in {anchor_of(one, start) for start in starts}:
                if one.profile.charging_profile_kind is ChargingProfileKindType.RECURRING:
                    assert one.profile.recurrency_kind is not None
                    cycle = CYCLE[one.profile.recurrency_kind]
                    first = anchor + (asked - anchor) // cycle * cycle
                    for begin in range(first, end, cycle):
                        yield from (begin + offset for offset in offsets)
                else:
                    yield from (anchor + offset for offset in offsets)


def purpose(one: Installed) -> ChargingProfilePurposeType:
    """The purpose of an installed profile."""
    return one.profile.charging_profile_purpose


def anchor_of(one: Installed, start: int | None) -> int:
    """Time 0 of a schedule; `start` is when the transaction began, if there is one to speak of."""
    began = whole_seconds(one.profile.charging_schedule.start_schedule)
    if one.profile.charging_profile_kind is ChargingProfileKindType.RELATIVE or began is None:
        received = whole_seconds(one.received)
        assert received is not None
        return received if start is None or purpose(one) == "ChargePointMaxProfile" else start
    return began


def lower(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    """The lower of two limits, either of which may not be there."""
    if one is None or other is None:
        return one if other is None else other
    return min(one, other)


def difference(
    oracle: Oracle, connector_id: int, answer: GetCompositeScheduleConf, instants: Iterable[int]
) -> str | None:
    """What is wrong with the answer to a GetCompositeSchedule at some instants; `None`: nothing.

    Args:
        oracle: who knows better.
        connector_id: what was asked for.
        answer: an accepted one.
        instants: in seconds of the Unix epoch, within the window that was asked for.
    """
    schedule, start = answer.charging_schedule, answer.schedule_start
    assert schedule is not None
    assert start is not None
    begin = math.floor(start.timestamp())
    periods = schedule.charging_schedule_period
    starts = [period.start_period for period in periods]
    for t in instants:
        period = periods[bisect_right(starts, t - begin) - 1]
        told = (int(period.limit * 10), period.number_phases)
        expected = oracle.answer(connector_id, begin, t, schedule.charging_rate_unit)
        if told != expected:
            return f"connector {connector_id}, {t - begin} s from {start}: {told}, not {expected}"
    return None
