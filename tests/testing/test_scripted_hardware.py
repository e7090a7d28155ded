from __future__ import annotations

from decimal import Decimal

import pytest

from ocpp16cp.events import (
    CommandDone,
    Event,
    Failed,
    FaultCleared,
    FaultRaised,
    MeterRead,
    OutputChanged,
    Reading,
    SocketChanged,
    SocketState,
    StopPressed,
    Succeeded,
    VehicleChanged,
)
from ocpp16cp.outcome import Command, Lock, SetLights, SetLimit, SetOutput, ShowStatus, Unlock
from ocpp16cp.testing import ScriptedHardware
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus
from tests.features.stations import SINGLE, STATION

RAISED = FaultRaised(connector_id=1, error_code=ChargePointErrorCode.WEAK_SIGNAL)
CLEARED = FaultCleared(connector_id=1, error_code=ChargePointErrorCode.WEAK_SIGNAL)


def carried_out(hardware: ScriptedHardware, command: Command) -> list[tuple[float, Event]]:
    """What is reported about a command; what is reported at once is so."""
    reported = list(hardware.carry_out(command))
    for _, event in reported:
        hardware.note(event)
    return reported


def test_everything_is_reported_after_a_start() -> None:
    assert list(ScriptedHardware(STATION).everything()) == [
        MeterRead(1, Reading(register_wh=1000)),
        SocketChanged(1, SocketState.EMPTY),
        OutputChanged(1, is_on=False),
        MeterRead(2, Reading(register_wh=2000)),
        SocketChanged(2, SocketState.EMPTY),
        OutputChanged(2, is_on=False),
    ]


def test_what_was_reported_is_reported_again() -> None:
    hardware = ScriptedHardware(SINGLE)
    for event in (
        RAISED,
        SocketChanged(1, SocketState.VEHICLE),
        VehicleChanged(1, wants_energy=False),
        MeterRead(1, Reading(register_wh=7)),
        OutputChanged(1, is_on=True),
        StopPressed(1),
    ):
        hardware.note(event)

    assert list(hardware.everything()) == [
        RAISED,
        MeterRead(1, Reading(register_wh=7)),
        SocketChanged(1, SocketState.VEHICLE),
        VehicleChanged(1, wants_energy=False),
        OutputChanged(1, is_on=True),
    ]


def test_what_is_gone_is_not_reported() -> None:
    hardware = ScriptedHardware(SINGLE)
    for event in (
        CLEARED,
        RAISED,
        CLEARED,
        SocketChanged(1, SocketState.VEHICLE),
        VehicleChanged(1, wants_energy=True),
        SocketChanged(1, SocketState.CABLE_ONLY),
    ):
        hardware.note(event)
    del hardware.readings[1]

    assert list(hardware.everything()) == [SocketChanged(1, SocketState.CABLE_ONLY), OutputChanged(1, is_on=False)]


def test_output_follows_at_once_with_its_last_reading_before_it_opens() -> None:
    hardware = ScriptedHardware(SINGLE)

    assert carried_out(hardware, SetOutput(1, is_on=False)) == []
    assert carried_out(hardware, SetOutput(1, is_on=True)) == [(0.0, OutputChanged(1, is_on=True))]
    assert carried_out(hardware, SetOutput(1, is_on=True)) == []
    assert carried_out(hardware, SetOutput(1, is_on=False)) == [
        (0.0, MeterRead(1, Reading(register_wh=1000))),
        (0.0, OutputChanged(1, is_on=False)),
    ]


def test_output_without_a_meter_opens_without_a_reading() -> None:
    hardware = ScriptedHardware(SINGLE)
    del hardware.readings[1]
    hardware.note(OutputChanged(1, is_on=True))

    assert carried_out(hardware, SetOutput(1, is_on=False)) == [(0.0, OutputChanged(1, is_on=False))]


@pytest.mark.parametrize(("delay_s", "expected"), [(2.5, [(2.5, OutputChanged(1, is_on=True))]), (None, [])])
def test_output_may_be_slow_or_dead(delay_s: float | None, expected: list[tuple[float, Event]]) -> None:
    hardware = ScriptedHardware(SINGLE)
    hardware.output_delay_s = delay_s

    assert carried_out(hardware, SetOutput(1, is_on=True)) == expected


@pytest.mark.parametrize("command", [Lock(9, 1), Unlock(9, 1)])
def test_lock_answers_as_it_is_set(command: Lock | Unlock) -> None:
    hardware = ScriptedHardware(SINGLE)

    assert carried_out(hardware, command) == [(0.0, CommandDone(9, Succeeded()))]
    hardware.lock_result, hardware.lock_delay_s = Failed(), 3.0
    assert carried_out(hardware, command) == [(3.0, CommandDone(9, Failed()))]
    hardware.lock_delay_s = None
    assert carried_out(hardware, command) == []


@pytest.mark.parametrize("command", [SetLimit(1, Decimal(6)), ShowStatus(1, ChargePointStatus.AVAILABLE)])
def test_other_levels_are_taken_note_of(command: Command) -> None:
    assert carried_out(ScriptedHardware(SINGLE), command) == []


def test_contactors_open_and_lights_go_out_when_the_power_goes() -> None:
    hardware = ScriptedHardware(SINGLE)
    hardware.note(OutputChanged(1, is_on=True))
    assert carried_out(hardware, SetLights(40, 3)) == []
    assert hardware.lights == SetLights(40, 3)
    hardware.lose_power()

    assert hardware.outputs == {1: False}
    assert hardware.lights is None
