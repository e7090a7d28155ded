from __future__ import annotations

import pickle

import pytest

from ocpp16cp.errors import UsageError
from ocpp16cp.io.transport import ConnectRequest, FailureKind, LinkFailure, closed_by_peer


def test_a_failure_is_its_one_line() -> None:
    failure = LinkFailure(FailureKind.REFUSED, "connection refused")

    assert str(failure) == "connection refused"
    assert failure.kind is FailureKind.REFUSED
    assert failure.http_status is failure.close_code is None
    assert failure.close_reason == ""


@pytest.mark.parametrize("kind", FailureKind)
def test_every_failure_to_connect_comes_with_advice(kind: FailureKind) -> None:
    ends = {
        FailureKind.CLOSED_BY_PEER,
        FailureKind.CLOSED_BY_US,
        FailureKind.PROTOCOL_VIOLATION,
        FailureKind.TOO_BIG,
        FailureKind.BAD_UTF8,
        FailureKind.CUT,
    }

    assert bool(LinkFailure(kind, "").hint) is (kind not in ends)


def test_a_failure_survives_pickling() -> None:
    failure = closed_by_peer(1001, "restart")

    copied = pickle.loads(pickle.dumps(failure))

    assert str(copied) == str(failure)
    assert copied.kind is FailureKind.CLOSED_BY_PEER
    assert (copied.close_code, copied.close_reason) == (1001, "restart")


def test_what_a_peer_says_cannot_break_the_line() -> None:
    failure = closed_by_peer(4000, "\r\nlevel=ERROR " + "x" * 100)

    assert str(failure).isprintable()
    assert len(str(failure)) < 200


def test_a_request_shows_neither_headers_nor_query() -> None:
    request = ConnectRequest("wss://host/CP1?token=s3cr3t", headers=(("Authorization", b"Basic s3cr3t"),))

    assert "wss://host/CP1" in repr(request)
    assert "s3cr3t" not in repr(request)


@pytest.mark.parametrize("name", ["", "A B", "A:", "Größe", "A\r\nB"])
def test_a_header_needs_a_proper_name(name: str) -> None:
    with pytest.raises(UsageError, match="is not the name of an HTTP header"):
        ConnectRequest("ws://host/", headers=((name, b"value"),))


@pytest.mark.parametrize("value", [b"s3cr3t\r\nX: y", b"s3cr3t\x00", b" s3cr3t", b"s3cr3t\x7f"])
def test_a_header_needs_a_proper_value_and_the_refusal_does_not_show_it(value: bytes) -> None:
    with pytest.raises(UsageError, match="'Authorization' holds characters that") as caught:
        ConnectRequest("ws://host/", headers=(("Authorization", value),))

    assert "s3cr3t" not in str(caught.value)


def test_a_header_may_hold_any_text_and_be_empty() -> None:
    headers = (("X-A", b"Basic abc== \xfc\tx"), ("X-B", b""))

    assert ConnectRequest("ws://host/", headers=headers).headers == headers


@pytest.mark.parametrize("name", ["Host", "origin", "Upgrade", "Sec-WebSocket-Key", "Content-Length"])
def test_headers_of_the_handshake_are_not_the_callers(name: str) -> None:
    with pytest.raises(UsageError, match="belongs to the handshake itself"):
        ConnectRequest("ws://host/", headers=((name, b"x"),))


@pytest.mark.parametrize("subprotocol", ["", "ocpp 1.6", "ocpp1.6,ocpp1.5", "größe"])
def test_a_subprotocol_needs_a_proper_name(subprotocol: str) -> None:
    with pytest.raises(UsageError, match="is not the name of a subprotocol"):
        ConnectRequest("ws://host/", subprotocols=(subprotocol,))
