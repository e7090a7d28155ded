"""Compression of messages (permessage-deflate, RFC 7692) that a hostile peer cannot turn against the receiver."""

from __future__ import annotations

import zlib

from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import CloseReason, FrameDecoder, FrameProtocol, Opcode, RsvBits
from wsproto.utilities import RemoteProtocolError

# What a sender leaves out at the end of each message, and the receiver puts back (RFC 7692 §7.2.2).
_TAIL = b"\x00\x00\xff\xff"


class BoundedDeflate(PerMessageDeflate):
    """wsproto's extension with a receiving side of its own.

    wsproto's inflates whatever one read has brought, a thousandfold at worst, before anybody can check a size; takes a
    control frame within a compressed message for its end; and cannot go on after a message that ends its deflate
    stream, which RFC 7692 §7.2.3.4 allows.
    """

    def __init__(self, max_message_bytes: int) -> None:
        super().__init__()
        self._max_message_bytes = max_message_bytes
        self._inflater: zlib._Decompress | None = None
        self._in_control_frame = False
        self._message_compressed = False
        self._bytes_left = 0

    def accept(self, offer: str) -> bool | str | None:
        """Answer the client's offer: the first that can be met, whatever else it offers."""
        if self.enabled():
            return None
        try:
            return super().accept(offer)
        except ValueError:
            return None

    def finalize(self, offer: str) -> None:
        """Take the server's answer."""
        try:
            super().finalize(offer)
        except (IndexError, ValueError):
            raise RemoteProtocolError(f"impossible parameters {offer!r}") from None

    def frame_inbound_header(
        self, proto: FrameDecoder | FrameProtocol, opcode: Opcode, rsv: RsvBits, payload_length: int
    ) -> CloseReason | RsvBits:
        """Note what the next bytes are: of a control frame, of a compressed message or of another."""
        self._in_control_frame = opcode.iscontrol()
        if self._in_control_frame:
            return RsvBits(rsv1=False, rsv2=False, rsv3=False)
        if opcode is Opcode.CONTINUATION:
            return RsvBits(rsv1=False, rsv2=False, rsv3=False)
        self._message_compressed = rsv.rsv1
        self._bytes_left = self._max_message_bytes
        return RsvBits(rsv1=True, rsv2=False, rsv3=False)

    def frame_inbound_payload_data(self, proto: FrameDecoder | FrameProtocol, data: bytes) -> bytes | CloseReason:
        """Inflate a part of a message, up to the limit and not a byte further."""
        return data if self._passes_by() else self._inflate(data)

    def frame_inbound_complete(
        self,
        proto: FrameDecoder | FrameProtocol,
        fin: bool,  # noqa: FBT001 - the signature is wsproto's
    ) -> bytes | CloseReason | None:
        """Inflate what a message held back until its end."""
        if self._passes_by() or not fin:
            return None
        rest = self._inflate(_TAIL)
        if self.server_no_context_takeover if proto.client else self.client_no_context_takeover:
            self._inflater = None
        return rest

    def _passes_by(self) -> bool:
        return self._in_control_frame or not self._message_compressed

    def _inflate(self, data: bytes) -> bytes | CloseReason:
        """Inflate `data`; where the deflate stream ends within it, begin another (RFC 7692 §7.2.3.4)."""
        inflated = bytearray()
        while data:
            if self._inflater is None:
                self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
            try:
                # One byte more than there may be shows that there is more.
                piece = self._inflater.decompress(data, self._bytes_left + 1)
            except zlib.error:
                return CloseReason.PROTOCOL_ERROR
            inflated += piece
            self._bytes_left -= len(piece)
            if self._bytes_left < 0:
                return CloseReason.MESSAGE_TOO_BIG
            data = self._inflater.unused_data
            if self._inflater.eof:
                self._inflater = None
        return bytes(inflated)
