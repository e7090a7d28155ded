"""What may be forgiven in a received payload: strict by default, and nothing without being told.

A tolerant reading brings the payload into order first, led by the fields of its class; the codec then
checks what is left as strictly as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cache

from attrs import define, field

from ocpp16cp.lean import frozen

from .shapes import MAX_ITEMS, Choice, Field, Items, Record, Shape, fields_of, member_path
from .strict_json import Json

MAX_REPORTED = 20
"""Relaxations told of one payload; the rest of them is one line with their number."""


@frozen(kw_only=True)
class Tolerance:
    """Which mistakes of the other side are forgiven."""

    unknown_fields: bool = False
    """Fields that the message does not have are dropped."""
    null_as_absent: bool = False
    """An optional field that is null counts as left out."""
    enum_case: bool = False
    """Names of enumerations are read whatever the case of their letters."""
    actions: frozenset[str] | None = None
    """The actions whose messages are read like this, requests and confirmations alike; `None`: those of all."""

    def covers(self, action: str) -> bool:
        """Whether the messages of an action are read like this."""
        return self.actions is None or action in self.actions


STRICT = Tolerance()
TOLERANT = Tolerance(unknown_fields=True, null_as_absent=True, enum_case=True)


@frozen
class Relaxation:
    """Something that was forgiven."""

    path: str
    """Where, as a JSON path."""
    what: str
    """One line: what was wrong."""


def relax(of: type, payload: Json, tolerance: Tolerance, report: Callable[[Relaxation], None]) -> Json:
    """Bring a payload into order as far as is tolerated; what is beyond that stays as it is."""
    reading = _Reading(tolerance)
    relaxed = reading.value(Record(of), payload, "$")
    for relaxation in reading.forgiven[:MAX_REPORTED]:
        report(relaxation)
    if len(reading.forgiven) > MAX_REPORTED:
        report(Relaxation("$", f"{len(reading.forgiven) - MAX_REPORTED} more"))
    return relaxed


@define
class _Reading:
    tolerance: Tolerance
    forgiven: list[Relaxation] = field(factory=list)

    def value(self, shape: Shape, value: Json, path: str) -> Json:
        match shape, value:
            case Record(of=of), dict():
                return self._members(_by_wire_name(of), value, path)
            case Items(entry=entry), list() if len(value) <= MAX_ITEMS:
                return [self.value(entry, item, f"{path}[{index}]") for index, item in enumerate(value)]
            case Choice(names=names), str():
                return self._name(names, value, path)
            case _:
                return value

    def _members(self, fields: dict[str, Field], members: dict[str, Json], path: str) -> dict[str, Json]:
        kept: dict[str, Json] = {}
        for name, value in members.items():
            known = fields.get(name)
            if known is None and self.tolerance.unknown_fields:
                self._forgive(path + member_path(name), "unknown field")
            elif known and not known.required and value is None and self.tolerance.null_as_absent:
                self._forgive(f"{path}.{name}", "null instead of nothing")
            elif known:
                kept[name] = self.value(known.shape, value, f"{path}.{name}")
            else:
                kept[name] = value
        return kept

    def _name(self, names: type[StrEnum], value: str, path: str) -> str:
        if not self.tolerance.enum_case:
            return value
        spelling = _by_folded_name(names).get(value.casefold(), value)
        if spelling != value:
            self._forgive(path, f"the letters of {spelling} in another case")
        return spelling

    def _forgive(self, path: str, what: str) -> None:
        self.forgiven.append(Relaxation(path, what))


@cache
def _by_wire_name(of: type) -> dict[str, Field]:
    return {field.wire_name: field for field in fields_of(of)}


@cache
def _by_folded_name(names: type[StrEnum]) -> dict[str, str]:
    return {member.value.casefold(): member.value for member in names}
