"""The charge point's side of OCPP 1.6J: a sans-IO core under thin transports.

A map of the package, from the top layer down; each imports only what stands below it:

- `cli`: the program `ocpp16cp`.
- `conformance`: the official test cases as a runner with a report.
- `testing`: dialogues, a scripted central system, a simulated world on a virtual clock.
- `io`: the runner, the transports, file transfer; the lowest layer that does any I/O.
- `charge_point`: `ChargePoint.handle(event, *, now) -> Outcome`, the core's one entry point. Read it first.
- `driver`: the interface between the core and the hardware, and a simulated station.
- `store`: where state survives a power cut: in memory, or in SQLite.
- `features`: one folder per thing a charge point can do.
- `composition`: charging profiles in, composite schedule out; importable alone.
- `kernel`: tables, steps, calls, the outbox: what any such device needs, without a word of OCPP's actions.
- `events`, `outcome`, `station`: all that enters the core, all that leaves it, and what the charger is.
- `wire`: text to typed messages and back.
- `errors`: what an application may have to catch.

The names listed in `__all__` are public and may be imported from here. Each is resolved on first use, so that importing
one part of the package does not load the others.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__all__ = ["__version__"]

__version__ = "0.1.0.dev0"

_MODULE_OF: dict[str, str] = {}
"""The module that defines each public name, as `"Name": "ocpp16cp.module"`."""

if TYPE_CHECKING:
    # The same names once more, for type checkers and editors: `from ocpp16cp.module import Name`.
    pass
else:
    # Out of their sight, as they take a module with this function to have every name there is.
    def __getattr__(name: str) -> object:
        """Import a public name from its module on first use, and keep it here."""
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(_MODULE_OF[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """List the public names, resolved or not."""
    return sorted(__all__)
