"""Simulated hardware that can be looked at, and its line to the central system."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from attrs import define, field, frozen

from ocpp16cp.driver.simulated import SimulatedStation
from ocpp16cp.errors import UsageError
from ocpp16cp.io.simulated import SimulatedDriver
from ocpp16cp.io.transport import Connection, ConnectRequest, FailureKind, LinkFailure, Pong, Transport
from ocpp16cp.wire.types import ChargePointStatus

_NETWORK_IS_DOWN = "the network is down"


class WatchedDriver(SimulatedDriver):
    """A simulated driver that remembers what limits it was told; its board has a clock."""

    def __init__(self, station: SimulatedStation) -> None:
        """A driver for a station that nothing else moves on."""
        super().__init__(station, clock=lambda: datetime.now(UTC))
        self.limits_a: dict[int, Decimal] = {}
        """By connector; what was not said so far is missing."""

    async def set_limit(self, connector_id: int, limit_a: Decimal, *, phases: int) -> None:
        """Offer at most so many amperes."""
        self.limits_a[connector_id] = limit_a
        await super().set_limit(connector_id, limit_a, phases=phases)

    async def wait_for(self, connector_id: int, status: ChargePointStatus) -> None:
        """Wait until the lights of a connector show this."""
        await self.wait_until(lambda station: station.shown(connector_id) is status)

    def charge_percent(self, connector_id: int) -> int | None:
        """What is in the battery of the car that is plugged in, rounded down; `None`: there is no car."""
        car = self.station.car(connector_id)
        return None if car is None else int(100 * car.charge_wh / car.battery_wh)


@define(eq=False)
class SwitchedTransport:
    """A transport behind the network switch of a simulated station; keeps to `ocpp16cp.io.transport.Transport`.

    A cut is noticed on both ends at once, as when a cable is pulled out of the station.
    """

    _transport: Transport
    _station: SimulatedStation
    _connection: Connection | None = field(default=None, init=False)

    async def connect(self, request: ConnectRequest) -> Connection:
        """Open a connection, if the network is up.

        Raises:
            LinkFailure: nothing came of it.
            UsageError: nothing ever will, with this URL.
        """
        self._check()
        try:
            connection = await self._transport.connect(request)
        except LinkFailure as failure:
            if failure.kind is FailureKind.BAD_URL:
                raise UsageError(f"{failure}; {failure.hint}") from failure
            raise
        try:
            self._check()
        except LinkFailure:
            await connection.aclose()
            raise
        self._connection = connection
        return _SwitchedConnection(connection, self._station)

    async def cut(self) -> None:
        """Carry out what `CutNetwork` has done to the station."""
        if self._connection is not None:
            await self._connection.aclose()

    def _check(self) -> None:
        if not self._station.has_network:
            raise LinkFailure(FailureKind.UNREACHABLE, _NETWORK_IS_DOWN)


@frozen(eq=False)
class _SwitchedConnection:
    """A connection that knows why it was cut."""

    _connection: Connection
    _station: SimulatedStation

    @property
    def subprotocol(self) -> str | None:
        return self._connection.subprotocol

    async def receive(self) -> str | Pong:
        try:
            return await self._connection.receive()
        except LinkFailure as failure:
            if self._station.has_network:
                raise
            raise LinkFailure(FailureKind.CUT, _NETWORK_IS_DOWN) from failure

    async def send_text(self, text: str) -> None:
        await self._connection.send_text(text)

    async def ping(self, payload: bytes = b"") -> None:
        await self._connection.ping(payload)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self._connection.close(code, reason)

    async def aclose(self) -> None:
        await self._connection.aclose()
