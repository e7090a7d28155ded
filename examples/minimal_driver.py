"""A driver for a small board: one connector with a fixed cable, and a card reader.

For a board of your own replace `Board` by what your hardware offers, keep the rest, and try the result with
`ocpp16cp.testing.check_driver`. `MEASURANDS` goes into the description of the station.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from decimal import Decimal

import anyio
from attrs import frozen

from ocpp16cp.driver.interface import Driver, DriverEvent
from ocpp16cp.events import (
    CardPresented,
    MeterRead,
    OutputChanged,
    Reading,
    SocketChanged,
    SocketState,
    Started,
    VehicleChanged,
)
from ocpp16cp.wire.types import Measurand

MEASURANDS = (
    Measurand.CURRENT_IMPORT,
    Measurand.CURRENT_OFFERED,
    Measurand.ENERGY_ACTIVE_IMPORT_REGISTER,
    Measurand.POWER_OFFERED,
)
"""What the meter of the board tells, and what is known without it."""

POLL_S, METER_PERIOD_S = 0.05, 1.0
LARGEST_A = Decimal(32)


@frozen
class Board:
    """What the board can do, as functions that return at once; a slow bus would need `anyio.to_thread.run_sync`."""

    read_pilot: Callable[[], str]
    """"A": no vehicle, "B": a vehicle that pauses, "C": a vehicle that asks for energy."""
    read_contactor: Callable[[], bool]
    """Whether it is closed, by its auxiliary contact."""
    read_meter: Callable[[], tuple[int, float]]
    """The register in Wh, and the current in A."""
    read_card: Callable[[], str | None]
    """The card that was held to the reader since the last call."""
    offer: Callable[[float], None]
    """Put so many amperes on the pilot, 0 for none; the board itself closes the contactor in state C, and opens it."""


class MinimalDriver(Driver):
    """Commands end on the pilot; a loop reports what has changed. There is no lock, and no light for the status.

    A reset is left to the software: it starts anew, and the board does not notice.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._is_allowed = False
        self._limit_a = LARGEST_A

    async def start(self) -> Started:
        """Begin with nothing on offer. The board has no clock, and starts when it gets power, for no other reason."""
        self._limit_a = LARGEST_A
        self._board.offer(0.0)
        return Started()

    async def set_output(self, connector_id: int, *, is_on: bool) -> None:
        """Allow energy, or do not."""
        self._is_allowed = is_on
        self._offer()

    async def set_limit(self, connector_id: int, limit_a: Decimal, *, phases: int) -> None:
        """Offer at most so much. Phases are never switched, so there is nothing to do about their number."""
        self._limit_a = min(limit_a, LARGEST_A)
        self._offer()

    async def events(self) -> AsyncGenerator[DriverEvent, None]:
        """Report everything, as it is all new in the first round, then what changes."""
        pilot: str | None = None
        is_on: bool | None = None
        read_at = 0.0
        try:
            while True:
                was_pilot, pilot = pilot, self._board.read_pilot()
                was_on, is_on = is_on, self._board.read_contactor()
                if pilot != was_pilot:
                    yield SocketChanged(1, SocketState.EMPTY if pilot == "A" else SocketState.VEHICLE)
                    yield VehicleChanged(1, wants_energy=pilot == "C")
                if is_on != was_on or (is_on and anyio.current_time() >= read_at):
                    read_at = anyio.current_time() + METER_PERIOD_S
                    register_wh, current_a = self._board.read_meter()
                    yield MeterRead(1, Reading(register_wh=register_wh, current_a=(current_a,)))
                if is_on != was_on:
                    # It has moved already: if it is open, no energy came after the reading above.
                    yield OutputChanged(1, is_on)
                if card := self._board.read_card():
                    yield CardPresented(card)
                await anyio.sleep(POLL_S)
        finally:
            self._is_allowed = False  # the run is over: from now on nobody counts the energy
            self._offer()

    def _offer(self) -> None:
        """Put on the pilot what is allowed: nothing, or the 6 A that it can tell at least."""
        self._board.offer(float(self._limit_a) if self._is_allowed and self._limit_a >= 6 else 0.0)
