"""What the operator of a station asks for, apart from charging: to take it out of service, and to restart it."""

from __future__ import annotations

from random import Random

from ocpp16cp.features.connectors.messages import AvailabilityType, ChangeAvailability
from ocpp16cp.features.reset.messages import Reset, ResetType


def draw_operation(random: Random) -> object:
    """A request of the operator; mostly connectors come back, so that the station has something to do."""
    if random.random() < 0.3:
        return Reset(type=random.choice(list(ResetType)))
    connector_id = random.choice((0, 1, 1, 2, 2, 3))
    type_ = AvailabilityType.INOPERATIVE if random.random() < 0.35 else AvailabilityType.OPERATIVE
    return ChangeAvailability(connector_id=connector_id, type=type_)
