"""What people, cars and mishaps do to a station: drawn at random, possible or not."""

from __future__ import annotations

from random import Random

from attrs import evolve

from ocpp16cp.driver.simulated import (
    CITY,
    COMPACT,
    MINIATURE,
    PLUG_IN_HYBRID,
    SEDAN,
    Action,
    BlockReboot,
    ClearFault,
    FreeReboot,
    PlugIn,
    PresentCard,
    PressStop,
    RaiseFault,
    ResumeVehicle,
    SuspendVehicle,
    Unplug,
    UnplugAtVehicle,
)
from ocpp16cp.driver.simulated.panel import FreeLock, JamLock
from ocpp16cp.events import EMERGENCY_STOP, FaultRaised
from ocpp16cp.station import Station
from ocpp16cp.wire.types import ChargePointErrorCode

from .central_system import TAGS

_CARS = (
    COMPACT,
    CITY,
    PLUG_IN_HYBRID,
    SEDAN,
    MINIATURE,
    evolve(COMPACT, name="short stop", battery_wh=3_000, charge_wh=1_000),
)
_FAULTS = (
    (ChargePointErrorCode.GROUND_FAILURE, True),
    (ChargePointErrorCode.HIGH_TEMPERATURE, False),
    (ChargePointErrorCode.OVER_VOLTAGE, True),
    (ChargePointErrorCode.POWER_METER_FAILURE, True),
    (ChargePointErrorCode.EV_COMMUNICATION_ERROR, True),
    (ChargePointErrorCode.READER_FAILURE, False),
    (ChargePointErrorCode.OTHER_ERROR, True),
)


def draw_action(random: Random, station: Station) -> Action:
    """Something that somebody does next; the world may not allow it."""
    connector_id = random.choice(station.connector_ids)
    match random.choices(range(8), weights=(8, 10, 4, 1, 3, 1.5, 1, 0.5))[0]:
        case 0:
            return PlugIn(connector_id, random.choice(_CARS))
        case 1:
            return PresentCard(random.choice([*TAGS, "ALICE", "BOB", "STRANGER"]))
        case 2:
            return Unplug(connector_id)
        case 3:
            return UnplugAtVehicle(connector_id)
        case 4:
            return random.choice((SuspendVehicle, ResumeVehicle, PressStop))(connector_id)
        case 5:
            return RaiseFault(_draw_fault(random, connector_id))
        case 6:
            return JamLock(connector_id)
        case _:
            return BlockReboot()


def mend(action: Action) -> Action | None:
    """What makes good again what was broken; `None`: nothing was."""
    match action:
        case RaiseFault(fault):
            return ClearFault(fault)
        case JamLock(connector_id):
            return FreeLock(connector_id)
        case BlockReboot():
            return FreeReboot()
        case _:
            return None


def _draw_fault(random: Random, connector_id: int) -> FaultRaised:
    """Something that breaks."""
    error_code, is_blocking = random.choice(_FAULTS)
    where = random.choice((connector_id, connector_id, 0))
    vendor_error_code = None
    if error_code is ChargePointErrorCode.OTHER_ERROR:
        vendor_error_code = random.choice((EMERGENCY_STOP, "E-17"))
    return FaultRaised(
        connector_id=where, error_code=error_code, is_blocking=is_blocking, vendor_error_code=vendor_error_code
    )
