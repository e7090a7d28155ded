"""Renders the schemas in this folder anew: `python -m schemas`; with `--check`, tells what is stale."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import ocpp16cp
from ocpp16cp.wire.exchange import Exchange
from ocpp16cp.wire.schemas import render_schemas

FOLDER = Path(__file__).parent


def all_exchanges() -> list[Exchange[Any, Any]]:
    """Collect the exchanges of all features, in the order of their folders' names."""
    features = Path(ocpp16cp.__file__).parent / "features"
    folders = sorted(path.parent.name for path in features.glob("*/messages.py"))
    return [
        exchange for folder in folders for exchange in import_module(f"ocpp16cp.features.{folder}.messages").EXCHANGES
    ]


def stale_files(folder: Path) -> list[str]:
    """Name the files of a folder that are not what would be rendered, missing, or too many."""
    rendered = render_schemas(all_exchanges())
    present = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    names = rendered.keys() | present.keys()
    return sorted(name for name in names if rendered.get(name) != present.get(name))


def render_into(folder: Path) -> None:
    """Write every schema, and remove files of messages that there are no longer."""
    rendered = render_schemas(all_exchanges())
    for path in folder.glob("*.json"):
        if path.name not in rendered:
            path.unlink()
    for name, text in rendered.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def main() -> None:
    """Render, or check; the exit code is 1 if something is stale."""
    parser = argparse.ArgumentParser(prog="python -m schemas", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only tell which files are stale")
    if not parser.parse_args().check:
        render_into(FOLDER)
    elif stale := stale_files(FOLDER):
        sys.exit(f"stale, to be rendered anew by python -m schemas: {', '.join(stale)}")


if __name__ == "__main__":
    main()
