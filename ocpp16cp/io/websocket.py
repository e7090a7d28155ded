"""An open WebSocket connection (RFC 6455) over any byte stream of anyio; the same for both sides.

The handshakes are in `ocpp16cp.io.websocket_client` and `ocpp16cp.io.websocket_server`. wsproto knows the frames; here
are the limits, the waiting, and the end.

Three rules hold it together:

- What ended the connection is noted before anything is awaited, and the first note stays: nobody sends into a closing
  connection, and all calls report the same.
- Frames are made and written under one lock. A write that does not come to its end, for whatever reason, cuts the
  connection: half a frame makes nonsense of every later one.
- Nothing taken from the stream is ever only in a local variable while something is awaited: a receive may be cancelled.
"""

from __future__ import annotations

import ssl
from codecs import getincrementaldecoder
from contextlib import suppress
from io import StringIO
from typing import Final, NoReturn

import anyio
from anyio.abc import ByteStream
from anyio.lowlevel import checkpoint
from attrs import field, frozen, validators
from wsproto import events
from wsproto.connection import Connection as Frames
from wsproto.connection import ConnectionState
from wsproto.frame_protocol import CloseReason

from . import tls
from .transport import FailureKind, LinkFailure, Pong, check_ping, closed_by_peer, closed_by_us, cut_by_us

STREAM_ERRORS: Final = (
    anyio.EndOfStream,
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    # A TLS stream answers some records while it reads: this side's writing may be in the way.
    anyio.BusyResourceError,
    # TLS errors are among these.
    OSError,
)
"""All that reading from and writing to a stream of anyio raises."""

# With compression a few bytes make many: little at a time keeps the work between two looks at the clock small.
_READ_BYTES: Final = 2**16
_READ_BYTES_COMPRESSED: Final = 2**12
# A peer has to take this much within the time limit of a write: one record of TLS.
_WRITE_BYTES: Final = 2**14


@frozen
class WebSocketOptions:
    """Limits of connections, on either side."""

    max_message_bytes: int = field(default=2**20, validator=validators.ge(1), kw_only=True)
    """Size of a received message in UTF-8. Mostly it is a few hundred bytes, but a full local authorization list has to
    fit: hence 1 MiB."""
    close_timeout_s: float = field(default=2.0, validator=validators.gt(0), kw_only=True)
    """How long a closing connection waits for the peer."""
    write_timeout_s: float = field(default=30.0, validator=validators.gt(0), kw_only=True)
    """How long the peer may take for each 16 KiB of what it is sent before the connection is cut."""
    compression: bool = field(default=False, kw_only=True)
    """Whether permessage-deflate is offered, or accepted on the serving side. Costs 300 KiB per connection, and short
    messages gain little by it."""


def stream_failure(error: Exception) -> LinkFailure:
    """Tell what one of `STREAM_ERRORS` means for the link."""
    match error:
        case ssl.SSLError():
            return LinkFailure(*tls.explain(error))
        case anyio.EndOfStream():
            return LinkFailure(FailureKind.CUT, "the peer ended the connection without closing it properly")
        case _:
            cause = error if isinstance(error, OSError) else error.__cause__
            detail = cause.strerror if isinstance(cause, OSError) and cause.strerror else "cut off"
            return LinkFailure(FailureKind.CUT, f"the connection broke: {detail.lower()}")


class WebSocketConnection:
    """An open connection, client or server; keeps to `ocpp16cp.io.transport.Connection`."""

    def __init__(
        self,
        stream: ByteStream,
        frames: Frames,
        *,
        subprotocol: str | None,
        compressed: bool,
        options: WebSocketOptions,
    ) -> None:
        self._stream = stream
        self._frames = frames
        self._subprotocol = subprotocol
        self._options = options
        self._read_bytes = _READ_BYTES_COMPRESSED if compressed else _READ_BYTES
        self._message = _Message()
        self._pong_due: bytes | None = None
        self._failure: LinkFailure | None = None
        self._last_frame_seen = False
        self._send_lock = anyio.Lock()
        self._receive_guard = anyio.ResourceGuard("receiving from")
        self._is_receiving = False
        self._receiver_left: anyio.Event | None = None

    @property
    def subprotocol(self) -> str | None:
        """What the server chose."""
        return self._subprotocol

    async def receive(self) -> str | Pong:
        """Wait for the next text message, or the next pong."""
        with self._receive_guard:
            self._is_receiving = True
            try:
                await checkpoint()
                return await self._next_item()
            finally:
                self._is_receiving = False
                if self._receiver_left is not None:
                    self._receiver_left.set()

    async def send_text(self, text: str) -> None:
        """Send one message, whole."""
        await self._send(events.TextMessage(text))

    async def ping(self, payload: bytes = b"") -> None:
        """Send a ping; `receive` returns the pong."""
        check_ping(payload)
        await self._send(events.Ping(payload))

    async def close(self, code: int = CloseReason.NORMAL_CLOSURE, reason: str = "") -> None:
        """Close properly, in a limited time."""
        if self._failure is not None:
            return
        self._failure = closed_by_us(code, reason)
        try:
            with anyio.move_on_after(self._options.close_timeout_s, shield=True):
                await self._send_close(code, reason)
                # Only one task can read: one that waits for a message wakes, sees the end, and leaves.
                if self._is_receiving:
                    self._receiver_left = anyio.Event()
                    await self._receiver_left.wait()
                await self._linger()
        finally:
            await self._release()

    async def aclose(self) -> None:
        """Cut at once."""
        self._note(cut_by_us())
        await self._release()

    # Receiving

    async def _next_item(self) -> str | Pong:
        while True:
            self._check_open()
            if self._pong_due is not None:
                await self._send(events.Pong(self._pong_due))
                self._pong_due = None
            match next(self._frames.events(), None):
                case None:
                    self._frames.receive_data(await self._read())
                case events.TextMessage() | events.BytesMessage() as part:
                    self._message.add(part)
                    if self._message.bytes > self._options.max_message_bytes:
                        await self._refuse(FailureKind.TOO_BIG, CloseReason.MESSAGE_TOO_BIG)
                    if part.message_finished:
                        return self._message.take()
                    # A read can hold thousands of fragments: others want to run, too.
                    await checkpoint()
                case events.Ping(payload):
                    self._pong_due = bytes(payload)
                case events.Pong(payload):
                    return Pong(bytes(payload))
                case event:
                    assert isinstance(event, events.CloseConnection)
                    await self._end(event)

    async def _end(self, close: events.CloseConnection) -> NoReturn:
        """The last event of all: a close of the peer, or a frame that wsproto does not take."""
        self._last_frame_seen = True
        if self._frames.state is ConnectionState.REMOTE_CLOSING:
            await self._fail(closed_by_peer(int(close.code), close.reason or ""), close.code)
        match close.code:
            case CloseReason.MESSAGE_TOO_BIG:
                await self._refuse(FailureKind.TOO_BIG, close.code)
            case CloseReason.INVALID_FRAME_PAYLOAD_DATA:
                await self._refuse(FailureKind.BAD_UTF8, close.code)
            case _:
                await self._refuse(FailureKind.PROTOCOL_VIOLATION, close.code, close.reason or "")

    async def _refuse(self, kind: FailureKind, code: int, detail: str = "") -> NoReturn:
        """Close because of what the peer has sent, and say why on both sides."""
        match kind:
            case FailureKind.TOO_BIG:
                what = f"a message of more than {self._options.max_message_bytes} bytes"
            case FailureKind.BAD_UTF8:
                what = "text that is not UTF-8"
            case _:
                what = f"a frame against the protocol ({detail})"
        await self._fail(LinkFailure(kind, f"the peer sent {what}"), code, what)

    async def _fail(self, failure: LinkFailure, code: int, reason: str = "") -> NoReturn:
        """End the connection from within `receive`, with a close frame as far as the peer lets itself be told."""
        failure = self._note(failure)
        try:
            with anyio.move_on_after(self._options.close_timeout_s):
                await self._send_close(code, reason)
                await self._leave_first()
                await self._linger()
        finally:
            await self._release()
        raise failure

    async def _leave_first(self) -> None:
        """As a server, say that nothing more will come: a client waits for that (RFC 6455 §7.1.1).

        TLS has no half-closed connections; there the client learns it a little later.
        """
        if not self._frames.client:
            with suppress(NotImplementedError, *STREAM_ERRORS):
                await self._stream.send_eof()

    async def _linger(self) -> None:
        """Drop what still comes, until the peer has closed too.

        A socket that is closed with bytes unread resets the connection, and the peer may never see the close frame. The
        client waits for the end of the stream, as the server should be the first to leave (RFC 6455 §7.1.1).
        """
        try:
            while True:
                for event in self._frames.events():
                    self._last_frame_seen |= isinstance(event, events.CloseConnection)
                if self._frames.state is ConnectionState.CLOSED and not self._frames.client:
                    return
                data = await self._stream.receive(self._read_bytes)
                # After its last frame wsproto would keep all that it is given.
                if not self._last_frame_seen:
                    self._frames.receive_data(data)
        except STREAM_ERRORS:
            return

    async def _read(self) -> bytes:
        try:
            return await self._stream.receive(self._read_bytes)
        except STREAM_ERRORS as error:
            raise await self._broken(stream_failure(error)) from error

    # Sending

    async def _send(self, event: events.Event) -> None:
        async with self._send_lock:
            self._check_open()
            await self._write(self._frames.send(event))

    async def _send_close(self, code: int, reason: str) -> None:
        """Send the close frame, if the connection still takes one."""
        async with self._send_lock:
            try:
                await self._write(self._frames.send(events.CloseConnection(code, reason)))
            except LinkFailure:
                return

    async def _write(self, data: bytes) -> None:
        try:
            for start in range(0, len(data), _WRITE_BYTES):
                with anyio.fail_after(self._options.write_timeout_s):
                    await self._stream.send(data[start : start + _WRITE_BYTES])
        except TimeoutError:
            taken = f"the peer took nothing for {self._options.write_timeout_s:g} s"
            raise await self._broken(LinkFailure(FailureKind.TIMED_OUT, taken)) from None
        except STREAM_ERRORS as error:
            raise await self._broken(stream_failure(error)) from error
        except BaseException:
            # Cancelled, that is: nobody knows how much of the frame is out.
            await self.aclose()
            raise

    # The end

    def _note(self, failure: LinkFailure) -> LinkFailure:
        """Note why the connection ends, and return what is known to have ended it."""
        if self._failure is None:
            self._failure = failure
        return self._failure.with_traceback(None)

    def _check_open(self) -> None:
        if self._failure is not None:
            raise self._failure.with_traceback(None)

    async def _broken(self, failure: LinkFailure) -> LinkFailure:
        failure = self._note(failure)
        await self._release()
        return failure

    async def _release(self) -> None:
        # It does not wait for anything, so it may be left to come to its end.
        with anyio.CancelScope(shield=True):
            await anyio.aclose_forcefully(self._stream)


class _Message:
    """The parts of the message that is arriving."""

    def __init__(self) -> None:
        self.bytes = 0
        """Size so far, in UTF-8."""
        self._text = StringIO()
        # OCPP knows no binary messages. What is text in spite of that is taken; anything else comes out as text that is
        # not JSON, which is answered, and the connection stays.
        self._decoder = getincrementaldecoder("utf-8")(errors="replace")

    def add(self, part: events.TextMessage | events.BytesMessage) -> None:
        """Take the next part."""
        if isinstance(part, events.TextMessage):
            self._text.write(part.data)
            self.bytes += len(part.data) if part.data.isascii() else len(part.data.encode())
        else:
            self._text.write(self._decoder.decode(part.data, final=part.message_finished))
            self.bytes += len(part.data)

    def take(self) -> str:
        """Hand out the text of the whole message, and be ready for the next one."""
        text = self._text.getvalue()
        self._text = StringIO()
        self.bytes = 0
        return text
