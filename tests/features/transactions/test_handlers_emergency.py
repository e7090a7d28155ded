"""Emergency stop, and a supply that fails while a battery still bridges it (§7.36)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from ocpp16cp.events import EMERGENCY_STOP, Event, FaultCleared, FaultRaised, PowerFailing
from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.transactions.messages import StartTransaction, StopTransaction
from ocpp16cp.outcome import StartAbandoned, TransactionStopped, Unlock
from ocpp16cp.station import CHARGE_POINT
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, USUAL
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus, Reason
from tests.features.stations import SINGLE, SOCKET, STATION, configured

S = ChargePointStatus
OTHER = ChargePointErrorCode.OTHER_ERROR


def pressed(connector_id: int) -> Event:
    """Somebody hits the red button."""
    return FaultRaised(
        connector_id=connector_id, error_code=OTHER, vendor_id="Vendor", vendor_error_code=EMERGENCY_STOP
    )


def released(connector_id: int) -> Event:
    """Somebody turns the red button."""
    return FaultCleared(connector_id=connector_id, error_code=OTHER, vendor_error_code=EMERGENCY_STOP)


def test_emergency_stop_ends_the_transaction() -> None:
    """Energy off at once, reason EmergencyStop, nobody named; Faulted until released, then Finishing."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.deliver(1, 77)
        play.happens(pressed(1))

        assert not play.hardware.outputs[1]
        play.expect_status(1, S.FAULTED, OTHER, vendor_error_code=EMERGENCY_STOP, vendor_id="Vendor")
        play.expect(StopTransaction, reason=Reason.EMERGENCY_STOP, id_tag=None, meter_stop=1077, transaction_id=1)
        play.expect(TransactionStopped(1, "TAG", Reason.EMERGENCY_STOP, 77))
        play.happens(released(1))
        play.expect_status(1, S.FINISHING)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_emergency_stop_of_the_charge_point_ends_all() -> None:
    """§4.9: connector 0 first; every transaction ends."""
    with Playbook(STATION) as play:
        play.boot()
        first, second = play.begin_transaction(1), play.begin_transaction(2, "TWO")
        play.happens(pressed(CHARGE_POINT))

        assert play.hardware.outputs == {1: False, 2: False}
        play.skip()
        ended = {each.transaction_id: each.reason for each in play.central_system.seen_of(StopTransaction)}
        assert ended == {first: Reason.EMERGENCY_STOP, second: Reason.EMERGENCY_STOP}
        play.happens(released(CHARGE_POINT))
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.FINISHING)
        play.expect_status(2, S.FINISHING)


def test_emergency_stop_ends_only_what_it_covers() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1)
        play.begin_transaction(2, "TWO")
        play.happens(pressed(2))

        play.expect_status(2, S.FAULTED, OTHER)
        play.expect(StopTransaction, reason=Reason.EMERGENCY_STOP, transaction_id=2)
        assert play.hardware.outputs == {1: True, 2: False}


def test_emergency_stop_of_an_idle_connector() -> None:
    """Nothing to end: Faulted, and Available again."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.happens(pressed(1))
        play.expect_status(1, S.FAULTED, OTHER)
        play.happens(released(1))

        play.expect_status(1, S.AVAILABLE)


def test_emergency_stop_drops_who_waits() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.present_card("TAG")
        play.skip()
        play.happens(pressed(1))
        play.expect_status(1, S.FAULTED, OTHER)
        play.expect(StartAbandoned(1, "TAG", "the connector is faulted"))
        play.happens(released(1))

        play.expect_status(1, S.AVAILABLE)


def test_emergency_stop_after_another_fault_ends_what_that_had_only_interrupted() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(FaultRaised(connector_id=1, error_code=ChargePointErrorCode.GROUND_FAILURE))
        play.expect_status(1, S.FAULTED, ChargePointErrorCode.GROUND_FAILURE)
        play.happens(pressed(1))

        play.expect(StopTransaction, reason=Reason.EMERGENCY_STOP)
        play.expect_status(1, S.FAULTED, OTHER)


def test_emergency_stop_while_the_transaction_ends_keeps_the_reason() -> None:
    """One StopTransaction per transaction."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.output_delay_s = 1
        play.present_card("TAG")
        play.happens(pressed(1))
        play.advance(5)
        play.expect_status(1, S.FAULTED, OTHER)

        play.expect(StopTransaction, reason=Reason.LOCAL)


def test_emergency_stop_offline_is_told_later() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.drop_link()
        play.advance(5)
        play.happens(pressed(1))
        play.advance(5)
        play.restore_link()

        play.expect_status(1, S.FAULTED, OTHER)
        play.expect(
            StopTransaction, reason=Reason.EMERGENCY_STOP, timestamp=BEGINNING + timedelta(seconds=5), id_tag=None
        )


def test_plug_is_let_go_after_an_emergency_stop() -> None:
    """The vehicle can be taken away."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.begin_transaction()
        play.happens(pressed(1))

        play.expect(Unlock, connector_id=1)
        play.skip()


def test_other_code_of_the_vendor_only_suspends() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(FaultRaised(connector_id=1, error_code=OTHER, vendor_error_code="E42"))
        play.expect_status(1, S.FAULTED, OTHER, vendor_error_code="E42")
        play.happens(FaultCleared(connector_id=1, error_code=OTHER, vendor_error_code="E42"))

        play.expect_status(1, S.CHARGING)


# The supply fails.


def test_failing_power_ends_every_transaction() -> None:
    """Reason PowerLoss, nobody named; with the registers of this moment."""
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1)
        play.begin_transaction(2, "TWO")
        play.deliver(1, 5)
        play.deliver(2, 7)
        play.happens(PowerFailing())

        play.expect(StopTransaction, transaction_id=1, reason=Reason.POWER_LOSS, id_tag=None, meter_stop=1005)
        play.expect_status(1, S.FINISHING)
        play.expect(StopTransaction, transaction_id=2, reason=Reason.POWER_LOSS, id_tag=None, meter_stop=2007)
        play.expect_status(2, S.FINISHING)


def test_failing_power_tells_nothing_twice() -> None:
    """Neither told again, while it ends or afterwards, nor after the boot."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.hardware.output_delay_s = 1
        play.happens(PowerFailing())
        play.happens(PowerFailing())
        play.advance(1)
        play.happens(PowerFailing())
        play.power_cut(off_s=60)
        play.skip()

        (stop,) = play.central_system.seen_of(StopTransaction)
        assert stop.reason is Reason.POWER_LOSS


def test_failing_power_ends_nothing_that_will_go_on() -> None:
    """Resumed after the cut: there is nothing to report before it."""
    resuming = evolve(SINGLE, settings=evolve(SINGLE.settings, resumes_transactions=True))
    with Playbook(resuming) as play:
        play.boot()
        play.begin_transaction()
        play.happens(PowerFailing())
        play.expect_nothing()
        assert play.hardware.outputs[1]
        play.power_cut(off_s=60)
        play.skip()

        assert play.hardware.outputs[1]
        assert play.central_system.seen_of(StopTransaction) == []


def test_failing_power_without_a_transaction_says_nothing() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.happens(PowerFailing())

        play.expect_nothing()


def test_failing_power_takes_the_network_along() -> None:
    """What could not be sent any more is sent after the boot, as it was."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.advance(10)
        play.drop_link()
        play.happens(PowerFailing())
        play.power_cut(off_s=600)
        play.restore_link()

        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.FINISHING)
        play.expect(
            StopTransaction,
            transaction_id=1,
            reason=Reason.POWER_LOSS,
            timestamp=BEGINNING + timedelta(seconds=10),
        )


def test_power_that_is_gone_before_the_output_reports() -> None:
    """Decided, not finished: the reason and the time are those of the warning."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.advance(10)
        play.hardware.output_delay_s = None
        play.happens(PowerFailing())
        play.power_cut(off_s=60)
        play.skip()

        (stop,) = play.central_system.seen_of(StopTransaction)
        assert (stop.reason, stop.timestamp) == (Reason.POWER_LOSS, BEGINNING + timedelta(seconds=10))


def test_failing_power_that_comes_back_goes_on() -> None:
    """A dip: the transaction has ended, and the next one may begin when the cable was out."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(PowerFailing())
        play.skip()
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)

        assert play.begin_transaction(is_known=True) == 2


@pytest.mark.parametrize("answered", [True, False])
def test_failing_power_ends_a_transaction_without_an_id(answered: bool) -> None:
    """Filled in if it comes; the start was never answered before the cut."""
    with Playbook(configured(SINGLE, TransactionMessageAttempts=1)) as play:
        play.boot()
        play.central_system.answer(StartTransaction, SILENCE, USUAL if answered else {})
        play.plug_in(1)
        play.present_card("TAG")
        play.happens(PowerFailing())
        play.power_cut()
        play.advance(60)
        play.skip()

        assert [each.transaction_id for each in play.central_system.seen_of(StopTransaction)] == [1 if answered else -1]
