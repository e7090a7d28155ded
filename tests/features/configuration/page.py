"""Renders the page of all configuration keys: `python -m tests.features.configuration.page`, with `--check` or without.

What a key leads to is not written down anywhere but read off the code: the functions that name its constant, and the
tests beside those functions that name it.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

import ocpp16cp
from ocpp16cp.charge_point import FEATURES
from ocpp16cp.kernel.base import BASE
from ocpp16cp.kernel.feature import Feature
from ocpp16cp.kernel.keys import Key
from ocpp16cp.station import Connector, Station

PACKAGE = Path(ocpp16cp.__file__).parent
ROOT = PACKAGE.parent
PAGE = PACKAGE / "features" / "KEYS.md"

LAYERS = ("features", "kernel")
"""Where keys are acted on."""

FIXED_CABLES = Station(identity="CP1", vendor="V", model="M")
SOCKETS = evolve(FIXED_CABLES, connectors=(Connector(fixed_cable=False),) * 2)

INFORMATIVE = {
    "ConnectorPhaseRotation": "how the phases are wired",
    "GetConfigurationMaxKeys": "longer requests are answered whole",
    "NumberOfConnectors": "follows from the station",
    "SupportedFeatureProfiles": "follows from the station",
}
"""Keys that are there to be read, and nothing else."""

HEADER = """\
# Configuration keys

Rendered by `make render`; not to be edited by hand. Types, rights and defaults are those of a station with two fixed
cables and all feature profiles; in parentheses what differs with detachable cables. Every key is tried with its values,
its bounds, what it refuses, and a power cut in `tests/features/configuration/test_every_key.py`; the defaults, and how
keys bound each other, in `test_keys.py` beside it.

- **acted on**: by the functions under "where", and tried by the tests beside them; or by the key named there, whose
  values it bounds.
- **stored**: kept and reported, which is all there is to do.
- **not yet**: kept and reported, but nothing follows from it in this version.

Access: R is read-only, RW can be changed, W can be changed and is never shown.
"""


@frozen
class Entry:
    """A key and who names it."""

    key: Key[Any]
    feature: str
    readers: tuple[str, ...]
    """The functions that read it, or the keys that it bounds."""
    tests: tuple[str, ...]
    """The test modules beside those functions that name it."""

    @property
    def state(self) -> str:
        """Whether anything follows from it."""
        if self.readers:
            return "acted on"
        reason = INFORMATIVE.get(self.key.name)
        return "not yet" if reason is None else f"stored: {reason}"


def entries() -> list[Entry]:
    """All keys in the order of their names."""
    readers = _index(PACKAGE, readers_in)
    tests = _index(ROOT / "tests", lambda _, tree: ((name, "") for name in names_in(tree)))
    found = []
    for feature in (*FEATURES, BASE):
        for key in feature.keys:
            constant = _constant(feature, key)
            read_in = tuple(f"{path}: {reader}" for path, reader in readers.get(constant, ()))
            folders = {path.rpartition("/")[0] for path, _ in readers.get(constant, ()) if not _declares(path)}
            named_in = {path for name in (key.name, constant) for path, _ in tests.get(name.lower(), ())}
            covered = sorted(path for path in named_in if path.rpartition("/")[0] in folders)
            found.append(Entry(key, feature.name, read_in, tuple(f"tests/{path}" for path in covered)))
    return sorted(found, key=lambda entry: entry.key.name.lower())


def _index(
    root: Path, look: Callable[[str, ast.Module], Iterable[tuple[str, str]]]
) -> dict[str, list[tuple[str, str]]]:
    """What the modules of kernel and features hold: for each name the paths, and what was found there."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(path for layer in LAYERS for path in (root / layer).rglob("*.py")):
        relative = path.relative_to(root).as_posix()
        for name, what in look(relative, ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(name, []).append((relative, what))
    return found


def _declares(path: str) -> bool:
    """Whether a module declares the keys of a feature."""
    return path.endswith("/keys.py")


def _constant(feature: Feature, key: Key[Any]) -> str:
    """The name of the constant that holds a key."""
    modules = ("kernel.calls", "kernel.outbox") if feature is BASE else (f"features.{feature.name}.keys",)
    for module in modules:
        for name, value in vars(import_module(f"ocpp16cp.{module}")).items():
            if value is key:
                return name
    raise AssertionError(f"{key} has no constant in {modules}")


def readers_in(path: str, tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The names that a module reads, each with the function that does; or with the key that is declared by it.

    A function beside the declaration only helps to declare, and who sets a key does not read it.
    """
    for statement in tree.body:
        if not _declares(path):
            for function, body in _functions(statement):
                yield from ((name, function) for name in sorted(_loaded(body)))
        elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            declared = ast.unparse(statement.targets[0])
            yield from ((name, declared) for name in sorted(_loaded(statement.value)))


def _functions(statement: ast.stmt) -> Iterator[tuple[str, ast.stmt]]:
    """The functions and methods in a statement."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        yield statement.name, statement
    elif isinstance(statement, ast.ClassDef):
        for member in statement.body:
            yield from ((f"{statement.name}.{name}", body) for name, body in _functions(member))


def _loaded(node: ast.AST) -> set[str]:
    """The names read anywhere in a piece of code, the first argument of `set_key` excepted."""
    names, written = set(), set()
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr == "set_key":
            written.add(id(each.args[0]))
        elif id(each) in written:
            continue
        elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load):
            names.add(each.id)
        elif isinstance(each, ast.Attribute):
            names.add(each.attr)
    return names


def names_in(tree: ast.Module) -> set[str]:
    """Everything that a test module names, in lower case: texts, keyword arguments, names."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(name)) | ast.keyword(arg=str(name)) | ast.Name(id=name):
                found.add(name.lower())
            case _:
                pass
    return found


def render() -> str:
    """The page."""
    rows = [
        "| key | feature | type | access | default | state | where | tests |",
        "|---|---|---|---|---|---|---|---|",
        *map(_row, entries()),
    ]
    return HEADER + "\n" + "\n".join(rows) + "\n"


def _row(entry: Entry) -> str:
    key = entry.key
    cells = [
        f"`{key.name}`",
        entry.feature,
        key.kind.description,
        _both(key.access(FIXED_CABLES).value, key.access(SOCKETS).value),
        _both(_default(key, FIXED_CABLES), _default(key, SOCKETS)),
        entry.state,
        _lines(entry.readers),
        _lines(entry.tests),
    ]
    return f"| {' | '.join(cells)} |"


def _both(fixed: str, detachable: str) -> str:
    return fixed if fixed == detachable else f"{fixed} ({detachable})"


def _default(key: Key[Any], station: Station) -> str:
    value = key.default(station)
    if value is None:
        return "none"
    return f"`{key.kind.render(value)}`" if key.kind.render(value) else "empty"


def _lines(places: tuple[str, ...]) -> str:
    return "<br>".join(f"`{place}`" for place in places) or "–"


def main() -> None:
    """Render, or check; the exit code is 1 if the page is stale."""
    parser = argparse.ArgumentParser(prog="python -m tests.features.configuration.page", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only tell whether the page is stale")
    text = render()
    if not parser.parse_args().check:
        PAGE.write_text(text, encoding="utf-8", newline="\n")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        sys.exit(f"stale, to be rendered anew by make render: {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
