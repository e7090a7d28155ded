"""Tells how far an upload is."""

from __future__ import annotations

from ocpp16cp.kernel import calls
from ocpp16cp.kernel.feature import Sent
from ocpp16cp.kernel.step import Step

from .messages import DiagnosticsStatus, DiagnosticsStatusNotification, DiagnosticsStatusNotificationConf


def trigger_status(step: Step, _: int) -> None:
    """Say how far an upload is because the central system asks for it: there is none."""
    calls.call(step, DiagnosticsStatusNotification(status=DiagnosticsStatus.IDLE), was_triggered=True)


def status_taken(
    step: Step, sent: Sent[DiagnosticsStatusNotification], conf: DiagnosticsStatusNotificationConf
) -> None:
    """Nothing follows from it."""
