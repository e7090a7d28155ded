from __future__ import annotations

from random import Random

import pytest
from attrs import evolve

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.errors import UsageError
from ocpp16cp.events import Started
from ocpp16cp.features.connection.questions import connection_url
from tests.features.stations import STATION


@pytest.mark.parametrize(
    ("endpoint", "identity", "url"),
    [
        ("ws://cs.example", "CP1", "ws://cs.example/CP1"),
        ("ws://cs.example/", "CP1", "ws://cs.example/CP1"),
        ("wss://cs.example:8443/ocpp/j", "CP1", "wss://cs.example:8443/ocpp/j/CP1"),
        ("ws://cs.example/ocpp//", "CP1", "ws://cs.example/ocpp/CP1"),
        ("ws://cs.example/ocpp?tenant=7", "CP1", "ws://cs.example/ocpp/CP1?tenant=7"),
        ("ws://[::1]:9000/ocpp", "CP1", "ws://[::1]:9000/ocpp/CP1"),
        ("ws://cs.example", "RDAM 123/4#?%", "ws://cs.example/RDAM%20123%2F4%23%3F%25"),
        ("ws://cs.example", "säule", "ws://cs.example/s%C3%A4ule"),
        ("ws://cs.example", "DE*ABC+1:2", "ws://cs.example/DE*ABC+1:2"),
    ],
)
def test_url_ends_in_percent_encoded_identity(endpoint: str, identity: str, url: str) -> None:
    """OCPP-J §3.1.1: the identity is the last segment of the connection URL, percent-encoded."""
    assert connection_url(endpoint, identity) == url


@pytest.mark.parametrize(
    ("endpoint", "why"),
    [
        ("http://cs.example", "does not begin with ws:// or wss://"),
        ("cs.example/ocpp", "does not begin with ws:// or wss://"),
        ("ws://", "names no host"),
        ("ws://cs.example:0", "names no host, or port 0"),
        ("ws://cs.example:70000", "central_system_url"),
        ("ws://[::1", "central_system_url"),
        ("ws://cs.example/#frame", "neither a fragment"),
        ("ws://me:secret@cs.example", "nor a user name"),
    ],
)
def test_endpoint_that_is_no_websocket_url_is_refused(endpoint: str, why: str) -> None:
    """OCPP-J §3.1.1: the endpoint is a WebSocket URL; what is wrong with another is said, secrets are not."""
    with pytest.raises(UsageError, match=why) as caught:
        connection_url(endpoint, "CP1")

    assert "secret" not in str(caught.value)


def test_run_with_wrong_endpoint_does_not_begin() -> None:
    """The application is told of its mistake when it makes one, not by a station that never connects."""
    station = evolve(STATION, central_system_url="http://cs.example")

    with pytest.raises(UsageError, match="central_system_url"):
        ChargePoint(station, random=Random(0)).handle(Started(), now=0.0)
