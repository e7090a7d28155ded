"""The import contracts of `pyproject.toml` find what they are there to find.

`make check` holds the package to them. Here they are broken one by one, on a skeleton of the package: every layer and
every feature, almost empty.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS: dict[str, dict[str, Any]] = {
    contract["id"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]
}

FEATURE_MODULES = ("feature", "handlers", "keys", "messages", "questions", "state")

ALLOWED_IMPORTS = {
    "__init__": "ocpp16cp.charge_point",
    "cli.main": "typer, ocpp16cp.conformance",
    "conformance.main": "ocpp16cp.testing",
    "testing.main": "logging, ocpp16cp.io",
    "io.main": "anyio, ssl, ocpp16cp.charge_point, ocpp16cp.driver, ocpp16cp.store",
    "store.main": "sqlite3, threading, ocpp16cp.errors",
    "driver.main": "ocpp16cp.events, ocpp16cp.outcome, ocpp16cp.wire",
    "charge_point.main": "ocpp16cp.features.remote_trigger.handlers",
    "features.configuration.handlers": "ocpp16cp.features.transactions.state",
    "features.transactions.handlers": "ocpp16cp.features.boot.questions, ocpp16cp.kernel",
    "features.smart_charging.handlers": "ocpp16cp.composition",
    "features.boot.state": "ocpp16cp.kernel",
    "kernel.main": "ocpp16cp.outcome",
    "station.main": "ocpp16cp.wire",
    "wire.main": "json, ocpp16cp.errors",
}
"""Imports that every contract lets pass, by importing module: the least that a skeleton has."""


def layers_of(contract_id: str) -> list[str]:
    """The modules that a contract sorts into layers, from high to low."""
    return re.findall(r"\w+", " ".join(CONTRACTS[contract_id]["layers"]))


def write_skeleton(root: Path, *, planted: tuple[str, str] | None = None) -> None:
    """Lay out the package with `ALLOWED_IMPORTS`, and one import `planted` in a module."""
    imports = {module: [names] for module, names in ALLOWED_IMPORTS.items()}
    if planted is not None:
        imports.setdefault(planted[0], []).append(planted[1])
    for layer in set(layers_of("layers")) - {"features"}:
        imports.setdefault(f"{layer}.main", [])
    for feature in layers_of("features"):
        for module in FEATURE_MODULES:
            imports.setdefault(f"features.{feature}.{module}", [])
    for module, lines in imports.items():
        path = Path("ocpp16cp", f"{module.replace('.', '/')}.py")
        for folder in path.parents[:-1]:
            (root / folder).mkdir(exist_ok=True, parents=True)
            (root / folder / "__init__.py").touch()
        (root / path).write_text("".join(f"import {names}\n" for names in lines))
    shutil.copy(ROOT / "pyproject.toml", root)


def broken_contracts(root: Path) -> set[str]:
    """The contracts that the package under `root` does not keep."""
    program = str(Path(sys.executable).with_name("lint-imports"))
    command = [program, "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    said = dict(re.findall(r"^(.+) (KEPT|BROKEN)\b", done.stdout, re.MULTILINE))

    assert said.keys() == {contract["name"] for contract in CONTRACTS.values()}, done.stdout
    broken = {id_ for id_, contract in CONTRACTS.items() if said[contract["name"]] == "BROKEN"}
    assert done.returncode == bool(broken)
    return broken


def test_contracts_let_pass_what_they_are_meant_to(tmp_path: Path) -> None:
    write_skeleton(tmp_path)

    assert broken_contracts(tmp_path) == set()


@pytest.mark.parametrize(
    ("importer", "imported", "broken"),
    [
        ("testing.main", "ocpp16cp.conformance", {"layers"}),
        ("charge_point.main", "ocpp16cp.io", {"layers"}),
        ("charge_point.main", "ocpp16cp.driver", {"layers"}),
        ("store.main", "ocpp16cp.driver", {"layers"}),
        ("kernel.main", "ocpp16cp.features", {"layers", "apart"}),
        ("kernel.main", "ocpp16cp.composition", {"layers"}),
        ("composition.main", "ocpp16cp.kernel", {"layers"}),
        ("events.main", "ocpp16cp.outcome", {"layers"}),
        ("wire.main", "ocpp16cp.events", {"layers"}),
        ("wire.main", "ocpp16cp", {"layers"}),
        ("errors.main", "ocpp16cp.wire", {"layers"}),
        ("of_no_layer", "json", {"layers"}),
        ("driver.main", "ocpp16cp.kernel", {"apart"}),
        ("driver.main", "ocpp16cp.features.boot.state", {"apart"}),
        ("store.main", "ocpp16cp.kernel", {"apart"}),
        ("store.main", "ocpp16cp.features.boot.state", {"apart"}),
        ("features.boot.handlers", "ocpp16cp.features.status.questions", {"features"}),
        ("features.boot.questions", "ocpp16cp.features.connectors.messages", {"features"}),
        ("features.metering.state", "ocpp16cp.features.status.feature", {"features"}),
        ("features.of_no_layer.handlers", "json", {"features"}),
        ("features.transactions.state", "ocpp16cp.features.boot.state", {"state"}),
        ("wire.main", "time", {"pure"}),
        ("features.boot.handlers", "asyncio", {"pure"}),
        ("composition.main", "anyio", {"pure"}),
        ("driver.main", "sqlite3", {"pure"}),
        ("store.main", "logging", {"pure"}),
        ("errors.main", "ssl", {"pure"}),
    ],
)
def test_contracts_find_planted_violation(importer: str, imported: str, broken: set[str], tmp_path: Path) -> None:
    write_skeleton(tmp_path, planted=(importer, imported))

    assert broken_contracts(tmp_path) == broken
