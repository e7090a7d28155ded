"""The folder as data."""

from __future__ import annotations

from ocpp16cp.events import FaultCleared, FaultRaised, OutputChanged, SocketChanged, VehicleChanged
from ocpp16cp.kernel.feature import Feature, on

from . import handlers
from .keys import KEYS
from .messages import EXCHANGES
from .state import TABLES

FEATURE = Feature(
    name="connectors",
    exchanges=EXCHANGES,
    tables=TABLES,
    keys=KEYS,
    events=(
        on(SocketChanged, handlers.socket_changed),
        on(VehicleChanged, handlers.vehicle_changed),
        on(OutputChanged, handlers.output_changed),
        on(FaultRaised, handlers.fault_raised),
        on(FaultCleared, handlers.fault_cleared),
    ),
)
