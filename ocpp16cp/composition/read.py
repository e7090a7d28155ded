"""A station with its profiles and transactions from JSON text: what `ocpp16cp compose` reads.

The text holds `{"station": {...}, "profiles": [...], "transactions": [...]}`; `station` and `transactions` may be
absent. A profile is the payload of a SetChargingProfile; they are installed in the order given, so that a later one may
replace an earlier one. A transaction is `{"connectorId": 1, "transactionId": 7, "startTime": "2026-03-02T09:30:00Z"}`.
All fields of `station` have defaults: see `StationEntry`.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from ocpp16cp.errors import PayloadInvalid, UsageError
from ocpp16cp.lean import frozen
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.strict_json import Harmful, Json, NotJson, load
from ocpp16cp.wire.types import ChargingProfile, ChargingRateUnitType, OneDecimal

from .installed import ProfileSet
from .layer import ProfileRefused
from .plan import Transaction
from .supply import MAX_CONNECTORS, ConnectorSupply, CurrentType, Supply

_T = TypeVar("_T")

MAX_TEXT = 16 * 1_048_576
"""Characters in a text: as many profiles as can be installed, of a thousand periods each."""

_UNIT_NAMES = {ChargingRateUnitType.A: "Current", ChargingRateUnitType.W: "Power"}
"""How ChargingScheduleAllowedChargingRateUnit spells the units (§9.4.2)."""

_STATION_FIELDS = {
    "voltage_v": "supplyVoltage",
    "phases": "defaultPhases",
    "limit_a": "hardwareLimit",
    "connectors[1].limit_a": "connectorHardwareLimit",
}
"""What the fields of a `Supply` are called in a text."""


@frozen(kw_only=True)
class StationEntry:
    """The station in such a text."""

    connectors: int | None = None
    """How many; as many as profiles and transactions speak of, if absent."""
    current_type: CurrentType = CurrentType.AC
    supply_voltage: int = 230
    """Phase to neutral on AC, output voltage on DC."""
    default_phases: int = 3
    """Of the grid connection and of every connector."""
    hardware_limit: OneDecimal | None = None
    """Of the grid connection, in amperes per phase; none, if absent."""
    connector_hardware_limit: OneDecimal | None = None
    """Of every connector, in amperes per phase; none, if absent."""
    charge_profile_max_stack_level: int | None = None
    charging_schedule_max_periods: int | None = None
    max_charging_profiles_installed: int | None = None
    charging_schedule_allowed_charging_rate_unit: str = "Current,Power"


@frozen(kw_only=True)
class TransactionEntry:
    """A running transaction in such a text."""

    connector_id: int
    transaction_id: int | None = None
    start_time: datetime


@frozen(kw_only=True)
class ProfileEntry:
    """A profile in such a text: the fields of SetChargingProfile (§6.43)."""

    connector_id: int
    cs_charging_profiles: ChargingProfile


def read_station(text: str, *, received: datetime | None = None) -> ProfileSet:
    """Install the profiles of a text and run its transactions.

    Args:
        text: JSON, as the module describes.
        received: When the profiles count as installed: the start of an Absolute ChargePointMaxProfile without
            startSchedule.

    Raises:
        ProfileRefused: a profile breaks a rule of the specification or a limit of the station.
        UsageError: anything else in the text is not as it should be; the message says what and where.
    """
    content = _parsed(text)
    if not isinstance(content, dict):
        raise UsageError("$: an object expected")
    for name in content:
        if name not in {"station", "profiles", "transactions"}:
            raise UsageError(f"$.{name}: unknown field")
    station = _decoded(StationEntry, content.get("station", {}), "station")
    profiles = [_profile(raw, index) for index, raw in enumerate(_listed(content, "profiles"))]
    transactions = [
        _decoded(TransactionEntry, raw, f"transactions[{index}]")
        for index, raw in enumerate(_listed(content, "transactions"))
    ]
    for profile in profiles:
        _check_against(station, profile)
    compiled = ProfileSet.of(
        _supply(station, profiles, transactions),
        [(entry.connector_id, entry.cs_charging_profiles) for entry in profiles],
        transactions=[
            Transaction(
                connector_id=entry.connector_id,
                transaction_id=entry.transaction_id,
                start=entry.start_time,
            )
            for entry in transactions
        ],
        received=received,
    )
    most = station.max_charging_profiles_installed
    if most is not None and len(compiled.layers) > most:
        raise UsageError(
            f"profiles: {len(compiled.layers)} of them stay installed, maxChargingProfilesInstalled is {most}"
        )
    return compiled


def _parsed(text: str) -> Json:
    """Parse a text; where it stops being JSON is said as editors count."""
    try:
        return load(text, max_length=MAX_TEXT)
    except Harmful as error:
        raise UsageError(f"JSON that is refused: {error}") from None
    except NotJson as error:
        if error.offset is None:
            raise UsageError(str(error)) from None
        line = text.count("\n", 0, error.offset) + 1
        column = error.offset - text.rfind("\n", 0, error.offset)
        raise UsageError(f"{error}: line {line}, column {column}") from None


def _listed(content: dict[str, Json], name: str) -> list[Json]:
    """A list that may be absent."""
    value = content.get(name, [])
    if not isinstance(value, list):
        raise UsageError(f"$.{name}: a list expected")
    return value


def _decoded(of: type[_T], raw: Json, path: str) -> _T:
    """Decode a part, its place in the text put before what is wrong with it."""
    try:
        return Codec().decode(of, raw)
    except PayloadInvalid as error:
        raise UsageError(f"{path}{error.path.removeprefix('$')}: {error.rule}") from None


def _profile(raw: Json, index: int) -> ProfileEntry:
    """Decode a profile; what is wrong with it is said with its id, if it has one."""
    path = f"profiles[{index}]"
    if isinstance(raw, dict):
        inner = raw.get("csChargingProfiles")
        if isinstance(inner, dict) and isinstance(inner.get("chargingProfileId"), int):
            path = f"profile {inner['chargingProfileId']}: {path}"
    return _decoded(ProfileEntry, raw, path)


def _check_against(station: StationEntry, entry: ProfileEntry) -> None:
    """Refuse a profile that exceeds what the station's configuration keys announce (§9.4)."""
    profile = entry.cs_charging_profiles
    schedule = profile.charging_schedule
    level, periods = station.charge_profile_max_stack_level, station.charging_schedule_max_periods
    if level is not None and profile.stack_level > level:
        rule = f"{profile.stack_level} is above chargeProfileMaxStackLevel {level}"
        raise ProfileRefused(profile.charging_profile_id, "stackLevel", rule)
    count = len(schedule.charging_schedule_period)
    if periods is not None and count > periods:
        rule = f"{count} of them, chargingScheduleMaxPeriods is {periods}"
        raise ProfileRefused(profile.charging_profile_id, "chargingSchedule.chargingSchedulePeriod", rule)
    allowed = station.charging_schedule_allowed_charging_rate_unit
    if _UNIT_NAMES[schedule.charging_rate_unit] not in allowed.split(","):
        unit = schedule.charging_rate_unit
        rule = f"{unit.value} ({_UNIT_NAMES[unit]}) is not among {allowed!r}"
        raise ProfileRefused(profile.charging_profile_id, "chargingSchedule.chargingRateUnit", rule)


def _supply(station: StationEntry, profiles: list[ProfileEntry], transactions: list[TransactionEntry]) -> Supply:
    """What the station is fed with; connectors are as many as given, or as there is talk of."""
    spoken_of = [entry.connector_id for entry in profiles]
    spoken_of += [entry.connector_id for entry in transactions]
    # A number that no station has is left for its profile or transaction to be refused by.
    count = min(max([1, *spoken_of]), MAX_CONNECTORS) if station.connectors is None else station.connectors
    if not 1 <= count <= MAX_CONNECTORS:
        raise UsageError(f"station.connectors: {count!r} is not 1 to {MAX_CONNECTORS}")
    connector = ConnectorSupply(phases=station.default_phases, limit_a=station.connector_hardware_limit)
    try:
        return Supply(
            connectors=(connector,) * count,
            current_type=station.current_type,
            voltage_v=station.supply_voltage,
            phases=station.default_phases,
            limit_a=station.hardware_limit,
        )
    except UsageError as error:
        field_name, _, rule = str(error).partition(": ")
        raise UsageError(f"station.{_STATION_FIELDS[field_name]}: {rule}") from None
