"""What the central system wants of Smart Charging: profiles at random, most of them possible, few of them sensible."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TypeVar

from ocpp16cp.features.smart_charging.messages import ClearChargingProfile, GetCompositeSchedule, SetChargingProfile
from ocpp16cp.wire.types import (
    ChargingProfile,
    ChargingProfileKindType,
    ChargingProfilePurposeType,
    ChargingRateUnitType,
    ChargingSchedule,
    ChargingSchedulePeriod,
    RecurrencyKindType,
)

T = TypeVar("T")

_MAX, _DEFAULT, _TX = ChargingProfilePurposeType
_ABSOLUTE, _RECURRING, _RELATIVE = ChargingProfileKindType

NUMBERS = range(1, 9)
"""Ids of profiles: few, so that they meet again."""

CONNECTORS = (0, 1, 2, 3)
"""One too many."""


def draw_request(
    random: Random, utc: datetime, transaction_ids: Sequence[int]
) -> SetChargingProfile | ClearChargingProfile | GetCompositeSchedule:
    """Something to ask for, at this time of day; `transaction_ids` are those that the central system has given."""
    match random.choices(range(3), weights=(6, 1, 2))[0]:
        case 0:
            purpose = random.choice((_MAX, _DEFAULT, _DEFAULT, _TX, _TX))
            connector_id = 0 if purpose is _MAX else random.choice((1, 2))
            if random.random() < 0.2:
                connector_id = random.choice(CONNECTORS)
            profile = draw_profile(random, utc, purpose, transaction_ids)
            return SetChargingProfile(connector_id=connector_id, cs_charging_profiles=profile)
        case 1:
            return ClearChargingProfile(
                id=_perhaps(random, NUMBERS),
                connector_id=_perhaps(random, CONNECTORS),
                charging_profile_purpose=_perhaps(random, tuple(ChargingProfilePurposeType)),
                stack_level=_perhaps(random, range(3)),
            )
        case _:
            return GetCompositeSchedule(
                connector_id=random.choice(CONNECTORS),
                duration=random.choice((0, 1, 60, 600, 3_600, 20_000)),
                charging_rate_unit=random.choice((None, *ChargingRateUnitType)),
            )


def draw_brought(random: Random, utc: datetime) -> ChargingProfile | None:
    """What a remote start brings along: mostly nothing."""
    if random.random() < 0.6:
        return None
    purpose = _DEFAULT if random.random() < 0.1 else _TX
    return draw_profile(random, utc, purpose)


def draw_profile(
    random: Random, utc: datetime, purpose: ChargingProfilePurposeType, transaction_ids: Sequence[int] = ()
) -> ChargingProfile:
    """A profile that begins about now and changes often."""
    kind = random.choice((_ABSOLUTE, _ABSOLUTE, _RECURRING, _RELATIVE))
    valid_from, valid_to = (
        utc + timedelta(seconds=random.uniform(low, high)) if random.random() < 0.2 else None
        for low, high in ((-600, 600), (-60, 1_800))
    )
    return ChargingProfile(
        charging_profile_id=random.choice(NUMBERS),
        transaction_id=random.choice((None, *transaction_ids[-2:])) if purpose is _TX else None,
        stack_level=random.choice((0, 0, 1, 2, 11)) if random.random() < 0.3 else random.randrange(3),
        charging_profile_purpose=purpose,
        charging_profile_kind=kind,
        recurrency_kind=random.choice(tuple(RecurrencyKindType)) if kind is _RECURRING else None,
        valid_from=valid_from,
        valid_to=valid_to,
        charging_schedule=_draw_schedule(random, utc, kind),
    )


def _draw_schedule(random: Random, utc: datetime, kind: ChargingProfileKindType) -> ChargingSchedule:
    """Limits that change every few minutes."""
    offsets = sorted({0, *(random.randrange(1, 1_200) for _ in range(random.randrange(6)))})
    unit = random.choice((ChargingRateUnitType.A, ChargingRateUnitType.A, ChargingRateUnitType.W))
    start = None if kind is _RELATIVE else utc + timedelta(seconds=random.uniform(-900, 300))
    if kind is _ABSOLUTE and random.random() < 0.1:
        start = None
    return ChargingSchedule(
        duration=random.choice((None, None, offsets[-1] + 1, 600, 3_600)),
        start_schedule=start,
        charging_rate_unit=unit,
        charging_schedule_period=tuple(_draw_period(random, offset, unit) for offset in offsets),
        min_charging_rate=random.choice((None, Decimal(8), Decimal(20))),
    )


def _draw_period(random: Random, offset: int, unit: ChargingRateUnitType) -> ChargingSchedulePeriod:
    """A limit, most of them such that cars can charge by it."""
    tenths = random.choice((0, 55, 60, 100, 160, 320, random.randrange(400), random.randrange(400)))
    if unit is ChargingRateUnitType.W:
        tenths = tenths * 690 + random.randrange(10)
    return ChargingSchedulePeriod(
        start_period=offset, limit=Decimal(tenths) / 10, number_phases=random.choice((None, None, None, 1, 2, 3))
    )


def _perhaps(random: Random, choices: Sequence[T]) -> T | None:
    """One of these, or none."""
    return random.choice(choices) if random.random() < 0.5 else None
