"""Which profiles are refused when they are compiled, and what stays of the others."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from attrs import evolve

from ocpp16cp.composition import ConnectorSupply, CurrentType, ProfileRefused, Supply
from ocpp16cp.composition.layer import EPOCH, FOREVER, PHASES, TENTHS, compile_profile, seconds
from ocpp16cp.wire.types import ChargingProfile

from .building import T0, at, profile, supply


def _with_schedule(changed: ChargingProfile, **fields: object) -> ChargingProfile:
    schedule = evolve(changed.charging_schedule, **fields)  # type: ignore[arg-type]  # any field
    return evolve(changed, charging_schedule=schedule)


@pytest.mark.parametrize(
    ("connector_id", "refused", "field"),
    [
        (3, profile("default", "0:6"), "connectorId"),
        (-1, profile("default", "0:6"), "connectorId"),
        (1, profile("max", "0:6"), "connectorId"),
        (0, profile("tx", "0:6"), "connectorId"),
        (0, profile("max", "0:6", kind="relative"), "chargingProfileKind"),
        (1, profile("default", "0:6", level=-1), "stackLevel"),
        (1, profile("default", "0:6", valid_from=10, valid_to=10), "validTo"),
        (1, evolve(profile("default", "0:6", kind="daily"), recurrency_kind=None), "recurrencyKind"),
        (1, profile("default", "0:6", kind="daily", start=None), "chargingSchedule.startSchedule"),
        (1, profile("default", "0:6", duration=0), "chargingSchedule.duration"),
        (
            1,
            _with_schedule(profile("default", "0:6"), charging_schedule_period=()),
            "chargingSchedule.chargingSchedulePeriod",
        ),
        (
            1,
            profile("default", "5:6"),
            "chargingSchedule.chargingSchedulePeriod[0].startPeriod",
        ),
        (
            1,
            profile("default", "0:6, 20:7, 20:8"),
            "chargingSchedule.chargingSchedulePeriod[2].startPeriod",
        ),
        (1, profile("default", "0:-1"), "chargingSchedule.chargingSchedulePeriod[0].limit"),
        (1, profile("default", "0:6.25"), "chargingSchedule.chargingSchedulePeriod[0].limit"),
        (1, profile("default", "0:6/4"), "chargingSchedule.chargingSchedulePeriod[0].numberPhases"),
    ],
)
def test_refusal_names_profile_and_field(connector_id: int, refused: ChargingProfile, field: str) -> None:
    """A profile that can never be executed as it is (§3.13, §7.8 to §7.14)."""
    with pytest.raises(ProfileRefused) as caught:
        compile_profile(refused, connector_id, supply(connectors=2))

    assert (caught.value.profile_id, caught.value.field_name) == (
        refused.charging_profile_id,
        field,
    )
    assert str(caught.value) == f"profile {refused.charging_profile_id}: {field}: {caught.value.rule}"


def test_refusal_pickles() -> None:
    """It comes back from a process pool as it was raised."""
    refusal = ProfileRefused(7, "stackLevel", "too high")

    copy = pickle.loads(pickle.dumps(refusal))

    assert (copy.profile_id, copy.field_name, copy.rule) == (7, "stackLevel", "too high")


def test_charge_point_max_without_start_counts_from_its_receipt() -> None:
    """There is no transaction for it to be relative to."""
    unanchored = profile("max", "0:6", start=None)

    layer = compile_profile(unanchored, 0, supply(), received=at(60))

    assert (layer.first, layer.is_floating) == (seconds(at(60)), False)
    with pytest.raises(ProfileRefused, match="startSchedule"):
        compile_profile(unanchored, 0, supply())


def test_periods_after_the_end_and_equal_neighbours_are_left_out() -> None:
    """What is compiled is what can show."""
    layer = compile_profile(profile("default", "0:6, 10:6, 20:7, 30:8", duration=30), 1, supply())

    assert (layer.offsets, layer.columns[TENTHS]) == ((0, 20), (60, 70))
    assert (layer.length, layer.period) == (30, FOREVER)


def test_phases_are_ignored_on_direct_current() -> None:
    """numberPhases has no meaning there, whatever it says."""
    dc = Supply(connectors=(ConnectorSupply(limit_a=Decimal(500)),), current_type=CurrentType.DC)

    layer = compile_profile(profile("default", "0:100/9"), 1, dc)

    assert layer.columns[PHASES] == (1,)


def test_instants_count_whole_seconds_in_any_time_zone() -> None:
    """Fractions are dropped, before the epoch as well; a clock time needs a zone."""
    zone = timezone(timedelta(hours=-5))

    assert seconds(T0.astimezone(zone).replace(microsecond=999_999)) == seconds(T0)
    assert seconds(EPOCH - timedelta(milliseconds=1)) == -1
    assert seconds(datetime(2026, 3, 2, 10, 5, 0, tzinfo=UTC)) == seconds(T0)
    with pytest.raises(TypeError):
        seconds(T0.replace(tzinfo=None))
