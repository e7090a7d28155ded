"""One connection during a run: opened, fed, read, and reported gone exactly once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import partial
from typing import Final

import anyio
from attrs import define, field

from ocpp16cp.events import Event, LinkDown, LinkUp, PongReceived, TextReceived
from ocpp16cp.outcome import Close, LinkAction, Open, Ping, SendText

from .transport import Connection, ConnectRequest, LinkFailure, Pong, Transport

SEND_BUFFER: Final = 256
"""Frames that may wait to be sent. The core has one CALL in flight and answers what it is asked: more waiting means
that the peer has stopped reading."""

OPEN_TIMEOUT_S: Final = 30.0
"""How long a connection may take to open: as long as an answer may take by default."""

CLOSE_TIMEOUT_S: Final = 5.0
"""How long a close may wait for the frames before it; then the connection is cut. A peer that reads takes them in a
moment, and one that does not must not keep a station from ending its run, or from connecting anew."""


class Direction(StrEnum):
    """Which way a frame goes, in the words of the trace format."""

    SENT = "cp-to-csms"
    RECEIVED = "csms-to-cp"


@define(eq=False)
class Link:
    """The connection of one `Open`."""

    _open: Open
    _transport: Transport
    _post: Callable[[Event], Awaitable[None]]
    _waiting: list[LinkAction] = field(factory=list, init=False)
    _scope: anyio.CancelScope = field(factory=anyio.CancelScope, init=False)
    _send_soon: Callable[[], object] | None = field(default=None, init=False)
    """Starts a task that sends what waits; `None`: the connection is not open."""
    _is_sending: bool = field(default=False, init=False)
    _fate: str | None = field(default=None, init=False)
    """Why this side ends the connection; `None`: it does not."""

    @property
    def number(self) -> int:
        """Of the `Open`."""
        return self._open.number

    def put(self, action: LinkAction) -> None:
        """Let something be sent; a peer that has stopped reading loses the connection."""
        if isinstance(action, Close) and self._send_soon is None:
            # There is nobody to close anything with, and opening may take long.
            self._end(action.reason)
            return
        if len(self._waiting) >= SEND_BUFFER:
            self._end(f"the peer has stopped reading: {SEND_BUFFER} frames wait to be sent")
            return
        if isinstance(action, Close):
            self._fate = self._fate or action.reason
            self._scope.deadline = anyio.current_time() + CLOSE_TIMEOUT_S
        self._waiting.append(action)
        # A task that waited for the next frame would take more memory than all the rest of an idle link.
        if self._send_soon is not None and not self._is_sending:
            self._is_sending = True
            self._send_soon()

    async def run(self) -> None:
        """Open, carry and report the end; returns when it is gone."""
        with self._scope:
            try:
                request = ConnectRequest(
                    self._open.url,
                    self._open.subprotocols,
                    headers=self._open.headers,
                    open_timeout_s=OPEN_TIMEOUT_S,
                    local_address=self._open.local_address,
                    interface=self._open.interface,
                )
                connection = await self._transport.connect(request)
            except LinkFailure as failure:
                self._fate = self._fate or _explain(failure)
            else:
                await self._carry(connection)
        await self._post(LinkDown(self.number, self._fate or "the connection was closed"))

    async def _carry(self, connection: Connection) -> None:
        """Send and receive until the connection ends."""
        try:
            async with anyio.create_task_group() as tasks:
                self._send_soon = partial(tasks.start_soon, self._send, connection)
                await self._receive(connection)
                tasks.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await connection.aclose()

    async def _receive(self, connection: Connection) -> None:
        """Hand on what arrives, until the connection ends."""
        try:
            await self._post(LinkUp(self.number))
            while (event := await self._next_event(connection)) is not None:
                await self._post(event)
        finally:
            self._send_soon = None

    async def _next_event(self, connection: Connection) -> Event | None:
        """What arrives next; `None`: the connection has ended."""
        try:
            arrived = await connection.receive()
        except LinkFailure as failure:
            self._fate = self._fate or _explain(failure)
            return None
        return PongReceived(self.number) if isinstance(arrived, Pong) else TextReceived(self.number, arrived)

    async def _send(self, connection: Connection) -> None:
        """Send what waits, in order; the end of the connection is for the receiving side to see."""
        while self._waiting:
            try:
                await self._carry_out(connection, self._waiting.pop(0))
            except LinkFailure:
                return
        self._is_sending = False

    async def _carry_out(self, connection: Connection, action: LinkAction) -> None:
        """Send one frame, or close."""
        match action:
            case SendText():
                await connection.send_text(action.text)
            case Ping():
                await connection.ping()
            case Close():
                await connection.close(action.code, action.reason)
            case Open():
                raise AssertionError("a link is opened once")

    def _end(self, reason: str) -> None:
        """Cut the connection."""
        self._fate = self._fate or reason
        self._scope.cancel()


def _explain(failure: LinkFailure) -> str:
    """What happened and what can be done about it, in one line."""
    return f"{failure}; {failure.hint}" if failure.hint else str(failure)
