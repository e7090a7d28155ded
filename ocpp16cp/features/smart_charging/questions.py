"""What the installed profiles mean now, and whether another one could be among them."""

from __future__ import annotations

from datetime import datetime, timedelta

from ocpp16cp.composition import ProfileRefused, Supply
from ocpp16cp.composition import Transaction as Counting
from ocpp16cp.features.transactions.state import TRANSACTIONS, Transaction
from ocpp16cp.kernel.calls import RUN
from ocpp16cp.kernel.clock import ANCHOR
from ocpp16cp.kernel.step import Step
from ocpp16cp.station import FeatureProfile
from ocpp16cp.wire.types import (
    ChargingProfile,
    ChargingProfileKindType,
    ChargingProfilePurposeType,
    ChargingRateUnitType,
)

from .compiling import (
    Compiled,
    Course,
    Schedules,
    Stretch,
    compile_profiles,
    make_schedules,
    nothing_installed,
    supply_of,
)
from .keys import (
    CHARGE_PROFILE_MAX_STACK_LEVEL,
    CHARGING_SCHEDULE_ALLOWED_CHARGING_RATE_UNIT,
    CHARGING_SCHEDULE_MAX_PERIODS,
    RateUnit,
)
from .state import PROFILES

_SECOND = timedelta(seconds=1)
_QUANTITY = {ChargingRateUnitType.A: RateUnit.CURRENT, ChargingRateUnitType.W: RateUnit.POWER}


def transaction_of(step: Step, connector_id: int) -> Transaction | None:
    """The transaction of a connector, if it runs and is not about to end."""
    transaction = step[TRANSACTIONS].get(connector_id)
    if transaction is None or transaction.ending is not None or transaction.run != step.one(RUN).number:
        return None
    return transaction


def supply(step: Step) -> Supply:
    """The station as the composition sees it."""
    return step.derived(supply_of, step.station)


def compiled(step: Step) -> Compiled:
    """The installed profiles, compiled; none where the station does not offer smart charging."""
    is_offered = step.station.offers(FeatureProfile.SMART_CHARGING)
    profiles = tuple(step[PROFILES].items()) if is_offered else ()
    return step.derived(compile_profiles, (supply(step), profiles))


def schedules(step: Step) -> Schedules:
    """What the installed profiles give the running transactions, and would give others."""
    running = ((each, transaction_of(step, each)) for each in step.station.connector_ids)
    transactions = tuple(
        Counting(connector_id=each, transaction_id=transaction.transaction_id, start=transaction.started_at)
        for each, transaction in running
        if transaction is not None
    )
    return step.derived(make_schedules, (compiled(step), transactions))


def present_second(step: Step) -> datetime:
    """The whole second that it is: limits change at no other instants.

    The instant and the time of day may differ by a rounding: what is due counts. A rule that asks runs again when a
    clock is set, as that may bring back limits after which there was nothing to wait for.
    """
    step.one(ANCHOR)
    second = step.utc.replace(microsecond=0)
    return second if step.due(second) else second - _SECOND


def limit_since(step: Step, course: Course, second: datetime) -> Stretch:
    """The limit that holds in the present second; a rule that asks runs again when it changes."""
    stretch = course.at(second)
    while stretch.until is not None and step.due(stretch.until):
        stretch = course.at(stretch.until)
    return stretch


def allows_unit(step: Step, unit: ChargingRateUnitType) -> bool:
    """Whether limits may have this unit here."""
    return _QUANTITY[unit] in step.key(CHARGING_SCHEDULE_ALLOWED_CHARGING_RATE_UNIT)


def flaw_of(step: Step, connector_id: int, profile: ChargingProfile) -> str | None:
    """Why a profile could not be installed on a connector, whatever is installed or running; `None`: it could."""
    schedule = profile.charging_schedule
    most_level, most_periods = step.key(CHARGE_PROFILE_MAX_STACK_LEVEL), step.key(CHARGING_SCHEDULE_MAX_PERIODS)
    periods = len(schedule.charging_schedule_period)
    if profile.stack_level > most_level:
        return f"stackLevel: {profile.stack_level} is above {most_level}"
    if periods > most_periods:
        return f"chargingSchedule.chargingSchedulePeriod: {periods} of them, at most {most_periods} are allowed"
    if not allows_unit(step, schedule.charging_rate_unit):
        return f"chargingSchedule.chargingRateUnit: {schedule.charging_rate_unit} is not allowed"
    if profile.valid_to is not None and step.due(profile.valid_to):
        return f"validTo: {profile.valid_to.isoformat()} is past"
    is_absolute = profile.charging_profile_kind is ChargingProfileKindType.ABSOLUTE
    if is_absolute and schedule.start_schedule is None and step.station.settings.requires_start_schedule:
        return "chargingSchedule.startSchedule: is missing, an Absolute profile needs it"
    try:
        step.derived(nothing_installed, supply(step)).with_profile(connector_id, profile, received=step.utc)
    except ProfileRefused as refused:
        return f"{refused.field_name}: {refused.rule}"
    return None


def flaw_for_start(step: Step, connector_id: int, profile: ChargingProfile) -> str | None:
    """Why a profile could not come with the remote start of a transaction; `None`: it could."""
    purpose = profile.charging_profile_purpose
    if purpose is not ChargingProfilePurposeType.TX_PROFILE:
        return f"chargingProfilePurpose: a transaction is started with a TxProfile, not a {purpose}"
    if profile.transaction_id is not None:
        return f"transactionId: {profile.transaction_id} cannot be that of a transaction that is still to be started"
    return flaw_of(step, connector_id, profile)
