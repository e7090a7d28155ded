"""What tests of links share: a central system that echoes, and waiting for the end."""

from __future__ import annotations

from ocpp16cp.io.serving import UpgradeRequest
from ocpp16cp.io.transport import Connection, LinkFailure


async def echo(connection: Connection, _request: UpgradeRequest) -> None:
    """Send back each text message."""
    while True:
        received = await connection.receive()
        assert isinstance(received, str)
        await connection.send_text(received)


async def failure_of(connection: Connection) -> LinkFailure:
    """Receive until the end, and return what it was."""
    try:
        while True:
            await connection.receive()
    except LinkFailure as failure:
        return failure
