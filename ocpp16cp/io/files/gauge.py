"""How far a transfer has come, and how far it may go."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from attrs import define, frozen

from .failures import FailureReason, TransferFailed, of_local

_SPACE_CHECK_BYTES = 16 * 1024 * 1024
"""After so many bytes of a file of unknown length the disk is looked at again."""


@frozen(kw_only=True)
class TransferLimits:
    """What a transfer may cost."""

    max_bytes: int = 2 * 1024**3
    """No file is larger: an image of a charger has some hundred MiB at most."""
    total_s: float = 7200.0
    """The whole transfer takes no longer: 2 GiB over a mobile line of 2.4 Mbit/s."""
    silence_s: float = 60.0
    """For so long nothing may move before the connection is given up."""
    connect_s: float = 30.0
    reserve_bytes: int = 16 * 1024**2
    """What stays free on the disk: for the store, which must never be in want of space."""


@frozen
class Progress:
    """How far a transfer has come."""

    done_bytes: int
    """Of the whole file, with what an earlier try had fetched."""
    total_bytes: int | None
    """`None`: the server has not said."""


ProgressHook = Callable[[Progress], None]
"""Sees the progress, once in one or two MiB. It must not raise and not take long."""


@define
class Gauge:
    """Counts what moves, and ends a transfer that goes too far."""

    limits: TransferLimits
    hook: ProgressHook | None
    total_bytes: int | None = None
    done_bytes: int = 0
    _directory: Path | None = None
    """Where the file grows; `None`: it does not, it is ours."""
    _checked_bytes: int = 0

    def begin(self, done_bytes: int, total_bytes: int | None, directory: Path | None = None) -> None:
        """The transfer goes on from here.

        Raises:
            TransferFailed: the file is too large, or the disk too small.
        """
        self.done_bytes, self.total_bytes, self._directory = done_bytes, total_bytes, directory
        self._checked_bytes = done_bytes
        if total_bytes is not None:
            self._hold_to_limit(total_bytes)
        self._check_space((total_bytes or done_bytes) - done_bytes)
        self._tell()

    def add(self, moved_bytes: int) -> None:
        """So much more has moved.

        Raises:
            TransferFailed: the file is too large, or the disk too small.
        """
        self.done_bytes += moved_bytes
        self._hold_to_limit(self.done_bytes)
        if self.done_bytes - self._checked_bytes >= _SPACE_CHECK_BYTES:
            self._checked_bytes = self.done_bytes
            self._check_space(0)
        self._tell()

    def end(self) -> None:
        """The other side has said that this was all.

        Raises:
            TransferFailed: it had announced more.
        """
        if self.total_bytes is not None and self.done_bytes != self.total_bytes:
            text = f"{self.done_bytes} bytes came of {self.total_bytes}"
            raise TransferFailed(FailureReason.TRUNCATED, text)

    def _hold_to_limit(self, count: int) -> None:
        if count > self.limits.max_bytes:
            text = f"{count} bytes, more than the {self.limits.max_bytes} that are allowed"
            raise TransferFailed(FailureReason.TOO_LARGE, text)

    def _check_space(self, needed_bytes: int) -> None:
        if self._directory is None:
            return
        try:
            free_bytes = shutil.disk_usage(self._directory).free
        except OSError as error:
            raise of_local(error) from error
        if free_bytes < needed_bytes + self.limits.reserve_bytes:
            text = f"{free_bytes} bytes are free, {needed_bytes} and {self.limits.reserve_bytes} in reserve are needed"
            raise TransferFailed(FailureReason.DISK_FULL, text)

    def _tell(self) -> None:
        if self.hook is not None:
            self.hook(Progress(self.done_bytes, self.total_bytes))
