"""Watches the statuses of one run: each follows from the one before as the matrix of §4.9 has it."""

from __future__ import annotations

from attrs import define, field

from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.status.matrix import is_permitted
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.outcome import KeyChanged, Notice, StatusChanged
from ocpp16cp.wire.types import ChargePointStatus

MINIMUM_STATUS_DURATION = "MinimumStatusDuration"


@define
class StatusWatch:
    """What the station shows, and what the central system sees on one connection.

    Of what happened before the connection, or before the station was accepted, nothing is replayed; and a status that
    does not last for MinimumStatusDuration is left out. So there what is told need not follow from what was told.
    """

    minimum_duration: str = "0"
    """The value of the key; kept up to date by notices."""
    shown: dict[int, ChargePointStatus] = field(factory=dict)
    """What each connector was shown as last; to be looked at only."""
    _told: dict[int, ChargePointStatus] = field(factory=dict)

    def notices(self, notice: Notice) -> None:
        """The application is told something.

        Raises:
            AssertionError: a status that cannot follow the one before.
        """
        if isinstance(notice, StatusChanged):
            _follow(self.shown, notice.connector_id, notice.status, "shown")
        elif isinstance(notice, KeyChanged) and notice.name == MINIMUM_STATUS_DURATION:
            self.minimum_duration = notice.text or "0"
            self._told.clear()

    def sends(self, request: object) -> None:
        """The central system is told something.

        Raises:
            AssertionError: a status that cannot follow the one before.
        """
        if isinstance(request, BootNotification):
            self._told.clear()
        elif isinstance(request, StatusNotification) and self.minimum_duration == "0":
            _follow(self._told, request.connector_id, request.status, "told")

    def connects(self) -> None:
        """A new connection begins."""
        self._told.clear()


def _follow(known: dict[int, ChargePointStatus], connector_id: int, status: ChargePointStatus, what: str) -> None:
    """Take the next status of a connector."""
    before = known.get(connector_id, status)
    assert before is status or is_permitted(connector_id, before, status), (
        f"connector {connector_id}: {before} is followed by {status}, as {what}"
    )
    known[connector_id] = status
