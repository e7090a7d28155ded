"""What commands and actions change in a cabinet; what follows from that, `Cabinet.settle` finds out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from ocpp16cp.errors import UsageError
from ocpp16cp.events import (
    CardPresented,
    CommandDone,
    Failed,
    FailureReason,
    FaultCleared,
    FaultRaised,
    HardwareEvent,
    StopPressed,
    Succeeded,
)
from ocpp16cp.outcome import HardwareCommand, Lock, Reboot, Restart, SetLights, SetLimit, SetOutput, ShowStatus, Unlock
from ocpp16cp.station import CHARGE_POINT

from . import panel
from .cabinet import Cabinet, key_of


def obey(cabinet: Cabinet, command: HardwareCommand) -> Sequence[HardwareEvent]:
    """Take a command in; returned are asks that come to nothing by it.

    Raises:
        UsageError: there is no such connector.
    """
    match command:
        case SetOutput(connector_id, is_on):
            cabinet.outlet(connector_id).is_allowed = is_on
        case SetLimit(connector_id, limit_a, phases):
            cabinet.outlet(connector_id).set_limit(limit_a, phases)
        case ShowStatus(connector_id, status):
            _check_place(cabinet, connector_id)
            cabinet.shown[connector_id] = status
        case SetLights():
            cabinet.lights = command
        case Lock() | Unlock():
            lock = cabinet.outlet(command.connector_id).lock
            return lock.ask(command, due_us=cabinet.now_us + cabinet.lock_delay_us)
        case Reboot():
            return [_reboot(cabinet, command)]
        case _:
            assert_never(command)
    return ()


def _reboot(cabinet: Cabinet, command: Reboot) -> CommandDone:
    """Start anew, unless that is broken; the software has to do the rest."""
    if not cabinet.can_reboot:
        return CommandDone(command.ask_id, Failed(FailureReason.FAILED, "the station does not restart"))
    for outlet in cabinet.outlets:
        outlet.forget()
    if command.restart is not Restart.SOFT:
        cabinet.darken()
    return CommandDone(command.ask_id, Succeeded())


def do(cabinet: Cabinet, action: panel.Action) -> Sequence[HardwareEvent]:
    """Let an action happen; returned is what the hardware notices at once.

    Raises:
        ActionImpossible: the world does not allow it; nothing was done.
        UsageError: there is no such connector or reader; nothing was done.
    """
    if isinstance(action, panel.CableAction):
        _move_cable(cabinet, action)
    elif isinstance(action, panel.PartAction):
        _work_part(cabinet, action)
    elif isinstance(action, panel.SupplyAction):
        _switch_supply(cabinet, action)
    else:
        return [_signal(cabinet, action)]
    return ()


def _move_cable(cabinet: Cabinet, action: panel.CableAction) -> None:
    """Plug in or out."""
    outlet = cabinet.outlet(action.connector_id)
    match action:
        case panel.PlugIn():
            outlet.plug_in(action.car, cabinet.now_us)
        case panel.PlugInCable():
            outlet.plug_in_cable()
        case panel.UnplugAtVehicle():
            outlet.unplug_at_vehicle()
        case panel.UnplugAtStation():
            outlet.unplug_at_station()
        case panel.Unplug():
            outlet.unplug()
        case _:
            assert_never(action)


def _work_part(cabinet: Cabinet, action: panel.PartAction) -> None:
    """Let a car or a lock do something by itself."""
    outlet = cabinet.outlet(action.connector_id)
    match action:
        case panel.SuspendVehicle():
            outlet.car_here().suspend()
        case panel.ResumeVehicle():
            outlet.car_here().resume(cabinet.now_us)
        case panel.JamLock():
            outlet.lock.jam(action.fault)
        case panel.FreeLock():
            outlet.lock.fault = None
        case _:
            assert_never(action)


def _switch_supply(cabinet: Cabinet, action: panel.SupplyAction) -> None:
    """Cut or restore a line."""
    match action:
        case panel.CutPower():
            cabinet.lose_power()
        case panel.RestorePower():
            cabinet.is_powered = True
        case panel.CutNetwork():
            cabinet.has_network = False
        case panel.RestoreNetwork():
            cabinet.has_network = True
        case panel.BlockReboot():
            cabinet.can_reboot = False
        case panel.FreeReboot():
            cabinet.can_reboot = True
        case _:
            assert_never(action)


def _signal(cabinet: Cabinet, action: panel.SignalAction) -> HardwareEvent:
    """Find the event that the hardware makes of an action."""
    match action:
        case panel.PresentCard(id_tag, reader):
            if reader not in cabinet.readers:
                raise UsageError(f"there is no reader {reader!r}")
            return CardPresented(id_tag, reader)
        case panel.PressStop(connector_id):
            return StopPressed(cabinet.outlet(connector_id).connector_id)
        case panel.RaiseFault(fault):
            _check_place(cabinet, fault.connector_id)
            cabinet.faults[key_of(fault)] = fault
            return fault
        case panel.ClearFault(fault):
            return _clear_fault(cabinet, fault)
        case _:
            assert_never(action)


def _clear_fault(cabinet: Cabinet, fault: FaultRaised) -> FaultCleared:
    """Mend what is broken."""
    connector_id, error_code, vendor_error_code = key_of(fault)
    if cabinet.faults.pop(key_of(fault), None) is None:
        raise panel.ActionImpossible(f"connector {connector_id}: no fault {error_code} is active")
    return FaultCleared(connector_id=connector_id, error_code=error_code, vendor_error_code=vendor_error_code)


def _check_place(cabinet: Cabinet, connector_id: int) -> None:
    """Refuse what is neither a connector nor the station."""
    if connector_id != CHARGE_POINT:
        cabinet.outlet(connector_id)
