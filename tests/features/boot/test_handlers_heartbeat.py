from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ocpp16cp.features.boot.messages import BootNotification, BootNotificationConf, Heartbeat, HeartbeatConf
from ocpp16cp.features.configuration.messages import (
    ChangeConfiguration,
    GetConfiguration,
    GetConfigurationConf,
)
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, Refusal
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.types import ChargePointStatus, RegistrationStatus
from tests.features.stations import STATION, configured

PENDING, REJECTED = RegistrationStatus.PENDING, RegistrationStatus.REJECTED


def verdict(status: RegistrationStatus, interval: int = 60) -> BootNotificationConf:
    """An answer to a BootNotification."""
    return BootNotificationConf(status=status, current_time=BEGINNING, interval=interval)


def beats_at(play: Playbook) -> list[float]:
    """When Heartbeats were sent."""
    return [entry.at for entry in play.entries if isinstance(entry.item, Heartbeat)]


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
