"""The folder as data."""

from __future__ import annotations

from ocpp16cp.events import MeterRead
from ocpp16cp.kernel.feature import Feature, Trigger, on, replied

from . import handlers, sampling
from .keys import KEYS
from .messages import EXCHANGES, METER_VALUES
from .state import TABLES

FEATURE = Feature(
    name="metering",
    exchanges=EXCHANGES,
    tables=TABLES,
    keys=KEYS,
    events=(on(MeterRead, handlers.meter_read),),
    replies=(replied(METER_VALUES, handlers.meter_values_taken, complete=handlers.complete),),
    # A point of the grid that has passed lies before now, and so before a sample of now.
    rules=(sampling.take_aligned_samples, sampling.take_samples),
    triggers=(Trigger("MeterValues", sampling.trigger_meter_values, connectors=sampling.readable),),
)
