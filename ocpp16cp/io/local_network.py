"""TCP connections from an address, or over a network interface, of this side that the caller chooses."""

from __future__ import annotations

import errno
import os
import socket
from ipaddress import ip_address
from typing import Any, Final

import anyio
from anyio.abc import SocketStream

from .transport import FailureKind, LinkFailure

ADDRESS_TIMEOUT_S: Final = 10.0
"""How long one address of a host may take to answer: the next one must have its turn before all the time is up."""

_UNDER_WAY: Final = (0, errno.EINPROGRESS, errno.EWOULDBLOCK)


async def connect_tcp(host: str, port: int, *, local_address: str = "", interface: str = "") -> SocketStream:
    """Connect to a host; small messages leave at once.

    Names are resolved as the system does it, over whichever network that asks.

    Args:
        host: a name or an address.
        port: of the host.
        local_address: the address of this side to connect from; empty: the system chooses.
        interface: the network interface to connect over (Linux); empty: the system chooses.

    Raises:
        OSError: the host cannot be resolved or reached.
        LinkFailure: this side has no such address or interface, or may not use it.
    """
    if not local_address and not interface:
        # One address after the other, IPv6 first, without waiting long for any.
        return await anyio.connect_tcp(host, port)
    family = _family_of(local_address) if local_address else socket.AF_UNSPEC
    failures: list[OSError] = []
    for found, _, _, _, address in await anyio.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM):
        try:
            with anyio.fail_after(ADDRESS_TIMEOUT_S):
                return await _connect(_bound(found, local_address, interface), address)
        except TimeoutError:
            failures.append(OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)))
        except OSError as error:
            failures.append(error)
    raise OSError("all connection attempts failed") from ExceptionGroup("of each address", failures)


def _family_of(address: str) -> socket.AddressFamily:
    """Only hosts of the same version of IP can be reached from an address."""
    return socket.AF_INET if ip_address(address).version == 4 else socket.AF_INET6


def _bound(family: int, local_address: str, interface: str) -> socket.socket:
    """A socket that leaves this side where it is to."""
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.settimeout(0)
        if interface:
            _bind_to_interface(bound, interface)
        if local_address:
            _bind_to_address(bound, local_address)
    except BaseException:
        bound.close()
        raise
    return bound


def _bind_to_interface(bound: socket.socket, interface: str) -> None:
    """Let a socket use one interface only."""
    option: int | None = getattr(socket, "SO_BINDTODEVICE", None)
    if option is None:
        raise LinkFailure(FailureKind.LOCAL_NETWORK, "this platform cannot bind a connection to a network interface")
    try:
        bound.setsockopt(socket.SOL_SOCKET, option, interface.encode() + b"\0")
    except OSError as error:
        if error.errno == errno.ENODEV:
            text = f"there is no network interface {interface!r}"
        else:
            text = f"the network interface {interface!r} cannot be used: {_reason(error)}"
        raise LinkFailure(FailureKind.LOCAL_NETWORK, text) from error


def _bind_to_address(bound: socket.socket, local_address: str) -> None:
    """Let a socket use one address of this side, and any port there."""
    try:
        bound.bind((local_address, 0))
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            text = f"no network interface has the address {local_address}"
        else:
            text = f"the local address {local_address} cannot be used: {_reason(error)}"
        raise LinkFailure(FailureKind.LOCAL_NETWORK, text) from error


async def _connect(bound: socket.socket, address: Any) -> SocketStream:
    """Connect a socket, and give it to the event loop; closed if nothing comes of it."""
    try:
        await _shake_hands(bound, address)
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return await SocketStream.from_socket(bound)
    except BaseException:
        bound.close()
        raise


async def _shake_hands(bound: socket.socket, address: Any) -> None:
    """Wait until the other side has answered."""
    code = bound.connect_ex(address)
    if code in _UNDER_WAY:
        await anyio.wait_writable(bound)
        code = bound.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
