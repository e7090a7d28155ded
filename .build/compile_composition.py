"""Builds the inner loops of the composition with mypyc, if `OCPP16CP_COMPILE=1` asks for it."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPILED = "ocpp16cp/composition/steps.py"
"""What is compiled: the same source runs uncompiled wherever there is no compiler."""


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # its configuration is not looked at
    """Adds compiled modules to a wheel, which is then one for this platform and Python only."""

    def dependencies(self) -> list[str]:
        """What building takes besides."""
        return ["attrs>=25.1", "mypy>=2.4,<3", "setuptools>=70"] if _is_asked_for() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and put the results beside the sources."""
        if not _is_asked_for():
            return
        from mypyc.build import mypycify
        from setuptools import Distribution

        target = Path(mkdtemp())
        modules = mypycify([COMPILED, "--follow-imports=silent"], opt_level="3", target_dir=str(target / "c"))
        command = Distribution({"ext_modules": modules}).get_command_obj("build_ext")
        command.build_lib = str(target / "lib")
        command.build_temp = str(target / "temp")
        command.ensure_finalized()
        command.run()
        for built in (target / "lib").rglob("*"):
            if built.is_file():
                build_data["force_include"][str(built)] = built.relative_to(target / "lib").as_posix()
        build_data["pure_python"] = False
        build_data["infer_tag"] = True


def _is_asked_for() -> bool:
    """Whether the environment asks for a compiled build."""
    return os.environ.get("OCPP16CP_COMPILE") == "1"
