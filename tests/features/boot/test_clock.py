"""The clock: none at the start, wrong by years, set in the middle of everything (§4.6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from ocpp16cp.events import ClockSet
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.boot.messages import BootNotification, Heartbeat, HeartbeatConf
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.reservation.messages import ReservationStatus, ReserveNow, ReserveNowConf
from ocpp16cp.features.transactions.messages import StartTransaction, StopTransaction
from ocpp16cp.outcome import ClockChanged, ReservationEnded
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, USUAL, Refusal
from ocpp16cp.testing.stage import Network
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, IdTagInfo, Reason
from tests.features.stations import STATION, configured

YEAR = 365 * 86_400.0
QUIET = configured(STATION, MeterValueSampleInterval=0)
STEPS = [YEAR, -YEAR, 3600.0, -3600.0]


def set_clock(play: Playbook, by_s: float) -> datetime:
    """The application sets the clock, by so much before or after the time of the central system."""
    utc = play.utc + timedelta(seconds=by_s)
    play.happens(ClockSet(utc))
    return utc


def beats_at(play: Playbook) -> list[float]:
    """When Heartbeats were sent."""
    return [entry.at for entry in play.entries if isinstance(entry.item, Heartbeat)]


def charges(play: Playbook, for_s: float) -> tuple[datetime, datetime]:
    """A whole session, offline; when it began and ended by the true time."""
    play.plug_in(1)
    play.present_card("TAG")
    started = play.utc
    play.advance(for_s)
    play.present_card("TAG")
    stopped = play.utc
    play.unplug(1)
    return started, stopped


def test_what_was_stamped_in_1970_is_put_right_when_the_time_is_told() -> None:
    """A station without a clock of its own charged before anybody told it the time."""
    station = configured(STATION, MeterValueSampleInterval=20, StopTxnSampledData="Energy.Active.Import.Register")
    with Playbook(station) as play:
        play.boot()
        play.skip()
        play.central_system.answer(BootNotification, *[SILENCE] * 2, USUAL)
        play.power_cut(off_s=5000)
        play.advance(10)
        play.ignore(BootNotification)
        started, stopped = charges(play, 50)
        play.advance(120)

        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, ChargePointStatus.AVAILABLE)
        play.expect(StartTransaction, timestamp=started)
        for after_s in (20, 40):
            sample = play.expect(MeterValues).meter_value[0]
            assert sample.timestamp == started + timedelta(seconds=after_s)
        stop = play.expect(StopTransaction, timestamp=stopped)
        assert stop.transaction_data is not None
        stamps = [each.timestamp for each in stop.transaction_data]
        assert (stamps[0], stamps[-1]) == (started, stopped)


def test_first_start_ever_without_a_clock_is_put_right_as_well() -> None:
    """In 1970, with nothing to go on."""
    station = evolve(QUIET, settings=evolve(QUIET.settings, accept_before_first_boot=True))
    with Playbook(station) as play:
        play.central_system.answer(BootNotification, SILENCE, USUAL)
        play.start()
        play.advance(7)
        play.ignore(BootNotification)
        started, stopped = charges(play, 20)
        play.advance(100)

        told = play.expect(ClockChanged)
        assert told.by_s is None
        for connector_id in range(3):
            play.expect_status(connector_id, ChargePointStatus.AVAILABLE)
        play.expect(StartTransaction, timestamp=started)
        play.expect(StopTransaction, timestamp=stopped)


def test_stamps_of_two_runs_without_the_time_are_put_right_together() -> None:
    """What an earlier run guessed is moved as well: better too late by the outage than decades too early."""
    with Playbook(QUIET) as play:
        play.boot()
        play.skip()
        play.network = Network.DOWN
        play.power_cut(off_s=1000)
        play.advance(10)
        started, _ = charges(play, 30)
        play.advance(10)
        play.power_cut(off_s=500)
        play.advance(10)
        _, stopped = charges(play, 30)
        play.network = Network.UP
        play.advance(60)

        play.ignore(BootNotification)
        for connector_id in range(3):
            play.expect_status(connector_id, ChargePointStatus.AVAILABLE)
        first = play.expect(StartTransaction)
        play.expect(StopTransaction)
        play.expect(StartTransaction)
        last = play.expect(StopTransaction)
        # Cut to milliseconds when it was stamped, and when it was moved.
        assert stopped - last.timestamp <= timedelta(milliseconds=1)
        assert started <= first.timestamp <= started + timedelta(seconds=520)


def test_interrupted_transaction_keeps_the_start_that_was_known() -> None:
    """Only what was stamped without knowing the time is moved."""
    with Playbook(QUIET) as play:
        play.boot()
        play.advance(100)
        began = play.utc
        play.begin_transaction(1)
        play.power_cut(off_s=5000)
        play.expect(BootNotification)
        play.skip()

        play.advance(30)
        [stop] = play.central_system.seen_of(StopTransaction)
        assert stop.reason is Reason.POWER_LOSS
        assert began <= stop.timestamp <= play.utc
        play.skip()


@pytest.mark.parametrize("by_s", STEPS)
def test_deadlines_do_not_move_with_the_clock(by_s: float) -> None:
    """Heartbeats, samples, time-outs and retries count seconds, whatever the clock shows."""
    station = configured(STATION, ConnectionTimeOut=50, MeterValueSampleInterval=30, HeartbeatInterval=40)
    with Playbook(station) as play:
        play.central_system.interval_s = 0
        play.boot()
        play.begin_transaction(1)
        play.plug_in(2)
        play.expect_status(2, ChargePointStatus.PREPARING)
        play.advance(10)
        play.central_system.answer(Heartbeat, lambda _: HeartbeatConf(current_time=play.utc + timedelta(seconds=by_s)))
        set_clock(play, by_s)
        play.ignore(Heartbeat, MeterValues)
        play.advance(39.9)
        play.expect_nothing()
        play.advance(0.1)
        play.expect_status(2, ChargePointStatus.FINISHING)
        play.advance(50)

        assert beats_at(play) == [40, 80]
        assert [entry.at for entry in play.entries if isinstance(entry.item, MeterValues)] == [30, 60, 90]


@pytest.mark.parametrize("by_s", STEPS)
def test_retry_does_not_move_with_the_clock(by_s: float) -> None:
    with Playbook(configured(QUIET, TransactionMessageRetryInterval=20)) as play:
        play.boot()
        play.central_system.answer(StartTransaction, Refusal(), USUAL)
        play.plug_in(1)
        play.present_card("TAG")
        play.advance(5)
        set_clock(play, by_s)
        play.advance(14.9)
        assert len(play.central_system.seen_of(StartTransaction)) == 1
        play.advance(0.1)

        assert len(play.central_system.seen_of(StartTransaction)) == 2
        play.skip()


@pytest.mark.parametrize("by_s", STEPS)
def test_correction_in_mid_session_never_turns_a_transaction_back(by_s: float) -> None:
    """Stamps go on with the new clock, and none lies before one that was told."""
    with Playbook(configured(STATION, MeterValueSampleInterval=10)) as play:
        play.boot()
        play.begin_transaction(1)
        play.advance(25)
        set_clock(play, by_s)
        play.advance(20)
        play.present_card("TAG")
        play.skip()

        seen = play.central_system.seen_of
        [start], [stop] = seen(StartTransaction), seen(StopTransaction)
        stamps = [
            start.timestamp,
            *(each.meter_value[0].timestamp for each in seen(MeterValues)),
            stop.timestamp,
        ]
        assert stamps == sorted(stamps)
        assert len(stamps) == 6
        if by_s > 0:
            assert stop.timestamp == play.utc + timedelta(seconds=by_s)


def test_what_expires_by_the_clock_moves_with_it() -> None:
    """§5.13: a reservation ends when the clock, set forward, passes its expiry; set back, it lasts longer."""
    with Playbook(QUIET) as play:
        play.central_system.interval_s = 80_000
        play.boot()
        expiry = play.utc + timedelta(seconds=1000)
        request = ReserveNow(connector_id=1, expiry_date=expiry, id_tag="TAG", reservation_id=1)
        assert play.send(request, ReserveNowConf).status is ReservationStatus.ACCEPTED
        play.expect_status(1, ChargePointStatus.RESERVED)
        set_clock(play, -3600)
        play.advance(1100)
        play.expect_nothing()
        play.expect_no(ReservationEnded)
        set_clock(play, 0)

        play.expect_status(1, ChargePointStatus.AVAILABLE)
        play.expect(ReservationEnded)


def test_card_in_the_cache_expires_when_the_clock_passes_its_date() -> None:
    with Playbook(QUIET) as play:
        play.central_system.interval_s = 80_000
        info = IdTagInfo(status=AuthorizationStatus.ACCEPTED, expiry_date=play.utc + timedelta(days=30))
        play.central_system.cards["TAG"] = info
        play.boot()
        for by_s, is_asked in ((0.0, True), (86_400.0, False), (YEAR, True), (0.0, False)):
            set_clock(play, by_s)
            play.present_card("TAG")
            if is_asked:
                play.expect(Authorize(id_tag="TAG"))
            play.expect_status(1, ChargePointStatus.PREPARING)
            play.present_card("TAG")
            play.expect_status(1, ChargePointStatus.AVAILABLE)


@pytest.mark.parametrize(("interval_s", "times"), [(0, 3), (2**31 - 1, 3), (43_200, 6)])
def test_clock_is_compared_once_a_day_at_least(interval_s: int, times: int) -> None:
    """§4.6: a Heartbeat every 24 hours, however long the interval, for the clock's sake."""
    with Playbook(configured(QUIET, HeartbeatInterval=interval_s, WebSocketPingInterval=0)) as play:
        play.central_system.interval_s = 0
        play.boot()
        play.ignore(Heartbeat)
        play.advance(3 * 86_400)

        assert len(beats_at(play)) == times


def test_every_current_time_sets_the_clock_and_a_wrong_one_is_told() -> None:
    """Also by a second, which a message may take; not below."""
    with Playbook(QUIET, has_clock=True) as play:
        play.central_system.interval_s = 60
        play.boot()
        assert play.expect(ClockChanged).by_s is None
        offsets = iter((0.5, 90.0, 90.0, -90.0))
        play.central_system.answer(
            Heartbeat, lambda _: HeartbeatConf(current_time=play.utc + timedelta(seconds=next(offsets)))
        )
        play.ignore(Heartbeat)
        play.advance(240)

        changes = [entry.item.by_s for entry in play.entries if isinstance(entry.item, ClockChanged)]
        assert changes == [None, 89.5, -180.0]


@pytest.mark.parametrize("utc", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_clock_of_a_mad_central_system_harms_nothing(utc: datetime) -> None:
    """Cut to what a clock can show; the next right one mends it."""
    with Playbook(QUIET) as play:
        play.central_system.interval_s = 60
        play.boot()
        play.begin_transaction(1)
        play.central_system.answer(Heartbeat, HeartbeatConf(current_time=utc), USUAL)
        play.ignore(Heartbeat)
        play.advance(130)
        play.present_card("TAG")
        play.expect(StopTransaction)
        play.skip()

        [stop] = play.central_system.seen_of(StopTransaction)
        # Not before what was stamped while the clock was mad: a transaction does not run backwards.
        assert stop.timestamp == play.utc if utc.year == 1 else stop.timestamp.year == 2026
