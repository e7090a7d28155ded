"""DataTransfer (§4.3, §5.6)."""

from __future__ import annotations

from ocpp16cp.lean import frozen
from ocpp16cp.wire.exchange import Exchange, Sender
from ocpp16cp.wire.types import CiString50, CiString255, DataTransferStatus


@frozen(kw_only=True)
class DataTransfer:
    """Something that only a vendor's two ends understand (§6.15)."""

    vendor_id: CiString255
    message_id: CiString50 | None = None
    data: str | None = None
    """Text of any length; structured data travels as JSON text in it."""


@frozen(kw_only=True)
class DataTransferConf:
    """Whether the message was understood, and a vendor's answer (§6.16)."""

    status: DataTransferStatus
    data: str | None = None
    """Absent if the vendor is unknown."""


DATA_TRANSFER = Exchange("DataTransfer", Sender.EITHER, DataTransfer, DataTransferConf)
EXCHANGES = (DATA_TRANSFER,)
