from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ocpp16cp.events import FaultRaised, LinkUp, MeterRead, Reading, Started, TextReceived
from ocpp16cp.features.boot.messages import BootNotificationConf
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.outcome import Open
from ocpp16cp.testing.stage import Entry
from ocpp16cp.testing.transcript import render, render_entries
from ocpp16cp.wire.types import ChargePointErrorCode, Measurand, MeterValue, RegistrationStatus, SampledValue

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOON_TEXT = "2026-01-01T12:00:00.000Z"
SOC_TEXT = "SampledValue(value='1', measurand=SoC)"


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (Started(), "Started()"),
        (Started(utc=NOON), "Started(utc=2026-01-01T12:00:00.000Z)"),
        (MeterRead(1, Reading(register_wh=5)), "MeterRead(connector_id=1, reading=Reading(register_wh=5))"),
        (
            FaultRaised(connector_id=1, error_code=ChargePointErrorCode.WEAK_SIGNAL),
            "FaultRaised(connector_id=1, error_code=WeakSignal)",
        ),
        (
            BootNotificationConf(status=RegistrationStatus.PENDING, current_time=NOON, interval=5),
            "BootNotificationConf(status=Pending, current_time=2026-01-01T12:00:00.000Z, interval=5)",
        ),
        (
            MeterValues(
                connector_id=1,
                meter_value=(
                    MeterValue(timestamp=NOON, sampled_value=(SampledValue(value="1", measurand=Measurand.SOC),)),
                ),
            ),
            f"MeterValues(connector_id=1, meter_value=[MeterValue(timestamp={NOON_TEXT}, sampled_value=[{SOC_TEXT}])])",
        ),
        (TextReceived(1, "[3]"), "text [3]"),
        (TextReceived(1, "x" * 1000), "text " + "x" * 160),
        (Open(1, "ws://cs/CP1", ("ocpp1.6",), (("Authorization", b"secret"),)), "Open(1, 'ws://cs/CP1')"),
        ("plain", "'plain'"),
    ],
)
def test_record_is_shown_by_what_differs_from_its_defaults(item: object, text: str) -> None:
    assert render(item) == text


def test_dialogue_is_one_line_each() -> None:
    entries = [Entry(0.0, is_output=False, item=LinkUp(1)), Entry(12.5, is_output=True, item=Started())]

    assert render_entries(entries) == "     0.000 <-- LinkUp(number=1)\n    12.500 --> Started()"
