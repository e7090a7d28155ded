"""Tells how far an update is."""

from __future__ import annotations

from ocpp16cp.kernel import calls
from ocpp16cp.kernel.feature import Sent
from ocpp16cp.kernel.step import Step

from .messages import FirmwareStatus, FirmwareStatusNotification, FirmwareStatusNotificationConf


def trigger_status(step: Step, _: int) -> None:
    """Say how far an update is because the central system asks for it: there is none."""
    calls.call(step, FirmwareStatusNotification(status=FirmwareStatus.IDLE), was_triggered=True)


def status_taken(step: Step, sent: Sent[FirmwareStatusNotification], conf: FirmwareStatusNotificationConf) -> None:
    """Nothing follows from it."""
