"""Tools for those who test against a charge point, or test one: public, as `trio.testing` is.

- `Playbook` (module `playbook`): a dialogue with a charge point on a virtual clock.
- `ScriptedCentralSystem` (module `central_system`): the other side of the conversation, without a socket.
- `ScriptedHardware` (module `scripted_hardware`): sockets, contactors, locks and meters that do what they are told.
- `oracle`: what composite schedules have to be, instant by instant, slow and obvious.
- `check_driver`, `check_store`: contract tests for a vendor's own classes, in the modules of these names.

The names in `__all__` may be imported from here; each is resolved on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__all__ = ["Playbook", "ScriptedCentralSystem", "ScriptedHardware"]

_MODULE_OF = {
    "Playbook": "playbook",
    "ScriptedCentralSystem": "central_system",
    "ScriptedHardware": "scripted_hardware",
}

if TYPE_CHECKING:
    from .central_system import ScriptedCentralSystem
    from .playbook import Playbook
    from .scripted_hardware import ScriptedHardware
else:
    # Out of sight of type checkers, which would take a module with this function to have every name there is.
    def __getattr__(name: str) -> object:
        """Import a public name from its module on first use, and keep it here."""
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """List the public names, resolved or not."""
    return sorted(__all__)
