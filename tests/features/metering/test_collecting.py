"""What StopTransaction tells of the samples of its transaction (§4.10, §9.1.25 to §9.1.28)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from attrs import evolve

from ocpp16cp.events import ClockSet, MeterRead, Reading, StopPressed, Woke
from ocpp16cp.features.boot.messages import Heartbeat
from ocpp16cp.features.configuration.messages import ChangeConfiguration
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import StartTransaction, StopTransaction
from ocpp16cp.kernel.outbox import MAX_PAYLOAD
from ocpp16cp.station import Station
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.types import Measurand, MeterValue, ReadingContext
from tests.features.metering.bare import Bare
from tests.features.metering.test_quantities import FULL, PHASES
from tests.features.stations import SINGLE, STATION, configured

REGISTER = Measurand.ENERGY_ACTIVE_IMPORT_REGISTER
INTERVAL = Measurand.ENERGY_ACTIVE_IMPORT_INTERVAL
BEGIN, END = "Transaction.Begin", "Transaction.End"
PERIODIC, CLOCK = "Sample.Periodic", "Sample.Clock"

KEEPING = configured(
    evolve(SINGLE, measurands=tuple(Measurand), measured_phases=PHASES),
    StopTxnSampledData=REGISTER,
    MeterValueSampleInterval=20,
)


def charge(play: Playbook, times: int, energy_wh: int = 5) -> None:
    """Let energy flow every ten seconds."""
    for _ in range(times):
        play.advance(10)
        play.deliver(1, energy_wh)


def stop(play: Playbook) -> StopTransaction:
    """End the transaction; what is told of its end."""
    play.happens(StopPressed(1))
    play.skip()
    return play.central_system.seen_of(StopTransaction)[-1]


def rows(stopped: StopTransaction, measurand: Measurand = REGISTER) -> list[tuple[str, float, str]]:
    """The values of one measurand without a phase: context, seconds since the beginning, text."""
    return [
        (value.context or "-", (each.timestamp - BEGINNING).total_seconds(), value.value)
        for each in stopped.transaction_data or ()
        for value in each.sampled_value
        if value.measurand is measurand and value.phase is None
    ]


def kept_on_disk(play: Playbook) -> list[str]:
    """What is kept of samples."""
    return [write.key for write in play.disk if write.table in {"metering.kept", "metering.collections"}]


def test_samples_of_the_transaction_are_told_at_its_end() -> None:
    """§9.1.27: begin, every interval, end; begin and end with the times and registers of the transaction's own."""
    with Playbook(KEEPING) as play:
        play.boot()
        play.advance(7)
        play.begin_transaction()
        charge(play, 5)
        stopped = stop(play)

        (start,) = play.central_system.seen_of(StartTransaction)
    assert rows(stopped) == [
        (BEGIN, 7, "1000"),
        (PERIODIC, 27, "1005"),
        (PERIODIC, 47, "1015"),
        (END, 57, "1025"),
    ]
    assert (start.timestamp, start.meter_start) == (BEGINNING + timedelta(seconds=7), 1000)
    assert (stopped.timestamp, stopped.meter_stop) == (BEGINNING + timedelta(seconds=57), 1025)


def test_one_sample_is_one_meter_value_of_everything_wanted() -> None:
    with Playbook(configured(KEEPING, StopTxnSampledData=",".join(Measurand))) as play:
        play.hardware.readings[1] = FULL
        play.boot()
        play.begin_transaction()
        stopped = stop(play)

    begin, end = stopped.transaction_data or ()
    for each in (begin, end):
        assert list(dict.fromkeys(value.measurand for value in each.sampled_value)) == list(Measurand)
    offered = [value.value for value in end.sampled_value if value.measurand is Measurand.CURRENT_OFFERED]
    assert offered == ["0"]


def test_no_list_means_no_data_at_all() -> None:
    """§9.1.25, §9.1.27: where both lists are empty, transactionData is not sent."""
    with Playbook(configured(KEEPING, StopTxnSampledData="", ClockAlignedDataInterval=15)) as play:
        play.boot()
        play.begin_transaction()
        charge(play, 5)

        assert stop(play).transaction_data is None
        assert kept_on_disk(play) == []


def test_without_an_interval_begin_and_end_are_left() -> None:
    """§9.1.19: 0 means no periodic samples."""
    with Playbook(configured(KEEPING, MeterValueSampleInterval=0)) as play:
        play.boot()
        play.begin_transaction()
        charge(play, 5)

        assert rows(stop(play)) == [(BEGIN, 0, "1000"), (END, 50, "1025")]


def test_aligned_samples_are_told_in_between() -> None:
    """§9.1.25: on the grid of the clock, in the order of the time."""
    with Playbook(configured(KEEPING, StopTxnAlignedData=REGISTER, ClockAlignedDataInterval=15)) as play:
        play.boot()
        play.advance(4)
        play.begin_transaction()
        charge(play, 4)
        stopped = stop(play)

    assert [(context, at) for context, at, _ in rows(stopped)] == [
        (BEGIN, 4),
        (CLOCK, 15),
        (PERIODIC, 24),
        (CLOCK, 30),
        (PERIODIC, 44),
        (END, 44),
    ]


def test_aligned_samples_alone_have_no_begin_and_no_end() -> None:
    """§9.1.25: these are of the sampled list."""
    station = configured(
        KEEPING, StopTxnSampledData="", StopTxnAlignedData=f"{REGISTER},{INTERVAL}", ClockAlignedDataInterval=20
    )
    with Playbook(station) as play:
        play.boot()
        play.advance(5)
        play.begin_transaction()
        charge(play, 5)
        stopped = stop(play)

    assert rows(stopped) == [(CLOCK, 20, "1005"), (CLOCK, 40, "1015")]
    assert rows(stopped, INTERVAL) == [(CLOCK, 20, "5"), (CLOCK, 40, "10")]


def test_no_aligned_sample_came_no_data() -> None:
    with Playbook(configured(KEEPING, StopTxnSampledData="", StopTxnAlignedData=REGISTER)) as play:
        play.boot()
        play.begin_transaction()

        assert stop(play).transaction_data is None


def test_intervals_add_up_to_the_energy_of_the_transaction() -> None:
    """§7.31: 0 at the begin, then since the sample before, at the end since the last one; each kind for itself."""
    station = configured(KEEPING, StopTxnSampledData=INTERVAL, StopTxnAlignedData=INTERVAL, ClockAlignedDataInterval=30)
    with Playbook(station) as play:
        play.boot()
        play.begin_transaction()
        charge(play, 7)
        stopped = stop(play)

    assert rows(stopped, INTERVAL) == [
        (BEGIN, 0, "0"),
        (PERIODIC, 20, "5"),
        (CLOCK, 30, "10"),
        (PERIODIC, 40, "10"),
        (CLOCK, 60, "15"),
        (PERIODIC, 60, "10"),
        (END, 70, "10"),
    ]


def test_lists_count_from_the_next_sample() -> None:
    """§5.3: what was taken stays, and what is wanted at the end decides about the end."""
    with Playbook(configured(KEEPING, StopTxnSampledData="")) as play:
        play.boot()
        play.begin_transaction()
        charge(play, 2)
        play.send(ChangeConfiguration(key="StopTxnSampledData", value=f"{INTERVAL},{REGISTER}"))
        charge(play, 4)
        stopped = stop(play)

    assert rows(stopped) == [(PERIODIC, 40, "1015"), (PERIODIC, 60, "1025"), (END, 60, "1030")]
    assert rows(stopped, INTERVAL) == [(PERIODIC, 40, "15"), (PERIODIC, 60, "10"), (END, 60, "5")]


def test_lists_emptied_meanwhile_mean_no_data() -> None:
    with Playbook(KEEPING) as play:
        play.boot()
        play.begin_transaction()
        charge(play, 3)
        play.send(ChangeConfiguration(key="StopTxnSampledData", value=""))

        assert stop(play).transaction_data is None
        assert kept_on_disk(play) == []


def test_interval_that_begins_with_a_silent_register_is_left_out() -> None:
    """What the meter did not tell at the begin nobody can count from."""
    exported = Measurand.ENERGY_ACTIVE_EXPORT_INTERVAL
    with Playbook(configured(KEEPING, StopTxnSampledData=exported)) as play:
        play.boot()
        play.begin_transaction()
        play.happens(MeterRead(1, Reading(register_wh=1000, export_register_wh=300)))
        play.advance(25)
        play.happens(MeterRead(1, Reading(register_wh=1000, export_register_wh=304)))
        stopped = stop(play)

    assert rows(stopped, exported) == [(END, 25, "4")]


def test_every_connector_keeps_its_own() -> None:
    station = configured(STATION, StopTxnSampledData=REGISTER, MeterValueSampleInterval=20)
    with Playbook(station) as play:
        play.boot()
        play.begin_transaction(1)
        play.advance(10)
        play.begin_transaction(2, "OTHER")
        play.advance(35)
        first = stop(play)
        play.happens(StopPressed(2))
        play.skip()

        second = play.central_system.seen_of(StopTransaction)[-1]
        assert kept_on_disk(play) == []
    assert [(at, text) for _, at, text in rows(first)] == [(0, "1000"), (20, "1000"), (40, "1000"), (45, "1000")]
    assert [(at, text) for _, at, text in rows(second)] == [(10, "2000"), (30, "2000"), (45, "2000")]


def test_power_cut_takes_nothing_of_what_was_kept() -> None:
    """§4.10: begin and samples as they were taken, and as the end what is known of it: the registers."""
    items = f"Power.Active.Import,{REGISTER},{INTERVAL}"
    station = configured(KEEPING, StopTxnSampledData=items, StopTxnAlignedData=REGISTER, ClockAlignedDataInterval=30)
    with Playbook(station) as play:
        play.hardware.readings[1] = Reading(register_wh=1000, power_w=1800.0)
        play.boot()
        play.begin_transaction()
        charge(play, 5)
        play.power_cut(off_s=500)
        play.skip()

        (stopped,) = play.central_system.seen_of(StopTransaction)
        assert kept_on_disk(play) == []
    assert stopped.timestamp == BEGINNING + timedelta(seconds=40)
    assert rows(stopped) == [
        (BEGIN, 0, "1000"),
        (PERIODIC, 20, "1005"),
        (CLOCK, 30, "1010"),
        (PERIODIC, 40, "1015"),
        (END, 40, "1025"),
    ]
    assert rows(stopped, INTERVAL)[-1] == (END, 40, "10")
    assert [at for _, at, _ in rows(stopped, Measurand.POWER_ACTIVE_IMPORT)] == [0, 20, 40]


def test_transaction_that_goes_on_after_a_power_cut_keeps_on_collecting() -> None:
    resuming = evolve(KEEPING, settings=evolve(KEEPING.settings, resumes_transactions=True))
    with Playbook(resuming, has_clock=True) as play:
        play.boot()
        play.begin_transaction()
        charge(play, 3)
        play.power_cut(off_s=100)
        charge(play, 3)
        stopped = stop(play)

    assert rows(stopped) == [
        (BEGIN, 0, "1000"),
        (PERIODIC, 20, "1005"),
        (PERIODIC, 150, "1020"),
        (END, 160, "1030"),
    ]


def test_times_never_run_backwards_whatever_the_clock_does() -> None:
    """§17: set back by an hour; a time stamp is raised to the one before, and the register grows with the order."""
    with Playbook(KEEPING) as play:
        play.boot()
        play.advance(4000)
        play.skip()
        play.begin_transaction()
        charge(play, 3)
        play.happens(ClockSet(BEGINNING + timedelta(seconds=400)))
        charge(play, 4)
        stopped = stop(play)

    assert rows(stopped) == [
        (BEGIN, 4000, "1000"),
        (PERIODIC, 4020, "1005"),
        (PERIODIC, 4020, "1015"),
        (PERIODIC, 4020, "1025"),
        (END, 4020, "1035"),
    ]


def many(station: Station, limit: int) -> Station:
    """A station that may tell so many samples at an end."""
    return configured(station, StopTransactionMaxMeterValues=limit)


@pytest.mark.parametrize("limit", [2, 3, 5, 10])
def test_too_many_samples_are_thinned_evenly(limit: int) -> None:
    """Errata 3.89: begin and end stay; of what lies between every other one goes, so that the rest covers all."""
    with Playbook(many(KEEPING, limit)) as play:
        play.boot()
        play.begin_transaction()
        charge(play, 101)
        play.ignore(Heartbeat)
        stopped = stop(play)

    told = rows(stopped)
    assert len(told) <= limit
    assert (told[0], told[-1]) == ((BEGIN, 0, "1000"), (END, 1010, "1505"))
    between = [at for _, at, _ in told[1:-1]]
    stride = 20 * 2 ** {2: 6, 3: 5, 5: 4, 10: 3}[limit]
    assert between == list(range(stride, 1010, stride))


def test_both_kinds_are_thinned_alike() -> None:
    """Neither crowds the other out, and intervals count from the sample of their kind that is still there."""
    station = configured(
        KEEPING,
        StopTxnSampledData=INTERVAL,
        StopTxnAlignedData=INTERVAL,
        ClockAlignedDataInterval=20,
        MeterValueSampleInterval=20,
    )
    with Playbook(many(station, 8)) as play:
        play.boot()
        play.advance(10)
        play.begin_transaction()
        charge(play, 22)
        play.ignore(Heartbeat)
        stopped = stop(play)

    told = rows(stopped, INTERVAL)
    assert [(context, at) for context, at, _ in told] == [
        (BEGIN, 10),
        (CLOCK, 80),
        (PERIODIC, 90),
        (CLOCK, 160),
        (PERIODIC, 170),
        (END, 230),
    ]
    assert sum(int(text) for context, _, text in told if context != CLOCK) == 110


def test_message_stays_below_what_can_be_sent() -> None:
    """Thirty values a sample: what does not fit into a message is thinned long before there are a thousand samples."""
    station = configured(
        KEEPING,
        StopTxnSampledData=",".join(Measurand),
        MeterValueSampleInterval=1,
        MeterValuesSampledData=REGISTER,
    )
    bare = Bare(many(station, 50_000))
    bare.start(FULL)
    bare.charge()
    for _ in range(300):
        bare.now += 1
        bare.handle(Woke())
    bare.handle(StopPressed(1))

    (stopped,) = bare.queued_of(StopTransaction)
    assert MAX_PAYLOAD / 2 < len(Codec().encode(stopped)) <= MAX_PAYLOAD
    contexts = [each.sampled_value[0].context for each in stopped.transaction_data or ()]
    assert contexts[0] is ReadingContext.TRANSACTION_BEGIN
    assert contexts[-1] is ReadingContext.TRANSACTION_END
    assert set(contexts[1:-1]) == {ReadingContext.SAMPLE_PERIODIC}


def test_sample_costs_the_same_however_many_there_were() -> None:
    """A busy station must not rewrite what it has kept with each sample."""
    station = configured(KEEPING, MeterValueSampleInterval=1, StopTxnAlignedData=REGISTER, ClockAlignedDataInterval=1)
    bare = Bare(station)
    bare.start(Reading(register_wh=1000))
    bare.charge()
    costs = []
    for second in range(1, 450):
        bare.now += 1
        bare.handle(MeterRead(1, Reading(register_wh=1000 + second)))
        costs.append(sum(len(write.text or "") for write in bare.outcome.writes))
    bare.handle(StopPressed(1))

    assert max(costs[-50:]) < 1.1 * max(costs[5:50])
    (stopped,) = bare.queued_of(StopTransaction)
    assert len(stopped.transaction_data or ()) == 2 * 449 + 2
    assert [key for table, key in bare.disk if table.startswith("metering.kept")] == []


def test_meter_values_go_on_beside_what_is_kept() -> None:
    """Each list for itself."""
    with Playbook(configured(KEEPING, MeterValuesSampledData=INTERVAL)) as play:
        play.boot()
        play.begin_transaction()
        charge(play, 4)
        play.advance(1)

        sent = [each.meter_value[0] for each in play.central_system.seen_of(MeterValues)]
        assert [_only(each) for each in sent] == [(INTERVAL, "5"), (INTERVAL, "10")]
        play.skip()


def _only(meter_value: MeterValue) -> tuple[Measurand | None, str]:
    """The one value of a sample."""
    (value,) = meter_value.sampled_value
    return value.measurand, value.value


def test_time_of_the_end_is_not_before_an_aligned_sample() -> None:
    """A point of the grid that was noticed early by a rounding of the clock still lies before the end."""
    station = configured(KEEPING, StopTxnAlignedData=REGISTER, ClockAlignedDataInterval=10)
    with Playbook(station) as play:
        play.boot()
        play.begin_transaction()
        play.advance(10)
        play.happens(ClockSet(BEGINNING + timedelta(seconds=9)))
        stopped = stop(play)

    assert rows(stopped)[-2:] == [(CLOCK, 10, "1000"), (END, 10, "1000")]
    assert isinstance(stopped.timestamp, datetime)


def test_meter_that_is_silent_after_a_power_cut_leaves_what_was_stored() -> None:
    with Playbook(KEEPING) as play:
        play.boot()
        play.begin_transaction()
        charge(play, 3)
        del play.hardware.readings[1]
        play.power_cut()
        play.advance(10)
        play.skip()

        (stopped,) = play.central_system.seen_of(StopTransaction)
    assert rows(stopped)[-1] == (END, 20, "1005")
    assert stopped.meter_stop == 1005


def test_clock_set_back_before_a_power_cut_moves_nothing_that_was_told() -> None:
    """What was stamped before the clock was set back lies ahead of it, and is no guess after the cut."""
    with Playbook(KEEPING) as play:
        play.boot()
        play.happens(ClockSet(BEGINNING + timedelta(seconds=300)))
        play.begin_transaction()
        play.happens(ClockSet(BEGINNING + timedelta(seconds=40)))
        charge(play, 3)
        play.drop_link()
        play.power_cut(off_s=500)
        play.advance(5)
        play.restore_link()
        play.skip()

        (start,) = play.central_system.seen_of(StartTransaction)
        (stopped,) = play.central_system.seen_of(StopTransaction)
    assert start.timestamp == BEGINNING + timedelta(seconds=300)
    assert rows(stopped)[0] == (BEGIN, 300, "1000")
    assert stopped.timestamp >= start.timestamp
