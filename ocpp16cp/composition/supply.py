"""What the station is fed with: voltage, phases, hardware limits; and the whole numbers limits are compared in."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from ocpp16cp.errors import UsageError
from ocpp16cp.lean import frozen
from ocpp16cp.wire.types import ChargingRateUnitType

CHARGE_POINT = 0
"""The connector id that means the charge point as a whole (§2.2)."""

MAX_CONNECTORS = 64
"""Bound of connectors in one station: above any cabinet on the market."""

MAX_LIMIT = Decimal(1_000_000_000)
"""Highest limit taken, in A or W: a gigawatt. The check comes before any arithmetic with the value."""

NO_LIMIT = 1 << 60
"""Stands for "nothing limits" among whole numbers: above `MAX_LIMIT` in any unit, times any number of connectors."""

_PHASES_LCM = 6
"""A limit in W divided by 1, 2 or 3 phases stays whole if it is taken six times first."""


class CurrentType(StrEnum):
    """What comes out of the station's connectors."""

    AC = "AC"
    DC = "DC"


@frozen(kw_only=True)
class ConnectorSupply:
    """What one connector can carry."""

    phases: int = 3
    """Phases wired to the connector, 1 to 3; of no meaning on DC."""
    limit_a: Decimal | None = None
    """Hardware or local limit, in amperes per phase; on DC in total. `None`: not known, so nothing limits."""


@frozen(kw_only=True)
class Supply:
    """What the station is fed with and what its hardware can carry.

    Limits are compared in amperes per phase. To stay exact they are whole numbers of a unit in which a tenth
    of an ampere and a tenth of a watt on 1, 2 or 3 phases are all whole: 1 A is `60 * voltage_v` of them. Only
    an answer is divided, and rounded down, once.

    Raises:
        UsageError: a value is out of its range; the message names the field.
    """

    connectors: tuple[ConnectorSupply, ...] = (ConnectorSupply(), ConnectorSupply())
    """Connector 1 comes first; up to `MAX_CONNECTORS`."""
    current_type: CurrentType = CurrentType.AC
    voltage_v: int = 230
    """Phase to neutral on AC, output voltage on DC: the nominal value, not a measured one (§7.12)."""
    phases: int = 3
    """Phases of the grid connection, 1 to 3; of no meaning on DC."""
    limit_a: Decimal | None = None
    """What the grid connection carries per phase, all connectors together. `None`: not known."""

    def __attrs_post_init__(self) -> None:
        if not 1 <= len(self.connectors) <= MAX_CONNECTORS:
            raise UsageError(f"connectors: {len(self.connectors)} of them, not 1 to {MAX_CONNECTORS}")
        if not 1 <= self.voltage_v <= 100_000:
            raise UsageError(f"voltage_v: {self.voltage_v!r} is not 1 to 100000")
        _check_part("", self.phases, self.limit_a)
        for number, connector in enumerate(self.connectors, start=1):
            _check_part(f"connectors[{number}].", connector.phases, connector.limit_a)

    @property
    def is_dc(self) -> bool:
        """Whether the connectors give direct current: one pair of conductors, and no phases in answers."""
        return self.current_type is CurrentType.DC

    @property
    def default_unit(self) -> ChargingRateUnitType:
        """The unit of an answer when none was asked for: A on AC, W on DC."""
        return ChargingRateUnitType.W if self.is_dc else ChargingRateUnitType.A

    @property
    def exact_per_tenth(self) -> int:
        """How many exact units a tenth of an ampere per phase is."""
        return _PHASES_LCM * self.voltage_v

    def exact(self, limit: Decimal, unit: ChargingRateUnitType, phases: int) -> int:
        """A limit of one decimal, 0 to `MAX_LIMIT`, given for so many phases, in exact units."""
        tenths = int(limit * 10)
        if unit is ChargingRateUnitType.A:
            return tenths * self.exact_per_tenth
        return tenths * _PHASES_LCM // (1 if self.is_dc else phases)

    def tenths(self, exact: int, unit: ChargingRateUnitType, phases: int) -> int:
        """A limit in exact units, rounded down to tenths of the unit; `NO_LIMIT` stays what it is."""
        if exact >= NO_LIMIT:
            return NO_LIMIT
        if unit is ChargingRateUnitType.A:
            return exact // self.exact_per_tenth
        return exact * (1 if self.is_dc else phases) // _PHASES_LCM

    def phases_of(self, connector_id: int) -> int:
        """Phases of a connector, or of the station for connector 0; 1 on DC."""
        if self.is_dc:
            return 1
        if connector_id == CHARGE_POINT:
            return self.phases
        return self.connectors[connector_id - 1].phases

    def hardware_limit(self, connector_id: int) -> int:
        """The hardware limit of a connector, or of the station for connector 0, in exact units; else `NO_LIMIT`."""
        part = self if connector_id == CHARGE_POINT else self.connectors[connector_id - 1]
        return NO_LIMIT if part.limit_a is None else self.exact(part.limit_a, ChargingRateUnitType.A, 1)


def has_one_decimal(limit: Decimal) -> bool:
    """Whether a limit is 0 to `MAX_LIMIT` and a multiple of 0.1, as §7.14 wants it."""
    return limit.is_finite() and 0 <= limit <= MAX_LIMIT and limit * 10 % 1 == 0


def _check_part(path: str, phases: int, limit_a: Decimal | None) -> None:
    """Refuse phases and limits that no hardware has."""
    if not 1 <= phases <= 3:
        raise UsageError(f"{path}phases: {phases!r} is not 1 to 3")
    if limit_a is not None and not (has_one_decimal(limit_a) and limit_a > 0):
        raise UsageError(f"{path}limit_a: {limit_a} A is not above 0 with at most one decimal")
