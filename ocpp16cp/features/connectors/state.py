"""Facts about the connectors. What the driver reports is volatile: after a start it reports everything once."""

from __future__ import annotations

from decimal import Decimal

from ocpp16cp.events import SocketState
from ocpp16cp.kernel.tables import durable, volatile
from ocpp16cp.lean import frozen
from ocpp16cp.wire.types import ChargePointErrorCode

_REPORTED = "the driver reports it anew after a start"


@frozen
class Socket:
    """What is plugged in."""

    state: SocketState


@frozen
class Vehicle:
    """What the vehicle wants."""

    wants_energy: bool


@frozen
class Output:
    """Whether the contactor is closed."""

    is_on: bool


@frozen
class Fault:
    """Something that is wrong."""

    connector_id: int
    error_code: ChargePointErrorCode
    is_blocking: bool
    info: str | None
    vendor_id: str | None
    vendor_error_code: str | None
    order: int
    """Higher than that of every fault raised before."""


@frozen
class Offer:
    """What a connector may offer a vehicle."""

    limit_a: Decimal
    """Per phase, on DC in total."""
    phases: int
    """Over so many; 1 on DC."""


@frozen
class Level:
    """What the driver was told last about a connector."""

    is_on: bool
    offer: Offer
    """It counts while `is_on`."""
    switched_at: float
    """When `is_on` was said."""
    on_at: float | None
    """When energy was allowed last."""


@frozen
class Inoperative:
    """The central system does not want this connector, or the charge point, to be used."""


@frozen
class OutOfService:
    """That it is not to be used is in effect: nothing was going on here that had to end first."""


SOCKETS = volatile("connectors.sockets", int, Socket, because=_REPORTED)
VEHICLES = volatile("connectors.vehicles", int, Vehicle, because=_REPORTED)
OUTPUTS = volatile("connectors.outputs", int, Output, because=_REPORTED)
"""As reported since energy was allowed last."""
FAULTS = volatile("connectors.faults", str, Fault, because=_REPORTED)
"""By connector, error code and vendor's code."""
LEVELS = volatile("connectors.levels", int, Level, because="levels are said again after a start")
INOPERATIVE = durable("connectors.inoperative", int, Inoperative)
"""By connector, 0 included: each has a flag of its own."""
OUT_OF_SERVICE = volatile(
    "connectors.out_of_service", int, OutOfService, because="after a start an inoperative connector is so at once"
)
"""By connector, 0 included."""

TABLES = (SOCKETS, VEHICLES, OUTPUTS, FAULTS, LEVELS, INOPERATIVE, OUT_OF_SERVICE)
