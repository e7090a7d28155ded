"""DataTransfer by a runner: sent and waited for, and answered by the application in its own time."""

from __future__ import annotations

import anyio
import pytest
from attrs import evolve

from ocpp16cp.errors import CallErrorCode, TransferFailed, UsageError
from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.data_transfer.messages import DataTransfer, DataTransferConf
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.outcome import DataReceived, FrameRefused
from ocpp16cp.testing.central_system import SILENCE, Refusal
from ocpp16cp.vendor_messages import DataAnswer, DataRequest, VendorMessage
from ocpp16cp.wire.types import DataTransferStatus
from tests.io.station_rig import STATION, Backend, Rig, backend_named, make_rig

pytestmark = pytest.mark.anyio

ACCEPTED = DataTransferStatus.ACCEPTED
ASK = DataTransfer(vendor_id="com.example", data="why")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> Backend:
    return backend_named(request.param)


def asked(within_s: float = 4.0) -> Rig:
    """A station that understands one message, which the application answers."""
    message = VendorMessage(vendor_id="com.example", answer_within_s=within_s)
    return make_rig(evolve(STATION, vendor_messages=(message,)))


async def ask(rig: Rig) -> str:
    """Let the central system ask, once the station is there; the id of its CALL."""
    await rig.until_seen(StatusNotification, times=3)
    message_id, text = rig.central_system.call(ASK)
    await rig.connections[-1].send_text(text)
    return message_id


async def test_data_are_sent_and_the_answer_comes_back() -> None:
    rig = make_rig()
    rig.central_system.answer(DataTransfer, DataTransferConf(status=ACCEPTED, data="yes"))

    async with rig.running():
        await rig.until_seen(StatusNotification, times=3)
        answer = await rig.runner.transfer_data("com.example", "Ask", "why")

    assert answer == DataAnswer(ACCEPTED, "yes")
    assert rig.central_system.seen_of(DataTransfer) == [
        DataTransfer(vendor_id="com.example", message_id="Ask", data="why")
    ]


async def test_several_may_be_waited_for() -> None:
    rig = make_rig()
    rig.central_system.answer(
        DataTransfer,
        lambda req: DataTransferConf(status=ACCEPTED, data=req.data.upper()),
    )
    answers: dict[str, str | None] = {}

    async def transfer(data: str) -> None:
        answers[data] = (await rig.runner.transfer_data("com.example", data=data)).data

    async with rig.running():
        await rig.until_seen(StatusNotification, times=3)
        async with anyio.create_task_group() as tasks:
            for data in "abc":
                tasks.start_soon(transfer, data)

    assert answers == {"a": "A", "b": "B", "c": "C"}


async def test_no_answer_is_raised() -> None:
    rig = make_rig()
    rig.central_system.answer(DataTransfer, Refusal(CallErrorCode.NOT_IMPLEMENTED, "no"))

    async with rig.running():
        await rig.until_seen(StatusNotification, times=3)
        with pytest.raises(TransferFailed, match="NotImplemented: no"):
            await rig.runner.transfer_data("com.example")


async def test_what_cannot_be_sent_is_refused_and_the_run_goes_on() -> None:
    rig = make_rig()

    async with rig.running():
        await rig.until_seen(BootNotification)
        with pytest.raises(UsageError, match="vendor_id"):
            await rig.runner.transfer_data("")
        await rig.until_seen(StatusNotification, times=3)


async def test_station_that_does_not_run_sends_nothing() -> None:
    with pytest.raises(UsageError, match="not running"):
        await make_rig().runner.transfer_data("com.example")


@pytest.mark.parametrize("is_cut", [True, False])
async def test_end_of_the_run_ends_the_wait(is_cut: bool) -> None:
    rig = make_rig()
    rig.central_system.answer(DataTransfer, SILENCE)
    failures: list[str] = []

    async def transfer() -> None:
        with pytest.raises(TransferFailed) as caught:
            await rig.runner.transfer_data("com.example")
        failures.append(str(caught.value))

    async with rig.listening(), anyio.create_task_group() as tasks:
        scope = anyio.CancelScope()

        async def run() -> None:
            with scope:
                await rig.runner.run()

        tasks.start_soon(run)
        await rig.until_seen(StatusNotification, times=3)
        tasks.start_soon(transfer)
        await rig.until_seen(DataTransfer)
        if is_cut:
            scope.cancel()
        else:
            await rig.runner.stop()

    assert failures == ["the station has stopped" if is_cut else "the connection was lost"]


async def test_application_answers_in_its_own_time() -> None:
    rig = asked()

    async def answer(request: DataRequest) -> DataAnswer:
        await anyio.sleep(0.01)
        return DataAnswer(data=f"because of {request.data}")

    rig.runner.on_data = answer
    async with rig.running():
        message_id = await ask(rig)
        await rig.until(lambda: message_id in rig.central_system.answers)

    assert rig.central_system.answers[message_id] == DataTransferConf(status=ACCEPTED, data="because of why")
    assert rig.noticed(DataReceived)


async def test_application_that_takes_too_long_is_cancelled() -> None:
    rig = asked(within_s=0.05)
    cancelled: list[DataRequest] = []

    async def answer(request: DataRequest) -> DataAnswer:
        try:
            await anyio.sleep_forever()
        finally:
            cancelled.append(request)
        return DataAnswer()

    rig.runner.on_data = answer
    async with rig.running():
        message_id = await ask(rig)
        await rig.until(lambda: message_id in rig.central_system.answers)
        await rig.until_noticed(FrameRefused)

    conf = rig.central_system.answers[message_id]
    assert isinstance(conf, DataTransferConf)
    assert conf.status is DataTransferStatus.REJECTED
    assert cancelled == [DataRequest(vendor_id="com.example", data="why")]


async def test_exception_of_the_application_ends_the_run() -> None:
    rig = asked()

    async def answer(request: DataRequest) -> DataAnswer:
        raise KeyError(request.data)

    rig.runner.on_data = answer
    ended: list[Exception] = []

    async def run() -> None:
        try:
            await rig.runner.run()
        except LookupError as error:
            ended.append(error)

    async with rig.listening(), anyio.create_task_group() as tasks:
        tasks.start_soon(run)
        await ask(rig)

    assert [str(error) for error in ended] == ["'why'"]
