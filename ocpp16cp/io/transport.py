"""What a link is: how it is asked for, what it carries, how it fails.

A transport opens connections, a connection carries whole text messages, pings and a close, and whatever goes wrong is a
`LinkFailure`. Two transports keep to this: `ocpp16cp.io.websocket_client`, and `ocpp16cp.io.memory` without a socket.
The other end is described in `ocpp16cp.io.serving`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import partial
from http import HTTPStatus
from typing import Final, Protocol

from attrs import Attribute, field, frozen

from ocpp16cp.errors import UsageError

OCPP16: Final = "ocpp1.6"
"""The WebSocket subprotocol of OCPP 1.6J."""

_QUOTED_CHARACTERS: Final = 80
# RFC 6455 §5.5.
_MAX_PING_BYTES: Final = 125
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(rb"([\x21-\x7e\x80-\xff]+([ \t]+[\x21-\x7e\x80-\xff]+)*)?")
_HANDSHAKE_HEADERS: Final = {
    "connection",
    "content-length",
    "host",
    "origin",
    "transfer-encoding",
    "upgrade",
}


class FailureKind(StrEnum):
    """What became of a link, as far as somebody may want to act on the difference."""

    BAD_URL = "BadUrl"
    """Nothing was tried: the URL cannot be used."""
    LOCAL_NETWORK = "LocalNetwork"
    """This side has no such address or network interface, or may not use it."""
    NAME_RESOLUTION = "NameResolution"
    REFUSED = "Refused"
    """The host answers, nobody listens at the port."""
    UNREACHABLE = "Unreachable"
    TIMED_OUT = "TimedOut"
    """The connection was not open in time, or the peer has stopped taking what is sent."""
    TLS_CERTIFICATE = "TlsCertificate"
    """The server's certificate was not accepted: authority, validity or name."""
    TLS_VERSION = "TlsVersion"
    """No TLS version in common."""
    TLS_CIPHER_SUITE = "TlsCipherSuite"
    """No cipher suite in common; a server that misses a client certificate may say it like this too."""
    TLS_CLIENT_CERTIFICATE = "TlsClientCertificate"
    """The server did not accept this side's certificate, or misses one. In TLS 1.3 it says so late: if it then leaves
    in a hurry, its reason is lost, and this is a `HANDSHAKE`."""
    TLS = "Tls"
    """Anything else that ends TLS."""
    HTTP_STATUS = "HttpStatus"
    """The server answered the handshake with another HTTP status than 101, a redirect included."""
    SUBPROTOCOL = "Subprotocol"
    """The server chose no subprotocol, or one that was not offered."""
    HANDSHAKE = "Handshake"
    """The answer to the handshake is not one of a WebSocket server."""
    CLOSED_BY_PEER = "ClosedByPeer"
    """The peer closed the connection properly, with a code."""
    CLOSED_BY_US = "ClosedByUs"
    """`close` was called on this side."""
    PROTOCOL_VIOLATION = "ProtocolViolation"
    """The peer broke the rules of WebSocket frames: closed with 1002."""
    TOO_BIG = "TooBig"
    """A message exceeded the limit: closed with 1009."""
    BAD_UTF8 = "BadUtf8"
    """A text message is not UTF-8: closed with 1007."""
    CUT = "Cut"
    """The connection ended without a closing handshake, whoever ended it."""


_HINTS: Final = {
    FailureKind.BAD_URL: "use ws://host:port/path or wss://host:port/path, the path percent-encoded",
    FailureKind.LOCAL_NETWORK: "check the endpoint's address and interface, that it is up, and the right to use it",
    FailureKind.NAME_RESOLUTION: "check the host name in the URL, and the name server",
    FailureKind.REFUSED: "check that the central system is running, and the port in the URL",
    FailureKind.UNREACHABLE: "check the network, and the address in the URL",
    FailureKind.TIMED_OUT: "check the address in the URL, and the firewalls on the way",
    FailureKind.TLS_CERTIFICATE: "check the server's certificate, the host name in the URL, and who is trusted",
    FailureKind.TLS_VERSION: "the server must offer TLS 1.2 or later",
    FailureKind.TLS_CIPHER_SUITE: "check the server's cipher suites, and whether it demands a client certificate",
    FailureKind.TLS_CLIENT_CERTIFICATE: "check the client certificate, and that the server trusts its authority",
    FailureKind.TLS: "check that the port in the URL is the one for wss://",
    FailureKind.HTTP_STATUS: "check the path in the URL",
    FailureKind.SUBPROTOCOL: "check that the URL is that of an OCPP 1.6J endpoint",
    FailureKind.HANDSHAKE: "check that the URL leads to a WebSocket server, and whether it wants wss:// for ws://",
}
_STATUS_HINTS: Final = {
    401: "check identity and password",
    403: "check identity and password",
    404: "check the path in the URL, and that the central system knows this identity",
}


class LinkFailure(Exception):
    """A link could not be made, or has ended; the one exception of transports and connections.

    Its text is one line that says what happened, for logs and users. It holds no header and no query of the URL, hence
    no password; what it quotes of the peer is escaped.
    """

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        http_status: int | None = None,
        close_code: int | None = None,
        close_reason: str = "",
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.http_status = http_status
        """The status of the answer; set with `HTTP_STATUS` only."""
        self.close_code = close_code
        """What the closing side gave, 1005 if it gave none; set with `CLOSED_BY_PEER` and `CLOSED_BY_US` only."""
        self.close_reason = close_reason
        """What the closing side said, at most 123 bytes of any text."""

    def __reduce__(self) -> tuple[Callable[..., LinkFailure], tuple[FailureKind, str]]:
        """Rebuild from the arguments: `Exception` alone would pass the text only."""
        rebuild = partial(
            type(self),
            http_status=self.http_status,
            close_code=self.close_code,
            close_reason=self.close_reason,
        )
        return rebuild, (self.kind, str(self))

    @property
    def hint(self) -> str:
        """What a user can do about it, empty if there is nothing to say."""
        return _STATUS_HINTS.get(self.http_status or 0, _HINTS.get(self.kind, ""))


def closed_by_peer(code: int, reason: str) -> LinkFailure:
    """What the side that did not close gets to see."""
    said = f" and the reason {quoted(reason)}" if reason else ""
    return LinkFailure(
        FailureKind.CLOSED_BY_PEER,
        f"the peer closed the connection with code {code}{said}",
        close_code=code,
        close_reason=reason,
    )


def closed_by_us(code: int, reason: str) -> LinkFailure:
    """What the closing side gets to see when it goes on."""
    return LinkFailure(
        FailureKind.CLOSED_BY_US,
        f"this side closed the connection with code {code}",
        close_code=code,
        close_reason=reason,
    )


def cut_by_us() -> LinkFailure:
    """What the cutting side gets to see when it goes on."""
    return LinkFailure(FailureKind.CUT, "this side cut the connection")


def refused_by_http(status: int) -> LinkFailure:
    """What a client gets to see that the server does not let in."""
    try:
        phrase = f" {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    redirect = ", a redirect, which is not followed" if status in range(300, 400) else ""
    text = f"the server answered with HTTP {status}{phrase}{redirect}"
    return LinkFailure(FailureKind.HTTP_STATUS, text, http_status=status)


def wrong_subprotocol(chosen: str | None, offered: Iterable[str]) -> LinkFailure:
    """What a client gets to see whose server does not speak its language."""
    choice = "no subprotocol" if chosen is None else f"the subprotocol {quoted(chosen)}"
    text = f"the server chose {choice}, offered were: {', '.join(offered)}"
    return LinkFailure(FailureKind.SUBPROTOCOL, text)


def quoted(text: str) -> str:
    """What a peer has chosen to say, escaped and at a length that a log can bear."""
    return repr(text if len(text) <= _QUOTED_CHARACTERS else f"{text[:_QUOTED_CHARACTERS]}...")


def check_headers(
    _instance: object,
    _attribute: Attribute[tuple[tuple[str, bytes], ...]],
    headers: tuple[tuple[str, bytes], ...],
) -> None:
    """Refuse what would break the handshake; the error names the header, never its value."""
    for name, value in headers:
        if not _TOKEN.fullmatch(name):
            raise UsageError(f"{name!r} is not the name of an HTTP header")
        if name.lower() in _HANDSHAKE_HEADERS or name.lower().startswith("sec-websocket-"):
            raise UsageError(f"the header {name!r} belongs to the handshake itself")
        if not _HEADER_VALUE.fullmatch(value):
            raise UsageError(f"the value of the header {name!r} holds characters that HTTP forbids")


def _check_tokens(_instance: object, _attribute: Attribute[tuple[str, ...]], tokens: tuple[str, ...]) -> None:
    for token in tokens:
        if not _TOKEN.fullmatch(token):
            raise UsageError(f"{token!r} is not the name of a subprotocol")


def check_ping(payload: bytes) -> None:
    """Refuse what no ping can hold."""
    if len(payload) > _MAX_PING_BYTES:
        raise UsageError(f"a ping of {len(payload)} bytes: it holds at most {_MAX_PING_BYTES}")


@frozen
class Pong:
    """The peer's answer to a ping, or an unsolicited one."""

    payload: bytes = b""


@frozen
class ConnectRequest:
    """A connection to be opened."""

    url: str = field(repr=lambda url: repr(url.partition("?")[0]))
    """`ws://` or `wss://`, the path percent-encoded; neither credentials nor a fragment in it."""
    subprotocols: tuple[str, ...] = field(default=(OCPP16,), validator=_check_tokens)
    """On offer, the preferred one first. If there are any, the peer has to choose one of them."""
    headers: tuple[tuple[str, bytes], ...] = field(default=(), repr=False, validator=check_headers)
    """Names and values of further HTTP headers, `Authorization` for one. May hold secrets: no repr shows them."""
    open_timeout_s: float = 30.0
    """How long all of it may take: name resolution, TCP, TLS and the handshake of WebSocket."""
    local_address: str = ""
    """The IP address of this side to connect from; empty: the system chooses."""
    interface: str = ""
    """The network interface to connect over; empty: the system chooses."""


class Connection(Protocol):
    """An open connection: whole text messages in order, pings, and an end that is told once and for all.

    At most one task receives at a time; any number may send. What ends the connection is raised as a `LinkFailure`, by
    this call and by every later one; the socket is released by then, or will be by the task that is in `close`. Whoever
    has a connection that did not fail ends it with `close` or `aclose`.
    """

    @property
    def subprotocol(self) -> str | None:
        """What the server chose, `None` if nothing."""
        ...

    async def receive(self) -> str | Pong:
        """Wait for the next text message, or the next pong.

        Pings are answered in here, so somebody has to receive all the time. A cancelled call loses nothing: the next
        one goes on where it was.

        Raises:
            LinkFailure: the connection has ended.
        """
        ...

    async def send_text(self, text: str) -> None:
        """Send one message, whole, after those of the calls before.

        A call that is cancelled before its first byte has sent nothing; later, the connection is cut.

        Raises:
            LinkFailure: the connection has ended, or the peer no longer takes what it is sent.
            UnicodeEncodeError: the text holds a lone surrogate; nothing was sent.
        """
        ...

    async def ping(self, payload: bytes = b"") -> None:
        """Send a ping; `receive` returns the pong.

        Args:
            payload: comes back with the pong; at most 125 bytes.

        Raises:
            LinkFailure: as with `send_text`.
            UsageError: the payload is too long.
        """
        ...

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close properly, after what was sent before: in a limited time even if the peer does not answer.

        Cancellation waits for it. Does nothing if the connection has ended or is being closed by another task. What
        still arrives is dropped; a receiving task gets `CLOSED_BY_US`.

        Args:
            code: 1000 to 4999, as far as RFC 6455 lets an endpoint send it.
            reason: for people; cut to 123 bytes of UTF-8.
        """
        ...

    async def aclose(self) -> None:
        """Cut at once: release the socket, say nothing to the peer, wait for nothing. May be called at any time."""
        ...


class Transport(Protocol):
    """Opens connections; what they trust and how large their messages may be is the transport's own configuration."""

    async def connect(self, request: ConnectRequest) -> Connection:
        """Open a connection, subprotocol agreed.

        Raises:
            LinkFailure: nothing came of it, and nothing of it is left.
        """
        ...
