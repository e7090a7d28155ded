"""A transport without sockets: both ends in one process, for tests.

It behaves as a WebSocket does, as far as its users can tell: bounded buffers, pings that are answered while the other
end receives, a close that arrives after what was sent before it, messages lost to an end that has gone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

import anyio
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint
from attrs import define, field, frozen

from ocpp16cp.errors import UsageError

from .serving import Decide, Handle, Refuse, UpgradeRequest, accept_ocpp16, decision, look_after
from .transport import (
    OCPP16,
    ConnectRequest,
    FailureKind,
    LinkFailure,
    Pong,
    check_ping,
    closed_by_peer,
    closed_by_us,
    cut_by_us,
    refused_by_http,
    wrong_subprotocol,
)

# What one end may have sent and the other not yet received: about what two sockets hold.
_BUFFERED_ITEMS: Final = 256
_CLOSE_TIMEOUT_S: Final = 2.0


@frozen
class _Ping:
    payload: bytes


@frozen
class _Close:
    code: int
    reason: str


_Item = str | _Ping | Pong | _Close


@define(eq=False)
class _Channel:
    """One direction: what one end has sent and the other has not yet received."""

    _room: int
    """How many items fit."""
    items: deque[_Item] = field(factory=deque, init=False)
    ended: bool = field(default=False, init=False)
    """Nothing more will be put in, or nothing more be taken out."""
    _change: anyio.Event = field(factory=anyio.Event, init=False)

    @property
    def is_full(self) -> bool:
        return len(self.items) >= self._room

    async def changed(self) -> None:
        """Wait until it is worth looking again."""
        await self._change.wait()

    def put(self, item: _Item) -> None:
        # The other end may have gone. A socket would not know it yet either: receiving tells.
        if not self.ended:
            self.items.append(item)
            self._tell()

    def take(self) -> _Item:
        item = self.items.popleft()
        self._tell()
        return item

    def end(self) -> None:
        self.ended = True
        self._tell()

    def _tell(self) -> None:
        self._change.set()
        self._change = anyio.Event()


class MemoryConnection:
    """One end of a connection within the process; keeps to `ocpp16cp.io.transport.Connection`.

    Made by `memory_pair`, or by a `MemoryTransport`.
    """

    def __init__(self, outbox: _Channel, inbox: _Channel, *, subprotocol: str | None) -> None:
        self._outbox = outbox
        self._inbox = inbox
        self._subprotocol = subprotocol
        self._pong_due: Pong | None = None
        self._failure: LinkFailure | None = None
        self._receive_guard = anyio.ResourceGuard("receiving from")

    @property
    def subprotocol(self) -> str | None:
        """What the serving end chose."""
        return self._subprotocol

    async def receive(self) -> str | Pong:
        """Wait for the next text message, or the next pong."""
        with self._receive_guard:
            while True:
                if self._pong_due is not None:
                    await self._send(self._pong_due)
                    self._pong_due = None
                match await self._next_item():
                    case _Ping(payload):
                        self._pong_due = Pong(payload)
                    case _Close(code, reason):
                        raise self._end(closed_by_peer(code, reason))
                    case item:
                        return item

    async def send_text(self, text: str) -> None:
        """Send one message."""
        await self._send(text)

    async def ping(self, payload: bytes = b"") -> None:
        """Send a ping; `receive` returns the pong once the other end has received it."""
        check_ping(payload)
        await self._send(_Ping(payload))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close properly, in a limited time."""
        if self._failure is not None:
            return
        self._failure = closed_by_us(code, reason)
        with anyio.move_on_after(_CLOSE_TIMEOUT_S, shield=True):
            await self._room()
            self._outbox.put(_Close(code, reason))
        self._end(self._failure)

    async def aclose(self) -> None:
        """Cut at once."""
        self._end(cut_by_us())
        await checkpoint()

    async def _next_item(self) -> _Item:
        await checkpoint()
        while True:
            self._check_open()
            if self._inbox.items:
                return self._inbox.take()
            if self._inbox.ended:
                text = "the peer ended the connection without closing it properly"
                raise self._end(LinkFailure(FailureKind.CUT, text))
            await self._inbox.changed()

    async def _send(self, item: _Item) -> None:
        await checkpoint()
        await self._room()
        self._check_open()
        self._outbox.put(item)

    async def _room(self) -> None:
        while self._outbox.is_full and not self._outbox.ended:
            await self._outbox.changed()

    def _check_open(self) -> None:
        if self._failure is not None:
            raise self._failure.with_traceback(None)

    def _end(self, failure: LinkFailure) -> LinkFailure:
        """Note why the connection ends, unless that is known, and let go of both directions."""
        if self._failure is None:
            self._failure = failure
        self._outbox.end()
        self._inbox.end()
        return self._failure.with_traceback(None)


def memory_pair(
    subprotocol: str | None = OCPP16, *, buffered_items: int = _BUFFERED_ITEMS
) -> tuple[MemoryConnection, MemoryConnection]:
    """Make both ends of a connection.

    Args:
        subprotocol: what they agreed upon.
        buffered_items: how many messages, pings and pongs fit in each direction before a sender has to wait;
            at least 1.
    """
    there, here = _Channel(buffered_items), _Channel(buffered_items)
    return (
        MemoryConnection(there, here, subprotocol=subprotocol),
        MemoryConnection(here, there, subprotocol=subprotocol),
    )


@define
class _Server:
    handle: Handle
    decide: Decide
    tasks: TaskGroup


@define
class MemoryTransport:
    """Connects to whoever listens on this very object; refused while nobody does.

    Keeps to `ocpp16cp.io.transport.Transport`. Scheme and host of the URL mean nothing, nor do addresses and interfaces
    of this side.
    """

    _server: _Server | None = field(default=None, init=False)

    @asynccontextmanager
    async def listen(self, handle: Handle, decide: Decide = accept_ocpp16) -> AsyncIterator[None]:
        """Serve connections as long as the context is open; cut those that remain when it is left.

        Args:
            handle: looks after one connection; runs in a task of its own.
            decide: says who is let in. A `LinkFailure` it raises is what the connecting side gets.

        Raises:
            UsageError: somebody listens already.
        """
        if self._server is not None:
            raise UsageError("this transport is being listened on already")
        async with anyio.create_task_group() as tasks:
            self._server = _Server(handle, decide, tasks)
            try:
                yield
            finally:
                self._server = None
                tasks.cancel_scope.cancel()

    async def connect(self, request: ConnectRequest) -> MemoryConnection:
        """Open a connection, subprotocol agreed."""
        await checkpoint()
        server = self._server
        if server is None:
            raise LinkFailure(FailureKind.REFUSED, "connection refused")
        parts = urlsplit(request.url)
        upgrade = UpgradeRequest(
            path=parts.path,
            query=parts.query,
            headers=tuple((name.lower(), value) for name, value in request.headers),
            subprotocols=request.subprotocols,
        )
        try:
            with anyio.fail_after(request.open_timeout_s):
                decided = await decision(server.decide, upgrade)
        except TimeoutError:
            text = f"the handshake took longer than {request.open_timeout_s:g} s"
            raise LinkFailure(FailureKind.TIMED_OUT, text) from None
        if isinstance(decided, Refuse):
            raise refused_by_http(decided.status)
        if request.subprotocols and decided.subprotocol is None:
            raise wrong_subprotocol(None, request.subprotocols)
        client, served = memory_pair(decided.subprotocol)
        server.tasks.start_soon(look_after, served, upgrade, server.handle)
        return client
