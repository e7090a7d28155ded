"""What JSON may enter, and what is kept out for the harm it would do."""

from __future__ import annotations

import decimal
import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.wire.strict_json import (
    MAX_LENGTH,
    MAX_NESTING,
    Harmful,
    Json,
    NotJson,
    is_encodable,
    load,
    load_harmful,
)

HARMLESS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("16.1", Decimal("16.1")),
        ("1e3", Decimal("1e3")),
        ("-0.0", Decimal("-0.0")),
        ("16", 16),
        (' \t\r\n[true, null, "x"] \n', [True, None, "x"]),
        ('"\\u00e9\\ud83d\\ude00 \\\\ud83d"', "é\N{GRINNING FACE} \\ud83d"),
        ('"\N{GRINNING FACE}"', "\N{GRINNING FACE}"),
    ],
)
def test_text_is_read(text: str, value: Json) -> None:
    read = load(text)

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "{",
        "[1,]",
        "[1] [2]",
        "nul",
        "\ufeff[1]",
        "\N{NO-BREAK SPACE}[1]",
        '"\n"',
        "01",
        "9" * 5000,
        "1e99999999999999999999",
        "[" * 100_000,
        '{"a":' * 100_000,
    ],
    ids=lambda text: repr(text[:20]),
)
def test_text_that_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(NotJson):
        load(text)


@pytest.mark.parametrize(("text", "offset"), [(" [1,]", 4), ("\n{} \n}", 5), ("", 0), ("1" * 5_000, None)])
def test_where_a_text_stops_being_json_is_told(text: str, offset: int | None) -> None:
    with pytest.raises(NotJson) as refusal:
        load(text)

    assert refusal.value.offset == offset


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 1}',
        '[{"a": {"b": 1, "c": 2, "b": 3}}]',
        "[NaN]",
        "[Infinity]",
        "[-Infinity]",
        '["\\ud83d"]',
        '["\\uDE00\\uD83D"]',
        '{"\\udead": 1}',
        '["\ud83d"]',
        '{"\udead": 1}',
    ],
    ids=ascii,
)
def test_harmful_json_is_refused_but_can_be_looked_at(text: str) -> None:
    with pytest.raises(Harmful):
        load(text)

    load_harmful(text)


def test_nesting_has_a_bound() -> None:
    deepest = "[" * MAX_NESTING + "]" * MAX_NESTING
    wide = json.dumps([[[]]] * MAX_NESTING)

    assert isinstance(load(deepest), list)
    assert isinstance(load(wide), list)
    with pytest.raises(Harmful, match="nested deeper than 32 levels"):
        load(f"[{deepest}]")
    with pytest.raises(Harmful, match="nested deeper than 32 levels"):
        load(f'{{"a":{deepest}}}')


def test_length_has_a_bound() -> None:
    text = '"' + "x" * (MAX_LENGTH - 2) + '"'

    assert load(text) == text[1:-1]
    with pytest.raises(NotJson, match="longer than 1048576 characters"):
        load(text + " ")
    with pytest.raises(NotJson, match="longer than 3 characters"):
        load("[12]", max_length=3)


def test_reading_does_not_depend_on_the_context_of_the_application() -> None:
    with decimal.localcontext(decimal.Context(prec=2)):
        assert load("123.456") == Decimal("123.456")


@given(HARMLESS)
def test_harmless_json_is_read_as_it_was_written(value: Json) -> None:
    for ascii_only in (True, False):
        text = json.dumps(value, ensure_ascii=ascii_only)

        assert load(text) == value


@given(st.text(st.characters(codec=None)) | st.text('[]{}",:\\ud80ce19NaN -'))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(NotJson, Harmful):
        value = load(text)

        assert json.loads(text, parse_float=Decimal) == value


@given(st.text(st.characters(codec=None)))
def test_encodable_text_survives_utf_8(text: str) -> None:
    has_surrogate = any("\ud800" <= character <= "\udfff" for character in text)

    assert is_encodable(text) is not has_surrogate
