"""Cold boot, as in §4.2 and the cases TC_001 and TC_002."""

from __future__ import annotations

from ocpp16cp.features.boot.messages import BootNotification, BootNotificationConf, Heartbeat
from ocpp16cp.features.configuration.messages import (
    ChangeConfiguration,
    ChangeConfigurationConf,
    ConfigurationStatus,
    GetConfiguration,
    GetConfigurationConf,
)
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import USUAL
from ocpp16cp.wire.types import ChargePointStatus, RegistrationStatus
from tests.features.stations import STATION


def test_tc_001_cold_boot_charge_point() -> None:
    """Power on: BootNotification, accepted with an interval; every status; Heartbeats spaced by it."""
    with Playbook(STATION) as play:
        play.central_system.interval_s = 15
        play.start()

        play.expect(BootNotification, charge_point_vendor="Vendor", charge_point_model="Model")
        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, ChargePointStatus.AVAILABLE)

        for _ in range(3):
            play.advance(14.9)
            play.expect_nothing()
            play.advance(0.1)
            play.expect(Heartbeat())


def test_tc_002_cold_boot_pending() -> None:
    """Answered Pending: nothing is sent, everything is answered; after the interval once more, and accepted."""
    with Playbook(STATION) as play:
        pending = BootNotificationConf(status=RegistrationStatus.PENDING, current_time=play.utc, interval=30)
        play.central_system.answer(BootNotification, pending, USUAL)
        play.start()
        play.expect(BootNotification)

        play.advance(10)
        assert play.send(GetConfiguration(), GetConfigurationConf).configuration_key
        changed = play.send(ChangeConfiguration(key="MeterValueSampleInterval", value="60"))
        assert changed == ChangeConfigurationConf(status=ConfigurationStatus.ACCEPTED)

        play.advance(19.9)
        play.expect_nothing()
        play.advance(0.1)
        play.expect(BootNotification)
        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, ChargePointStatus.AVAILABLE)
