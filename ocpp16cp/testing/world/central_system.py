"""A central system as a model: it accepts, keeps a ledger, and checks that the station keeps to the protocol."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

from attrs import define, field

from ocpp16cp.charge_point import FEATURES
from ocpp16cp.features.authorization.messages import Authorize, AuthorizeConf
from ocpp16cp.features.boot.messages import BootNotification, BootNotificationConf, Heartbeat, HeartbeatConf
from ocpp16cp.features.configuration.messages import ChangeConfiguration, GetConfiguration
from ocpp16cp.features.metering.messages import MeterValues, MeterValuesConf
from ocpp16cp.features.status.messages import StatusNotification, StatusNotificationConf
from ocpp16cp.features.transactions.messages import (
    RemoteStartTransaction,
    RemoteStopTransaction,
    StartTransaction,
    StartTransactionConf,
    StopTransaction,
    StopTransactionConf,
)
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.frames import Call, CallError, CallResult, parse_frame, render_call, render_result
from ocpp16cp.wire.types import AuthorizationStatus, IdTagInfo, RegistrationStatus

from .ledger import Ledger
from .violation import InvariantViolated

EXCHANGES = {exchange.action: exchange for feature in FEATURES for exchange in feature.exchanges}
ACTIONS = {exchange.request: exchange.action for exchange in EXCHANGES.values()}

TAGS = {
    "ALICE": IdTagInfo(status=AuthorizationStatus.ACCEPTED),
    "BOB": IdTagInfo(status=AuthorizationStatus.ACCEPTED, parent_id_tag="FAMILY"),
    "CAROL": IdTagInfo(status=AuthorizationStatus.ACCEPTED, parent_id_tag="FAMILY"),
    "MALLORY": IdTagInfo(status=AuthorizationStatus.BLOCKED),
    "TRENT": IdTagInfo(status=AuthorizationStatus.ACCEPTED),
}
"""Who may charge."""

LATE_REFUSAL = "TRENT"
"""A card that is accepted when it is presented, and refused when its transaction begins."""

HEARTBEAT_S = 300

_SETTINGS = {
    "MeterValueSampleInterval": ("0", "7", "30", "60"),
    "ConnectionTimeOut": ("0", "5", "30", "60"),
    "WebSocketPingInterval": ("0", "10", "30"),
    "MinimumStatusDuration": ("0", "2"),
    "StopTransactionOnInvalidId": ("true", "false"),
    "StopTransactionOnEVSideDisconnect": ("true", "false"),
    "AuthorizeRemoteTxRequests": ("true", "false"),
    "HeartbeatInterval": ("60", "600", "-1"),
    "Nonsense": ("1",),
}
"""What it changes now and then, nonsense included."""


@define
class CentralSystemModel:
    """Answers everything it is asked, and now and then asks something itself."""

    random: Random
    ledger: Ledger = field(factory=Ledger)
    codec: Codec = field(factory=Codec)
    _seen_ids: set[str] = field(factory=set)
    _accepted_runs: set[str] = field(factory=set)
    _calls: int = 0
    _unanswered: str | None = None
    """The id of its CALL without an answer on this connection."""

    def connected(self) -> None:
        """A new connection: nothing of the last one counts."""
        self._unanswered = None

    def receive(self, text: str, utc: datetime) -> str | None:
        """Take one frame of the station; the answer, if one is due.

        Raises:
            InvariantViolated: the station may not say this.
        """
        frame = parse_frame(text)
        match frame:
            case Call():
                return self._answer(frame, utc)
            case CallResult() | CallError():
                if frame.message_id != self._unanswered:
                    raise InvariantViolated(f"an answer to nothing: {text}")
                self._unanswered = None
                return None
            case _:
                raise InvariantViolated(f"no frame: {frame.reason}: {text}")

    def ask(self) -> str | None:
        """A CALL of its own; `None` while one is unanswered."""
        if self._unanswered is not None:
            return None
        self._calls += 1
        self._unanswered = f"cs-{self._calls}"
        request = self._draw()
        return render_call(self._unanswered, ACTIONS[type(request)], self.codec.encode(request))

    def _answer(self, frame: Call, utc: datetime) -> str:
        """Check a CALL and answer it."""
        if frame.message_id in self._seen_ids:
            raise InvariantViolated(f"the message id {frame.message_id} was used before")
        self._seen_ids.add(frame.message_id)
        run = frame.message_id.partition("-")[0]
        if frame.action == "BootNotification":
            self._accepted_runs.add(run)
        elif run not in self._accepted_runs:
            raise InvariantViolated(f"{frame.action} before a BootNotification of run {run} was accepted")
        request = self.codec.decode(EXCHANGES[frame.action].request, frame.payload)
        return render_result(frame.message_id, self.codec.encode(self._confirm(request, utc)))

    def _confirm(self, request: Any, utc: datetime) -> object:
        """What it says to a request."""
        match request:
            case BootNotification():
                return BootNotificationConf(status=RegistrationStatus.ACCEPTED, current_time=utc, interval=HEARTBEAT_S)
            case Heartbeat():
                return HeartbeatConf(current_time=utc)
            case Authorize():
                return AuthorizeConf(id_tag_info=_info(request.id_tag))
            case StartTransaction():
                status = AuthorizationStatus.INVALID if request.id_tag == LATE_REFUSAL else None
                info = _info(request.id_tag) if status is None else IdTagInfo(status=status)
                return StartTransactionConf(id_tag_info=info, transaction_id=self.ledger.start(request))
            case StopTransaction():
                self.ledger.stop(request)
                return StopTransactionConf()
            case MeterValues():
                self.ledger.sample(request)
                return MeterValuesConf()
            case StatusNotification():
                return StatusNotificationConf()
            case _:
                raise InvariantViolated(f"no station sends this: {request}")

    def _draw(self) -> object:
        """Something to ask for."""
        match self.random.randrange(4):
            case 0:
                connector_id = self.random.choice((None, 1, 2, 3))
                tag = self.random.choice(list(TAGS))
                return RemoteStartTransaction(id_tag=tag, connector_id=connector_id)
            case 1:
                return RemoteStopTransaction(transaction_id=self.random.randint(0, len(self.ledger.entries) + 1))
            case 2:
                name = self.random.choice(list(_SETTINGS))
                return ChangeConfiguration(key=name, value=self.random.choice(_SETTINGS[name]))
            case _:
                return GetConfiguration()


def _info(id_tag: str) -> IdTagInfo:
    """What it knows about a card."""
    return TAGS.get(id_tag, IdTagInfo(status=AuthorizationStatus.INVALID))
