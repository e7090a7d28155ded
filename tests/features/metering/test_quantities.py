from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.events import LineReading, Reading
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.metering.quantities import counts_of, highest, hold, reading_of
from ocpp16cp.station import Connector, CurrentType, Station
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.phases import FURTHER_PHASES
from ocpp16cp.wire.types import Location, Measurand, ReadingContext, SampledValue
from tests.features.stations import configured, station

FULL = Reading(
    register_wh=1234567,
    export_register_wh=890,
    reactive_register_varh=4567,
    reactive_export_register_varh=12,
    power_w=7400.04,
    export_power_w=-0.3,
    reactive_power_var=-120.26,
    reactive_export_power_var=0.0,
    current_a=(10.006, 10.5, 11.0),
    export_current_a=(0.0, 0.001, -0.5),
    neutral_current_a=0.861,
    voltage_v=(230.04, 229.96, 231.0),
    line_voltage_v=(398.4, 399.14, 399.26),
    frequency_hz=49.987,
    power_factor=0.99949,
    temperature_c=-0.04,
    soc_percent=80,
    fan_rpm=1480.4,
    lines=(
        LineReading(register_wh=411522, power_w=2301.8, power_factor=-0.9991, export_register_wh=300),
        LineReading(register_wh=411522, power_w=2414.58, reactive_power_var=-40.09, reactive_register_varh=1522),
        LineReading(register_wh=411523, power_w=2541.0, export_power_w=-0.1, reactive_export_register_varh=4),
    ),
)
"""A meter that can tell everything."""

PHASES = tuple((measurand, phase) for measurand, phases in FURTHER_PHASES.items() for phase in phases)

AC = evolve(station(Connector(), Connector(phases=1)), measurands=tuple(Measurand), measured_phases=PHASES)
DC = evolve(
    station(Connector(phases=1, max_current_a=Decimal(200))),
    measurands=tuple(Measurand),
    current_type=CurrentType.DC,
    nominal_voltage_v=400,
)


def sampled(charger: Station, items: str, reading: Reading = FULL, connector_id: int = 1) -> list[tuple[str, ...]]:
    """The values of one sample: (measurand, value, unit, phase, location)."""
    with Playbook(configured(charger, MeterValuesSampledData=items)) as play:
        play.hardware.readings[connector_id] = reading
        play.boot()
        play.begin_transaction(connector_id)
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
                ("Current.Import", "0.86", "A", "N", "Outlet"),
            ],
        ),
        (
            "Current.Export",
            [
                ("Current.Export", "0", "A", "L1", "Outlet"),
                ("Current.Export", "0", "A", "L2", "Outlet"),
                ("Current.Export", "0", "A", "L3", "Outlet"),
            ],
        ),
        ("Current.Import.N", [("Current.Import", "0.86", "A", "N", "Outlet")]),
        ("Current.Export.L2", [("Current.Export", "0", "A", "L2", "Outlet")]),
        ("Energy.Active.Export.Register", [("Energy.Active.Export.Register", "890", "Wh", "-", "Outlet")]),
        ("Energy.Reactive.Import.Register", [("Energy.Reactive.Import.Register", "4567", "varh", "-", "Outlet")]),
        ("Energy.Reactive.Export.Register", [("Energy.Reactive.Export.Register", "12", "varh", "-", "Outlet")]),
        ("Energy.Active.Import.Register.L3", [("Energy.Active.Import.Register", "411523", "Wh", "L3", "Outlet")]),
        ("Energy.Active.Export.Register.L1", [("Energy.Active.Export.Register", "300", "Wh", "L1", "Outlet")]),
        ("Energy.Reactive.Import.Register.L2", [("Energy.Reactive.Import.Register", "1522", "varh", "L2", "Outlet")]),
        ("Energy.Reactive.Export.Register.L3", [("Energy.Reactive.Export.Register", "4", "varh", "L3", "Outlet")]),
        ("Power.Active.Import.L2", [("Power.Active.Import", "2414.6", "W", "L2", "Outlet")]),
        ("Power.Active.Export", [("Power.Active.Export", "0", "W", "-", "Outlet")]),
        ("Power.Active.Export.L3", [("Power.Active.Export", "0", "W", "L3", "Outlet")]),
        ("Power.Reactive.Import", [("Power.Reactive.Import", "-120.3", "var", "-", "Outlet")]),
        ("Power.Reactive.Import.L2", [("Power.Reactive.Import", "-40.1", "var", "L2", "Outlet")]),
        ("Power.Reactive.Export", [("Power.Reactive.Export", "0", "var", "-", "Outlet")]),
        ("Power.Factor.L1", [("Power.Factor", "-0.999", "-", "L1", "Outlet")]),
        ("RPM", [("RPM", "1480", "-", "-", "Body")]),
        ("Voltage.L1-L2", [("Voltage", "398.4", "V", "L1-L2", "Outlet")]),
        ("Voltage.L3-L1", [("Voltage", "399.3", "V", "L3-L1", "Outlet")]),
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
    reading = Reading(register_wh=3000, current_a=(16.0,), voltage_v=(230.0,))

    items = "Current.Import,Voltage,Voltage.L2,Voltage.L2-L3,Power.Active.Import.L2,Power.Offered"
    rows = sampled(AC, items, reading, connector_id=2)

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
        (-50.0, "0"),
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


@pytest.mark.parametrize(("measurand", "value"), [(Measurand.TEMPERATURE, "-12.5"), (Measurand.POWER_FACTOR, "-0.98")])
def test_some_quantities_may_be_negative(measurand: Measurand, value: str) -> None:
    """It freezes in stations, and a power factor has a sign."""
    reading = Reading(register_wh=1000, temperature_c=-12.5, power_factor=-0.98)

    assert sampled(AC, measurand.value, reading)[0][1] == value


@pytest.mark.parametrize(("misspells", "unit"), [(False, "Celsius"), (True, "Celcius")])
def test_temperature_may_be_sent_in_the_unit_of_old_schemas(misspells: bool, unit: str) -> None:
    """§7.45: the first schemas knew no Celsius."""
    old = evolve(AC, settings=evolve(AC.settings, misspells_celsius=misspells))

    assert sampled(old, "Temperature") == [("Temperature", "0", unit, "-", "Body")]


def test_every_measurand_fits_into_one_sample() -> None:
    """§7.31: all 22 of them, in the order of the key."""
    rows = sampled(AC, ",".join(Measurand))

    assert list(dict.fromkeys(name for name, *_ in rows)) == list(Measurand)


counters = st.none() | st.integers(0, 1000)
meters = st.builds(
    Reading,
    register_wh=st.integers(0, 1000),
    export_register_wh=counters,
    reactive_register_varh=counters,
    reactive_export_register_varh=counters,
    lines=st.lists(
        st.builds(
            LineReading,
            register_wh=counters,
            export_register_wh=counters,
            reactive_register_varh=counters,
            reactive_export_register_varh=counters,
        ),
        max_size=3,
    ).map(tuple),
)


@given(meters)
def test_registers_make_a_reading_again(reading: Reading) -> None:
    assert reading_of(counts_of(reading)) == reading


@given(meters, meters)
def test_register_that_is_held_shows_the_highest(reading: Reading, before: Reading) -> None:
    """What a meter tells stays told, and what it does not stays untold; nothing is lower than it was."""
    believed = highest(counts_of(reading), counts_of(before))

    told, held = counts_of(reading), counts_of(hold(reading, believed))
    assert [count is None for count in held] == [count is None for count in told]
    assert len(believed) == max(len(told), len(counts_of(before)))
    for count, known in zip(counts_of(before), believed, strict=False):
        assert count is None or (known is not None and known >= count)
    for count, shown in zip(believed, held, strict=False):
        assert shown is None or shown == count
