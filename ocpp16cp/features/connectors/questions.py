"""What is plugged, what is wrong, what is to be used."""

from __future__ import annotations

from ocpp16cp.events import SocketState
from ocpp16cp.kernel.step import Step
from ocpp16cp.station import CHARGE_POINT

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


def fault_of(step: Step, connector_id: int) -> Fault | None:
    """The fault to report for a connector, that of the charge point included where it blocks the connector."""
    faults = [
        fault
        for fault in step[FAULTS].values()
        if fault.connector_id == connector_id or (fault.connector_id == CHARGE_POINT and fault.is_blocking)
    ]
    return max(faults, key=lambda fault: (fault.is_blocking, fault.order), default=None)


def is_blocked(step: Step, connector_id: int) -> bool:
    """Whether a fault keeps a connector from delivering energy."""
    fault = fault_of(step, connector_id)
    return fault is not None and fault.is_blocking


def is_operative(step: Step, connector_id: int) -> bool:
    """Whether a connector may be used from now on: neither it nor the charge point is, or will be, out of service."""
    return CHARGE_POINT not in step[INOPERATIVE] and connector_id not in step[INOPERATIVE]


def is_in_service(step: Step, connector_id: int) -> bool:
    """Whether a connector, or the charge point, works: what is inoperative stays in service until its user has gone."""
    return connector_id not in step[OUT_OF_SERVICE]
