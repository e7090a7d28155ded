"""Renders the list of certification cases anew: `python -m tests.scenarios`; with `--check`, tells if it is stale."""

from __future__ import annotations

import argparse
import sys

from tests.scenarios.catalogue import README, rendered


def main() -> None:
    """Render, or check; the exit code is 1 if the list is stale."""
    parser = argparse.ArgumentParser(prog="python -m tests.scenarios", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only tell whether the list is stale")
    text = rendered()
    if not parser.parse_args().check:
        README.write_text(text, encoding="utf-8", newline="\n")
    elif not README.exists() or README.read_text(encoding="utf-8") != text:
        sys.exit("stale, to be rendered anew by python -m tests.scenarios: tests/scenarios/README.md")


if __name__ == "__main__":
    main()
