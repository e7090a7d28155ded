"""A whole world on a virtual clock, drawn from a seed.

A station, its hardware, its disk, its network, its users, and a central system that checks what it is told:
`World(seed).run()` lives through an hour of it and raises `InvariantViolated` when something happened that must not.
The same seed gives the same hour, to the byte. Power fails between any two effects of a step, connections break with
and without notice, people do what people do. The central system answers late, twice, wrongly, with errors or not at
all; it restarts, forgets, and sends garbage. It sets charging profiles, and what the station offers is held against an
oracle at every step, whatever the clocks show. Afterwards comes a quiet time in which everything has to come to rest,
and in which nothing may be missing at the central system but what the station gave up as it may.

`python -m ocpp16cp.testing.world` lives through many of them.
"""

from __future__ import annotations

from .likelihoods import HEALTHY, NEVER, Faults, Likelihoods
from .violation import InvariantViolated
from .world import World

__all__ = ["HEALTHY", "NEVER", "Faults", "InvariantViolated", "Likelihoods", "World"]
