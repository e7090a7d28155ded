"""Errors as a user gets to see them: one line that says what to do, and an exit code that is not 0."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer

from ocpp16cp.driver.interface import HardwareFailure
from ocpp16cp.errors import UsageError
from ocpp16cp.kernel.records import RecordUnreadable
from ocpp16cp.store.interface import StoreError

FAILED: Final = 1
"""Exit code of a command that could not do what it is for. 2, of a command line that makes no sense, is typer's."""

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells have it."""

_EXPECTED: Final = (HardwareFailure, OSError, RecordUnreadable, StoreError, UsageError)


@contextmanager
def explained(*, debug: bool) -> Iterator[None]:
    """Turn errors that a user can do something about into a line on standard error, and end the program.

    What is no such error is a mistake of this program and passes, with its traceback.

    Args:
        debug: whether to show the traceback as well.
    """
    failure: BaseExceptionGroup[BaseException] | None = None
    try:
        yield
    except* _EXPECTED as group:
        failure = group
    except* KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    if failure is not None:
        if debug:
            traceback.print_exception(failure)
        for error in _leaves(failure):
            sys.stderr.write(f"ocpp16cp: {explanation(error)}\n")
        raise typer.Exit(FAILED)


def explanation(error: BaseException) -> str:
    """What is wrong and what can be done, in one line."""
    match error:
        case RecordUnreadable():
            text = f"{error}; use the version that wrote it, or name another directory with --state"
        case OSError():
            what = (error.strerror or str(error)).lower()
            text = f"{error.filename}: {what}" if error.filename else what
        case _:
            text = str(error)
    return " ".join(text.split())


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """The errors in a group of groups."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
