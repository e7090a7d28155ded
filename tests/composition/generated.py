"""Profile sets made from a seed: crowded levels, odd windows, gaps, ends, mixed units and zones, special days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from random import Random
from zoneinfo import ZoneInfo

from attrs import frozen

from ocpp16cp.composition import ConnectorSupply, CurrentType, ProfileSet, Supply, Transaction
from ocpp16cp.testing.oracle import Grid, Oracle, Running, install
from ocpp16cp.wire.types import (
    ChargingProfile,
    ChargingProfileKindType,
    ChargingProfilePurposeType,
    ChargingRateUnitType,
    ChargingSchedule,
    ChargingSchedulePeriod,
    RecurrencyKindType,
)

DAYS = (
    datetime(2026, 3, 2, tzinfo=UTC),
    # The nights in which clocks change in Europe and in America, a leap day, a year's end, the end of the quick range.
    datetime(2026, 3, 29, tzinfo=UTC),
    datetime(2026, 10, 25, tzinfo=UTC),
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2028, 2, 28, 12, tzinfo=UTC),
    datetime(2028, 12, 31, 12, tzinfo=UTC),
    datetime(2054, 1, 10, tzinfo=UTC),
)
ZONES = (
    UTC,
    ZoneInfo("Europe/Berlin"),
    ZoneInfo("America/New_York"),
    timezone(timedelta(hours=5, minutes=30)),
)
"""Instants may be given in any; what they mean must not depend on it."""

PURPOSES = tuple(ChargingProfilePurposeType)
KINDS = tuple(ChargingProfileKindType)
MAX, DEFAULT, TX = PURPOSES


@frozen(kw_only=True)
class Case:
    """A station with profiles and transactions, and a question to it."""

    profiles: tuple[tuple[int, ChargingProfile], ...]
    grid: Grid
    running: tuple[Running, ...]
    connector_id: int
    now: datetime
    """In UTC, so that sums are of elapsed time."""
    local_now: datetime
    """The same instant in one of `ZONES`."""
    duration: int
    unit: ChargingRateUnitType

    def profile_set(self) -> ProfileSet:
        """The engine's view."""
        compiled = ProfileSet(
            Supply(
                connectors=tuple(
                    ConnectorSupply(phases=phases, limit_a=_decimal(limit)) for phases, limit in self.grid.connectors
                ),
                current_type=CurrentType.DC if self.grid.is_dc else CurrentType.AC,
                voltage_v=self.grid.voltage,
                phases=self.grid.phases,
                limit_a=_decimal(self.grid.limit),
            ),
            transactions=tuple(
                Transaction(
                    connector_id=one.connector_id,
                    transaction_id=one.transaction_id,
                    start=one.start,
                )
                for one in self.running
            ),
        )
        for connector_id, profile in self.profiles:
            compiled = compiled.with_profile(connector_id, profile, received=self.now)
        return compiled

    def oracle(self) -> Oracle:
        """The oracle's view."""
        return Oracle(self.grid, install(self.profiles, self.now), self.running)


def case(seed: int, *, duration: int | None = None) -> Case:
    """The case of a seed; `duration` of the window, or one of the generator's own."""
    random = Random(seed)
    now = random.choice(DAYS) + timedelta(seconds=random.randrange(0, 86_400, 300))
    if random.random() < 0.3:
        now += timedelta(seconds=random.randrange(300), milliseconds=random.randrange(1000))
    grid = _grid(random)
    numbers = range(1, len(grid.connectors) + 1)
    running = tuple(_running(random, number, now) for number in numbers if random.random() < 0.6)
    window = random.choice((1, 61, 900, 3600, 14_400, 43_200, 86_400, 90_061))
    if random.random() < 0.03:
        window = 8 * 86_400
    profiles = tuple(
        # Now and then one comes that replaces another, wherever that is.
        _placed(random, number if random.random() < 0.9 else random.randint(0, number), now, grid)
        for number in range(random.choice((1, 2, 3, 4, 6, 9)))
    )
    return Case(
        profiles=profiles,
        grid=grid,
        running=running,
        connector_id=random.randrange(len(grid.connectors) + 1),
        now=now,
        local_now=_somewhere(random, now),
        duration=duration or window,
        unit=random.choice(tuple(ChargingRateUnitType)),
    )


def _grid(random: Random) -> Grid:
    phases = random.choice((1, 2, 3, 3, 3))
    return Grid(
        voltage=random.choice((230, 230, 231, 120, 400)),
        is_dc=random.random() < 0.15,
        phases=phases,
        limit=_tenths(random, 250, 800) if random.random() < 0.3 else None,
        connectors=tuple(
            (
                random.randint(1, phases),
                _tenths(random, 100, 400) if random.random() < 0.5 else None,
            )
            for _ in range(random.choice((1, 2, 2, 3)))
        ),
    )


def _running(random: Random, connector_id: int, now: datetime) -> Running:
    ago = random.choice((0, 70, 1800, 5000, 90_000, -120))
    return Running(
        connector_id=connector_id,
        transaction_id=random.choice((None, 7, 7, 8)),
        start=now - timedelta(seconds=ago, milliseconds=random.choice((0, 0, 400))),
    )


def _placed(random: Random, profile_id: int, now: datetime, grid: Grid) -> tuple[int, ChargingProfile]:
    purpose = random.choice(PURPOSES)
    lowest_connector = 1 if purpose is TX else 0
    connector_id = 0 if purpose is MAX else random.randint(lowest_connector, len(grid.connectors))
    return connector_id, _profile(random, profile_id, purpose, now)


def _profile(random: Random, profile_id: int, purpose: ChargingProfilePurposeType, now: datetime) -> ChargingProfile:
    kind = random.choice(KINDS[:2] if purpose is MAX else KINDS)
    recurrency = random.choice(tuple(RecurrencyKindType)) if kind == "Recurring" else None
    since = until = None
    if random.random() < 0.25:
        since = now + timedelta(seconds=random.choice((-5000, -60, 0, 600, 3600, 30_000)))
    if random.random() < 0.25:
        until = (since or now) + timedelta(seconds=random.choice((1, 400, 3600, 40_000)))
    return ChargingProfile(
        charging_profile_id=profile_id,
        transaction_id=random.choice((None, 7)) if purpose is TX else None,
        stack_level=random.randrange(4),
        charging_profile_purpose=purpose,
        charging_profile_kind=kind,
        recurrency_kind=recurrency,
        valid_from=since and _somewhere(random, since),
        valid_to=until and _somewhere(random, until),
        charging_schedule=_schedule(random, kind, now),
    )


def _schedule(random: Random, kind: ChargingProfileKindType, now: datetime) -> ChargingSchedule:
    unit = random.choice((ChargingRateUnitType.A, ChargingRateUnitType.A, ChargingRateUnitType.W))
    step = random.choice((1, 7, 60, 900, 900, 3600, 20_000))
    if random.random() < 0.5:
        offsets = list(range(0, step * random.randint(1, 12), step))
    else:
        others = {random.randint(1, 20 * step) for _ in range(random.randrange(8))}
        offsets = [0, *sorted(others)]
    start: datetime | None = _start_schedule(random, now)
    if kind != "Recurring" and random.random() < 0.2:
        start = None
    return ChargingSchedule(
        duration=random.choice((None, None, offsets[-1] + step, offsets[-1] // 2 + 1, 86_400)),
        start_schedule=start,
        charging_rate_unit=unit,
        charging_schedule_period=tuple(_period(random, offset, unit) for offset in offsets),
    )


def _start_schedule(random: Random, now: datetime) -> datetime:
    years_ago = random.choice((0, 0, 0, 1, 7, 25))
    # Some begin, or begin again, where a window ends.
    seconds_ago = random.choice((-4000, -900, -60, 0, 0, 1, 600, 3600, 20_000, 43_200, 82_800, 100_000))
    return _somewhere(random, now - timedelta(days=years_ago * 365.25, seconds=seconds_ago))


def _somewhere(random: Random, instant: datetime) -> datetime:
    """An instant as clocks show it somewhere, more often than not in UTC."""
    return instant.astimezone(random.choice(ZONES) if random.random() < 0.4 else UTC)


def _period(random: Random, offset: int, unit: ChargingRateUnitType) -> ChargingSchedulePeriod:
    tenths = random.choice((0, 60, 100, 160, random.randrange(400), random.randrange(400)))
    if unit is ChargingRateUnitType.W:
        tenths = tenths * 690 + random.choice((0, 0, random.randrange(700)))
    return ChargingSchedulePeriod(
        start_period=offset,
        limit=Decimal(tenths) / 10,
        number_phases=random.choice((None, None, None, 1, 2, 3)),
    )


def _tenths(random: Random, low: int, high: int) -> Fraction:
    return Fraction(random.randrange(low, high), 10)


def _decimal(limit: Fraction | None) -> Decimal | None:
    return None if limit is None else Decimal(limit.numerator) / limit.denominator
