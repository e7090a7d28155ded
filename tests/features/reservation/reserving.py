"""How dialogues reserve connectors."""

from __future__ import annotations

import json
from datetime import timedelta

from ocpp16cp.events import FaultCleared, FaultRaised
from ocpp16cp.features.connectors.messages import AvailabilityType, ChangeAvailability
from ocpp16cp.features.reservation.messages import (
    CancelReservation,
    CancelReservationConf,
    CancelReservationStatus,
    ReservationStatus,
    ReserveNow,
    ReserveNowConf,
)
from ocpp16cp.outcome import ShowStatus
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus

GROUND = ChargePointErrorCode.GROUND_FAILURE


def answer(
    play: Playbook,
    connector_id: int = 1,
    id_tag: str = "TAG",
    *,
    number: int = 1,
    parent: str | None = None,
    for_s: float = 3600.0,
) -> ReservationStatus:
    """What the station says to a ReserveNow."""
    request = ReserveNow(
        connector_id=connector_id,
        expiry_date=play.utc + timedelta(seconds=for_s),
        id_tag=id_tag,
        parent_id_tag=parent,
        reservation_id=number,
    )
    return play.send(request, ReserveNowConf).status


def reserve(
    play: Playbook,
    connector_id: int = 1,
    id_tag: str = "TAG",
    *,
    number: int = 1,
    parent: str | None = None,
    for_s: float = 3600.0,
) -> None:
    """Reserve a connector, up to its status, all met."""
    status = answer(play, connector_id, id_tag, number=number, parent=parent, for_s=for_s)
    assert status is ReservationStatus.ACCEPTED
    if connector_id:
        play.expect_status(connector_id, ChargePointStatus.RESERVED)


def cancel(play: Playbook, number: int = 1) -> CancelReservationStatus:
    """What the station says to a CancelReservation."""
    return play.send(CancelReservation(reservation_id=number), CancelReservationConf).status


def reserved(play: Playbook) -> list[int]:
    """The ids of all reservations on disk."""
    return sorted(int(write.key) for write in play.disk if write.table == "reservation.reservations")


def reserved_for(play: Playbook, number: int = 1) -> str:
    """The card of a reservation on disk."""
    (text,) = (
        write.text for write in play.disk if write.table == "reservation.reservations" and write.key == str(number)
    )
    id_tag: str = json.loads(text or "")[1]["id_tag"]
    return id_tag


def shown(play: Playbook, connector_id: int) -> ChargePointStatus:
    """What the lights of a connector show."""
    shows = (entry.item for entry in reversed(play.entries) if isinstance(entry.item, ShowStatus))
    return next(show.status for show in shows if show.connector_id == connector_id)


def fail(play: Playbook, connector_id: int) -> None:
    """A connector, or the station, can deliver nothing any more."""
    play.happens(FaultRaised(connector_id=connector_id, error_code=GROUND))


def mend(play: Playbook, connector_id: int) -> None:
    """It can again."""
    play.happens(FaultCleared(connector_id=connector_id, error_code=GROUND))


def disable(play: Playbook, connector_id: int) -> None:
    """Take a connector, or the station, out of service; every status it leads to is met."""
    play.send(ChangeAvailability(connector_id=connector_id, type=AvailabilityType.INOPERATIVE))
    play.skip()


def enable(play: Playbook, connector_id: int) -> None:
    """Take it back; every status it leads to is met."""
    play.send(ChangeAvailability(connector_id=connector_id, type=AvailabilityType.OPERATIVE))
    play.skip()
