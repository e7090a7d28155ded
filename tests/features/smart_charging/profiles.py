"""Charging profiles in short, and what a station makes of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from ocpp16cp.features.smart_charging.messages import (
    ChargingProfileStatus,
    ClearChargingProfile,
    ClearChargingProfileConf,
    GetCompositeSchedule,
    GetCompositeScheduleConf,
    SetChargingProfile,
    SetChargingProfileConf,
)
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.types import (
    ChargingProfile,
    ChargingProfileKindType,
    ChargingProfilePurposeType,
    ChargingRateUnitType,
    ChargingSchedule,
    ChargingSchedulePeriod,
    RecurrencyKindType,
)

A = ChargingRateUnitType.A
W = ChargingRateUnitType.W
MAX = ChargingProfilePurposeType.CHARGE_POINT_MAX_PROFILE
DEFAULT = ChargingProfilePurposeType.TX_DEFAULT_PROFILE
TX = ChargingProfilePurposeType.TX_PROFILE
ABSOLUTE = ChargingProfileKindType.ABSOLUTE
RECURRING = ChargingProfileKindType.RECURRING
RELATIVE = ChargingProfileKindType.RELATIVE
ACCEPTED = SetChargingProfileConf(status=ChargingProfileStatus.ACCEPTED)
REJECTED = SetChargingProfileConf(status=ChargingProfileStatus.REJECTED)


def at(seconds: float) -> datetime:
    """The time of day so many seconds after a dialogue begins."""
    return BEGINNING + timedelta(seconds=seconds)


def profile(
    purpose: ChargingProfilePurposeType,
    periods: str,
    *,
    number: int = 1,
    level: int = 0,
    kind: ChargingProfileKindType = ABSOLUTE,
    daily: bool = True,
    start: float | None = 0,
    duration: int | None = None,
    valid_from: float | None = None,
    valid_to: float | None = None,
    unit: ChargingRateUnitType = A,
    transaction_id: int | None = None,
    min_rate: str | None = None,
) -> ChargingProfile:
    """A profile; `periods` as "0:16, 300:10/1" (start, limit, phases if given), instants as in `at`."""
    recurrency = RecurrencyKindType.DAILY if daily else RecurrencyKindType.WEEKLY
    return ChargingProfile(
        charging_profile_id=number,
        transaction_id=transaction_id,
        stack_level=level,
        charging_profile_purpose=purpose,
        charging_profile_kind=kind,
        recurrency_kind=recurrency if kind is RECURRING else None,
        valid_from=None if valid_from is None else at(valid_from),
        valid_to=None if valid_to is None else at(valid_to),
        charging_schedule=ChargingSchedule(
            duration=duration,
            start_schedule=None if start is None or kind is RELATIVE else at(start),
            charging_rate_unit=unit,
            charging_schedule_period=tuple(_period(text) for text in periods.split(", ")),
            min_charging_rate=None if min_rate is None else Decimal(min_rate),
        ),
    )


def _period(text: str) -> ChargingSchedulePeriod:
    start, _, rest = text.partition(":")
    limit, _, phases = rest.partition("/")
    return ChargingSchedulePeriod(
        start_period=int(start), limit=Decimal(limit), number_phases=int(phases) if phases else None
    )


def install(play: Playbook, connector_id: int, new: ChargingProfile) -> SetChargingProfileConf:
    """Set a charging profile; the answer."""
    request = SetChargingProfile(connector_id=connector_id, cs_charging_profiles=new)
    return play.send(request, SetChargingProfileConf)


def clear(play: Playbook, **fields: object) -> str:
    """Clear charging profiles; the status."""
    request = ClearChargingProfile(**fields)  # type: ignore[arg-type]  # any field
    return play.send(request, ClearChargingProfileConf).status.value


def ask(
    play: Playbook, connector_id: int, duration: int, unit: ChargingRateUnitType | None = None
) -> GetCompositeScheduleConf:
    """Ask for a composite schedule."""
    request = GetCompositeSchedule(connector_id=connector_id, duration=duration, charging_rate_unit=unit)
    return play.send(request, GetCompositeScheduleConf)


def composite(
    play: Playbook,
    connector_id: int,
    duration: int = 600,
    unit: ChargingRateUnitType | None = None,
    *,
    phases: bool = False,
) -> str:
    """A composite schedule as "0:16, 300:10", or with phases "0:16/3, 300:10/1"."""
    schedule = ask(play, connector_id, duration, unit).charging_schedule
    assert schedule is not None
    return ", ".join(
        f"{each.start_period}:{each.limit:f}".removesuffix(".0") + (f"/{each.number_phases}" if phases else "")
        for each in schedule.charging_schedule_period
    )
