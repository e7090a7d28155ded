"""Dialogues as text, for people who look for the difference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum

import attrs

from ocpp16cp.events import TextReceived
from ocpp16cp.outcome import Open

from .stage import Entry

_TEXT_WIDTH = 160
"""Characters of a received text that are shown."""


def render_entry(entry: Entry) -> str:
    """One line: when, in which direction, what."""
    arrow = "-->" if entry.is_output else "<--"
    return f"{entry.at:10.3f} {arrow} {render(entry.item)}"


def render_entries(entries: Iterable[Entry]) -> str:
    """A whole dialogue, one line each."""
    return "\n".join(map(render_entry, entries))


def render(item: object) -> str:
    """A record as its class and those fields that differ from their defaults."""
    if isinstance(item, TextReceived):
        return f"text {item.text[:_TEXT_WIDTH]}"
    if isinstance(item, Open):
        return f"Open({item.number}, {item.url!r})"
    kind = type(item)
    if not attrs.has(kind):
        return _value(item)
    shown = [
        f"{field.name}={_value(getattr(item, field.name))}"
        for field in attrs.fields(kind)
        if getattr(item, field.name) != field.default
    ]
    return f"{kind.__name__}({', '.join(shown)})"


def _value(value: object) -> str:
    """A field's value."""
    match value:
        case Enum():
            return str(value.value)
        case datetime():
            return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case tuple():
            return f"[{', '.join(map(_value, value))}]"
        case _ if attrs.has(type(value)):
            return render(value)
        case _:
            return repr(value)


def render_expected(kind: type, facts: Mapping[str, object]) -> str:
    """What was expected: a class and the facts that matter."""
    shown = ", ".join(f"{name}={_value(value)}" for name, value in facts.items())
    return f"{kind.__name__}({shown})"


def differences(item: object, facts: Mapping[str, object]) -> list[str]:
    """Where a record is not what was expected: one line for each fact."""
    return [
        f"{name}: expected {_value(value)}, came {_value(getattr(item, name))}"
        for name, value in facts.items()
        if getattr(item, name) != value
    ]
