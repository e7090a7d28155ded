from __future__ import annotations

import pytest
from attrs import evolve

from ocpp16cp.events import LinkDown, LinkUp, PongReceived, StopRequested, TextReceived
from ocpp16cp.features.boot.messages import BootNotification, Heartbeat
from ocpp16cp.features.configuration.messages import ChangeConfiguration, GetConfiguration
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.outcome import Close, LinkEstablished, LinkLost, Open, Ping
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, USUAL
from ocpp16cp.testing.stage import Network
from ocpp16cp.wire.types import ChargePointStatus
from tests.features.stations import STATION, configured

NO_CHANCE = configured(STATION, RetryBackOffRandomRange=0)


def waits(play: Playbook) -> list[float]:
    """The waits that were told with each lost connection."""
    return [entry.item.retry_in_s for entry in play.entries if isinstance(entry.item, LinkLost)]


def opened_at(play: Playbook) -> list[float]:
    """When connections were asked for."""
    return [entry.at for entry in play.entries if isinstance(entry.item, Open)]


def test_station_connects_at_once_and_offers_its_subprotocol() -> None:
    """OCPP-J §3.1: the identity ends the URL, the subprotocol is `ocpp1.6`."""
    with Playbook(STATION) as play:
        play.boot()

        play.expect(Open(1, "ws://cs.example/ocpp/CP1", ("ocpp1.6",)))
        play.expect(LinkEstablished("ws://cs.example/ocpp"))


def test_station_without_url_stays_offline() -> None:
    with Playbook(evolve(STATION, central_system_url="")) as play:
        play.start()
        play.advance(3600)

        play.expect_no(Open)


def test_wait_doubles_with_each_failure_up_to_a_limit() -> None:
    """OCPP-J §5.3 leaves the back-off to us: 3 s doubled three times, then always the same."""
    with Playbook(NO_CHANCE) as play:
        play.network = Network.DOWN
        play.start()
        play.advance(93)

        assert waits(play) == [3, 6, 12, 24, 24, 24, 24]
        assert opened_at(play) == [0, 3, 9, 21, 45, 69, 93]


def test_every_wait_has_a_random_part_of_its_own() -> None:
    """A thousand stations must not come back at the same instant."""
    with Playbook(configured(STATION, RetryBackOffRandomRange=5), seed=1) as play:
        play.network = Network.DOWN
        play.start()
        play.advance(200)

        parts = [wait - base for wait, base in zip(waits(play), [3, 6, 12, 24, 24, 24], strict=False)]
        assert all(0 <= part <= 5 for part in parts)
        assert len(set(parts)) == 6


def test_waits_follow_from_the_seed() -> None:
    """A run is a pure function of its seed."""
    told = []
    for seed in (1, 1, 2):
        with Playbook(STATION, seed=seed) as play:
            play.network = Network.DOWN
            play.start()
            play.advance(60)
            told.append(waits(play))

    assert told[0] == told[1]
    assert told[0] != told[2]


def test_connection_that_stood_begins_the_count_anew() -> None:
    """A central system that was reachable for a while is tried again soon."""
    with Playbook(NO_CHANCE) as play:
        play.network = Network.DOWN
        play.start()
        play.advance(10)
        play.restore_link()
        play.skip()
        play.advance(3)
        play.drop_link("gone")

        play.expect(LinkLost("gone", 3))


def test_connection_that_broke_at_once_counts_as_a_failure() -> None:
    """A central system that accepts and hangs up must not be hammered."""
    with Playbook(NO_CHANCE) as play:
        play.start()
        play.advance(2.9)
        for _ in range(3):
            play.happens(LinkDown(opened(play), "hung up"))
            play.restore_link()
        play.skip()

        assert waits(play) == [3, 6, 12]


def opened(play: Playbook) -> int:
    """The number of the last connection asked for."""
    return [entry.item.number for entry in play.entries if isinstance(entry.item, Open)][-1]


def test_station_pings_in_its_interval() -> None:
    """§9.1.30: WebSocketPingInterval seconds between pings."""
    with Playbook(configured(STATION, WebSocketPingInterval=10)) as play:
        play.boot()
        play.advance(35)

        assert [entry.at for entry in play.entries if isinstance(entry.item, Ping)] == [10, 20, 30]
        play.expect_no(Close)


def test_station_does_not_ping_with_interval_zero() -> None:
    """§9.1.30: 0 switches the pings of this side off."""
    with Playbook(configured(STATION, WebSocketPingInterval=0)) as play:
        play.boot()
        play.ignore(Heartbeat)
        play.advance(1000)

        play.expect_no(Ping)


def test_half_open_connection_is_given_up() -> None:
    """A ping without an answer within 20 s: the connection is closed, and another one opened after the wait."""
    with Playbook(NO_CHANCE) as play:
        play.boot()
        play.network = Network.DEAD
        play.advance(49.9)
        play.expect(Ping(1))
        play.expect_no(Close)
        play.advance(0.1)

        play.expect(Close(1, 1001, "no answer to a ping"))
        play.expect(LinkLost("closed: no answer to a ping", 3))
        play.network = Network.UP
        play.advance(3)
        assert opened_at(play) == [0, 53]


def test_short_ping_interval_shortens_the_wait_for_the_pong() -> None:
    """The deadline of a pong is the smaller of WebSocketPingInterval and the setting."""
    with Playbook(configured(STATION, WebSocketPingInterval=5)) as play:
        play.boot()
        play.network = Network.DEAD
        play.advance(10)

        play.expect(Close, number=1)
        assert play.now == 10


def test_anything_heard_answers_a_ping() -> None:
    """A central system that talks is alive, even if it never answers pings."""
    with Playbook(STATION) as play:
        play.boot()
        play.network = Network.DEAD
        play.advance(40)
        play.happens(TextReceived(1, "[]"))
        play.advance(39)

        play.expect_no(Close)
        assert [entry.at for entry in play.entries if isinstance(entry.item, Ping)] == [30, 60]


def test_pings_stop_when_the_interval_becomes_zero() -> None:
    """§9.1.30: 0 takes effect at once."""
    with Playbook(STATION) as play:
        play.boot()
        play.advance(30)
        play.send(ChangeConfiguration(key="WebSocketPingInterval", value="0"))
        play.ignore(Heartbeat)
        play.advance(1000)

        play.expect(Ping(1))
        play.expect_no(Ping)


def test_longer_ping_interval_leaves_the_deadline_of_a_pong() -> None:
    """However seldom a station pings, it waits for the pong no longer than its setting says."""
    with Playbook(configured(STATION, WebSocketPingInterval=60)) as play:
        play.boot()
        play.network = Network.DEAD
        play.advance(79.9)
        play.expect_no(Close)
        play.advance(0.1)

        play.expect(Close, reason="no answer to a ping")


@pytest.mark.parametrize("number", [0, 2])
def test_pong_of_another_connection_counts_for_nothing(number: int) -> None:
    """Every event of the network names the connection it belongs to."""
    with Playbook(STATION) as play:
        play.boot()
        play.network = Network.DEAD
        play.advance(40)
        play.happens(PongReceived(number))
        play.advance(10)

        play.expect(Close, number=1)


@pytest.mark.parametrize(
    "event",
    [
        LinkUp(1),
        LinkUp(2),
        LinkUp(7),
        LinkDown(1, "old"),
        LinkDown(7, "none such"),
        TextReceived(1, '[2,"a","GetConfiguration",{}]'),
    ],
)
def test_what_an_old_connection_still_had_queued_is_dropped(event: LinkUp | LinkDown | TextReceived) -> None:
    """After a reconnect nothing that bears the number of another connection is taken for one of this."""
    with Playbook(STATION) as play:
        play.boot()
        play.drop_link()
        play.restore_link()
        before = play.charge_point.records()
        said = len(play.entries)

        play.happens(event)

        assert [entry.item for entry in play.entries[said:]] == [event]
        assert play.charge_point.records() == before


def test_end_of_a_connection_is_told_once() -> None:
    """Every `Open` leads to one `LinkDown`; another one changes nothing."""
    with Playbook(NO_CHANCE) as play:
        play.boot()
        play.drop_link("cut")
        play.happens(LinkDown(1, "cut again"))

        play.expect(LinkLost("cut", 3))
        play.expect_no(LinkLost)


def test_connection_that_comes_up_twice_is_one() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.happens(LinkUp(1))

        play.expect(LinkEstablished)
        play.expect_no(LinkEstablished)


def test_stop_closes_the_connection_for_good() -> None:
    """The application ends the run: one orderly close, no further attempt, no word of a loss."""
    with Playbook(STATION) as play:
        play.boot()
        play.expect(Open)
        play.happens(StopRequested())
        play.advance(3600)

        play.expect(Close(1, 1001, "the charge point shuts down"))
        play.expect_no(Open)
        play.expect_no(LinkLost)


def test_stop_gives_up_an_attempt_to_connect() -> None:
    with Playbook(STATION) as play:
        play.network = Network.DEAD
        play.start()
        play.expect(Open)
        play.happens(StopRequested())
        play.advance(3600)

        play.expect(Close, number=1)
        play.expect_no(Open)


def test_connection_that_comes_up_while_it_is_given_up_is_not_used() -> None:
    with Playbook(STATION) as play:
        play.network = Network.DEAD
        play.start()
        play.charge_point.handle(StopRequested(), now=play.now)

        outcome = play.charge_point.handle(LinkUp(1), now=play.now)

        assert outcome.link == ()
        assert outcome.notices == ()


def test_stop_while_offline_ends_the_attempts() -> None:
    with Playbook(STATION) as play:
        play.network = Network.DOWN
        play.start()
        play.expect(Open)
        play.happens(StopRequested())
        play.advance(3600)

        play.expect_no(Open)
        play.expect_no(Close)


def test_reconnect_is_no_boot() -> None:
    """§4.2: BootNotification is sent once per start, not on a mere reconnect."""
    with Playbook(STATION) as play:
        play.boot()
        play.drop_link()
        play.restore_link()

        play.expect_nothing()
        assert len(play.central_system.seen_of(BootNotification)) == 1


def test_shorter_wait_set_over_the_air_counts_from_the_next_failure() -> None:
    with Playbook(NO_CHANCE) as play:
        play.boot()
        play.send(ChangeConfiguration(key="RetryBackOffWaitMinimum", value="10"))
        play.advance(20)
        play.drop_link("cut")

        play.expect(LinkLost("cut", 10))


@pytest.mark.parametrize("network", [Network.DEAD, Network.UP])
def test_connection_without_pings_is_given_up_when_nobody_answers(network: Network) -> None:
    """A CALL without an answer and nothing else heard: without pings nothing else tells that nobody is there."""
    with Playbook(configured(NO_CHANCE, WebSocketPingInterval=0)) as play:
        play.boot()
        play.advance(5)
        play.central_system.answer(StatusNotification, SILENCE, USUAL)
        play.network = network
        play.plug_in(1)
        play.expect_status(1, ChargePointStatus.PREPARING)
        play.advance(29.9)
        play.expect_no(Close)
        play.advance(0.1)
        play.expect(Close(1, 1001, "no answer to a CALL, and nothing else was heard"))
        play.network = Network.UP
        play.advance(3)

        play.expect_status(1, ChargePointStatus.PREPARING)


def test_connection_on_which_something_was_heard_is_kept() -> None:
    """A central system that is slow, or forgets one answer, is still there."""
    with Playbook(configured(STATION, WebSocketPingInterval=0)) as play:
        play.boot()
        play.advance(5)
        play.central_system.answer(StatusNotification, SILENCE, USUAL)
        play.plug_in(1)
        play.expect_status(1, ChargePointStatus.PREPARING)
        play.advance(10)
        play.send(GetConfiguration())
        play.advance(40)

        play.expect_no(Close)
