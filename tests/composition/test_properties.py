"""What holds for every profile set: ceilings, levels, halves of windows, units."""

from __future__ import annotations

import subprocess
import sys
from bisect import bisect_right
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise
from random import Random

from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from ocpp16cp.composition import Composite
from ocpp16cp.composition.installed import MAX_PROFILES
from ocpp16cp.composition.supply import NO_LIMIT
from ocpp16cp.testing.oracle import Running
from ocpp16cp.wire.types import ChargingProfilePurposeType

from .building import T0, A, W, profile, station, supply
from .generated import Case, case

cases = st.builds(case, st.integers(0, 2**32))


def _composed(asked: Case) -> Composite:
    return asked.profile_set().compose(asked.connector_id, asked.local_now, duration=asked.duration, unit=asked.unit)


def _at(composite: Composite, offset: int) -> tuple[int, int | None]:
    """Limit in tenths, and phases."""
    index = bisect_right(composite.starts, offset) - 1
    phases = None if composite.phases is None else composite.phases[index]
    return composite.tenths[index], phases


@given(cases)
def test_neighbours_differ_and_starts_ascend_from_nought(asked: Case) -> None:
    """At least one period, the first at 0, none that could be merged with the next, none past the window."""
    composite = _composed(asked)

    phases = composite.phases or (None,) * len(composite.starts)
    steps = list(zip(composite.tenths, phases, strict=True))
    assert composite.starts[0] == 0
    assert list(composite.starts) == sorted(set(composite.starts))
    assert composite.starts[-1] < asked.duration
    assert all(one != other for one, other in pairwise(steps))


@given(cases)
def test_charge_point_max_is_never_exceeded(asked: Case) -> None:
    """No connector gets more per phase than the ChargePointMaxProfiles alone would give (§3.13.1)."""
    alone = evolve(
        asked,
        unit=A,
        running=(),
        profiles=tuple(
            (layer.connector_id, layer.profile)
            for layer in asked.profile_set().layers
            if layer.profile.charging_profile_purpose is ChargingProfilePurposeType.CHARGE_POINT_MAX_PROFILE
        ),
        grid=evolve(asked.grid, limit=None, connectors=((3, None),) * len(asked.grid.connectors)),
    )

    composite, ceiling = _composed(evolve(asked, unit=A)), _composed(alone)

    for offset in {*composite.starts, *ceiling.starts}:
        assert _at(composite, offset)[0] <= _at(ceiling, offset)[0]


@given(cases, st.integers(0, 2**32))
def test_lower_level_changes_nothing_that_a_higher_one_covers(asked: Case, seed: int) -> None:
    """While the higher of two profiles has a limit, the lower one's limits are of no account (§3.13.2)."""
    random = Random(seed)
    index = random.randrange(len(asked.profiles))
    connector_id, lower = asked.profiles[index]
    # On a level of its own: at another one, a connector's own default might hide it there.
    higher = evolve(lower, charging_profile_id=1000, stack_level=1000)
    schedule = lower.charging_schedule
    changed = evolve(
        lower,
        charging_schedule=evolve(
            schedule,
            charging_schedule_period=tuple(
                evolve(period, limit=Decimal(random.randrange(500)) / 10)
                for period in schedule.charging_schedule_period
            ),
        ),
    )
    others = [each for at, each in enumerate(asked.profiles) if at != index]

    one, other = (
        _composed(evolve(asked, profiles=(*others, (connector_id, each), (connector_id, higher))))
        for each in (lower, changed)
    )

    assert one == other


@given(cases, st.floats(0, 1))
def test_window_is_its_two_halves(asked: Case, share: float) -> None:
    """Asking again later gives what was announced, as long as transactions run and nothing else changes."""
    # A second has no halves.
    assume(asked.duration > 1)
    # On an idle connector, profiles relative to a transaction count from each question.
    running = tuple(
        Running(connector_id=number, transaction_id=7, start=asked.now - timedelta(seconds=70))
        for number in range(1, len(asked.grid.connectors) + 1)
    )
    first = 1 + int(share * (asked.duration - 2))
    compose = partial(evolve(asked, running=running).profile_set().compose, asked.connector_id, unit=asked.unit)

    whole = compose(asked.now, duration=asked.duration)
    before = compose(asked.now, duration=first)
    after = compose(asked.now + timedelta(seconds=first), duration=asked.duration - first)

    for offset in {*whole.starts, *before.starts, first, *(first + at for at in after.starts)}:
        half, at = (before, offset) if offset < first else (after, offset - first)
        assert _at(half, at) == _at(whole, offset)


@given(cases)
def test_amperes_and_watts_describe_the_same_limit(asked: Case) -> None:
    """Watts are amperes per phase times volts times phases; rounding down takes less than a tenth of an ampere."""
    in_amperes, in_watts = (_composed(evolve(asked, unit=unit)) for unit in (A, W))

    for offset in {*in_amperes.starts, *in_watts.starts}:
        amperes, phases = _at(in_amperes, offset)
        watts, same_phases = _at(in_watts, offset)
        assert phases == same_phases
        if NO_LIMIT in (amperes, watts):
            assert amperes == watts
        else:
            per_tenth = asked.grid.voltage * (phases or 1)
            assert amperes * per_tenth <= watts < (amperes + 1) * per_tenth


def test_stack_as_deep_as_can_be_installed() -> None:
    """Each level shows for one second before the next higher one begins: as deep as recursion gets."""
    installed = station(
        *(profile("default", f"0:{n + 1}", level=n, start=n) for n in range(MAX_PROFILES)),
        of=supply(limit=None),
    )

    composite = installed.compose(1, T0, duration=MAX_PROFILES, unit=A)

    assert composite.tenths == tuple(10 * (n + 1) for n in range(MAX_PROFILES))


def test_import_brings_in_neither_the_charge_point_nor_matplotlib() -> None:
    """The engine can be imported alone."""
    code = (
        "import sys, ocpp16cp.composition;"
        "print(*sorted({'.'.join(name.split('.')[:2]) for name in sys.modules if name.startswith('ocpp16cp.')}),"
        " 'matplotlib' in sys.modules)"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.split() == [
        "ocpp16cp.composition",
        "ocpp16cp.errors",
        "ocpp16cp.lean",
        "ocpp16cp.wire",
        "False",
    ]
