from __future__ import annotations

from datetime import timedelta

import pytest

from ocpp16cp.events import FaultRaised, MeterRead, OutputChanged, Reading, StopPressed
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import (
    StartTransaction,
    StopTransaction,
)
from ocpp16cp.outcome import Unlock
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, USUAL
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus, Reason
from tests.features.stations import SINGLE, SOCKET, configured

S = ChargePointStatus


@pytest.mark.parametrize("unlocks", [True, False])
def test_unplugging_at_the_vehicle_ends_the_transaction(unlocks: bool) -> None:
    """§4.10, §9.1.23, §9.1.29: EVDisconnected; the station's side is freed, or waits for its card."""
    with Playbook(configured(SOCKET, UnlockConnectorOnEVSideDisconnect=unlocks)) as play:
        play.boot()
        play.begin_transaction()
        play.deliver(1, 90)
        play.unplug_vehicle(1)

        stop = next(each for each in play.central_system.seen_of(StopTransaction))
        assert (stop.reason, stop.id_tag, stop.meter_stop) == (Reason.EV_DISCONNECTED, "TAG", 1090)
        assert any(isinstance(entry.item, Unlock) for entry in play.entries) is unlocks
        play.skip()
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_unplugging_at_the_vehicle_is_told_behind_the_stop() -> None:
    """One StopTransaction and then Finishing, as for any other end; nothing in between."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.begin_transaction()
        play.unplug_vehicle(1)

        play.expect(StopTransaction, reason=Reason.EV_DISCONNECTED)
        play.expect_status(1, S.FINISHING, info="EV side disconnected")


def test_fixed_cable_taken_out_of_the_vehicle_leaves_nothing_to_do() -> None:
    """C1: Available at once."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.unplug(1)

        play.expect(StopTransaction, reason=Reason.EV_DISCONNECTED)
        play.expect_status(1, S.AVAILABLE)


def test_unplugging_at_the_vehicle_may_only_suspend() -> None:
    """§9.1.23 false: SuspendedEV, locked, and the same transaction resumes."""
    with Playbook(configured(SOCKET, StopTransactionOnEVSideDisconnect=False)) as play:
        play.boot()
        play.begin_transaction()
        play.unplug_vehicle(1)
        play.expect_status(1, S.SUSPENDED_EV)
        assert not play.hardware.outputs[1]
        play.expect_no(Unlock)
        play.plug_in(1)

        play.expect_status(1, S.CHARGING)
        assert play.hardware.outputs[1]


def test_unplugging_at_the_vehicle_may_only_suspend_with_a_fixed_cable() -> None:
    with Playbook(configured(SINGLE, StopTransactionOnEVSideDisconnect=False)) as play:
        play.boot()
        play.begin_transaction()
        play.unplug(1)
        play.expect_status(1, S.SUSPENDED_EV, info="EV side disconnected")
        play.plug_in(1)

        play.expect_status(1, S.CHARGING)


def test_unplugging_at_the_station_always_ends_the_transaction() -> None:
    """A lock that is missing or broken: nothing is left that could resume."""
    with Playbook(configured(SOCKET, StopTransactionOnEVSideDisconnect=False)) as play:
        play.boot()
        play.begin_transaction()
        play.unplug(1)

        play.expect(StopTransaction, reason=Reason.EV_DISCONNECTED)
        play.expect_status(1, S.AVAILABLE)


def test_suspended_transaction_ends_when_the_cable_is_taken_away() -> None:
    with Playbook(configured(SOCKET, StopTransactionOnEVSideDisconnect=False)) as play:
        play.boot()
        play.begin_transaction()
        play.unplug_vehicle(1)
        play.expect_status(1, S.SUSPENDED_EV)
        play.unplug(1)

        play.expect(StopTransaction, reason=Reason.EV_DISCONNECTED)
        play.expect_status(1, S.AVAILABLE)


def test_transaction_ends_when_its_output_is_off() -> None:
    """The last reading before the contactor opened is `meterStop`; the time is that of the decision."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.output_delay_s = None
        play.advance(10)
        play.happens(StopPressed(1))
        play.expect_nothing()
        play.advance(1)
        play.happens(MeterRead(1, Reading(register_wh=1007)))
        play.happens(OutputChanged(1, is_on=False))

        play.expect(StopTransaction, meter_stop=1007, timestamp=BEGINNING + timedelta(seconds=10))
        play.expect_status(1, S.FINISHING)


def test_output_that_is_never_reported_off_is_not_waited_for() -> None:
    """A silent driver hangs nothing: after 3 s what is known counts."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.output_delay_s = None
        play.happens(StopPressed(1))
        play.advance(2.9)
        play.expect_nothing()
        play.advance(0.1)

        play.expect(StopTransaction, meter_stop=1000)
        play.expect_status(1, S.FINISHING)


def test_transaction_that_a_fault_interrupted_ends_at_once() -> None:
    """The output is off already."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(FaultRaised(connector_id=1, error_code=ChargePointErrorCode.GROUND_FAILURE))
        play.expect_status(1, S.FAULTED, ChargePointErrorCode.GROUND_FAILURE)
        play.happens(StopPressed(1))

        play.expect(StopTransaction)


def test_transaction_stopped_before_its_contactor_closed_waits_for_it() -> None:
    """Told to close a moment ago, the contactor may deliver before it opens again: its last reading counts."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.hardware.output_delay_s = 1.0
        play.plug_in(1)
        play.present_card("TAG")
        play.advance(0.5)
        play.skip()
        play.present_card("TAG")
        play.expect_nothing()
        play.advance(0.5)
        play.happens(MeterRead(1, Reading(register_wh=1004)))
        play.advance(3)

        play.expect(StopTransaction, meter_stop=1004)
        play.skip()


def test_meter_stop_is_never_below_meter_start() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(MeterRead(1, Reading(register_wh=3)))
        play.happens(StopPressed(1))

        play.expect(StopTransaction, meter_stop=1000)
        play.expect_status(1, S.FINISHING)


def test_id_that_comes_after_the_end_is_filled_in() -> None:
    """§4.7: StopTransaction waits behind StartTransaction, and bears the id of its answer."""
    with Playbook(SINGLE) as play:
        play.ignore(MeterValues, StatusNotification)
        play.start()
        play.expect(BootNotification)
        play.central_system.answer(StartTransaction, SILENCE, USUAL)
        play.plug_in(1)
        play.present_card("TAG")
        play.expect(Authorize)
        play.expect(StartTransaction)
        play.drop_link()
        play.advance(10)
        play.happens(StopPressed(1))
        play.advance(50)
        play.restore_link()

        play.expect(StartTransaction, timestamp=BEGINNING)
        play.expect(StopTransaction, transaction_id=1, timestamp=BEGINNING + timedelta(seconds=10))


def test_transaction_of_an_outage_is_told_whole_and_in_order() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        transaction_id = play.begin_transaction()
        play.drop_link()
        play.advance(45)
        play.deliver(1, 600)
        play.happens(StopPressed(1))
        play.unplug(1)
        play.advance(60)
        play.restore_link()

        play.expect_status(1, S.AVAILABLE)
        play.expect(MeterValues, transaction_id=transaction_id)
        play.expect(StopTransaction, transaction_id=transaction_id, meter_stop=1600)
