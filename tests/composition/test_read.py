"""Stations from JSON text, and what is wrong with others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ocpp16cp.composition import CurrentType, ProfileRefused
from ocpp16cp.composition.read import read_station
from ocpp16cp.errors import UsageError

from .building import T0, at, short

PERIODS = [{"startPeriod": 0, "limit": 16}, {"startPeriod": 60, "limit": 9.5, "numberPhases": 1}]


def _profile(profile_id: int = 3, connector_id: int = 1, **fields: object) -> dict[str, Any]:
    """The payload of a SetChargingProfile."""
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": PERIODS}
    schedule["startSchedule"] = "2026-03-02T10:05:00Z"
    schedule.update(fields.pop("schedule", {}))  # type: ignore[call-overload]  # a dict of fields
    return {
        "connectorId": connector_id,
        "csChargingProfiles": {
            "chargingProfileId": profile_id,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxDefaultProfile",
            "chargingProfileKind": "Absolute",
            "chargingSchedule": schedule,
            **fields,
        },
    }


def test_station_with_profiles_and_transactions() -> None:
    """All three parts, with the names of the wire."""
    text = json.dumps(
        {
            "station": {
                "connectors": 3,
                "supplyVoltage": 231,
                "defaultPhases": 2,
                "hardwareLimit": 63,
                "connectorHardwareLimit": 20.5,
            },
            "profiles": [_profile()],
            "transactions": [{"connectorId": 2, "transactionId": 7, "startTime": "2026-03-02T10:00:00Z"}],
        }
    )

    installed = read_station(text)

    assert len(installed.supply.connectors) == 3
    assert (installed.supply.voltage_v, installed.supply.phases) == (231, 2)
    assert installed.transactions[0].start == at(-300)
    assert short(installed.compose(1, T0, duration=100), phases=True) == "0:16/2, 60:9.5/1"
    assert short(installed.compose(2, T0, duration=100), phases=True) == "0:20.5/2"


def test_station_and_transactions_may_be_absent() -> None:
    """Then there are as many connectors as there is talk of."""
    installed = read_station(json.dumps({"profiles": [_profile(connector_id=2)]}))

    assert len(installed.supply.connectors) == 2
    assert installed.supply.current_type is CurrentType.AC
    assert installed.transactions == ()


def test_charge_point_max_without_start_counts_from_receipt() -> None:
    """The moment is the caller's to give."""
    endless = _profile(connector_id=0, chargingProfilePurpose="ChargePointMaxProfile")
    del endless["csChargingProfiles"]["chargingSchedule"]["startSchedule"]

    installed = read_station(json.dumps({"profiles": [endless]}), received=at(30))

    assert short(installed.compose(1, T0, duration=100)) == "0:none, 30:16, 90:9.5"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no JSON: line 1, column 1"),
        ('\n {"station":\n  }', "no JSON: line 3, column 3"),
        ('{"profiles": []}\n}', "no JSON: line 2, column 1"),
        ("[" * 100_000, "nested too deep"),
        ('{"station": {}, "station": {}}', "JSON that is refused: a key stands twice"),
        ("[]", r"\$: an object expected"),
        ('{"profile": []}', r"\$.profile: unknown field"),
        ('{"profiles": {}}', r"\$.profiles: a list expected"),
        ('{"station": 5}', "station: an object expected"),
        ('{"station": {"phases": 5}}', "station.phases: unknown field"),
        ('{"station": {"connectors": 0}}', "station.connectors: 0 is not 1 to 64"),
        ('{"station": {"supplyVoltage": 0}}', "station.supplyVoltage: 0 is not 1 to 100000"),
        ('{"station": {"defaultPhases": 4}}', "station.defaultPhases: 4 is not 1 to 3"),
        ('{"station": {"hardwareLimit": 0}}', "station.hardwareLimit: 0 A is not above 0"),
        ('{"station": {"connectorHardwareLimit": -3}}', "station.connectorHardwareLimit: -3 A is not above 0"),
        ('{"profiles": [5]}', r"profiles\[0\]: an object expected"),
        ('{"transactions": [{"connectorId": 1}]}', r"transactions\[0\].startTime: missing"),
    ],
)
def test_text_that_is_no_station_is_refused(text: str, message: str) -> None:
    """What and where is said."""
    with pytest.raises(UsageError, match=message):
        read_station(text)


def test_undecodable_profile_is_named_by_its_id() -> None:
    """With the path of the field and the rule it breaks."""
    wrong = _profile(profile_id=12, schedule={"chargingRateUnit": "kW"})

    with pytest.raises(
        UsageError,
        match=r"^profile 12: profiles\[1\].csChargingProfiles.chargingSchedule.chargingRateUnit: ",
    ):
        read_station(json.dumps({"profiles": [_profile(), wrong]}))


@pytest.mark.parametrize(
    ("station", "fields", "message"),
    [
        (
            {"chargeProfileMaxStackLevel": 2},
            {"stackLevel": 3},
            "stackLevel: 3 is above chargeProfileMaxStackLevel 2",
        ),
        (
            {"chargingScheduleMaxPeriods": 1},
            {},
            r"chargingSchedule.chargingSchedulePeriod: 2 of them, chargingScheduleMaxPeriods is 1",
        ),
        (
            {"chargingScheduleAllowedChargingRateUnit": "Power"},
            {},
            r"chargingSchedule.chargingRateUnit: A \(Current\) is not among 'Power'",
        ),
        ({}, {"connector_id": 1_000_000}, "connectorId: there is no connector 1000000"),
        (
            {},
            {"chargingProfilePurpose": "ChargePointMaxProfile"},
            "connectorId: ChargePointMaxProfile belongs on connector 0, not 1",
        ),
    ],
)
def test_profile_against_the_rules_or_the_station_is_refused(
    station: dict[str, object], fields: dict[str, Any], message: str
) -> None:
    """The station's keys bound what may be installed (§9.4)."""
    text = json.dumps({"station": station, "profiles": [_profile(profile_id=12, **fields)]})

    with pytest.raises(ProfileRefused, match=f"^profile 12: {message}"):
        read_station(text)


def test_number_of_installed_profiles_is_bounded_by_the_station() -> None:
    """Counted after replacements."""
    station = {"maxChargingProfilesInstalled": 1}
    replaced = [_profile(profile_id=1), _profile(profile_id=2)]
    both = [_profile(profile_id=1), _profile(profile_id=2, stackLevel=1)]

    assert len(read_station(json.dumps({"station": station, "profiles": replaced})).layers) == 1
    with pytest.raises(UsageError, match="2 of them stay installed"):
        read_station(json.dumps({"station": station, "profiles": both}))
