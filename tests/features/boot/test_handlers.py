from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from ocpp16cp.errors import CallErrorCode
from ocpp16cp.features.boot.messages import BootNotification, BootNotificationConf, Heartbeat, HeartbeatConf
from ocpp16cp.features.configuration.messages import (
    ChangeConfiguration,
    ChangeConfigurationConf,
    ConfigurationStatus,
    GetConfiguration,
    GetConfigurationConf,
)
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    RemoteStopTransaction,
    RemoteStopTransactionConf,
)
from ocpp16cp.outcome import CallFailed, CardRefusal, CardRefused, FrameRefused, Registered, StatusChanged
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, USUAL, Behaviour, Late, Refusal
from ocpp16cp.testing.stage import BEGINNING, Network
from ocpp16cp.wire.types import ChargePointStatus, RegistrationStatus
from tests.features.stations import STATION, configured
from tests.features.triggering import trigger, triggerable

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


def test_station_introduces_itself_with_all_it_is() -> None:
    """§4.2, §6.3: the first message of a run tells what the charge point is."""
    station = evolve(
        STATION,
        serial_number="S1",
        charge_box_serial_number="B1",
        firmware_version="1.2.3",
        iccid="8949",
        imsi="26201",
        meter_type="MT",
        meter_serial_number="M1",
    )
    with Playbook(station) as play:
        play.start()

        play.expect(
            BootNotification(
                charge_point_vendor="Vendor",
                charge_point_model="Model",
                charge_point_serial_number="S1",
                charge_box_serial_number="B1",
                firmware_version="1.2.3",
                iccid="8949",
                imsi="26201",
                meter_type="MT",
                meter_serial_number="M1",
            )
        )
        play.skip()


def test_accepted_station_reports_every_status() -> None:
    """§4.2: once accepted, the station and every connector tell their status, the station first."""
    with Playbook(STATION) as play:
        play.start()

        play.expect(BootNotification)
        play.expect(Registered("Accepted", 300))
        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, ChargePointStatus.AVAILABLE)


@pytest.mark.parametrize("status", [PENDING, REJECTED])
def test_station_is_silent_until_it_is_accepted(status: RegistrationStatus) -> None:
    """§4.2: while Pending or Rejected nothing is sent but the next BootNotification, after the interval."""
    with Playbook(STATION) as play:
        play.central_system.answer(BootNotification, verdict(status, 60), USUAL)
        play.start()
        play.expect(BootNotification)
        play.expect(Registered(status.value, 60))

        play.plug_in(1)
        play.present_card("TAG")
        play.advance(59.9)
        play.expect_nothing()
        play.advance(0.1)

        play.expect(BootNotification)
        for connector_id, expected in ((0, "Available"), (1, "Preparing"), (2, "Available")):
            play.expect_status(connector_id, ChargePointStatus(expected))


@pytest.mark.parametrize("status", [PENDING, REJECTED])
@pytest.mark.parametrize("interval", [0, -5])
def test_station_waits_by_itself_when_it_is_given_no_interval(status: RegistrationStatus, interval: int) -> None:
    """§4.2: with interval 0 the wait is the station's choice, and avoids flooding: 30 s."""
    with Playbook(STATION) as play:
        play.central_system.answer(BootNotification, verdict(status, interval))
        play.start()
        play.advance(90)

        assert booting_at(play) == [0, 30, 60, 90]
        play.skip()


@pytest.mark.parametrize(
    ("behaviour", "waits_s"),
    [
        (Refusal(CallErrorCode.INTERNAL_ERROR, "not today"), 30),
        (Refusal(CallErrorCode.SECURITY_ERROR), 30),
        ({"status": "Accepted"}, 30),
        ({"status": "Perhaps", "currentTime": "2026-01-01T00:00:00Z", "interval": 1}, 30),
        (SILENCE, 60),
        (Late(31), 60),
    ],
)
def test_no_usable_answer_is_asked_for_again(behaviour: Behaviour, waits_s: float) -> None:
    """OCPP-J §4.1: CALLERROR, an answer that breaks its schema, no answer in time: again after 30 s, without end."""
    with Playbook(STATION) as play:
        play.central_system.answer(BootNotification, behaviour)
        play.start()
        play.advance(3 * waits_s)

        assert booting_at(play) == [0, waits_s, 2 * waits_s, 3 * waits_s]
        play.expect(CallFailed, action="BootNotification")
        play.skip()


def test_accepted_answer_that_comes_late_counts_for_nothing() -> None:
    """OCPP-J §4.1: an answer after the time-out belongs to no CALL any more."""
    with Playbook(STATION) as play:
        play.central_system.answer(BootNotification, Late(31), Refusal())
        play.start()
        play.expect(BootNotification)
        play.advance(31)

        play.expect(FrameRefused, reason="answer to no CALL of ours, or a late one")
        play.expect_nothing()


def test_connection_lost_while_asking_is_made_good_on_the_next_one() -> None:
    """§4.2: no wait was given, so the next connection begins with the BootNotification."""
    with Playbook(STATION) as play:
        play.central_system.answer(BootNotification, SILENCE, USUAL)
        play.start()
        play.expect(BootNotification)
        play.advance(5)
        play.drop_link()
        play.expect(CallFailed("BootNotification", "the connection was lost"))
        play.restore_link()

        play.expect(BootNotification)
        play.skip()


@pytest.mark.parametrize("status", [PENDING, REJECTED])
def test_wait_is_kept_over_a_reconnect(status: RegistrationStatus) -> None:
    """§4.2: the interval is the least wait, counted from the answer, whatever the connection does meanwhile."""
    with Playbook(STATION) as play:
        play.central_system.answer(BootNotification, verdict(status, 100), USUAL)
        play.start()
        play.advance(10)
        play.drop_link()
        play.restore_link()
        play.advance(100 - play.now)

        assert booting_at(play) == [0, 100]
        play.skip()


def test_wait_that_ended_offline_is_over() -> None:
    with Playbook(STATION) as play:
        play.central_system.answer(BootNotification, verdict(PENDING, 20), USUAL)
        play.start()
        play.expect(BootNotification)
        play.drop_link()
        play.advance(50)
        play.expect_nothing()
        play.restore_link()

        play.expect(BootNotification)
        play.skip()


def test_pending_station_answers() -> None:
    """§4.2: while Pending the central system may read and change the configuration."""
    with Playbook(STATION) as play:
        play.central_system.answer(BootNotification, verdict(PENDING))
        play.start()
        play.expect(BootNotification)

        assert play.send(GetConfiguration(), GetConfigurationConf).configuration_key
        changed = play.send(ChangeConfiguration(key="ConnectionTimeOut", value="20"))
        assert changed == ChangeConfigurationConf(status=ConfigurationStatus.ACCEPTED)


def test_rejected_station_answers_nothing() -> None:
    """§4.2: while Rejected CALLs of the central system get no answer at all, not even a CALLERROR."""
    with Playbook(STATION) as play:
        play.central_system.answer(BootNotification, verdict(REJECTED))
        play.start()
        play.expect(BootNotification)

        known = play.post(GetConfiguration())
        unknown = play.post("NoSuchAction", {})
        said = len(play.entries)
        play.receive("no frame at all")

        assert play.answer_to(known) is None
        assert play.answer_to(unknown) is None
        assert not any(entry.is_output and not isinstance(entry.item, FrameRefused) for entry in play.entries[said:])
        play.expect(FrameRefused, text="GetConfiguration")


def test_station_answers_before_its_first_verdict() -> None:
    """A central system that is quicker than its own answer to the BootNotification is answered as while Pending."""
    with Playbook(STATION) as play:
        play.central_system.answer(BootNotification, SILENCE)
        play.start()
        play.expect(BootNotification)

        assert play.send(GetConfiguration(), GetConfigurationConf).configuration_key


@pytest.mark.parametrize("authorize_remote", [True, False])
def test_remote_start_is_rejected_while_pending(authorize_remote: bool) -> None:
    """§4.2: RemoteStartTransaction and RemoteStopTransaction are not allowed while Pending, also of a station that
    was accepted before its restart.
    """
    with Playbook(configured(STATION, AuthorizeRemoteTxRequests=authorize_remote)) as play:
        play.boot()
        play.central_system.answer(BootNotification, verdict(PENDING, 1000))
        play.plug_in(1)
        play.power_cut()
        play.skip()

        started = play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        stopped = play.send(RemoteStopTransaction(transaction_id=1))

        assert started == RemoteStartTransactionConf(status=RemoteStartStopStatus.REJECTED)
        assert stopped == RemoteStopTransactionConf(status=RemoteStartStopStatus.REJECTED)
        play.expect_nothing()


def test_station_never_accepted_is_unavailable_and_refuses_cards() -> None:
    """§4.2: who has never been accepted by this central system is not in service."""
    with Playbook(STATION) as play:
        play.network = Network.DOWN
        play.start()
        play.plug_in(1)
        play.present_card("TAG")

        for connector_id in (0, 1, 2):
            play.expect(StatusChanged, connector_id=connector_id, status=ChargePointStatus.UNAVAILABLE)
        play.expect_no(StatusChanged)
        play.expect(CardRefused("TAG", CardRefusal.NO_CONNECTOR))


def test_station_that_need_not_be_accepted_is_available_from_the_start() -> None:
    """A setting lets a station begin transactions before any central system has ever accepted it."""
    with Playbook(evolve(STATION, settings=evolve(STATION.settings, accept_before_first_boot=True))) as play:
        play.network = Network.DOWN
        play.start()
        play.plug_in(1)

        play.expect(StatusChanged, connector_id=0, status=ChargePointStatus.AVAILABLE)
        play.expect(StatusChanged, connector_id=1, status=ChargePointStatus.AVAILABLE)
        play.expect(StatusChanged, connector_id=2, status=ChargePointStatus.AVAILABLE)
        play.expect(StatusChanged, connector_id=1, status=ChargePointStatus.PREPARING)


def test_acceptance_is_remembered_over_a_power_cut() -> None:
    """A station that was accepted once is in service after a restart without network."""
    with Playbook(STATION) as play:
        play.boot()
        play.network = Network.DOWN
        said = len(play.entries)
        play.power_cut()

        shown = [entry.item for entry in play.entries[said:] if isinstance(entry.item, StatusChanged)]
        assert {change.status for change in shown} == {ChargePointStatus.AVAILABLE}


def test_every_start_begins_with_a_boot_notification() -> None:
    """§4.2: a restart is told, whatever the central system thought of the station before."""
    with Playbook(STATION) as play:
        play.boot()
        play.power_cut()

        play.expect(BootNotification)
        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, ChargePointStatus.AVAILABLE)


def test_heartbeats_are_spaced_by_the_interval() -> None:
    """§4.6: the interval of the accepting answer, from it and then from each Heartbeat, whatever else is sent."""
    with Playbook(STATION) as play:
        play.central_system.interval_s = 60
        play.boot()
        play.advance(59)
        play.plug_in(1)
        play.expect_status(1, ChargePointStatus.PREPARING)
        play.advance(180)

        assert beats_at(play) == [60, 120, 180]
        play.skip()


def test_interval_of_the_accepting_answer_is_the_key() -> None:
    """§4.2: the interval can be read back as HeartbeatInterval, and survives a power cut."""
    with Playbook(STATION) as play:
        play.central_system.interval_s = 77
        play.boot()
        play.central_system.answer(BootNotification, SILENCE)
        play.power_cut()
        play.expect(BootNotification)

        conf = play.send(GetConfiguration(key=("HeartbeatInterval",)), GetConfigurationConf)

        assert conf.configuration_key
        assert conf.configuration_key[0].value == "77"


@pytest.mark.parametrize("interval", [0, -1])
def test_acceptance_without_an_interval_leaves_the_key(interval: int) -> None:
    with Playbook(configured(STATION, HeartbeatInterval=50)) as play:
        play.central_system.interval_s = interval
        play.boot()
        play.advance(100)

        assert beats_at(play) == [50, 100]
        play.skip()


def test_heartbeat_interval_zero_leaves_one_a_day() -> None:
    """§4.6: the clock needs a Heartbeat every 24 hours."""
    with Playbook(configured(STATION, HeartbeatInterval=0, WebSocketPingInterval=0)) as play:
        play.central_system.interval_s = 0
        play.boot()
        play.advance(86_400 * 2)

        assert beats_at(play) == [86_400, 172_800]
        play.skip()


def test_new_interval_counts_from_the_last_heartbeat() -> None:
    """§5.3: a changed interval takes effect at once, and fires at once if it is past already."""
    with Playbook(STATION) as play:
        play.central_system.interval_s = 100
        play.boot()
        play.advance(50)
        play.send(ChangeConfiguration(key="HeartbeatInterval", value="70"))
        play.advance(70)
        assert beats_at(play) == [70]
        play.send(ChangeConfiguration(key="HeartbeatInterval", value="10"))

        assert beats_at(play) == [70, 120]
        play.skip()


def test_heartbeat_that_fell_due_offline_is_sent_on_the_next_connection() -> None:
    with Playbook(STATION) as play:
        play.central_system.interval_s = 60
        play.boot()
        play.drop_link()
        play.advance(200)
        play.restore_link()
        at = play.now
        play.advance(60)

        assert beats_at(play) == [at, at + 60]
        play.skip()


def test_heartbeat_that_is_not_due_waits_for_its_time_over_a_reconnect() -> None:
    with Playbook(STATION) as play:
        play.central_system.interval_s = 60
        play.boot()
        play.advance(10)
        play.drop_link()
        play.restore_link()
        play.advance(60 - play.now)

        assert beats_at(play) == [60]
        play.skip()


def test_no_heartbeat_while_the_station_is_not_accepted() -> None:
    with Playbook(STATION) as play:
        play.central_system.answer(BootNotification, verdict(PENDING, 10_000))
        play.start()
        play.expect(BootNotification)
        play.advance(9_000)

        play.expect_nothing()


def test_heartbeat_without_an_answer_is_followed_by_the_next() -> None:
    with Playbook(STATION) as play:
        play.central_system.interval_s = 60
        play.boot()
        play.central_system.answer(Heartbeat, Refusal(), SILENCE)
        play.advance(180)

        assert beats_at(play) == [60, 120, 180]
        play.skip()


def test_time_of_the_central_system_sets_the_clock() -> None:
    """§4.2, §4.6: every `currentTime` is taken over, also in mid-operation."""
    told = datetime(2030, 5, 6, 7, 8, 9, tzinfo=UTC)
    with Playbook(STATION) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, ChargePointStatus.PREPARING, timestamp=BEGINNING)
        play.central_system.answer(Heartbeat, HeartbeatConf(current_time=told))
        play.advance(301)
        play.expect_status(1, ChargePointStatus.FINISHING, timestamp=BEGINNING + timedelta(seconds=60))
        play.expect(Heartbeat)
        play.unplug(1)

        play.expect_status(1, ChargePointStatus.AVAILABLE, timestamp=told + timedelta(seconds=1))


@pytest.mark.parametrize("told", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
def test_time_at_the_end_of_the_calendar_does_no_harm(told: str) -> None:
    """The central system's mistake never ends the run, however far its clock is off."""
    with Playbook(STATION) as play:
        play.central_system.answer(BootNotification, {"status": "Accepted", "currentTime": told, "interval": 300})
        play.boot()
        play.advance(5)
        play.plug_in(1)
        play.advance(100)
        play.unplug(1)
        play.skip()


def test_second_acceptance_in_a_run_is_not_asked_for() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.advance(200)

        assert len(play.central_system.seen_of(BootNotification)) == 1
        assert len(play.central_system.seen_of(StatusNotification)) == 3


def test_triggered_boot_notification_is_sent_whatever_was_said_before() -> None:
    """§5.17: TriggerMessage(BootNotification) repeats it; accepted again, every status is told again."""
    with triggerable(STATION) as play:
        play.boot()
        trigger(play, "BootNotification")

        play.expect(BootNotification)
        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, ChargePointStatus.AVAILABLE)


def test_triggered_boot_notification_brings_the_next_one_earlier() -> None:
    """§4.2: while Pending the central system may end the wait; the wait that was given is over then."""
    with triggerable(STATION) as play:
        play.central_system.answer(BootNotification, verdict(PENDING, 100), USUAL)
        play.start()
        play.advance(10)
        trigger(play, "BootNotification")
        play.advance(200)

        assert booting_at(play) == [0, 10]
        play.skip()


def test_triggered_heartbeat_begins_the_interval_anew() -> None:
    with triggerable(STATION) as play:
        play.central_system.interval_s = 60
        play.boot()
        play.advance(20)
        trigger(play, "Heartbeat")
        play.advance(60)

        assert beats_at(play) == [20, 80]
        play.skip()


@pytest.mark.parametrize(("status", "is_sent"), [(PENDING, True), (REJECTED, False)])
def test_what_was_asked_for_is_sent_while_pending(status: RegistrationStatus, is_sent: bool) -> None:
    """§4.2: while Pending nothing is sent but what the central system asks for; while Rejected nothing at all."""
    with triggerable(STATION) as play:
        play.central_system.answer(BootNotification, verdict(status, 1000))
        play.start()
        play.expect(BootNotification)
        trigger(play, "Heartbeat")
        trigger(play, "StatusNotification", 1)

        if is_sent:
            play.expect(Heartbeat)
            play.expect_status(1, ChargePointStatus.UNAVAILABLE)


def test_station_that_is_pending_after_all_goes_on_charging() -> None:
    """A triggered BootNotification answered Pending: the transaction runs on, its messages wait."""
    with triggerable(STATION) as play:
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
