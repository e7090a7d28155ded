"""The other end of a link: who is let in, and who looks after the connection.

`ocpp16cp.io.websocket_server` serves over sockets, `ocpp16cp.io.memory` within the process, both with the same two
functions.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Awaitable, Callable
from urllib.parse import unquote

from attrs import Attribute, field, frozen

from ocpp16cp.errors import UsageError

from .transport import OCPP16, Connection, LinkFailure, check_headers


def _check_status(_instance: object, _attribute: Attribute[int], status: int) -> None:
    if status not in range(300, 600):
        raise UsageError(f"a refusal with the HTTP status {status}: it is 300 to 599")


@frozen
class UpgradeRequest:
    """What a peer asks for before there is a connection."""

    path: str
    """As it was sent: percent-encoded, with its leading slash, without the query."""
    query: str = field(default="", repr=False)
    headers: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    """Names in lower case; those of the handshake itself may be left out. May hold secrets: no repr shows them."""
    subprotocols: tuple[str, ...] = ()
    """On offer, the preferred one first."""
    peer: str = ""
    """The other end's address, for logs; empty if it has none."""

    @property
    def identity(self) -> str:
        """The charge point's identity: the last segment of the path, decoded. What is not UTF-8 in it is replaced."""
        return unquote(self.path.rpartition("/")[2])

    @property
    def basic_credentials(self) -> tuple[str, bytes] | None:
        """User and password of HTTP Basic authentication; `None` if there are none that can be read.

        The password is bytes, as an AuthorizationKey is any bytes. The user is the identity before percent-encoding.
        """
        scheme, _, encoded = dict(self.headers).get("authorization", b"").partition(b" ")
        if scheme.lower() != b"basic":
            return None
        try:
            user, colon, password = b64decode(encoded.strip(), validate=True).partition(b":")
            return (user.decode(), password) if colon else None
        except (Base64Error, UnicodeDecodeError):
            return None


@frozen
class Accept:
    """Let the peer in."""

    subprotocol: str | None = OCPP16
    """One of those on offer. `None` chooses none, which a charge point takes for a refusal."""


@frozen
class Refuse:
    """Answer with an HTTP status instead: 404 for an unknown identity, 401 for wrong credentials."""

    status: int = field(validator=_check_status)
    """300 to 599."""
    headers: tuple[tuple[str, bytes], ...] = field(default=(), validator=check_headers)
    """Of the answer: `WWW-Authenticate` for instance."""


Decide = Callable[[UpgradeRequest], Awaitable[Accept | Refuse]]
"""Says who is let in. It counts towards the time limit of the handshake. Raising a `LinkFailure` cuts the peer without
an answer."""

Handle = Callable[[Connection, UpgradeRequest], Awaitable[None]]
"""Looks after one connection; when it returns, the connection is closed with 1000. A `LinkFailure` may leave it, alone
or in a group: that is how connections end. Any other exception ends the serving."""


async def accept_ocpp16(request: UpgradeRequest) -> Accept:
    """Let everybody in, with `ocpp1.6` where it is on offer and without a subprotocol elsewhere (OCPP-J §3.2)."""
    return Accept(OCPP16 if OCPP16 in request.subprotocols else None)


async def decision(decide: Decide, request: UpgradeRequest) -> Accept | Refuse:
    """Ask who is let in.

    Raises:
        UsageError: a subprotocol was chosen that is not on offer.
    """
    decided = await decide(request)
    if isinstance(decided, Accept) and decided.subprotocol not in (None, *request.subprotocols):
        raise UsageError(f"the subprotocol {decided.subprotocol!r} is not on offer, {request.subprotocols!r} are")
    return decided


async def look_after(connection: Connection, request: UpgradeRequest, handle: Handle) -> None:
    """Run the handler of one connection to its end, and the connection to its own."""
    try:
        await handle(connection, request)
        await connection.close()
    except* LinkFailure:
        pass
    finally:
        await connection.aclose()
