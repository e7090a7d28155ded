"""The folder as data."""

from __future__ import annotations

from ocpp16cp.events import LinkDown, LinkUp, PongReceived, StopRequested
from ocpp16cp.kernel.feature import Feature, on

from . import handlers
from .keys import KEYS
from .state import CONNECTING

FEATURE = Feature(
    name="connection",
    tables=(CONNECTING.table,),
    keys=KEYS,
    events=(
        on(LinkUp, handlers.link_up),
        on(LinkDown, handlers.link_down),
        on(PongReceived, handlers.pong_received),
        on(StopRequested, handlers.stop_requested),
    ),
    rules=(
        handlers.open_connection,
        handlers.send_ping,
        handlers.expect_pong,
        handlers.leave_suspect,
        handlers.return_to_preferred,
    ),
)
