"""A charging profile compiled: instants and limits as whole numbers, ready to be laid over a window."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from attrs import evolve, field

from ocpp16cp.errors import UsageError
from ocpp16cp.lean import frozen
from ocpp16cp.wire.types import (
    ChargingProfile,
    ChargingProfileKindType,
    ChargingProfilePurposeType,
    RecurrencyKindType,
)

from .supply import CHARGE_POINT, Supply, has_one_decimal

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
"""Instants are whole seconds from here: until 2054 they fit one digit of a Python int, which makes them quick."""

FOREVER = 1 << 40
"""Seconds that never pass: no period, duration or validity of a `datetime` comes near."""

TENTHS, EXACT, PHASES = 0, 1, 2
"""Columns of a layer: tenths of an ampere per phase, rounded down; exact units of the `Supply`; phases, 1 on DC."""

_PERIOD_S = {RecurrencyKindType.DAILY: 86_400, RecurrencyKindType.WEEKLY: 604_800}


class ProfileRefused(UsageError):
    """A charging profile that cannot be installed: which one, which of its fields, which rule it breaks."""

    def __init__(self, profile_id: int, field_name: str, rule: str) -> None:
        super().__init__(f"profile {profile_id}: {field_name}: {rule}")
        self.profile_id = profile_id
        self.field_name = field_name
        """As on the wire: `chargingSchedule.duration`."""
        self.rule = rule
        """One line, lower case, with the offending value."""

    def __reduce__(self) -> tuple[type[ProfileRefused], tuple[int, str, str]]:
        """Rebuild from the arguments: `Exception` alone would pass the joined text."""
        return type(self), (self.profile_id, self.field_name, self.rule)


def seconds(instant: datetime) -> int:
    """An aware instant in seconds from `EPOCH`; what is below a second is dropped.

    Raises:
        TypeError: the instant has no time zone.
    """
    since = instant - EPOCH
    return since.days * 86_400 + since.seconds


@frozen
class Layer:
    """One installed profile as whole numbers; without `is_floating`, fixed in time.

    In each cycle of `period` seconds, the first of which begins at `first`, it gives limits for `length`
    seconds, but only in `low <= t < high`.
    """

    connector_id: int
    """Where the profile is installed; 0 is the charge point."""
    profile: ChargingProfile
    is_floating: bool
    """It counts from the start of the transaction: `first` is to be set by `anchored`."""
    first: int
    low: int
    high: int
    period: int
    """`FOREVER` unless Recurring."""
    length: int
    """Seconds with a limit in each cycle; `FOREVER` if without end."""
    offsets: tuple[int, ...]
    """Starts of the periods within a cycle, the first is 0; neighbours alike are merged, late ones left out."""
    spacing: int
    """Seconds from each offset to the next if they are all the same, else 0; `FOREVER` if there is but one."""
    columns: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]] = field(repr=False)
    """What holds from each offset on, by `TENTHS`, `EXACT` and `PHASES`."""
    is_whole: bool
    """All limits are whole tenths of an ampere: that column is exact too."""
    fewest_phases: int
    """The least in the column of phases."""

    def anchored(self, start: int) -> Layer:
        """This layer for a transaction, or a question, that begins at `start`."""
        return evolve(
            self,
            is_floating=False,
            first=start,
            low=max(self.low, start),
            high=min(self.high, start + self.length),
        )


def compile_profile(
    profile: ChargingProfile, connector_id: int, supply: Supply, *, received: datetime | None = None
) -> Layer:
    """Check a profile by the rules of §3.13 and §7.8 and compile it.

    Args:
        profile: As received; its fields have passed the codec.
        connector_id: Where it is installed.
        supply: What to convert watts with.
        received: When it was installed: the start of an Absolute ChargePointMaxProfile without startSchedule.

    Raises:
        ProfileRefused: the profile can never be executed as it is; the refusal names field and rule.
    """
    _check_place(profile, connector_id, supply)
    _check_times(profile)
    _check_periods(profile, supply)
    schedule = profile.charging_schedule
    period = FOREVER
    if profile.charging_profile_kind is ChargingProfileKindType.RECURRING:
        assert profile.recurrency_kind is not None
        period = _PERIOD_S[profile.recurrency_kind]
    length = min(period, FOREVER if schedule.duration is None else schedule.duration)
    first = _first(profile, received)
    low = -FOREVER if profile.valid_from is None else seconds(profile.valid_from)
    high = FOREVER if profile.valid_to is None else seconds(profile.valid_to)
    if first is not None:
        low = max(low, first)
        if period == FOREVER:
            high = min(high, first + length)
    return Layer(
        connector_id=connector_id,
        profile=profile,
        is_floating=first is None,
        first=first or 0,
        low=low,
        high=high,
        period=period,
        length=length,
        **_limits(profile, supply, length),
    )


def _first(profile: ChargingProfile, received: datetime | None) -> int | None:
    """Time 0 of the schedule; `None` if it is the start of the transaction."""
    if profile.charging_profile_kind is ChargingProfileKindType.RELATIVE:
        # A startSchedule has no meaning here (§7.13) and is not looked at.
        return None
    start = profile.charging_schedule.start_schedule
    if start is not None:
        return seconds(start)
    if profile.charging_profile_purpose is not ChargingProfilePurposeType.CHARGE_POINT_MAX_PROFILE:
        return None
    if received is None:
        raise _refused(profile, "chargingSchedule.startSchedule", "is missing, and so is the time of receipt")
    return seconds(received)


def _limits(profile: ChargingProfile, supply: Supply, length: int) -> dict[str, Any]:
    """The periods that are ever executed, as the columns of a `Layer`."""
    unit = profile.charging_schedule.charging_rate_unit
    rows: list[tuple[int, int, int]] = []
    for period in profile.charging_schedule.charging_schedule_period:
        if period.start_period >= length:
            break
        phases = 1 if supply.is_dc else period.number_phases or 3
        exact = supply.exact(period.limit, unit, phases)
        if not rows or (exact, phases) != rows[-1][1:]:
            rows.append((period.start_period, exact, phases))
    offsets, limits, all_phases = zip(*rows, strict=True)
    spacings = {after - before for before, after in pairwise(offsets)}
    per_tenth = supply.exact_per_tenth
    return {
        "offsets": offsets,
        "spacing": 0 if len(spacings) > 1 else spacings.pop() if spacings else FOREVER,
        "columns": (tuple(limit // per_tenth for limit in limits), limits, all_phases),
        "is_whole": all(limit % per_tenth == 0 for limit in limits),
        "fewest_phases": min(all_phases),
    }


def _check_place(profile: ChargingProfile, connector_id: int, supply: Supply) -> None:
    """Refuse a profile on a connector that its purpose does not allow (§3.13.2)."""
    purpose = profile.charging_profile_purpose
    if not 0 <= connector_id <= len(supply.connectors):
        raise _refused(profile, "connectorId", f"there is no connector {connector_id!r}")
    if purpose is ChargingProfilePurposeType.CHARGE_POINT_MAX_PROFILE:
        if connector_id != CHARGE_POINT:
            raise _refused(profile, "connectorId", f"{purpose} belongs on connector 0, not {connector_id!r}")
        if profile.charging_profile_kind is ChargingProfileKindType.RELATIVE:
            raise _refused(profile, "chargingProfileKind", f"{purpose} has no transaction to be Relative to")
    if purpose is ChargingProfilePurposeType.TX_PROFILE and connector_id == CHARGE_POINT:
        raise _refused(profile, "connectorId", f"{purpose} belongs on a connector above 0")
    if profile.stack_level < 0:
        raise _refused(profile, "stackLevel", f"{profile.stack_level!r} is below 0")


def _check_times(profile: ChargingProfile) -> None:
    """Refuse a validity, an anchor or a duration that gives the profile no time to count in."""
    schedule = profile.charging_schedule
    since, until = profile.valid_from, profile.valid_to
    if since is not None and until is not None and until <= since:
        raise _refused(profile, "validTo", f"{until} is not after validFrom")
    if profile.charging_profile_kind is ChargingProfileKindType.RECURRING:
        if profile.recurrency_kind is None:
            raise _refused(profile, "recurrencyKind", "is missing, a Recurring profile needs it")
        if schedule.start_schedule is None:
            raise _refused(
                profile,
                "chargingSchedule.startSchedule",
                "is missing, a Recurring profile needs it",
            )
    if schedule.duration is not None and schedule.duration <= 0:
        raise _refused(profile, "chargingSchedule.duration", f"{schedule.duration!r} is not above 0")


def _check_periods(profile: ChargingProfile, supply: Supply) -> None:
    """Refuse periods out of order and limits that cannot be converted (§7.14)."""
    path = "chargingSchedule.chargingSchedulePeriod"
    periods = profile.charging_schedule.charging_schedule_period
    if not periods:
        raise _refused(profile, path, "has no entry")
    if periods[0].start_period != 0:
        rule = f"{periods[0].start_period!r} is not 0 in the first period"
        raise _refused(profile, f"{path}[0].startPeriod", rule)
    before = -1
    for index, period in enumerate(periods):
        if period.start_period <= before:
            rule = f"{period.start_period!r} is not after {before}"
            raise _refused(profile, f"{path}[{index}].startPeriod", rule)
        before = period.start_period
        if not has_one_decimal(period.limit):
            rule = f"{period.limit} is below 0, too high or has two decimals"
            raise _refused(profile, f"{path}[{index}].limit", rule)
        number = period.number_phases
        if number is not None and not (supply.is_dc or 1 <= number <= 3):
            rule = f"{number!r} is not 1 to 3"
            raise _refused(profile, f"{path}[{index}].numberPhases", rule)


def _refused(profile: ChargingProfile, field_name: str, rule: str) -> ProfileRefused:
    return ProfileRefused(profile.charging_profile_id, field_name, rule)
