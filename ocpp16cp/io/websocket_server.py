"""The other end of a link: a WebSocket server for central systems in demos, tests and conformance runs."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import anyio
from anyio.abc import ByteStream, SocketAttribute, SocketStream, TaskStatus
from anyio.streams.tls import TLSStream
from attrs import define, field, frozen
from wsproto import ConnectionType, WSConnection, events
from wsproto.utilities import RemoteProtocolError

from .serving import Decide, Handle, Refuse, UpgradeRequest, accept_ocpp16, decision, look_after
from .transport import LinkFailure
from .websocket import STREAM_ERRORS, WebSocketConnection, WebSocketOptions
from .websocket_deflate import BoundedDeflate

# As on the client's side: h11 refuses a header of 16 KiB, but notices only after each read.
_HANDSHAKE_READ_BYTES: Final = 2**12


@frozen
class ServerOptions:
    """Limits of a server as a whole, and of each of its connections."""

    open_timeout_s: float = field(default=10.0, kw_only=True)
    """How long a client may take for TLS and the opening handshake, the decision about it included."""
    max_connections: int = field(default=4096, kw_only=True)
    """What comes in addition is cut at once. A thousand stations have room, open files of a process run out later."""
    websocket: WebSocketOptions = field(factory=WebSocketOptions, kw_only=True)


@frozen
class Listener:
    """Where a server listens."""

    host: str
    port: int
    secure: bool

    @property
    def url(self) -> str:
        """What a client's URL begins with, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'wss' if self.secure else 'ws'}://{host}:{self.port}"


@asynccontextmanager
async def listen(
    handle: Handle,
    decide: Decide = accept_ocpp16,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls_context: ssl.SSLContext | None = None,
    options: ServerOptions | None = None,
) -> AsyncIterator[Listener]:
    """Serve connections as long as the context is open; cut those that remain when it is left.

    Args:
        handle: looks after one connection; runs in a task of its own.
        decide: says who is let in.
        host: an address of this machine, or a name of one.
        port: 0 takes any that is free.
        tls_context: as `ocpp16cp.io.tls.server_context` makes it; `None` serves without TLS.
        options: limits.

    Raises:
        OSError: nothing can listen at that address.
    """
    sockets = await anyio.create_tcp_listener(local_host=host, local_port=port)
    bound = sockets.extra(SocketAttribute.local_port)
    server = _Server(handle, decide, tls_context, options or ServerOptions())
    async with sockets, anyio.create_task_group() as tasks:
        tasks.start_soon(sockets.serve, server.serve)
        yield Listener(host, bound, tls_context is not None)
        tasks.cancel_scope.cancel()


async def serve(
    handle: Handle,
    decide: Decide = accept_ocpp16,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls_context: ssl.SSLContext | None = None,
    options: ServerOptions | None = None,
    task_status: TaskStatus[Listener] = anyio.TASK_STATUS_IGNORED,
) -> None:
    """Serve until cancelled: `listen` for a task of its own, which tells its `Listener` by `task_status`."""
    async with listen(handle, decide, host=host, port=port, tls_context=tls_context, options=options) as listener:
        task_status.started(listener)
        await anyio.sleep_forever()


@define
class _Server:
    _handle: Handle
    _decide: Decide
    _tls_context: ssl.SSLContext | None
    _options: ServerOptions
    _connections: int = field(default=0, init=False)

    async def serve(self, stream: SocketStream) -> None:
        """Look after one client from its first byte to its last."""
        self._connections += 1
        try:
            async with stream:
                if self._connections <= self._options.max_connections:
                    await self._serve(stream)
        finally:
            self._connections -= 1

    async def _serve(self, stream: SocketStream) -> None:
        accepted = None
        try:
            with anyio.move_on_after(self._options.open_timeout_s):
                accepted = await self._shake_hands(await self._secure(stream))
        except (LinkFailure, *STREAM_ERRORS):
            return
        if accepted is not None:
            await look_after(*accepted, self._handle)

    async def _secure(self, stream: SocketStream) -> ByteStream:
        if self._tls_context is None:
            return stream
        return await TLSStream.wrap(stream, server_side=True, ssl_context=self._tls_context, standard_compatible=False)

    async def _shake_hands(self, stream: ByteStream) -> tuple[WebSocketConnection, UpgradeRequest] | None:
        """Answer the opening handshake; `None` if the client was not let in."""
        protocol = WSConnection(ConnectionType.SERVER)
        try:
            request = await _upgrade_request(stream, protocol)
        except RemoteProtocolError as error:
            await stream.send(protocol.send(error.event_hint or events.RejectConnection()))
            return None
        except UnicodeError:
            # A header that has to be ASCII is not.
            await stream.send(protocol.send(events.RejectConnection()))
            return None
        decided = await decision(self._decide, request)
        if isinstance(decided, Refuse):
            await stream.send(protocol.send(_rejection(decided)))
            return None
        limits = self._options.websocket
        deflate = BoundedDeflate(limits.max_message_bytes)
        acceptance = events.AcceptConnection(
            subprotocol=decided.subprotocol, extensions=[deflate] if limits.compression else []
        )
        await stream.send(protocol.send(acceptance))
        assert protocol.connection is not None
        connection = WebSocketConnection(
            stream,
            protocol.connection,
            subprotocol=decided.subprotocol,
            compressed=deflate.enabled(),
            options=limits,
        )
        return connection, request


async def _upgrade_request(stream: ByteStream, protocol: WSConnection) -> UpgradeRequest:
    asked = None
    while asked is None:
        protocol.receive_data(await stream.receive(_HANDSHAKE_READ_BYTES))
        asked = next(protocol.events(), None)
    assert isinstance(asked, events.Request)
    path, _, query = asked.target.partition("?")
    address = stream.extra(SocketAttribute.remote_address, None)
    return UpgradeRequest(
        path=path,
        query=query,
        headers=tuple((name.decode(), value) for name, value in asked.extra_headers),
        subprotocols=tuple(asked.subprotocols),
        peer=f"{address[0]}:{address[1]}" if isinstance(address, tuple) else "",
    )


def _rejection(refusal: Refuse) -> events.RejectConnection:
    headers = [(name.encode(), value) for name, value in refusal.headers]
    return events.RejectConnection(status_code=refusal.status, headers=[*headers, (b"Connection", b"close")])
