"""What may become of a CALL at the central system, besides an answer."""

from __future__ import annotations

import json
from enum import StrEnum
from random import Random

from attrs import frozen

from ocpp16cp.errors import CallErrorCode

MESSAGE_TIMEOUT_S = 30.0
"""The default of the key MessageTimeout, which no world changes."""

_FOREIGN_CODES = ("FormatViolation", "OccurrenceConstraintViolation", "RpcFrameworkError", "")
"""Codes that 1.6 does not have."""


class Fate(StrEnum):
    """What becomes of one CALL of the station."""

    ANSWERED = "answered"
    SLOW = "answered slowly"
    LATE = "answered when nobody waits any more"
    UNHEARD = "not processed, and not answered"
    UNANSWERED = "processed, and not answered"
    TWICE = "answered twice"
    WRONG_ID = "answered under another id"
    STALE = "answered on an old link"
    INVALID = "answered with an invalid payload"
    MISSHAPEN = "answered with a frame of the wrong shape"
    REFUSED = "not processed, and answered with an error"
    FAILED = "processed, and answered with an error"

    @property
    def is_processed(self) -> bool:
        """Whether the central system did what the CALL asks for."""
        return self not in (Fate.UNHEARD, Fate.REFUSED)


_WRONG = tuple(fate for fate in Fate if fate is not Fate.ANSWERED)


@frozen
class Reply:
    """Something that the central system sends."""

    text: str
    after_s: float = 0.0
    """How long it takes to send it."""
    is_stale: bool = False
    """It carries the number of the link before."""


def draw_fate(random: Random, share: float) -> Fate:
    """What becomes of the next CALL; a share of them meets something else than an answer."""
    if random.random() >= share:
        return Fate.ANSWERED
    return random.choice(_WRONG)


def replies(random: Random, fate: Fate, message_id: str, payload: str) -> list[Reply]:
    """What is sent in answer to a CALL, whose confirmation as JSON text is `payload`."""
    right = f'[3,"{message_id}",{payload}]'
    match fate:
        case Fate.ANSWERED:
            return [Reply(right)]
        case Fate.SLOW:
            return [Reply(right, random.uniform(1.0, MESSAGE_TIMEOUT_S - 1.0))]
        case Fate.LATE:
            return [Reply(right, random.uniform(MESSAGE_TIMEOUT_S, 4 * MESSAGE_TIMEOUT_S))]
        case Fate.UNHEARD | Fate.UNANSWERED:
            return []
        case Fate.TWICE:
            return [Reply(right), Reply(right, random.choice((0.0, random.uniform(0.0, 2 * MESSAGE_TIMEOUT_S))))]
        case Fate.STALE:
            return [Reply(right, is_stale=True)]
        case _:
            return [Reply(_wrong(random, fate, message_id, payload))]


def _wrong(random: Random, fate: Fate, message_id: str, payload: str) -> str:
    """A frame instead of the right one."""
    match fate:
        case Fate.WRONG_ID:
            return f"[3,{json.dumps(_wrong_id(random, message_id))},{payload}]"
        case Fate.INVALID:
            return f'[3,"{message_id}",{_invalid(random, payload)}]'
        case Fate.MISSHAPEN:
            return _misshapen(random, message_id, payload)
        case _:
            assert fate in (Fate.REFUSED, Fate.FAILED), fate
            return _error(random, message_id)


def _wrong_id(random: Random, message_id: str) -> str:
    """An id that is almost right: of an earlier CALL, of a later one, with something added."""
    run, _, number = message_id.partition("-")
    near = f"{run}-{max(1, int(number) - 1)}"
    ids = (near, f"{run}-{int(number) + 1}", f"{message_id} ", f"0{message_id}", "", "\x00", message_id * 40)
    return random.choice([each for each in ids if each != message_id])


def _invalid(random: Random, payload: str) -> str:
    """A payload that no schema allows."""
    fields = json.loads(payload)
    if fields and random.random() < 0.6:
        name = random.choice(sorted(fields))
        if random.random() < 0.5:
            del fields[name]
        else:
            fields[name] = random.choice(([], True, "x" * 600, -1.5, 2**31, 10**30, None, {"a": {}}))
        return json.dumps(fields)
    return random.choice(('{"nobody":"knows this"}', "[]", "7", '"text"', '{"currentTime":1}', '{"status":"Maybe"}'))


def _misshapen(random: Random, message_id: str, payload: str) -> str:
    """A frame with too few or too many elements, or of no known type."""
    return random.choice(
        (
            f'[3,"{message_id}"]',
            f'[3,"{message_id}",{payload},{{}}]',
            f'[3,"{message_id}",{payload}',
            f'["3","{message_id}",{payload}]',
            f'[4,"{message_id}","GenericError"]',
            f'[4,"{message_id}","GenericError","",{{}},{{}}]',
            f'[5,"{message_id}",{payload}]',
            f'[3,"{message_id}",{{"a":1,"a":2}}]',
        )
    )


def _error(random: Random, message_id: str) -> str:
    """A CALLERROR of any code, those that 1.6 does not have included."""
    code = random.choice((*(code.value for code in CallErrorCode), *_FOREIGN_CODES))
    description = random.choice(("", "something went wrong", "x" * 500))
    details = random.choice(("{}", '{"where":[1,2]}', "null"))
    return f'[4,"{message_id}","{code}","{description}",{details}]'
