"""Several ways to one central system: the next one when one fails, back to the preferred one when it is time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from attrs import evolve

from ocpp16cp.endpoints import Endpoint
from ocpp16cp.errors import UsageError
from ocpp16cp.events import LinkDown
from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.configuration.messages import GetConfiguration
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import UnlockConnector, UnlockConnectorConf, UnlockStatus
from ocpp16cp.outcome import Close, EndpointChanged, LinkEstablished, LinkLost, Open
from ocpp16cp.station import Station
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, USUAL, Late, Refusal
from ocpp16cp.testing.stage import Network
from ocpp16cp.wire.types import ChargePointStatus
from tests.features.stations import SOCKET, STATION, configured

WIRED = Endpoint(interface="eth0")
WIRELESS = Endpoint(local_address="10.0.0.5")
MOBILE = Endpoint(url="wss://mobile.example/ocpp", interface="wwan0")
RETURNING = "the preferred endpoint is tried again"


def several(station: Station = STATION, *, wait_s: int = 100) -> Station:
    """The station with three ways and without chance."""
    settings = evolve(station.settings, preferred_endpoint_wait_s=wait_s)
    quiet = configured(station, RetryBackOffRandomRange=0, WebSocketPingInterval=0, HeartbeatInterval=0)
    return evolve(quiet, endpoints=(WIRED, WIRELESS, MOBILE), settings=settings)


def playbook(station: Station | None = None, *, down: tuple[int, ...] = ()) -> Playbook:
    """A dialogue in which some of the endpoints are down."""
    play = Playbook(several() if station is None else station)
    play.central_system.interval_s = 86_400
    play.endpoints_down |= set(down)
    return play


def opened(play: Playbook) -> list[tuple[float, str]]:
    """When, and over which network, connections were asked for."""
    return list(_opened(play))


def _opened(play: Playbook) -> Iterator[tuple[float, str]]:
    for entry in play.entries:
        if isinstance(entry.item, Open):
            yield round(entry.at, 3), entry.item.interface or entry.item.local_address


def test_preferred_endpoint_is_the_first() -> None:
    with playbook() as play:
        play.boot()

        play.expect(Open(1, "ws://cs.example/ocpp/CP1", ("ocpp1.6",), interface="eth0"))
        play.expect(LinkEstablished("ws://cs.example/ocpp", "eth0"))
        play.expect_no(EndpointChanged)


def test_next_endpoint_is_tried_at_once_when_one_cannot_connect() -> None:
    """Told by notices: what was lost, and where it is tried next."""
    with playbook(down=(0, 1)) as play:
        play.start()
        play.advance(1)

        assert opened(play) == [(0, "eth0"), (0.1, "10.0.0.5"), (0.2, "wwan0")]
        play.expect(Open(1, "ws://cs.example/ocpp/CP1", ("ocpp1.6",), interface="eth0"))
        play.expect(Open(2, "ws://cs.example/ocpp/CP1", ("ocpp1.6",), local_address="10.0.0.5"))
        play.expect(Open(3, "wss://mobile.example/ocpp/CP1", ("ocpp1.6",), interface="wwan0"))
        play.expect(LinkLost("connection refused", 0.1))
        play.expect(EndpointChanged(1, "ws://cs.example/ocpp", "from 10.0.0.5", "connection refused"))
        play.expect(EndpointChanged(2, "wss://mobile.example/ocpp", "wwan0", "connection refused"))
        play.expect(LinkEstablished("wss://mobile.example/ocpp", "wwan0"))
        play.skip()


def test_wait_comes_when_all_have_failed_and_doubles_with_each_round() -> None:
    """Each round begins with the preferred endpoint."""
    with playbook(down=(0, 1, 2)) as play:
        play.start()
        play.advance(25)

        assert opened(play) == [
            *[(0, "eth0"), (0.1, "10.0.0.5"), (0.2, "wwan0")],
            *[(3.2, "eth0"), (3.3, "10.0.0.5"), (3.4, "wwan0")],
            *[(9.4, "eth0"), (9.5, "10.0.0.5"), (9.6, "wwan0")],
            *[(21.6, "eth0"), (21.7, "10.0.0.5"), (21.8, "wwan0")],
        ]


def test_endpoint_that_hangs_up_at_once_is_followed_by_the_next() -> None:
    """A central system that accepts and hangs up is as good as none; where it stood long it is tried again."""
    with playbook() as play:
        play.start()
        play.advance(1)
        play.happens(LinkDown(1, "hung up"))
        play.advance(50)
        play.happens(LinkDown(2, "broken"))
        play.advance(10)

        assert opened(play) == [(0, "eth0"), (1.1, "10.0.0.5"), (54, "10.0.0.5")]
        play.skip()


def test_silent_network_is_left_for_the_next() -> None:
    with playbook() as play:
        play.network = Network.DEAD
        play.start()
        play.advance(5)
        play.network = Network.UP
        play.advance(10)

        assert opened(play) == [(0, "eth0"), (10.1, "10.0.0.5")]
        play.skip()


def test_changing_over_is_a_reconnect_and_no_boot() -> None:
    """Whichever way is used, it is the same central system: its acceptance counts, only what is new is told."""
    with playbook() as play:
        play.boot()
        play.advance(10)
        play.endpoints_down |= {0}
        play.happens(LinkDown(1, "the cable is cut"))
        play.plug_in(1)
        play.advance(10)

        play.expect_status(1, ChargePointStatus.PREPARING)
        assert opened(play) == [(0, "eth0"), (13, "eth0"), (13.1, "10.0.0.5")]
        assert len(play.central_system.seen_of(BootNotification)) == 1


def test_acceptance_counts_after_a_restart_whichever_way_is_used_then() -> None:
    """Ever accepted belongs to the central system, not to the way."""
    with playbook() as play:
        play.boot()
        play.endpoints_down |= {0, 1}
        play.central_system.answer(BootNotification, SILENCE)
        play.power_cut()
        play.advance(1)
        play.expect(BootNotification)

        assert play.hardware.lights is not None
        play.plug_in(1)
        play.present_card("TAG")
        assert play.hardware.outputs[1]


def test_station_goes_back_to_the_preferred_endpoint_when_it_is_time() -> None:
    """By an orderly close, counted from when the preferred one failed; without a boot."""
    with playbook(down=(0,)) as play:
        play.start()
        play.advance(50)
        play.skip()
        play.endpoints_down.clear()
        play.advance(49.9)
        play.expect_no(Close)
        play.advance(1)

        play.expect(Close(2, 1000, RETURNING))
        play.expect(EndpointChanged(0, "ws://cs.example/ocpp", "eth0", RETURNING))
        play.expect(LinkEstablished("ws://cs.example/ocpp", "eth0"))
        assert opened(play)[2:] == [(100.1, "eth0")]
        play.advance(3600)
        play.expect_nothing()
        assert len(opened(play)) == 3


def test_vain_returns_become_rarer() -> None:
    """Each costs an outage: after 100 s, 200 s, ... and never more than 32 times the wait."""
    with playbook(down=(0,)) as play:
        play.start()
        play.advance(25_000)
        play.skip()

        tries = [at for at, network in opened(play) if network == "eth0"]
        waits = [round(later - earlier, 1) for earlier, later in pairwise(tries)]
        assert waits[:7] == [100.1, 200.1, 400.1, 800.1, 1600.1, 3200.1, 3200.1]


def test_preferred_endpoint_that_worked_again_is_soon_tried_again() -> None:
    with playbook(down=(0,)) as play:
        play.start()
        play.advance(250)
        play.endpoints_down.clear()
        play.advance(100)
        assert opened(play)[-1][1] == "eth0"
        play.endpoints_down |= {0}
        play.happens(LinkDown(play.link, "broken"))
        play.advance(120)
        play.skip()

        tries = [at for at, network in opened(play) if network == "eth0"]
        assert tries[-1] - tries[-2] == pytest.approx(100.1)


def test_station_never_goes_back_by_itself_when_it_is_told_not_to() -> None:
    with playbook(several(wait_s=0), down=(0,)) as play:
        play.start()
        play.advance(50_000)
        play.skip()

        assert [network for _, network in opened(play)] == ["eth0", "10.0.0.5"]


def test_break_of_another_endpoint_is_an_occasion_to_go_back() -> None:
    """When the time has come meanwhile, no second outage is needed."""
    with playbook(several(SOCKET), down=(0,)) as play:
        play.start()
        play.advance(99)
        play.hardware.lock_delay_s = 3.5
        play.post(UnlockConnector(connector_id=1))
        play.advance(2)
        play.happens(LinkDown(2, "broken"))
        play.advance(10)

        assert opened(play) == [(0, "eth0"), (0.1, "10.0.0.5"), (104, "eth0"), (104.1, "10.0.0.5")]
        play.expect_no(Close)
        play.skip()


def test_nothing_is_left_behind_that_is_on_its_way() -> None:
    """A CALL in flight is answered first, and so is one of the central system."""
    with playbook(several(SOCKET), down=(0,)) as play:
        play.start()
        play.advance(1)
        play.skip()
        play.central_system.answer(StatusNotification, Late(20), USUAL)
        play.hardware.lock_delay_s = 3.5
        play.advance(98)
        play.plug_in(1)
        play.expect_status(1, ChargePointStatus.PREPARING)
        play.advance(18)
        asked = play.post(UnlockConnector(connector_id=1))
        play.advance(3.4)
        play.expect_no(Close)
        play.advance(0.1)

        assert play.answer_to(asked) == UnlockConnectorConf(status=UnlockStatus.UNLOCKED)
        play.expect(Close(2, 1000, RETURNING))


def test_backlog_is_delivered_before_the_way_is_changed() -> None:
    """Transaction messages that could leave are on their way as well, though none is in flight at this instant."""
    station = several(configured(STATION, MeterValueSampleInterval=10))
    with playbook(station, down=(0,)) as play:
        play.start()
        play.advance(0.5)
        play.skip()
        play.begin_transaction(1)
        play.central_system.answer(MeterValues, *[Late(29)] * 3, Late(1))
        play.advance(99)
        play.ignore(MeterValues)
        play.expect_no(Close)
        play.advance(10)

        [closed_at] = [entry.at for entry in play.entries if isinstance(entry.item, Close)]
        sent_at = [entry.at for entry in play.entries if isinstance(entry.item, MeterValues)]
        # Three by 97.5, then one each second until all ten that have been taken are answered.
        assert (len(sent_at), closed_at) == (10, 104.5)


def test_message_that_waits_for_its_retry_does_not_hold_the_station() -> None:
    station = several(configured(STATION, MeterValueSampleInterval=60, TransactionMessageRetryInterval=1000))
    with playbook(station, down=(0,)) as play:
        play.start()
        play.advance(1)
        play.skip()
        play.begin_transaction(1)
        play.central_system.answer(MeterValues, Refusal(), USUAL)
        play.advance(100)
        play.expect(MeterValues, transaction_id=1)

        play.expect(Close, code=1000)
        play.expect(MeterValues, transaction_id=1)


@pytest.mark.parametrize(
    ("endpoints", "url", "why"),
    [
        ((Endpoint(url="http://x"),), "ws://cs", "endpoints[1].url: 'http://x' does not begin with ws"),
        ((WIRED, Endpoint(url="ws://x#y")), "ws://cs", "endpoints[2].url: neither a fragment"),
    ],
)
def test_endpoint_without_a_usable_url_is_refused(endpoints: tuple[Endpoint, ...], url: str, why: str) -> None:
    station = evolve(STATION, endpoints=endpoints, central_system_url=url)

    with pytest.raises(UsageError) as caught:
        Playbook(station)
    assert str(caught.value).startswith(why)


def test_station_that_is_asked_for_something_answers_before_it_goes() -> None:
    with playbook(down=(0,)) as play:
        play.start()
        play.advance(99)
        play.skip()
        assert play.send(GetConfiguration(key=("HeartbeatInterval",)))
        play.advance(1)

        play.expect(Close, code=1000)
