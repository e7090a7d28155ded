"""Whether the central system listens."""

from __future__ import annotations

from ocpp16cp.features.boot.questions import is_online
from ocpp16cp.features.boot.state import REGISTRATION
from ocpp16cp.features.status.state import REPORTS
from ocpp16cp.kernel.step import Step
from ocpp16cp.station import CHARGE_POINT


def listens(step: Step) -> bool:
    """Whether it can be told how far something is: after an acceptance it is told first how the connectors are."""
    if not is_online(step):
        return False
    acceptance = step.one(REGISTRATION).acceptances
    reports = step[REPORTS]
    return all(
        connector_id in reports and reports[connector_id].acceptance == acceptance
        for connector_id in (CHARGE_POINT, *step.station.connector_ids)
    )
