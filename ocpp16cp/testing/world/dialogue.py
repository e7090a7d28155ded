"""What the station says and hears on its link, and the rules that hold for it whatever the central system does."""

from __future__ import annotations

from typing import Any

from attrs import define, field, frozen

from ocpp16cp.errors import PayloadInvalid
from ocpp16cp.events import Event, LinkDown, LinkUp, TextReceived
from ocpp16cp.outcome import Close, Open, Outcome, SendText
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.frames import UNREADABLE_ID, Call, CallError, CallResult, Unreadable, parse_frame
from ocpp16cp.wire.types import RegistrationStatus

from .central_system import EXCHANGES
from .fates import MESSAGE_TIMEOUT_S
from .violation import InvariantViolated


@frozen
class Flight:
    """A CALL of the station that waits for its answer."""

    message_id: str
    action: str
    request: Any
    since: float


@frozen
class Landing:
    """A CALL of the station that does not wait any more."""

    flight: Flight
    confirmation: Any = None
    """`None`: it failed."""
    is_certain: bool = True
    """The central system has refused it, or answered nonsense; otherwise it has said nothing in time."""


@define
class Dialogue:
    """One run of the station on its link.

    At most one CALL is in flight. Each CALL of the central system is answered once, none while the station is rejected,
    and nothing else is answered. Before it is accepted the station sends nothing but BootNotifications, and no more
    often than it was told.
    """

    codec: Codec = field(factory=Codec)
    flight: Flight | None = None
    landing: Landing | None = None
    """What came of the flight in the present step."""
    status: RegistrationStatus | None = None
    """What the station was told last about its registration."""
    _boot_at: float = 0.0
    """Not before this instant the station may send a BootNotification."""
    _number: int = 0
    _is_up: bool = False
    _owed: dict[str, int] = field(factory=dict)
    """Answers that the station owes, by message id."""
    _complaints: int = 0
    """Frames received that may be answered with an error under no id."""
    _triggers: dict[str, str] = field(factory=dict)
    """What the central system asks to be sent, by message id, as long as that is not answered."""
    _asked_for: set[str] = field(factory=set)
    """What the station has agreed to send."""

    def hears(self, event: Event, now: float) -> None:
        """Something reaches the station."""
        self.landing = None
        match event:
            case LinkUp(number):
                self._is_up = number == self._number
            case LinkDown(number):
                if number == self._number:
                    self._link_ended()
            case TextReceived(number, text):
                if self._is_up and number == self._number:
                    self._read(text, now)
            case _:
                pass
        if self.flight is not None and now >= self.flight.since + MESSAGE_TIMEOUT_S:
            self._land(None, is_certain=False)

    def says(self, outcome: Outcome, now: float) -> None:
        """Look at what a step sends."""
        for action in outcome.link:
            match action:
                case Open(number):
                    self._link_ended()
                    self._number = number
                case Close():
                    self._link_ended()
                case SendText(number, text):
                    if number != self._number or not self._is_up:
                        raise InvariantViolated(f"sent without a link: {text}")
                    self._said(text, now)
                case _:
                    pass

    def check_rest(self) -> None:
        """The station is in service, and nothing is left unsaid.

        Raises:
            InvariantViolated: it is not so.
        """
        if self._owed:
            raise InvariantViolated(f"CALLs were never answered: {self._owed}")
        if not self._is_up or self.status is not RegistrationStatus.ACCEPTED:
            raise InvariantViolated(f"the station did not find back: up {self._is_up}, {self.status}")

    def _link_ended(self) -> None:
        """Nothing that was said before counts any more."""
        self._is_up = False
        self.flight = None
        self._owed.clear()
        self._complaints = 0
        self._triggers.clear()
        self._asked_for.clear()

    def _read(self, text: str, now: float) -> None:
        """A frame of the central system."""
        frame = parse_frame(text)
        match frame:
            case Call():
                self._owe(frame.message_id)
                if frame.action == "TriggerMessage" and isinstance(frame.payload, dict):
                    self._triggers[frame.message_id] = str(frame.payload.get("requestedMessage"))
            case CallResult():
                if self._is_of_flight(frame.message_id):
                    self._answered(frame, now)
            case CallError():
                if self._is_of_flight(frame.message_id):
                    self._land(None)
            case Unreadable():
                self._not_understood(frame)

    def _not_understood(self, frame: Unreadable) -> None:
        """A frame that is none: it may be the failure of a CALL, or due to be answered with an error."""
        if frame.answer is None:
            if self._is_of_flight(frame.message_id):
                self._land(None)
        elif frame.answer.message_id == UNREADABLE_ID:
            self._complaints += 1
        else:
            self._owe(frame.answer.message_id)

    def _owe(self, message_id: str) -> None:
        """The station owes an answer, unless it is rejected."""
        if self.status is not RegistrationStatus.REJECTED:
            self._owed[message_id] = self._owed.get(message_id, 0) + 1

    def _is_of_flight(self, message_id: str | None) -> bool:
        """Whether a frame is about the CALL in flight."""
        return self.flight is not None and self.flight.message_id == message_id

    def _answered(self, frame: CallResult, now: float) -> None:
        """The CALL in flight is answered, well or badly."""
        assert self.flight is not None
        try:
            confirmation = self.codec.decode(EXCHANGES[self.flight.action].confirmation, frame.payload)
        except PayloadInvalid:
            self._land(None)
            return
        if self.flight.action == "BootNotification":
            self.status = confirmation.status
            self._boot_at = now + confirmation.interval
        self._land(confirmation)

    def _land(self, confirmation: Any, *, is_certain: bool = True) -> None:
        """The CALL in flight has come to its end."""
        assert self.flight is not None
        self.landing = Landing(self.flight, confirmation, is_certain)
        self.flight = None

    def _said(self, text: str, now: float) -> None:
        """The station sends a frame."""
        frame = parse_frame(text)
        match frame:
            case Call():
                self._called(frame, now)
            case CallResult() | CallError():
                self._replied(frame)
            case Unreadable():
                raise InvariantViolated(f"no frame: {frame.reason}: {text}")

    def _called(self, frame: Call, now: float) -> None:
        """The station sends a CALL."""
        if self.flight is not None:
            raise InvariantViolated(f"{frame} is sent while {self.flight.message_id} waits for its answer")
        is_asked_for = frame.action in self._asked_for
        may_speak = self.status is RegistrationStatus.ACCEPTED or (
            is_asked_for and self.status is RegistrationStatus.PENDING
        )
        if frame.action != "BootNotification" and not may_speak:
            raise InvariantViolated(f"{frame} is sent while the registration is {self.status}")
        if frame.action == "BootNotification" and now < self._boot_at and not is_asked_for:
            raise InvariantViolated(f"{frame} is sent before {self._boot_at}, as the station was told")
        request = self.codec.decode(EXCHANGES[frame.action].request, frame.payload)
        self.flight = Flight(frame.message_id, frame.action, request, now)

    def _replied(self, frame: CallResult | CallError) -> None:
        """The station answers."""
        if isinstance(frame, CallError) and frame.message_id == UNREADABLE_ID and self._complaints > 0:
            self._complaints -= 1
            return
        trigger = self._triggers.pop(frame.message_id, None)
        if trigger is not None and isinstance(frame, CallResult) and frame.payload == {"status": "Accepted"}:
            self._asked_for.add(trigger)
        left = self._owed.pop(frame.message_id, 0) - 1
        if left < 0:
            raise InvariantViolated(f"an answer to nothing: {frame}")
        if left > 0:
            self._owed[frame.message_id] = left
