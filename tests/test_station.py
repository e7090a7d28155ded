from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from ocpp16cp.endpoints import Endpoint
from ocpp16cp.errors import UsageError
from ocpp16cp.station import MAX_CONNECTORS, Connector, CurrentType, FeatureProfile, Settings, Station
from ocpp16cp.wire.types import Measurand, Phase

MINIMAL = Station(identity="CP1", vendor="V", model="M")


def described(name: str, text: str) -> Station:
    """A station with another text in one field."""
    change: dict[str, Any] = {name: text}
    return evolve(MINIMAL, **change)


def test_minimal_station_has_two_connectors_and_one_reader() -> None:
    assert list(MINIMAL.connector_ids) == [1, 2]
    assert MINIMAL.connector(2) == Connector()
    assert MINIMAL.served_by(0) == (1, 2)
    assert MINIMAL.current_type is CurrentType.AC


def test_readers_stand_for_their_connectors() -> None:
    station = evolve(MINIMAL, readers=((2,), (1, 2)))

    assert station.served_by(0) == (2,)
    assert station.served_by(1) == (1, 2)


@pytest.mark.parametrize(("connector_id", "is_there"), [(-1, False), (0, False), (1, True), (2, True), (3, False)])
def test_connectors_are_numbered_from_one(connector_id: int, is_there: bool) -> None:
    assert MINIMAL.has_connector(connector_id) is is_there


TEXTS = {
    "identity": 48,
    "vendor": 20,
    "model": 20,
    "serial_number": 25,
    "charge_box_serial_number": 25,
    "firmware_version": 50,
    "iccid": 20,
    "imsi": 20,
    "meter_type": 25,
    "meter_serial_number": 25,
}
"""The bounds of §6.3, and that of the identity."""


@pytest.mark.parametrize(("name", "limit"), TEXTS.items())
def test_texts_are_bounded_by_what_a_boot_notification_holds(name: str, limit: int) -> None:
    """§6.3: found when the station is described, not when it boots."""
    assert getattr(described(name, "x" * limit), name) == "x" * limit

    with pytest.raises(UsageError, match=f"{name}: 'x+' has {limit + 1} characters, at most {limit} are allowed"):
        described(name, "x" * (limit + 1))
    with pytest.raises(UsageError, match=f"{name}: must not be empty"):
        described(name, "")


@pytest.mark.parametrize("name", TEXTS)
def test_texts_that_cannot_be_sent_are_refused(name: str) -> None:
    """A lone surrogate can neither be sent nor stored."""
    with pytest.raises(UsageError, match=name):
        described(name, "\ud800")


@pytest.mark.parametrize("count", [0, MAX_CONNECTORS + 1])
def test_number_of_connectors_is_bounded(count: int) -> None:
    with pytest.raises(UsageError, match=f"connectors: {count} of them, not 1 to {MAX_CONNECTORS}"):
        evolve(MINIMAL, connectors=(Connector(),) * count)


def test_as_many_connectors_as_there_may_be() -> None:
    assert len(evolve(MINIMAL, connectors=(Connector(),) * MAX_CONNECTORS).connector_ids) == MAX_CONNECTORS


@pytest.mark.parametrize("phases", [0, 4])
def test_connector_has_one_to_three_phases(phases: int) -> None:
    with pytest.raises(UsageError, match=rf"connectors\[2\]\.phases: {phases} is not 1 to 3"):
        evolve(
            MINIMAL,
            connectors=(
                Connector(),
                Connector(phases=phases),
            ),
        )


@pytest.mark.parametrize("current", ["0", "-1", "1000.1", "NaN", "Infinity", "16.25"])
def test_current_of_a_connector_is_bounded(current: str) -> None:
    with pytest.raises(UsageError, match=r"connectors\[1\]\.max_current_a"):
        evolve(MINIMAL, connectors=(Connector(max_current_a=Decimal(current)),))


@pytest.mark.parametrize("current", ["0", "-1", "100000.1", "NaN", "63.01"])
def test_current_of_the_grid_connection_is_bounded(current: str) -> None:
    with pytest.raises(UsageError, match=r"max_current_a: .* is not above 0 and at most 100000, with one decimal"):
        evolve(MINIMAL, max_current_a=Decimal(current))


def test_least_current_is_that_of_a_control_pilot() -> None:
    assert MINIMAL.least_current_a == 6
    assert evolve(MINIMAL, current_type=CurrentType.DC).least_current_a == Decimal("0.1")


@pytest.mark.parametrize("connector_id", [0, 3])
def test_reader_serves_connectors_that_are_there(connector_id: int) -> None:
    with pytest.raises(UsageError, match=rf"readers\[1\]: there is no connector {connector_id}"):
        evolve(MINIMAL, readers=((1,), (1, connector_id)))


def test_ways_are_the_endpoints_each_with_its_url() -> None:
    """Without endpoints there is one way, without a central system none."""
    wired, mobile = Endpoint(interface="eth0"), Endpoint(url="ws://b", local_address="2001:db8::1")
    station = evolve(MINIMAL, central_system_url="ws://a")

    assert MINIMAL.ways == ()
    assert station.ways == (Endpoint(url="ws://a"),)
    assert evolve(station, endpoints=(wired, mobile)).ways == (Endpoint(url="ws://a", interface="eth0"), mobile)
    assert [each.network for each in (Endpoint(), wired, mobile)] == ["", "eth0", "from 2001:db8::1"]
    assert evolve(wired, local_address="10.0.0.5").network == "eth0 from 10.0.0.5"


@pytest.mark.parametrize(
    ("endpoints", "url", "why"),
    [
        ((Endpoint(),), "", "endpoints: central_system_url has to say"),
        (tuple(Endpoint(interface=f"lo{each}") for each in range(9)), "ws://a", "endpoints: 9 of them, at most 8"),
        ((Endpoint(local_address="localhost"),), "ws://a", "endpoints[1].local_address: 'localhost' is no IP address"),
        ((Endpoint(), Endpoint(interface="a/b")), "ws://a", "endpoints[2].interface: 'a/b' is no name of an interface"),
        ((Endpoint(interface="x" * 16),), "ws://a", "endpoints[1].interface: "),
        ((Endpoint(interface="wlan 0"),), "ws://a", "endpoints[1].interface: "),
        ((Endpoint(), Endpoint(interface="lo"), Endpoint()), "ws://a", "endpoints[3]: is the same as endpoints[1]"),
    ],
)
def test_endpoint_that_no_station_can_have_is_refused(endpoints: tuple[Endpoint, ...], url: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        evolve(MINIMAL, central_system_url=url, endpoints=endpoints)
    assert str(caught.value).startswith(why)


@pytest.mark.parametrize("voltage", [49, 1501])
def test_voltage_is_bounded(voltage: int) -> None:
    with pytest.raises(UsageError, match=f"nominal_voltage_v: {voltage} is not 50 to 1500"):
        evolve(MINIMAL, nominal_voltage_v=voltage)


def test_energy_register_is_required() -> None:
    """§9.1.17: every station measures energy."""
    with pytest.raises(UsageError, match=r"measurands: 'Energy\.Active\.Import\.Register' is required"):
        evolve(MINIMAL, measurands=(Measurand.VOLTAGE,))


M, P = Measurand, Phase
ONE_PHASE = (Connector(phases=1),)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"measured_phases": ((M.SOC, P.L1),)}, "measured_phases: SoC.L1: 'SoC' is not among the measurands"),
        ({"measured_phases": ((M.VOLTAGE, P.L1),)}, "measured_phases: Voltage.L1: cannot be told apart, or need not"),
        ({"measured_phases": ((M.CURRENT_OFFERED, P.L1),)}, "measured_phases: Current.Offered.L1: cannot be told"),
        ({"measured_phases": ((M.VOLTAGE, P.L1_L2),), "connectors": ONE_PHASE}, "Voltage.L1-L2: 1 phases are wired"),
        ({"measured_phases": ((M.POWER_ACTIVE_IMPORT, P.L2),), "connectors": ONE_PHASE}, "L2: 1 phases are wired"),
        ({"measured_phases": ((M.CURRENT_IMPORT, P.N),), "current_type": CurrentType.DC}, "N: 0 phases are wired"),
    ],
)
def test_phase_that_no_meter_of_the_station_can_tell_is_refused(facts: dict[str, Any], why: str) -> None:
    """§7.34: what is named is measured by somebody, and not known without being named."""
    with pytest.raises(UsageError, match=why):
        evolve(MINIMAL, **facts)


def test_phases_that_are_wired_may_be_measured() -> None:
    phases = ((M.CURRENT_IMPORT, P.N), (M.POWER_ACTIVE_IMPORT, P.L1))

    assert evolve(MINIMAL, measured_phases=phases, connectors=ONE_PHASE).measured_phases == phases


def test_station_offers_all_profiles_unless_told_otherwise() -> None:
    assert MINIMAL.feature_profiles == tuple(FeatureProfile)
    assert all(MINIMAL.offers(profile) for profile in FeatureProfile)


def test_profiles_may_be_named_as_text() -> None:
    station = Station(identity="CP1", vendor="V", model="M", feature_profiles=("Core", "Reservation"))

    assert station.feature_profiles == (FeatureProfile.CORE, FeatureProfile.RESERVATION)
    assert not station.offers(FeatureProfile.SMART_CHARGING)


@pytest.mark.parametrize(
    ("profiles", "why"),
    [
        (("Core", "Solar"), "feature_profiles: 'Solar' is not a valid FeatureProfile"),
        ((), "'Core' is required of every station"),
        (("Reservation",), "'Core' is required of every station"),
        (("Core", "Reservation", "Core"), "feature_profiles: one is named twice"),
    ],
)
def test_profiles_that_no_station_can_have_are_refused(profiles: tuple[str, ...], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        Station(identity="CP1", vendor="V", model="M", feature_profiles=profiles)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("call_retry_wait_s", 0),
        ("pong_timeout_s", -1),
        ("preferred_endpoint_wait_s", 604_801),
        ("cache_limit", -1),
        ("queue_limit", 0),
        ("output_off_timeout_s", 0.0),
        ("lock_timeout_s", float("nan")),
        ("offline_limit_after_s", -1),
        ("offline_limit_a", Decimal(-1)),
        ("offline_limit_a", Decimal("6.55")),
    ],
)
def test_setting_out_of_its_range_is_named(name: str, value: Any) -> None:
    with pytest.raises(UsageError, match=f"settings.{name}: "):
        Settings(**{name: value})
