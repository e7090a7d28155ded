"""Sessions with no connection for a while: §3.3, §3.5.3, §3.7 and the cases named in each dialogue."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ocpp16cp.features.authorization.messages import Authorize, ClearCache
from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStopTransaction,
    RemoteStopTransactionConf,
    StartTransaction,
    StopTransaction,
)
from ocpp16cp.station import Station
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, IdTagInfo, ReadingContext, Reason
from tests.features.stations import SINGLE, configured

S = ChargePointStatus
OFFLINE = configured(
    SINGLE, LocalAuthorizeOffline=True, AllowOfflineTxForUnknownId=True, AuthorizationCacheEnabled=True
)


def seconds(after: float) -> timedelta:
    """So long after the beginning."""
    return timedelta(seconds=after)


def cache_card(play: Playbook) -> None:
    """The card is presented and taken back: the station knows it from then on."""
    play.present_card("TAG")
    play.expect(Authorize(id_tag="TAG"))
    play.expect_status(1, S.PREPARING)
    play.present_card("TAG")
    play.expect_status(1, S.AVAILABLE)


def start_offline(play: Playbook) -> None:
    """Lose the connection, plug in 20 s later and present the card after 10 more."""
    play.drop_link()
    play.advance(20)
    play.plug_in(1)
    play.advance(10)
    play.present_card("TAG")


def test_tc_036_connection_loss_during_transaction() -> None:
    """All samples missed arrive in order, without a BootNotification; sampling goes on; then a remote stop."""
    with Playbook(configured(SINGLE, MeterValueSampleInterval=15, ClockAlignedDataInterval=0)) as play:
        play.boot()
        transaction_id = play.begin_transaction()

        play.drop_link()
        play.advance(62)
        play.restore_link()
        play.advance(90 - play.now)
        for number in range(1, 7):
            sent = play.expect(MeterValues, transaction_id=transaction_id)
            (value,) = sent.meter_value
            assert value.timestamp == BEGINNING + seconds(15 * number)
            assert {each.context for each in value.sampled_value} == {ReadingContext.SAMPLE_PERIODIC}
            assert {each.format for each in value.sampled_value} == {None}

        stopped = play.send(RemoteStopTransaction(transaction_id=transaction_id), RemoteStopTransactionConf)
        assert stopped.status is RemoteStartStopStatus.ACCEPTED
        play.expect(StopTransaction, transaction_id=transaction_id, reason=Reason.REMOTE)
        play.expect_status(1, S.FINISHING)
        assert len(play.central_system.seen_of(BootNotification)) == 1


@pytest.mark.parametrize("is_known", [True, False])
def test_tc_037_1_offline_start_transaction_valid_id_tag(is_known: bool) -> None:
    """StartTransaction with the time of the event, Charging once; later stopped by the card."""
    with Playbook(OFFLINE) as play:
        play.boot()
        if is_known:
            cache_card(play)

        start_offline(play)
        play.advance(10)
        play.restore_link()
        play.expect_status(1, S.CHARGING)
        play.expect(StartTransaction, connector_id=1, id_tag="TAG", meter_start=1000, timestamp=BEGINNING + seconds(30))
        play.expect_nothing()

        play.present_card("TAG")
        play.expect(StopTransaction, transaction_id=1, id_tag="TAG", reason=Reason.LOCAL)
        play.expect_status(1, S.FINISHING)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def invalid_after_outage(play: Playbook) -> None:
    """An unknown card starts offline; back online the central system says that it is invalid."""
    play.boot()
    cache_card(play)
    play.send(ClearCache())
    play.central_system.cards["TAG"] = IdTagInfo(status=AuthorizationStatus.INVALID)
    start_offline(play)
    play.advance(10)
    play.restore_link()
    play.expect_status(1, S.CHARGING)
    play.expect(StartTransaction, connector_id=1, id_tag="TAG", timestamp=BEGINNING + seconds(30))


def refusing(*, stops: bool) -> Station:
    """A station that takes no excuse from a card that turns out to be invalid."""
    return configured(OFFLINE, StopTransactionOnInvalidId=stops, MaxEnergyOnInvalidId=0, MeterValueSampleInterval=0)


def test_tc_037_2_offline_start_transaction_invalid_id_tag_transaction_goes_on() -> None:
    """StopTransactionOnInvalidId false: Charging, then SuspendedEVSE; it ends when the user stops it."""
    with Playbook(refusing(stops=False)) as play:
        invalid_after_outage(play)

        play.expect_status(1, S.SUSPENDED_EVSE)
        assert not play.hardware.outputs[1]
        play.advance(60)
        play.expect_nothing()
        play.present_card("TAG")
        play.expect(StopTransaction, transaction_id=1, reason=Reason.LOCAL)
        play.expect_status(1, S.FINISHING)


def test_tc_037_3_offline_start_transaction_invalid_id_tag_transaction_stops() -> None:
    """StopTransactionOnInvalidId true: StopTransaction with DeAuthorized, Finishing, and Available when unplugged."""
    with Playbook(refusing(stops=True)) as play:
        invalid_after_outage(play)

        play.expect(StopTransaction, transaction_id=1, reason=Reason.DE_AUTHORIZED)
        play.expect_status(1, S.FINISHING)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_tc_038_offline_stop_transaction() -> None:
    """Stopped by its card while offline: told with the time of the event, behind what was queued before it."""
    with Playbook(SINGLE) as play:
        play.boot()
        transaction_id = play.begin_transaction()

        play.drop_link()
        play.advance(40)
        play.deliver(1, 300)
        play.present_card("TAG")
        play.advance(100)
        play.restore_link()

        play.expect_status(1, S.FINISHING)
        play.expect(MeterValues, transaction_id=transaction_id)
        play.expect(
            StopTransaction(
                id_tag="TAG",
                meter_stop=1300,
                timestamp=BEGINNING + seconds(40),
                transaction_id=transaction_id,
                reason=Reason.LOCAL,
            )
        )


def test_tc_039_offline_transaction() -> None:
    """Begun, ended and unplugged while offline: told whole, with the id of its answer; the status is what it was."""
    with Playbook(OFFLINE) as play:
        play.boot()
        cache_card(play)

        start_offline(play)
        play.advance(60)
        play.deliver(1, 500)
        play.advance(10)
        play.present_card("TAG")
        play.unplug(1)
        play.advance(5)
        play.restore_link()
        play.expect(StartTransaction, id_tag="TAG", meter_start=1000, timestamp=BEGINNING + seconds(30))
        for number in (1, 2):
            sent = play.expect(MeterValues, transaction_id=1)
            assert sent.meter_value[0].timestamp == BEGINNING + seconds(30 + 30 * number)
        play.expect(
            StopTransaction,
            transaction_id=1,
            id_tag="TAG",
            meter_stop=1500,
            timestamp=BEGINNING + seconds(100),
            reason=Reason.LOCAL,
        )
        play.expect_nothing()
        assert play.central_system.seen_of(StatusNotification)[-1].status is S.AVAILABLE
