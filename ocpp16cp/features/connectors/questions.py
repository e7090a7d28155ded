"""What is plugged, what is wrong, what is to be used."""

from __future__ import annotations

from ocpp16cp.events import SocketState
from ocpp16cp.features.firmware.state import HOLDING, UPDATE
from ocpp16cp.kernel.step import Step
from ocpp16cp.station import CHARGE_POINT
from ocpp16cp.wire.types import ChargePointErrorCode

from .state import FAULTS, INOPERATIVE, OUT_OF_SERVICE, OUTPUTS, SOCKETS, VEHICLES, Fault


def socket_state(step: Step, connector_id: int) -> SocketState | None:
    """What is plugged into a connector; `None` before the driver has said it."""
    socket = step[SOCKETS].get(connector_id)
    return None if socket is None else socket.state


def has_vehicle(step: Step, connector_id: int) -> bool:
    """Whether a vehicle is connected."""
    return socket_state(step, connector_id) is SocketState.VEHICLE


def is_plugged(step: Step, connector_id: int) -> bool:
    """Whether anything is plugged, be it only a cable without a vehicle."""
    return socket_state(step, connector_id) not in (None, SocketState.EMPTY)


def wants_energy(step: Step, connector_id: int) -> bool:
    """Whether the vehicle asks for energy; a driver that never says so is taken to mean yes."""
    vehicle = step[VEHICLES].get(connector_id)
    return vehicle is None or vehicle.wants_energy


def is_output_on(step: Step, connector_id: int) -> bool:
    """Whether the contactor is closed."""
    output = step[OUTPUTS].get(connector_id)
    return output is not None and output.is_on


def faults_of(step: Step, connector_id: int) -> list[Fault]:
    """What is wrong at a connector, blocking faults before warnings, of each kind the one raised last first.

    Those of the charge point are among them where they block the connector.
    """
    faults = [
        fault
        for fault in step[FAULTS].values()
        if fault.connector_id == connector_id or (fault.connector_id == CHARGE_POINT and fault.is_blocking)
    ]
    return sorted(faults, key=lambda fault: (fault.is_blocking, fault.order), reverse=True)


def is_blocked(step: Step, connector_id: int) -> bool:
    """Whether a fault keeps a connector from delivering energy."""
    return any(fault.is_blocking for fault in faults_of(step, connector_id))


def is_out_of_touch(step: Step, connector_id: int) -> bool:
    """Whether the station and the vehicle do not understand each other: it cannot be charged as it wants."""
    lost = ChargePointErrorCode.EV_COMMUNICATION_ERROR
    return any(fault.error_code is lost for fault in faults_of(step, connector_id))


def is_operative(step: Step, connector_id: int) -> bool:
    """Whether a connector may be used from now on: neither it nor the charge point is, or will be, out of service."""
    if connector_id != CHARGE_POINT and awaits_firmware(step):
        return False
    return CHARGE_POINT not in step[INOPERATIVE] and connector_id not in step[INOPERATIVE]


def awaits_firmware(step: Step) -> bool:
    """Whether nobody new may charge, as firmware is to be installed when the last user has gone."""
    update = step[UPDATE].get(0)
    return update is not None and update.phase in HOLDING


def is_in_service(step: Step, connector_id: int) -> bool:
    """Whether a connector, or the charge point, works: what is inoperative stays in service until its user has gone."""
    return connector_id not in step[OUT_OF_SERVICE]
