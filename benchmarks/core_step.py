"""How many microseconds the core takes for one event, from `handle` to its outcome.

The station has two connectors, is accepted, and charges at connector 1; nothing is written to disk and nothing sent.

- *idle*: `Woke` when nothing is due.
- *meter reading*: a new reading of the connector that charges, once a second of its time.
- *status change*: the vehicle pauses or asks for energy again; the status is shown and reported.
- *request*: GetConfiguration of one key, from the text of the frame to that of the answer.
- *every rule*: all rules of all features once, when there is nothing left to do: the most that a step could save.

The peer is the package `ocpp` with the same request, routed by its `ChargePoint` to a handler that knows the value, its
thread pool off: the only thing of these that it does.

    python benchmarks/core_step.py [--quick]

Median and quartiles on a virtual machine (2 cores of an AMD EPYC, shared with other work), CPython 3.11.7, ocpp 2.1.0:

    us                        25 %    median      75 %
    idle                       1.8       1.9       3.1
    meter reading              8.0       8.4      12.4
    status change             90.9     105.5     152.4
    request                   19.8      22.3      30.1
    request, ocpp             98.1     106.6     170.9
    every rule               103.6     107.9     148.9
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import statistics
import sys
from collections.abc import Callable, Iterator
from random import Random
from time import perf_counter
from typing import Any

import ocpp.messages
from ocpp.routing import on
from ocpp.v16 import ChargePoint as PeerChargePoint
from ocpp.v16 import call_result
from ocpp.v16.enums import Action

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
from ocpp16cp.outcome import Outcome, SendText
from ocpp16cp.station import Station

REQUEST = '[2,"8f0bc3e1-7d5a-4a5e-9a55-6d9f3a4c1e27","GetConfiguration",{"key":["MeterValueSampleInterval"]}]'

CONFIRMATIONS: dict[str, dict[str, object]] = {
    "BootNotification": {"status": "Accepted", "currentTime": "2026-03-02T12:00:00Z", "interval": 900},
    "Heartbeat": {"currentTime": "2026-03-02T12:00:00Z"},
    "Authorize": {"idTagInfo": {"status": "Accepted"}},
    "StartTransaction": {"transactionId": 4711, "idTagInfo": {"status": "Accepted"}},
}
"""What the central system answers; to all others nothing but that it has heard."""


class Charging:
    """A station that charges, with a central system that answers everything at once."""

    def __init__(self) -> None:
        station = Station(
            identity="CP-1", vendor="Elektron", model="Wallbox 22", central_system_url="ws://csms.example/ocpp"
        )
        self.charge_point = ChargePoint(station, random=Random(1))
        self.now = 0.0
        for event in (
            Started(),
            LinkUp(1),
            MeterRead(1, Reading(register_wh=1000)),
            SocketChanged(1, SocketState.VEHICLE),
            CardPresented("04A1B2C3"),
            OutputChanged(1, is_on=True),
            VehicleChanged(1, wants_energy=True),
        ):
            self.settle(self.handle(event))

    def handle(self, event: Event) -> Outcome:
        """Let something happen now."""
        return self.charge_point.handle(event, now=self.now)

    def settle(self, outcome: Outcome) -> None:
        """Answer every CALL, and those that follow."""
        for action in outcome.link:
            if isinstance(action, SendText):
                kind, message_id, name, *_ = json.loads(action.text)
                if kind == 2:
                    confirmation = json.dumps(CONFIRMATIONS.get(name, {}))
                    self.settle(self.handle(TextReceived(1, f'[3,"{message_id}",{confirmation}]')))


def idle(charging: Charging) -> Iterator[Event]:
    """Nothing is due."""
    while True:
        yield Woke()


def meter_readings(charging: Charging) -> Iterator[Event]:
    """A register that grows."""
    register_wh = 1000
    while True:
        charging.now += 1.0
        register_wh += 3
        yield MeterRead(
            1,
            Reading(
                register_wh=register_wh,
                power_w=10_974.5 + register_wh % 7,
                current_a=(15.9, 15.8, 15.9),
                voltage_v=(230.1, 229.8, 231.0),
            ),
        )


def status_changes(charging: Charging) -> Iterator[Event]:
    """A vehicle that cannot decide."""
    wants_energy = True
    while True:
        charging.now += 1.0
        wants_energy = not wants_energy
        yield VehicleChanged(1, wants_energy)


def requests(charging: Charging) -> Iterator[Event]:
    """A central system that wants to know."""
    while True:
        yield TextReceived(1, REQUEST)


Lap = Callable[[], float]
"""Does one step, and says how many seconds it took."""


def lap_of(events: Callable[[Charging], Iterator[Event]]) -> Lap:
    """Time one step after another; what the central system answers is left out."""
    charging = Charging()
    source = events(charging)

    def lap() -> float:
        event = next(source)
        start = perf_counter()
        outcome = charging.handle(event)
        taken = perf_counter() - start
        if outcome.link:
            charging.settle(outcome)
        return taken

    return lap


def every_rule() -> Lap:
    """Time the audit, which runs every rule once."""
    charging = Charging()

    def lap() -> float:
        start = perf_counter()
        charging.charge_point.audit(now=charging.now)
        return perf_counter() - start

    return lap


class _Connection:
    """Where the peer sends its answers."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, text: str) -> None:
        self.sent.append(text)


class _Peer(PeerChargePoint):  # type: ignore[misc]  # the package has no types
    """Knows one key."""

    @on(Action.get_configuration)  # type: ignore[untyped-decorator]  # the package has no types
    def on_get_configuration(self, **_: object) -> Any:
        """Answer as ours does."""
        entry = {"key": "MeterValueSampleInterval", "readonly": False, "value": "30"}
        return call_result.GetConfiguration(configuration_key=[entry])


def peer_request() -> Lap:
    """Time the peer from the text of a request to that of its answer."""
    ocpp.messages.ASYNC_VALIDATION = False
    connection = _Connection()
    peer = _Peer("CP-1", connection)

    def lap() -> float:
        connection.sent.clear()
        coroutine = peer.route_message(REQUEST)
        start = perf_counter()
        try:
            coroutine.send(None)
        except StopIteration:
            taken = perf_counter() - start
        else:
            raise AssertionError("the peer's check went to another thread")
        assert connection.sent
        return taken

    return lap


def time_in_turns(laps: dict[str, Lap], rounds: int) -> dict[str, list[float]]:
    """Time some steps of each in turn, so that a busy machine disturbs all alike; the first turn is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in laps}
    for turn in range(21):
        for name, lap in laps.items():
            lapped = [lap() for _ in range(rounds // 20)]
            if turn > 0:
                taken[name] += lapped
    return taken


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the rounds")
    rounds = 2_000 if parser.parse_args().quick else 20_000
    laps = {
        "idle": lap_of(idle),
        "meter reading": lap_of(meter_readings),
        "status change": lap_of(status_changes),
        "request": lap_of(requests),
        "request, ocpp": peer_request(),
        "every rule": every_rule(),
    }
    gc.disable()
    taken = time_in_turns(laps, rounds)

    print(f"{platform.python_implementation()} {sys.version.split()[0]}, {platform.machine()}")
    print(f"{'us':20}{'25 %':>10}{'median':>10}{'75 %':>10}")
    for name, seconds in taken.items():
        print(f"{name:20}" + "".join(f"{cut * 1e6:10.1f}" for cut in statistics.quantiles(seconds, n=4)))
    ratio = statistics.median(taken["request, ocpp"]) / statistics.median(taken["request"])
    print(f"a request is answered {ratio:.1f} times as quick as by ocpp")


if __name__ == "__main__":
    main()
