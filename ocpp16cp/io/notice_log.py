"""Notices as log records of the standard library."""

from __future__ import annotations

import logging
from typing import Final

from attrs import asdict, define

from ocpp16cp.outcome import (
    CallFailed,
    EndpointChanged,
    FrameRefused,
    FrameRelaxed,
    HardwareMisreport,
    KeyReset,
    LinkLost,
    MessageDiscarded,
    Notice,
    RestartFailed,
    Restarting,
    StartAbandoned,
)

_LEVELS: Final = {
    CallFailed: logging.WARNING,
    EndpointChanged: logging.WARNING,
    FrameRefused: logging.WARNING,
    FrameRelaxed: logging.WARNING,
    HardwareMisreport: logging.ERROR,
    KeyReset: logging.WARNING,
    LinkLost: logging.WARNING,
    MessageDiscarded: logging.ERROR,
    RestartFailed: logging.ERROR,
    Restarting: logging.WARNING,
    StartAbandoned: logging.WARNING,
}
"""Everything else is information."""


LONGEST_FIELD: Final = 500
"""Characters of one field in a log line: what a vendor sends may be long. `record.notice` has all of it."""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_FIELD else f"{text[: LONGEST_FIELD - 3]}..."


@define(eq=False)
class NoticeLogger:
    """A notice hook that logs: the kind of the notice and its fields as text, the notice itself as `record.notice`."""

    logger: logging.Logger

    def __call__(self, notice: Notice) -> None:
        """Log one notice."""
        level = _LEVELS.get(type(notice), logging.INFO)
        if self.logger.isEnabledFor(level):
            fields = " ".join(f"{name}={_cut(str(value))}" for name, value in asdict(notice, recurse=False).items())
            self.logger.log(level, "%s %s", type(notice).__name__, fields, extra={"notice": notice})
