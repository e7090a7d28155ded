from __future__ import annotations

import subprocess
import sys

import pytest

import ocpp16cp.testing as package
from ocpp16cp.testing.playbook import Playbook


def test_public_names_are_listed_and_resolved() -> None:
    assert dir(package) == sorted(package.__all__)
    assert all(getattr(package, name).__name__ == name for name in package.__all__)
    assert package.Playbook is Playbook


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'NoSuchThing'"):
        package.NoSuchThing  # type: ignore[attr-defined]  # noqa: B018 - that is the point


def test_importing_it_loads_none_of_its_tools() -> None:
    """A pytest plugin may be loaded in every run of everybody who has the package installed."""
    code = "import sys, ocpp16cp.testing; print('ocpp16cp.charge_point' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
