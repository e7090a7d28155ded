"""Tables of a TOML file, taken entry by entry; errors name the place, and what would be known there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import Any, Final, TypeVar

from attrs import define, field

MAX_BYTES: Final = 2**20
"""What is larger was not written by hand: the largest station needs a few KiB."""

T = TypeVar("T")
Kind = Callable[[object], object]
"""Turns a value as TOML has it into what a field holds; raises `Refused`."""

_TOO_LARGE: Final = "holds a number of too many digits; none here needs more than 64 bits"


class Refused(Exception):
    """What is wrong with a file, without its name."""


def parse(path: Path) -> dict[str, object]:
    """The file as TOML has it; its syntax errors name line and column."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Refused(f"cannot be read: {(error.strerror or str(error)).lower()}") from error
    if len(content) > MAX_BYTES:
        raise Refused(f"is larger than {MAX_BYTES} bytes, which no such file is")
    try:
        entries = tomllib.loads(content.decode(), parse_float=Decimal)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refused(f"line {line}: is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise Refused(_syntax_error(str(error))) from error
    except RecursionError as error:
        raise Refused("is nested too deeply, which no such file is") from error
    except (ArithmeticError, ValueError) as error:
        raise Refused(_TOO_LARGE) from error
    _check_numbers(entries)
    return entries


def _check_numbers(value: object) -> None:
    """Refuse whole numbers beyond 64 bits, as TOML does: from some size on Python cannot even show them."""
    match value:
        case dict():
            for member in value.values():
                _check_numbers(member)
        case list():
            for member in value:
                _check_numbers(member)
        case int() if value.bit_length() > 63:
            raise Refused(_TOO_LARGE)
        case _:
            pass


def _syntax_error(text: str) -> str:
    """What the parser says, with the place in front."""
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", text, re.DOTALL)
    if found is None:
        return f"is not TOML: {text}"
    what, line, column = found.groups()
    what = what[:1].lower() + what[1:]
    return f"last line: {what}" if line is None else f"line {line}, column {column}: {what}"


@define
class Section:
    """A table of the file."""

    path: str
    """Dotted, empty for the whole file."""
    entries: Mapping[str, object]
    _known: list[str] = field(factory=list, init=False)

    def place(self, name: str) -> str:
        """The path of an entry."""
        return f"{self.path}.{name}" if self.path else name

    def take(self, name: str, kind: Callable[[object], T]) -> T | None:
        """The value of an entry, if it is there."""
        self._known.append(name)
        if name not in self.entries:
            return None
        try:
            return kind(self.entries[name])
        except Refused as refusal:
            raise Refused(f"{self.place(name)}: {refusal}") from None

    def section(self, name: str) -> Section:
        """A table inside, empty if it is not there."""
        return Section(self.place(name), self.take(name, a_table) or {})

    def sections(self, name: str, *, first: int) -> list[Section] | None:
        """Tables inside, `[[name]]`, if there are any; they are counted from `first`."""
        tables = self.take(name, a_list_of(a_table))
        if tables is None:
            return None
        return [Section(f"{self.place(name)}[{number}]", table) for number, table in enumerate(tables, start=first)]

    def fields(self, kinds: Mapping[str, Kind]) -> dict[str, Any]:
        """The entries that are there, of those with a kind."""
        values = ((name, self.take(name, kind)) for name, kind in kinds.items())
        return {name: value for name, value in values if value is not None}

    def finish(self) -> None:
        """Refuse what nobody took."""
        for name in self.entries:
            if name not in self._known:
                raise Refused(f"{self.place(name)}: is unknown{hint(name, self._known)}")


def hint(name: str, known: Iterable[str]) -> str:
    """The nearest name that would be known, or all of them."""
    names = {each.lower(): each for each in known}
    near = get_close_matches(name.lower(), names, n=1)
    return f"; did you mean {names[near[0]]!r}?" if near else f"; known here: {', '.join(names.values())}"


def a_text(value: object) -> str:
    """A text."""
    if not isinstance(value, str):
        raise Refused(f"{shown(value)} is not a text in quotes")
    return value


def a_flag(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Refused(f"{shown(value)} is neither true nor false")
    return value


def a_whole_number(value: object) -> int:
    """A whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused(f"{shown(value)} is not a whole number")
    return value


def an_amount(value: object) -> Decimal:
    """A number, with a fraction or without, exact."""
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number or not (amount := Decimal(str(value))).is_finite():
        raise Refused(f"{shown(value)} is not a number")
    return amount


def a_duration(value: object) -> float:
    """A number of seconds."""
    seconds = float(an_amount(value))
    if not isfinite(seconds):
        raise Refused(f"{shown(value)} is not a number of seconds")
    return seconds


def a_table(value: object) -> Mapping[str, object]:
    """A table."""
    if not isinstance(value, dict):
        raise Refused(f"{shown(value)} is not a table")
    return value


def a_list_of(kind: Callable[[object], T]) -> Callable[[object], tuple[T, ...]]:
    """A list, each item of a kind."""

    def take(value: object) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise Refused(f"{shown(value)} is not a list in brackets")
        return tuple(kind(item) for item in value)

    return take


def one_of(choices: type[StrEnum]) -> Kind:
    """A text that is the value of a member."""

    def take(value: object) -> StrEnum:
        text = a_text(value)
        for choice in choices:
            if choice.value == text:
                return choice
        raise Refused(f"{text!r} is not possible{hint(text, (choice.value for choice in choices))}")

    return take


def shown(value: object) -> str:
    """A value as somebody would find it in the file, cut short."""
    text = str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
