"""DataTransfer, as in §5.6 and the case TC_062."""

from __future__ import annotations

from attrs import evolve

from ocpp16cp.features.data_transfer.messages import DataTransfer, DataTransferConf
from ocpp16cp.testing import Playbook
from ocpp16cp.vendor_messages import DataAnswer, VendorMessage
from ocpp16cp.wire.types import DataTransferStatus
from tests.features.stations import STATION


def test_tc_062_data_transfer_to_a_charge_point() -> None:
    """A vendor that the station does not know: UnknownVendorId, without data."""
    known = VendorMessage(vendor_id="com.example", answer=lambda _: DataAnswer())
    for station in (STATION, evolve(STATION, vendor_messages=(known,))):
        with Playbook(station) as play:
            play.boot()

            answer = play.send(DataTransfer(vendor_id="org.openchargealliance", message_id="M", data="D"))

            assert answer == DataTransferConf(status=DataTransferStatus.UNKNOWN_VENDOR_ID)
