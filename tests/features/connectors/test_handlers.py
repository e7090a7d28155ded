from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from ocpp16cp.events import (
    Event,
    FaultCleared,
    FaultRaised,
    OutputChanged,
    SocketChanged,
    SocketState,
    StopPressed,
    VehicleChanged,
)
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.transactions.messages import StartTransaction
from ocpp16cp.outcome import HardwareMisreport, SetLimit, SetOutput
from ocpp16cp.station import Connector
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus
from tests.features.stations import SINGLE, SOCKET, STATION, station

GROUND, HOT = ChargePointErrorCode.GROUND_FAILURE, ChargePointErrorCode.HIGH_TEMPERATURE
WEAK, OTHER = ChargePointErrorCode.WEAK_SIGNAL, ChargePointErrorCode.OTHER_ERROR
AVAILABLE, FAULTED = ChargePointStatus.AVAILABLE, ChargePointStatus.FAULTED


def fault(connector_id: int, code: ChargePointErrorCode, *, blocking: bool = True, vendor: str | None = None) -> Event:
    """A fault begins."""
    return FaultRaised(connector_id=connector_id, error_code=code, is_blocking=blocking, vendor_error_code=vendor)


def repaired(connector_id: int, code: ChargePointErrorCode, vendor: str | None = None) -> Event:
    """A fault ends."""
    return FaultCleared(connector_id=connector_id, error_code=code, vendor_error_code=vendor)


def test_levels_are_told_once_after_each_start() -> None:
    """The hardware is told what it may offer before anybody asks: outputs off, the limit of each outlet."""
    with Playbook(station(Connector(max_current_a=Decimal(16)), Connector())) as play:
        play.boot()
        for _ in range(2):
            for connector_id, limit_a in ((1, 16), (2, 32)):
                play.expect(SetLimit(connector_id, Decimal(limit_a)))
                play.expect(SetOutput(connector_id, is_on=False))
            play.expect_no(SetOutput)
            play.power_cut()
        play.skip()


def test_same_report_twice_does_nothing() -> None:
    """Hardware events tell a state, not a change of one."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.happens(VehicleChanged(1, wants_energy=True))
        play.happens(fault(1, WEAK, blocking=False))
        play.skip()
        said = len(play.entries)

        play.plug_in(1)
        play.happens(VehicleChanged(1, wants_energy=True))
        play.happens(OutputChanged(1, is_on=False))
        play.happens(fault(1, WEAK, blocking=False))

        assert not [entry.item for entry in play.entries[said:] if entry.is_output]


@pytest.mark.parametrize(
    "event",
    [
        SocketChanged(3, SocketState.VEHICLE),
        VehicleChanged(3, wants_energy=True),
        OutputChanged(-1, is_on=True),
        StopPressed(9),
        fault(3, GROUND),
        repaired(3, GROUND),
    ],
)
def test_report_of_a_connector_that_is_not_there_is_told_and_ignored(event: Event) -> None:
    """A driver's mistake is a notice, nothing else."""
    with Playbook(STATION) as play:
        play.boot()
        before = play.charge_point.records()
        play.happens(event)

        play.expect(HardwareMisreport)
        assert play.charge_point.records() == before


@pytest.mark.parametrize(
    "event",
    [
        SocketChanged(0, SocketState.VEHICLE),
        VehicleChanged(0, wants_energy=True),
        OutputChanged(0, is_on=True),
        StopPressed(0),
    ],
)
def test_charge_point_itself_has_no_socket(event: Event) -> None:
    """Connector 0 has faults and a meter, but nothing to plug into: the driver is told so."""
    with Playbook(STATION) as play:
        play.boot()
        play.happens(event)

        play.expect(HardwareMisreport)


def test_last_fault_raised_is_the_one_reported() -> None:
    """§4.9 knows one error code at a time: of several faults the last one counts, when it goes the last of the rest."""
    with Playbook(SINGLE) as play:
        play.boot()

        play.happens(fault(1, GROUND))
        play.expect_status(1, FAULTED, GROUND)
        play.happens(fault(1, HOT))
        play.expect_status(1, FAULTED, HOT)
        play.happens(fault(1, OTHER, vendor="E17"))
        play.expect_status(1, FAULTED, OTHER, vendor_error_code="E17")
        play.happens(repaired(1, HOT))
        play.expect_nothing()
        play.happens(repaired(1, OTHER))
        play.expect_nothing()
        play.happens(repaired(1, OTHER, "E17"))
        play.expect_status(1, FAULTED, GROUND)
        play.happens(repaired(1, GROUND))
        play.expect_status(1, AVAILABLE)


def test_blocking_fault_is_reported_before_a_warning() -> None:
    """A later warning does not hide that the connector cannot charge."""
    with Playbook(SINGLE) as play:
        play.boot()

        play.happens(fault(1, GROUND))
        play.expect_status(1, FAULTED, GROUND)
        play.happens(fault(1, WEAK, blocking=False))
        play.expect_nothing()
        play.happens(repaired(1, GROUND))
        play.expect_status(1, AVAILABLE, WEAK)
        play.happens(repaired(1, WEAK))
        play.expect_status(1, AVAILABLE)


def test_warning_that_becomes_serious_blocks() -> None:
    """Faults are told apart by their codes; the same one reported anew replaces what was known of it."""
    with Playbook(SINGLE) as play:
        play.boot()

        play.happens(fault(1, HOT, blocking=False))
        play.expect_status(1, AVAILABLE, HOT)
        play.happens(fault(1, HOT))
        play.expect_status(1, FAULTED, HOT)
        play.happens(repaired(1, HOT))
        play.expect_status(1, AVAILABLE)


def test_fault_of_the_charge_point_blocks_every_connector() -> None:
    """A main fault: connector 0 and all that cannot deliver show it; connector 0 comes first, then and afterwards."""
    with Playbook(STATION) as play:
        play.boot()

        play.happens(fault(0, ChargePointErrorCode.INTERNAL_ERROR))
        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, FAULTED, ChargePointErrorCode.INTERNAL_ERROR)
        play.happens(repaired(0, ChargePointErrorCode.INTERNAL_ERROR))
        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, AVAILABLE)


def test_warning_of_the_charge_point_is_its_own() -> None:
    """A reader that fails concerns connector 0 alone."""
    with Playbook(STATION) as play:
        play.boot()

        play.happens(fault(0, ChargePointErrorCode.READER_FAILURE, blocking=False))

        play.expect_status(0, AVAILABLE, ChargePointErrorCode.READER_FAILURE)


def test_fault_of_one_connector_leaves_the_others() -> None:
    with Playbook(STATION) as play:
        play.boot()

        play.happens(fault(2, GROUND))

        play.expect_status(2, FAULTED, GROUND)


@pytest.mark.parametrize(
    "event",
    [
        FaultRaised(connector_id=1, error_code=GROUND, info="x" * 51),
        FaultRaised(connector_id=1, error_code=GROUND, info="\ud800"),
        FaultRaised(connector_id=1, error_code=GROUND, vendor_id="x" * 256),
        FaultRaised(connector_id=1, error_code=GROUND, vendor_error_code="x" * 51),
    ],
)
def test_fault_whose_texts_do_not_fit_is_reported_all_the_same(event: FaultRaised) -> None:
    """§6.47 bounds these texts; a driver that goes beyond must not stop the station, nor hide that it cannot charge."""
    with Playbook(SINGLE) as play:
        play.boot()

        play.happens(event)

        play.expect_status(1, FAULTED, GROUND)


def test_fault_survives_a_power_cut_because_the_driver_reports_it_anew() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.happens(fault(1, GROUND))
        play.expect_status(1, FAULTED, GROUND)
        play.power_cut()
        play.skip()
        play.happens(repaired(1, GROUND))

        play.expect_status(1, AVAILABLE)


def test_what_the_last_vehicle_wanted_is_forgotten_when_it_leaves() -> None:
    """The next vehicle is taken to want energy until it says otherwise."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.plug_in(1)
        play.happens(VehicleChanged(1, wants_energy=False))
        play.unplug_vehicle(1)
        play.skip()

        play.plug_in(1)
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction)
        play.expect_status(1, ChargePointStatus.CHARGING)


def test_bound_of_current_is_that_of_the_outlet() -> None:
    with Playbook(evolve(SINGLE, connectors=(Connector(max_current_a=Decimal("12.5")),))) as play:
        play.boot()

        play.expect(SetLimit(1, Decimal("12.5")))
