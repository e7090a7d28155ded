from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trustme
from anyio.streams.tls import TLSStream

from ocpp16cp.io.serving import UpgradeRequest
from ocpp16cp.io.tls import CIPHER_SUITES, client_context, server_context
from ocpp16cp.io.transport import Connection, ConnectRequest, FailureKind, LinkFailure
from ocpp16cp.io.websocket_client import WebSocketTransport
from ocpp16cp.io.websocket_server import listen
from tests.io.conftest import Certificates
from tests.io.links import echo
from tests.io.websocket_peers import RawPeer, raw_server, switching_protocols

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def central_system(context: ssl.SSLContext | None) -> AsyncIterator[int]:
    async with listen(echo, tls_context=context) as listener:
        yield listener.port


@asynccontextmanager
async def refusing(context: ssl.SSLContext) -> AsyncIterator[int]:
    """A TLS server that does not take the client's side of the handshake, and says why before it leaves."""

    async def script(peer: RawPeer) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_side=True)
        refused = False
        while not refused:
            incoming.write(await peer.stream.receive())
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                refused = True
            await peer.send(outgoing.read())
        await peer.until_gone()

    async with raw_server(script) as url:
        yield int(url.rpartition(":")[2])


async def talk(port: int, context: ssl.SSLContext | None, *, host: str = "localhost") -> None:
    """Connect and have a message echoed: only then has the server accepted the client as well."""
    connection = await WebSocketTransport(context).connect(ConnectRequest(f"wss://{host}:{port}/CP1"))
    try:
        await connection.send_text("[2]")
        assert await connection.receive() == "[2]"
    finally:
        await connection.aclose()


async def failure_of(port: int, context: ssl.SSLContext | None) -> LinkFailure:
    with pytest.raises(LinkFailure) as caught:
        await talk(port, context)
    return caught.value


def not_accepted(reason: str) -> str:
    return f"the server's certificate is not accepted: {reason}"


# The server's certificate


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_a_server_of_the_trusted_authority_is_accepted(host: str, certificates: Certificates) -> None:
    async with central_system(server_context(certificates.server())) as port:
        await talk(port, client_context(authorities=certificates.trust), host=host)


async def test_a_server_of_another_authority_is_not(certificates: Certificates) -> None:
    async with central_system(server_context(certificates.of_a_stranger())) as port:
        failure = await failure_of(port, client_context(authorities=certificates.trust))

    assert failure.kind is FailureKind.TLS_CERTIFICATE
    assert str(failure).startswith(f"cannot connect to wss://localhost:{port}/CP1: ")
    assert str(failure).endswith(not_accepted("unable to get local issuer certificate"))


async def test_what_the_system_trusts_is_asked_where_nothing_is_said(
    certificates: Certificates,
) -> None:
    async with central_system(server_context(certificates.server())) as port:
        failure = await failure_of(port, None)

    assert failure.kind is FailureKind.TLS_CERTIFICATE


async def test_a_server_of_another_name_is_not_accepted(certificates: Certificates) -> None:
    async with central_system(server_context(certificates.for_another_host())) as port:
        failure = await failure_of(port, client_context(authorities=certificates.trust))

    assert failure.kind is FailureKind.TLS_CERTIFICATE
    assert "Hostname mismatch, certificate is not valid for 'localhost'" in str(failure)


async def test_the_name_may_be_left_unchecked(certificates: Certificates) -> None:
    context = client_context(authorities=certificates.trust, check_host_name=False)

    async with central_system(server_context(certificates.for_another_host())) as port:
        await talk(port, context)


async def test_an_expired_certificate_is_not_accepted(certificates: Certificates) -> None:
    async with central_system(server_context(certificates.expired())) as port:
        failure = await failure_of(port, client_context(authorities=certificates.trust))

    assert failure.kind is FailureKind.TLS_CERTIFICATE
    assert str(failure).endswith(not_accepted("certificate has expired"))


async def test_an_authority_need_not_be_a_root(certificates: Certificates) -> None:
    """A new root signed by the old one is installed alone, and has to do."""
    child = certificates.authority.create_child_ca()
    server = certificates.write("child", child.issue_cert("localhost"))

    async with central_system(server_context(server)) as port:
        await talk(port, client_context(authorities=child.cert_pem.bytes().decode()))


# The client's certificate (security profile 3)


async def test_a_client_shows_its_certificate(certificates: Certificates) -> None:
    server = server_context(certificates.server(), client_authorities=certificates.trust)
    client = client_context(authorities=certificates.trust, certificate=certificates.station())

    async with central_system(server) as port:
        await talk(port, client)


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_client_of_another_authority_is_told_so(newest: ssl.TLSVersion, certificates: Certificates) -> None:
    """In TLS 1.3 the refusal comes after the client's part of the handshake is done."""
    server = server_context(certificates.server(), client_authorities=certificates.trust)
    server.maximum_version = newest
    client = client_context(authorities=certificates.trust, certificate=certificates.of_a_stranger())

    async with refusing(server) as port:
        failure = await failure_of(port, client)

    assert failure.kind is FailureKind.TLS_CLIENT_CERTIFICATE
    assert "the server does not accept this side's certificate: " in str(failure)
    assert "unknown ca" in str(failure)


async def test_a_client_without_a_certificate_is_told_so(certificates: Certificates) -> None:
    server = server_context(certificates.server(), client_authorities=certificates.trust)

    async with refusing(server) as port:
        failure = await failure_of(port, client_context(authorities=certificates.trust))

    assert failure.kind is FailureKind.TLS_CLIENT_CERTIFICATE
    assert "certificate required" in str(failure)


# Versions and cipher suites


@pytest.mark.parametrize("suite", [suite for suite in CIPHER_SUITES if "ECDSA" not in suite])
@pytest.mark.parametrize("side", ["client", "server"])
async def test_each_cipher_suite_is_spoken(suite: str, side: str, certificates: Certificates) -> None:
    leaf = certificates.authority.issue_cert("localhost", key_type=trustme.KeyType.RSA)
    server = server_context(certificates.write("rsa", leaf))
    client = client_context(authorities=certificates.trust)
    only = client if side == "server" else server
    only.maximum_version = ssl.TLSVersion.TLSv1_2
    only.set_ciphers(suite)

    async with central_system(server) as port:
        await talk(port, client)


def test_the_suites_that_the_whitepaper_demands_are_on_offer(certificates: Certificates) -> None:
    demanded = {
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "AES128-GCM-SHA256",
        "AES256-GCM-SHA384",
    }

    for context in (client_context(), server_context(certificates.server())):
        suites = [suite["name"] for suite in context.get_ciphers()]
        assert demanded <= set(suites)
        assert [suite for suite in suites if not suite.startswith("TLS_")] == list(CIPHER_SUITES)
        assert context.minimum_version is ssl.TLSVersion.TLSv1_2
        assert context.options & ssl.OP_NO_COMPRESSION
        assert not context.verify_flags & ssl.VERIFY_X509_STRICT


async def test_a_server_without_a_suite_in_common_is_told(certificates: Certificates) -> None:
    server = server_context(certificates.server())
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    server.set_ciphers("ECDHE-ECDSA-CHACHA20-POLY1305")

    async with refusing(server) as port:
        failure = await failure_of(port, client_context(authorities=certificates.trust))

    assert failure.kind is FailureKind.TLS_CIPHER_SUITE
    assert "no TLS cipher suite in common with the peer" in str(failure)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
async def test_a_server_with_old_versions_only_is_told(certificates: Certificates) -> None:
    server = server_context(certificates.server())
    server.set_ciphers("ALL:@SECLEVEL=0")
    server.minimum_version = ssl.TLSVersion.TLSv1
    server.maximum_version = ssl.TLSVersion.TLSv1_1

    async with refusing(server) as port:
        failure = await failure_of(port, client_context(authorities=certificates.trust))

    assert failure.kind is FailureKind.TLS_VERSION
    assert "no TLS version in common with the peer" in str(failure)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
async def test_a_client_with_old_versions_only_is_not_served(certificates: Certificates) -> None:
    client = client_context(authorities=certificates.trust)
    client.set_ciphers("ALL:@SECLEVEL=0")
    client.minimum_version = ssl.TLSVersion.TLSv1
    client.maximum_version = ssl.TLSVersion.TLSv1_1

    async with refusing(server_context(certificates.server())) as port:
        failure = await failure_of(port, client)

    assert failure.kind is FailureKind.TLS_VERSION


@pytest.mark.parametrize(
    ("alert", "kind"),
    [
        (70, FailureKind.TLS_VERSION),
        (71, FailureKind.TLS_CIPHER_SUITE),
        (42, FailureKind.TLS_CLIENT_CERTIFICATE),
        (80, FailureKind.TLS),
    ],
)
async def test_alerts_of_the_server_are_told_apart(alert: int, kind: FailureKind) -> None:
    async def script(peer: RawPeer) -> None:
        await peer.stream.receive()
        await peer.send(b"\x15\x03\x03\x00\x02\x02" + bytes([alert]))
        await peer.until_gone()

    async with raw_server(script) as url:
        failure = await failure_of(int(url.rpartition(":")[2]), client_context())

    assert failure.kind is kind


# Not TLS at all


async def test_a_server_without_tls_is_told(certificates: Certificates) -> None:
    async def script(peer: RawPeer) -> None:
        await peer.stream.receive()
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await peer.until_gone()

    async with raw_server(script) as url:
        port = int(url.rpartition(":")[2])
        failure = await failure_of(port, client_context(authorities=certificates.trust))

    assert failure.kind is FailureKind.TLS
    assert "what the peer sent is not TLS" in str(failure)
    assert failure.hint == "check that the port in the URL is the one for wss://"


async def test_a_server_that_leaves_during_the_tls_handshake_is_told() -> None:
    async def script(peer: RawPeer) -> None:
        await peer.stream.receive()

    async with raw_server(script) as url:
        failure = await failure_of(int(url.rpartition(":")[2]), client_context())

    assert failure.kind is FailureKind.TLS
    assert str(failure).endswith("the server ended the connection during the TLS handshake")


async def test_a_client_without_tls_is_told_that_the_answer_is_none(
    certificates: Certificates,
) -> None:
    async with central_system(server_context(certificates.server())) as port:
        with pytest.raises(LinkFailure) as caught:
            await WebSocketTransport().connect(ConnectRequest(f"ws://127.0.0.1:{port}/CP1"))

    assert caught.value.kind is FailureKind.HANDSHAKE
    assert "wss://" in caught.value.hint


async def test_a_connection_cut_under_tls_is_a_cut(certificates: Certificates) -> None:
    async def cut(connection: Connection, _request: UpgradeRequest) -> None:
        await connection.aclose()

    async with listen(cut, tls_context=server_context(certificates.server())) as listener:
        transport = WebSocketTransport(client_context(authorities=certificates.trust))
        connection = await transport.connect(ConnectRequest(f"wss://localhost:{listener.port}/CP1"))
        with pytest.raises(LinkFailure) as caught:
            await connection.receive()

    assert caught.value.kind is FailureKind.CUT


async def test_rubbish_among_the_records_is_told(certificates: Certificates) -> None:
    async def script(peer: RawPeer) -> None:
        context = server_context(certificates.server())
        stream = await TLSStream.wrap(peer.stream, server_side=True, ssl_context=context)
        await stream.send(switching_protocols(await stream.receive()))
        await peer.send(b"rubbish")
        await peer.until_gone()

    transport = WebSocketTransport(client_context(authorities=certificates.trust))
    async with raw_server(script) as url:
        secure_url = url.replace("ws://", "wss://")
        connection = await transport.connect(ConnectRequest(f"{secure_url}/CP1"))
        with pytest.raises(LinkFailure) as caught:
            await connection.receive()

    assert caught.value.kind is FailureKind.TLS
    assert "what the peer sent is not TLS" in str(caught.value)
