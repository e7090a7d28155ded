"""A feature of the protocol as data: its tables, keys and messages, and who handles what.

The typed constructors `answers`, `replied`, `on` and `carried_out` make sure that a handler fits what it is handed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from ocpp16cp.errors import CallErrorCode
from ocpp16cp.events import Failed, Succeeded
from ocpp16cp.lean import frozen
from ocpp16cp.station import FeatureProfile
from ocpp16cp.wire.exchange import Exchange

from .keys import Key
from .tables import AnyTable

if TYPE_CHECKING:
    from .step import Step

Req = TypeVar("Req")
Conf = TypeVar("Conf")
E = TypeVar("E")


class Later(Enum):
    """The type of `LATER`."""

    LATER = "later"


LATER = Later.LATER
"""What a call handler returns when the answer follows in a later step."""


@frozen
class Sent(Generic[Req]):
    """A CALL of ours that has come to an end."""

    request: Req
    context: int | None
    """What the sender gave along to know it again."""
    was_triggered: bool = False


class FailureKind(StrEnum):
    """Why a CALL of ours has no usable answer."""

    LINK_DOWN = "LinkDown"
    TIMED_OUT = "TimedOut"
    CALL_ERROR = "CallError"
    INVALID_ANSWER = "InvalidAnswer"
    QUEUE_FULL = "QueueFull"
    HELD_BACK = "HeldBack"
    """It waited to be sent when a gate closed."""


@frozen
class CallFailure:
    """A CALL of ours failed, for good: a transaction message fails only when its last attempt did."""

    kind: FailureKind
    text: str
    code: CallErrorCode | None = None


AskResult = Succeeded | Failed
"""How an ask to the driver ended."""

Rule = Callable[["Step"], None]
"""Looks at the tables after each event and changes what follows from them; run until nothing changes."""


@frozen
class CallHandler:
    """Who answers the CALLs of one action."""

    exchange: Exchange[Any, Any]
    handle: Callable[[Step, Any], Any]
    when_absent: bool = False
    """It answers also where the feature's profile is switched off; of others the CALLs get NotSupported as an error."""


@frozen
class ReplyHandler:
    """Who takes the answers to our CALLs of one action."""

    exchange: Exchange[Any, Any]
    replied: Callable[[Step, Sent[Any], Any], None]
    failed: Callable[[Step, Sent[Any], CallFailure], None] | None
    complete: Callable[[Step, Any, int | None], Any] | None


@frozen
class EventHandler:
    """Who takes in the events of one type."""

    event: type
    handle: Callable[[Step, Any], None]


@frozen
class AskHandler:
    """Who takes the driver's answers to one kind of ask."""

    command: type
    handle: Callable[[Step, Any, Any, AskResult], None]


def answers(
    exchange: Exchange[Req, Conf], handle: Callable[[Step, Req], Conf | Later], *, when_absent: bool = False
) -> CallHandler:
    """Answer the CALLs of an action.

    The handler returns the confirmation, raises `CallRefused` before it changes anything, or returns `LATER` and gives
    `step.answering` to `calls.answer` in a later step.

    Args:
        exchange: the action.
        handle: answers.
        when_absent: also where the feature's profile is switched off, as the confirmation has a status for that.
    """
    return CallHandler(exchange, handle, when_absent)


def replied(
    exchange: Exchange[Req, Conf],
    replied: Callable[[Step, Sent[Req], Conf], None],
    *,
    failed: Callable[[Step, Sent[Req], CallFailure], None] | None = None,
    complete: Callable[[Step, Req, int | None], Req] | None = None,
) -> ReplyHandler:
    """Take the answers to our CALLs of an action.

    Args:
        exchange: the action.
        replied: takes the confirmation.
        failed: takes the news that there will be none.
        complete: fills in, when a queued message is sent, what was not known when it was queued.
    """
    return ReplyHandler(exchange, replied, failed, complete)


def on(event: type[E], handle: Callable[[Step, E], None]) -> EventHandler:
    """Take in the events of a type."""
    return EventHandler(event, handle)


def carried_out(command: type[E], handle: Callable[[Step, E, Any, AskResult], None]) -> AskHandler:
    """Take the driver's answer to an ask, with the context it was asked in."""
    return AskHandler(command, handle)


class Admission(Enum):
    """What a gate says about a CALL of the central system."""

    HANDLE = "handle"
    IGNORE = "ignore"
    """It gets no answer at all."""


class MaySend(Protocol):
    """Whether a CALL of ours may leave."""

    def __call__(self, step: Step, action: str, *, was_triggered: bool) -> bool:
        """Decide by the action, and by whether the central system triggered it."""
        ...


@frozen
class Gate:
    """Who may speak: asked before a CALL leaves, and before a received one is handled."""

    may_send: MaySend
    admits: Callable[[Step], Admission]


def _always(_: Step) -> bool:
    return True


@frozen(eq=False)
class Trigger:
    """A message that the central system may ask for at any time."""

    action: str
    """Of the message that is sent."""
    send: Callable[[Step, int], None]
    """Sends it for one of `connectors`; where there are none, the number means nothing."""
    connectors: Callable[[Step], Collection[int]] | None = None
    """Those about which there is something to tell now; `None`: the message is about none of them."""
    may_be_asked: Callable[[Step], bool] = _always
    """Whether it may be asked for now."""


@frozen(kw_only=True, eq=False)
class Feature:
    """One folder of the protocol as data."""

    name: str
    profile: FeatureProfile | None = None
    """The feature profile it belongs to (§3.3); `None`: Core, always offered."""
    exchanges: tuple[Exchange[Any, Any], ...] = ()
    tables: tuple[AnyTable, ...] = ()
    keys: tuple[Key[Any], ...] = ()
    calls: tuple[CallHandler, ...] = ()
    replies: tuple[ReplyHandler, ...] = ()
    events: tuple[EventHandler, ...] = ()
    asks: tuple[AskHandler, ...] = ()
    rules: tuple[Rule, ...] = ()
    """Run in this order."""
    gate: Gate | None = None
    triggers: tuple[Trigger, ...] = ()
    """What the central system may ask for."""
