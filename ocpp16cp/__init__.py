"""The charge point's side of OCPP 1.6J: a sans-IO core under thin transports.

A map of the package, from the top layer down; each imports only what stands below it:

- `cli`: the program `ocpp16cp`.
- `testing`: dialogues, a scripted central system, a simulated world on a virtual clock.
- `io`: the runner, the transports, file transfer, traces; the lowest layer that does any I/O.
- `charge_point`: `ChargePoint.handle(event, *, now) -> Outcome`, the core's one entry point. Read it first.
- `driver`: the interface between the core and the hardware, and a simulated station.
- `store`: where state survives a power cut: in memory, or in SQLite.
- `features`: one folder per thing a charge point can do.
- `composition`: charging profiles in, composite schedule out; importable alone.
- `kernel`: tables, steps, calls, the outbox: what any such device needs, without a word of OCPP's actions.
- `events`, `outcome`, `station`: all that enters the core, all that leaves it, and what the charger is.
- `notices`, `progress`: the part of what leaves it that is for people.
- `endpoints`: ways to the central system. `sharing`: how connectors share a limit. `certified`: the configuration of a
  certification run.
- `vendor_keys`, `vendor_messages`: configuration keys and DataTransfers that an application adds.
- `wire`: text to typed messages and back.
- `errors`: what an application may have to catch; `lean`: how the classes of the core are made.

The names listed in `__all__` are public and may be imported from here. Each is resolved on first use, so that importing
one part of the package does not load the others.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__all__ = [
    "STRICT",
    "TOLERANT",
    "CallErrorCode",
    "CallRefused",
    "ChargePoint",
    "Codec",
    "Connector",
    "CurrentType",
    "DataAnswer",
    "DataRequest",
    "DataTransferStatus",
    "Driver",
    "Endpoint",
    "FileStorage",
    "FileTransfer",
    "HardwareFailure",
    "MemoryStore",
    "NoticeLogger",
    "RecordUnreadable",
    "Settings",
    "SqliteStore",
    "Station",
    "StationRunner",
    "Store",
    "StoreError",
    "Tolerance",
    "TraceWriter",
    "TransferFailed",
    "UsageError",
    "VendorMessage",
    "WebSocketTransport",
    "__version__",
    "client_context",
]

__version__ = "0.1.0.dev0"

_MODULE_OF: dict[str, str] = {
    "CallErrorCode": "ocpp16cp.errors",
    "CallRefused": "ocpp16cp.errors",
    "ChargePoint": "ocpp16cp.charge_point",
    "client_context": "ocpp16cp.io.tls",
    "Codec": "ocpp16cp.wire.codec",
    "Connector": "ocpp16cp.station",
    "CurrentType": "ocpp16cp.station",
    "DataAnswer": "ocpp16cp.vendor_messages",
    "DataRequest": "ocpp16cp.vendor_messages",
    "DataTransferStatus": "ocpp16cp.wire.types",
    "Driver": "ocpp16cp.driver.interface",
    "Endpoint": "ocpp16cp.endpoints",
    "FileStorage": "ocpp16cp.io.file_work",
    "FileTransfer": "ocpp16cp.io.files",
    "HardwareFailure": "ocpp16cp.driver.interface",
    "MemoryStore": "ocpp16cp.store.memory",
    "NoticeLogger": "ocpp16cp.io.notice_log",
    "RecordUnreadable": "ocpp16cp.kernel.records",
    "Settings": "ocpp16cp.station",
    "SqliteStore": "ocpp16cp.store.sqlite",
    "Station": "ocpp16cp.station",
    "StationRunner": "ocpp16cp.io.runner",
    "Store": "ocpp16cp.store.interface",
    "StoreError": "ocpp16cp.store.interface",
    "STRICT": "ocpp16cp.wire.tolerance",
    "Tolerance": "ocpp16cp.wire.tolerance",
    "TOLERANT": "ocpp16cp.wire.tolerance",
    "TraceWriter": "ocpp16cp.io.trace",
    "TransferFailed": "ocpp16cp.errors",
    "UsageError": "ocpp16cp.errors",
    "VendorMessage": "ocpp16cp.vendor_messages",
    "WebSocketTransport": "ocpp16cp.io.websocket_client",
}
"""The module that defines each public name."""

if TYPE_CHECKING:
    # The same names once more, for type checkers and editors.
    from ocpp16cp.charge_point import ChargePoint
    from ocpp16cp.driver.interface import Driver, HardwareFailure
    from ocpp16cp.endpoints import Endpoint
    from ocpp16cp.errors import CallErrorCode, CallRefused, TransferFailed, UsageError
    from ocpp16cp.io.file_work import FileStorage
    from ocpp16cp.io.files import FileTransfer
    from ocpp16cp.io.notice_log import NoticeLogger
    from ocpp16cp.io.runner import StationRunner
    from ocpp16cp.io.tls import client_context
    from ocpp16cp.io.trace import TraceWriter
    from ocpp16cp.io.websocket_client import WebSocketTransport
    from ocpp16cp.kernel.records import RecordUnreadable
    from ocpp16cp.station import Connector, CurrentType, Settings, Station
    from ocpp16cp.store.interface import Store, StoreError
    from ocpp16cp.store.memory import MemoryStore
    from ocpp16cp.store.sqlite import SqliteStore
    from ocpp16cp.vendor_messages import DataAnswer, DataRequest, VendorMessage
    from ocpp16cp.wire.codec import Codec
    from ocpp16cp.wire.tolerance import STRICT, TOLERANT, Tolerance
    from ocpp16cp.wire.types import DataTransferStatus
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
