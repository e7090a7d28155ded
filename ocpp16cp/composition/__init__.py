"""Charging profiles in, composite schedule out: §3.13, §5.7, §7.8 to §7.14 as a calculation, without a charge point.

    from datetime import UTC, datetime
    from decimal import Decimal
    from ocpp16cp.composition import ConnectorSupply, ProfileSet, Supply, Timeline, Transaction

    supply = Supply(connectors=(ConnectorSupply(limit_a=Decimal(32)),))
    profiles = ProfileSet(supply).with_profile(1, profile)
    profiles = profiles.with_transaction(Transaction(connector_id=1, start=started))
    composite = profiles.compose(1, datetime.now(UTC), duration=86_400)
    composite.periods                      # starts, limits, phases
    Timeline(profiles, 1).limit_at(when)   # for a station's own use

What there is:

- `ProfileSet`: profiles installed and transactions running, compiled, immutable; `compose` on any connector.
- `Timeline`: the same answers for one connector as time goes on, and `limit_at`, `next_change`; keeps what it composed.
- `Composite`, `Period`: an answer, as columns and as records.
- `explain`: which profile or hardware limit set each period. `text`, `plot`: drawn for a terminal, or as a picture.
- `read`: a station with all that from JSON text.
- `supply`, `layer`, `steps`, `plan`: hardware, one profile, step functions, how a connector's schedule is made of them.

How limits combine. Of the profiles of one purpose the highest stack level that has a limit at an instant prevails; a
TxProfile of the running transaction before a TxDefaultProfile; the lower of that and the ChargePointMaxProfile counts,
and hardware limits bound all. Instants are whole seconds, fractions are dropped.

Choices where the specification is silent:

- All limits are compared in amperes per phase: watts divided by the nominal voltage and the profile's phases, 3 if
  absent. An answer in watts is that times the voltage and the answer's phases, so A and W always mean the same. Limits
  are whole numbers of a common unit until they are rounded down, once, to one decimal.
- The phases of an answer are the fewest of the connector's (on connector 0 the station's) and of the limits that take
  part at that instant. On DC there are none, and numberPhases of profiles is ignored.
- Connector 0 is the sum of what its connectors may draw, each up to its hardware limit, under the ChargePointMaxProfile
  and the limit of the grid connection, which bounds each single connector as well.
- A TxDefaultProfile on a connector hides the one of the same level on connector 0 there, as long as it is installed.
- An Absolute profile without startSchedule counts from the start of the transaction, a ChargePointMaxProfile from its
  receipt. A recurring one has no recurrences before its startSchedule.
- What is Relative counts on an idle connector from the question, as if a transaction began then; so it does if the
  transaction's start lies after the question, as when a clock was set back.
- minChargingRate is a hint and changes no limit.

Left out: sharing a ChargePointMaxProfile among connectors (every connector is told what it could have), and whether a
profile may be installed at this time (its transaction runs, its validity is not over): that is the station's business.

For a fleet, sets and answers pickle. Give the processes of a pool their sets once, at their start, and send them only
questions: a set takes longer to travel than to ask (`benchmarks/composition_fleet_per_s.py`).
"""

from __future__ import annotations

from .composite import Composite, Period
from .installed import ProfileSet
from .layer import ProfileRefused
from .plan import Transaction
from .supply import ConnectorSupply, CurrentType, Supply
from .timeline import Timeline

__all__ = [
    "Composite",
    "ConnectorSupply",
    "CurrentType",
    "Period",
    "ProfileRefused",
    "ProfileSet",
    "Supply",
    "Timeline",
    "Transaction",
]
