"""An independent peer: the PyPI package `websockets`, blocking and in threads, so that any event loop will do."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol


def echo(connection: ServerConnection) -> None:
    """Send back what comes."""
    for message in connection:
        connection.send(message)


@contextmanager
def foreign_server(
    handler: Callable[[ServerConnection], None] = echo,
    *,
    context: ssl.SSLContext | None = None,
    compression: str | None = None,
) -> Iterator[int]:
    """Serve with `websockets`; gives the port."""
    with serve(
        handler,
        "127.0.0.1",
        0,
        ssl=context,
        compression=compression,
        subprotocols=[Subprotocol("ocpp1.6")],
    ) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.socket.getsockname()[1]
        finally:
            server.shutdown()
            thread.join()
