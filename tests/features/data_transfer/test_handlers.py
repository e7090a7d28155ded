"""DataTransfer in both directions (§4.3, §5.6)."""

from __future__ import annotations

import pytest
from attrs import evolve

from ocpp16cp.errors import CallErrorCode
from ocpp16cp.events import DataAnswered, TransferRequested
from ocpp16cp.features.boot.messages import BootNotification, BootNotificationConf
from ocpp16cp.features.data_transfer.handlers import MAX_PENDING, MAX_TRANSFERS
from ocpp16cp.features.data_transfer.messages import DataTransfer, DataTransferConf
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.outcome import DataReceived, FrameRefused, TransferEnded
from ocpp16cp.station import Station
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, Late, Refusal
from ocpp16cp.testing.stage import Network
from ocpp16cp.vendor_messages import DataAnswer, DataRequest, VendorMessage
from ocpp16cp.wire.frames import CallError
from ocpp16cp.wire.types import ChargePointStatus, DataTransferStatus, RegistrationStatus
from tests.features.stations import STATION

ACCEPTED, REJECTED = DataTransferStatus.ACCEPTED, DataTransferStatus.REJECTED
UNKNOWN_VENDOR, UNKNOWN_MESSAGE = DataTransferStatus.UNKNOWN_VENDOR_ID, DataTransferStatus.UNKNOWN_MESSAGE_ID

ASK = DataTransfer(vendor_id="com.example", message_id="Ask", data="why")
"""For the application to answer."""


def echo(request: DataRequest) -> DataAnswer:
    """Says what it heard."""
    return DataAnswer(data=f"{request.vendor_id}/{request.message_id}/{request.data}/{request.value}")


def fail(request: DataRequest) -> DataAnswer:
    """A mistake of the application."""
    raise KeyError(request.vendor_id)


def understanding(*messages: VendorMessage) -> Station:
    """A station that understands these messages."""
    return evolve(STATION, vendor_messages=messages)


def message(message_id: str | None = None, **facts: object) -> VendorMessage:
    """A message of our vendor."""
    return VendorMessage(vendor_id="com.example", message_id=message_id, **facts)  # type: ignore[arg-type]  # any field


STATION_THAT_ASKS = understanding(message("Ask"), message("Quick", answer_within_s=1.0))


def sent(
    play: Playbook, vendor_id: str = "com.example", message_id: str | None = None, data: str | None = None
) -> object:
    """What a DataTransfer is answered with at once."""
    return play.send(DataTransfer(vendor_id=vendor_id, message_id=message_id, data=data), DataTransferConf)


def test_vendor_that_nobody_knows_is_unknown() -> None:
    """§6.16: without data."""
    with Playbook(STATION) as play:
        play.boot()

        assert sent(play, "org.example", data="x") == DataTransferConf(status=UNKNOWN_VENDOR)


@pytest.mark.parametrize(
    ("message_id", "status", "data"),
    [
        ("Echo", ACCEPTED, "com.example/Echo/x/None"),
        ("eCHO", ACCEPTED, "com.example/eCHO/x/None"),
        ("Other", UNKNOWN_MESSAGE, None),
        (None, UNKNOWN_MESSAGE, None),
    ],
)
def test_message_is_found_by_its_id(message_id: str | None, status: DataTransferStatus, data: str | None) -> None:
    """§5.6: vendor known, message not: UnknownMessageId; ids compare without regard to letter case."""
    with Playbook(understanding(message("Echo", answer=echo))) as play:
        play.boot()

        assert sent(play, message_id=message_id, data="x") == DataTransferConf(status=status, data=data)


def test_vendor_is_found_in_any_letter_case() -> None:
    with Playbook(understanding(message(answer=echo))) as play:
        play.boot()

        assert sent(play, "COM.Example") == DataTransferConf(status=ACCEPTED, data="COM.Example/None/None/None")


def test_declaration_without_an_id_stands_for_all_others_of_its_vendor() -> None:
    station = understanding(message(answer=echo), message("No", answer=lambda _: DataAnswer(REJECTED)))
    with Playbook(station) as play:
        play.boot()

        assert sent(play, message_id="No") == DataTransferConf(status=REJECTED)
        assert sent(play, message_id="Yes") == DataTransferConf(status=ACCEPTED, data="com.example/Yes/None/None")
        assert sent(play) == DataTransferConf(status=ACCEPTED, data="com.example/None/None/None")


def test_data_are_held_to_their_schema() -> None:
    """What does not fit is refused with the rule it breaks, and the application learns of it; what fits is read."""
    schema = {"type": "object", "properties": {"level": {"type": "integer"}}}
    with Playbook(understanding(message("Set", answer=echo, schema=schema))) as play:
        play.boot()

        fitting = sent(play, message_id="Set", data='{"level":3}')
        assert fitting == DataTransferConf(status=ACCEPTED, data="com.example/Set/{\"level\":3}/{'level': 3}")
        play.expect_no(FrameRefused)
        rule = "$.level: '3' is not of type 'integer'"
        assert sent(play, message_id="Set", data='{"level":"3"}') == DataTransferConf(status=REJECTED, data=rule)
        play.expect(FrameRefused(f"DataTransfer com.example Set: {rule}", ""))
        assert sent(play, message_id="Set") == DataTransferConf(status=REJECTED, data="data: required, and missing")


@pytest.mark.parametrize("answer", [fail, lambda _: DataAnswer(UNKNOWN_VENDOR, "data"), lambda _: None])
def test_function_that_fails_is_an_internal_error(answer: object) -> None:
    """The station goes on, and the application learns of its mistake."""
    with Playbook(understanding(message(answer=answer))) as play:
        play.boot()

        refused = play.answer_to(play.post(DataTransfer(vendor_id="com.example")))

        assert isinstance(refused, CallError)
        assert refused.code is CallErrorCode.INTERNAL_ERROR
        play.expect(FrameRefused, text="DataTransfer")


# The application answers.


def test_application_answers_when_it_knows() -> None:
    """By a notice and an event, with anything else going on meanwhile."""
    with Playbook(STATION_THAT_ASKS) as play:
        play.boot()
        first, second = play.post(ASK), play.post(evolve(ASK, data="how"))
        received = play.expect(DataReceived)
        assert received.request == DataRequest(vendor_id="com.example", message_id="Ask", data="why")
        assert received.within_s == 4.0
        again = play.expect(DataReceived)
        play.advance(2)
        play.plug_in(1)
        play.expect_status(1, ChargePointStatus.PREPARING)
        play.happens(DataAnswered(again.ticket, DataAnswer(REJECTED)))
        play.happens(DataAnswered(received.ticket, DataAnswer(data="because")))

        assert play.answer_to(first) == DataTransferConf(status=ACCEPTED, data="because")
        assert play.answer_to(second) == DataTransferConf(status=REJECTED)


def test_application_that_does_not_answer_in_time_has_rejected() -> None:
    """Its answer comes too late then, and counts for nothing."""
    with Playbook(STATION_THAT_ASKS) as play:
        play.boot()
        slow, quick = play.post(ASK), play.post(evolve(ASK, message_id="Quick"))
        received = play.expect(DataReceived)
        play.advance(1)
        why = "the application did not answer in time"
        assert play.answer_to(quick) == DataTransferConf(status=REJECTED, data=why)
        assert play.answer_to(slow) is None
        play.advance(3)
        assert play.answer_to(slow) == DataTransferConf(status=REJECTED, data=why)
        play.expect(FrameRefused(f"DataTransfer com.example Quick: {why}", ""))
        play.expect(FrameRefused(f"DataTransfer com.example Ask: {why}", ""))

        said = len(play.entries)
        play.happens(DataAnswered(received.ticket, DataAnswer()))

        assert not any(entry.is_output for entry in play.entries[said:])


def test_answer_that_the_connection_did_not_live_to_see_is_not_given() -> None:
    """Not even one that comes in time, on the next connection."""
    with Playbook(understanding(message("Ask", answer_within_s=60))) as play:
        play.boot()
        asked = play.post(ASK)
        received = play.expect(DataReceived)
        play.drop_link()
        play.restore_link()
        play.happens(DataAnswered(received.ticket, DataAnswer()))
        play.advance(60)

        assert play.answer_to(asked) is None
        play.expect_no(FrameRefused)


def test_waiting_messages_are_bounded() -> None:
    """So that a DataTransfer that nobody answers does not keep other CALLs from being answered later."""
    with Playbook(STATION_THAT_ASKS) as play:
        play.boot()
        for _ in range(MAX_PENDING):
            assert play.answer_to(play.post(ASK)) is None

        why = f"{MAX_PENDING} others wait for the application"
        assert play.send(ASK) == DataTransferConf(status=REJECTED, data=why)
        play.advance(4)


# The application sends.


def test_application_sends_and_learns_the_answer() -> None:
    """§4.3: as soon as nothing else is in flight."""
    with Playbook(STATION) as play:
        play.central_system.answer(DataTransfer, DataTransferConf(status=ACCEPTED, data="yes"))
        play.boot()
        play.happens(TransferRequested(7, "com.example", "Ask", "why"))

        play.expect(DataTransfer(vendor_id="com.example", message_id="Ask", data="why"))
        play.expect(TransferEnded(7, ACCEPTED, "yes"))


def test_several_are_sent_one_after_the_other() -> None:
    with Playbook(STATION) as play:
        play.central_system.answer(DataTransfer, Late(1, DataTransferConf(status=UNKNOWN_VENDOR)))
        play.boot()
        for reference in (1, 2):
            play.happens(TransferRequested(reference, "com.example"))
        play.expect(DataTransfer(vendor_id="com.example"))
        play.advance(1)
        play.expect(TransferEnded(1, UNKNOWN_VENDOR))
        play.expect(DataTransfer(vendor_id="com.example"))
        play.advance(1)

        play.expect(TransferEnded(2, UNKNOWN_VENDOR))


@pytest.mark.parametrize(
    ("behaviour", "failure"),
    [
        (Refusal(CallErrorCode.NOT_IMPLEMENTED, "no"), "NotImplemented: no"),
        ({"status": "Perhaps"}, "$.status: "),
        (SILENCE, "no answer within 30 s"),
    ],
)
def test_no_usable_answer_is_told(behaviour: object, failure: str) -> None:
    """It is not sent again (§4.3: nothing of it belongs to a transaction)."""
    with Playbook(STATION) as play:
        play.central_system.answer(DataTransfer, behaviour)  # type: ignore[arg-type]  # any behaviour
        play.boot()
        play.happens(TransferRequested(1, "com.example"))
        play.expect(DataTransfer)
        play.advance(60)

        ended = play.expect(TransferEnded, reference=1, status=None)
        assert ended.failure.startswith(failure)


def test_lost_connection_ends_it() -> None:
    with Playbook(STATION) as play:
        play.central_system.answer(DataTransfer, SILENCE)
        play.boot()
        for reference in (1, 2):
            play.happens(TransferRequested(reference, "com.example"))
        play.expect(DataTransfer)
        play.drop_link()

        for reference in (1, 2):
            play.expect(TransferEnded(reference, None, failure="the connection was lost"))


def test_nothing_is_kept_for_later() -> None:
    """Offline and while Pending it ends at once."""
    with Playbook(STATION) as play:
        play.network = Network.DOWN
        play.start()
        play.happens(TransferRequested(1, "com.example"))
        play.expect(TransferEnded(1, None, failure="the central system cannot be asked now"))
        pending = BootNotificationConf(status=RegistrationStatus.PENDING, current_time=play.utc, interval=600)
        play.central_system.answer(BootNotification, pending)
        play.restore_link()
        play.expect(BootNotification)
        play.happens(TransferRequested(2, "com.example"))

        play.expect(TransferEnded(2, None, failure="the central system cannot be asked now"))


def test_messages_that_wait_to_be_sent_are_bounded() -> None:
    """An application that sends too much does not keep the station's own CALLs from being sent."""
    with Playbook(STATION) as play:
        play.boot()
        play.central_system.answer(StatusNotification, SILENCE)
        play.plug_in(1)
        play.expect(StatusNotification)
        for reference in range(MAX_TRANSFERS):
            play.happens(TransferRequested(reference, "com.example"))
        play.expect_no(TransferEnded)
        play.happens(TransferRequested(99, "com.example"))

        play.expect(TransferEnded(99, None, failure=f"{MAX_TRANSFERS} others wait to be sent"))
        play.drop_link()
