from __future__ import annotations

import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto import events
from wsproto.connection import Connection, ConnectionType
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import CloseReason

from ocpp16cp.io.websocket_deflate import BoundedDeflate
from tests.io.websocket_peers import CONTINUATION, PING, RSV1, TEXT, frame

LIMIT = 2**16


class Sender:
    """A server's compressor, with context takeover."""

    def __init__(self) -> None:
        self._compressor = zlib.compressobj(wbits=-15)

    def compress(self, text: bytes) -> bytes:
        compressed = self._compressor.compress(text)
        return (compressed + self._compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


def client(parameters: str = "", *, limit: int = LIMIT) -> Connection:
    """A client whose server has agreed to compression."""
    deflate = BoundedDeflate(limit)
    deflate.finalize(f"permessage-deflate{parameters}")
    return Connection(ConnectionType.CLIENT, [deflate])


def received(connection: Connection, *data: bytes) -> list[str | bytes | int]:
    """What comes of it: text of messages, payloads of pings, codes of closes."""
    return list(_received(connection, b"".join(data)))


def _received(connection: Connection, data: bytes) -> Iterator[str | bytes | int]:
    connection.receive_data(data)
    text = ""
    for event in connection.events():
        match event:
            case events.TextMessage():
                text += event.data
                if event.message_finished:
                    yield text
                    text = ""
            case events.Ping():
                yield bytes(event.payload)
            case _:
                assert isinstance(event, events.CloseConnection)
                yield int(event.code)


def test_messages_share_their_context() -> None:
    sender = Sender()
    text = "[2,'17-42','Heartbeat',{}]"
    first, second = sender.compress(text.encode()), sender.compress(text.encode())

    assert len(second) < len(first)
    assert received(client(), frame(TEXT, first, rsv=RSV1), frame(TEXT, second, rsv=RSV1)) == [text] * 2


def test_without_context_takeover_each_message_stands_alone() -> None:
    alone = frame(TEXT, Sender().compress(b"hello"), rsv=RSV1)

    assert received(client("; server_no_context_takeover"), alone * 3) == ["hello"] * 3


def test_a_message_need_not_be_compressed() -> None:
    compressed = frame(TEXT, Sender().compress(b"hello"), rsv=RSV1)

    assert received(client(), frame(TEXT, b"plain"), compressed) == ["plain", "hello"]


def test_a_control_frame_does_not_end_the_compressed_message_around_it() -> None:
    compressed = Sender().compress(b"hello hello hello")

    assert received(
        client(),
        frame(TEXT, compressed[:4], fin=False, rsv=RSV1),
        frame(PING, b"1"),
        frame(CONTINUATION, compressed[4:6], fin=False),
        frame(PING, b"2"),
        frame(CONTINUATION, compressed[6:]),
    ) == [b"1", b"2", "hello hello hello"]


def test_a_message_may_end_its_deflate_stream() -> None:
    """RFC 7692 §7.2.3.4: a final block, then an empty one; and the next message after it."""
    compressor = zlib.compressobj(wbits=-15)
    final = compressor.compress(b"hello") + compressor.flush(zlib.Z_FINISH) + b"\x00"

    assert received(client(), frame(TEXT, final, rsv=RSV1) * 3) == ["hello"] * 3


def test_a_message_may_end_with_an_empty_fragment() -> None:
    """RFC 7692 §7.2.3.6."""
    assert received(
        client(),
        frame(TEXT, b"\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff", fin=False, rsv=RSV1),
        frame(CONTINUATION, b"\x00"),
    ) == ["Hello"]


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1])
def test_the_limit_is_exact(size: int) -> None:
    compressed = frame(TEXT, Sender().compress(b"x" * size), rsv=RSV1)

    expected = ["x" * LIMIT] if size == LIMIT else [int(CloseReason.MESSAGE_TOO_BIG)]
    assert received(client(), compressed) == expected


def test_a_bomb_is_not_inflated_beyond_the_limit() -> None:
    bomb = frame(TEXT, Sender().compress(b"\x00" * 2**24), rsv=RSV1)

    tracemalloc.start()
    try:
        outcome = received(client(), bomb)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert outcome == [CloseReason.MESSAGE_TOO_BIG]
    assert peak < 2**20


def test_a_stream_that_ends_again_and_again_is_bounded_too() -> None:
    empty_final_block = b"\x03\x00"

    outcome = received(client(), frame(TEXT, empty_final_block * 2000, rsv=RSV1))

    assert outcome == [""]


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(frame(TEXT, b"\x07", rsv=RSV1), id="no such block"),
        pytest.param(frame(PING, b"", rsv=RSV1), id="compressed control frame"),
        pytest.param(
            frame(TEXT, b"a", fin=False) + frame(CONTINUATION, b"b", rsv=RSV1),
            id="compressed from the middle on",
        ),
        pytest.param(frame(TEXT, b"a", rsv=0x20), id="another reserved bit"),
    ],
)
def test_what_is_against_the_rules_is_a_protocol_error(frames: bytes) -> None:
    assert received(client(), frames)[-1] == CloseReason.PROTOCOL_ERROR


@given(
    texts=st.lists(st.text(max_size=200), max_size=5),
    cuts=st.lists(st.integers(1, 20), min_size=1),
    server_bits=st.integers(9, 15),
)
def test_both_sides_understand_each_other(texts: list[str], cuts: list[int], server_bits: int) -> None:
    """What one side compresses the other inflates, however the bytes are cut into reads."""
    offered = BoundedDeflate(LIMIT)
    accepted = PerMessageDeflate(server_max_window_bits=server_bits)
    answer = accepted.accept(f"permessage-deflate; {offered.offer()}")
    offered.finalize(f"permessage-deflate; {answer}")
    here = Connection(ConnectionType.CLIENT, [offered])
    there = Connection(ConnectionType.SERVER, [accepted])

    sent = b"".join(there.send(events.TextMessage(text)) for text in texts)
    arrived: list[str] = []
    text = ""
    at = 0
    while at < len(sent):
        step = cuts[at % len(cuts)]
        here.receive_data(sent[at : at + step])
        at += step
        for event in here.events():
            assert isinstance(event, events.TextMessage)
            text += event.data
            if event.message_finished:
                arrived.append(text)
                text = ""

    assert arrived == texts


@given(st.binary(max_size=300))
def test_any_bytes_inflate_or_are_refused(data: bytes) -> None:
    outcome = received(client(limit=100), frame(TEXT, data, rsv=RSV1))

    assert len(outcome) == 1
    if isinstance(outcome[0], str):
        assert len(outcome[0].encode()) <= 100
    else:
        assert outcome[0] in {1002, 1007, 1009}


# The agreement


@pytest.mark.parametrize(
    ("offers", "answer"),
    [
        (["permessage-deflate"], ""),
        (["permessage-deflate; client_max_window_bits"], "client_max_window_bits=15"),
        (["permessage-deflate; server_max_window_bits=10"], "server_max_window_bits=10"),
        (["permessage-deflate; client_no_context_takeover"], "client_no_context_takeover"),
        # The first that can be met, and only that.
        (["permessage-deflate; server_max_window_bits=8", "permessage-deflate"], ""),
        (["permessage-deflate; server_max_window_bits=x", "permessage-deflate"], ""),
        (
            ["permessage-deflate; client_max_window_bits=12", "permessage-deflate"],
            "client_max_window_bits=12",
        ),
        (["permessage-deflate; server_max_window_bits=99"], None),
    ],
)
def test_the_first_offer_that_can_be_met_is_accepted(offers: list[str], answer: str | None) -> None:
    deflate = BoundedDeflate(LIMIT)

    answers = [deflate.accept(offer) for offer in offers]

    assert [given for given in answers if given is not None] == ([] if answer is None else [answer])
    assert deflate.enabled() is (answer is not None)
