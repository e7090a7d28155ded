"""What the meters showed last."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from ocpp16cp.events import Reading
from ocpp16cp.kernel.tables import durable, volatile


@frozen
class Meter:
    """The last reading of a meter in this run."""

    reading: Reading
    utc: datetime
    stored_at: float
    """When its register was last put where a power cut does not reach it."""


@frozen
class Register:
    """What is known of a register after a power cut."""

    register_wh: int
    utc: datetime
    """When it showed that."""


@frozen
class Sampling:
    """The samples of a running transaction."""

    number: int
    """Of the transaction."""
    last_at: float
    """When the last sample was due, or the transaction began."""


METERS = volatile("metering.meters", int, Meter, because="the driver reads the meters anew after a start")
REGISTERS = durable("metering.registers", int, Register)
SAMPLINGS = volatile("metering.samplings", int, Sampling, because="a power cut ends the transaction")

TABLES = (METERS, REGISTERS, SAMPLINGS)
