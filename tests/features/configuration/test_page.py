"""The page of all configuration keys is up to date, and what it reads off the code is there."""

from __future__ import annotations

import ast

import pytest

from tests.features.configuration.page import INFORMATIVE, PAGE, entries, names_in, readers_in, render

ENTRIES = {entry.key.name: entry for entry in entries()}


def test_page_is_what_would_be_rendered() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "stale: make render"


def test_page_has_one_row_for_every_key() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]

    assert len(rows) == len(ENTRIES)


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("MessageTimeout", "kernel/calls.py: expire_call"),
        ("MinimumStatusDuration", "features/status/handlers.py"),
        ("MeterValuesSampledDataMaxLength", "features/metering/keys.py: METER_VALUES_SAMPLED_DATA"),
    ],
)
def test_readers_of_keys_are_found(name: str, reader: str) -> None:
    assert any(each.startswith(reader) for each in ENTRIES[name].readers)


@pytest.mark.parametrize("name", INFORMATIVE)
def test_keys_that_are_only_to_be_read_have_no_reader(name: str) -> None:
    assert ENTRIES[name].readers == ()


def test_what_is_acted_on_is_tested_where_it_is() -> None:
    """Beside the tables that name every key."""
    untested = [
        entry.key.name
        for entry in ENTRIES.values()
        if not entry.tests and any("/keys.py" not in reader for reader in entry.readers)
    ]

    assert untested == []


@pytest.mark.parametrize(
    ("path", "code", "readers"),
    [
        ("a.py", "def f(step):\n    return step.key(LIMIT)", ["f"]),
        ("a.py", "def f(step):\n    def g():\n        return keys.LIMIT\n    return g", ["f"]),
        ("a.py", "class C:\n    async def m(self):\n        return LIMIT", ["C.m"]),
        ("a.py", "def f(step):\n    step.set_key(LIMIT, 3)", []),
        ("a.py", "def f(step):\n    step.set_key(OTHER, step.key(LIMIT))", ["f"]),
        ("a.py", "def f(step):\n    LIMIT = 3", []),
        ("a.py", "KEYS = (LIMIT,)", []),
        ("a/keys.py", "LIST = key('List', checks=(at_most(LIMIT),))\nKEYS = (LIMIT, LIST)", ["LIST"]),
        ("a/keys.py", "def check(value, values):\n    return values.fixed(LIMIT)", []),
    ],
)
def test_reading_is_told_from_declaring_and_setting(path: str, code: str, readers: list[str]) -> None:
    assert [reader for name, reader in readers_in(path, ast.parse(code)) if name == "LIMIT"] == readers


@pytest.mark.parametrize(
    "code", ["configured(Limit=3)", "change(play, 'LIMIT', '3')", "step.set_key(LIMIT, 3)", "X = [('limit', 'a')]"]
)
def test_test_names_a_key_by_its_constant_its_name_or_an_argument(code: str) -> None:
    assert "limit" in names_in(ast.parse(code))
