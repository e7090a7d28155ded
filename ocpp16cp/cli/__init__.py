"""The program `ocpp16cp`; also `python -m ocpp16cp`."""

from __future__ import annotations

import sys

_LIBRARIES = {"rich", "typer"}


def main() -> None:
    """Run the command that the command line names, and end the process with its exit code."""
    try:
        # Here, as the library is also used without the extra.
        from .app import app

        app(prog_name="ocpp16cp")
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in _LIBRARIES:
            raise
        sys.exit(f"ocpp16cp: the command line needs {library}; install it with: pip install 'ocpp16cp[cli]'")
