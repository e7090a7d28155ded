from __future__ import annotations

from datetime import timedelta

from attrs import evolve

from ocpp16cp.events import (
    FaultCleared,
    FaultRaised,
    MeterRead,
    Reading,
    StopPressed,
    VehicleChanged,
)
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStopTransaction,
    RemoteStopTransactionConf,
    StartTransaction,
    StopTransaction,
)
from ocpp16cp.outcome import (
    CardRefusal,
    CardRefused,
    SetOutput,
    TransactionStarted,
    TransactionStopped,
)
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus, Reason
from tests.features.stations import SINGLE, STATION, configured

S = ChargePointStatus


GROUND, LOCK = ChargePointErrorCode.GROUND_FAILURE, ChargePointErrorCode.CONNECTOR_LOCK_FAILURE


def fault() -> FaultRaised:
    """Connector 1 cannot charge."""
    return FaultRaised(connector_id=1, error_code=GROUND)


def repaired() -> FaultCleared:
    """Connector 1 can charge again."""
    return FaultCleared(connector_id=1, error_code=GROUND)


def stops(play: Playbook, transaction_id: int) -> object:
    """What RemoteStopTransaction is answered with."""
    answer = play.send(RemoteStopTransaction(transaction_id=transaction_id), RemoteStopTransactionConf)
    return answer.status


def test_start_tells_who_where_when_and_the_register() -> None:
    """§4.8, §6.45."""
    with Playbook(STATION) as play:
        play.boot()
        play.advance(100)
        play.deliver(2, 34)
        play.plug_in(2)
        play.expect_status(2, S.PREPARING)
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect(
            StartTransaction(
                connector_id=2, id_tag="TAG", meter_start=2034, timestamp=BEGINNING + timedelta(seconds=100)
            )
        )
        play.expect_status(2, S.CHARGING)
        play.expect(TransactionStarted(2, "TAG", 2034))


def test_energy_flows_only_during_a_transaction() -> None:
    """No energy before the authorization; from the start on without waiting for the central system."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(StartTransaction, SILENCE)
        play.expect(SetOutput(1, is_on=False))
        play.plug_in(1)
        play.expect_no(SetOutput)
        play.present_card("TAG")
        play.expect(SetOutput(1, is_on=True))
        play.happens(StopPressed(1))

        play.expect(SetOutput(1, is_on=False))
        play.skip()


def test_transaction_waits_for_the_first_reading_of_its_meter() -> None:
    """§6.45: `meterStart` is what the meter shows; before it showed anything nothing begins."""
    with Playbook(SINGLE) as play:
        reading = play.hardware.readings.pop(1)
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.advance(5)
        play.expect_nothing()
        play.happens(MeterRead(1, reading))

        play.expect(StartTransaction, meter_start=1000)
        play.expect_status(1, S.CHARGING)


def test_transactions_of_one_station_do_not_mix() -> None:
    with Playbook(STATION) as play:
        play.boot()
        first = play.begin_transaction(1, "ONE")
        second = play.begin_transaction(2, "TWO")
        play.deliver(2, 70)
        play.present_card("TWO")
        play.expect(StopTransaction, id_tag="TWO", transaction_id=second, meter_stop=2070)
        play.expect_status(2, S.FINISHING)
        play.present_card("ONE")

        play.expect(StopTransaction, id_tag="ONE", transaction_id=first, meter_stop=1000)
        play.expect_status(1, S.FINISHING)


def test_remote_stop_ends_the_transaction_of_its_id() -> None:
    """§5.12: answered first; reason Remote, named after the card that began."""
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1, "ONE")
        transaction_id = play.begin_transaction(2, "TWO")

        assert stops(play, transaction_id) is RemoteStartStopStatus.ACCEPTED
        play.expect(StopTransaction, id_tag="TWO", reason=Reason.REMOTE, transaction_id=transaction_id)
        play.expect_status(2, S.FINISHING)


def test_remote_stop_of_an_unknown_id_is_rejected() -> None:
    """§5.12."""
    with Playbook(STATION) as play:
        play.boot()
        transaction_id = play.begin_transaction()

        assert stops(play, transaction_id + 1) is RemoteStartStopStatus.REJECTED


def test_remote_stop_before_the_id_is_known_is_rejected() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(StartTransaction, SILENCE)
        play.plug_in(1)
        play.present_card("TAG")

        assert stops(play, 1) is RemoteStartStopStatus.REJECTED
        play.skip()


def test_remote_stop_of_a_transaction_that_ends_already_is_rejected() -> None:
    """One StopTransaction per transaction."""
    with Playbook(SINGLE) as play:
        play.boot()
        transaction_id = play.begin_transaction()
        play.hardware.output_delay_s = 1.0

        assert stops(play, transaction_id) is RemoteStartStopStatus.ACCEPTED
        assert stops(play, transaction_id) is RemoteStartStopStatus.REJECTED
        play.advance(5)
        assert stops(play, transaction_id) is RemoteStartStopStatus.REJECTED
        play.expect(StopTransaction)
        play.expect_status(1, S.FINISHING)


def test_stop_button_ends_the_transaction() -> None:
    """Reason Local, named after the card that began."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.deliver(1, 800)
        play.advance(12)
        play.happens(StopPressed(1))

        play.expect(
            StopTransaction(
                id_tag="TAG",
                meter_stop=1800,
                timestamp=BEGINNING + timedelta(seconds=12),
                transaction_id=1,
                reason=Reason.LOCAL,
            )
        )
        play.expect_status(1, S.FINISHING)
        play.expect(TransactionStopped(1, "TAG", Reason.LOCAL, 800))


def test_stop_button_without_a_transaction_does_nothing() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.happens(StopPressed(1))

        play.expect_nothing()


def test_fault_interrupts_the_energy_and_not_the_transaction() -> None:
    """§17: energy off, Faulted, the transaction stays open; after the repair charging goes on."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(fault())
        play.expect_status(1, S.FAULTED, GROUND)
        assert not play.hardware.outputs[1]
        play.happens(repaired())

        play.expect_status(1, S.CHARGING)
        assert play.hardware.outputs[1]


def test_faulted_transaction_can_be_stopped() -> None:
    """§17: reason as usual, the status stays Faulted; afterwards Finishing."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(fault())
        play.expect_status(1, S.FAULTED, GROUND)
        play.present_card("TAG")
        play.expect(StopTransaction, reason=Reason.LOCAL)
        play.happens(repaired())

        play.expect_status(1, S.FINISHING)


def test_vehicle_that_pauses_keeps_the_output() -> None:
    """SuspendedEV: the station goes on offering."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(VehicleChanged(1, wants_energy=False))

        play.expect_status(1, S.SUSPENDED_EV)
        assert play.hardware.outputs[1]


def test_reading_of_another_connector_does_not_count() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1)
        play.happens(MeterRead(2, Reading(register_wh=99_999)))
        play.present_card("TAG")

        play.expect(StopTransaction, meter_stop=1000)
        play.expect_status(1, S.FINISHING)


def test_station_that_has_never_been_accepted_may_be_allowed_to_work() -> None:
    """A setting: transactions before the first acceptance; authorized they must be all the same."""
    free = evolve(SINGLE, settings=evolve(SINGLE.settings, accept_before_first_boot=True))
    with Playbook(configured(free, AllowOfflineTxForUnknownId=False)) as play:
        play.drop_link()
        play.start()
        play.present_card("TAG")

        play.expect(CardRefused("TAG", CardRefusal.OFFLINE))
