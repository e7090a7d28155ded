"""Clock-aligned samples (§3.16, §9.1.5): on the grid of the clock, with and without a transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from attrs import evolve

from ocpp16cp.events import ClockSet, MeterRead, Reading, StopPressed
from ocpp16cp.features.boot.messages import BootNotification, Heartbeat
from ocpp16cp.features.configuration.messages import ChangeConfiguration
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import StartTransaction, StopTransaction
from ocpp16cp.station import Station
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import USUAL, Late, Refusal, ScriptedCentralSystem
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.types import Location, Measurand, ReadingContext
from tests.features.stations import SINGLE, STATION, configured


def after(seconds: float) -> datetime:
    """A time of day; the beginning is midnight."""
    return BEGINNING + timedelta(seconds=seconds)


def aligned(station: Station, interval_s: int, **values: object) -> Station:
    """A station that samples by the clock, and not by transactions."""
    return configured(station, ClockAlignedDataInterval=interval_s, MeterValueSampleInterval=0, **values)


def undisturbed(station: Station) -> Playbook:
    """A dialogue with a central system that sets the clock at the boot, and then not for a day."""
    return Playbook(station, central_system=ScriptedCentralSystem(interval_s=86_400))


def told(play: Playbook) -> list[tuple[int, int | None, float]]:
    """The samples that were sent: connector, transaction, and seconds since the beginning by their time stamps."""
    return [
        (each.connector_id, each.transaction_id, (value.timestamp - BEGINNING).total_seconds())
        for each in play.central_system.seen_of(MeterValues)
        for value in each.meter_value
    ]


def test_every_connector_is_sampled_also_without_a_transaction() -> None:
    """§9.1.5: the transaction's id where one runs."""
    with Playbook(aligned(STATION, 900)) as play:
        play.boot()
        play.advance(1000)
        play.skip()
        play.begin_transaction(2)
        play.advance(800)
        play.skip()

        assert told(play) == [(1, None, 900), (2, None, 900), (1, None, 1800), (2, 1, 1800)]


def test_sample_tells_its_context_and_what_the_key_says() -> None:
    with Playbook(aligned(SINGLE, 20, MeterValuesAlignedData="Energy.Active.Import.Register,Current.Offered")) as play:
        play.boot()
        play.begin_transaction()
        play.deliver(1, 7)
        play.advance(20)

        (value,) = play.expect(MeterValues, connector_id=1, transaction_id=1).meter_value
    assert value.timestamp == after(20)
    rows = [(each.context, each.measurand, each.value, each.location) for each in value.sampled_value]
    clock, outlet = ReadingContext.SAMPLE_CLOCK, Location.OUTLET
    assert rows == [
        (clock, Measurand.ENERGY_ACTIVE_IMPORT_REGISTER, "1007", outlet),
        (clock, Measurand.CURRENT_OFFERED, "32", outlet),
    ]


def test_empty_list_means_the_register() -> None:
    with Playbook(aligned(SINGLE, 60, MeterValuesAlignedData="")) as play:
        play.boot()
        play.advance(60)

        (value,) = play.expect(MeterValues, transaction_id=None).meter_value
    assert [each.measurand for each in value.sampled_value] == [Measurand.ENERGY_ACTIVE_IMPORT_REGISTER]


def test_main_meter_is_sampled_where_there_is_one() -> None:
    """§9.1.5: as connector 0, at the inlet; never with a transaction."""
    with Playbook(aligned(SINGLE, 60)) as play:
        play.boot()
        play.happens(MeterRead(0, Reading(register_wh=5000)))
        play.begin_transaction()
        play.advance(60)

        (value,) = play.expect(MeterValues, connector_id=0, transaction_id=None).meter_value
        assert [(each.value, each.location) for each in value.sampled_value] == [("5000", Location.INLET)]
        play.expect(MeterValues, connector_id=1, transaction_id=1)


def test_nothing_is_offered_at_the_main_meter() -> None:
    with Playbook(aligned(SINGLE, 60, MeterValuesAlignedData="Current.Offered")) as play:
        play.boot()
        play.happens(MeterRead(0, Reading(register_wh=5000)))
        play.advance(60)

        play.expect(MeterValues, connector_id=1)


def test_interval_zero_takes_no_samples() -> None:
    with Playbook(aligned(SINGLE, 0)) as play:
        play.boot()
        play.begin_transaction()
        play.ignore(Heartbeat)
        play.advance(90_000)

        play.expect_nothing()


def test_new_interval_begins_with_its_next_point() -> None:
    """§5.3: a point that lies before the change has no sample, however short the time since."""
    with Playbook(aligned(SINGLE, 0)) as play:
        play.boot()
        play.advance(61)
        play.send(ChangeConfiguration(key="ClockAlignedDataInterval", value="60"))
        play.advance(89)
        play.send(ChangeConfiguration(key="ClockAlignedDataInterval", value="20"))
        play.advance(20)
        play.send(ChangeConfiguration(key="ClockAlignedDataInterval", value="0"))
        play.advance(100)
        play.skip()

        assert told(play) == [(1, None, 120), (1, None, 160)]


def test_grid_begins_anew_at_midnight() -> None:
    with Playbook(aligned(SINGLE, 50_000)) as play:
        play.boot()
        play.advance(86_400 + 50_000)
        play.skip()

        assert told(play) == [(1, None, 50_000), (1, None, 86_400), (1, None, 136_400)]


def test_samples_wait_for_the_network_in_the_queue() -> None:
    """§4.7: with their own times, and the id of their transaction, which may come later."""
    with Playbook(aligned(SINGLE, 60, MessageTimeout=100)) as play:
        play.boot()
        play.drop_link()
        play.advance(90)
        play.restore_link()
        play.expect(MeterValues, transaction_id=None)
        play.central_system.answer(StartTransaction, Late(50))
        play.plug_in(1)
        play.present_card("TAG")
        play.advance(130)
        play.skip()

        assert told(play)[:2] == [(1, None, 60), (1, 1, 120)]


def test_sample_of_a_transaction_without_an_id_bears_minus_one() -> None:
    """Errata 3.18."""
    with Playbook(aligned(SINGLE, 60, TransactionMessageAttempts=1)) as play:
        play.boot()
        play.central_system.answer(StartTransaction, Refusal(), USUAL)
        play.plug_in(1)
        play.present_card("TAG")
        play.skip()
        play.advance(60)

        play.expect(MeterValues, transaction_id=-1)


def test_transaction_that_is_ending_has_no_sample_any_more() -> None:
    """The point lies after the time of its end: the sample is one of the connector alone."""
    with Playbook(aligned(SINGLE, 60)) as play:
        play.boot()
        play.begin_transaction()
        play.advance(59)
        play.hardware.output_delay_s = 2.0
        play.happens(StopPressed(1))
        play.advance(1)
        play.expect(MeterValues, transaction_id=None)
        play.advance(2)

        assert play.expect(StopTransaction).timestamp == after(59)
        play.skip()


def test_point_at_which_a_transaction_ends_is_its_last() -> None:
    """Noticed a little late, together with the stop: the point lies before the end."""
    with Playbook(aligned(SINGLE, 60)) as play:
        play.boot()
        play.begin_transaction()
        play.advance(59)
        play.hardware.output_delay_s = 2.0
        play.now += 1.5
        play.happens(StopPressed(1))
        play.expect(MeterValues, transaction_id=1)
        play.advance(2)

        assert play.expect(StopTransaction).timestamp == after(60.5)
        play.skip()


def test_unknown_time_has_no_grid() -> None:
    """A station without a clock of its own takes none until it is told the time; then it begins with the next point."""
    with Playbook(aligned(SINGLE, 60)) as play:
        play.drop_link()
        play.start()
        play.advance(150)
        play.restore_link(within_s=200)
        play.expect(BootNotification)
        play.advance(250 - play.now)
        play.skip()

        assert told(play)[0] == (1, None, 180)


def test_station_with_a_clock_samples_before_it_is_connected() -> None:
    with Playbook(aligned(SINGLE, 60), has_clock=True) as play:
        play.drop_link()
        play.start()
        play.advance(150)
        play.restore_link(within_s=200)
        play.skip()

        assert told(play)[:2] == [(1, None, 60), (1, None, 120)]


def test_restart_takes_no_point_again_and_none_of_the_dark() -> None:
    """The clock of the board was a little fast: what had its sample before the cut has none after it."""
    with Playbook(aligned(SINGLE, 60), has_clock=True) as play:
        play.boot()
        play.happens(ClockSet(after(3)))
        play.advance(57.5)
        assert told(play) == [(1, None, 60)]
        play.power_cut(off_s=1)
        play.advance(2)
        play.power_cut(off_s=180)
        play.advance(70)
        play.skip()

        assert told(play) == [(1, None, 60), (1, None, 300)]


def test_clock_set_back_across_a_point_samples_it_once() -> None:
    """By seconds or by an hour: the points that come again had theirs."""
    with undisturbed(aligned(SINGLE, 60)) as play:
        play.boot()
        play.advance(121)
        play.happens(ClockSet(after(118)))
        play.advance(70)
        play.happens(ClockSet(after(7)))
        play.advance(200)
        play.skip()

        assert [at for *_, at in told(play)] == [60, 120, 180]


def test_clock_set_forward_across_a_point_samples_it_if_not_much_too_late() -> None:
    """A usual correction loses nothing; what was jumped over by far nobody has seen."""
    with undisturbed(aligned(SINGLE, 60)) as play:
        play.boot()
        play.advance(57)
        play.happens(ClockSet(after(62)))
        assert [at for *_, at in told(play)] == [60]
        play.happens(ClockSet(after(3 * 3600 + 50)))
        play.advance(10)
        play.skip()

        assert [at for *_, at in told(play)] == [60, 3 * 3600 + 60]


@pytest.mark.parametrize("years", [-20, 30])
def test_clock_that_was_years_wrong_goes_on_at_once(years: int) -> None:
    """No storm, no gap: the next point of the right time is sampled, though later ones were."""
    with undisturbed(aligned(SINGLE, 60)) as play:
        play.boot()
        play.advance(60)
        play.happens(ClockSet(after(7).replace(year=BEGINNING.year + years)))
        play.advance(60)
        play.happens(ClockSet(after(121)))
        play.advance(120)
        play.skip()

        times = [each.meter_value[0].timestamp for each in play.central_system.seen_of(MeterValues)]
    wrong = after(60).replace(year=BEGINNING.year + years)
    assert times == [after(60), wrong, after(120), after(180), after(240)]


def test_transaction_has_no_samples_while_the_clock_lies_before_it() -> None:
    """§17: nothing told of a transaction lies before what was told of it; a point of the grid cannot be moved."""
    with undisturbed(aligned(STATION, 0)) as play:
        play.boot()
        play.advance(3500)
        play.send(ChangeConfiguration(key="ClockAlignedDataInterval", value="60"))
        play.begin_transaction(1)
        play.happens(ClockSet(after(130)))
        play.advance(60)
        play.happens(ClockSet(after(3590)))
        play.advance(20)
        play.skip()

        assert told(play)[-3:] == [(2, None, 180), (1, 1, 3600), (2, None, 3600)]


def test_interval_is_what_flowed_since_the_last_point() -> None:
    """§7.31: the intervals of each kind of samples add up for themselves, also over a power cut."""
    items = "Energy.Active.Import.Interval,Energy.Active.Import.Register"
    station = configured(
        SINGLE,
        ClockAlignedDataInterval=60,
        MeterValuesAlignedData=items,
        MeterValuesSampledData=items,
        MeterValueSampleInterval=25,
    )
    station = evolve(station, measurands=tuple(Measurand))
    with Playbook(station, has_clock=True) as play:
        play.boot()
        play.advance(10)
        play.begin_transaction()
        for _ in range(13):
            play.deliver(1, 10)
            play.advance(10)
        play.power_cut(off_s=60)
        play.advance(60)
        play.skip()

    rows = [
        (value.context, (meter_value.timestamp - BEGINNING).total_seconds(), value.value)
        for each in play.central_system.seen_of(MeterValues)
        for meter_value in each.meter_value
        for value in meter_value.sampled_value
        if value.measurand is Measurand.ENERGY_ACTIVE_IMPORT_INTERVAL
    ]
    periodic = [(at, wh) for context, at, wh in rows if context is ReadingContext.SAMPLE_PERIODIC]
    assert periodic == [(35, "30"), (60, "20"), (85, "30"), (110, "20"), (135, "30")]
    clock = [(at, wh) for context, at, wh in rows if context is ReadingContext.SAMPLE_CLOCK]
    assert clock == [(60, "50"), (120, "60"), (240, "20")]
