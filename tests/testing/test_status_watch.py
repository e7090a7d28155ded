from __future__ import annotations

import pytest

from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.outcome import KeyChanged, StatusChanged
from ocpp16cp.testing.status_watch import MINIMUM_STATUS_DURATION, StatusWatch
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus

S = ChargePointStatus
OK = ChargePointErrorCode.NO_ERROR


def told(status: ChargePointStatus, connector_id: int = 1) -> StatusNotification:
    """A status as the central system is told it."""
    return StatusNotification(connector_id=connector_id, error_code=OK, status=status)


def test_what_is_shown_follows_the_matrix() -> None:
    watch = StatusWatch()
    watch.notices(StatusChanged(1, S.FINISHING, OK))
    watch.notices(StatusChanged(2, S.CHARGING, OK))
    watch.notices(StatusChanged(1, S.FINISHING, ChargePointErrorCode.WEAK_SIGNAL))
    watch.notices(StatusChanged(1, S.PREPARING, OK))

    with pytest.raises(AssertionError, match="connector 2: Charging is followed by Preparing, as shown"):
        watch.notices(StatusChanged(2, S.PREPARING, OK))


def test_what_is_told_follows_the_matrix() -> None:
    watch = StatusWatch()
    watch.sends(told(S.FINISHING))
    watch.sends(told(S.PREPARING))
    watch.sends(told(S.CHARGING))

    with pytest.raises(AssertionError, match="connector 1: Charging is followed by Preparing, as told"):
        watch.sends(told(S.PREPARING))


def test_what_is_left_out_by_right_is_not_missed() -> None:
    """After a reconnect, after an acceptance, and where a status has to last to be told."""
    watch = StatusWatch()
    watch.sends(told(S.FINISHING))
    watch.connects()
    watch.sends(told(S.CHARGING))
    watch.sends(BootNotification(charge_point_vendor="V", charge_point_model="M"))
    watch.sends(told(S.PREPARING))
    watch.notices(KeyChanged(MINIMUM_STATUS_DURATION, "2"))
    watch.sends(told(S.FINISHING))
    watch.sends(told(S.CHARGING))
    watch.notices(KeyChanged(MINIMUM_STATUS_DURATION, "0"))
    watch.sends(told(S.FINISHING))

    with pytest.raises(AssertionError, match="Finishing is followed by Charging"):
        watch.sends(told(S.CHARGING))
