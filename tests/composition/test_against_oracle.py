"""The engine against an independent evaluation of the rules, on sets made from seeds.

How many is a setting, `OCPP16CP_COMPOSITION_SETS` (4,000 unless set, 20,000 in `make oracle`; a fortieth of it second
by second), and where the seeds begin another, `OCPP16CP_COMPOSITION_SEED`. A failing seed is in the message:
`case(seed)` makes it again.
"""

from __future__ import annotations

import math
import os
from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise
from random import Random

import pytest

from ocpp16cp.composition import Composite
from ocpp16cp.composition.supply import NO_LIMIT

from .generated import Case, case

SETS = int(os.environ.get("OCPP16CP_COMPOSITION_SETS", "4000"))
FIRST = int(os.environ.get("OCPP16CP_COMPOSITION_SEED", "0"))
BLOCKS, BLOCKS_BY_SECOND = 40, 10
"""A test each, so that they spread over processes and none comes near the time limit."""


@pytest.mark.parametrize("block", range(BLOCKS))
def test_limits_at_every_boundary_and_at_random(block: int) -> None:
    """§3.13 in all its combinations: two seconds around whatever may change, and 200 at random."""
    for seed in _seeds(block, BLOCKS, SETS):
        asked = case(seed)
        composite = _composed(asked)

        _compare(seed, asked, composite, _instants(seed, asked, composite))


@pytest.mark.parametrize("block", range(BLOCKS_BY_SECOND))
def test_limits_second_by_second(block: int) -> None:
    """Each second of a quarter of an hour."""
    for seed in _seeds(block, BLOCKS_BY_SECOND, SETS // 40):
        asked = case(seed, duration=900)
        composite = _composed(asked)

        _compare(seed, asked, composite, range(900))


def _seeds(block: int, blocks: int, sets: int) -> range:
    return range(FIRST + sets * block // blocks, FIRST + sets * (block + 1) // blocks)


def _composed(asked: Case) -> Composite:
    return asked.profile_set().compose(asked.connector_id, asked.local_now, duration=asked.duration, unit=asked.unit)


def _instants(seed: int, asked: Case, composite: Composite) -> set[int]:
    """Offsets into the window worth a look: those at which something may happen, and others."""
    begin = math.floor(asked.now.timestamp())
    boundaries = {t - begin for t in asked.oracle().boundaries(begin, begin + asked.duration)}
    around = {offset - before for offset in boundaries.union(composite.starts) for before in (0, 1)}
    random = Random(seed)
    around.update(random.randrange(asked.duration) for _ in range(200))
    around.update((0, asked.duration - 1))
    return {offset for offset in around if 0 <= offset < asked.duration}


def _compare(seed: int, asked: Case, composite: Composite, offsets: Iterable[int]) -> None:
    oracle = asked.oracle()
    begin = math.floor(asked.now.timestamp())
    # A period of no length would be seen at no instant, nor one past the window.
    assert all(one < other for one, other in pairwise((*composite.starts, asked.duration))), f"seed {seed}"
    for offset in offsets:
        index = bisect_right(composite.starts, offset) - 1
        tenths = composite.tenths[index]
        phases = None if composite.phases is None else composite.phases[index]
        found = (None if tenths == NO_LIMIT else tenths, phases)
        expected = oracle.answer(asked.connector_id, begin, begin + offset, asked.unit)
        assert found == expected, f"seed {seed}, {offset} s into the window"
