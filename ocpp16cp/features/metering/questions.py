"""What the meters show, and what of it is wanted."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from ocpp16cp.features.connectors.state import LEVELS, Offer
from ocpp16cp.features.transactions.state import TRANSACTIONS, Transaction
from ocpp16cp.kernel.calls import RUN
from ocpp16cp.kernel.step import Step
from ocpp16cp.station import CHARGE_POINT, CurrentType
from ocpp16cp.wire.types import Measurand, ReadingContext

from .keys import (
    METER_VALUES_ALIGNED_DATA,
    METER_VALUES_SAMPLED_DATA,
    STOP_TXN_ALIGNED_DATA,
    STOP_TXN_SAMPLED_DATA,
    Item,
)
from .quantities import Shown
from .state import MARKS, METERS, REGISTERS, Counts

_REGISTER = (Item(Measurand.ENERGY_ACTIVE_IMPORT_REGISTER),)
"""What an empty list means where samples are sent."""


def register_wh(step: Step, connector_id: int) -> int | None:
    """What the register shows, or showed before the start; `None` if it was never read."""
    counts = known_counts(step, connector_id)
    return None if counts is None else counts[0]


def known_counts(step: Step, connector_id: int) -> Counts | None:
    """The highest that the registers have shown, in this run or before; `None` if they were never read."""
    known = step[METERS].get(connector_id) or step[REGISTERS].get(connector_id)
    return None if known is None else known.counts


def shown(step: Step, connector_id: int) -> Shown | None:
    """What is known of a connector now, or of the main meter; `None` before its meter was read."""
    meter = step[METERS].get(connector_id)
    if meter is None:
        return None
    if connector_id == CHARGE_POINT:
        # In front of a rectifier there are phases, and nothing is offered.
        return Shown(meter.reading)
    offer = _offer(step, connector_id)
    offered_w = float(offer.limit_a * offer.phases * step.station.nominal_voltage_v)
    is_dc = step.station.current_type is CurrentType.DC
    return Shown(meter.reading, float(offer.limit_a), offered_w, is_dc=is_dc)


_NOTHING = Offer(limit_a=Decimal(0), phases=1)


def _offer(step: Step, connector_id: int) -> Offer:
    """What is offered to the vehicle now."""
    level = step[LEVELS].get(connector_id)
    return level.offer if level is not None and level.is_on else _NOTHING


def sent_items(step: Step, context: ReadingContext) -> tuple[Item, ...]:
    """What a sample that is sent consists of."""
    key = METER_VALUES_ALIGNED_DATA if context is ReadingContext.SAMPLE_CLOCK else METER_VALUES_SAMPLED_DATA
    return step.key(key) or _REGISTER


def kept_items(step: Step, context: ReadingContext) -> tuple[Item, ...]:
    """What a sample that is kept for the end of its transaction consists of; empty: it is not kept."""
    key = STOP_TXN_ALIGNED_DATA if context is ReadingContext.SAMPLE_CLOCK else STOP_TXN_SAMPLED_DATA
    return step.key(key)


def since_sample(step: Step, connector_id: int, context: ReadingContext) -> Counts | None:
    """The registers at the last sample of a kind; `None` if there was none."""
    mark = step[MARKS].get(mark_key(connector_id, context))
    return None if mark is None else mark.counts


def mark_key(connector_id: int, context: ReadingContext) -> str:
    """Under what the last sample of a kind is remembered."""
    return f"{connector_id}/{context.value}"


def ongoing(step: Step, connector_id: int, at: datetime) -> Transaction | None:
    """The transaction that was going on at an instant of the present, if any: not one that a restart interrupted."""
    transaction = step[TRANSACTIONS].get(connector_id)
    if transaction is None or transaction.run != step.one(RUN).number:
        return None
    return transaction if transaction.ending is None or at < transaction.ending.utc else None
