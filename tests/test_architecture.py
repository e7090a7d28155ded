"""The shape of the package: what a folder holds, what the core may use, how large things grow.

Each rule is tried on the package and on planted violations, so that a rule that has gone blind is noticed. The layers
are a matter of the import contracts in `pyproject.toml`; `test_import_contracts.py` tries those.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path, PurePosixPath

import pytest
from attrs import frozen

import ocpp16cp

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "ocpp16cp"

ACTIONS = (
    "Authorize",
    "BootNotification",
    "CancelReservation",
    "CertificateSigned",
    "ChangeAvailability",
    "ChangeConfiguration",
    "ClearCache",
    "ClearChargingProfile",
    "DataTransfer",
    "DeleteCertificate",
    "DiagnosticsStatusNotification",
    "ExtendedTriggerMessage",
    "FirmwareStatusNotification",
    "GetCompositeSchedule",
    "GetConfiguration",
    "GetDiagnostics",
    "GetInstalledCertificateIds",
    "GetLocalListVersion",
    "GetLog",
    "Heartbeat",
    "InstallCertificate",
    "LogStatusNotification",
    "MeterValues",
    "RemoteStartTransaction",
    "RemoteStopTransaction",
    "ReserveNow",
    "Reset",
    "SecurityEventNotification",
    "SendLocalList",
    "SetChargingProfile",
    "SignCertificate",
    "SignedFirmwareStatusNotification",
    "SignedUpdateFirmware",
    "StartTransaction",
    "StatusNotification",
    "StopTransaction",
    "TriggerMessage",
    "UnlockConnector",
    "UpdateFirmware",
)

IMPURE_LAYERS = {"cli", "conformance", "io", "testing"}
"""The layers that may do I/O, read clocks, start threads and log."""

PURE_MODULES = {
    "__future__",
    "abc",
    "attrs",
    "base64",
    "binascii",
    "bisect",
    "cattrs",
    "collections",
    "contextlib",
    "copy",
    "cryptography",
    "datetime",
    "decimal",
    "enum",
    "fractions",
    "functools",
    "hashlib",
    "heapq",
    "hmac",
    "ipaddress",
    "itertools",
    "json",
    "jsonschema",
    "math",
    "ocpp16cp",
    "operator",
    "random",
    "re",
    "referencing",
    "string",
    "types",
    "typing",
    "unicodedata",
    "urllib.parse",
}
"""What the core may import: nothing that reaches outside of the process, looks at a clock or starts anything."""

PURE_MODULES_OF = {
    "__init__.py": {"importlib"},
    "composition": {"matplotlib"},
    # Names of files, which the layer of I/O opens.
    "driver": {"pathlib"},
    "store": {"os", "pathlib", "sqlite3", "tempfile", "threading"},
}
"""What one module or layer of the core may import besides."""

IMPURE_BUILTINS = {"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"}

VAGUE_NAMES = {"common", "helpers", "manager", "service", "utils"}

FEATURE_FILES = {
    "__init__.py",
    "feature.py",
    "handlers.py",
    "keys.py",
    "messages.py",
    "questions.py",
    "state.py",
}

MODULE_LINES = 400
CLASS_LINES = 250
FUNCTION_LINES = 50


@frozen
class Module:
    """One source file of a package."""

    path: PurePosixPath
    """Relative to the package."""
    package: Path
    text: str
    tree: ast.Module

    @property
    def layer(self) -> str:
        return self.path.parts[0]

    @property
    def feature(self) -> str | None:
        """The feature whose folder the file is in."""
        is_inside = self.layer == "features" and len(self.path.parts) > 2
        return self.path.parts[1] if is_inside else None

    def imports(self) -> Iterator[str]:
        """Every module or name imported anywhere in the file, dotted, relative imports resolved."""
        folder = ".".join(("ocpp16cp", *self.path.parent.parts))
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level <= 1, "the linter refuses imports relative to a parent"
                parts = (folder if node.level else None, node.module)
                source = ".".join(part for part in parts if part)
                yield from (f"{source}.{alias.name}" for alias in node.names)


def modules_of(package: Path) -> list[Module]:
    return [
        Module(PurePosixPath(path.relative_to(package).as_posix()), package, text, ast.parse(text))
        for path in sorted(package.rglob("*.py"))
        for text in [path.read_text(encoding="utf-8")]
    ]


def is_within(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def length_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """Lines from the first to the last, a docstring not counted."""
    has_docstring = ast.get_docstring(node) is not None
    return _lines_of(node) - (_lines_of(node.body[0]) if has_docstring else 0)


def _lines_of(node: ast.stmt) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


# The rules. Each yields what it objects to in one module.


def kernel_names_no_action(module: Module) -> Iterator[str]:
    if module.layer != "kernel":
        return
    for action in ACTIONS:
        spellings = [rf"\b{action}(?![a-z])"]
        if "_" in snake_case(action):
            spellings.append(rf"(?i:(?<![a-z]){snake_case(action)})")
        if re.search("|".join(spellings), module.text):
            yield action


def names_are_specific(module: Module) -> Iterator[str]:
    yield from VAGUE_NAMES & {*module.path.parent.parts, module.path.stem}


def features_hold_known_files_only(module: Module) -> Iterator[str]:
    if module.feature is not None:
        known = {PurePosixPath("features", module.feature, name) for name in FEATURE_FILES}
        page = module.package / "features" / module.feature / "__init__.py"
        manual = page.read_text(encoding="utf-8") if page.exists() else ""
        if module.path not in known and f"`{module.path.stem}`" not in manual:
            yield f"{module.path.name} is not mentioned in the feature's manual page"


def feature_packages_are_manual_pages(module: Module) -> Iterator[str]:
    if module.feature is not None and module.path.name == "__init__.py":
        if ast.get_docstring(module.tree) is None:
            yield "no docstring"
        if len(module.tree.body) > 1:
            yield "more than a docstring"


def state_imports_no_other_feature(module: Module) -> Iterator[str]:
    if module.feature is not None and module.path.name == "state.py":
        for name in module.imports():
            own = {f"ocpp16cp.features.{module.feature}"}
            if is_within(name, {"ocpp16cp.features"}) and not is_within(name, own):
                yield name


def core_imports_pure_modules_only(module: Module) -> Iterator[str]:
    if module.layer not in IMPURE_LAYERS:
        allowed = PURE_MODULES | PURE_MODULES_OF.get(module.layer, set())
        yield from (name for name in module.imports() if not is_within(name, allowed))


def core_calls_no_impure_builtin(module: Module) -> Iterator[str]:
    if module.layer not in IMPURE_LAYERS:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Name) and node.id in IMPURE_BUILTINS:
                yield f"{node.id} in line {node.lineno}"


def private_names_stay_in_their_module(module: Module) -> Iterator[str]:
    for name in module.imports():
        if is_within(name, {"ocpp16cp"}):
            yield from (name for part in name.split(".") if re.match(r"_(?!_)", part))


def things_stay_small(module: Module) -> Iterator[str]:
    lines = len(module.text.splitlines())
    if lines > MODULE_LINES:
        yield f"{lines} lines"
    for node in ast.walk(module.tree):
        match node:
            case ast.ClassDef():
                limit = CLASS_LINES
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                limit = FUNCTION_LINES
            case _:
                continue
        if length_of(node) > limit:
            yield f"{node.name}: {length_of(node)} lines"


Rule = Callable[[Module], Iterator[str]]

RULES: tuple[Rule, ...] = (
    kernel_names_no_action,
    names_are_specific,
    features_hold_known_files_only,
    feature_packages_are_manual_pages,
    state_imports_no_other_feature,
    core_imports_pure_modules_only,
    core_calls_no_impure_builtin,
    private_names_stay_in_their_module,
    things_stay_small,
)


def offences(rule: Rule, package: Path) -> list[str]:
    return [f"{module.path}: {text}" for module in modules_of(package) for text in rule(module)]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_package_keeps_rule(rule: Rule) -> None:
    assert offences(rule, PACKAGE) == []


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (kernel_names_no_action, "kernel/calls.py", "# A StatusNotification waits."),
        (kernel_names_no_action, "kernel/calls.py", "class ReserveNowConf: ..."),
        (kernel_names_no_action, "kernel/calls.py", "def on_boot_notification(): ..."),
        (names_are_specific, "wire/utils.py", ""),
        (names_are_specific, "io/helpers/tls.py", ""),
        (features_hold_known_files_only, "features/boot/retry.py", ""),
        (features_hold_known_files_only, "features/boot/state/records.py", ""),
        (feature_packages_are_manual_pages, "features/boot/__init__.py", ""),
        (feature_packages_are_manual_pages, "features/boot/__init__.py", "'''Page.'''\nX = 1"),
        (
            state_imports_no_other_feature,
            "features/boot/state.py",
            "from ocpp16cp.features.status.messages import StatusNotification",
        ),
        (core_imports_pure_modules_only, "kernel/calls.py", "import time"),
        (core_imports_pure_modules_only, "events.py", "from urllib.request import urlopen"),
        (core_imports_pure_modules_only, "wire/codec.py", "def load():\n    import os"),
        (core_imports_pure_modules_only, "driver/interface.py", "import sqlite3"),
        (core_calls_no_impure_builtin, "wire/schemas.py", "TEXT = open('x').read()"),
        (private_names_stay_in_their_module, "io/tls.py", "from ocpp16cp.wire.codec import _bound"),
        (private_names_stay_in_their_module, "io/tls.py", "from .runner import _loop"),
        (things_stay_small, "wire/codec.py", "\n" * (MODULE_LINES + 1)),
        (things_stay_small, "wire/codec.py", "class C:\n" + "    x = 1\n" * CLASS_LINES),
        (things_stay_small, "wire/codec.py", "def f():\n" + "    f()\n" * FUNCTION_LINES),
        (things_stay_small, "wire/codec.py", "async def f():\n" + "    f()\n" * FUNCTION_LINES),
    ],
)
def test_rule_finds_planted_violation(rule: Rule, path: str, text: str, tmp_path: Path) -> None:
    write(tmp_path / path, text)

    found = offences(rule, tmp_path)

    assert len(found) == 1
    assert found[0].startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (kernel_names_no_action, "features/reset/handlers.py", "class Reset: ..."),
        (kernel_names_no_action, "kernel/step.py", "def reset_to_default(): '''Resets.'''"),
        (state_imports_no_other_feature, "features/boot/state.py", "from . import messages"),
        (core_imports_pure_modules_only, "store/sqlite.py", "import sqlite3, threading"),
        (core_imports_pure_modules_only, "io/runner.py", "import anyio"),
        (private_names_stay_in_their_module, "cli/demo.py", "from ocpp16cp import __version__"),
        (
            things_stay_small,
            "wire/codec.py",
            f"def f():\n    '''{'a' * 9}{chr(10) * FUNCTION_LINES}'''\n    f()",
        ),
    ],
)
def test_rule_lets_pass_what_is_meant_to(rule: Rule, path: str, text: str, tmp_path: Path) -> None:
    write(tmp_path / path, text)

    assert offences(rule, tmp_path) == []


# What importing a part of the package loads.


def loaded_by(module: str) -> set[str]:
    """The modules of the package, and of the libraries under it, that a fresh interpreter has after an import."""
    program = f"import sys; import {module}; print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("ocpp16cp", {"ocpp16cp.charge_point", "ocpp16cp.wire", "attrs", "cattrs"}),
        ("ocpp16cp.station", {"ocpp16cp.kernel", "cattrs"}),
        ("ocpp16cp.wire", {"ocpp16cp.kernel", "ocpp16cp.features", "jsonschema"}),
        ("ocpp16cp.composition", {"ocpp16cp.kernel", "ocpp16cp.features", "ocpp16cp.charge_point"}),
        ("ocpp16cp.kernel", {"ocpp16cp.features", "ocpp16cp.charge_point", "jsonschema"}),
    ],
)
def test_import_loads_only_what_stands_below(module: str, unwanted: set[str]) -> None:
    loaded = loaded_by(module)

    assert module in loaded
    assert {name for name in loaded if is_within(name, unwanted)} == set()


# Public names.


def test_public_names_are_the_same_to_interpreter_and_type_checker() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    module_of = {
        alias.name: node.module
        for branch in tree.body
        if isinstance(branch, ast.If)
        for node in branch.body
        if isinstance(node, ast.ImportFrom) and node.module is not None
        for alias in node.names
    }

    assert {*module_of, "__version__"} == set(ocpp16cp.__all__)
    assert dir(ocpp16cp) == sorted(ocpp16cp.__all__)
    for name, module in module_of.items():
        assert getattr(ocpp16cp, name) is getattr(import_module(module), name)


def test_name_that_is_not_public_is_refused_by_interpreter_and_type_checker() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = ocpp16cp.Nothing  # type: ignore[attr-defined]  # that it is needed is the point
