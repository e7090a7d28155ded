"""How many microseconds one message takes from text to record and back, beside the package `ocpp`.

Both sides check every payload whole. *decode* is frame text to message class (there: to the keyword
arguments of a handler's dataclass), *encode* is message class to frame text. The peer runs with its
thread pool off, at its best. The time is that of the processor, rounds of both sides alternate, and the ratio
is the median of the ratios of the rounds: other work on the machine disturbs little.

    python benchmarks/wire_codec_us.py [--quick]

Medians on a virtual machine (2 cores of an AMD EPYC, both busy with other work), CPython 3.11.7, ocpp 2.1.0:

                         decode                      encode
                         ours    ocpp    ratio       ours    ocpp    ratio
    Heartbeat             2.5     7.9     3.2x        1.6    10.7     6.8x
    BootNotification      6.5    97.3    14.7x        4.4    98.1    21.4x
    MeterValues          20.2   318.7    15.7x       12.9   317.1    24.1x
    SetChargingProfile   38.3   627.9    16.0x       24.9   558.9    22.2x
"""

from __future__ import annotations

import argparse
import gc
import platform
import statistics
import sys
import timeit
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from decimal import Decimal
from operator import truediv
from time import process_time
from typing import Any

import ocpp.messages
from attrs import frozen
from ocpp.charge_point import (
    camel_to_snake_case,
    remove_nones,
    serialize_as_dict,
    snake_to_camel_case,
)
from ocpp.v16 import call

from ocpp16cp.features.boot.messages import BootNotification, Heartbeat
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.smart_charging.messages import SetChargingProfile
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.frames import Call, parse_frame, render_call
from ocpp16cp.wire.types import (
    ChargingProfile,
    ChargingProfileKindType,
    ChargingProfilePurposeType,
    ChargingRateUnitType,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Location,
    Measurand,
    MeterValue,
    ReadingContext,
    SampledValue,
    UnitOfMeasure,
)

TARGETS = {
    "Heartbeat": (2.5, 4),
    "BootNotification": (8, 15),
    "MeterValues": (12, 20),
    "SetChargingProfile": (11, 18),
}
"""How many times quicker than the peer decode and encode are meant to be."""

CODEC = Codec()
NOON = datetime(2024, 1, 31, 12, tzinfo=UTC)


@frozen
class Case:
    """A message on both sides."""

    ours: object
    theirs: Any


def cases() -> list[Case]:
    """Make the four messages; the peer's have the same content."""
    boot = BootNotification(
        charge_point_vendor="Elektron",
        charge_point_model="Wallbox 22",
        charge_point_serial_number="EL-22-004711",
        firmware_version="1.14.2",
        iccid="89310410106543789301",
        imsi="204080123456789",
        meter_type="MID 3x32 A",
        meter_serial_number="M-889901",
    )
    messages = [Heartbeat(), boot, _meter_values(), _profile()]
    return [Case(message, _theirs(message)) for message in messages]


def _meter_values() -> MeterValues:
    readings = [
        ("1523405", Measurand.ENERGY_ACTIVE_IMPORT_REGISTER, UnitOfMeasure.WH),
        ("10974.5", Measurand.POWER_ACTIVE_IMPORT, UnitOfMeasure.W),
        ("15.9", Measurand.CURRENT_IMPORT, UnitOfMeasure.A),
        ("62", Measurand.SOC, UnitOfMeasure.PERCENT),
    ]
    values = tuple(
        SampledValue(
            value=value,
            context=ReadingContext.SAMPLE_PERIODIC,
            measurand=measurand,
            location=Location.EV if measurand is Measurand.SOC else Location.OUTLET,
            unit=unit,
        )
        for value, measurand, unit in readings
    )
    return MeterValues(
        connector_id=1,
        transaction_id=4711,
        meter_value=(MeterValue(timestamp=NOON, sampled_value=values),),
    )


def _profile() -> SetChargingProfile:
    periods = tuple(
        ChargingSchedulePeriod(start_period=3600 * hour, limit=Decimal(f"{6 + hour}.{hour}"), number_phases=3)
        for hour in range(10)
    )
    schedule = ChargingSchedule(
        duration=36_000,
        start_schedule=NOON,
        charging_rate_unit=ChargingRateUnitType.A,
        charging_schedule_period=periods,
    )
    profile = ChargingProfile(
        charging_profile_id=17,
        stack_level=2,
        charging_profile_purpose=ChargingProfilePurposeType.TX_DEFAULT_PROFILE,
        charging_profile_kind=ChargingProfileKindType.ABSOLUTE,
        valid_from=NOON,
        charging_schedule=schedule,
    )
    return SetChargingProfile(connector_id=1, cs_charging_profiles=profile)


def _theirs(message: object) -> Any:
    """Make the peer's dataclass out of our payload."""
    action = type(message).__name__
    unpacked = ocpp.messages.unpack(f'[2,"1","{action}",{CODEC.encode(message)}]')
    return getattr(call, action)(**camel_to_snake_case(unpacked.payload))


def decode_ours(text: str, of: type) -> object:
    """Read a frame and its payload."""
    frame = parse_frame(text)
    assert isinstance(frame, Call)
    return CODEC.decode(of, frame.payload)


def encode_ours(message: object, action: str) -> str:
    """Write a payload and its frame."""
    return render_call("17-42", action, CODEC.encode(message))


def decode_theirs(text: str) -> object:
    """Do what the peer does between the socket and a handler."""
    frame = ocpp.messages.unpack(text)
    _finish(ocpp.messages.validate_payload(frame, "1.6"))
    return camel_to_snake_case(frame.payload)


def encode_theirs(message: Any, action: str) -> str:
    """Do what the peer does between a call and the socket."""
    payload = remove_nones(snake_to_camel_case(serialize_as_dict(message)))
    frame = ocpp.messages.Call(unique_id="17-42", action=action, payload=payload)
    _finish(ocpp.messages.validate_payload(frame, "1.6"))
    text: str = frame.to_json()
    return text


def _finish(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that never waits, without the cost of an event loop."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("the peer's check went to another thread")


def microseconds(functions: list[Callable[[], object]], rounds: int) -> list[list[float]]:
    """Time functions in turn; each round lasts about 5 ms per function."""
    numbers = [max(1, int(0.005 / (timeit.timeit(run, number=20, timer=process_time) / 20))) for run in functions]
    results: list[list[float]] = [[] for _ in functions]
    for _ in range(rounds):
        for result, run, number in zip(results, functions, numbers, strict=True):
            result.append(timeit.timeit(run, number=number, timer=process_time) / number * 1e6)
    return results


def report(case: Case, rounds: int) -> None:
    """Measure a message both ways, and print a line for each."""
    action = type(case.ours).__name__
    text = encode_ours(case.ours, action)
    assert decode_ours(text, type(case.ours)) == case.ours
    directions: list[tuple[str, Callable[[], object], Callable[[], object]]] = [
        ("decode", lambda: decode_ours(text, type(case.ours)), lambda: decode_theirs(text)),
        (
            "encode",
            lambda: encode_ours(case.ours, action),
            lambda: encode_theirs(case.theirs, action),
        ),
    ]
    for (direction, ours, theirs), target in zip(directions, TARGETS[action], strict=True):
        our_times, their_times = microseconds([ours, theirs], rounds)
        ratio = statistics.median(map(truediv, their_times, our_times))
        print(
            f"{action:20}{direction:8}{_spread(our_times):>20}{_spread(their_times):>20}"
            f"{ratio:8.1f}x  (target {target:g}x)"
        )


def _spread(times: list[float]) -> str:
    low, _, high = statistics.quantiles(times, n=4)
    return f"{statistics.median(times):.2f} ± {(high - low) / 2:.2f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="microseconds per message, beside ocpp")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, coarser figures")
    quick: bool = parser.parse_args().quick
    ocpp.messages.ASYNC_VALIDATION = False
    gc.disable()
    print(f"{platform.python_implementation()} {sys.version.split()[0]}, {platform.machine()}")
    print(f"{'message':20}{'':8}{'ours, us':>20}{'ocpp, us':>20}{'ratio':>9}")
    for case in cases():
        report(case, rounds=15 if quick else 201)


if __name__ == "__main__":
    main()
