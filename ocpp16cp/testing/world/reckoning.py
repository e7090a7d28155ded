"""What the station told, what the central system noted and what the meters show, compared when all has come to rest."""

from __future__ import annotations

from collections.abc import Mapping

from .journal import Account, Delivery, Journal
from .ledger import NAMELESS, Entry, Ledger
from .violation import InvariantViolated


def compare(journal: Journal, ledger: Ledger) -> None:
    """Make sure that every transaction of the station is known to the central system, once, and ended.

    What the station gave up is the only excuse, and just for that message; a StartTransaction given up gives the
    transaction the id -1 from then on (errata 3.18). Entries that the central system forgot while they ran may stand
    there a second time.

    Raises:
        InvariantViolated: they differ.
    """
    if journal.queue:
        raise InvariantViolated(f"messages were never delivered: {journal.queue}")
    left = dict(ledger.entries)
    owners = {account.transaction_id: number for number, account in journal.accounts.items()}
    nameless = list(ledger.nameless)
    for number, account in journal.accounts.items():
        if account.stop is None:
            raise InvariantViolated(f"transaction {number} never ended: {account}")
        entries = [
            entry
            for entry in left.values()
            if entry.start == account.start and owners.get(entry.transaction_id, number) == number
        ]
        for entry in entries:
            del left[entry.transaction_id]
        try:
            _compare_entries(account, entries)
            if account.start_delivery is Delivery.DISCARDED:
                _compare_nameless(account, account.stop in nameless)
        except InvariantViolated as violation:
            raise InvariantViolated(f"transaction {number}: {violation}: {account}, {entries}") from violation
        nameless = [stop for stop in nameless if stop != account.stop]
    if left or nameless:
        raise InvariantViolated(f"of no transaction of the station: {left}, {nameless}")


def _compare_entries(account: Account, entries: list[Entry]) -> None:
    """One transaction, and what the central system noted of it."""
    lasting = [entry for entry in entries if entry.transaction_id == account.transaction_id]
    others = [entry for entry in entries if entry.transaction_id != account.transaction_id]
    if any(entry.stop is not None for entry in others):
        raise InvariantViolated("an end was told under an id that the station had not taken")
    if account.start_delivery is Delivery.DISCARDED:
        # The central system may have noted it all the same, once, and failed to say so.
        if account.transaction_id != NAMELESS or sum(not entry.is_forgotten for entry in others) > 1:
            raise InvariantViolated("known, although its StartTransaction was given up")
        return
    if account.start_delivery is not Delivery.ANSWERED or len(lasting) != 1:
        raise InvariantViolated("not known under its id")
    if not all(entry.is_forgotten for entry in others):
        raise InvariantViolated("known more than once")
    # It may have been heard all the same when it was given up.
    if lasting[0].stop != account.stop and not _is_stop_discarded(account, lasting[0]):
        raise InvariantViolated("not ended as the station said")


def _is_stop_discarded(account: Account, entry: Entry) -> bool:
    """Whether there is no end because the station gave it up."""
    return account.stop_delivery is Delivery.DISCARDED and entry.stop is None


def _compare_nameless(account: Account, is_known: bool) -> None:  # noqa: FBT001 - its only fact
    """The end of a transaction without an id."""
    if not is_known and account.stop_delivery is not Delivery.DISCARDED:
        raise InvariantViolated("not ended under the id -1")


def weigh(journal: Journal, metered_wh: Mapping[int, int]) -> None:
    """Make sure that every watt-hour belongs to a transaction.

    Args:
        journal: what the station told.
        metered_wh: what the meters counted, by connector.

    Raises:
        InvariantViolated: some does not.
    """
    for connector_id, metered in metered_wh.items():
        told = sum(
            account.stop.meter_stop - account.start.meter_start
            for account in journal.accounts.values()
            if account.start.connector_id == connector_id and account.stop is not None
        )
        if told != metered:
            raise InvariantViolated(f"connector {connector_id}: {metered} Wh metered, {told} Wh told")
