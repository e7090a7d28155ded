"""Takes connectors, and the charge point, out of service and back: what is in use goes on until its user has gone."""

from __future__ import annotations

from ocpp16cp.features.connectors.handlers import put_back_into_service, set_availability, take_out_of_service
from ocpp16cp.features.connectors.messages import (
    AvailabilityStatus,
    AvailabilityType,
    ChangeAvailability,
    ChangeAvailabilityConf,
)
from ocpp16cp.features.connectors.questions import is_in_service, is_operative
from ocpp16cp.features.transactions.questions import is_interrupted, may_still_resume
from ocpp16cp.features.transactions.state import TRANSACTIONS
from ocpp16cp.kernel.step import Step
from ocpp16cp.station import CHARGE_POINT
from ocpp16cp.wire.types import ChargePointStatus

from .state import STATUSES

_IN_USE = (
    ChargePointStatus.PREPARING,
    ChargePointStatus.CHARGING,
    ChargePointStatus.SUSPENDED_EV,
    ChargePointStatus.SUSPENDED_EVSE,
    ChargePointStatus.FINISHING,
)


def change_availability(step: Step, req: ChangeAvailability) -> ChangeAvailabilityConf:
    """Take a connector, or the charge point with all of them, out of service or back (§5.2)."""
    if req.connector_id != CHARGE_POINT and not step.station.has_connector(req.connector_id):
        return ChangeAvailabilityConf(status=AvailabilityStatus.REJECTED)
    set_availability(step, req.connector_id, req.type)
    if req.type is AvailabilityType.OPERATIVE:
        return ChangeAvailabilityConf(status=AvailabilityStatus.ACCEPTED)
    end_service(step)
    concerned = step.station.connector_ids if req.connector_id == CHARGE_POINT else (req.connector_id,)
    is_scheduled = any(is_in_service(step, each) for each in concerned)
    return ChangeAvailabilityConf(status=AvailabilityStatus.SCHEDULED if is_scheduled else AvailabilityStatus.ACCEPTED)


def end_service(step: Step) -> None:
    """Take out of service what is inoperative and not in use, and put back what is operative again (a rule)."""
    for connector_id in (CHARGE_POINT, *step.station.connector_ids):
        if is_operative(step, connector_id):
            put_back_into_service(step, connector_id)
        elif is_in_service(step, connector_id) and not _is_in_use(step, connector_id):
            take_out_of_service(step, connector_id)


def _is_in_use(step: Step, connector_id: int) -> bool:
    """Whether somebody has begun something here that is to be ended first.

    The status tells, as the words of the rule are those of statuses; a faulted connector can still have a transaction.
    After a start there is no status yet: nothing but a transaction survives it.
    """
    status = step[STATUSES].get(connector_id)
    return _has_transaction(step, connector_id) or (status is not None and status.status in _IN_USE)


def _has_transaction(step: Step, connector_id: int) -> bool:
    """Whether a transaction runs here, or may go on after a restart; what is only to be reported as ended is none."""
    transaction = step[TRANSACTIONS].get(connector_id)
    if transaction is None:
        return False
    return not is_interrupted(step, transaction) or may_still_resume(step, connector_id, transaction)
