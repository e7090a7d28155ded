"""The firmware update that is under way."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from ocpp16cp.kernel.reports import report_single
from ocpp16cp.kernel.tables import durable, volatile
from ocpp16cp.lean import frozen


class UpdatePhase(StrEnum):
    """How far an update is."""

    WAITING = "Waiting"
    """For the time to fetch it, or for the next try."""
    DOWNLOADING = "Downloading"
    DOWNLOADED = "Downloaded"
    """For transactions to end."""
    INSTALLING = "Installing"
    REBOOTING = "Rebooting"
    """It is in place, and will run after a reboot."""


HOLDING = (UpdatePhase.DOWNLOADED, UpdatePhase.INSTALLING, UpdatePhase.REBOOTING)
"""While an update is as far as this nobody new may charge."""


@frozen
class Update:
    """What was asked for, and how far it is."""

    location: str
    next_at: datetime
    """When it may be fetched, or the next try is due."""
    retries: int
    retry_interval_s: int
    phase: UpdatePhase = UpdatePhase.WAITING
    failures: int = 0
    """Tries to fetch it that have failed since the station last started."""
    run: int = 0
    """Of the station, in which this phase began."""


@frozen
class UpdateAsk:
    """What the driver, or the transfer, is doing for the update in this run."""

    ask_id: int


UPDATE = durable("firmware.update", int, Update)
"""At most one record, under 0."""
UPDATE_ASK = volatile("firmware.ask", int, UpdateAsk, because="what a restart interrupts is begun again")
"""At most one record, under 0."""
UPDATE_REPORT = report_single("firmware.report")

TABLES = (UPDATE, UPDATE_ASK, UPDATE_REPORT.table)
