"""The last messages of a station, kept on its disk within a bound, for diagnostics."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

NAME = "messages.jsonl"

MAX_BYTES = 4 * 1024 * 1024
"""Of each of the two files: about twenty thousand messages, some days of a busy station."""


class TraceRing:
    """What a `TraceWriter` writes to: two files, of which the older one is overwritten when the newer one is full.

    A disk that does not take a line any more loses that line: diagnostics must not stop a charger.

    Args:
        directory: where they stand; made if it is missing.
        max_bytes: of each of them.

    Raises:
        OSError: there can be none.
    """

    def __init__(self, directory: Path, *, max_bytes: int = MAX_BYTES) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._handler = RotatingFileHandler(directory / NAME, maxBytes=max_bytes, backupCount=1, encoding="utf-8")
        self._handler.handleError = self._count_lost  # type: ignore[method-assign]  # it would print a traceback
        self.lost = 0
        """Lines that the disk did not take."""

    def _count_lost(self, record: logging.LogRecord) -> None:
        self.lost += 1

    def write(self, text: str, /) -> None:
        """Append a line."""
        self._handler.emit(logging.LogRecord(NAME, logging.INFO, "", 0, text.removesuffix("\n"), None, None))

    def flush(self) -> None:
        """Each line is written through as it comes."""

    def close(self) -> None:
        """Let go of the file; what it does not take any more is lost."""
        with suppress(OSError):
            self._handler.close()

    def lines(self, since: datetime | None, until: datetime | None) -> Iterator[str]:
        """The lines of a time, the oldest first; those that a power cut has damaged are left out."""
        newest = Path(self._handler.baseFilename)
        for path in (newest.with_name(f"{NAME}.1"), newest):
            if not path.exists():
                continue
            with path.open(encoding="utf-8", errors="replace") as file:
                yield from (line for line in file if _is_within(line, since, until))


def _is_within(line: str, since: datetime | None, until: datetime | None) -> bool:
    """Whether a line is whole, and of the time that is asked for."""
    try:
        at = datetime.fromisoformat(json.loads(line)["timestamp"])
    except (ValueError, LookupError, TypeError):
        return False
    return (since is None or at >= since) and (until is None or at <= until)
