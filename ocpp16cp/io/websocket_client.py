"""Connecting to a central system by WebSocket: URL, name resolution, TCP, TLS, the opening handshake."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from socket import gaierror
from typing import Final, Self
from urllib.parse import urlsplit

import anyio
from anyio.abc import ByteStream
from anyio.streams.tls import TLSStream
from attrs import define, field, frozen
from wsproto import ConnectionType, WSConnection, events
from wsproto.connection import Connection as Frames
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import RemoteProtocolError

from . import local_network, tls
from .transport import ConnectRequest, FailureKind, LinkFailure, quoted, refused_by_http, wrong_subprotocol
from .websocket import STREAM_ERRORS, WebSocketConnection, WebSocketOptions
from .websocket_deflate import BoundedDeflate

_DEFAULT_PORTS: Final = {"ws": 80, "wss": 443}
# h11 gives up on a header of 16 KiB; it notices only after each read.
_HANDSHAKE_READ_BYTES: Final = 2**12
_NO_SUBPROTOCOL: Final = events.CloseConnection(CloseReason.PROTOCOL_ERROR, "no subprotocol in common")


@frozen
class WebSocketTransport:
    """Opens WebSocket connections, each with the same trust and limits; keeps to `ocpp16cp.io.transport.Transport`."""

    tls_context: ssl.SSLContext | None = None
    """For `wss://`, as `ocpp16cp.io.tls.client_context` makes it; `None` trusts what the system trusts."""
    options: WebSocketOptions = field(factory=WebSocketOptions, kw_only=True)

    async def connect(self, request: ConnectRequest) -> WebSocketConnection:
        """Open a connection, subprotocol agreed. A redirect is not followed.

        Raises:
            LinkFailure: nothing came of it; the text begins with `cannot connect to`.
        """
        endpoint = _Endpoint.of(request.url)
        try:
            return await _Attempt(self, request, endpoint).connect()
        except LinkFailure as failure:
            raise LinkFailure(
                failure.kind,
                f"cannot connect to {endpoint.shown}: {failure}",
                http_status=failure.http_status,
            ) from failure.__cause__


@frozen
class _Endpoint:
    """What a URL says."""

    secure: bool
    host: str
    """In ASCII: a name in another script as DNS spells it."""
    port: int
    authority: str
    """Host and port as HTTP wants them in a request."""
    target: str
    """Path and query."""
    shown: str
    """The URL for people, without the query: it may hold a token."""

    @classmethod
    def of(cls, url: str) -> Self:
        """Take a URL apart.

        Raises:
            LinkFailure: `BAD_URL`; the text quotes no more of it than what is wrong.
        """
        try:
            # `urlsplit` would drop some of these without a word.
            if any(character <= " " or character == "\x7f" for character in url):
                raise _bad_url("it contains a space or a control character")
            parts = urlsplit(url)
            port = parts.port
            host = (parts.hostname or "").encode("idna").decode("ascii")
        except UnicodeError:
            raise _bad_url("its host name is malformed") from None
        except ValueError as error:
            raise _bad_url(str(error).lower()) from None
        if parts.scheme not in _DEFAULT_PORTS:
            raise _bad_url(f"its scheme {parts.scheme!r} is not ws or wss")
        if "@" in parts.netloc:
            raise _bad_url("it contains a user name or password")
        if not host:
            raise _bad_url("it names no host")
        if port == 0:
            raise _bad_url("its port is 0")
        if parts.fragment:
            raise _bad_url("it contains a fragment, '#'")
        if not (parts.path + parts.query).isascii():
            raise _bad_url("its path or query is not percent-encoded")
        default_port = _DEFAULT_PORTS[parts.scheme]
        bracketed = f"[{host}]" if ":" in host else host
        authority = bracketed if port in (None, default_port) else f"{bracketed}:{port}"
        path = parts.path or "/"
        return cls(
            secure=parts.scheme == "wss",
            host=host,
            port=port or default_port,
            authority=authority,
            target=f"{path}?{parts.query}" if parts.query else path,
            shown=f"{parts.scheme}://{authority}{path}",
        )


def _bad_url(reason: str) -> LinkFailure:
    return LinkFailure(FailureKind.BAD_URL, f"the URL cannot be used: {reason}")


@define
class _Attempt:
    """One attempt to connect."""

    _transport: WebSocketTransport
    _request: ConnectRequest
    _endpoint: _Endpoint
    _waiting_for: str = field(default="the TCP connection", init=False)
    """What takes the time, should the time be up."""
    _kind: FailureKind = field(default=FailureKind.UNREACHABLE, init=False)
    """What it is when the server ends the connection meanwhile."""

    async def connect(self) -> WebSocketConnection:
        """Do all of it in the time allowed; leave nothing behind on failure."""
        try:
            with anyio.fail_after(self._request.open_timeout_s):
                stream = await self._connect_tcp()
                try:
                    return await self._shake_hands(await self._secure(stream))
                except BaseException:
                    await anyio.aclose_forcefully(stream)
                    raise
        except TimeoutError:
            text = f"{self._waiting_for} took longer than {self._request.open_timeout_s:g} s"
            raise LinkFailure(FailureKind.TIMED_OUT, text) from None
        except ssl.SSLError as error:
            raise LinkFailure(*tls.explain(error)) from error
        except STREAM_ERRORS as error:
            text = f"the server ended the connection during {self._waiting_for}"
            raise LinkFailure(self._kind, text) from error

    async def _connect_tcp(self) -> ByteStream:
        try:
            return await local_network.connect_tcp(
                self._endpoint.host,
                self._endpoint.port,
                local_address=self._request.local_address,
                interface=self._request.interface,
            )
        except OSError as error:
            raise _tcp_failure(error) from error

    async def _secure(self, stream: ByteStream) -> ByteStream:
        if not self._endpoint.secure:
            return stream
        self._waiting_for = "the TLS handshake"
        self._kind = FailureKind.TLS
        return await TLSStream.wrap(
            stream,
            server_side=False,
            hostname=self._endpoint.host,
            ssl_context=self._transport.tls_context or tls.client_context(),
            # WebSocket has a closing handshake of its own: none is needed here to notice a connection cut short.
            standard_compatible=False,
        )

    async def _shake_hands(self, stream: ByteStream) -> WebSocketConnection:
        self._waiting_for = "the WebSocket handshake"
        self._kind = FailureKind.HANDSHAKE
        options = self._transport.options
        protocol = WSConnection(ConnectionType.CLIENT)
        request = events.Request(
            host=self._endpoint.authority,
            target=self._endpoint.target,
            extensions=[BoundedDeflate(options.max_message_bytes)] if options.compression else [],
            extra_headers=[(name.encode(), value) for name, value in self._request.headers],
            subprotocols=list(self._request.subprotocols),
        )
        await stream.send(protocol.send(request))
        accepted = await self._answer(stream, protocol)
        assert protocol.connection is not None
        connection = WebSocketConnection(
            stream,
            protocol.connection,
            subprotocol=accepted.subprotocol,
            compressed=bool(accepted.extensions),
            options=options,
        )
        if self._request.subprotocols and accepted.subprotocol is None:
            await connection.close(_NO_SUBPROTOCOL.code, _NO_SUBPROTOCOL.reason or "")
            raise wrong_subprotocol(None, self._request.subprotocols)
        return connection

    async def _answer(self, stream: ByteStream, protocol: WSConnection) -> events.AcceptConnection:
        """Read until the server has let us in."""
        answer = None
        while answer is None:
            try:
                protocol.receive_data(await stream.receive(_HANDSHAKE_READ_BYTES))
            except RemoteProtocolError as error:
                _, foreign, subprotocol = str(error).partition("unrecognized subprotocol ")
                if foreign:
                    # The connection is open as far as the server knows.
                    await stream.send(Frames(ConnectionType.CLIENT).send(_NO_SUBPROTOCOL))
                    raise wrong_subprotocol(subprotocol, self._request.subprotocols) from error
                text = f"the answer is not that of a WebSocket server: {quoted(str(error))}"
                raise LinkFailure(FailureKind.HANDSHAKE, text) from error
            except UnicodeDecodeError as error:
                text = "the answer is not that of a WebSocket server: its headers are not ASCII"
                raise LinkFailure(FailureKind.HANDSHAKE, text) from error
            answer = next(protocol.events(), None)
        if isinstance(answer, events.RejectConnection):
            raise refused_by_http(answer.status_code)
        assert isinstance(answer, events.AcceptConnection)
        return answer


def _tcp_failure(error: OSError) -> LinkFailure:
    if isinstance(error, gaierror):
        text = f"the host name cannot be resolved: {error.strerror}"
        return LinkFailure(FailureKind.NAME_RESOLUTION, text)
    causes = [leaf for leaf in _leaves(error.__cause__ or error) if isinstance(leaf, OSError)]
    # A name may have several addresses: one whose host answers tells most.
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return LinkFailure(FailureKind.REFUSED, "connection refused")
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return LinkFailure(FailureKind.TIMED_OUT, "the host does not answer")
    reasons = [os.strerror(cause.errno) for cause in causes if cause.errno is not None]
    return LinkFailure(FailureKind.UNREACHABLE, (reasons or [str(error)])[0].lower())


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
