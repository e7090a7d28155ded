"""DataTransfers that the station understands, and those that it is sent."""

from __future__ import annotations

from random import Random

from ocpp16cp.features.data_transfer.messages import DataTransfer
from ocpp16cp.vendor_messages import DataAnswer, DataRequest, VendorMessage

VENDOR = "com.example"


def _echo(request: DataRequest) -> DataAnswer:
    """Answers at once."""
    return DataAnswer(data=request.data)


def _fail(request: DataRequest) -> DataAnswer:
    """A mistake of the application."""
    raise LookupError(request.data)


VENDOR_MESSAGES = (
    VendorMessage(vendor_id=VENDOR, message_id="Echo", answer=_echo, schema={"type": "array", "maxItems": 2}),
    VendorMessage(vendor_id=VENDOR, message_id="Fail", answer=_fail),
    VendorMessage(vendor_id=VENDOR, message_id="Ask"),
)
"""Answered by a function, by one that fails, and by the application when it likes."""


def draw_transfer(random: Random) -> DataTransfer:
    """What a central system may ask a station of this vendor, or of any."""
    return DataTransfer(
        vendor_id=random.choice((VENDOR, VENDOR, VENDOR.upper(), "org.nobody")),
        message_id=random.choice(("Echo", "echo", "Fail", "Ask", "Ask", "Unknown", None)),
        data=random.choice((None, "[1]", "[1,2,3]", "no JSON", "\u00e9" * 100)),
    )
