"""For each period, what set it."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.composition import ConnectorSupply, ProfileSet, Supply, Transaction
from ocpp16cp.composition.explain import ExplainedPeriod, SourceKind, explain
from ocpp16cp.composition.supply import NO_LIMIT

from .building import T0, A, at, profile, station, supply
from .generated import Case, case

cases = st.builds(case, st.integers(0, 2**32))


def _told(explained: tuple[ExplainedPeriod, ...]) -> list[tuple[int, list[str]]]:
    return [(reason.start, [str(source) for source in reason.sources]) for each in explained for reason in each.reasons]


def test_each_period_names_the_profile_or_the_hardware() -> None:
    """Id, purpose, level and place of a profile."""
    installed = station(
        profile("max", "0:20, 100:12", profile_id=4, duration=150),
        profile("tx", "0:16, 50:25", level=2, profile_id=5, duration=200),
        running=0,
    )

    told = _told(explain(installed, 1, T0, duration=300, unit=A))

    assert told == [
        (0, ["profile 5 (TxProfile, level 2, connector 1)"]),
        (50, ["profile 4 (ChargePointMaxProfile, level 0, charge point)"]),
        (100, ["profile 4 (ChargePointMaxProfile, level 0, charge point)"]),
        (150, ["profile 5 (TxProfile, level 2, connector 1)"]),
        (200, ["hardware of connector 1"]),
    ]


def test_equal_limits_of_two_sources_are_one_period_with_two_reasons() -> None:
    """Neighbours are merged; what set them is not."""
    installed = station(
        profile("default", "0:10", level=1, profile_id=1, duration=60),
        profile("default", "0:10", profile_id=2),
    )

    explained = explain(installed, 1, T0, duration=100)

    assert [each.period.start for each in explained] == [0]
    assert _told(explained) == [
        (0, ["profile 1 (TxDefaultProfile, level 1, charge point)"]),
        (60, ["profile 2 (TxDefaultProfile, level 0, charge point)"]),
    ]


def test_sum_names_one_source_per_connector() -> None:
    """Connector 0: what draws together, or else what caps it."""
    installed = station(
        (1, profile("default", "0:10, 60:30", profile_id=1)),
        profile("max", "0:50, 90:63", profile_id=2),
        of=supply(connectors=2, station="60"),
    )

    told = _told(explain(installed, 0, T0, duration=120))

    assert told == [
        (
            0,
            ["profile 1 (TxDefaultProfile, level 0, connector 1)", "hardware of connector 2"],
        ),
        (60, ["profile 2 (ChargePointMaxProfile, level 0, charge point)"]),
        (90, ["hardware of charge point"]),
    ]


def test_of_equal_limits_the_more_specific_is_named() -> None:
    """The connector's profile before the charge point's, both before hardware."""
    both = station(profile("max", "0:32", profile_id=1), profile("default", "0:32", profile_id=2))

    assert _told(explain(both, 1, T0, duration=60)) == [(0, ["profile 2 (TxDefaultProfile, level 0, charge point)"])]
    assert _told(explain(both.without_profile(2), 1, T0, duration=60)) == [(0, ["hardware of connector 1"])]


def test_nothing_is_named_too() -> None:
    """Where there is neither profile nor hardware limit."""
    unlimited = station(profile("default", "0:6", duration=60, profile_id=1), of=supply(limit=None))

    explained = explain(unlimited, 1, T0, duration=100)

    assert [each.reasons[0].sources[0].kind for each in explained] == [
        SourceKind.PROFILE,
        SourceKind.NOTHING,
    ]
    assert _told(explained)[1] == (60, ["no limit on connector 1"])


@given(cases)
def test_named_sources_alone_give_the_same_limit(asked: Case) -> None:
    """Every period of every schedule: the profiles named for it, compiled alone, give its limit at its start."""
    profile_set = asked.profile_set()

    explained = explain(profile_set, asked.connector_id, asked.now, duration=asked.duration, unit=A)

    for each in explained:
        sources = each.reasons[0].sources
        named = [source.profile for source in sources if source.profile is not None]
        alone = ProfileSet(
            _only(
                asked,
                profile_set.supply,
                [source.connector_id for source in sources if source.kind is SourceKind.HARDWARE],
            ),
            tuple(layer for layer in profile_set.layers if layer.profile in named),
            profile_set.transactions,
        )
        if asked.connector_id != 0:
            again = _limit_then(alone, asked, each.period.start)
            assert again == (NO_LIMIT if each.period.limit is None else each.period.limit * 10)


def _only(asked: Case, full: Supply, kept: list[int]) -> Supply:
    """The supply with no hardware limits but those of the connectors named; 0 is the station."""
    return Supply(
        connectors=tuple(
            ConnectorSupply(phases=each.phases, limit_a=each.limit_a if number in kept else None)
            for number, each in enumerate(full.connectors, start=1)
        ),
        current_type=full.current_type,
        voltage_v=full.voltage_v,
        phases=full.phases,
        limit_a=full.limit_a if 0 in kept else None,
    )


def _limit_then(alone: ProfileSet, asked: Case, offset: int) -> Decimal | int:
    """The limit so far into the window."""
    composite = alone.compose(asked.connector_id, asked.now, duration=offset + 1, unit=A)
    return composite.tenths[-1]


def test_profile_of_a_running_transaction_counts_from_its_start() -> None:
    """Relative profiles are explained where they are."""
    installed = station(profile("default", "0:6, 100:18", kind="relative", profile_id=3), of=supply()).with_transaction(
        Transaction(connector_id=1, start=at(-70))
    )

    explained = explain(installed, 1, T0, duration=60)

    assert [each.period.start for each in explained] == [0, 30]
