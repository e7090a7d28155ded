"""Whatever the clock, the meters and the power do: nothing that is told runs backwards, and no point comes twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.events import ClockSet, MeterRead, Reading, SocketChanged, SocketState, StopPressed
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import StartTransaction, StopTransaction
from ocpp16cp.station import Station
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.types import Measurand, MeterValue, ReadingContext
from tests.features.metering.bare import Bare
from tests.features.stations import SINGLE, configured

REGISTER, INTERVAL = Measurand.ENERGY_ACTIVE_IMPORT_REGISTER, Measurand.ENERGY_ACTIVE_IMPORT_INTERVAL
EXPORT = Measurand.ENERGY_ACTIVE_EXPORT_REGISTER
ITEMS = f"{INTERVAL},{REGISTER},{EXPORT}"
CLOCK_INTERVAL_S = 25
MAX_METER_VALUES = 12

STATION = configured(
    evolve(SINGLE, measurands=tuple(Measurand)),
    MeterValueSampleInterval=10,
    ClockAlignedDataInterval=CLOCK_INTERVAL_S,
    MeterValuesSampledData=ITEMS,
    MeterValuesAlignedData=ITEMS,
    StopTxnSampledData=ITEMS,
    StopTxnAlignedData=ITEMS,
    StopTransactionMaxMeterValues=MAX_METER_VALUES,
)
RESUMING = evolve(STATION, settings=evolve(STATION.settings, resumes_transactions=True))


@frozen
class Wait:
    seconds: float


@frozen
class Show:
    """The meters show so much more, or less."""

    import_wh: int
    export_wh: int


@frozen
class SetClock:
    """The clock is set by so much."""

    by: timedelta


@frozen
class Cut:
    """The power fails; the clock of the board is off by so much afterwards, and the meter has lost something."""

    off_s: float
    by: timedelta
    lost_wh: int


@frozen
class Charge:
    """The transaction ends, if there is one; another one begins."""


steps = st.one_of(
    st.integers(-90, 90).map(lambda seconds: timedelta(seconds=seconds)),
    st.integers(-20_000, 20_000).map(lambda milliseconds: timedelta(milliseconds=milliseconds)),
    st.integers(-40, 40).map(lambda years: timedelta(days=365 * years)),
)
happenings: st.SearchStrategy[Wait | Show | SetClock | Cut | Charge] = st.one_of(
    st.builds(Wait, st.sampled_from((0.3, 7.0, 10.0, 33.0, 60.0))),
    st.builds(Show, st.integers(-5, 50), st.integers(-5, 5)),
    st.builds(SetClock, steps),
    st.builds(Cut, st.sampled_from((0.0, 5.0, 100.0)), steps, st.integers(0, 3)),
    st.just(Charge()),
)


def live(station: Station, history: Iterable[Wait | Show | SetClock | Cut | Charge]) -> Bare:
    """A station to which all that happens, and that ends what is running."""
    bare = Bare(station)
    reading = Reading(register_wh=1000, export_register_wh=50)
    offset = timedelta()
    bare.start(reading)
    bare.charge()
    for happening in history:
        match happening:
            case Wait(seconds):
                bare.wait(seconds)
            case Show(import_wh, export_wh):
                reading = evolve(
                    reading,
                    register_wh=max(0, reading.register_wh + import_wh),
                    export_register_wh=max(0, (reading.export_register_wh or 0) + export_wh),
                )
                bare.handle(MeterRead(1, reading))
            case SetClock(by):
                offset += by
                bare.handle(ClockSet(BEGINNING + timedelta(seconds=bare.now) + offset))
            case Cut(off_s, by, lost_wh):
                bare.now += off_s
                offset += by
                reading = evolve(reading, register_wh=max(0, reading.register_wh - lost_wh))
                bare.start(reading, BEGINNING + timedelta(seconds=bare.now) + offset)
                bare.handle(SocketChanged(1, SocketState.VEHICLE))
                bare.wait(0.5)
            case Charge():
                bare.handle(StopPressed(1))
                bare.handle(SocketChanged(1, SocketState.EMPTY))
                bare.charge()
    bare.wait(30)
    bare.handle(StopPressed(1))
    bare.wait(30)
    return bare


def stamps(message: object) -> Iterator[datetime]:
    """The times that a message tells."""
    match message:
        case StartTransaction():
            yield message.timestamp
        case MeterValues():
            yield from (each.timestamp for each in message.meter_value)
        case StopTransaction():
            yield message.timestamp
        case _:
            raise AssertionError(message)


def values(of: Iterable[MeterValue], measurand: Measurand) -> list[int]:
    """What some samples tell of a measurand."""
    return [int(value.value) for each in of for value in each.sampled_value if value.measurand is measurand]


def registers(message: object) -> list[int]:
    """The registers that a message tells in its own order, samples that are told late excepted."""
    match message:
        case StartTransaction():
            return [message.meter_start]
        case MeterValues():
            return values(message.meter_value, REGISTER)
        case StopTransaction():
            return [message.meter_stop]
        case _:
            raise AssertionError(message)


def in_order(sequence: Iterable[int] | Iterable[datetime]) -> bool:
    """Whether nothing is below what came before it."""
    return all(earlier <= later for earlier, later in pairwise(sequence))  # type: ignore[operator]  # one kind each


@pytest.mark.parametrize("station", [STATION, RESUMING], ids=["ending", "resuming"])
@given(st.lists(happenings, max_size=25))
def test_what_is_told_holds_together(station: Station, history: list[Wait | Show | SetClock | Cut | Charge]) -> None:
    """Clocks set by seconds or years, meters that forget, power cuts: one history, all that has to hold of it."""
    bare = live(station, history)

    nothing_runs_backwards(bare)
    every_point_comes_at_most_once(bare)
    data_agrees_with_begin_and_end(bare)
    assert not [key for table, key in bare.disk if table in {"metering.kept", "metering.collections"}]


def nothing_runs_backwards(bare: Bare) -> None:
    """Times within a transaction, registers of a connector, in the order in which they are told."""
    for number in {number for number, _ in bare.queued if number is not None}:
        own = [message for each, message in bare.queued if each == number]
        assert in_order([at for message in own for at in stamps(message)])
        assert isinstance(own[0], StartTransaction)
    assert in_order([register for _, message in bare.queued for register in registers(message)])
    samples = [message.meter_value[0] for _, message in bare.queued if isinstance(message, MeterValues)]
    assert in_order(values(samples, EXPORT))
    assert all(wh >= 0 for wh in values(samples, INTERVAL))


def every_point_comes_at_most_once(bare: Bare) -> None:
    """And is one of the grid."""
    points = [
        each.timestamp
        for _, message in bare.queued
        if isinstance(message, MeterValues)
        for each in message.meter_value
        if each.sampled_value[0].context is ReadingContext.SAMPLE_CLOCK
    ]
    assert len(points) == len(set(points))
    for point in points:
        assert (point - point.replace(hour=0, minute=0, second=0)).total_seconds() % CLOCK_INTERVAL_S == 0
        assert point.microsecond == 0


def data_agrees_with_begin_and_end(bare: Bare) -> None:
    """However it was interrupted and thinned: in order, from begin to end, and its intervals add up to its energy."""
    starts = {number: message for number, message in bare.queued if isinstance(message, StartTransaction)}
    stops = {number: message for number, message in bare.queued if isinstance(message, StopTransaction)}
    assert starts.keys() == stops.keys()
    for number, stop in stops.items():
        start, data = starts[number], stop.transaction_data or ()
        assert 2 <= len(data) <= MAX_METER_VALUES
        begin, *between, end = data
        assert begin.sampled_value[0].context is ReadingContext.TRANSACTION_BEGIN
        assert end.sampled_value[0].context is ReadingContext.TRANSACTION_END
        assert (begin.timestamp, values([begin], REGISTER)) == (start.timestamp, [start.meter_start])
        assert (end.timestamp, values([end], REGISTER)) == (stop.timestamp, [stop.meter_stop])
        assert in_order([each.timestamp for each in data])
        assert in_order(values(data, REGISTER))
        assert in_order(values(data, EXPORT))
        periodic = [each for each in data if each.sampled_value[0].context is not ReadingContext.SAMPLE_CLOCK]
        assert sum(values(periodic, INTERVAL)) == stop.meter_stop - start.meter_start
        clock = [each for each in between if each.sampled_value[0].context is ReadingContext.SAMPLE_CLOCK]
        told = values(clock, REGISTER)
        assert sum(values(clock, INTERVAL)) == (told[-1] - start.meter_start if told else 0)
