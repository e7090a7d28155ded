"""What the status of a connector follows from."""

from __future__ import annotations

from ocpp16cp.events import SocketState
from ocpp16cp.features.authorization.questions import conflict
from ocpp16cp.features.boot.questions import may_start_at_all
from ocpp16cp.features.connectors.questions import (
    faults_of,
    has_vehicle,
    is_in_service,
    is_operative,
    is_plugged,
    socket_state,
    wants_energy,
)
from ocpp16cp.features.connectors.state import LEVELS, Fault
from ocpp16cp.features.reservation.questions import is_reserved
from ocpp16cp.features.transactions.questions import is_interrupted, is_restarting, may_still_resume
from ocpp16cp.features.transactions.state import ATTEMPTS, FINISHED, TIMED_OUT, TRANSACTIONS, Transaction
from ocpp16cp.kernel.step import Step
from ocpp16cp.station import CHARGE_POINT
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus

from .state import STATUSES, Facts

EV_SIDE_DISCONNECTED = "EV side disconnected"
"""The info that §4.9 wants with the status after unplugging at the vehicle."""

_WITH_A_VEHICLE = (
    ChargePointStatus.PREPARING,
    ChargePointStatus.SUSPENDED_EV,
    ChargePointStatus.SUSPENDED_EVSE,
    ChargePointStatus.FINISHING,
)

_WHILE_CHARGING = (ChargePointStatus.CHARGING, ChargePointStatus.SUSPENDED_EV, ChargePointStatus.SUSPENDED_EVSE)


def facts_of(step: Step, connector_id: int) -> Facts:
    """What is to be said about a connector, or about the charge point."""
    faults = faults_of(step, connector_id)
    is_faulted = bool(faults) and faults[0].is_blocking
    status = ChargePointStatus.FAULTED if is_faulted else _operating_status(step, connector_id)
    for fault in faults:
        if _is_told(fault, status):
            return Facts(status, fault.error_code, fault.info, fault.vendor_id, fault.vendor_error_code)
    contradicted = conflict(step) if connector_id == CHARGE_POINT else None
    if contradicted is not None:
        return Facts(status, ChargePointErrorCode.LOCAL_LIST_CONFLICT, contradicted.id_tag)
    return Facts(status, info=_info(step, connector_id, status))


def _is_told(fault: Fault, status: ChargePointStatus) -> bool:
    """Whether a fault can go with a status: the loss of contact with a vehicle only where there may be one (§7.6)."""
    if fault.error_code is not ChargePointErrorCode.EV_COMMUNICATION_ERROR:
        return True
    return status in _WITH_A_VEHICLE


def _operating_status(step: Step, connector_id: int) -> ChargePointStatus:
    """The status beneath any fault (§4.9): the first that fits."""
    if connector_id != CHARGE_POINT:
        transaction = step[TRANSACTIONS].get(connector_id)
        if transaction is not None:
            return _charging_status(step, connector_id, transaction)
        if connector_id in step[FINISHED] or connector_id in step[TIMED_OUT]:
            return ChargePointStatus.FINISHING
    if not may_start_at_all(step) or not is_in_service(step, connector_id):
        return ChargePointStatus.UNAVAILABLE
    if connector_id == CHARGE_POINT:
        return ChargePointStatus.AVAILABLE
    return _waiting_status(step, connector_id)


def _waiting_status(step: Step, connector_id: int) -> ChargePointStatus:
    """The status of a connector before a transaction (§4.9): an accepted card ends Reserved, a mere plug does not."""
    if connector_id in step[ATTEMPTS]:
        return ChargePointStatus.PREPARING
    if is_reserved(step, connector_id):
        return ChargePointStatus.RESERVED
    return ChargePointStatus.PREPARING if _is_plugged_in(step, connector_id) else ChargePointStatus.AVAILABLE


def _is_plugged_in(step: Step, connector_id: int) -> bool:
    """Whether something is plugged, unless it was when a restart was accepted already: then it is shown afterwards."""
    known = step[STATUSES].get(connector_id)
    was_free = known is not None and known.status is ChargePointStatus.AVAILABLE
    return is_plugged(step, connector_id) and not (is_restarting(step) and was_free)


def _interrupted_status(step: Step, connector_id: int, transaction: Transaction) -> ChargePointStatus:
    """The status of a connector whose transaction a restart has interrupted: it goes on, or is about to have ended."""
    if may_still_resume(step, connector_id, transaction):
        return ChargePointStatus.SUSPENDED_EVSE
    if socket_state(step, connector_id) is not SocketState.EMPTY:
        return ChargePointStatus.FINISHING
    return ChargePointStatus.AVAILABLE if is_operative(step, connector_id) else ChargePointStatus.UNAVAILABLE


def _charging_status(step: Step, connector_id: int, transaction: Transaction) -> ChargePointStatus:
    """The status of a connector with a transaction: the station's refusal comes before the vehicle's."""
    if is_interrupted(step, transaction):
        return _interrupted_status(step, connector_id, transaction)
    if transaction.ending is not None:
        known = step[STATUSES].get(connector_id)
        return known.status if known is not None and known.status in _WHILE_CHARGING else ChargePointStatus.CHARGING
    level = step[LEVELS].get(connector_id)
    is_offered = level is not None and level.is_on and level.offer.limit_a > 0
    if not has_vehicle(step, connector_id):
        return ChargePointStatus.SUSPENDED_EV
    if not is_offered:
        return ChargePointStatus.SUSPENDED_EVSE
    return ChargePointStatus.CHARGING if wants_energy(step, connector_id) else ChargePointStatus.SUSPENDED_EV


def _info(step: Step, connector_id: int, status: ChargePointStatus) -> str | None:
    """What is said besides."""
    if status is ChargePointStatus.SUSPENDED_EV and not has_vehicle(step, connector_id):
        return EV_SIDE_DISCONNECTED
    finished = step[FINISHED].get(connector_id)
    if status is ChargePointStatus.FINISHING and finished is not None and finished.was_unplugged_at_vehicle:
        return EV_SIDE_DISCONNECTED
    return None
