"""A central system as a model: it keeps a ledger, checks what it is told, asks for things, and may work badly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from attrs import define, field

from ocpp16cp.charge_point import FEATURES
from ocpp16cp.features.authorization.messages import Authorize, AuthorizeConf, ClearCache
from ocpp16cp.features.boot.messages import BootNotification, BootNotificationConf, Heartbeat, HeartbeatConf
from ocpp16cp.features.configuration.messages import ChangeConfiguration, GetConfiguration
from ocpp16cp.features.data_transfer.messages import DataTransfer, DataTransferConf
from ocpp16cp.features.diagnostics.messages import DiagnosticsStatusNotification, DiagnosticsStatusNotificationConf
from ocpp16cp.features.firmware.messages import FirmwareStatusNotification, FirmwareStatusNotificationConf
from ocpp16cp.features.metering.messages import MeterValues, MeterValuesConf
from ocpp16cp.features.status.messages import StatusNotification, StatusNotificationConf
from ocpp16cp.features.transactions.messages import (
    RemoteStartTransaction,
    RemoteStopTransaction,
    StartTransaction,
    StartTransactionConf,
    StopTransaction,
    StopTransactionConf,
    UnlockConnector,
)
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.frames import Call, CallError, CallResult, parse_frame, render_call
from ocpp16cp.wire.types import AuthorizationStatus, DataTransferStatus, IdTagInfo, RegistrationStatus

from . import meters
from .cards import draw_card_request, is_triggered
from .fates import Fate, Reply, draw_fate, replies
from .ledger import Ledger
from .likelihoods import Faults
from .operator import draw_operation
from .profiles import draw_brought, draw_request
from .stray import draw_stray
from .vendor import draw_transfer
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

_TAKEN: Mapping[type, object] = {
    StatusNotification: StatusNotificationConf(),
    FirmwareStatusNotification: FirmwareStatusNotificationConf(),
    DiagnosticsStatusNotification: DiagnosticsStatusNotificationConf(),
    DataTransfer: DataTransferConf(status=DataTransferStatus.ACCEPTED),
}
"""What there is to say to messages that it only takes note of."""

_INVALID = IdTagInfo(status=AuthorizationStatus.INVALID)

HEARTBEAT_S = 300

MAX_BURST = 5
"""Questions at once."""

MAX_CLOCK_STEP_S = 3.0

_PATIENCE_S = (0, 10, 60)
"""For how long a station that is not accepted shall wait; with 0 it chooses."""

_SETTINGS = {
    "MeterValueSampleInterval": ("0", "7", "30", "60"),
    "ConnectionTimeOut": ("0", "5", "30", "60"),
    "WebSocketPingInterval": ("0", "10", "30"),
    "MinimumStatusDuration": ("0", "2"),
    "StopTransactionOnInvalidId": ("true", "false"),
    "StopTransactionOnEVSideDisconnect": ("true", "false"),
    "AuthorizeRemoteTxRequests": ("true", "false"),
    "HeartbeatInterval": ("60", "600", "-1"),
    "TransactionMessageAttempts": ("0", "2", "3", "5"),
    "TransactionMessageRetryInterval": ("0", "10", "60"),
    "AuthorizationCacheEnabled": ("true", "false"),
    "LocalPreAuthorize": ("true", "false"),
    "LocalAuthorizeOffline": ("true", "false"),
    "AllowOfflineTxForUnknownId": ("true", "false"),
    "MaxEnergyOnInvalidId": ("0", "500"),
    "LocalAuthListEnabled": ("true", "false"),
    "Nonsense": ("1",),
} | meters.SETTINGS
"""What it changes now and then, nonsense included."""


@define
class CentralSystemModel:
    """Answers what it is asked, or not, and now and then asks something itself."""

    random: Random
    faults: Faults = field(factory=Faults)
    ledger: Ledger = field(factory=Ledger)
    codec: Codec = field(factory=Codec)
    fates: dict[Fate, int] = field(factory=dict)
    """What became of the station's CALLs so far."""
    is_sick: bool = False
    _clock_error: timedelta = timedelta()
    _seen_ids: set[str] = field(factory=set)
    _last_id: str = "none"
    """Of the station's last CALL."""
    _calls: int = 0
    _unanswered: set[str] = field(factory=set)
    """The ids of its CALLs without an answer on this connection."""

    def connected(self) -> None:
        """A new connection: nothing of the last one counts."""
        self._unanswered.clear()

    def recover(self, faults: Faults) -> None:
        """From now on it works as well, or as badly, as this."""
        self.faults = faults
        self.is_sick = False

    def step_clock(self) -> None:
        """Its clock is set anew, a little before or after the true time."""
        self._clock_error = timedelta(seconds=self.random.uniform(-MAX_CLOCK_STEP_S, MAX_CLOCK_STEP_S))

    def receive(self, text: str, utc: datetime) -> list[Reply]:
        """Take one frame of the station.

        Args:
            text: the frame.
            utc: the true time.

        Returns:
            What it sends because of it.

        Raises:
            InvariantViolated: the station may not say this.
        """
        frame = parse_frame(text)
        match frame:
            case Call():
                return self._answer(frame, utc + self._clock_error)
            case CallResult() | CallError():
                self._unanswered.discard(frame.message_id)
                return []
            case _:
                raise InvariantViolated(f"no frame: {frame.reason}: {text}")

    def ask(self, utc: datetime) -> list[str]:
        """CALLs of its own, as a rule one, and none while one is unanswered; several at once are a fault."""
        if self.random.random() < self.faults.burst:
            texts = [self._call(self._draw(utc)) for _ in range(self.random.randint(2, MAX_BURST))]
            # The same again, as a central system does that has not seen the answer in time.
            return [*texts, self.random.choice(texts)]
        return [] if self._unanswered else [self._call(self._draw(utc))]

    def ask_for_limits(self, utc: datetime) -> list[str]:
        """A CALL of Smart Charging, while none is unanswered."""
        return [] if self._unanswered else [self._call(draw_request(self.random, utc, list(self.ledger.entries)))]

    def stray(self) -> str:
        """A frame that nobody waits for."""
        return draw_stray(self.random, self._last_id)

    def _answer(self, frame: Call, utc: datetime) -> list[Reply]:
        """Check a CALL, process it and answer it, as far as its fate allows."""
        if frame.message_id in self._seen_ids:
            raise InvariantViolated(f"the message id {frame.message_id} was used before")
        self._seen_ids.add(frame.message_id)
        self._last_id = frame.message_id
        request = self.codec.decode(EXCHANGES[frame.action].request, frame.payload)
        fate = draw_fate(self.random, self.faults.sick_reply if self.is_sick else self.faults.reply)
        self.fates[fate] = self.fates.get(fate, 0) + 1
        payload = self.codec.encode(self._confirm(request, utc)) if fate.is_processed else "{}"
        return replies(self.random, fate, frame.message_id, payload)

    def _confirm(self, request: Any, utc: datetime) -> object:
        """Do what a request asks for; what there is to say to it."""
        match request:
            case BootNotification():
                return self._register(utc)
            case Heartbeat():
                return HeartbeatConf(current_time=utc)
            case Authorize():
                return AuthorizeConf(id_tag_info=_info(request.id_tag))
            case StartTransaction():
                info = _INVALID if request.id_tag == LATE_REFUSAL else _info(request.id_tag)
                return StartTransactionConf(id_tag_info=info, transaction_id=self.ledger.start(request))
            case StopTransaction():
                # A transaction that it does not know is taken all the same: the station could not do anything about it.
                is_known = self.ledger.stop(request)
                return StopTransactionConf(id_tag_info=None if is_known else _INVALID)
            case MeterValues():
                if not is_triggered(request):
                    # What was asked for overtakes what waits.
                    self.ledger.sample(request)
                return MeterValuesConf()
            case _ if type(request) in _TAKEN:
                return _TAKEN[type(request)]
            case _:
                raise InvariantViolated(f"no station sends this: {request}")

    def _register(self, utc: datetime) -> BootNotificationConf:
        """Accept a station, or let it wait."""
        if self.random.random() >= self.faults.refusal:
            return BootNotificationConf(status=RegistrationStatus.ACCEPTED, current_time=utc, interval=HEARTBEAT_S)
        status = self.random.choice((RegistrationStatus.PENDING, RegistrationStatus.REJECTED))
        return BootNotificationConf(status=status, current_time=utc, interval=self.random.choice(_PATIENCE_S))

    def _call(self, request: object) -> str:
        """A CALL of its own."""
        self._calls += 1
        message_id = f"cs-{self._calls}"
        self._unanswered.add(message_id)
        return render_call(message_id, ACTIONS[type(request)], self.codec.encode(request))

    def _draw(self, utc: datetime) -> object:
        """Something to ask for."""
        match self.random.randrange(10):
            case 0:
                connector_id = self.random.choice((None, 1, 2, 3))
                tag = self.random.choice(list(TAGS))
                return RemoteStartTransaction(
                    id_tag=tag, connector_id=connector_id, charging_profile=draw_brought(self.random, utc)
                )
            case 1:
                return RemoteStopTransaction(transaction_id=self.random.randint(-1, len(self.ledger.entries)))
            case 2 | 3:
                name = self.random.choice(list(_SETTINGS))
                return ChangeConfiguration(key=name, value=self.random.choice(_SETTINGS[name]))
            case 4:
                return self.random.choice((UnlockConnector(connector_id=self.random.randint(1, 3)), ClearCache()))
            case 5:
                return draw_transfer(self.random)
            case 6:
                return draw_operation(self.random)
            case 7 | 8:
                return draw_card_request(self.random, utc, list(TAGS))
            case _:
                return GetConfiguration()


def _info(id_tag: str) -> IdTagInfo:
    """What it knows about a card."""
    return TAGS.get(id_tag, _INVALID)
