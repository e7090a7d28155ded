"""MeterValues (§4.7)."""

from __future__ import annotations

from ocpp16cp.lean import frozen
from ocpp16cp.wire.exchange import Exchange, Sender
from ocpp16cp.wire.types import MeterValue


@frozen(kw_only=True)
class MeterValues:
    """Tells what a meter showed (§6.31)."""

    connector_id: int
    """0 is the main meter."""
    transaction_id: int | None = None
    """The transaction that was running when the values were sampled."""
    meter_value: tuple[MeterValue, ...]
    """One or more; the schema lets an empty list pass, the text does not."""


@frozen(kw_only=True)
class MeterValuesConf:
    """Taken note of (§6.32)."""


METER_VALUES = Exchange("MeterValues", Sender.CHARGE_POINT, MeterValues, MeterValuesConf)
EXCHANGES = (METER_VALUES,)
