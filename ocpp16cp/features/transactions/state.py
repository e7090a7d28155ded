"""Transactions, and what leads to them and follows from them."""

from __future__ import annotations

from datetime import datetime

from ocpp16cp.kernel.tables import durable, durable_single, volatile, volatile_single
from ocpp16cp.lean import frozen
from ocpp16cp.outcome import Awaited
from ocpp16cp.wire.types import ChargingProfile, Reason


@frozen
class Ending:
    """How a transaction ends, once that is decided."""

    reason: Reason
    id_tag: str | None
    utc: datetime


@frozen
class Grace:
    """What is still granted to a card that the central system did not accept."""

    until_wh: int
    """Energy flows until the register shows this."""
    ends_transaction: bool
    """Then the transaction ends; else only its energy."""


@frozen
class Transaction:
    """A transaction that is running, or has been interrupted by a restart."""

    number: int
    """Our own, unique for ever; the central system's id may come much later."""
    run: int
    """The run of the station in which it began."""
    id_tag: str
    parent_id_tag: str | None
    started_at: datetime
    meter_start_wh: int
    transaction_id: int | None = None
    """As the central system named it; `None`: not known so far, or never."""
    is_deauthorized: bool = False
    """The central system did not accept the card: no energy, but the transaction goes on."""
    grace: Grace | None = None
    """The central system did not accept the card, and MaxEnergyOnInvalidId grants it something."""
    ending: Ending | None = None


@frozen
class TransactionNumber:
    """The number of the last transaction."""

    last: int = 0


@frozen
class TransactionId:
    """The central system's name of a transaction; -1 if its StartTransaction was given up (errata 3.18)."""

    transaction_id: int


@frozen
class Finished:
    """A transaction has ended and something is still plugged."""

    id_tag: str
    parent_id_tag: str | None
    is_locked: bool
    """The cable stays locked until the card, or one of its group, is presented again."""
    was_unplugged_at_vehicle: bool


@frozen
class Attempt:
    """An accepted card or remote start that waits for its cable or its lock."""

    id_tag: str
    parent_id_tag: str | None
    connectors: tuple[int, ...]
    """Those among which it may move to where a cable is plugged in."""
    is_remote: bool
    since_at: float
    lock_ask: int | None = None
    """The id under which the lock was asked to hold the plug; `None`: it was not."""
    is_locked: bool = False
    charging_profile: ChargingProfile | None = None
    """What came with the remote start."""
    reservation_id: int | None = None
    """The reservation that it was to use when it came here; it may have ended since."""


@frozen
class Card:
    """A card that was presented, or a remote start, before it is decided what it leads to."""

    id_tag: str
    connectors: tuple[int, ...]
    """Those that it can mean."""
    is_remote: bool
    authorization: int | None = None
    """The question under way."""
    asked_for: tuple[int, ...] = ()
    """Those at which it could have begun when the question was asked."""
    charging_profile: ChargingProfile | None = None
    """What came with the remote start."""


@frozen
class CardCount:
    """How many cards there were in this run."""

    last: int = 0


@frozen
class TimedOut:
    """A cable was plugged in and no card came in time: the next driver's card must not start on it (errata 3.20)."""


@frozen
class UnlockRequest:
    """An UnlockConnector that is not answered yet."""

    tickets: tuple[str, ...]
    """The CALLs that wait for it."""
    at: float
    is_asked: bool = False


@frozen
class Resuming:
    """The plug of a transaction that is to go on after a power cut is being locked again."""

    lock_ask: int
    is_locked: bool = False


@frozen
class Told:
    """What the application was told last that a connector waits for."""

    awaited: Awaited | None


_USER_AGAIN = "after a power cut the user begins anew"

TRANSACTIONS = durable("transactions.transactions", int, Transaction, has_stamps=True)
"""By connector."""
TRANSACTION_NUMBER = durable_single("transactions.number", TransactionNumber())
TRANSACTION_IDS = durable("transactions.ids", int, TransactionId)
"""By number, until the StopTransaction is answered."""
FINISHED = durable("transactions.finished", int, Finished)
"""By connector."""
ATTEMPTS = volatile("transactions.attempts", int, Attempt, because=_USER_AGAIN)
"""By connector."""
CARDS = volatile("transactions.cards", int, Card, because=_USER_AGAIN)
"""In the order in which they came."""
CARD_COUNT = volatile_single("transactions.card_count", CardCount(), because=_USER_AGAIN)
TIMED_OUT = volatile("transactions.timed_out", int, TimedOut, because="the time-out begins anew")
"""By connector."""

UNLOCK_REQUESTS = volatile("transactions.unlock_requests", int, UnlockRequest, because="its connection is gone")
"""By connector."""
RESUMING = volatile("transactions.resuming", int, Resuming, because="the next start begins to resume anew")
"""By connector."""
TOLD = volatile("transactions.told", int, Told, because="the display is dark as well")
"""By connector."""

TABLES = (
    TRANSACTIONS,
    TRANSACTION_NUMBER.table,
    TRANSACTION_IDS,
    FINISHED,
    ATTEMPTS,
    CARDS,
    CARD_COUNT.table,
    TIMED_OUT,
    UNLOCK_REQUESTS,
    RESUMING,
    TOLD,
)
