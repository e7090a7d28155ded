"""Meter values during a session: §3.16 and the cases named in each dialogue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

import pytest
from attrs import evolve

from ocpp16cp.events import MeterRead
from ocpp16cp.features.configuration.messages import (
    ChangeConfiguration,
    ChangeConfigurationConf,
    ConfigurationStatus,
    GetConfiguration,
    GetConfigurationConf,
)
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import RemoteStopTransaction, StopTransaction
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import ChargePointStatus, Location, Measurand, MeterValue, ReadingContext, Reason
from tests.features.metering.test_quantities import FULL
from tests.features.stations import SINGLE

S = ChargePointStatus
EVERYTHING = evolve(SINGLE, measurands=tuple(Measurand))
REGISTER = Measurand.ENERGY_ACTIVE_IMPORT_REGISTER
USUAL = "Current.Import,Energy.Active.Import.Register,Power.Active.Import,SoC"


def configure(play: Playbook, **values: object) -> None:
    """Set what the tool sets before the steps."""
    for key, value in values.items():
        conf = play.send(ChangeConfiguration(key=key, value=str(value)), ChangeConfigurationConf)
        assert conf.status is ConfigurationStatus.ACCEPTED


def measurands_of(play: Playbook, key: str) -> list[Measurand]:
    """What the tool reads before the steps: empty means the register of energy."""
    (found,) = play.send(GetConfiguration(key=(key,)), GetConfigurationConf).configuration_key or ()
    return [Measurand(name) for name in (found.value or REGISTER).split(",")]


def watch(play: Playbook, transaction_id: int, seconds: float) -> list[MeterValue]:
    """Wait for three intervals, and meet the samples."""
    samples = []
    for _ in range(3):
        play.deliver(1, 20)
        play.advance(seconds)
        (sample,) = play.expect(MeterValues, connector_id=1, transaction_id=transaction_id).meter_value
        samples.append(sample)
    return samples


def check_values(sample: MeterValue, context: ReadingContext, measurands: Sequence[Measurand]) -> None:
    """What the tool looks at in each sample."""
    assert list(dict.fromkeys(value.measurand for value in sample.sampled_value)) == list(measurands)
    for value in sample.sampled_value:
        assert value.context is context
        assert value.format is None
        assert (value.location is Location.EV) == (value.measurand is Measurand.SOC)


def stop(play: Playbook, transaction_id: int) -> StopTransaction:
    """End the transaction as the tool does."""
    play.send(RemoteStopTransaction(transaction_id=transaction_id))
    stopped = play.expect(StopTransaction, transaction_id=transaction_id, reason=Reason.REMOTE)
    play.expect_status(1, S.FINISHING)
    return stopped


@pytest.mark.parametrize("configured", [USUAL, ""])
def test_tc_070_sampled_meter_values(configured: str) -> None:
    """Three intervals: time stamps one interval apart, Sample.Periodic, every measurand of the key."""
    with Playbook(EVERYTHING) as play:
        play.boot()
        play.happens(MeterRead(1, FULL))
        configure(play, MeterValueSampleInterval=15, ClockAlignedDataInterval=0, MeterValuesSampledData=configured)
        measurands = measurands_of(play, "MeterValuesSampledData")

        transaction_id = play.begin_transaction()
        samples = watch(play, transaction_id, 15)
        stopped = stop(play, transaction_id)

    for sample in samples:
        check_values(sample, ReadingContext.SAMPLE_PERIODIC, measurands)
    assert all(later.timestamp - earlier.timestamp == timedelta(seconds=15) for earlier, later in pairwise(samples))
    assert stopped.transaction_data is None


@pytest.mark.parametrize("interval_s", [15, 20, 60])
@pytest.mark.parametrize("configured", [USUAL, ""])
def test_tc_071_clock_aligned_meter_values(configured: str, interval_s: int) -> None:
    """Three intervals: time stamps on the grid of the clock, Sample.Clock, every measurand of the key."""
    with Playbook(EVERYTHING) as play:
        play.boot()
        play.happens(MeterRead(1, FULL))
        play.advance(7.3)
        configure(
            play,
            ClockAlignedDataInterval=interval_s,
            MeterValueSampleInterval=0,
            MeterValuesAlignedData=configured,
        )
        measurands = measurands_of(play, "MeterValuesAlignedData")

        transaction_id = play.begin_transaction()
        samples = watch(play, transaction_id, interval_s)
        stop(play, transaction_id)

    for sample in samples:
        check_values(sample, ReadingContext.SAMPLE_CLOCK, measurands)
        midnight = sample.timestamp.replace(hour=0, minute=0, second=0, microsecond=0)
        assert not (sample.timestamp - midnight) % timedelta(seconds=interval_s)
    assert all(
        later.timestamp - earlier.timestamp == timedelta(seconds=interval_s) for earlier, later in pairwise(samples)
    )


@pytest.mark.parametrize("aligned", [False, True])
def test_tc_070_sampled_meter_values_with_transaction_data(aligned: bool) -> None:
    """What the two StopTxn lists say goes out with the end, between Transaction.Begin and Transaction.End."""
    with Playbook(EVERYTHING) as play:
        play.boot()
        play.happens(MeterRead(1, FULL))
        configure(
            play,
            MeterValueSampleInterval=15,
            ClockAlignedDataInterval=20 if aligned else 0,
            StopTxnSampledData=USUAL,
            StopTxnAlignedData=REGISTER,
        )

        transaction_id = play.begin_transaction()
        play.ignore(MeterValues)
        play.deliver(1, 20)
        play.advance(45)
        stopped = stop(play, transaction_id)

    begin, *between, end = stopped.transaction_data or ()
    check_values(begin, ReadingContext.TRANSACTION_BEGIN, measurands=[Measurand(name) for name in USUAL.split(",")])
    check_values(end, ReadingContext.TRANSACTION_END, measurands=[Measurand(name) for name in USUAL.split(",")])
    contexts = [sample.sampled_value[0].context for sample in between]
    assert contexts.count(ReadingContext.SAMPLE_PERIODIC) == 3
    assert contexts.count(ReadingContext.SAMPLE_CLOCK) == (2 if aligned else 0)
