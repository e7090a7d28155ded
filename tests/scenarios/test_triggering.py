"""Messages that the central system asks for: §5.17 and the cases named in each dialogue."""

from __future__ import annotations

from ocpp16cp.features.boot.messages import BootNotification, Heartbeat
from ocpp16cp.features.diagnostics.messages import DiagnosticsStatus, DiagnosticsStatusNotification
from ocpp16cp.features.firmware.messages import FirmwareStatus, FirmwareStatusNotification
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.remote_trigger.messages import TriggerMessageStatus
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import ChargePointStatus, ReadingContext
from tests.features.stations import STATION
from tests.features.triggering import asked, trigger

S = ChargePointStatus


def test_tc_054_trigger_message() -> None:
    """Each is Accepted, then sent: meter values with the context Trigger, the two statuses Idle."""
    with Playbook(STATION) as play:
        play.boot()

        trigger(play, "MeterValues", 1)
        values = play.expect(MeterValues, connector_id=1).meter_value[0].sampled_value
        assert {each.context for each in values} == {ReadingContext.TRIGGER}
        trigger(play, "Heartbeat")
        play.expect(Heartbeat)
        trigger(play, "StatusNotification", 1)
        play.expect_status(1, S.AVAILABLE)
        trigger(play, "DiagnosticsStatusNotification")
        play.expect(DiagnosticsStatusNotification(status=DiagnosticsStatus.IDLE))
        trigger(play, "FirmwareStatusNotification")
        play.expect(FirmwareStatusNotification(status=FirmwareStatus.IDLE))
        trigger(play, "BootNotification")
        play.expect(BootNotification)
        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, S.AVAILABLE)


def test_tc_055_trigger_message_rejected() -> None:
    """Meter values of the connector after the last: Rejected, and nothing is sent."""
    with Playbook(STATION) as play:
        play.boot()

        assert asked(play, "MeterValues", len(STATION.connectors) + 1) is TriggerMessageStatus.REJECTED
        play.expect_nothing()
