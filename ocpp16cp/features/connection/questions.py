"""Where to connect to, and how long to wait before."""

from __future__ import annotations

from urllib.parse import quote, urlsplit, urlunsplit

from ocpp16cp.errors import UsageError
from ocpp16cp.kernel import outbox
from ocpp16cp.kernel.calls import IN_FLIGHT, WAITING
from ocpp16cp.kernel.serving import UNANSWERED
from ocpp16cp.kernel.step import Step
from ocpp16cp.station import Station

from .keys import (
    RETRY_BACK_OFF_RANDOM_RANGE,
    RETRY_BACK_OFF_REPEAT_TIMES,
    RETRY_BACK_OFF_WAIT_MINIMUM,
)

SUBPROTOCOLS = ("ocpp1.6",)
"""Offered in the handshake, in the order of preference (OCPP-J §3.1.2)."""

SHORTEST_WAIT_S = 0.1
"""Between two attempts, also where the keys say nothing: a server that is away is not asked thousands of times."""

_SEGMENT = "!$&'()*+,;=:@-._~"
"""What RFC 3986 allows in a path segment besides letters and digits."""


def connection_url(endpoint: str, identity: str, *, name: str = "central_system_url") -> str:
    """The URL to connect to: the endpoint with the percent-encoded identity as last segment (OCPP-J §3.1.1).

    A query of the endpoint stays behind the path.

    Args:
        endpoint: the URL without the identity.
        identity: the station's.
        name: what the URL is called where it comes from.

    Raises:
        UsageError: the endpoint is no ws:// or wss:// URL with a host.
    """
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"{name}: {endpoint!r}: {error}") from error
    if parts.scheme not in ("ws", "wss"):
        raise UsageError(f"{name}: {endpoint!r} does not begin with ws:// or wss://")
    if not parts.hostname or port == 0:
        raise UsageError(f"{name}: {endpoint!r} names no host, or port 0")
    if parts.fragment or parts.username is not None:
        raise UsageError(f"{name}: neither a fragment (#) nor a user name belongs into it")
    path = parts.path.rstrip("/") + "/" + quote(identity, safe=_SEGMENT)
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def check_ways(station: Station) -> None:
    """Make sure that a station can try to connect by each of its ways.

    Raises:
        UsageError: it never could.
    """
    if station.central_system_url:
        connection_url(station.central_system_url, station.identity)
    for number, endpoint in enumerate(station.endpoints, start=1):
        if endpoint.url:
            connection_url(endpoint.url, station.identity, name=f"endpoints[{number}].url")


def is_anything_on_its_way(step: Step) -> bool:
    """Whether a connection that is closed now would lose something: a CALL or an answer, in either direction."""
    if len(step[IN_FLIGHT]) or len(step[UNANSWERED]) or len(step[WAITING]):
        return True
    # One that waits for its retry is on nobody's way.
    head = outbox.head(step)
    return head is not None and outbox.is_sendable(step, head[1])


def back_off_s(step: Step, failures: int) -> float:
    """Seconds to wait after so many failures in a row; draws a random part."""
    doublings = min(failures, step.key(RETRY_BACK_OFF_REPEAT_TIMES))
    wait = step.key(RETRY_BACK_OFF_WAIT_MINIMUM) << doublings
    return max(SHORTEST_WAIT_S, wait + step.random.uniform(0, step.key(RETRY_BACK_OFF_RANDOM_RANGE)))
