from __future__ import annotations

import pytest
from attrs import evolve

from ocpp16cp.features.boot.messages import BootNotification, BootNotificationConf, Heartbeat
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.remote_trigger.messages import MessageTrigger, TriggerMessage, TriggerMessageStatus
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStopTransaction,
    RemoteStopTransactionConf,
    UnlockConnector,
)
from ocpp16cp.outcome import CallFailed, CardAccepted
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, USUAL, Late
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.types import ChargePointStatus, RegistrationStatus
from tests.features.stations import SOCKET, STATION
from tests.features.triggering import asked, trigger

PENDING, REJECTED = RegistrationStatus.PENDING, RegistrationStatus.REJECTED


def verdict(status: RegistrationStatus, interval: int = 60) -> BootNotificationConf:
    """An answer to a BootNotification."""
    return BootNotificationConf(status=status, current_time=BEGINNING, interval=interval)


def booting_at(play: Playbook) -> list[float]:
    """When BootNotifications were sent."""
    return [entry.at for entry in play.entries if isinstance(entry.item, BootNotification)]


def beats_at(play: Playbook) -> list[float]:
    """When Heartbeats were sent."""
    return [entry.at for entry in play.entries if isinstance(entry.item, Heartbeat)]


def test_triggered_boot_notification_is_sent_whatever_was_said_before() -> None:
    """§5.17: TriggerMessage(BootNotification) repeats it; accepted again, every status is told again."""
    with Playbook(STATION) as play:
        play.boot()
        trigger(play, "BootNotification")

        play.expect(BootNotification)
        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, ChargePointStatus.AVAILABLE)


def test_triggered_boot_notification_brings_the_next_one_earlier() -> None:
    """§4.2: while Pending the central system may end the wait; the wait that was given is over then."""
    with Playbook(STATION) as play:
        play.central_system.answer(BootNotification, verdict(PENDING, 100), USUAL)
        play.start()
        play.advance(10)
        trigger(play, "BootNotification")
        play.advance(200)

        assert booting_at(play) == [0, 10]
        play.skip()


def test_triggered_heartbeat_begins_the_interval_anew() -> None:
    with Playbook(STATION) as play:
        play.central_system.interval_s = 60
        play.boot()
        play.advance(20)
        trigger(play, "Heartbeat")
        play.advance(60)

        assert beats_at(play) == [20, 80]
        play.skip()


def test_what_was_asked_for_is_sent_while_pending() -> None:
    """§4.2: while Pending nothing is sent but what the central system asks for."""
    with Playbook(STATION) as play:
        play.central_system.answer(BootNotification, verdict(PENDING, 1000))
        play.start()
        play.expect(BootNotification)

        trigger(play, "Heartbeat")
        play.expect(Heartbeat)
        trigger(play, "StatusNotification", 1)
        play.expect_status(1, ChargePointStatus.UNAVAILABLE)


def test_nothing_is_answered_nor_sent_while_rejected() -> None:
    """§4.2: not even what the central system asks for."""
    with Playbook(STATION) as play:
        play.central_system.answer(BootNotification, verdict(REJECTED, 1000))
        play.start()
        play.expect(BootNotification)

        message_id = play.post(TriggerMessage(requested_message=MessageTrigger.HEARTBEAT))

        assert play.answer_to(message_id) is None


@pytest.mark.parametrize("name", MessageTrigger)
def test_nothing_may_be_asked_for_before_the_station_is_registered(name: MessageTrigger) -> None:
    """§4.2: nothing but the BootNotification may be sent, and that is on its way."""
    with Playbook(STATION) as play:
        play.central_system.answer(BootNotification, Late(20))
        play.start()
        play.expect(BootNotification)

        assert asked(play, name) is TriggerMessageStatus.REJECTED
        play.advance(20)
        play.skip()


def test_station_may_keep_its_boot_notification_to_itself_once_it_is_accepted() -> None:
    """Errata 3.35 recommend it; while Pending it is sent all the same."""
    reticent = evolve(STATION, settings=evolve(STATION.settings, accepts_boot_trigger=False))
    with Playbook(reticent) as play:
        play.central_system.answer(BootNotification, verdict(PENDING, 1000), USUAL)
        play.start()
        play.expect(BootNotification)
        trigger(play, "BootNotification")
        play.expect(BootNotification)
        play.skip()

        assert asked(play, "BootNotification") is TriggerMessageStatus.REJECTED


def test_station_that_is_pending_after_all_goes_on_charging() -> None:
    """A triggered BootNotification answered Pending: the transaction runs on, its messages wait."""
    with Playbook(STATION) as play:
        play.boot()
        transaction_id = play.begin_transaction(1)
        play.central_system.answer(BootNotification, verdict(PENDING, 100), USUAL)
        trigger(play, "BootNotification")
        play.expect(BootNotification)
        stopped = play.send(RemoteStopTransaction(transaction_id=transaction_id))
        play.advance(99)
        play.expect_nothing()

        assert stopped == RemoteStopTransactionConf(status=RemoteStartStopStatus.REJECTED)
        assert play.hardware.outputs[1]
        play.advance(1)
        play.expect(BootNotification)
        for _ in range(3):
            play.expect(StatusNotification)
        for _ in range(3):
            play.expect(MeterValues, transaction_id=transaction_id)


@pytest.mark.parametrize("status", [PENDING, REJECTED])
def test_card_that_was_about_to_be_asked_for_is_decided_as_offline(status: RegistrationStatus) -> None:
    """An Authorize that waited behind the BootNotification may not be sent any more: nobody at the reader waits on."""
    with Playbook(STATION) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, ChargePointStatus.PREPARING)
        play.central_system.answer(BootNotification, Late(2, verdict(status, 1000)))
        trigger(play, "BootNotification")
        play.expect(BootNotification)
        play.present_card("TAG")
        play.advance(2)

        play.expect(CallFailed("Authorize", "nothing may be sent now"))
        play.expect(CardAccepted("TAG", 1))
        assert play.hardware.outputs[1]
        play.expect_nothing()


def test_what_was_asked_for_outlives_the_change_to_pending_not_to_rejected() -> None:
    """§4.2: Pending leaves what the central system asked for; Rejected leaves nothing."""
    for status, is_sent in ((PENDING, True), (REJECTED, False)):
        with Playbook(STATION) as play:
            play.boot()
            play.central_system.answer(BootNotification, Late(2, verdict(status, 1000)))
            trigger(play, "BootNotification")
            trigger(play, "Heartbeat")
            trigger(play, "StatusNotification", 1)
            play.expect(BootNotification)
            play.advance(2)

            if is_sent:
                play.expect(Heartbeat)
                play.expect_status(1, ChargePointStatus.AVAILABLE)
            play.expect_nothing()


def test_answer_under_way_is_not_given_once_rejected() -> None:
    """§4.2: while Rejected nothing is sent, also no answer that took its time."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_delay_s = 3.0
        play.central_system.answer(BootNotification, Late(2, verdict(REJECTED, 1000)))
        trigger(play, "BootNotification")
        play.expect(BootNotification)
        asked = play.post(UnlockConnector(connector_id=1))
        play.advance(10)

        assert play.answer_to(asked) is None
        play.expect_nothing()


def test_failed_boot_notification_of_an_accepted_station_changes_nothing() -> None:
    """A triggered BootNotification that is not answered: the last word of the central system was Accepted."""
    with Playbook(STATION) as play:
        play.boot()
        play.central_system.answer(BootNotification, SILENCE)
        trigger(play, "BootNotification")
        play.expect(BootNotification)
        play.advance(40)
        play.plug_in(1)

        play.expect_status(1, ChargePointStatus.PREPARING)
        assert booting_at(play) == [0, 0]
