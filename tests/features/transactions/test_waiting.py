"""What each connector waits for, as a display shows it."""

from __future__ import annotations

import pytest

from ocpp16cp.events import Failed, FaultCleared, FaultRaised, MeterRead, Reading, StopPressed
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import (
    RemoteStartTransaction,
    StartTransaction,
    StartTransactionConf,
    UnlockConnector,
)
from ocpp16cp.outcome import (
    Awaited,
    Awaits,
    CardAccepted,
    CardRefusal,
    CardRefused,
    StartAbandoned,
    TransactionStarted,
    TransactionStopped,
)
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import Late
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointErrorCode, IdTagInfo, Reason
from tests.features.stations import SINGLE, SOCKET, STATION, configured

W = Awaited


def display(play: Playbook, connector_id: int = 1) -> list[Awaited | None]:
    """What was told so far that a connector waits for."""
    told = [entry.item for entry in play.entries if isinstance(entry.item, Awaits)]
    return [each.awaited for each in told if each.connector_id == connector_id]


def test_whole_session_plug_first() -> None:
    """The display from the plug to the unplugging, each thing once."""
    with Playbook(SOCKET) as play:
        play.ignore(MeterValues)
        play.boot()
        play.hardware.lock_delay_s = 1
        play.central_system.answer(Authorize, Late(2))
        play.plug_in(1)
        play.advance(5)
        play.present_card("TAG")
        play.advance(40)
        play.present_card("TAG")
        play.advance(10)
        play.unplug(1)
        play.skip()

        assert display(play) == [W.CARD, W.AUTHORIZATION, W.LOCK, None, W.UNPLUGGING, None]


def test_whole_session_with_all_that_a_display_shows() -> None:
    """Beside what is awaited: who was accepted, what began and ended."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.present_card("TAG")
        play.advance(3)
        play.plug_in(1)
        play.deliver(1, 250)
        play.present_card("TAG")
        play.unplug(1)
        play.skip()

        kinds = (Awaits, CardAccepted, CardRefused, StartAbandoned, TransactionStarted, TransactionStopped)
        assert [entry.item for entry in play.entries if isinstance(entry.item, kinds)] == [
            Awaits(1, W.AUTHORIZATION),
            CardAccepted("TAG", 1),
            Awaits(1, W.CABLE),
            TransactionStarted(1, "TAG", 1000),
            Awaits(1, None),
            TransactionStopped(1, "TAG", Reason.LOCAL, 250),
            Awaits(1, W.UNPLUGGING),
            Awaits(1, None),
        ]


def test_nothing_is_awaited_at_an_idle_station() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.advance(200)

        assert display(play, 1) == display(play, 2) == []


def test_card_that_is_refused_is_awaited_again() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.cards["BAD"] = IdTagInfo(status=AuthorizationStatus.BLOCKED)
        play.plug_in(1)
        play.present_card("BAD")
        play.skip()

        assert display(play) == [W.CARD, W.AUTHORIZATION, W.CARD]


def test_known_card_is_not_asked_about() -> None:
    """No glimpse of a question that there is none."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(StopPressed(1))
        play.unplug(1)
        play.skip()
        before = len(display(play))
        play.begin_transaction(is_known=True)

        assert display(play)[before:] == [W.CARD, None]


def test_card_before_the_cable_waits_for_it() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.present_card("TAG")
        play.advance(60)
        play.skip()

        assert display(play) == [W.AUTHORIZATION, W.CABLE, None]


def test_card_before_the_cable_is_being_asked_about() -> None:
    """Who presents a card first sees that something happens, wherever he may plug in."""
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1, "OTHER")
        play.central_system.answer(Authorize, Late(5))
        before = len(display(play))
        play.present_card("TAG")
        play.advance(5)
        play.skip()

        assert display(play)[before:] == []
        assert display(play, 2) == [W.AUTHORIZATION, None, W.AUTHORIZATION, W.CABLE]


def test_cable_without_a_vehicle_is_no_vehicle() -> None:
    """A card may come, then the vehicle has to."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.unplug_vehicle(1)
        play.present_card("TAG")
        play.plug_in(1)
        play.skip()

        assert [each for each in display(play) if each is not W.AUTHORIZATION] == [W.CARD, W.CABLE, W.LOCK, None]


def test_cable_plugged_elsewhere_moves_what_is_awaited() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.send(RemoteStartTransaction(id_tag="TAG"))
        play.plug_in(2)
        play.skip()

        assert display(play, 1) == [W.AUTHORIZATION, W.CABLE, None]
        assert display(play, 2) == [W.AUTHORIZATION, None]


def test_meter_that_was_not_read_is_awaited() -> None:
    with Playbook(SINGLE) as play:
        del play.hardware.readings[1]
        play.boot()
        play.plug_in(1)
        play.present_card("TAG")
        play.advance(5)
        play.happens(MeterRead(1, Reading(register_wh=4)))
        play.skip()

        assert display(play) == [W.CARD, W.AUTHORIZATION, W.METER, None]


def test_nobody_who_comes_in_time() -> None:
    """B6: the cable has to be taken away."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.advance(60)
        play.unplug(1)
        play.skip()

        assert display(play) == [W.CARD, W.UNPLUGGING, None]


def test_cable_that_is_held_waits_for_its_card() -> None:
    with Playbook(configured(SOCKET, UnlockConnectorOnEVSideDisconnect=False)) as play:
        play.boot()
        play.begin_transaction()
        before = len(display(play))
        play.unplug_vehicle(1)
        play.present_card("TAG")
        play.unplug(1)
        play.skip()

        assert display(play)[before:] == [W.CARD_TO_UNLOCK, W.UNPLUGGING, None]


def test_cable_is_held_after_a_start_that_is_not_accepted() -> None:
    refused = StartTransactionConf(id_tag_info=IdTagInfo(status=AuthorizationStatus.INVALID), transaction_id=1)
    with Playbook(SOCKET) as play:
        play.boot()
        play.central_system.answer(StartTransaction, refused)
        play.plug_in(1)
        play.present_card("TAG")
        play.skip()

        assert display(play)[-1] is W.CARD_TO_UNLOCK


def test_fault_hides_what_is_awaited() -> None:
    """Nothing a user could do helps."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.happens(FaultRaised(connector_id=1, error_code=ChargePointErrorCode.GROUND_FAILURE))
        play.happens(FaultCleared(connector_id=1, error_code=ChargePointErrorCode.GROUND_FAILURE))
        play.skip()

        assert display(play) == [W.CARD, None, W.CARD]


def test_lock_that_fails_ends_the_waiting() -> None:
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_result = Failed()
        play.hardware.lock_delay_s = 1
        play.plug_in(1)
        play.present_card("TAG")
        play.advance(1)

        assert display(play) == [W.CARD, W.AUTHORIZATION, W.LOCK, None]
        play.expect(StartAbandoned(1, "TAG", "the plug could not be locked"))
        play.skip()


def test_plug_that_is_unlocked_on_request_is_locked_again() -> None:
    """§17: the attempt goes on after UnlockConnector; until then it is the lock that is waited for, not the meter."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_delay_s = 1
        play.plug_in(1)
        play.present_card("TAG")
        play.advance(0.5)
        play.post(UnlockConnector(connector_id=1))
        play.advance(5)
        play.skip()

        assert play.hardware.outputs[1]
        assert display(play) == [W.CARD, W.AUTHORIZATION, W.LOCK, None]


def test_station_that_is_not_in_service_waits_for_nobody() -> None:
    """Never accepted: the display does not ask for a card that would be refused."""
    with Playbook(SINGLE) as play:
        play.drop_link()
        play.start()
        play.plug_in(1)
        play.present_card("TAG")

        assert display(play) == []
        play.expect(CardRefused("TAG", CardRefusal.NO_CONNECTOR))


def test_display_is_told_again_after_a_power_cut() -> None:
    """It was dark: what is awaited still is said anew."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(StopPressed(1))
        before = len(display(play))
        play.power_cut()
        play.skip()

        assert display(play)[before:] == [W.UNPLUGGING]


@pytest.mark.parametrize("awaited", list(Awaited))
def test_every_value_is_told_in_some_dialogue(awaited: Awaited) -> None:
    """None of them is a promise that nothing keeps."""
    with Playbook(configured(SOCKET, UnlockConnectorOnEVSideDisconnect=False)) as play:
        del play.hardware.readings[1]
        play.boot()
        play.hardware.lock_delay_s = 1
        play.central_system.answer(Authorize, Late(1))
        play.present_card("TAG")
        play.advance(1)
        play.present_card("TAG")
        play.plug_in(1)
        play.present_card("OTHER")
        play.advance(3)
        play.happens(MeterRead(1, Reading(register_wh=1)))
        play.unplug_vehicle(1)
        play.present_card("OTHER")
        play.advance(1)
        play.skip()

        assert awaited in display(play)
