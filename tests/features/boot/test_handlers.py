from __future__ import annotations

import pytest
from attrs import evolve

from ocpp16cp.errors import CallErrorCode
from ocpp16cp.features.boot.messages import BootNotification, BootNotificationConf, Heartbeat
from ocpp16cp.features.configuration.messages import (
    ChangeConfiguration,
    ChangeConfigurationConf,
    ConfigurationStatus,
    GetConfiguration,
    GetConfigurationConf,
)
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    RemoteStopTransaction,
    RemoteStopTransactionConf,
    StartTransaction,
    StopTransaction,
)
from ocpp16cp.outcome import CallFailed, CardRefusal, CardRefused, FrameRefused, Registered, StatusChanged
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, USUAL, Behaviour, Late, Refusal
from ocpp16cp.testing.stage import BEGINNING, Network
from ocpp16cp.wire.types import ChargePointStatus, RegistrationStatus
from tests.features.stations import STATION, configured

PENDING, REJECTED = RegistrationStatus.PENDING, RegistrationStatus.REJECTED


def verdict(status: RegistrationStatus, interval: int = 60) -> BootNotificationConf:
    """An answer to a BootNotification."""
    return BootNotificationConf(status=status, current_time=BEGINNING, interval=interval)


def booting_at(play: Playbook) -> list[float]:
    """When BootNotifications were sent."""
    return [entry.at for entry in play.entries if isinstance(entry.item, BootNotification)]


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
    with Playbook(configured(STATION, WebSocketPingInterval=10)) as play:
        play.central_system.answer(BootNotification, Late(31), Refusal())
        play.start()
        play.expect(BootNotification)
        play.advance(15)
        play.send(GetConfiguration(key=("HeartbeatInterval",)))
        play.advance(16)

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


@pytest.mark.parametrize("answer", [verdict(PENDING, 600), verdict(REJECTED, 600), SILENCE])
def test_station_known_from_before_charges_while_it_waits_for_its_registration(answer: Behaviour) -> None:
    """§4.2: local starts follow the rules for offline; what comes of them is sent after the statuses."""
    with Playbook(configured(STATION, MeterValueSampleInterval=0)) as play:
        play.boot()
        play.central_system.answer(BootNotification, answer, USUAL)
        play.power_cut()
        play.expect(BootNotification)
        play.advance(1)
        play.plug_in(1)
        play.present_card("TAG")
        started = play.utc
        play.advance(50)
        play.present_card("TAG")
        stopped = play.utc
        play.unplug(1)
        if answer is not SILENCE:
            play.expect_nothing()
        play.advance(600)

        play.expect(BootNotification)
        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, ChargePointStatus.AVAILABLE)
        play.expect(StartTransaction, connector_id=1, id_tag="TAG", timestamp=started)
        play.expect(StopTransaction, transaction_id=1, timestamp=stopped)
        play.ignore(Heartbeat)


def test_every_start_begins_with_a_boot_notification() -> None:
    """§4.2: a restart is told, whatever the central system thought of the station before."""
    with Playbook(STATION) as play:
        play.boot()
        play.power_cut()

        play.expect(BootNotification)
        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, ChargePointStatus.AVAILABLE)
