"""What the central system of a world holds the meters' values against: lies are found, and nothing is left untold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import StartTransaction, StopTransaction
from ocpp16cp.testing.world import InvariantViolated, World
from ocpp16cp.testing.world.meters import MAX_METER_VALUES, MeterWatch
from ocpp16cp.wire.types import Location, Measurand, MeterValue, ReadingContext, SampledValue, ValueFormat

C = ReadingContext
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
START = StartTransaction(connector_id=1, id_tag="TAG", meter_start=100, timestamp=NOON)


def value(wh: int | str, context: ReadingContext, measurand: str = "Register") -> SampledValue:
    return SampledValue(
        value=str(wh),
        context=context,
        measurand=Measurand(f"Energy.Active.Import.{measurand}"),
        location=Location.OUTLET,
    )


def sample(seconds: float, wh: int | str, context: ReadingContext = C.SAMPLE_PERIODIC) -> MeterValue:
    return MeterValue(timestamp=NOON + timedelta(seconds=seconds), sampled_value=(value(wh, context),))


def sent(meter_value: MeterValue, **facts: Any) -> MeterValues:
    return evolve(MeterValues(connector_id=1, transaction_id=7, meter_value=(meter_value,)), **facts)


GOOD = sample(40, 120)


@pytest.mark.parametrize(
    ("later", "why"),
    [
        (sent(sample(60, 119)), "was at 120 already"),
        (sent(sample(60, 130, C.TRANSACTION_BEGIN)), "no place here"),
        (sent(sample(60, 130, C.OTHER)), "no place here"),
        (sent(sample(60, 130), transaction_id=None), "of no transaction"),
        (sent(sample(60, 130), connector_id=0), "the main meter has no transaction"),
        (sent(sample(61, 130, C.SAMPLE_CLOCK)), "not on the grid"),
        (sent(sample(20, 130, C.SAMPLE_CLOCK)), "a second sample of a point"),
        (sent(sample(60, "1e3")), "no numbers"),
        (sent(MeterValue(timestamp=NOON, sampled_value=())), "no sample of one instant"),
        (
            sent(
                MeterValue(
                    timestamp=NOON,
                    sampled_value=(value(1, C.TRIGGER), value(1, C.SAMPLE_CLOCK)),
                )
            ),
            "no sample of one instant",
        ),
        (
            sent(
                MeterValue(
                    timestamp=NOON,
                    sampled_value=(evolve(value(200, C.TRIGGER), format=ValueFormat.RAW),),
                )
            ),
            "no numbers",
        ),
        (
            sent(MeterValue(timestamp=NOON, sampled_value=(evolve(value(200, C.TRIGGER), location=Location.EV),))),
            "no numbers",
        ),
    ],
)
def test_samples_that_cannot_be_are_found(later: MeterValues, why: str) -> None:
    watch = MeterWatch()
    watch.sample(sent(sample(20, 110, C.SAMPLE_CLOCK), transaction_id=None))
    watch.sample(sent(GOOD))

    with pytest.raises(InvariantViolated, match=why):
        watch.sample(later)


def test_samples_that_can_be_are_taken() -> None:
    """One that is told again, and a triggered one that has overtaken others."""
    watch = MeterWatch()
    for each in (sample(20, 110, C.SAMPLE_CLOCK), sample(20, 110, C.SAMPLE_CLOCK), GOOD, sample(30, 115, C.TRIGGER)):
        watch.sample(sent(each))

    assert watch.contexts == {C.SAMPLE_CLOCK, C.SAMPLE_PERIODIC, C.TRIGGER}


BEGIN, END = sample(0, 100, C.TRANSACTION_BEGIN), sample(90, 150, C.TRANSACTION_END)


def interval(seconds: float, wh: int, context: ReadingContext) -> MeterValue:
    return MeterValue(timestamp=NOON + timedelta(seconds=seconds), sampled_value=(value(wh, context, "Interval"),))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ((BEGIN, GOOD, END, END), "not from begin to end"),
        ((GOOD, BEGIN, END), "not from begin to end"),
        ((BEGIN, *[GOOD] * (MAX_METER_VALUES - 1), END), "not from begin to end"),
        ((BEGIN, sample(40, 120, C.TRIGGER), END), "not from begin to end"),
        ((sample(1, 100, C.TRANSACTION_BEGIN), END), "not that of the transaction"),
        ((sample(0, 101, C.TRANSACTION_BEGIN), END), "not that of the transaction"),
        ((BEGIN, sample(90, 149, C.TRANSACTION_END)), "not that of the transaction"),
        ((BEGIN, sample(89, 150, C.TRANSACTION_END)), "not that of the transaction"),
        ((BEGIN, GOOD, sample(39, 130), END), "not in order"),
        ((BEGIN, GOOD, sample(50, 110), END), "not in order"),
        ((sample(-1, 99), END), "not in order"),
        ((BEGIN, sample(41, 120, C.SAMPLE_CLOCK), END), "not on the grid"),
        ((interval(0, -1, C.TRANSACTION_BEGIN), END), "less than nothing"),
        ((interval(0, 0, C.TRANSACTION_BEGIN), interval(90, 49, C.TRANSACTION_END)), "add up to 49 Wh"),
    ],
)
def test_data_that_contradicts_its_transaction_is_found(data: tuple[MeterValue, ...], why: str) -> None:
    stop = StopTransaction(
        meter_stop=150, timestamp=NOON + timedelta(seconds=90), transaction_id=7, transaction_data=data
    )

    with pytest.raises(InvariantViolated, match=why):
        MeterWatch().stop(START, stop)


@pytest.mark.parametrize("start", [START, None])
def test_data_that_agrees_with_its_transaction_is_taken(start: StartTransaction | None) -> None:
    data = (
        BEGIN,
        sample(40, 120, C.SAMPLE_CLOCK),
        interval(50, 30, C.SAMPLE_PERIODIC),
        evolve(END, sampled_value=(*END.sampled_value, value(20, C.TRANSACTION_END, "Interval"))),
    )
    stop = StopTransaction(
        meter_stop=150, timestamp=NOON + timedelta(seconds=90), transaction_id=7, transaction_data=data
    )

    MeterWatch().stop(start, stop)


def test_every_kind_of_sample_is_told_in_some_world() -> None:
    """What never comes up proves nothing."""
    told: set[ReadingContext] = set()
    for seed in range(2):
        world = World(seed)
        world.run()
        told |= world.central_system.ledger.meters.contexts

    wanted = {C.SAMPLE_PERIODIC, C.SAMPLE_CLOCK, C.TRANSACTION_BEGIN, C.TRANSACTION_END}
    assert wanted <= told
