"""How many microseconds pass from the text of a frame to the text of its reply, beside the package `ocpp`.

What a charge point receives, whole: frame, payload, handler, all rules that follow from it, the frames to send. Nothing
is written to disk and nothing sent.

- *GetConfiguration* of one key, *RemoteStopTransaction* of a transaction that is not there: CALLs with their answers.
- *SetChargingProfile* with ten periods: read, checked, installed, stored, and charged by from then on, for a car is
  charging. The peer reads it, and says that it was accepted.
- *read answer to* Heartbeat, BootNotification, MeterValues: the answers of the central system to our own, from text to
  message class.
- *take answer to* the same: with all that follows. To be accepted, for one, means to report the status of all
  connectors, the first of which is sent at once. The peer has nothing like it: what follows is for its users to write.

The peer routes CALLs with its `ChargePoint` to a handler that knows what to say. Of answers it does what its `call`
does from the text to the result's dataclass, without the event loop in between. Its thread pool is off, at its best.

Each of our steps begins in the same state, a copy made beforehand. Rounds of both sides alternate; the ratio is the
median of the ratios of the rounds.

    python benchmarks/route_us.py [--quick]

The results are in `README.md`.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import statistics
import sys
from collections.abc import Callable, Coroutine
from operator import truediv
from random import Random
from time import perf_counter
from typing import Any

import ocpp.messages
from attrs import define, field
from ocpp.charge_point import camel_to_snake_case
from ocpp.routing import on
from ocpp.v16 import ChargePoint as PeerChargePoint
from ocpp.v16 import call_result
from ocpp.v16.enums import Action, ChargingProfileStatus, RemoteStartStopStatus

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.events import (
    CardPresented,
    Event,
    LinkUp,
    MeterRead,
    OutputChanged,
    Reading,
    SocketChanged,
    SocketState,
    Started,
    TextReceived,
    VehicleChanged,
    Woke,
)
from ocpp16cp.features.boot.messages import BootNotificationConf, HeartbeatConf
from ocpp16cp.features.metering.messages import MeterValuesConf
from ocpp16cp.outcome import Outcome, SendText
from ocpp16cp.station import Station
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.frames import CallResult, parse_frame

CONFIRMATIONS: dict[str, dict[str, object]] = {
    "BootNotification": {"status": "Accepted", "currentTime": "2026-03-02T12:00:00Z", "interval": 900},
    "Heartbeat": {"currentTime": "2026-03-02T12:00:00Z"},
    "Authorize": {"idTagInfo": {"status": "Accepted"}},
    "StartTransaction": {"transactionId": 4711, "idTagInfo": {"status": "Accepted"}},
}
"""What the central system answers; to all others nothing but that it has heard."""

PROFILE: dict[str, object] = {
    "connectorId": 1,
    "csChargingProfiles": {
        "chargingProfileId": 17,
        "stackLevel": 2,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "validFrom": "2026-03-02T12:00:00Z",
        "chargingSchedule": {
            "duration": 36_000,
            "startSchedule": "2026-03-02T12:00:00Z",
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [
                {"startPeriod": 3600 * hour, "limit": float(f"{6 + hour}.{hour}"), "numberPhases": 3}
                for hour in range(10)
            ],
        },
    },
}

CALLS: dict[str, dict[str, object]] = {
    "GetConfiguration": {"key": ["MeterValueSampleInterval"]},
    "RemoteStopTransaction": {"transactionId": 12},
    "SetChargingProfile": PROFILE,
}

ANSWERED: dict[str, type] = {
    "Heartbeat": HeartbeatConf,
    "BootNotification": BootNotificationConf,
    "MeterValues": MeterValuesConf,
}

CODEC = Codec()


@define
class Charging:
    """A station on its way to a transaction and through it, with a central system that answers all but one action."""

    withheld: str | None = None
    charge_point: ChargePoint = field(init=False)
    now: float = field(default=0.0, init=False)
    outcome: Outcome = field(factory=Outcome, init=False)
    message_id: str | None = field(default=None, init=False)
    """Of the CALL that is not answered."""

    @charge_point.default
    def _make(self) -> ChargePoint:
        station = Station(
            identity="CP-1", vendor="Elektron", model="Wallbox 22", central_system_url="ws://csms.example/ocpp"
        )
        return ChargePoint(station, random=Random(1))

    def run(self) -> None:
        """Let a vehicle charge until the CALL in question has been sent."""
        events: list[Event] = [
            Started(),
            LinkUp(1),
            MeterRead(1, Reading(register_wh=1000)),
            SocketChanged(1, SocketState.VEHICLE),
            CardPresented("04A1B2C3"),
            OutputChanged(1, is_on=True),
            VehicleChanged(1, wants_energy=True),
            MeterRead(1, Reading(register_wh=1000, power_w=10_974.5)),
        ]
        for event in events:
            self._handle(event)
            if self.message_id is not None:
                return
        while self.withheld is not None and self.message_id is None:
            assert self.outcome.wake_at is not None
            self.now = max(self.now, self.outcome.wake_at)
            self._handle(Woke())

    def _handle(self, event: Event) -> None:
        """One event, and all that follows from it."""
        self.outcome = outcome = self.charge_point.handle(event, now=self.now)
        for action in outcome.link:
            if isinstance(action, SendText):
                kind, message_id, name, *_ = json.loads(action.text)
                if name == self.withheld:
                    self.message_id = message_id
                elif kind == 2:
                    self._handle(TextReceived(1, f'[3,"{message_id}",{json.dumps(CONFIRMATIONS.get(name, {}))}]'))


Lap = Callable[[], float]
"""Does one step, and says how many seconds it took."""


def call_ours(action: str) -> Lap:
    """A CALL of the central system."""
    charging = Charging()
    charging.run()
    text = json.dumps([2, "8f0bc3e1-7d5a-4a5e-9a55-6d9f3a4c1e27", action, CALLS[action]])
    handled = _step(charging, text)
    reply = json.loads(next(sent.text for sent in handled().link if isinstance(sent, SendText)))
    assert reply[0] == 3

    def lap() -> float:
        step = _step(charging, text)
        start = perf_counter()
        step()
        return perf_counter() - start

    return lap


def read_ours(action: str) -> Lap:
    """The answer to a CALL of ours, from text to message class."""
    text = json.dumps([3, "17-42", CONFIRMATIONS.get(action, {})])
    of = ANSWERED[action]

    def lap() -> float:
        start = perf_counter()
        frame = parse_frame(text)
        assert isinstance(frame, CallResult)
        CODEC.decode(of, frame.payload)
        return perf_counter() - start

    return lap


def take_ours(action: str) -> Lap:
    """The answer to a CALL of ours, and all that follows from it."""
    charging = Charging(withheld=action)
    charging.run()
    text = json.dumps([3, charging.message_id, CONFIRMATIONS.get(action, {})])
    assert not any("error" in type(notice).__name__.lower() for notice in _step(charging, text)().notices)

    def lap() -> float:
        step = _step(charging, text)
        start = perf_counter()
        step()
        return perf_counter() - start

    return lap


def _step(charging: Charging, text: str) -> Callable[[], Outcome]:
    """The step that a text makes, in a copy of the state."""
    twin = charging.charge_point.fork()
    event = TextReceived(1, text)
    return lambda: twin.handle(event, now=charging.now)


class _Connection:
    """Where the peer sends its answers."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, text: str) -> None:
        self.sent.append(text)


class _Peer(PeerChargePoint):  # type: ignore[misc]  # the package has no types
    """Knows what to say."""

    @on(Action.get_configuration)  # type: ignore[untyped-decorator]  # the package has no types
    def on_get_configuration(self, **_: object) -> Any:
        entry = {"key": "MeterValueSampleInterval", "readonly": False, "value": "30"}
        return call_result.GetConfiguration(configuration_key=[entry])

    @on(Action.remote_stop_transaction)  # type: ignore[untyped-decorator]  # the package has no types
    def on_remote_stop_transaction(self, **_: object) -> Any:
        return call_result.RemoteStopTransaction(status=RemoteStartStopStatus.rejected)

    @on(Action.set_charging_profile)  # type: ignore[untyped-decorator]  # the package has no types
    def on_set_charging_profile(self, **_: object) -> Any:
        return call_result.SetChargingProfile(status=ChargingProfileStatus.accepted)


def call_theirs(action: str) -> Lap:
    """The same CALL, routed by the peer."""
    connection = _Connection()
    peer = _Peer("CP-1", connection)
    text = json.dumps([2, "8f0bc3e1-7d5a-4a5e-9a55-6d9f3a4c1e27", action, CALLS[action]])

    def lap() -> float:
        connection.sent.clear()
        coroutine = peer.route_message(text)
        start = perf_counter()
        _finish(coroutine)
        taken = perf_counter() - start
        assert connection.sent[0].startswith("[3")
        return taken

    return lap


def read_theirs(action: str) -> Lap:
    """The same answer, as the peer reads it."""
    text = json.dumps([3, "17-42", CONFIRMATIONS.get(action, {})])

    def lap() -> float:
        start = perf_counter()
        frame = ocpp.messages.unpack(text)
        frame.action = action
        _finish(ocpp.messages.validate_payload(frame, "1.6"))
        getattr(call_result, action)(**camel_to_snake_case(frame.payload))
        return perf_counter() - start

    return lap


def _finish(coroutine: Coroutine[Any, Any, object]) -> None:
    """Run a coroutine that never waits, without the cost of an event loop."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("the peer's check went to another thread")


def report(name: str, ours: Lap, theirs: Lap | None, *, rounds: int) -> None:
    """Measure in turns, and print a line: medians of the rounds with half their quartile distance, and the ratio."""
    laps = [ours] if theirs is None else [ours, theirs]
    times: list[list[float]] = [[] for _ in laps]
    for turn in range(rounds + 1):
        for taken, lap in zip(times, laps, strict=True):
            median = statistics.median(lap() for _ in range(50)) * 1e6
            # The first round warms up.
            if turn > 0:
                taken.append(median)
    line = f"{name:32}" + "".join(f"{_spread(taken):>18}" for taken in times)
    if theirs is not None:
        line += f"{statistics.median(map(truediv, times[1], times[0])):8.1f}x"
    print(line)


def _spread(times: list[float]) -> str:
    low, _, high = statistics.quantiles(times, n=4)
    return f"{statistics.median(times):.1f} ± {(high - low) / 2:.1f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds, coarser figures")
    rounds = 10 if parser.parse_args().quick else 100
    ocpp.messages.ASYNC_VALIDATION = False
    gc.disable()
    print(f"{platform.python_implementation()} {sys.version.split()[0]}, {platform.machine()}")
    print(f"{'frame in, reply out':32}{'ours, us':>18}{'ocpp, us':>18}{'ratio':>9}")
    for action in CALLS:
        report(action, call_ours(action), call_theirs(action), rounds=rounds)
    for action in ANSWERED:
        report(f"read answer to {action}", read_ours(action), read_theirs(action), rounds=rounds)
    for action in ANSWERED:
        report(f"take answer to {action}", take_ours(action), None, rounds=rounds)


if __name__ == "__main__":
    main()
