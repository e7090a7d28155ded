"""A charger made of variables: connectors, cables, locks, meters, cards, and cars with a battery.

`SimulatedStation` is pure: no I/O, no clock of its own, no chance but its seed. It can be copied (`copy.deepcopy`) and
compared; two that got the same calls are equal. `ocpp16cp.io.simulated.SimulatedDriver` makes a `Driver` of it.

What is modelled:

- Energy is the integral of power, power the sum over the phases of volts times amperes times the car's power factor,
  the rest of it reactive; the main meter is the sum of the connectors. All in whole numbers (`units`), so nothing
  depends on when somebody looked. Meters tell what `Station.measurands` and `Station.measured_phases` name (`meter`).
- The current is the least of limit, connector, and the car's charging curve, which has steps; it follows at once. So
  do the phases: the fewest of limit, connector and car.
- The contactor follows the vehicle: closed while energy is allowed, the offer is at least 6 A (on DC: not 0), the car
  asks, and no fault blocks. A car offered less than it can use pauses.
- Voltages are fixed for a run, drawn from the seed within 1 % of the nominal one; the meters begin where the seed says.
- A lock is driven by a motor, and its bolt stays where it is when the power fails. A fixed cable has none.

What is not: losses, ramps, the cable's own rating, vehicles that give energy back.
"""

from __future__ import annotations

from .cars import CITY, COMPACT, MINIATURE, PLUG_IN_HYBRID, SEDAN, TAPER, Car
from .lock import LockFault
from .panel import (
    Action,
    ActionImpossible,
    BlockReboot,
    ClearFault,
    CutNetwork,
    CutPower,
    FreeLock,
    FreeReboot,
    JamLock,
    PlugIn,
    PlugInCable,
    PresentCard,
    PressStop,
    RaiseFault,
    RestoreNetwork,
    RestorePower,
    ResumeVehicle,
    SuspendVehicle,
    Unplug,
    UnplugAtStation,
    UnplugAtVehicle,
)
from .station import SimulatedStation

__all__ = [
    "CITY",
    "COMPACT",
    "MINIATURE",
    "PLUG_IN_HYBRID",
    "SEDAN",
    "TAPER",
    "Action",
    "ActionImpossible",
    "BlockReboot",
    "Car",
    "ClearFault",
    "CutNetwork",
    "CutPower",
    "FreeLock",
    "FreeReboot",
    "JamLock",
    "LockFault",
    "PlugIn",
    "PlugInCable",
    "PresentCard",
    "PressStop",
    "RaiseFault",
    "RestoreNetwork",
    "RestorePower",
    "ResumeVehicle",
    "SimulatedStation",
    "SuspendVehicle",
    "Unplug",
    "UnplugAtStation",
    "UnplugAtVehicle",
]
