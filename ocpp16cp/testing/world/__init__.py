"""A whole world on a virtual clock, drawn from a seed.

A station, its hardware, its disk, its network, its users, and a central system that checks what it is told:
`World(seed).run()` lives through an hour of it and raises `InvariantViolated` when something happened that must not.
The same seed gives the same hour, to the byte. Power fails between any two effects of a step, connections break with
and without notice, people do what people do. Afterwards comes a quiet time in which everything has to come to rest.
"""

from __future__ import annotations

from .violation import InvariantViolated
from .world import Likelihoods, World

__all__ = ["InvariantViolated", "Likelihoods", "World"]
