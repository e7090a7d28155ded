"""The front panel: what people, cars and the world around can do to a simulated station.

Actions are records, carried out by `SimulatedStation.act`: so a script, a test case's manual step, a line typed on a
terminal and a random draw are all the same thing, and can be written down and played again.
"""

from __future__ import annotations

from attrs import frozen

from ocpp16cp.errors import UsageError
from ocpp16cp.events import FaultRaised

from .cars import Car
from .lock import LockFault


class ActionImpossible(UsageError):
    """The world does not allow this action now: nothing to unplug, a socket that is taken, a cable that is locked."""


@frozen
class PlugIn:
    """A car is connected: to the fixed cable, to the cable that is in the socket, or with a cable of its own."""

    connector_id: int
    car: Car


@frozen
class PlugInCable:
    """A detachable cable is put into the station's socket, without a car."""

    connector_id: int


@frozen
class UnplugAtVehicle:
    """The cable is pulled out of the car; a detachable one stays in the station's socket."""

    connector_id: int


@frozen
class UnplugAtStation:
    """A detachable cable is pulled out of the station's socket; it must not be locked."""

    connector_id: int


@frozen
class Unplug:
    """The car leaves: from a fixed cable, or with the detachable cable it came with, which must not be locked."""

    connector_id: int


@frozen
class PresentCard:
    """A card is held to a reader."""

    id_tag: str
    reader: int = 0


@frozen
class PressStop:
    """The stop button of a connector is pressed."""

    connector_id: int


@frozen
class SuspendVehicle:
    """The car pauses charging, for reasons of its own."""

    connector_id: int


@frozen
class ResumeVehicle:
    """The car goes on: it asks for energy now, if it still needs any."""

    connector_id: int


@frozen
class RaiseFault:
    """Something breaks; said again, the details are replaced."""

    fault: FaultRaised


@frozen
class ClearFault:
    """The active fault of the same connector and codes is mended."""

    fault: FaultRaised


@frozen
class JamLock:
    """The cable lock of a connector breaks."""

    connector_id: int
    fault: LockFault = LockFault.STUCK


@frozen
class FreeLock:
    """The cable lock of a connector works again."""

    connector_id: int


@frozen
class CutPower:
    """The supply fails: contactors open, what was said to the hardware is forgotten, nothing is reported any more.

    Plugs, bolts, faults and meter registers stay as they are.
    """


@frozen
class RestorePower:
    """The supply is back. The software starts anew: `SimulatedStation.report` is next."""


@frozen
class CutNetwork:
    """The line to the central system is dead: `SimulatedStation.has_network`, which transports are to heed."""


@frozen
class RestoreNetwork:
    """The line to the central system works again."""


@frozen
class BlockReboot:
    """The station can be restarted no more: it refuses when it is asked to."""


@frozen
class FreeReboot:
    """The station can be restarted again."""


CableAction = PlugIn | PlugInCable | UnplugAtVehicle | UnplugAtStation | Unplug
"""What is done with cables."""

PartAction = SuspendVehicle | ResumeVehicle | JamLock | FreeLock
"""What a car or a lock does by itself."""

SignalAction = PresentCard | PressStop | RaiseFault | ClearFault
"""What the hardware does no more about than to report it, a fault that blocks excepted."""

SupplyAction = CutPower | RestorePower | CutNetwork | RestoreNetwork | BlockReboot | FreeReboot
"""What happens to the station as a whole, and to the lines that lead to it."""

Action = CableAction | PartAction | SignalAction | SupplyAction
"""What `SimulatedStation.act` takes."""
