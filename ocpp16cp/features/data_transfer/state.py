"""DataTransfers of the central system that the application has not answered so far."""

from __future__ import annotations

from ocpp16cp.kernel.tables import volatile, volatile_single
from ocpp16cp.lean import frozen


@frozen
class Pending:
    """A DataTransfer that waits for the application."""

    answering: str
    """By which the kernel knows the CALL."""
    link: int
    """The connection it came on: on no other it can be answered."""
    name: str
    """Vendor and message, for people."""
    deadline_at: float


@frozen
class TicketCount:
    """How many DataTransfers the application was asked about in this run."""

    last: int = 0


PENDING = volatile("data_transfer.pending", int, Pending, because="an answer belongs to its connection")
"""By ticket."""
TICKET_COUNT = volatile_single("data_transfer.ticket_count", TicketCount(), because="tickets are of one run")
