"""JSON text to values and back, with everything refused that would do harm further in.

Numbers with a point or an exponent become `Decimal`: binary floats are neither equal to nor multiples
of what the text says. Refused are NaN and Infinity, a key that stands twice in one object, lone
surrogates (neither a socket nor a store can encode them), and what is too long or nested too deep.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from itertools import chain
from typing import NoReturn, TypeAlias

Json: TypeAlias = "bool | int | Decimal | str | list[Json] | dict[str, Json] | None"
"""What parsed JSON consists of here: no floats."""

MAX_LENGTH = 1_048_576
"""Characters in a text. A local list of 15,000 entries, far beyond what stations hold, fits."""

MAX_NESTING = 32
"""Lists and objects within each other. A frame of 1.6 needs 7; error details are free."""

_BLANKS = " \t\n\r"
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


class NotJson(Exception):
    """Text that is no JSON at all, or too long to be looked at; the message says which."""

    def __init__(self, rule: str, offset: int | None = None) -> None:
        super().__init__(rule)
        self.offset = offset
        """How many characters in it stops being JSON, if that is known."""


class Harmful(Exception):
    """Text that is JSON, but of a kind that is refused; the message says which."""


def load(text: str, *, max_length: int = MAX_LENGTH) -> Json:
    """Parse a text whole.

    Raises:
        NotJson: It is longer than `max_length` characters, or is not JSON.
        Harmful: It is JSON that is refused; `load_harmful` still tells what it holds.
    """
    if len(text) > max_length:
        raise NotJson(f"longer than {max_length} characters")
    value = _parse(text, _STRICT)
    # Both searches are far quicker than the walk, and few texts give a reason for it.
    deep = len(text) > 2 * MAX_NESTING and text.count("[") + text.count("{") > MAX_NESTING
    if deep or not text.isascii() or ("\\" in text and _SURROGATE_ESCAPE.search(text)):
        _check(value)
    return value


def load_harmful(text: str) -> Json:
    """Parse a text that `load` refused as harmful, to see whom it came from; trust nothing in it.

    Raises:
        NotJson: It is not JSON.
    """
    return _parse(text, _LENIENT)


def is_encodable(text: str) -> bool:
    """Whether a text holds no lone surrogates, so that it can be sent and stored."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _parse(text: str, decoder: json.JSONDecoder) -> Json:
    stripped = text.strip(_BLANKS)
    try:
        value: Json
        value, end = decoder.raw_decode(stripped)
    except RecursionError:
        raise NotJson("nested too deep") from None
    # An integer beyond the interpreter's limit on digits, 4300, is a ValueError as well (without that limit its
    # conversion would take quadratic time); an exponent of 20 digits is an ArithmeticError.
    except json.JSONDecodeError as error:
        raise NotJson("no JSON", text.index(stripped) + error.pos) from None
    except (ValueError, ArithmeticError):
        raise NotJson("no JSON") from None
    if end != len(stripped):
        end += len(stripped[end:]) - len(stripped[end:].lstrip(_BLANKS))
        raise NotJson("no JSON", text.index(stripped) + end)
    return value


def _check(value: Json) -> None:
    """Walk a value level by level, so that its depth costs no stack."""
    level: list[Json] = [value]
    for _ in range(MAX_NESTING + 1):
        if not all(is_encodable(node) for node in level if type(node) is str):
            raise Harmful("lone surrogate")
        lists = [node for node in level if type(node) is list]
        objects = [node for node in level if type(node) is dict]
        if not lists and not objects:
            return
        # A dictionary gives its keys, which are texts to be checked as well.
        within = chain(lists, objects, (node.values() for node in objects))
        level = list(chain.from_iterable(within))
    raise Harmful(f"nested deeper than {MAX_NESTING} levels")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Harmful("a key stands twice")
    return value


def _constant(name: str) -> NoReturn:
    raise Harmful(f"{name} is no number")


_STRICT = json.JSONDecoder(parse_float=Decimal, parse_constant=_constant, object_pairs_hook=_object)
_LENIENT = json.JSONDecoder(parse_float=Decimal, parse_constant=lambda _: Decimal("NaN"))
