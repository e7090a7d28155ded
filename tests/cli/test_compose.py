"""`ocpp16cp compose`: what it prints, draws and refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from ocpp16cp.cli.compose import compose
from ocpp16cp.features.smart_charging.messages import GetCompositeScheduleConf
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.strict_json import load

app = typer.Typer()
app.command()(compose)

CONTENT: dict[str, Any] = {
    "station": {"connectorHardwareLimit": 32},
    "profiles": [
        {
            "connectorId": 1,
            "csChargingProfiles": {
                "chargingProfileId": 3,
                "stackLevel": 0,
                "chargingProfilePurpose": "TxDefaultProfile",
                "chargingProfileKind": "Absolute",
                "chargingSchedule": {
                    "chargingRateUnit": "A",
                    "startSchedule": "2026-03-02T10:05:00Z",
                    "duration": 1800,
                    "chargingSchedulePeriod": [
                        {"startPeriod": 0, "limit": 16},
                        {"startPeriod": 600, "limit": 9.5},
                    ],
                },
            },
        }
    ],
}
WINDOW = ["--from", "2026-03-02T10:05:00Z", "--duration", "3600"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A station with one profile."""
    path = tmp_path / "station.json"
    path.write_text(json.dumps(CONTENT), encoding="utf-8")
    return path


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_heading_chart_and_table(file: Path) -> None:
    """For a reader at a terminal."""
    result = _run(file, *WINDOW, "--explain")

    assert result.exit_code == 0
    assert result.stdout.startswith("Connector 1, 2026-03-02 10:05:00 to 2026-03-02 11:05:00 UTC")
    assert "█" in result.stdout
    assert "profile 3 (TxDefaultProfile, level 0, connector 1)" in result.stdout
    assert "hardware of connector 1" in result.stdout


def test_window_is_a_day_from_now_unless_given(file: Path) -> None:
    """The profile is of the past, the hardware limit remains."""
    result = _run(file, "--json")

    schedule = json.loads(result.stdout)["chargingSchedule"]
    assert schedule["duration"] == 86_400
    assert [period["limit"] for period in schedule["chargingSchedulePeriod"]] == [32.0]


def test_json_is_the_confirmation(file: Path) -> None:
    """As it would go over the wire (§6.22)."""
    result = _run(file, *WINDOW, "--json", "--unit", "W")

    confirmation = Codec().decode(GetCompositeScheduleConf, load(result.stdout))
    assert confirmation.connector_id == 1
    assert confirmation.charging_schedule is not None
    limits = confirmation.charging_schedule.charging_schedule_period
    assert [(each.start_period, str(each.limit)) for each in limits] == [
        (0, "11040.0"),
        (600, "6555.0"),
        (1800, "22080.0"),
    ]


def test_json_with_sources(file: Path) -> None:
    """Beside the confirmation's own fields."""
    result = _run(file, *WINDOW, "--json", "--explain")

    explanation = json.loads(result.stdout)["explanation"]
    assert [each["startPeriod"] for each in explanation] == [0, 600, 1800]
    assert explanation[0]["sources"] == [
        {
            "source": "profile",
            "connectorId": 1,
            "chargingProfileId": 3,
            "chargingProfilePurpose": "TxDefaultProfile",
            "stackLevel": 0,
        }
    ]
    assert explanation[2]["sources"] == [{"source": "hardware", "connectorId": 1}]


@pytest.mark.parametrize("options", [[], ["--dark"]])
def test_plot(file: Path, tmp_path: Path, options: list[str]) -> None:
    """A picture beside the text."""
    picture = tmp_path / "out.svg"

    result = _run(file, *WINDOW, "--plot", picture, *options)

    assert result.exit_code == 0
    assert "ChargePoint" in result.stdout or "Connector 1" in result.stdout
    assert picture.read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--connector", "7"], "there is no connector 7"),
        (["--plot", "out.doc"], "cannot draw 'doc'"),
        (["--plot", "no/such/folder/out.svg"], "No such file or directory"),
    ],
)
def test_refusals_exit_with_one(file: Path, arguments: list[str], message: str) -> None:
    """What is wrong goes to the error output, and nothing to the other."""
    result = _run(file, *WINDOW, *arguments)

    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stdout == ""


def test_refused_profile_is_named_with_field_and_rule(tmp_path: Path) -> None:
    """Which one, which field, which rule."""
    content = json.loads(json.dumps(CONTENT))
    content["profiles"][0]["csChargingProfiles"]["chargingSchedule"]["duration"] = 0
    path = tmp_path / "station.json"
    path.write_text(json.dumps(content), encoding="utf-8")

    result = _run(path, *WINDOW)

    assert result.exit_code == 1
    assert result.stderr.endswith("station.json: profile 3: chargingSchedule.duration: 0 is not above 0\n")


def test_period_without_limit_cannot_be_a_confirmation(tmp_path: Path) -> None:
    """There is no word for "no limit" on the wire."""
    path = tmp_path / "station.json"
    path.write_text("{}", encoding="utf-8")

    assert _run(path, *WINDOW).exit_code == 0
    result = _run(path, *WINDOW, "--json")

    assert result.exit_code == 1
    assert "no profile and no hardware limit" in result.stderr


def test_byte_order_mark_is_no_matter(file: Path) -> None:
    """As editors on Windows put it in front."""
    file.write_text(json.dumps(CONTENT), encoding="utf-8-sig")

    assert _run(file, *WINDOW).exit_code == 0


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59Z", "9999-12-31T20:30:00-03:00"])
def test_window_without_dates_is_refused(file: Path, start: str) -> None:
    """There is no year 0, and none after 9999."""
    assert _run(file, "--from", start, "--duration", "3600").exit_code == 2


def test_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    """A file of another kind."""
    path = tmp_path / "station.json"
    path.write_bytes(b"\xff\xfe")

    assert _run(path).exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [["--from", "noon"], ["--from", "2026-03-02T10:05:00"], ["--duration", "0"], ["--unit", "kW"]],
)
def test_wrong_options_exit_with_two(file: Path, arguments: list[str]) -> None:
    """The usage is shown."""
    assert _run(file, *arguments).exit_code == 2
