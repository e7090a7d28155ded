"""A small central system for one station: it accepts everything, and keeps account of the sessions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeVar

import anyio
from attrs import define, field

from ocpp16cp.errors import CallErrorCode, PayloadInvalid
from ocpp16cp.features.authorization.messages import AUTHORIZE, AuthorizeConf
from ocpp16cp.features.boot.messages import BOOT_NOTIFICATION, HEARTBEAT, BootNotificationConf, HeartbeatConf
from ocpp16cp.features.metering.messages import METER_VALUES, MeterValues, MeterValuesConf
from ocpp16cp.features.status.messages import STATUS_NOTIFICATION, StatusNotification, StatusNotificationConf
from ocpp16cp.features.transactions.messages import (
    REMOTE_START_TRANSACTION,
    REMOTE_STOP_TRANSACTION,
    START_TRANSACTION,
    STOP_TRANSACTION,
    RemoteStartTransaction,
    RemoteStopTransaction,
    StartTransaction,
    StartTransactionConf,
    StopTransaction,
    StopTransactionConf,
)
from ocpp16cp.io.serving import UpgradeRequest
from ocpp16cp.io.transport import Connection, Pong
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.exchange import Exchange
from ocpp16cp.wire.frames import Call, CallError, CallResult, parse_frame, render_call, render_error, render_result
from ocpp16cp.wire.types import (
    AuthorizationStatus,
    ChargePointStatus,
    IdTagInfo,
    Reason,
    RegistrationStatus,
)

HEARTBEAT_INTERVAL_S: Final = 5
"""Short, so that a demonstration shows one."""

_ACCEPTED: Final = IdTagInfo(status=AuthorizationStatus.ACCEPTED)
_CODEC: Final = Codec()
_ANSWERED: Final = {
    exchange.action: exchange.request
    for exchange in (
        AUTHORIZE,
        BOOT_NOTIFICATION,
        HEARTBEAT,
        METER_VALUES,
        START_TRANSACTION,
        STATUS_NOTIFICATION,
        STOP_TRANSACTION,
    )
}
_Req = TypeVar("_Req")
_Conf = TypeVar("_Conf")


@define(kw_only=True)
class Session:
    """A transaction, as far as the central system was told."""

    transaction_id: int
    connector_id: int
    id_tag: str
    meter_start_wh: int
    meter_stop_wh: int | None = None
    """`None`: it runs."""
    reason: Reason | None = None
    samples: int = 0
    """MeterValues that came for it."""

    @property
    def energy_wh(self) -> int | None:
        """What will be billed; `None`: it runs."""
        return None if self.meter_stop_wh is None else self.meter_stop_wh - self.meter_start_wh


@define(eq=False)
class CentralSystem:
    """What `look_after` hears from the station, and what the station can be asked for."""

    sessions: dict[int, Session] = field(factory=dict, init=False)
    """By transaction id."""
    statuses: dict[int, ChargePointStatus] = field(factory=dict, init=False)
    """What was reported last, by connector."""
    _connection: Connection | None = field(default=None, init=False)
    _asked: int = field(default=0, init=False)
    _answers: dict[str, CallResult | CallError] = field(factory=dict, init=False)
    _changed: anyio.Event = field(factory=anyio.Event, init=False)

    async def look_after(self, connection: Connection, _request: UpgradeRequest) -> None:
        """Answer a station until its connection ends; for `ocpp16cp.io.websocket_server`."""
        self._connection = connection
        while True:
            arrived = await connection.receive()
            if not isinstance(arrived, Pong):
                await self._take(connection, arrived)
                self._changed.set()
                self._changed = anyio.Event()

    async def wait_until(self, is_reached: Callable[[CentralSystem], bool]) -> None:
        """Wait until enough was heard."""
        while not is_reached(self):
            await self._changed.wait()

    async def start(self, connector_id: int, id_tag: str) -> bool:
        """Ask for a transaction; whether the station will try."""
        request = RemoteStartTransaction(connector_id=connector_id, id_tag=id_tag)
        return (await self._call(REMOTE_START_TRANSACTION, request)).status.value == "Accepted"

    async def stop(self, transaction_id: int) -> bool:
        """Ask for the end of a transaction; whether the station will do it."""
        request = RemoteStopTransaction(transaction_id=transaction_id)
        return (await self._call(REMOTE_STOP_TRANSACTION, request)).status.value == "Accepted"

    async def _call(self, exchange: Exchange[_Req, _Conf], request: _Req) -> _Conf:
        """Send a CALL and wait for its answer."""
        assert self._connection is not None, "nobody is there to be called"
        self._asked += 1
        message_id = f"cs-{self._asked}"
        await self._connection.send_text(render_call(message_id, exchange.action, _CODEC.encode(request)))
        await self.wait_until(lambda _: message_id in self._answers)
        answer = self._answers.pop(message_id)
        assert isinstance(answer, CallResult), answer
        return _CODEC.decode(exchange.confirmation, answer.payload)

    async def _take(self, connection: Connection, text: str) -> None:
        """Deal with one frame."""
        frame = parse_frame(text)
        match frame:
            case Call():
                await connection.send_text(self._reply(frame))
            case CallResult() | CallError():
                self._answers[frame.message_id] = frame
            case _:
                # The station under demonstration is our own: it sends nothing else.
                raise AssertionError(frame.reason)

    def _reply(self, frame: Call) -> str:
        """The answer to a CALL."""
        request_type = _ANSWERED.get(frame.action)
        if request_type is None:
            text = f"{frame.action} is not known here"
            return render_error(frame.message_id, CallErrorCode.NOT_IMPLEMENTED, description=text)
        try:
            request = _CODEC.decode(request_type, frame.payload)
        except PayloadInvalid as error:
            return render_error(frame.message_id, error.code, description=str(error))
        return render_result(frame.message_id, _CODEC.encode(self._confirmation(request)))

    def _confirmation(self, request: object) -> object:
        """Take note of what was said, and confirm it."""
        match request:
            case StartTransaction():
                session = Session(
                    transaction_id=len(self.sessions) + 1,
                    connector_id=request.connector_id,
                    id_tag=request.id_tag,
                    meter_start_wh=request.meter_start,
                )
                self.sessions[session.transaction_id] = session
                return StartTransactionConf(id_tag_info=_ACCEPTED, transaction_id=session.transaction_id)
            case StopTransaction():
                session = self.sessions[request.transaction_id]
                session.meter_stop_wh, session.reason = request.meter_stop, request.reason
                return StopTransactionConf(id_tag_info=_ACCEPTED)
            case MeterValues():
                if request.transaction_id is not None:
                    self.sessions[request.transaction_id].samples += 1
                return MeterValuesConf()
            case StatusNotification():
                self.statuses[request.connector_id] = request.status
                return StatusNotificationConf()
            case _:
                return _CONFIRMATIONS[type(request)]()


def _boot_notification_conf() -> BootNotificationConf:
    return BootNotificationConf(
        status=RegistrationStatus.ACCEPTED, current_time=datetime.now(UTC), interval=HEARTBEAT_INTERVAL_S
    )


_CONFIRMATIONS: Final[dict[type, Callable[[], object]]] = {
    AUTHORIZE.request: lambda: AuthorizeConf(id_tag_info=_ACCEPTED),
    BOOT_NOTIFICATION.request: _boot_notification_conf,
    HEARTBEAT.request: lambda: HeartbeatConf(current_time=datetime.now(UTC)),
}
