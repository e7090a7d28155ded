from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve

from ocpp16cp.events import FaultRaised, StopPressed, VehicleChanged
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import StartTransaction, StartTransactionConf
from ocpp16cp.outcome import StatusChanged
from ocpp16cp.station import Station
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.stage import Network
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointErrorCode, ChargePointStatus, IdTagInfo
from tests.features.stations import SINGLE, SOCKET, STATION, configured

S = ChargePointStatus
GROUND = ChargePointErrorCode.GROUND_FAILURE
Story = Callable[[Playbook], object]


def charge(play: Playbook) -> None:
    """Plug in, present a card."""
    play.plug_in(1)
    play.present_card("TAG")


def fault(play: Playbook, connector_id: int = 1, *, blocking: bool = True) -> None:
    """Something is wrong."""
    play.happens(FaultRaised(connector_id=connector_id, error_code=GROUND, is_blocking=blocking))


def deauthorize(play: Playbook) -> None:
    """The central system dislikes the card when the transaction has begun."""
    conf = StartTransactionConf(id_tag_info=IdTagInfo(status=AuthorizationStatus.BLOCKED), transaction_id=1)
    play.central_system.answer(StartTransaction, conf)
    charge(play)


def pause(play: Playbook) -> None:
    """The vehicle wants no energy now."""
    play.happens(VehicleChanged(1, wants_energy=False))


def stop(play: Playbook) -> None:
    """The stop button is pressed."""
    play.happens(StopPressed(1))


def silent_output(play: Playbook) -> None:
    """The contactor is never reported."""
    play.hardware.output_delay_s = None


KEEP_RUNNING = configured(SOCKET, StopTransactionOnEVSideDisconnect=False)
KEEP_OPEN = configured(SINGLE, StopTransactionOnInvalidId=False)

ROWS: dict[str, tuple[Station, tuple[Story, ...], ChargePointStatus]] = {
    "1 fault on a free connector": (SINGLE, (fault,), S.FAULTED),
    "1 fault on a plugged one": (SINGLE, (lambda play: play.plug_in(1), fault), S.FAULTED),
    "1 fault in a transaction": (SINGLE, (charge, fault), S.FAULTED),
    "1 fault after a transaction": (SINGLE, (charge, stop, fault), S.FAULTED),
    "1 fault of the charge point": (SINGLE, (lambda play: fault(play, 0),), S.FAULTED),
    "1 a warning is none": (SINGLE, (lambda play: fault(play, blocking=False),), S.AVAILABLE),
    "2 no energy for the card": (KEEP_OPEN, (deauthorize,), S.SUSPENDED_EVSE),
    "2 wins over a vehicle that pauses": (KEEP_OPEN, (deauthorize, pause), S.SUSPENDED_EVSE),
    "3 the vehicle pauses": (SINGLE, (charge, pause), S.SUSPENDED_EV),
    "3 the vehicle is gone": (KEEP_RUNNING, (charge, lambda play: play.unplug_vehicle(1)), S.SUSPENDED_EV),
    "4 charging": (SINGLE, (charge,), S.CHARGING),
    "4 paused and resumed": (
        SINGLE,
        (charge, pause, lambda play: play.happens(VehicleChanged(1, wants_energy=True))),
        S.CHARGING,
    ),
    "4 unplugged and plugged again": (
        KEEP_RUNNING,
        (charge, lambda play: play.unplug_vehicle(1), lambda play: play.plug_in(1)),
        S.CHARGING,
    ),
    "4 until the contactor is open": (SINGLE, (charge, silent_output, stop), S.CHARGING),
    "3 until the contactor is open": (SINGLE, (charge, pause, silent_output, stop), S.SUSPENDED_EV),
    "5 stopped, cable in": (SINGLE, (charge, stop), S.FINISHING),
    "5 stopped, cable out of the vehicle": (
        SOCKET,
        (charge, stop, lambda play: play.unplug_vehicle(1)),
        S.FINISHING,
    ),
    "5 no card in time": (SINGLE, (lambda play: play.plug_in(1), lambda play: play.advance(60)), S.FINISHING),
    "6 never accepted": (SINGLE, (), S.UNAVAILABLE),
    "6 never accepted, plugged": (SINGLE, (lambda play: play.plug_in(1),), S.UNAVAILABLE),
    "7 plugged": (SINGLE, (lambda play: play.plug_in(1),), S.PREPARING),
    "7 only a cable": (SOCKET, (lambda play: play.unplug_vehicle(1),), S.PREPARING),
    "7 accepted card": (SINGLE, (lambda play: play.present_card("TAG"),), S.PREPARING),
    "9 free": (SINGLE, (), S.AVAILABLE),
    "9 unplugged": (SINGLE, (lambda play: play.plug_in(1), lambda play: play.unplug(1)), S.AVAILABLE),
    "9 after everything": (SINGLE, (charge, stop, lambda play: play.unplug(1)), S.AVAILABLE),
}
"""The rows of the derivation, first match wins, each with what leads to it."""


@pytest.mark.parametrize("name", ROWS)
def test_status_follows_from_the_first_row_that_matches(name: str) -> None:
    """§4.9, §7.7: the status of a connector is derived from faults, transactions, plugs and cards."""
    station, story, expected = ROWS[name]
    with Playbook(station) as play:
        play.network = Network.DOWN if name.startswith("6") else Network.UP
        play.start()
        for chapter in story:
            chapter(play)

        shown = [entry.item for entry in play.entries if isinstance(entry.item, StatusChanged)]
        assert [change.status for change in shown if change.connector_id == 1][-1] is expected
        play.skip()


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ((charge,), S.AVAILABLE),
        ((fault,), S.AVAILABLE),
        ((charge, stop), S.AVAILABLE),
        ((lambda play: fault(play, 0),), S.FAULTED),
    ],
)
def test_charge_point_has_a_status_of_its_own(story: tuple[Story, ...], expected: ChargePointStatus) -> None:
    """§7.7: connector 0 is Available, Unavailable or Faulted, whatever the connectors do."""
    with Playbook(STATION) as play:
        play.boot()
        for chapter in story:
            chapter(play)

        shown = [entry.item for entry in play.entries if isinstance(entry.item, StatusChanged)]
        assert [change.status for change in shown if change.connector_id == 0][-1] is expected
        play.skip()


def test_unplugging_at_the_vehicle_is_told_with_suspended_ev() -> None:
    """§4.9: info "EV side disconnected" where the transaction goes on."""
    with Playbook(KEEP_RUNNING) as play:
        play.boot()
        play.begin_transaction()

        play.unplug_vehicle(1)
        play.expect_status(1, S.SUSPENDED_EV, info="EV side disconnected")
        play.plug_in(1)
        play.expect_status(1, S.CHARGING, info=None)


def test_unplugging_at_the_vehicle_is_told_with_finishing() -> None:
    """§4.9: info "EV side disconnected" where it ended the transaction; not where something else did."""
    with Playbook(SOCKET) as play:
        play.ignore(MeterValues)
        play.boot()
        play.begin_transaction()
        play.unplug_vehicle(1)
        finishing = [entry.item for entry in play.entries if getattr(entry.item, "status", None) is S.FINISHING]

        assert getattr(finishing[-1], "info", None) == "EV side disconnected"
        play.skip()


def test_vehicle_that_pauses_is_told_without_info() -> None:
    with Playbook(evolve(KEEP_RUNNING)) as play:
        play.boot()
        play.begin_transaction()
        pause(play)

        play.expect_status(1, S.SUSPENDED_EV, info=None)
