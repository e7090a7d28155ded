from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.features.metering.keys import METER_VALUES_SAMPLED_DATA, Item, parse_item
from ocpp16cp.kernel.keys import ValueRefused
from ocpp16cp.station import Connector, CurrentType
from ocpp16cp.wire.types import Measurand, Phase
from tests.features.metering.test_quantities import PHASES
from tests.features.stations import STATION, station

EVERYTHING = evolve(STATION, measurands=tuple(Measurand))
ONE_PHASE = evolve(station(Connector(phases=1)), measurands=tuple(Measurand))
DC = evolve(ONE_PHASE, current_type=CurrentType.DC)


@pytest.mark.parametrize(
    ("text", "item"),
    [
        *((measurand.value, Item(measurand)) for measurand in Measurand),
        ("energy.active.IMPORT.register", Item(Measurand.ENERGY_ACTIVE_IMPORT_REGISTER)),
        ("Voltage.L1", Item(Measurand.VOLTAGE, Phase.L1)),
        ("voltage.l3-n", Item(Measurand.VOLTAGE, Phase.L3_N)),
        ("Current.Import.L2", Item(Measurand.CURRENT_IMPORT, Phase.L2)),
    ],
)
def test_item_is_a_measurand_with_or_without_a_phase(text: str, item: Item) -> None:
    """§9.1.17: measurands, in any letter case; a phase may follow where it is measured apart."""
    assert parse_item(text, EVERYTHING) == item
    assert parse_item(str(item), EVERYTHING) == item


@pytest.mark.parametrize("text", ["", ".", "Voltage.", "Voltage.L4", "Energy", "L1", "Voltage.L1.L2", "SoC.Outlet"])
def test_text_that_names_no_measurand_is_refused(text: str) -> None:
    with pytest.raises(ValueRefused, match="no measurand"):
        parse_item(text, EVERYTHING)


@pytest.mark.parametrize(
    "text", ["Voltage.L1-L2", "Current.Import.N", "Current.Import.L1-N", "Power.Active.Import.L1", "SoC.L1"]
)
def test_phase_that_is_not_measured_apart_is_refused(text: str) -> None:
    """§9.1.17: what the meter cannot tell may not stand in the list."""
    with pytest.raises(ValueRefused, match="not measured apart"):
        parse_item(text, EVERYTHING)


@pytest.mark.parametrize(("measurand", "phase"), PHASES)
def test_phase_that_the_meter_is_said_to_tell_may_stand_there(measurand: Measurand, phase: Phase) -> None:
    """§9.1.17: conductors, and pairs of them, that not every meter tells."""
    station = evolve(EVERYTHING, measured_phases=((measurand, phase),))

    assert parse_item(f"{measurand.value}.{phase.value}".lower(), station) == Item(measurand, phase)
    with pytest.raises(ValueRefused, match="not measured apart"):
        parse_item(f"{measurand.value}.{phase.value}", EVERYTHING)


@pytest.mark.parametrize("text", ["Voltage.L2", "Current.Import.L3", "Voltage.L2-N"])
def test_phase_that_is_not_wired_is_refused(text: str) -> None:
    parse_item(text.replace("L2", "L1").replace("L3", "L1"), ONE_PHASE)

    with pytest.raises(ValueRefused, match="not measured apart"):
        parse_item(text, ONE_PHASE)


def test_direct_current_has_no_phases() -> None:
    with pytest.raises(ValueRefused, match="not measured apart"):
        parse_item("Voltage.L1", DC)


def test_measurand_that_the_meter_does_not_know_is_refused() -> None:
    with pytest.raises(ValueRefused, match="SoC is not measured by this charge point"):
        parse_item("SoC", STATION)


def test_default_is_what_the_meter_can_tell_of_the_usual() -> None:
    plain = evolve(STATION, measurands=(Measurand.ENERGY_ACTIVE_IMPORT_REGISTER, Measurand.SOC))

    assert METER_VALUES_SAMPLED_DATA.default(plain) == (
        Item(Measurand.ENERGY_ACTIVE_IMPORT_REGISTER),
        Item(Measurand.SOC),
    )


@given(st.text())
def test_any_text_is_a_list_of_items_or_refused(text: str) -> None:
    """Whatever the central system sends: understood, and then rendered into what means the same; or refused."""
    kind = METER_VALUES_SAMPLED_DATA.kind
    try:
        items = kind.parse(text, EVERYTHING)
    except ValueRefused:
        return
    assert kind.parse(kind.render(items), EVERYTHING) == items


@given(st.lists(st.sampled_from(Measurand), unique=True).map(tuple))
def test_any_list_of_measurands_is_kept_in_its_order(measurands: tuple[Measurand, ...]) -> None:
    items = METER_VALUES_SAMPLED_DATA.kind.parse(", ".join(measurands), EVERYTHING)

    assert tuple(item.measurand for item in items) == measurands
