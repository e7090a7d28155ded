from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest
from attrs import evolve

from ocpp16cp.events import ClockSet, VehicleChanged
from ocpp16cp.features.boot.messages import Heartbeat
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.outcome import LimitChanged, SetLimit, SetOutput
from ocpp16cp.sharing import Claim, Sharing, first_come
from ocpp16cp.station import Connector, CurrentType, Station
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import ChargePointStatus, Measurand
from tests.features.smart_charging.profiles import (
    ACCEPTED,
    DEFAULT,
    MAX,
    RECURRING,
    RELATIVE,
    TX,
    at,
    clear,
    composite,
    install,
    profile,
)
from tests.features.stations import SINGLE, STATION, configured

S = ChargePointStatus


def limits(play: Playbook) -> list[tuple[float, int, str, int]]:
    """What the driver was told of limits since this was asked last: when, connector, amperes, phases."""
    told = []
    for entry in play.entries:
        if entry.is_open and isinstance(entry.item, SetLimit):
            entry.is_open = False
            told.append((entry.at, entry.item.connector_id, f"{entry.item.limit_a:f}", entry.item.phases))
    return told


def charging(play: Playbook, *connectors: int) -> None:
    """Boot, and let transactions run; what the driver was told meanwhile is forgotten."""
    play.boot()
    play.ignore(MeterValues, Heartbeat)
    for connector_id in connectors:
        play.begin_transaction(connector_id, f"TAG-{connector_id}")
    limits(play)


# When limits are told.


def test_limit_is_told_in_the_step_of_its_change_and_only_then() -> None:
    """At the instants of the schedule, to the second, as long as anything changes."""
    with Playbook(SINGLE) as play:
        charging(play, 1)

        assert install(play, 1, profile(DEFAULT, "0:16, 60:16, 90:10, 120:10/3, 150:12", duration=200)) == ACCEPTED
        assert limits(play) == [(0, 1, "16", 3)]
        play.advance(1000)
        assert limits(play) == [(90, 1, "10", 3), (150, 1, "12", 3), (200, 1, "32", 3)]


def test_change_between_wake_ups_by_fractions_of_a_second() -> None:
    """The station's seconds are not those of the schedule."""
    with Playbook(SINGLE) as play:
        play.advance(0.123_456)
        charging(play, 1)

        install(play, 1, profile(DEFAULT, "0:16, 1:15, 2:14, 3:13"))
        play.advance(10)

        assert [limit for _, _, limit, _ in limits(play)] == ["16", "15", "14", "13"]


def test_limit_is_there_before_the_output_is_on() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        install(play, 1, profile(DEFAULT, "0:10"))
        play.begin_transaction(1)

        said = [entry.item for entry in play.entries if isinstance(entry.item, SetLimit | SetOutput)]
        assert said[-2:] == [SetLimit(1, Decimal(10)), SetOutput(1, is_on=True)]


def test_output_is_off_before_anything_else_is_told() -> None:
    """The limit of the transaction stays when it ends: raised first, it would count for a moment."""
    with Playbook(SINGLE) as play:
        charging(play, 1)
        install(play, 1, profile(TX, "0:10"))
        limits(play)

        play.unplug(1)
        play.skip()

        assert limits(play) == []
        assert not play.hardware.outputs[1]


def test_idle_connector_is_told_nothing() -> None:
    with Playbook(STATION) as play:
        charging(play, 1)

        install(play, 2, profile(DEFAULT, "0:16, 90:10"))
        play.advance(100)

        assert limits(play) == []


@pytest.mark.parametrize("limit", ["0", "5.9"])
def test_suspended_as_long_as_nothing_can_be_offered(limit: str) -> None:
    """§4.9: a control pilot cannot tell less than 6 A."""
    with Playbook(SINGLE) as play:
        charging(play, 1)

        install(play, 1, profile(TX, f"0:{limit}, 60:6"))
        play.expect_status(1, S.SUSPENDED_EVSE)
        play.advance(60)
        play.expect_status(1, S.CHARGING)

        assert limits(play) == [(0, 1, "0", 3), (60, 1, "6", 3)]


def test_transaction_that_begins_under_a_limit_of_zero() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.ignore(MeterValues)
        install(play, 1, profile(DEFAULT, "0:0, 60:16"))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.skip()
        play.advance(59)
        assert composite(play, 1) == "0:0, 1:16"

        play.advance(1)
        play.expect_status(1, S.CHARGING)


def test_vehicle_that_pauses_when_the_limit_comes_back() -> None:
    """Transition E4."""
    with Playbook(SINGLE) as play:
        charging(play, 1)
        play.happens(VehicleChanged(1, wants_energy=False))
        play.expect_status(1, S.SUSPENDED_EV)

        install(play, 1, profile(TX, "0:0, 60:16"))
        play.expect_status(1, S.SUSPENDED_EVSE)
        play.advance(60)
        play.expect_status(1, S.SUSPENDED_EV)


@pytest.mark.parametrize(("current_type", "told"), [(CurrentType.DC, "0.1"), (CurrentType.AC, "0")])
def test_dc_has_no_least_current(current_type: CurrentType, told: str) -> None:
    with Playbook(evolve(SINGLE, current_type=current_type, connectors=(Connector(phases=1),))) as play:
        charging(play, 1)
        play.ignore(StatusNotification)

        install(play, 1, profile(TX, "0:0.1"))

        assert limits(play) == [(0, 1, told, 1)]


# What the application is told.


def test_notice_tells_when_the_limit_changes_next() -> None:
    """A change of that instant alone is news, too; the ChargePointMaxProfile counts."""
    with Playbook(SINGLE) as play:
        charging(play, 1)
        assert play.expect(LimitChanged) == LimitChanged(1, Decimal(32), 3, None)

        install(play, 1, profile(DEFAULT, "0:16, 100:10", number=1))
        assert play.expect(LimitChanged) == LimitChanged(1, Decimal(16), 3, at(100))
        install(play, 1, profile(DEFAULT, "0:16, 200:10", number=1))
        assert play.expect(LimitChanged) == LimitChanged(1, Decimal(16), 3, at(200))
        install(play, 0, profile(MAX, "0:30, 150:8", number=2))
        assert play.expect(LimitChanged) == LimitChanged(1, Decimal(16), 3, at(150))
        play.advance(150)
        assert play.expect(LimitChanged) == LimitChanged(1, Decimal(8), 3, None)
        play.expect_no(LimitChanged)


# Life of profiles.


def test_relative_profile_counts_from_the_start_of_the_transaction() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.ignore(MeterValues, Heartbeat)
        install(play, 1, profile(DEFAULT, "0:6, 100:18", kind=RELATIVE, duration=200))
        play.advance(500)
        play.begin_transaction(1)
        limits(play)
        assert composite(play, 1) == "0:6, 100:18, 200:32"

        play.advance(300)
        assert limits(play) == [(600, 1, "18", 3), (700, 1, "32", 3)]


def test_tx_profile_goes_with_its_transaction() -> None:
    """§3.13.2: the next one on the connector charges without it."""
    with Playbook(SINGLE) as play:
        charging(play, 1)
        install(play, 1, profile(TX, "0:10"))
        assert limits(play) == [(0, 1, "10", 3)]

        play.unplug(1)
        play.skip()
        play.begin_transaction(1)

        assert limits(play) == [(0, 1, "32", 3)]
        assert clear(play) == "Unknown"


@pytest.mark.parametrize("resumes", [False, True])
def test_tx_profile_lives_as_long_as_its_transaction_across_a_power_cut(resumes: bool) -> None:
    sturdy = evolve(SINGLE, settings=evolve(SINGLE.settings, resumes_transactions=resumes))
    with Playbook(sturdy, has_clock=True) as play:
        charging(play, 1)
        install(play, 1, profile(TX, "0:10, 100:12", kind=RELATIVE))
        limits(play)

        play.power_cut(off_s=50)
        play.skip()
        play.advance(100)

        told = [limit for _, _, limit, _ in limits(play)]
        assert told == (["12"] if resumes else [])
        assert clear(play) == ("Accepted" if resumes else "Unknown")
        play.skip()


# Clocks.


def test_schedules_move_with_the_clock() -> None:
    """A clock that is set shows which limit holds now; set back, it may bring back what was over."""
    with Playbook(SINGLE) as play:
        charging(play, 1)
        install(play, 1, profile(DEFAULT, "0:16, 1000:10", duration=2000))
        assert limits(play) == [(0, 1, "16", 3)]

        play.happens(ClockSet(at(990)))
        assert limits(play) == []
        play.advance(10)
        assert limits(play) == [(10, 1, "10", 3)]
        play.happens(ClockSet(at(2500)))
        assert limits(play) == [(10, 1, "32", 3)]
        play.happens(ClockSet(at(500)))
        assert limits(play) == [(10, 1, "16", 3)]
        play.happens(ClockSet(at(-5)))
        assert limits(play) == [(10, 1, "32", 3)]
        play.skip()


# Phases.

SWITCHING = configured(SINGLE, ConnectorSwitch3to1PhaseSupported=True)


@pytest.mark.parametrize(
    ("of", "told"),
    [
        (SWITCHING, [("16", 1), ("10.6", 3), ("16", 3)]),
        (SINGLE, [("0", 3), ("10.6", 3), ("16", 3)]),
        (evolve(SINGLE, connectors=(Connector(phases=1),)), [("16", 1)]),
        (evolve(SINGLE, connectors=(Connector(phases=2),)), [("8", 2), ("16", 2)]),
    ],
)
def test_fewer_phases_than_are_wired(of: Station, told: list[tuple[str, int]]) -> None:
    """§9.4.4: where phases cannot be switched the power is kept to: 16 A on 1 of 3 phases are 5.3 A on each."""
    with Playbook(of) as play:
        charging(play, 1)

        play.ignore(StatusNotification)

        install(play, 1, profile(TX, "0:16/1, 60:16/2, 120:16/3, 180:16"))
        play.advance(200)

        assert [(limit, phases) for _, _, limit, phases in limits(play)] == told


# Several connectors under one limit.


def shared(sharing: Sharing, of: Station = STATION) -> Station:
    """A station with another policy."""
    return evolve(of, settings=evolve(of.settings, sharing=sharing))


def test_connectors_share_a_charge_point_max_profile() -> None:
    """The sum is never above it, at no moment: who gives way is told first."""
    with Playbook(STATION) as play:
        charging(play, 2)
        install(play, 0, profile(MAX, "0:25"))
        assert limits(play) == [(0, 2, "25", 3)]

        play.begin_transaction(1)
        assert limits(play) == [(0, 2, "12.5", 3), (0, 1, "12.5", 3)]
        install(play, 2, profile(TX, "0:8", number=2))
        assert limits(play) == [(0, 2, "8", 3), (0, 1, "17", 3)]
        play.unplug(2)
        assert limits(play) == [(0, 1, "25", 3)]
        play.skip()


def test_share_that_is_of_no_use_goes_to_the_others() -> None:
    """Who came last is suspended, and goes on when there is enough again."""
    with Playbook(STATION) as play:
        charging(play, 2, 1)

        install(play, 0, profile(MAX, "0:11, 60:12"))
        play.expect_status(1, S.SUSPENDED_EVSE)
        assert limits(play) == [(0, 1, "0", 3), (0, 2, "11", 3)]
        play.advance(60)
        play.expect_status(1, S.CHARGING)
        assert limits(play) == [(60, 2, "6", 3), (60, 1, "6", 3)]


def test_grid_connection_is_shared_without_smart_charging_too() -> None:
    """It is what the hardware can carry."""
    small = evolve(STATION, max_current_a=Decimal(40), feature_profiles=("Core",))
    with Playbook(small) as play:
        charging(play, 1)
        play.begin_transaction(2)

        assert limits(play) == [(0, 1, "20", 3), (0, 2, "20", 3)]


def test_policy_of_the_operator() -> None:
    with Playbook(shared(first_come)) as play:
        charging(play, 2, 1)

        install(play, 0, profile(MAX, "0:40"))

        assert limits(play) == [(0, 1, "8", 3)]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({1: Decimal(100), 2: Decimal(100)}, [(0, 2, "8", 3)]),
        ({1: Decimal(-5), 2: Decimal("10.09")}, [(0, 1, "0", 3), (0, 2, "10", 3)]),
        ({}, [(0, 1, "0", 3), (0, 2, "0", 3)]),
    ],
)
def test_policy_that_gives_away_too_much(
    answer: Mapping[int, Decimal], told: list[tuple[float, int, str, int]]
) -> None:
    """It is cut: to the claim, and to what is left."""

    def generous(total_a: Decimal, claims: Sequence[Claim], /) -> Mapping[int, Decimal]:
        return answer

    with Playbook(shared(generous)) as play:
        charging(play, 1, 2)

        install(play, 0, profile(MAX, "0:40"))
        assert limits(play) == told
        play.skip()


def test_what_a_policy_learns() -> None:
    """The connectors in the order of their transactions; least counts the phases, and the minChargingRate."""
    asked: list[tuple[Decimal, tuple[Claim, ...]]] = []

    def curious(total_a: Decimal, claims: Sequence[Claim], /) -> Mapping[int, Decimal]:
        asked.append((total_a, tuple(claims)))
        return {}

    with Playbook(shared(curious)) as play:
        charging(play, 2)
        play.advance(10)
        play.begin_transaction(1, "OTHER")
        install(play, 1, profile(TX, "0:24/2", number=1, min_rate="10.5"))
        play.happens(VehicleChanged(2, wants_energy=False))
        play.skip()
        install(play, 0, profile(MAX, "0:40", number=2, min_rate="30"))
        play.skip()

    first, second = asked[-1][1]
    assert asked[-1][0] == 40
    assert first == Claim(
        connector_id=2,
        wanted_a=Decimal(32),
        least_a=Decimal(6),
        id_tag="TAG-2",
        started_at=at(0),
        wants_energy=False,
    )
    assert (second.wanted_a, second.least_a, second.id_tag) == (Decimal(24), Decimal("10.5"), "OTHER")
    assert second.started_at == at(10)


@pytest.mark.parametrize(
    ("rate", "told"),
    [
        ("12.5", [(0, 1, "12.5", 3), (0, 2, "12.5", 3)]),
        ("12.6", [(0, 1, "25", 3), (0, 2, "0", 3)]),
        ("40", [(0, 1, "25", 3), (0, 2, "0", 3)]),
    ],
)
def test_share_below_the_min_charging_rate_is_of_no_use(rate: str, told: list[tuple[float, int, str, int]]) -> None:
    """§7.13: a hint, which counts where there is a choice."""
    with Playbook(STATION) as play:
        charging(play, 1, 2)
        install(play, 2, profile(TX, "0:16", number=1, min_rate=rate))
        limits(play)

        install(play, 0, profile(MAX, "0:25", number=2))

        assert limits(play) == told
        play.skip()


# Offline.


def test_profiles_count_while_offline() -> None:
    """§3.13.6."""
    with Playbook(SINGLE) as play:
        charging(play, 1)
        install(play, 1, profile(TX, "0:16, 600:10", number=1))
        limits(play)
        play.drop_link()

        play.advance(700)
        assert limits(play) == [(600, 1, "10", 3)]
        play.skip()


def test_limit_of_the_operator_while_offline() -> None:
    """After a while, and no longer than it lasts; it never raises anything."""
    careful = evolve(SINGLE, settings=evolve(SINGLE.settings, offline_limit_a=Decimal(10), offline_limit_after_s=100))
    with Playbook(careful) as play:
        charging(play, 1)
        install(play, 1, profile(TX, "0:16, 150:8, 300:12", number=1))
        limits(play)
        play.advance(20)
        play.drop_link()

        play.advance(480)
        assert limits(play) == [(100, 1, "10", 3), (150, 1, "8", 3), (300, 1, "10", 3)]
        play.restore_link()
        assert limits(play) == [(play.now, 1, "12", 3)]
        play.skip()


# Meter values.


def offered(play: Playbook) -> dict[Measurand | None, str]:
    """What the last sample tells is offered."""
    samples = [entry.item for entry in play.entries if isinstance(entry.item, MeterValues)]
    return {each.measurand: each.value for each in samples[-1].meter_value[0].sampled_value}


@pytest.mark.parametrize(
    ("of", "periods", "current", "power"),
    [
        (SINGLE, "0:16", "16", "11040"),
        (SINGLE, "0:12.3", "12.3", "8487"),
        (SINGLE, "0:5", "0", "0"),
        (SINGLE, "0:20/2", "13.3", "9177"),
        (SWITCHING, "0:20/1", "20", "4600"),
    ],
)
def test_meter_values_tell_what_is_offered(of: Station, periods: str, current: str, power: str) -> None:
    """§7.31: amperes per phase, and watts over the phases that are used."""
    with Playbook(configured(of, MeterValuesSampledData="Current.Offered,Power.Offered")) as play:
        charging(play, 1)
        install(play, 1, profile(TX, periods))
        play.skip()

        play.advance(30)

        assert offered(play) == {Measurand.CURRENT_OFFERED: current, Measurand.POWER_OFFERED: power}


def test_daily_profile_goes_on_for_ever() -> None:
    rare = configured(SINGLE, HeartbeatInterval=86_400, MeterValueSampleInterval=0, WebSocketPingInterval=0)
    with Playbook(rare) as play:
        play.central_system.interval_s = 86_400
        charging(play, 1)
        install(play, 1, profile(DEFAULT, "0:16, 43200:10", kind=RECURRING))
        limits(play)

        play.advance(3 * 86_400)

        assert [(at_s, limit) for at_s, _, limit, _ in limits(play)] == [
            (43_200 * half, "10" if half % 2 else "16") for half in range(1, 7)
        ]
