from __future__ import annotations

import pickle
from collections.abc import AsyncGenerator, Awaitable, Callable
from decimal import Decimal

import pytest

from ocpp16cp.driver.interface import Driver, DriverEvent, HardwareFailure
from ocpp16cp.events import FailureReason, SocketChanged, SocketState, Started
from ocpp16cp.wire.types import ChargePointStatus


class Bare(Driver):
    """No more than has to be written."""

    async def start(self) -> Started:
        return Started()

    async def events(self) -> AsyncGenerator[DriverEvent, None]:
        yield SocketChanged(1, SocketState.EMPTY)

    async def set_output(self, connector_id: int, *, is_on: bool) -> None:
        pass

    async def set_limit(self, connector_id: int, limit_a: Decimal, *, phases: int) -> None:
        pass


pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("ask", [Bare().lock, Bare().unlock])
async def test_ask_that_is_not_written_is_not_supported(ask: Callable[[int], Awaitable[None]]) -> None:
    with pytest.raises(HardwareFailure) as caught:
        await ask(1)

    assert caught.value.reason is FailureReason.NOT_SUPPORTED


async def test_lights_need_not_be_there() -> None:
    await Bare().show_status(0, ChargePointStatus.AVAILABLE)
    await Bare().set_lights(100, 3)


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (HardwareFailure(), "Failed"),
        (HardwareFailure(FailureReason.TIMED_OUT), "TimedOut"),
        (HardwareFailure(FailureReason.FAILED, "the bolt is stuck"), "Failed: the bolt is stuck"),
    ],
)
def test_failure_tells_its_reason_and_survives_pickling(failure: HardwareFailure, text: str) -> None:
    copy = pickle.loads(pickle.dumps(failure))

    assert str(failure) == str(copy) == text
    assert (copy.reason, copy.text) == (failure.reason, failure.text)
