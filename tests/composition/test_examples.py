"""Worked examples of the smart charging rules; hardware 32 A on 3 phases at 230 V unless one says otherwise."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ocpp16cp.composition import ConnectorSupply, ProfileSet, Supply
from ocpp16cp.wire.types import ChargingProfile, ChargingRateUnitType

from .building import T0, A, W, at, profile, short, station, supply

DAY = 86_400


@pytest.mark.parametrize(
    ("profiles", "running", "duration", "expected"),
    [
        pytest.param([profile("default", "0:16, 300:10", start=-100)], None, 600, "0:16, 200:10", id="begun"),
        pytest.param(
            [profile("default", "0:8, 120:12", duration=240)],
            None,
            400,
            "0:8, 120:12, 240:32",
            id="after-the-duration-the-hardware-limits",
        ),
        pytest.param(
            [profile("default", "0:10, 200:20, 350:6", duration=300)],
            None,
            500,
            "0:10, 200:20, 300:32",
            id="no-period-after-the-duration",
        ),
        pytest.param(
            [
                profile("default", "0:10"),
                profile("default", "0:6, 60:14", level=3, duration=150),
            ],
            None,
            300,
            "0:6, 60:14, 150:10",
            id="a-stack-and-not-a-minimum",
        ),
        pytest.param(
            [profile("default", "0:6", level=1), profile("default", "0:20", level=5)],
            None,
            300,
            "0:20",
            id="endless-level-hides-lower-ones",
        ),
        pytest.param(
            [
                profile("default", "0:13"),
                profile("default", "0:7, 150:9", level=2, valid_from=100, valid_to=200),
            ],
            None,
            300,
            "0:13, 100:7, 150:9, 200:13",
            id="periods-count-from-the-start-and-not-from-validity",
        ),
        pytest.param(
            [
                profile("tx", "0:9", duration=120),
                profile("default", "0:11", level=4, duration=300),
            ],
            0,
            400,
            "0:9, 120:11, 300:32",
            id="purpose-before-level",
        ),
        pytest.param(
            [profile("max", "0:20, 100:12"), profile("tx", "0:16, 50:25")],
            0,
            200,
            "0:16, 50:20, 100:12",
            id="charge-point-max-caps",
        ),
        pytest.param(
            [profile("default", "0:6, 100:18", kind="relative", duration=200)],
            -70,
            300,
            "0:6, 30:18, 130:32",
            id="relative-to-the-transaction",
        ),
        pytest.param(
            [profile("default", "0:6, 100:18", kind="relative", duration=200)],
            None,
            300,
            "0:6, 100:18, 200:32",
            id="relative-on-an-idle-connector",
        ),
        pytest.param(
            [
                # From 22:00 to 06:00 each night, asked at 05:00 five days later.
                profile("default", "0:25", level=1, kind="daily", start=-103 * 3600, duration=28_800),
                profile("default", "0:10"),
            ],
            None,
            21_600,
            "0:25, 3600:10",
            id="recurring-over-midnight",
        ),
        pytest.param(
            [
                profile(
                    "default",
                    "0:10, 80000:20, 90000:6",
                    kind="daily",
                    start=-79_000 - 5 * DAY,
                    duration=100_000,
                )
            ],
            None,
            10_000,
            "0:10, 1000:20, 7400:10",
            id="nothing-beyond-the-recurrence",
        ),
        pytest.param(
            [profile("tx", "0:0, 60:16", level=2), profile("default", "0:6")],
            0,
            120,
            "0:0, 60:16",
            id="nought-is-a-limit",
        ),
        pytest.param(
            [
                profile("max", "0:15", level=1, duration=100),
                profile("max", "0:25"),
                profile("tx", "0:18", level=3, duration=50),
                profile("tx", "0:30", level=1, duration=200),
                profile("default", "0:8", duration=250),
            ],
            0,
            300,
            "0:15, 100:25, 200:8, 250:25",
            id="all-purposes",
        ),
        pytest.param(
            [
                profile("default", "0:10", profile_id=1),
                profile("default", "0:14", profile_id=2, valid_from=600),
            ],
            None,
            900,
            "0:32, 600:14",
            id="replaced-at-once-though-not-yet-valid",
        ),
        pytest.param(
            [
                profile("max", "0:10", duration=DAY),
                profile("default", "0:6, 60:10, 120:8, 180:25, 260:8", duration=300),
                profile("tx", "0:8, 50:11, 140:16, 200:6, 240:12", duration=260),
            ],
            0,
            400,
            "0:8, 50:10, 200:6, 240:10, 260:8, 300:10",
            id="TC_066",
        ),
        pytest.param(
            [
                profile("default", "0:6, 50:5, 100:8, 200:10", duration=400),
                profile("default", "0:7, 100:9", level=1, duration=150),
            ],
            0,
            350,
            "0:7, 100:9, 150:8, 200:10",
            id="TC_072",
        ),
        pytest.param(
            [
                profile("default", "0:9, 7200:12", kind="daily"),
                profile("default", "0:24, 36000:8", level=1, kind="daily", duration=43_200),
            ],
            None,
            100_000,
            "0:24, 36000:8, 43200:12, 86400:24",
            id="each-level-in-its-own-cycle",
        ),
        pytest.param(
            [
                profile("default", "0:9, 7200:12", kind="weekly"),
                profile("default", "0:24, 36000:8", level=1, kind="weekly", duration=43_200),
            ],
            None,
            100_000,
            "0:24, 36000:8, 43200:12",
            id="weekly",
        ),
    ],
)
def test_example(profiles: list[ChargingProfile], running: int | None, duration: int, expected: str) -> None:
    """Levels, gaps, ends, validity, kinds and purposes, one at a time (§3.13)."""
    installed = station(*profiles, running=running)

    composite = installed.compose(1, T0, duration=duration, unit=A)

    assert short(composite) == expected


@pytest.mark.parametrize(("unit", "expected"), [(A, "0:10"), (W, "0:6900")])
def test_units_mix(unit: ChargingRateUnitType, expected: str) -> None:
    """Limits in A and in W are compared as amperes per phase, and answered in the unit asked for (§7.12)."""
    installed = station(profile("max", "0:10"), profile("default", "0:11040/3", unit=W))

    composite = installed.compose(1, T0, duration=100, unit=unit)

    assert short(composite) == expected


@pytest.mark.parametrize(
    ("periods", "given", "asked", "phases", "expected"),
    [
        ("0:7000", W, A, 3, "0:10.1"),
        ("0:3680/1", W, A, 3, "0:16"),
        ("0:6900", W, A, 1, "0:10"),
        ("0:13.3/1", A, W, 3, "0:3059"),
    ],
)
def test_conversion(
    periods: str, given: ChargingRateUnitType, asked: ChargingRateUnitType, phases: int, expected: str
) -> None:
    """The profile's phases, 3 if absent, convert its watts; one decimal is left, rounded down (§7.14)."""
    installed = station(profile("default", periods, unit=given), of=supply(limit="32", phases=phases))

    composite = installed.compose(1, T0, duration=100, unit=asked)

    assert short(composite) == expected


def _overlaid() -> ProfileSet:
    """A default for all connectors, and one of the same level for connector 2."""
    return station(
        (0, profile("default", "0:16", profile_id=1)),
        (2, profile("default", "0:8", profile_id=2)),
        of=supply(connectors=2),
    )


def test_default_of_a_connector_hides_the_general_one_there() -> None:
    """TxDefaultProfile on connector N beside one on 0 of the same level (§3.13.2)."""
    installed = _overlaid()

    limits = [short(installed.compose(connector, T0, duration=100)) for connector in (1, 2)]

    assert limits == ["0:16", "0:8"]


@pytest.mark.parametrize(("removed", "expected"), [(2, ["0:16", "0:16"]), (1, ["0:32", "0:8"])])
def test_overlay_is_reversible(removed: int, expected: list[str]) -> None:
    """With the connector's own default gone the general one is back, and the other way round."""
    installed = _overlaid().without_profile(removed)

    limits = [short(installed.compose(connector, T0, duration=100)) for connector in (1, 2)]

    assert limits == expected


@pytest.mark.parametrize(("with_max", "expected"), [(True, "0:20, 200:32"), (False, "0:20, 200:63")])
def test_charge_point_is_the_sum_of_its_connectors_under_its_own_limits(with_max: bool, expected: str) -> None:
    """Connector 0: what all connectors draw together, capped (§5.7)."""
    profiles = [profile("default", "0:10", duration=200)]
    if with_max:
        profiles.append(profile("max", "0:32"))
    installed = station(*profiles, of=supply(connectors=2, station="63"))

    composite = installed.compose(0, T0, duration=300, unit=A)

    assert short(composite) == expected


def test_change_of_phases_alone_starts_a_period() -> None:
    """The fewest phases of all limits that take part stand with the answer (§7.14)."""
    installed = station(profile("max", "0:12/3, 60:18/1, 120:18"))

    composite = installed.compose(1, T0, duration=180, unit=A)

    assert short(composite, phases=True) == "0:12/3, 60:18/1, 120:18/3"


def test_levels_of_charge_point_and_connector_are_one_stack() -> None:
    """Defaults on 0 and on N of different levels stack (§3.13.2)."""
    installed = station(
        (1, profile("default", "0:11", level=2, kind="relative")),
        (0, profile("default", "0:7, 30:15", level=4, kind="relative", duration=90)),
        running=0,
    )

    composite = installed.compose(1, T0, duration=120, unit=A)

    assert short(composite) == "0:7, 30:15, 90:11"


def test_window_begins_with_the_end_of_a_schedule() -> None:
    """A schedule whose last second was the one before shows no more, not even for a moment."""
    installed = station(profile("default", "0:6", level=1, start=-100, duration=100), profile("max", "0:20, 50:18"))

    composite = installed.compose(1, T0, duration=100)

    assert (composite.starts, composite.tenths) == ((0, 50), (200, 180))


def test_window_begins_in_the_middle_of_a_regular_grid_whose_last_period_goes_on() -> None:
    """A window that begins after the last startPeriod still sees its limit."""
    installed = station(profile("default", "0:6, 10:7, 20:8", duration=100))

    composite = installed.compose(1, at(50), duration=100)

    assert short(composite) == "0:8, 50:32"


def test_connector_draws_no_more_than_its_hardware_in_the_sum() -> None:
    """A default above what a connector can carry counts as what it can carry."""
    installed = ProfileSet.of(
        Supply(
            connectors=(
                ConnectorSupply(limit_a=Decimal(16)),
                ConnectorSupply(limit_a=Decimal(32)),
            )
        ),
        [(0, profile("default", "0:20"))],
    )

    composite = installed.compose(0, T0, duration=100)

    assert short(composite) == "0:36"


@pytest.mark.parametrize(
    ("profiles", "window", "expected"),
    [
        ([profile("default", "0:16")], -1, "0:32, 1:16"),
        ([profile("default", "0:16")], 0, "0:16"),
        ([profile("max", "0:16")], -1, "0:32, 1:16"),
        ([profile("max", "0:16")], 0, "0:16"),
        ([profile("max", "0:20"), profile("default", "0:16", start=50)], 0, "0:20, 50:16"),
        ([profile("max", "0:20", start=50), profile("default", "0:24")], 0, "0:24, 50:20"),
        ([profile("default", "0:16", kind="relative", start=None)], -1, "0:16"),
        ([profile("default", "0:16", valid_to=50)], 0, "0:16, 50:32"),
        ([profile("default", "0:16", kind="daily")], -1, "0:32, 1:16"),
        ([profile("default", "0:16", kind="daily", duration=50)], 0, "0:16, 50:32"),
        ([], 0, "0:32"),
    ],
)
def test_one_limit_without_end(profiles: list[ChargingProfile], window: int, expected: str) -> None:
    """It is the answer from the instant it begins, and not before."""
    installed = station(*profiles)

    composite = installed.compose(1, at(window), duration=100, unit=A)

    assert short(composite) == expected
