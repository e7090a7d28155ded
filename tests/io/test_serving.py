from __future__ import annotations

from base64 import b64encode

import pytest

from ocpp16cp.errors import UsageError
from ocpp16cp.io.serving import Accept, Refuse, UpgradeRequest, accept_ocpp16, decision


@pytest.mark.parametrize(
    ("path", "identity"),
    [
        ("/ocpp/RDAM%20123", "RDAM 123"),
        ("/CP1", "CP1"),
        ("/a/b%2Fc", "b/c"),
        ("/CP+1", "CP+1"),
        ("/gr%C3%B6%C3%9Fe", "größe"),
        ("/%FF", "\ufffd"),
        ("/ocpp/", ""),
        ("CP1", "CP1"),
    ],
)
def test_the_identity_is_the_last_segment_decoded(path: str, identity: str) -> None:
    assert UpgradeRequest(path).identity == identity


def basic(text: bytes) -> bytes:
    return b"Basic " + b64encode(text)


@pytest.mark.parametrize(
    ("value", "credentials"),
    [
        # The example of the whitepaper's profile 1: the password is the key's bytes.
        (
            b"Basic QUwxMDAwOgABAgMEBQYH////////////////",
            ("AL1000", bytes.fromhex("0001020304050607FFFFFFFFFFFFFFFFFFFFFFFF")),
        ),
        (basic(b"RDAM 123:pass:word"), ("RDAM 123", b"pass:word")),
        (basic("größe:".encode()), ("größe", b"")),
        (b"bAsIc   " + b64encode(b"a:b"), ("a", b"b")),
        (basic(b"no colon"), None),
        (basic(b"\xff:b"), None),
        (b"Basic !!!", None),
        (b"Basic YTp", None),
        (b"Bearer YTpi", None),
        (b"", None),
    ],
)
def test_basic_credentials_are_read(value: bytes, credentials: tuple[str, bytes] | None) -> None:
    request = UpgradeRequest("/CP1", headers=(("authorization", value),))

    assert request.basic_credentials == credentials
    assert "authorization" not in repr(request)


def test_without_a_header_there_are_no_credentials() -> None:
    assert UpgradeRequest("/CP1").basic_credentials is None


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("offered", "chosen"),
    [(("ocpp1.6",), "ocpp1.6"), (("ocpp2.0.1", "ocpp1.6"), "ocpp1.6"), (("ocpp1.5",), None)],
)
async def test_ocpp16_is_chosen_where_it_is_on_offer(offered: tuple[str, ...], chosen: str | None) -> None:
    assert await accept_ocpp16(UpgradeRequest("/CP1", subprotocols=offered)) == Accept(chosen)


@pytest.mark.anyio
async def test_only_what_is_on_offer_may_be_chosen() -> None:
    async def decide(_request: UpgradeRequest) -> Accept:
        return Accept("ocpp1.5")

    with pytest.raises(UsageError, match=r"the subprotocol 'ocpp1\.5' is not on offer"):
        await decision(decide, UpgradeRequest("/CP1", subprotocols=("ocpp1.6",)))


@pytest.mark.parametrize("status", [101, 200, 299, 600])
def test_a_refusal_needs_a_status_of_refusal(status: int) -> None:
    with pytest.raises(UsageError, match="it is 300 to 599"):
        Refuse(status)


def test_the_headers_of_a_refusal_are_checked() -> None:
    with pytest.raises(UsageError, match="holds characters that HTTP forbids"):
        Refuse(401, headers=(("WWW-Authenticate", b"Basic\r\nX: y"),))
