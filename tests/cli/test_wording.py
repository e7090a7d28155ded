from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import get_args

import pytest

from ocpp16cp.cli.wording import MessageTeller, tell_notice
from ocpp16cp.io.link import Direction
from ocpp16cp.io.trace import REMEMBERED_CALLS
from ocpp16cp.outcome import (
    Awaited,
    Awaits,
    CallFailed,
    CardAccepted,
    CardRefusal,
    CardRefused,
    ClockChanged,
    DataReceived,
    DiagnosticsProgress,
    EndpointChanged,
    FirmwareProgress,
    FrameRefused,
    FrameRelaxed,
    HardwareMisreport,
    KeyChanged,
    KeyReset,
    LimitChanged,
    LinkEstablished,
    LinkLost,
    MessageDiscarded,
    Notice,
    ProfileDropped,
    ProfileRejected,
    Registered,
    ReservationEnd,
    ReservationEnded,
    ReservationMade,
    Restart,
    RestartFailed,
    Restarting,
    StartAbandoned,
    StatusChanged,
    TransactionStarted,
    TransactionStopped,
    TransferEnded,
    Work,
    WorkProgress,
)
from ocpp16cp.vendor_messages import DataRequest
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointErrorCode, ChargePointStatus, DataTransferStatus, Reason

SENT, RECEIVED = Direction.SENT, Direction.RECEIVED
NO_ERROR, GROUND = ChargePointErrorCode.NO_ERROR, ChargePointErrorCode.GROUND_FAILURE

TOLD: list[tuple[Notice, str]] = [
    (LinkEstablished("ws://a"), "online: connected to ws://a"),
    (LinkEstablished("ws://a", "wwan0 from 10.0.0.5"), "online: connected to ws://a over wwan0 from 10.0.0.5"),
    (EndpointChanged(1, "ws://b", "wlan0", "connection refused"), "next is endpoint 2: ws://b over wlan0"),
    (DataReceived(1, DataRequest(vendor_id="com.example"), 4.0), "DataTransfer of com.example waits for an answer"),
    (TransferEnded(7, DataTransferStatus.ACCEPTED, "x"), "DataTransfer 7: Accepted"),
    (TransferEnded(7, None, failure="offline"), "DataTransfer 7: offline"),
    (ClockChanged(datetime(2026, 3, 1, 12, tzinfo=UTC), None), "the clock shows 2026-03-01 12:00:00 UTC"),
    (
        ClockChanged(datetime(2026, 3, 1, 12, tzinfo=UTC), -90.5),
        "the clock shows 2026-03-01 12:00:00 UTC, set by -90 s",
    ),
    (LinkLost("connection refused", 3.4), "offline: connection refused (next attempt in 3 s)"),
    (Registered("Pending", 30), "registration: Pending, interval 30 s"),
    (CallFailed("Authorize", "no answer within 30 s"), "Authorize failed: no answer within 30 s"),
    (MessageDiscarded("MeterValues", "the queue is full"), "MeterValues given up: the queue is full"),
    (FrameRefused("not JSON", "hello"), "refused what the central system sent: not JSON: hello"),
    (
        FrameRelaxed("Reset", "$.type", "letter case of 'soft'"),
        "Reset: forgave the central system $.type: letter case of 'soft'",
    ),
    (Restarting(Restart.HARD), "the station starts anew: HardReset"),
    (RestartFailed(Restart.SOFT, "it is stuck"), "the station could not be started anew: it is stuck"),
    (HardwareMisreport("a meter ran backwards"), "the hardware reports what cannot be: a meter ran backwards"),
    (StatusChanged(0, ChargePointStatus.AVAILABLE, NO_ERROR), "station: Available"),
    (StatusChanged(2, ChargePointStatus.FAULTED, GROUND), "connector 2: Faulted (GroundFailure)"),
    (CardRefused("T", CardRefusal.OFFLINE), "card T refused: cannot be checked while offline"),
    (
        CardRefused("T", CardRefusal.NOT_ACCEPTED, AuthorizationStatus.BLOCKED),
        "card T refused: not accepted, the central system says Blocked",
    ),
    (CardAccepted("T", 1), "connector 1: card T accepted"),
    (StartAbandoned(1, "T", "no cable in time"), "connector 1: nothing becomes of T: no cable in time"),
    (CardRefused("T", CardRefusal.RESERVED), "card T refused: reserved for somebody else"),
    (
        ReservationMade(7, 1, "T", datetime(2026, 3, 1, 12, 30, tzinfo=UTC)),
        "connector 1: reserved for T until 2026-03-01 12:30:00 UTC",
    ),
    (ReservationEnded(7, 0, "T", ReservationEnd.USED), "station: reservation of T is over (Used)"),
    (Awaits(1, Awaited.CABLE), "connector 1: waits for its cable"),
    (Awaits(2, None), "connector 2: waits for nothing"),
    (KeyChanged("ConnectionTimeOut", "45"), "ConnectionTimeOut is now '45'"),
    (KeyChanged("AuthorizationKey", None), "AuthorizationKey is now another one"),
    (FirmwareProgress("Downloading"), "firmware: Downloading"),
    (FirmwareProgress("DownloadFailed", "no such file"), "firmware: DownloadFailed: no such file"),
    (DiagnosticsProgress("UploadFailed", "no way to host"), "diagnostics: UploadFailed: no way to host"),
    (WorkProgress(Work.DOWNLOAD, 300, 1000), "download: 300 of 1000"),
    (WorkProgress(Work.UPLOAD, 300, None), "upload: 300"),
    (KeyReset("LightIntensity", "200 is not 0 to 100"), "LightIntensity is back at its default: 200 is not 0 to 100"),
    (TransactionStarted(1, "T", 1500), "connector 1: transaction of T begins at 1500 Wh"),
    (LimitChanged(1, Decimal(16), 3, None), "connector 1: offers 16 A on 3 phases"),
    (
        LimitChanged(2, Decimal("7.5"), 1, datetime(2026, 3, 1, 22, tzinfo=UTC)),
        "connector 2: offers 7.5 A on 1 phase until 2026-03-01T22:00:00+00:00",
    ),
    (ProfileRejected(0, 7, "validTo: is past"), "station: charging profile 7 rejected: validTo: is past"),
    (ProfileDropped(7, "connectorId: there is none"), "charging profile 7 removed: connectorId: there is none"),
    (TransactionStopped(1, "T", Reason.LOCAL, 36), "connector 1: transaction of T ends with 36 Wh (Local)"),
]


@pytest.mark.parametrize(("notice", "text"), TOLD, ids=lambda value: type(value).__name__)
def test_notice_is_a_sentence(notice: Notice, text: str) -> None:
    assert tell_notice(notice) == text


def test_there_is_a_sentence_for_every_notice() -> None:
    assert {type(notice) for notice, _ in TOLD} == set(get_args(Notice))


@pytest.mark.parametrize("refusal", CardRefusal)
def test_there_are_words_for_every_refusal_of_a_card(refusal: CardRefusal) -> None:
    assert tell_notice(CardRefused("T", refusal)).startswith("card T refused: ")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[2,"1","Heartbeat",{}]', "-> Heartbeat"),
        (
            '[2,"1","StatusNotification",{"connectorId":1,"errorCode":"NoError","timestamp":"x","status":"Charging"}]',
            "-> StatusNotification connectorId=1 status=Charging",
        ),
        ('[2,"1","StatusNotification",{"errorCode":"WeakSignal"}]', "-> StatusNotification errorCode=WeakSignal"),
        (
            '[2,"1","MeterValues",{"meterValue":[{"sampledValue":[{"value":"12","unit":"Wh"},{"value":"1"}]}]}]',
            "-> MeterValues 12 Wh 1",
        ),
        (
            '[2,"1","MeterValues",{"meterValue":[{"sampledValue":[{"value":"50","unit":"Percent"}]}]}]',
            "-> MeterValues 50 %",
        ),
        (
            '[2,"1","ChangeConfiguration",{"key":"HeartbeatInterval","value":"7"}]',
            "-> ChangeConfiguration key=HeartbeatInterval value=7",
        ),
        ('[2,"1","GetConfiguration",{"key":["A","B"]}]', "-> GetConfiguration A B"),
        ("[7]", "-> no message: unknown message type"),
    ],
)
def test_message_is_told_without_its_structure(text: str, line: str) -> None:
    assert MessageTeller()(SENT, text) == line


def test_answers_are_told_with_the_action_they_answer() -> None:
    teller = MessageTeller()
    teller(SENT, '[2,"1","Authorize",{"idTag":"T"}]')
    teller(RECEIVED, '[2,"1","Reset",{"type":"Soft"}]')

    assert teller(SENT, '[4,"1","NotSupported","not now",{}]') == "-> Reset: NotSupported not now"
    assert teller(RECEIVED, '[3,"1",{"idTagInfo":{"status":"Accepted"}}]') == "<- Authorize: status=Accepted"
    assert teller(RECEIVED, '[3,"1",{}]') == "<- answer to nothing: confirmed"


def test_calls_without_an_answer_are_forgotten_some_time() -> None:
    teller = MessageTeller()
    for number in range(REMEMBERED_CALLS + 1):
        teller(SENT, f'[2,"{number}","Heartbeat",{{}}]')

    assert teller(RECEIVED, '[3,"0",{}]') == "<- answer to nothing: confirmed"
    assert teller(RECEIVED, '[3,"1",{}]') == "<- Heartbeat: confirmed"
