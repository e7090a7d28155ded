"""StartTransaction (§4.8) to StopTransaction (§4.10), remote ones, and UnlockConnector (§5.18)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from ocpp16cp.lean import frozen
from ocpp16cp.wire.exchange import Exchange, Sender
from ocpp16cp.wire.types import ChargingProfile, IdTagInfo, IdToken, MeterValue, Reason


@frozen(kw_only=True)
class StartTransaction:
    """Tells that a transaction has begun (§6.45)."""

    connector_id: int
    """1 or more."""
    id_tag: IdToken
    meter_start: int
    """Wh."""
    reservation_id: int | None = None
    """The reservation that this transaction uses up."""
    timestamp: datetime
    """When it began, however late this is sent."""


@frozen(kw_only=True)
class StartTransactionConf:
    """The transaction's id, valid whatever the status of the idTag (§6.46)."""

    id_tag_info: IdTagInfo
    transaction_id: int
    """Any number; 0 and negative ones mean nothing special."""


@frozen(kw_only=True)
class StopTransaction:
    """Tells that a transaction has ended (§6.49)."""

    id_tag: IdToken | None = None
    """The tag that stopped the transaction, if one did."""
    meter_stop: int
    """Wh."""
    timestamp: datetime
    """When it ended, however late this is sent."""
    transaction_id: int
    """-1 if the central system never told one."""
    reason: Reason | None = None
    """Local, if absent."""
    transaction_data: tuple[MeterValue, ...] | None = None


@frozen(kw_only=True)
class StopTransactionConf:
    """What the central system knows about the idTag that stopped the transaction (§6.50)."""

    id_tag_info: IdTagInfo | None = None


@frozen(kw_only=True)
class RemoteStartTransaction:
    """Asks to begin a transaction as if the idTag had been presented (§6.33)."""

    connector_id: int | None = None
    """1 or more; the charge point chooses, if absent."""
    id_tag: IdToken
    charging_profile: ChargingProfile | None = None
    """A TxProfile without transactionId."""


class RemoteStartStopStatus(StrEnum):
    """Whether the request will be carried out (§7.39)."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"


@frozen(kw_only=True)
class RemoteStartTransactionConf:
    """Whether the charge point will try (§6.34)."""

    status: RemoteStartStopStatus


@frozen(kw_only=True)
class RemoteStopTransaction:
    """Asks to end a transaction (§6.35)."""

    transaction_id: int


@frozen(kw_only=True)
class RemoteStopTransactionConf:
    """Whether there is such a transaction, which will be stopped (§6.36)."""

    status: RemoteStartStopStatus


@frozen(kw_only=True)
class UnlockConnector:
    """Asks to let go of the cable (§6.53)."""

    connector_id: int
    """1 or more."""


class UnlockStatus(StrEnum):
    """What became of an attempt to unlock (§7.46)."""

    UNLOCKED = "Unlocked"
    UNLOCK_FAILED = "UnlockFailed"
    NOT_SUPPORTED = "NotSupported"


@frozen(kw_only=True)
class UnlockConnectorConf:
    """Whether the cable is free (§6.54)."""

    status: UnlockStatus


START_TRANSACTION = Exchange("StartTransaction", Sender.CHARGE_POINT, StartTransaction, StartTransactionConf)
STOP_TRANSACTION = Exchange("StopTransaction", Sender.CHARGE_POINT, StopTransaction, StopTransactionConf)
REMOTE_START_TRANSACTION = Exchange(
    "RemoteStartTransaction",
    Sender.CENTRAL_SYSTEM,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
)
REMOTE_STOP_TRANSACTION = Exchange(
    "RemoteStopTransaction",
    Sender.CENTRAL_SYSTEM,
    RemoteStopTransaction,
    RemoteStopTransactionConf,
)
UNLOCK_CONNECTOR = Exchange("UnlockConnector", Sender.CENTRAL_SYSTEM, UnlockConnector, UnlockConnectorConf)
EXCHANGES = (
    START_TRANSACTION,
    STOP_TRANSACTION,
    REMOTE_START_TRANSACTION,
    REMOTE_STOP_TRANSACTION,
    UNLOCK_CONNECTOR,
)
