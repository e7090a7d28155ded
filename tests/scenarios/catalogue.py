"""The certification cases of a charge point that there is a dialogue for, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType

import pytest
from attrs import frozen

FOLDER = Path(__file__).parent
README = FOLDER / "README.md"

CASES = {
    "TC_001_CS": "Cold boot charge point",
    "TC_002_CS": "Cold boot charge point, pending",
    "TC_003_CS": "Regular charging session, plugin first",
    "TC_004_1_CS": "Regular charging session, identification first",
    "TC_004_2_CS": "Regular charging session, identification first, ConnectionTimeOut",
    "TC_005_1_CS": "EV side disconnected, stop transaction, unlock",
    "TC_005_2_CS": "EV side disconnected, stop transaction, no unlock",
    "TC_005_3_CS": "EV side disconnected, transaction goes on",
    "TC_007_1_CS": "Regular start, cached id",
    "TC_007_2_CS": "Remote start, cached id",
    "TC_008_1_CS": "Regular start, id in local authorization list",
    "TC_008_2_CS": "Remote start, id in local authorization list",
    "TC_010_CS": "Remote start, cable plugged in first",
    "TC_011_1_CS": "Remote start, remote start first",
    "TC_011_2_CS": "Remote start, time-out",
    "TC_012_CS": "Remote stop",
    "TC_013_CS": "Hard reset without transaction",
    "TC_014_CS": "Soft reset without transaction",
    "TC_015_CS": "Hard reset with transaction",
    "TC_016_CS": "Soft reset with transaction",
    "TC_017_1_CS": "Unlock connector, no charging session, not fixed cable",
    "TC_017_2_CS": "Unlock connector, no charging session, fixed cable",
    "TC_018_1_CS": "Unlock connector, with charging session, not fixed cable",
    "TC_018_2_CS": "Unlock connector, with charging session, fixed cable",
    "TC_019_CS": "Retrieve configuration",
    "TC_021_CS": "Change configuration",
    "TC_023_4_CS": "Start local, authorize invalid",
    "TC_023_5_CS": "Start remote, authorize invalid",
    "TC_024_CS": "Start charging session, lock failure",
    "TC_026_CS": "Remote start, rejected",
    "TC_027_CS": "Remote start, connector id 0",
    "TC_028_CS": "Remote stop, rejected",
    "TC_030_CS": "Unlock connector, unlock failure",
    "TC_031_CS": "Unlock connector, unknown connector",
    "TC_032_1_CS": "Power failure, stop before going down",
    "TC_032_2_CS": "Power failure, stop after going down",
    "TC_034_CS": "Power failure with Unavailable status",
    "TC_036_CS": "Connection loss during transaction",
    "TC_037_1_CS": "Offline start, valid idTag",
    "TC_037_2_CS": "Offline start, invalid idTag, StopTransactionOnInvalidId false",
    "TC_037_3_CS": "Offline start, invalid idTag, StopTransactionOnInvalidId true",
    "TC_038_CS": "Offline stop transaction",
    "TC_039_CS": "Offline transaction",
    "TC_040_1_CS": "Configuration keys, not supported",
    "TC_040_2_CS": "Configuration keys, invalid value",
    "TC_041_CS": "Fault behaviour",
    "TC_042_1_CS": "Get local list version, not supported",
    "TC_042_2_CS": "Get local list version, empty",
    "TC_043_1_CS": "Send local authorization list, not supported",
    "TC_043_2_CS": "Send local authorization list, version mismatch",
    "TC_043_3_CS": "Send local authorization list, failed",
    "TC_043_CS": "Send local authorization list",
    "TC_044_1_CS": "Firmware update, download and install",
    "TC_044_2_CS": "Firmware update, download failed",
    "TC_044_3_CS": "Firmware update, installation failed",
    "TC_045_1_CS": "Get diagnostics",
    "TC_045_2_CS": "Get diagnostics, upload failed",
    "TC_046_1_CS": "Reservation of a connector, local start",
    "TC_046_2_CS": "Reservation of a connector, remote start",
    "TC_047_CS": "Reservation of a connector, expire",
    "TC_048_1_CS": "Reservation of a connector, faulted",
    "TC_048_2_CS": "Reservation of a connector, occupied",
    "TC_048_3_CS": "Reservation of a connector, unavailable",
    "TC_048_4_CS": "Reservation of a connector, rejected",
    "TC_049_CS": "Reservation of a charge point, transaction",
    "TC_050_1_CS": "Reservation of a charge point, faulted",
    "TC_050_2_CS": "Reservation of a charge point, occupied",
    "TC_050_3_CS": "Reservation of a charge point, unavailable",
    "TC_050_4_CS": "Reservation of a charge point, rejected",
    "TC_051_CS": "Cancel reservation",
    "TC_052_CS": "Cancel reservation, rejected",
    "TC_053_1_CS": "Use a reserved connector with parentIdTag, local start",
    "TC_053_2_CS": "Use a reserved connector with parentIdTag, remote start",
    "TC_054_CS": "Trigger message",
    "TC_055_CS": "Trigger message, rejected",
    "TC_056_CS": "Central smart charging, TxDefaultProfile",
    "TC_057_CS": "Central smart charging, TxProfile",
    "TC_058_1_CS": "Central smart charging, no ongoing transaction",
    "TC_058_2_CS": "Central smart charging, wrong transactionId",
    "TC_059_CS": "Remote start with charging profile",
    "TC_060_CS": "Remote start with charging profile, rejected",
    "TC_061_1_CS": "Clear authorization cache, local start",
    "TC_061_2_CS": "Clear authorization cache, remote start",
    "TC_062_CS": "Data transfer to a charge point",
    "TC_066_CS": "Get composite schedule",
    "TC_067_CS": "Clear charging profile",
    "TC_068_CS": "Stop transaction, same idTag",
    "TC_069_CS": "Stop transaction, same parentIdTag",
    "TC_070_CS": "Sampled meter values",
    "TC_071_CS": "Clock-aligned meter values",
    "TC_072_CS": "Stacking charging profiles",
    "TC_082_CS": "Central smart charging, TxDefaultProfile with ongoing transaction",
}
"""Names by case, in the order of the list. A case is tested by the dialogues named after it: `test_tc_004_1_...`."""

_CASE_IN_NAME = re.compile(r"test_(tc_\d{3}(?:_\d+)?)_")

_HEAD = """\
# Certification cases as dialogues

Rendered by `python -m tests.scenarios` from the names of the tests here; not to be edited by hand. Each case of the
OCPP 1.6 certification list for charge points that is built so far is held as a dialogue on the virtual clock, with the
message sequence and the facts that the case looks at. The result is the one that the test suite holds each dialogue
to: one that is marked as failing must fail, every other must pass.

| case | name | test | result |
|---|---|---|---|
"""


@frozen
class Dialogue:
    """One test of a case."""

    case: str
    module: str
    test: str
    result: str

    @property
    def row(self) -> str:
        """The line of the table."""
        name = CASES.get(self.case, "")
        return f"| {self.case} | {name} | [`{self.test}`]({self.module}.py) | {self.result} |\n"


def dialogues() -> list[Dialogue]:
    """All dialogues that are named after a case, by case."""
    modules = sorted(path.stem for path in FOLDER.glob("test_*.py"))
    return sorted((found for module in modules for found in _of_module(module)), key=lambda each: each.case)


def _of_module(module: str) -> Iterator[Dialogue]:
    """The dialogues of one module that are named after a case."""
    for name, function in vars(import_module(f"tests.scenarios.{module}")).items():
        match = _CASE_IN_NAME.match(name)
        if match is not None and isinstance(function, FunctionType):
            yield Dialogue(f"{match[1].upper()}_CS", module, name, _result(function))


def _result(function: FunctionType) -> str:
    """What the test suite holds a test to."""
    marks: list[pytest.Mark] = getattr(function, "pytestmark", [])
    reasons = [mark.kwargs["reason"] for mark in marks if mark.name == "xfail"]
    return f"fails: {reasons[0]}" if reasons else "passes"


def rendered() -> str:
    """What the README should be."""
    return _HEAD + "".join(each.row for each in dialogues())
