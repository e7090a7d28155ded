"""A central system by script: it answers what a charge point sends, and remembers it. No socket, no clock of its own.

central_system = ScriptedCentralSystem()
central_system.answer(Authorize, AuthorizeConf(id_tag_info=IdTagInfo(status=AuthorizationStatus.BLOCKED)))
central_system.answer(StartTransaction, Refusal(CallErrorCode.INTERNAL_ERROR), SILENCE, USUAL)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, TypeAlias, TypeVar, assert_never

import attrs
from attrs import frozen

from ocpp16cp.charge_point import FEATURES
from ocpp16cp.errors import CallErrorCode
from ocpp16cp.features.authorization.messages import Authorize, AuthorizeConf
from ocpp16cp.features.boot.messages import BootNotification, BootNotificationConf, Heartbeat, HeartbeatConf
from ocpp16cp.features.transactions.messages import (
    StartTransaction,
    StartTransactionConf,
    StopTransaction,
    StopTransactionConf,
)
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.exchange import Exchange, Sender
from ocpp16cp.wire.frames import (
    Call,
    CallError,
    CallResult,
    Unreadable,
    parse_frame,
    render_call,
    render_error,
    render_result,
)
from ocpp16cp.wire.types import AuthorizationStatus, IdTagInfo, RegistrationStatus

Req = TypeVar("Req")

EXCHANGES: Mapping[str, Exchange[Any, Any]] = {
    exchange.action: exchange for feature in FEATURES for exchange in feature.exchanges
}
"""What the charge point's features can say and understand, by action."""

_BY_REQUEST: Mapping[type, Exchange[Any, Any]] = {exchange.request: exchange for exchange in EXCHANGES.values()}
_CODEC = Codec()


class Silence(Enum):
    """The type of `SILENCE`."""

    SILENCE = "silence"


class Usual(Enum):
    """The type of `USUAL`."""

    USUAL = "usual"


SILENCE = Silence.SILENCE
"""Behaviour: no answer."""
USUAL = Usual.USUAL
"""Behaviour: what is answered where nothing else is said."""


@frozen
class Refusal:
    """Behaviour: a CALLERROR."""

    code: CallErrorCode = CallErrorCode.INTERNAL_ERROR
    description: str = ""


@frozen
class Late:
    """Behaviour: as `behaviour` says, `after_s` seconds later."""

    after_s: float
    behaviour: Behaviour = USUAL


Behaviour: TypeAlias = (
    "attrs.AttrsInstance | Mapping[str, object] | Refusal | Late | Silence | Usual | Callable[[Any], Behaviour]"
)
"""How a CALL is answered: a confirmation, a payload (which may be wrong), or one of the values above; or a function
that takes the request and returns one of these."""


@frozen
class Reply:
    """A text for the charge point."""

    text: str
    after_s: float = 0.0
    """Seconds from now until it is sent."""


class ScriptedCentralSystem:
    """Accepts everything unless told otherwise; transactions are numbered from `first_transaction_id`.

    Whoever owns it carries the texts: those of the charge point into `receive`, its replies and the texts of `call`
    back.
    """

    def __init__(self, *, interval_s: int = 300, first_transaction_id: int = 1) -> None:
        self.interval_s = interval_s
        """The interval in the answer to a BootNotification."""
        self.seen: list[object] = []
        """Every request of the charge point, typed, in order."""
        self.answers: dict[str, object] = {}
        """Its answers to our CALLs by message id: confirmations, typed, and `CallError`."""
        self.cards: dict[str, IdTagInfo] = {}
        """What it says of a card by idTag, in the answers to Authorize, StartTransaction and StopTransaction. Of any
        other it says Accepted, and nothing at the stop."""
        self.transaction_id = first_transaction_id - 1
        """The id that was given out last."""
        self._behaviours: dict[type, list[Behaviour]] = {}
        self._asked: dict[str, str] = {}

    def answer(self, request: type, *behaviours: Behaviour) -> None:
        """Answer the CALLs of a request class like this from now on: one behaviour each, the last one for all after.

        `USUAL` alone goes back to what is answered by default.
        """
        assert behaviours, "at least one behaviour"
        self._behaviours[request] = list(behaviours)

    def seen_of(self, request: type[Req]) -> list[Req]:
        """The requests of one class, in order."""
        return [each for each in self.seen if isinstance(each, request)]

    def call(self, request: object, payload: Mapping[str, object] | None = None) -> tuple[str, str]:
        """Make a CALL to the charge point.

        Args:
            request: a message; or an action, for what no message class says.
            payload: the payload of that action.

        Returns:
            The message id, under which the answer will appear in `answers`; and the text to deliver.
        """
        message_id = f"cs-{len(self._asked) + 1}"
        if isinstance(request, str):
            action, text = request, json.dumps(payload or {})
        else:
            action, text = _BY_REQUEST[type(request)].action, _CODEC.encode(request)
        self._asked[message_id] = action
        return message_id, render_call(message_id, action, text)

    def receive(self, text: str, *, utc: datetime) -> tuple[Reply, ...]:
        """Take a text of the charge point.

        Args:
            text: one frame.
            utc: the time that this central system tells.

        Raises:
            AssertionError: no charge point may say such a thing.
        """
        frame = parse_frame(text)
        match frame:
            case Call():
                return self._serve(frame, utc)
            case CallResult():
                action = self._asked[frame.message_id]
                self.answers[frame.message_id] = _CODEC.decode(EXCHANGES[action].confirmation, frame.payload)
                return ()
            case CallError():
                self.answers[frame.message_id] = frame
                return ()
            case Unreadable():
                raise AssertionError(f"the charge point sent no frame: {text!r}")
            case _:
                assert_never(frame)

    def _serve(self, frame: Call, utc: datetime) -> tuple[Reply, ...]:
        """Answer a CALL."""
        request = typed(frame)
        self.seen.append(request)
        behaviours = self._behaviours.get(type(request), [USUAL])
        behaviour = behaviours.pop(0) if len(behaviours) > 1 else behaviours[0]
        return self._behave(frame.message_id, request, behaviour, utc)

    def _behave(self, message_id: str, request: object, behaviour: Behaviour, utc: datetime) -> tuple[Reply, ...]:
        """Answer a request as a behaviour says."""
        if behaviour is USUAL:
            behaviour = self._usual(request, utc)
        if behaviour is SILENCE:
            return ()
        if isinstance(behaviour, Late):
            replies = self._behave(message_id, request, behaviour.behaviour, utc)
            return tuple(Reply(reply.text, reply.after_s + behaviour.after_s) for reply in replies)
        if isinstance(behaviour, Refusal):
            return (Reply(render_error(message_id, behaviour.code, description=behaviour.description)),)
        if isinstance(behaviour, Mapping):
            return (Reply(render_result(message_id, json.dumps(behaviour))),)
        if callable(behaviour):
            return self._behave(message_id, request, behaviour(request), utc)
        return (Reply(render_result(message_id, _CODEC.encode(behaviour))),)

    def _usual(self, request: object, utc: datetime) -> Behaviour:
        """What is answered where nothing else is said: yes, as far as there is something to say yes to."""
        match request:
            case BootNotification():
                return BootNotificationConf(
                    status=RegistrationStatus.ACCEPTED, current_time=utc, interval=self.interval_s
                )
            case Heartbeat():
                return HeartbeatConf(current_time=utc)
            case Authorize():
                return AuthorizeConf(id_tag_info=self.cards.get(request.id_tag, _ACCEPTED))
            case StartTransaction():
                self.transaction_id += 1
                info = self.cards.get(request.id_tag, _ACCEPTED)
                return StartTransactionConf(id_tag_info=info, transaction_id=self.transaction_id)
            case StopTransaction(id_tag=str() as id_tag):
                return StopTransactionConf(id_tag_info=self.cards.get(id_tag))
            case _:
                pass
        names = [field.name for field in attrs.fields(_BY_REQUEST[type(request)].confirmation)]
        return {"status": "Accepted"} if "status" in names else {}


_ACCEPTED = IdTagInfo(status=AuthorizationStatus.ACCEPTED)


def typed(frame: Call) -> object:
    """The request in a CALL of the charge point.

    Raises:
        AssertionError: the charge point may not send this.
    """
    exchange = EXCHANGES.get(frame.action)
    assert exchange is not None, f"there is no action {frame.action!r}"
    assert exchange.sender is not Sender.CENTRAL_SYSTEM, f"{frame.action} is for the central system to send"
    request: object = _CODEC.decode(exchange.request, frame.payload)
    return request
