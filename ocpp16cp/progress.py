"""Notices of what takes its time with files: firmware and diagnostics."""

from __future__ import annotations

from enum import StrEnum

from ocpp16cp.lean import frozen


@frozen
class FirmwareProgress:
    """How far a firmware update is."""

    status: str
    """As the central system is told."""
    reason: str = ""
    """One line for people: why it is not going on."""


@frozen
class DiagnosticsProgress:
    """How far an upload of diagnostics is."""

    status: str
    """As the central system is told."""
    reason: str = ""
    """One line for people: why it is not going on."""


class Work(StrEnum):
    """What takes its time with files."""

    DOWNLOAD = "Download"
    INSTALL = "Install"
    COLLECT = "Collect"
    UPLOAD = "Upload"


@frozen
class WorkProgress:
    """How far something is, about once a second."""

    work: Work
    done: int
    """Bytes of a transfer, percent of anything else."""
    total: int | None
    """In the same unit; `None`: not known."""
