"""Hours in the life of a station, each drawn from a seed: nothing may happen in them that must not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ocpp16cp.driver.simulated.lock import CableLock
from ocpp16cp.events import Succeeded
from ocpp16cp.features.transactions.state import TRANSACTION_IDS, TRANSACTIONS
from ocpp16cp.kernel.calls import RUN
from ocpp16cp.kernel.outbox import OUTBOX
from ocpp16cp.kernel.tables import AnyTable
from ocpp16cp.outcome import Awaited
from ocpp16cp.testing.world import InvariantViolated, Likelihoods, World
from ocpp16cp.testing.world.invariants import PATIENCE_S

SEEDS = 200
CHUNK = 5
"""Seeds in one test: what one worker takes at a time."""

RUSH = Likelihoods(action_s=2.0)
"""Somebody does something all the time."""


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_an_hour_violates_no_invariant(first: int) -> None:
    """Power cuts between any two effects, broken links, a central system that fails, and people as they are."""
    for seed in range(first, first + CHUNK):
        World(seed).run()


@pytest.mark.parametrize("first", range(0, 12, 2))
def test_a_rush_violates_no_invariant(first: int) -> None:
    """Everybody at once, while locks take their time: what an hour as it is comes across once in a thousand."""
    for seed in (first, first + 1):
        World(seed, likelihoods=RUSH).run(900.0)


def test_a_lock_that_lies_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Energy flows through no plug that can be pulled."""

    def pretend(lock: CableLock, command: object, *, has_plug: bool) -> Succeeded:
        return Succeeded()

    monkeypatch.setattr(CableLock, "_move", pretend)

    with pytest.raises(InvariantViolated, match="through a plug that is not locked"):
        World(2, likelihoods=RUSH).run()


def test_a_wait_that_is_too_long_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PATIENCE_S, Awaited.LOCK, 1.0)

    with pytest.raises(InvariantViolated, match=r"has waited since .*: Lock"):
        World(2, likelihoods=RUSH).run()


def test_worlds_are_eventful() -> None:
    """An hour in which nothing happens proves nothing: there are transactions, power cuts, refusals and losses."""
    worlds = [World(seed) for seed in range(10)]

    for world in worlds:
        world.run()

    lines = [line for world in worlds for line in world.transcript()]
    assert sum(len(world.central_system.ledger.entries) for world in worlds) > 20
    for happening in (
        "the software starts",
        "CutPower",
        "the network breaks",
        "TransactionStopped",
        "CardRefused",
        "PowerLoss",
        "Lock(",
        "the central system falls sick",
        "the central system restarts",
        "FrameRefused",
        "Registered(status='Rejected'",
        "DataReceived(",
        "the application did not answer in time",
        "others wait to be sent",
        "status=<DataTransferStatus.ACCEPTED",
        "Restarting(",
        '"Reset",{"type":"Soft"',
        '"Reset",{"type":"Hard"',
        "BlockReboot",
        "UNAVAILABLE",
        "EmergencyStop",
        '"status":"Scheduled"',
    ):
        assert sum(happening in line for line in lines) >= 3, happening


def test_station_uses_all_its_ways_and_comes_back_to_the_first() -> None:
    """Endpoints fail one by one; leaving one by choice is told by the close code 1000."""
    world = World(1, likelihoods=Likelihoods(endpoint_s=60.0))

    world.run()

    text = "\n".join(world.transcript())
    for sign in ("interface='eth0'", "local_address='10.0.0.5'", "interface='wwan0'", "code=1000", "EndpointChanged("):
        assert sign in text


@contextmanager
def _wrongly_volatile(table: AnyTable) -> Iterator[None]:
    """A mistake in a declaration, as a tired programmer would make it."""
    object.__setattr__(table, "lost_because", "planted")
    try:
        yield
    finally:
        object.__setattr__(table, "lost_because", None)


@pytest.mark.parametrize("table", [TRANSACTIONS, TRANSACTION_IDS, OUTBOX, RUN.table], ids=repr)
def test_a_table_that_should_be_durable_is_found(table: AnyTable) -> None:
    """The invariants notice what a power cut takes away; else they would not be worth having."""
    with _wrongly_volatile(table):
        found = _first_violation(30)

    assert found is not None


def _first_violation(seeds: int) -> InvariantViolated | None:
    """What the first of so many worlds with many power cuts complains of."""
    likelihoods = Likelihoods(action_s=10.0, power_cut_s=120.0)
    for seed in range(seeds):
        try:
            World(seed, likelihoods=likelihoods).run()
        except InvariantViolated as violation:
            return violation
    return None


DIGEST = """
import hashlib
from ocpp16cp.testing.world import World
world = World(7)
world.run(600.0)
print(hashlib.sha256("\\n".join(world.transcript()).encode()).hexdigest())
"""


def _digest(hash_seed: str) -> str:
    """A fingerprint of ten minutes of a world, taken in a process of its own."""
    finished = subprocess.run(
        [sys.executable, "-c", DIGEST],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stdout


def test_the_same_seed_gives_the_same_bytes() -> None:
    """A run is a function of its seed: not of the process, not of the order of a hash."""
    assert _digest("1") == _digest("2")
