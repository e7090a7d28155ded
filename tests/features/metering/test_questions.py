from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from ocpp16cp.errors import UsageError
from ocpp16cp.events import MeterRead, Reading
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.station import Connector, CurrentType, Station
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import Location, Measurand, ReadingContext, SampledValue
from tests.features.stations import configured, station

FULL = Reading(
    register_wh=1234567,
    power_w=7400.04,
    current_a=(10.006, 10.5, 11.0),
    voltage_v=(230.04, 229.96, 231.0),
    frequency_hz=49.987,
    power_factor=0.99949,
    temperature_c=-0.04,
    soc_percent=80,
)
"""A meter that can tell everything."""

TELLABLE = (
    Measurand.CURRENT_IMPORT,
    Measurand.CURRENT_OFFERED,
    Measurand.ENERGY_ACTIVE_IMPORT_REGISTER,
    Measurand.FREQUENCY,
    Measurand.POWER_ACTIVE_IMPORT,
    Measurand.POWER_FACTOR,
    Measurand.POWER_OFFERED,
    Measurand.SOC,
    Measurand.TEMPERATURE,
    Measurand.VOLTAGE,
)
"""The measurands that a reading, or the limit, can tell."""

AC = evolve(station(Connector(), Connector(phases=1)), measurands=TELLABLE)
DC = evolve(
    station(Connector(phases=1, max_current_a=Decimal(200))),
    measurands=TELLABLE,
    current_type=CurrentType.DC,
    nominal_voltage_v=400,
)


def sampled(charger: Station, items: str, reading: Reading = FULL, connector_id: int = 1) -> list[tuple[str, ...]]:
    """The values of one sample: (measurand, value, unit, phase, location)."""
    with Playbook(configured(charger, MeterValuesSampledData=items)) as play:
        play.boot()
        play.begin_transaction(connector_id)
        play.happens(MeterRead(connector_id, reading))
        play.advance(30)
        (value,) = play.expect(MeterValues, connector_id=connector_id, transaction_id=1).meter_value
    return [_row(each) for each in value.sampled_value]


def _row(value: SampledValue) -> tuple[str, ...]:
    """A sampled value in short; context and location are always told."""
    assert value.context is ReadingContext.SAMPLE_PERIODIC
    assert value.measurand is not None
    assert value.location is not None
    assert value.format is None
    return (value.measurand, value.value, value.unit or "-", value.phase or "-", value.location)


@pytest.mark.parametrize(
    ("items", "rows"),
    [
        (
            "Energy.Active.Import.Register",
            [("Energy.Active.Import.Register", "1234567", "Wh", "-", "Outlet")],
        ),
        ("", [("Energy.Active.Import.Register", "1234567", "Wh", "-", "Outlet")]),
        ("Power.Active.Import", [("Power.Active.Import", "7400", "W", "-", "Outlet")]),
        (
            "Current.Import",
            [
                ("Current.Import", "10.01", "A", "L1", "Outlet"),
                ("Current.Import", "10.5", "A", "L2", "Outlet"),
                ("Current.Import", "11", "A", "L3", "Outlet"),
            ],
        ),
        (
            "Voltage",
            [
                ("Voltage", "230", "V", "L1-N", "Outlet"),
                ("Voltage", "230", "V", "L2-N", "Outlet"),
                ("Voltage", "231", "V", "L3-N", "Outlet"),
            ],
        ),
        ("Voltage.L2", [("Voltage", "230", "V", "L2", "Outlet")]),
        ("Voltage.L2-N", [("Voltage", "230", "V", "L2-N", "Outlet")]),
        ("Current.Import.L3", [("Current.Import", "11", "A", "L3", "Outlet")]),
        ("Frequency", [("Frequency", "49.99", "-", "-", "Outlet")]),
        ("Power.Factor", [("Power.Factor", "0.999", "-", "-", "Outlet")]),
        ("Temperature", [("Temperature", "0", "Celsius", "-", "Body")]),
        ("SoC", [("SoC", "80", "Percent", "-", "EV")]),
        ("Current.Offered", [("Current.Offered", "32", "A", "-", "Outlet")]),
        ("Power.Offered", [("Power.Offered", "22080", "W", "-", "Outlet")]),
        (
            "SoC,Power.Active.Import,Current.Import.L1",
            [
                ("SoC", "80", "Percent", "-", "EV"),
                ("Power.Active.Import", "7400", "W", "-", "Outlet"),
                ("Current.Import", "10.01", "A", "L1", "Outlet"),
            ],
        ),
    ],
)
def test_measurand_is_told_in_its_unit_phases_and_place(items: str, rows: list[tuple[str, ...]]) -> None:
    """§7.31, §7.34, §7.45: on AC; numbers without exponent and without trailing zeros, in the order of the key."""
    assert sampled(AC, items) == rows


@pytest.mark.parametrize(
    ("items", "rows"),
    [
        ("Current.Import", [("Current.Import", "150.25", "A", "-", "Outlet")]),
        ("Voltage", [("Voltage", "398.7", "V", "-", "Outlet")]),
        ("Current.Offered", [("Current.Offered", "200", "A", "-", "Outlet")]),
        ("Power.Offered", [("Power.Offered", "80000", "W", "-", "Outlet")]),
    ],
)
def test_direct_current_has_one_value_and_no_phase(items: str, rows: list[tuple[str, ...]]) -> None:
    """§7.34."""
    reading = Reading(register_wh=2000, current_a=(150.25,), voltage_v=(398.7,))

    assert sampled(DC, items, reading) == rows


def test_offered_power_of_a_direct_current_station_knows_no_phases() -> None:
    """A station file that says DC and nothing of phases must not offer three times what there is."""
    plain = evolve(DC, connectors=(Connector(max_current_a=Decimal(200)),))

    assert sampled(plain, "Power.Offered") == [("Power.Offered", "80000", "W", "-", "Outlet")]


def test_outlet_of_one_phase_tells_one() -> None:
    """A meter with one phase: L1 alone, and a third of the power."""
    reading = Reading(register_wh=2000, current_a=(16.0,), voltage_v=(230.0,))

    rows = sampled(AC, "Current.Import,Voltage,Voltage.L2,Power.Offered", reading, connector_id=2)

    assert rows == [
        ("Current.Import", "16", "A", "L1", "Outlet"),
        ("Voltage", "230", "V", "L1-N", "Outlet"),
        ("Power.Offered", "7360", "W", "-", "Outlet"),
    ]


def test_what_the_meter_cannot_tell_now_is_left_out() -> None:
    """§3.16: a vehicle that tells no state of charge leaves a gap, not a wrong value."""
    rows = sampled(AC, "SoC,Energy.Active.Import.Register,Voltage,Frequency", Reading(register_wh=1000))

    assert rows == [("Energy.Active.Import.Register", "1000", "Wh", "-", "Outlet")]


def test_sample_of_nothing_is_not_sent() -> None:
    with Playbook(configured(AC, MeterValuesSampledData="SoC")) as play:
        play.boot()
        play.begin_transaction()
        play.advance(90)

        play.expect_nothing()


@pytest.mark.parametrize(
    ("power_w", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (-0.04, "0"),
        (-50.0, "-50"),
        (100.0, "100"),
        (0.05, "0.1"),
        (1e6, "1000000"),
        (1e-9, "0"),
        (123456.789, "123456.8"),
    ],
)
def test_number_has_neither_exponent_nor_trailing_zeros(power_w: float, text: str) -> None:
    """§7.43: decimal text that any central system can read."""
    ((_, value, *_),) = sampled(AC, "Power.Active.Import", Reading(register_wh=1000, power_w=power_w))

    assert value == text


def test_nothing_is_offered_while_the_output_is_to_be_off() -> None:
    """Current.Offered is the limit now offered: 0 while the vehicle is gone."""
    charger = configured(
        evolve(AC, connectors=(Connector(fixed_cable=False),)),
        MeterValuesSampledData="Current.Offered,Power.Offered",
        StopTransactionOnEVSideDisconnect=False,
    )
    with Playbook(charger) as play:
        play.boot()
        play.begin_transaction()
        play.unplug_vehicle(1)
        play.skip()
        play.advance(30)

        (value,) = play.expect(MeterValues).meter_value

    assert [each.value for each in value.sampled_value] == ["0", "0"]
    assert {each.location for each in value.sampled_value} == {Location.OUTLET}


@pytest.mark.parametrize(
    "measurand",
    [
        Measurand.CURRENT_EXPORT,
        Measurand.ENERGY_ACTIVE_EXPORT_REGISTER,
        Measurand.ENERGY_ACTIVE_IMPORT_INTERVAL,
        Measurand.POWER_REACTIVE_IMPORT,
        Measurand.RPM,
    ],
)
def test_measurand_that_no_reading_can_hold_is_refused(measurand: Measurand) -> None:
    """A station may list only what a reading can tell: otherwise its first sample would end the run."""
    with pytest.raises(UsageError, match="measurands"):
        evolve(AC, measurands=(Measurand.ENERGY_ACTIVE_IMPORT_REGISTER, measurand))
