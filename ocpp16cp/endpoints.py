"""Ways to a central system: `Station.endpoints`."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final

from attrs import evolve

from ocpp16cp.errors import UsageError
from ocpp16cp.lean import frozen

MAX_ENDPOINTS = 8
"""Ways to the central system: more than the networks of any charger."""


@frozen(kw_only=True)
class Endpoint:
    """One way to the central system: over which of the station's networks, and to which URL there.

    Without an address and an interface of its own the system chooses the network.
    """

    url: str = ""
    """`ws://` or `wss://`, without the identity. Empty: that of `Station.central_system_url`."""
    local_address: str = ""
    """The IP address of this side that the connection is made from."""
    interface: str = ""
    """The network interface that it is made over, such as `eth0`, `wlan0`, `wwan0`. Linux only."""

    @property
    def network(self) -> str:
        """The network in a few words, for people; empty where the system chooses it."""
        words = (self.interface, self.local_address and f"from {self.local_address}")
        return " ".join(filter(None, words))


def check_endpoints(endpoints: tuple[Endpoint, ...], central_system_url: str) -> None:
    """Hold the ways to a central system to what there can be; URLs are looked at by who connects.

    Raises:
        UsageError: there are too many, two are the same, or one can never work.
    """
    if endpoints and not central_system_url:
        raise UsageError("endpoints: central_system_url has to say which central system they lead to")
    if len(endpoints) > MAX_ENDPOINTS:
        raise UsageError(f"endpoints: {len(endpoints)} of them, at most {MAX_ENDPOINTS}")
    ways = [evolve(each, url=each.url or central_system_url) for each in endpoints]
    for number, endpoint in enumerate(endpoints, start=1):
        if endpoint.local_address and not _is_address(endpoint.local_address):
            raise UsageError(f"endpoints[{number}].local_address: {endpoint.local_address!r} is no IP address")
        if endpoint.interface and not _INTERFACE.fullmatch(endpoint.interface):
            raise UsageError(f"endpoints[{number}].interface: {endpoint.interface!r} is no name of an interface")
        first = ways.index(ways[number - 1]) + 1
        if first < number:
            raise UsageError(f"endpoints[{number}]: is the same as endpoints[{first}]")


_INTERFACE: Final = re.compile(r"[!-.0-~]{1,15}")
"""What Linux takes for one: 15 bytes at most, neither blanks nor slashes."""


def _is_address(text: str) -> bool:
    """Whether a text is an IP address, of either version."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
