from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve

from ocpp16cp.events import FaultCleared, FaultRaised, SocketState, StopPressed
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.connectors.messages import (
    AvailabilityStatus,
    AvailabilityType,
    ChangeAvailability,
    ChangeAvailabilityConf,
)
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    StartTransaction,
    StopTransaction,
)
from ocpp16cp.outcome import Awaited, Awaits, CardRefusal, CardRefused, StatusChanged
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import Late
from ocpp16cp.testing.stage import Network
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus, Reason
from tests.features.stations import SINGLE, SOCKET, STATION, configured

S = ChargePointStatus
INOPERATIVE, OPERATIVE = AvailabilityType.INOPERATIVE, AvailabilityType.OPERATIVE
ACCEPTED, SCHEDULED = AvailabilityStatus.ACCEPTED, AvailabilityStatus.SCHEDULED
GROUND = ChargePointErrorCode.GROUND_FAILURE

Story = Callable[[Playbook], object]


def change(play: Playbook, connector_id: int, to: AvailabilityType) -> AvailabilityStatus:
    """Ask for a change; what is answered."""
    return play.send(ChangeAvailability(connector_id=connector_id, type=to), ChangeAvailabilityConf).status


def remote_start(play: Playbook, connector_id: int | None) -> RemoteStartStopStatus:
    """Ask for a start; what is answered."""
    request = RemoteStartTransaction(id_tag="REMOTE", connector_id=connector_id)
    return play.send(request, RemoteStartTransactionConf).status


def charge(play: Playbook) -> None:
    """A transaction on connector 1."""
    play.plug_in(1)
    play.present_card("TAG")


def fault(play: Playbook) -> None:
    """Connector 1 breaks."""
    play.happens(FaultRaised(connector_id=1, error_code=GROUND))


def out_of_service(play: Playbook) -> None:
    """Connector 1 is inoperative already."""
    change(play, 1, INOPERATIVE)


def status_of(play: Playbook, connector_id: int) -> ChargePointStatus:
    """What a connector is doing now."""
    shown = [entry.item for entry in play.entries if isinstance(entry.item, StatusChanged)]
    return [each.status for each in shown if each.connector_id == connector_id][-1]


ANSWERS: dict[str, tuple[tuple[Story, ...], AvailabilityStatus, ChargePointStatus]] = {
    "Available": ((), ACCEPTED, S.UNAVAILABLE),
    "Unavailable": ((out_of_service,), ACCEPTED, S.UNAVAILABLE),
    "Unavailable and plugged": ((out_of_service, lambda play: play.plug_in(1)), ACCEPTED, S.UNAVAILABLE),
    "Charging": ((charge,), SCHEDULED, S.CHARGING),
    "Preparing, plugged": ((lambda play: play.plug_in(1),), SCHEDULED, S.PREPARING),
    "Preparing, card": ((lambda play: play.present_card("TAG"),), SCHEDULED, S.PREPARING),
    "Finishing": ((charge, lambda play: play.happens(StopPressed(1))), SCHEDULED, S.FINISHING),
    "Finishing, no card in time": (
        (lambda play: play.plug_in(1), lambda play: play.advance(60)),
        SCHEDULED,
        S.FINISHING,
    ),
    "Faulted": ((fault,), ACCEPTED, S.FAULTED),
    "Faulted, plugged": ((lambda play: play.plug_in(1), fault), ACCEPTED, S.FAULTED),
    "Faulted, with a transaction": ((charge, fault), SCHEDULED, S.FAULTED),
}
"""What is answered in each state, and the status afterwards."""


@pytest.mark.parametrize("state", ANSWERS)
def test_answer_follows_from_the_state(state: str) -> None:
    """§5.2: done at once where nobody has begun anything, else Scheduled; asked again, the answer is the same."""
    story, answer, status = ANSWERS[state]
    with Playbook(SINGLE) as play:
        play.boot()
        for chapter in story:
            chapter(play)

        assert change(play, 1, INOPERATIVE) is answer
        assert status_of(play, 1) is status
        assert change(play, 1, INOPERATIVE) is answer
        play.skip()


@pytest.mark.parametrize("state", ANSWERS)
def test_operative_is_accepted_in_every_state(state: str) -> None:
    """§5.2: also where it is so already; it takes back what was asked for before."""
    with Playbook(SINGLE) as play:
        play.boot()
        for chapter in ANSWERS[state][0]:
            chapter(play)
        change(play, 1, INOPERATIVE)

        assert change(play, 1, OPERATIVE) is ACCEPTED
        assert change(play, 1, OPERATIVE) is ACCEPTED
        assert status_of(play, 1) is not S.UNAVAILABLE
        play.skip()


@pytest.mark.parametrize("connector_id", [2, 1_000, -1])
@pytest.mark.parametrize("to", AvailabilityType)
def test_connector_that_does_not_exist_is_rejected(connector_id: int, to: AvailabilityType) -> None:
    with Playbook(SINGLE) as play:
        play.boot()

        assert change(play, connector_id, to) is AvailabilityStatus.REJECTED


def test_one_status_is_told_for_each_change() -> None:
    """§5.2: Unavailable, then Available; nothing where nothing changes."""
    with Playbook(STATION) as play:
        play.boot()

        change(play, 2, OPERATIVE)
        play.expect_nothing()
        change(play, 2, INOPERATIVE)
        play.expect_status(2, S.UNAVAILABLE)
        change(play, 2, INOPERATIVE)
        play.expect_nothing()
        change(play, 2, OPERATIVE)
        play.expect_status(2, S.AVAILABLE)


def test_charge_point_is_told_with_all_its_connectors() -> None:
    """§5.2: connector 0 stands for all."""
    with Playbook(STATION) as play:
        play.boot()

        assert change(play, 0, INOPERATIVE) is ACCEPTED
        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, S.UNAVAILABLE)
        assert change(play, 0, OPERATIVE) is ACCEPTED
        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, S.AVAILABLE)


def test_charge_point_with_one_connector_busy() -> None:
    """§5.2: idle connectors and the charge point change at once, the busy one when its user has gone (F8)."""
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1)

        assert change(play, 0, INOPERATIVE) is SCHEDULED
        play.expect_status(0, S.UNAVAILABLE)
        play.expect_status(2, S.UNAVAILABLE)
        play.happens(StopPressed(1))
        play.expect(StopTransaction)
        play.expect_status(1, S.FINISHING)
        assert change(play, 0, INOPERATIVE) is SCHEDULED
        play.unplug(1)
        play.expect_status(1, S.UNAVAILABLE)
        assert change(play, 0, INOPERATIVE) is ACCEPTED


def test_connector_alone_does_not_come_back_while_the_charge_point_is_inoperative() -> None:
    """Its flag is set, it stays Unavailable; the charge point's flag takes all others along when it is set again."""
    with Playbook(STATION) as play:
        play.boot()
        change(play, 0, INOPERATIVE)
        play.skip()

        assert change(play, 1, OPERATIVE) is ACCEPTED
        play.expect_nothing()
        assert remote_start(play, 1) is RemoteStartStopStatus.REJECTED
        assert change(play, 0, OPERATIVE) is ACCEPTED
        for connector_id in (0, 1, 2):
            play.expect_status(connector_id, S.AVAILABLE)


def test_charge_point_operative_brings_back_each_connector() -> None:
    """Also those that were taken out of service one by one."""
    with Playbook(STATION) as play:
        play.boot()
        change(play, 1, INOPERATIVE)
        change(play, 2, INOPERATIVE)
        play.skip()

        change(play, 0, OPERATIVE)
        play.expect_status(1, S.AVAILABLE)
        play.expect_status(2, S.AVAILABLE)


def test_transaction_that_ends_without_a_cable_leads_to_unavailable() -> None:
    """C8: nothing is left to do for anybody."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        change(play, 1, INOPERATIVE)
        play.unplug(1)

        play.expect(StopTransaction, reason=Reason.EV_DISCONNECTED)
        play.expect_status(1, S.UNAVAILABLE)


def test_scheduled_change_is_taken_back() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        assert change(play, 1, INOPERATIVE) is SCHEDULED
        assert change(play, 1, OPERATIVE) is ACCEPTED
        play.unplug(1)

        play.expect(StopTransaction)
        play.expect_status(1, S.AVAILABLE)


def test_fault_clears_to_unavailable() -> None:
    """I8."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        fault(play)
        play.expect_status(1, S.FAULTED, GROUND)
        change(play, 1, INOPERATIVE)
        play.expect_nothing()
        play.happens(FaultCleared(connector_id=1, error_code=GROUND))

        play.expect_status(1, S.UNAVAILABLE)


def test_fault_on_preparing_makes_a_scheduled_change_take_effect() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        change(play, 1, INOPERATIVE)
        fault(play)
        play.happens(FaultCleared(connector_id=1, error_code=GROUND))
        play.skip()

        assert status_of(play, 1) is S.UNAVAILABLE


def test_unavailable_connector_stays_so_whatever_is_plugged() -> None:
    """§5.2; set available again it is Preparing (H2), and ConnectionTimeOut begins."""
    with Playbook(configured(SINGLE, ConnectionTimeOut=60)) as play:
        play.boot()
        change(play, 1, INOPERATIVE)
        play.expect_status(1, S.UNAVAILABLE)
        play.plug_in(1)
        play.advance(100)
        play.unplug(1)
        play.plug_in(1)
        play.advance(10)
        play.expect_nothing()

        change(play, 1, OPERATIVE)
        play.expect_status(1, S.PREPARING)
        play.advance(59.9)
        play.expect_nothing()
        play.advance(0.1)
        play.expect_status(1, S.FINISHING)


@pytest.mark.parametrize("is_plugged", [True, False])
def test_nobody_begins_at_an_unavailable_connector(is_plugged: bool) -> None:
    """§5.2: neither a card, which is not even asked about, nor a remote start."""
    with Playbook(SINGLE) as play:
        play.boot()
        change(play, 1, INOPERATIVE)
        play.expect_status(1, S.UNAVAILABLE)
        if is_plugged:
            play.plug_in(1)

        play.present_card("TAG")
        assert play.expect(CardRefused).refusal is CardRefusal.NO_CONNECTOR
        assert remote_start(play, 1) is RemoteStartStopStatus.REJECTED
        assert remote_start(play, None) is RemoteStartStopStatus.REJECTED
        play.advance(100)


def test_card_takes_the_connector_that_is_left() -> None:
    with Playbook(STATION) as play:
        play.boot()
        change(play, 1, INOPERATIVE)
        play.expect_status(1, S.UNAVAILABLE)

        play.present_card("TAG")
        play.expect(Authorize)
        play.expect_status(2, S.PREPARING)
        play.plug_in(1)
        play.expect_nothing()
        play.plug_in(2)
        play.expect(StartTransaction, connector_id=2)
        play.expect_status(2, S.CHARGING)


def test_new_card_is_refused_while_a_change_is_scheduled() -> None:
    """Preparing, plugged: nobody begins any more; ConnectionTimeOut leads to Finishing, unplugging to Unavailable."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        assert change(play, 1, INOPERATIVE) is SCHEDULED
        play.expect(Awaits(1, Awaited.CARD))
        play.expect(Awaits(1, Awaited.UNPLUGGING))

        play.present_card("TAG")
        assert play.expect(CardRefused).refusal is CardRefusal.NO_CONNECTOR
        assert remote_start(play, 1) is RemoteStartStopStatus.REJECTED
        play.advance(60)
        play.expect_status(1, S.FINISHING)
        assert remote_start(play, 1) is RemoteStartStopStatus.REJECTED
        play.unplug(1)
        play.expect_status(1, S.UNAVAILABLE)


def test_unplugging_while_a_change_is_scheduled() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        change(play, 1, INOPERATIVE)
        play.unplug(1)

        play.expect_status(1, S.UNAVAILABLE)


def test_accepted_card_may_still_begin() -> None:
    """Preparing: the attempt may complete."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.present_card("TAG")
        play.expect(Authorize)
        play.expect_status(1, S.PREPARING)
        assert change(play, 1, INOPERATIVE) is SCHEDULED

        play.plug_in(1)
        play.expect(StartTransaction)
        play.expect_status(1, S.CHARGING)


def test_accepted_card_without_a_cable_leads_to_unavailable() -> None:
    """At ConnectionTimeOut, directly."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.present_card("TAG")
        play.expect(Authorize)
        play.expect_status(1, S.PREPARING)
        change(play, 1, INOPERATIVE)
        play.advance(60)

        play.expect_status(1, S.UNAVAILABLE)


def test_card_being_asked_about_may_still_begin() -> None:
    """Preparing: also an authorization that is under way may complete."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(5))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize)
        assert change(play, 1, INOPERATIVE) is SCHEDULED
        play.advance(5)

        play.expect(StartTransaction)
        play.expect_status(1, S.CHARGING)


def test_card_being_asked_about_does_not_begin_where_the_change_took_effect() -> None:
    """Without a cable the connector was Available, so it is Unavailable at once."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(5))
        play.present_card("TAG")
        play.expect(Authorize)
        assert change(play, 1, INOPERATIVE) is ACCEPTED
        play.advance(5)

        play.expect_status(1, S.UNAVAILABLE)
        assert play.expect(CardRefused).refusal is CardRefusal.NO_CONNECTOR


def test_cable_at_an_inoperative_connector_does_not_take_a_card_along() -> None:
    """Nor does a card that is asked about for another connector begin there."""
    with Playbook(STATION) as play:
        play.boot()
        play.plug_in(2)
        play.expect_status(2, S.PREPARING)
        change(play, 2, INOPERATIVE)

        play.present_card("TAG")
        play.expect(Authorize)
        play.expect_status(1, S.PREPARING)
        play.advance(60)
        play.expect_status(1, S.AVAILABLE)
        play.expect_status(2, S.FINISHING)


def test_stopping_works_as_ever() -> None:
    """What runs is stopped by its card, and only a new start is refused."""
    with Playbook(SOCKET) as play:
        play.ignore(MeterValues)
        play.boot()
        play.begin_transaction()
        change(play, 1, INOPERATIVE)
        play.present_card("TAG")
        play.expect(StopTransaction, reason=Reason.LOCAL)
        play.expect_status(1, S.FINISHING)
        play.unplug_vehicle(1)
        play.present_card("TAG")
        play.expect_nothing()
        play.unplug(1)

        play.expect_status(1, S.UNAVAILABLE)


@pytest.mark.parametrize("is_plugged", [True, False])
def test_availability_survives_a_power_cut(is_plugged: bool) -> None:
    """§5.2: Unavailable persists; a cable that was plugged in meanwhile changes nothing."""
    with Playbook(STATION) as play:
        play.boot()
        change(play, 1, INOPERATIVE)
        if is_plugged:
            play.plug_in(1)
        play.skip()

        play.power_cut(off_s=10)
        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.UNAVAILABLE)
        play.expect_status(2, S.AVAILABLE)


def test_scheduled_change_takes_effect_with_a_power_cut() -> None:
    """Preparing does not survive it; a cable left behind by a transaction does, and still has to be taken away."""
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1)
        play.plug_in(2)
        change(play, 0, INOPERATIVE)
        play.skip()

        play.power_cut(off_s=10)
        play.expect(BootNotification)
        play.expect_status(0, S.UNAVAILABLE)
        play.expect_status(1, S.FINISHING)
        play.expect_status(2, S.UNAVAILABLE)
        play.expect(StopTransaction, reason=Reason.POWER_LOSS)
        play.unplug(1)
        play.expect_status(1, S.UNAVAILABLE)


def test_resumed_transaction_keeps_the_change_scheduled() -> None:
    resuming = evolve(SINGLE, settings=evolve(SINGLE.settings, resumes_transactions=True))
    with Playbook(resuming) as play:
        play.boot()
        play.begin_transaction()
        change(play, 1, INOPERATIVE)
        play.power_cut(off_s=10)
        play.skip()
        assert status_of(play, 1) is S.CHARGING
        assert change(play, 1, INOPERATIVE) is SCHEDULED
        play.unplug(1)

        play.expect(StopTransaction)
        play.expect_status(1, S.UNAVAILABLE)


def test_change_takes_effect_when_the_vehicle_of_a_transaction_to_resume_has_left_in_the_dark() -> None:
    """Also while the meter, which the end of the transaction needs, has not been read: world 93 found it Available."""
    resuming = evolve(STATION, settings=evolve(STATION.settings, resumes_transactions=True))
    with Playbook(resuming) as play:
        play.boot()
        play.begin_transaction(1)
        assert change(play, 1, INOPERATIVE) is SCHEDULED
        play.skip()
        play.hardware.sockets[1] = SocketState.EMPTY
        del play.hardware.readings[1]

        play.power_cut()

        play.ignore(BootNotification, StopTransaction)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.UNAVAILABLE)
        play.expect_status(2, S.AVAILABLE)
        play.expect_nothing()


def test_station_that_no_central_system_has_accepted_is_taken_out_of_service_too() -> None:
    """It is Unavailable anyway; accepted, what is not to be used stays so."""
    with Playbook(STATION) as play:
        play.network = Network.DOWN
        play.start()
        play.plug_in(1)
        play.central_system.answer(BootNotification, Late(5))
        play.restore_link()
        play.expect(BootNotification)
        assert change(play, 1, INOPERATIVE) is ACCEPTED
        play.advance(5)

        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.UNAVAILABLE)
        play.expect_status(2, S.AVAILABLE)
