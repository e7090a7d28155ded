"""Profiles in short, and composite schedules as short text, for tests to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ocpp16cp.composition import Composite, ConnectorSupply, ProfileSet, Supply, Transaction
from ocpp16cp.wire.types import (
    ChargingProfile,
    ChargingProfileKindType,
    ChargingProfilePurposeType,
    ChargingRateUnitType,
    ChargingSchedule,
    ChargingSchedulePeriod,
    RecurrencyKindType,
)

T0 = datetime(2026, 3, 2, 10, 5, tzinfo=UTC)
"""The instant the seconds in tests count from."""

A = ChargingRateUnitType.A
W = ChargingRateUnitType.W
PURPOSES = {
    "max": ChargingProfilePurposeType.CHARGE_POINT_MAX_PROFILE,
    "default": ChargingProfilePurposeType.TX_DEFAULT_PROFILE,
    "tx": ChargingProfilePurposeType.TX_PROFILE,
}
KINDS = {
    "absolute": ChargingProfileKindType.ABSOLUTE,
    "daily": ChargingProfileKindType.RECURRING,
    "weekly": ChargingProfileKindType.RECURRING,
    "relative": ChargingProfileKindType.RELATIVE,
}
RECURRENCIES = {"daily": RecurrencyKindType.DAILY, "weekly": RecurrencyKindType.WEEKLY}


def at(seconds: float) -> datetime:
    """The instant so many seconds after `T0`."""
    return T0 + timedelta(seconds=seconds)


def profile(
    purpose: str,
    periods: str,
    *,
    level: int = 0,
    kind: str = "absolute",
    start: int | None = 0,
    duration: int | None = None,
    valid_from: int | None = None,
    valid_to: int | None = None,
    unit: ChargingRateUnitType = A,
    profile_id: int | None = None,
    transaction_id: int | None = None,
) -> ChargingProfile:
    """A profile; `periods` as "0:16, 300:10/1" (start, limit, phases if given), instants in seconds after `T0`.

    Unless given, the id is made of purpose and level, so that profiles in different slots differ.
    """
    return ChargingProfile(
        charging_profile_id=level * 10 + len(purpose) if profile_id is None else profile_id,
        transaction_id=transaction_id,
        stack_level=level,
        charging_profile_purpose=PURPOSES[purpose],
        charging_profile_kind=KINDS[kind],
        recurrency_kind=RECURRENCIES.get(kind),
        valid_from=None if valid_from is None else at(valid_from),
        valid_to=None if valid_to is None else at(valid_to),
        charging_schedule=ChargingSchedule(
            duration=duration,
            start_schedule=None if start is None or kind == "relative" else at(start),
            charging_rate_unit=unit,
            charging_schedule_period=tuple(_period(text) for text in periods.split(", ")),
        ),
    )


def _period(text: str) -> ChargingSchedulePeriod:
    start, _, rest = text.partition(":")
    limit, _, phases = rest.partition("/")
    return ChargingSchedulePeriod(
        start_period=int(start), limit=Decimal(limit), number_phases=int(phases) if phases else None
    )


def supply(*, limit: str | None = "32", connectors: int = 1, phases: int = 3, station: str | None = None) -> Supply:
    """An AC supply of 230 V with connectors alike."""
    connector = ConnectorSupply(phases=phases, limit_a=None if limit is None else Decimal(limit))
    return Supply(
        connectors=(connector,) * connectors,
        phases=phases,
        limit_a=None if station is None else Decimal(station),
    )


def station(
    *profiles: ChargingProfile | tuple[int, ChargingProfile],
    running: int | None = None,
    of: Supply | None = None,
) -> ProfileSet:
    """Profiles installed, by default each where its purpose belongs; a transaction on connector 1 from `running` on."""
    places = {"ChargePointMaxProfile": 0, "TxDefaultProfile": 0, "TxProfile": 1}
    placed = [each if isinstance(each, tuple) else (places[each.charging_profile_purpose], each) for each in profiles]
    transactions = [] if running is None else [Transaction(connector_id=1, start=at(running))]
    return ProfileSet.of(of or supply(), placed, transactions=transactions, received=T0)


def short(composite: Composite, *, phases: bool = False) -> str:
    """A schedule as "0:16, 200:10", or with phases as "0:16/3, 200:10/1"."""
    return ", ".join(
        f"{period.start}:{_plain(period.limit)}" + (f"/{period.phases}" if phases else "")
        for period in composite.periods
    )


def _plain(limit: Decimal | None) -> str:
    return "none" if limit is None else f"{limit:f}".removesuffix(".0")


def shorts(composites: Sequence[Composite]) -> list[str]:
    """Several schedules in short."""
    return [short(composite) for composite in composites]
