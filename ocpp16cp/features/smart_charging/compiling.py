"""What follows from the station and the profiles for the limits: worked out once, and anew when they change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from attrs import define, field

from ocpp16cp.composition import (
    ConnectorSupply,
    CurrentType,
    ProfileRefused,
    ProfileSet,
    Supply,
    Timeline,
    Transaction,
)
from ocpp16cp.composition.explain import explain
from ocpp16cp.lean import frozen
from ocpp16cp.station import CHARGE_POINT, Station
from ocpp16cp.wire.types import ChargingProfilePurposeType, ChargingRateUnitType

from .state import Installed

_MAX = ChargingProfilePurposeType.CHARGE_POINT_MAX_PROFILE

Profiles = tuple[tuple[int, Installed], ...]
"""The records of the table with their keys."""


def supply_of(station: Station, last: Supply | None = None) -> Supply:
    """The station as the composition sees it."""
    connectors = (ConnectorSupply(phases=each.phases, limit_a=each.max_current_a) for each in station.connectors)
    return Supply(
        connectors=tuple(connectors),
        current_type=CurrentType(station.current_type.value),
        voltage_v=station.nominal_voltage_v,
        phases=max(each.phases for each in station.connectors),
        limit_a=station.max_current_a,
    )


@frozen(eq=False)
class Compiled:
    """The profiles of a station, ready to be asked."""

    supply: Supply
    records: dict[int, Installed]
    profiles: ProfileSet
    """All that fit."""
    ceiling: ProfileSet
    """The ChargePointMaxProfiles alone."""
    unfit: dict[int, str]
    """Those that this station cannot execute, each with the reason: stored by one of another make."""


def compile_profiles(of: tuple[Supply, Profiles], last: Compiled | None) -> Compiled:
    """Compile the profiles that were not there before; most changes are of one among many."""
    supply, records = of
    now = dict(records)
    if last is None or last.supply is not supply:
        empty = ProfileSet(supply)
        last = Compiled(supply, {}, empty, empty, {})
    profiles = last.profiles
    unfit = {number: reason for number, reason in last.unfit.items() if now.get(number) is last.records[number]}
    for number, record in last.records.items():
        if now.get(number) is not record:
            profiles = profiles.without_profile(number)
    for number, record in records:
        if last.records.get(number) is record:
            continue
        try:
            profiles = profiles.with_profile(record.connector_id, record.profile, received=record.received)
        except ProfileRefused as refused:
            unfit[number] = f"{refused.field_name}: {refused.rule}"
    layers = tuple(layer for layer in profiles.layers if layer.profile.charging_profile_purpose is _MAX)
    ceiling = last.ceiling if layers == last.ceiling.layers else ProfileSet(supply, layers)
    return Compiled(supply, now, profiles, ceiling, unfit)


def nothing_installed(of: Supply, last: ProfileSet | None) -> ProfileSet:
    """A set without profiles, to try one in."""
    return ProfileSet(of)


@frozen
class Stretch:
    """A limit and how long it holds."""

    limit_a: Decimal
    """Per phase, on DC in total."""
    phases: int
    """1 on DC."""
    since: datetime
    """It held at least from here."""
    until: datetime | None
    """`None`: for ever."""


@define(eq=False)
class Course:
    """The limit of one connector as time goes on; the stretch that was asked for last is kept."""

    _timeline: Timeline
    _last: Stretch | None = field(default=None, init=False)

    def at(self, instant: datetime) -> Stretch:
        """The stretch that an instant lies in."""
        last = self._last
        if last is None or instant < last.since or (last.until is not None and instant >= last.until):
            limit_a = self._timeline.limit_at(instant)
            assert limit_a is not None, "every connector has a hardware limit"
            phases = self._timeline.phases_at(instant) or 1
            last = self._last = Stretch(limit_a, phases, instant, self._timeline.next_change(instant))
        return last


@define(eq=False)
class Schedules:
    """The profiles of a station with the transactions that run."""

    profiles: ProfileSet
    ceiling: Course
    """What all connectors together may draw."""
    courses: dict[int, Course]
    """What each connector could draw if it were alone."""
    _own: ProfileSet | None = field(default=None, init=False)

    @classmethod
    def of(cls, compiled: Compiled, transactions: Iterable[Transaction]) -> Schedules:
        """The schedules of these transactions."""
        supply = compiled.supply
        profiles = ProfileSet(supply, compiled.profiles.layers, tuple(transactions))
        numbers = range(1, len(supply.connectors) + 1)
        courses = {number: _course(profiles, number) for number in numbers}
        return cls(profiles, _course(compiled.ceiling, CHARGE_POINT), courses)

    def min_rate_a(self, connector_id: int, instant: datetime, phases: int) -> Decimal:
        """The minChargingRate of the profile by which a connector charges, in amperes over so many phases; else 0."""
        if self._own is None:
            layers = (each for each in self.profiles.layers if each.profile.charging_profile_purpose is not _MAX)
            self._own = ProfileSet(self.profiles.supply, tuple(layers), self.profiles.transactions)
        source = explain(self._own, connector_id, instant, duration=1)[0].reasons[0].sources[0]
        schedule = None if source.profile is None else source.profile.charging_schedule
        if schedule is None or schedule.min_charging_rate is None:
            return Decimal(0)
        supply = self.profiles.supply
        exact = supply.exact(schedule.min_charging_rate, schedule.charging_rate_unit, phases)
        return Decimal(supply.tenths(exact, ChargingRateUnitType.A, phases)) / 10


def make_schedules(of: tuple[Compiled, tuple[Transaction, ...]], last: Schedules | None) -> Schedules:
    """The schedules of compiled profiles and transactions."""
    return Schedules.of(*of)


def _course(profiles: ProfileSet, connector_id: int) -> Course:
    return Course(Timeline(profiles, connector_id, unit=ChargingRateUnitType.A))
