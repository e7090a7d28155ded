"""What worlds find out about charging profiles and the currents that are offered because of them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.events import Event
from ocpp16cp.features.smart_charging.state import PROFILES
from ocpp16cp.outcome import Outcome, SetLimit, Write
from ocpp16cp.testing.world import InvariantViolated, Likelihoods, World

BUSY = Likelihoods(action_s=10.0, limits_s=10.0)


def test_worlds_are_full_of_limits() -> None:
    worlds = [World(seed, likelihoods=BUSY) for seed in range(4)]

    for world in worlds:
        world.run(1800.0)

    lines = [line for world in worlds for line in world.transcript()]
    for happening in (
        "LimitChanged(",
        "limit_a=Decimal('0')",
        "phases=1)",
        "until=datetime",
        "ProfileRejected(",
        "ClockSet(",
        '"chargingSchedule":{',
        "SuspendedEVSE",
    ):
        assert sum(happening in line for line in lines) >= 3, happening


class Bent(ChargePoint):
    """A core that says wrong limits."""

    def handle(self, event: Event, *, now: float) -> Outcome:
        outcome = super().handle(event, now=now)
        bent = (self.bend(each) if isinstance(each, SetLimit) else each for each in outcome.commands)
        return evolve(outcome, commands=tuple(command for command in bent if command is not None))

    def bend(self, command: SetLimit) -> SetLimit | None:
        """What is said instead."""
        return command


class Generous(Bent):
    def bend(self, command: SetLimit) -> SetLimit | None:
        return evolve(command, limit_a=command.limit_a + Decimal("0.1")) if 6 <= command.limit_a < 30 else command


class Miserly(Bent):
    def bend(self, command: SetLimit) -> SetLimit | None:
        return evolve(command, limit_a=command.limit_a - Decimal("0.1")) if command.limit_a > 6 else command


class Forgetful(Bent):
    def bend(self, command: SetLimit) -> SetLimit | None:
        return None if 0 < command.limit_a < 12 else command


class Wide(Bent):
    def bend(self, command: SetLimit) -> SetLimit | None:
        return evolve(command, phases=3)


class Losing(ChargePoint):
    """Whenever it stores a profile it loses another one, from memory and disk alike."""

    def handle(self, event: Event, *, now: float) -> Outcome:
        outcome = super().handle(event, now=now)
        stored = [write.key for write in outcome.writes if write.table == PROFILES.name and write.text]
        lost = [int(write.key) for write in self.records() if write.table == PROFILES.name and write.key not in stored]
        if not stored or not lost:
            return outcome
        self._engine.tables.remove(PROFILES, lost[0])
        self._engine.tables.commit()
        return evolve(outcome, writes=(*outcome.writes, Write(PROFILES.name, str(lost[0]), None)))


@pytest.mark.parametrize(
    ("core", "said"),
    [
        (Generous, "connector [12] offers .* A on [123], not |all offer"),
        (Miserly, "connector [12] offers .* A, and could offer "),
        (Forgetful, "connector [12] offers|all offer"),
        (Wide, "connector [12] offers .* A on 3, not .* on 1"),
        (Losing, "profile [0-9]+ went, and nobody knows why"),
    ],
)
def test_core_with_a_mistake_is_found(core: type[ChargePoint], said: str) -> None:
    """The invariants are worth having only if they notice; odd worlds can switch phases."""

    def live() -> None:
        for seed in range(1, 20, 2):
            World(seed, likelihoods=BUSY, make_core=core).run()

    with pytest.raises(InvariantViolated, match=said):
        live()
