"""Installing and removing profiles and transactions, and what can be asked."""

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.composition import (
    ConnectorSupply,
    CurrentType,
    ProfileRefused,
    ProfileSet,
    Supply,
    Transaction,
)
from ocpp16cp.composition.installed import MAX_PROFILES
from ocpp16cp.errors import UsageError
from ocpp16cp.wire.types import ChargingRateUnitType

from .building import T0, W, at, profile, short, station, supply
from .generated import Case, case

cases = st.builds(case, st.integers(0, 2**32))


def _ids(installed: ProfileSet) -> list[int]:
    return [layer.profile.charging_profile_id for layer in installed.layers]


@pytest.mark.parametrize(
    ("connector_id", "level", "profile_id", "left"),
    [
        pytest.param(1, 0, 9, [2, 9], id="same-slot"),
        pytest.param(2, 5, 1, [2, 1], id="same-id-elsewhere"),
        pytest.param(1, 0, 2, [2], id="both-hit-different-ones"),
        pytest.param(2, 0, 9, [1, 2, 9], id="same-level-on-another-connector"),
        pytest.param(0, 0, 9, [1, 2, 9], id="same-level-on-the-charge-point"),
        pytest.param(1, 1, 9, [1, 2, 9], id="another-level"),
    ],
)
def test_replacement(connector_id: int, level: int, profile_id: int, left: list[int]) -> None:
    """The same id goes wherever it is, and so does the profile in the same slot (§5.16.2)."""
    installed = station(
        (1, profile("default", "0:6", profile_id=1)),
        (1, profile("tx", "0:7", profile_id=2)),
        of=supply(connectors=2),
    )

    new = profile("default", "0:8", level=level, profile_id=profile_id)

    assert _ids(installed.with_profile(connector_id, new)) == left


def test_change_of_one_profile_compiles_no_other() -> None:
    """A set is immutable; a changed one shares all else with it."""
    before = station(profile("max", "0:20"), profile("default", "0:6"))

    after = before.with_profile(0, profile("default", "0:7"))
    removed = after.without_profile(after.layers[1].profile.charging_profile_id)

    assert short(before.compose(1, T0, duration=60)) == "0:6"
    assert short(after.compose(1, T0, duration=60)) == "0:7"
    assert after.layers[0] is before.layers[0]
    assert removed.layers == before.layers[:1]
    assert removed.layers[0] is before.layers[0]


def test_refused_profile_leaves_the_set_as_it_was() -> None:
    """There is nothing to undo."""
    installed = station(profile("max", "0:20"))

    with pytest.raises(ProfileRefused):
        installed.with_profile(0, profile("tx", "0:6"))

    assert short(installed.compose(1, T0, duration=60)) == "0:20"


def test_tx_profile_counts_only_for_its_transaction() -> None:
    """One that names a transaction is for that one, one that names none for whichever runs (§3.13.1)."""
    installed = station((1, profile("tx", "0:9", transaction_id=7)), profile("default", "0:6"))

    limits = [
        short(one.compose(1, T0, duration=60))
        for one in (
            installed,
            installed.with_transaction(Transaction(connector_id=1, transaction_id=8, start=at(-60))),
            installed.with_transaction(Transaction(connector_id=1, start=at(-60))),
            installed.with_transaction(Transaction(connector_id=1, transaction_id=7, start=at(-60))),
        )
    ]

    assert limits == ["0:6", "0:6", "0:6", "0:9"]


def test_end_of_a_transaction_leaves_the_defaults() -> None:
    """A connector is idle again, and its TxProfiles are of no account."""
    installed = station(profile("tx", "0:9"), profile("default", "0:6"), running=-60)

    idle = installed.without_transaction(1)

    assert short(installed.compose(1, T0, duration=60)) == "0:9"
    assert short(idle.compose(1, T0, duration=60)) == "0:6"


def test_transaction_from_before_a_clock_was_set_back_counts_from_the_question() -> None:
    """It runs, whatever its time stamp says."""
    installed = station(profile("tx", "0:9, 30:12", kind="relative"), running=500)

    composite = installed.compose(1, T0, duration=60)

    assert short(composite) == "0:9, 30:12"


def test_nothing_limits_without_profiles_and_hardware_limits() -> None:
    """The answer says so; as a schedule of the protocol it cannot be written."""
    composite = station(of=supply(limit=None)).compose(1, T0, duration=60)

    assert short(composite) == "0:none"


@pytest.mark.parametrize(
    ("current_type", "unit", "phases"),
    [(CurrentType.AC, ChargingRateUnitType.A, (3,)), (CurrentType.DC, ChargingRateUnitType.W, None)],
)
def test_default_unit_and_phases(
    current_type: CurrentType, unit: ChargingRateUnitType, phases: tuple[int, ...] | None
) -> None:
    """Unasked, AC answers in amperes with phases, DC in watts without (§7.12)."""
    dc_or_ac = Supply(connectors=(ConnectorSupply(limit_a=Decimal(100)),), current_type=current_type)

    composite = ProfileSet(dc_or_ac).compose(1, T0, duration=60)

    assert (composite.unit, composite.phases) == (unit, phases)


def test_grid_connection_bounds_each_connector() -> None:
    """A connector of 32 A behind a fuse of 20 A gives 20 A."""
    installed = station(profile("default", "0:25"), of=supply(station="20"))

    assert short(installed.compose(1, T0, duration=60)) == "0:20"


def test_sum_is_rounded_once() -> None:
    """Two connectors of 10.14 A each may draw 20.2 A together, not 20.2 by chance of two roundings."""
    installed = station(
        (1, profile("default", "0:7000", unit=W, profile_id=1)),
        (2, profile("default", "0:7000", unit=W, profile_id=2)),
        of=supply(connectors=2),
    )

    limits = [short(installed.compose(connector, T0, duration=60)) for connector in (1, 2, 0)]

    assert limits == ["0:10.1", "0:10.1", "0:20.2"]
    three = Supply(connectors=(ConnectorSupply(),) * 3)
    watts = [(n, profile("default", "0:7000", unit=W, profile_id=n)) for n in (1, 2, 3)]
    assert short(ProfileSet.of(three, watts).compose(0, T0, duration=60)) == "0:30.4"


@pytest.mark.parametrize(
    ("connector_id", "duration", "message"),
    [(2, 60, "no connector 2"), (-1, 60, "no connector -1"), (1, 0, "duration: 0")],
)
def test_impossible_question_is_refused(connector_id: int, duration: int, message: str) -> None:
    """The application's mistake."""
    with pytest.raises(UsageError, match=message):
        station().compose(connector_id, T0, duration=duration)


def test_clock_time_without_zone_is_refused() -> None:
    """Instants are UTC, or say what they are."""
    with pytest.raises(TypeError):
        station().compose(1, T0.replace(tzinfo=None), duration=60)


@pytest.mark.parametrize("connectors", [(1, 1), (2,), (0,)])
def test_impossible_transactions_are_refused(connectors: tuple[int, ...]) -> None:
    """One per connector, on connectors there are."""
    transactions = tuple(Transaction(connector_id=each, start=T0) for each in connectors)

    with pytest.raises(UsageError, match="transactions: "):
        ProfileSet(supply(), transactions=transactions)


def test_number_of_profiles_is_bounded() -> None:
    """The set says how many it takes."""
    many = [(0, profile("default", "0:6", level=n)) for n in range(MAX_PROFILES + 1)]

    with pytest.raises(UsageError, match="at most 500"):
        ProfileSet.of(supply(), many)


@given(cases)
def test_set_and_composite_pickle(asked: Case) -> None:
    """What goes into a process pool, and what comes out."""
    profile_set = asked.profile_set()
    composite = profile_set.compose(asked.connector_id, asked.now, duration=asked.duration, unit=asked.unit)

    copy = pickle.loads(pickle.dumps(profile_set))

    assert copy == profile_set
    assert copy.compose(asked.connector_id, asked.now, duration=asked.duration, unit=asked.unit) == composite
    assert pickle.loads(pickle.dumps(composite)) == composite


def _answer(profile_set: ProfileSet) -> str:
    return short(profile_set.compose(1, T0, duration=86_400))


def test_fleet_composes_in_a_process_pool() -> None:
    """The sets of many stations spread over processes."""
    fleet = [station(profile("default", f"0:{6 + n}, 300:10")) for n in range(4)]

    with ProcessPoolExecutor(max_workers=1) as pool:
        found = list(pool.map(_answer, fleet))

    assert found == [_answer(each) for each in fleet]
