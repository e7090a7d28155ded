from __future__ import annotations

from attrs import evolve

from ocpp16cp.events import Event, FaultRaised
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.transactions.messages import (
    StartTransaction,
)
from ocpp16cp.outcome import CardRefusal, CardRefused, StartAbandoned
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import Late
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus
from tests.features.stations import SINGLE, SOCKET, STATION, configured

S = ChargePointStatus


TWO_READERS = evolve(STATION, readers=((1,), (2,)))


def fault(connector_id: int) -> Event:
    """A connector that cannot charge."""
    return FaultRaised(connector_id=connector_id, error_code=ChargePointErrorCode.GROUND_FAILURE)


def test_card_takes_the_connector_that_is_plugged() -> None:
    """The plugged connector comes before a free one, whatever their numbers."""
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(2)


def test_card_takes_the_lowest_of_two_plugged_connectors() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.plug_in(2)
        play.plug_in(1)
        play.present_card("TAG")

        play.expect_status(2, S.PREPARING)
        play.expect_status(1, S.PREPARING)
        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction, connector_id=1)
        play.expect_status(1, S.CHARGING)


def test_card_before_the_cable_waits_at_the_lowest_free_connector() -> None:
    """Identification first: Preparing at the lowest one that can be used."""
    with Playbook(STATION) as play:
        play.boot()
        play.happens(fault(1))
        play.expect_status(1, S.FAULTED, ChargePointErrorCode.GROUND_FAILURE)
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(2, S.PREPARING)


def test_cable_plugged_elsewhere_takes_the_card_along() -> None:
    """A cable plugged into another connector of the reader moves the authorization there; the former goes back."""
    with Playbook(STATION) as play:
        play.boot()
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.plug_in(2)

        play.expect(StartTransaction, connector_id=2, id_tag="TAG")
        play.expect_status(1, S.AVAILABLE)
        play.expect_status(2, S.CHARGING)


def test_cable_plugged_at_the_connector_itself_starts_there() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.plug_in(1)

        play.expect(StartTransaction, connector_id=1)
        play.expect_status(1, S.CHARGING)


def test_card_does_not_move_to_a_connector_that_is_faulted() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.happens(fault(2))
        play.present_card("TAG")
        play.plug_in(2)
        play.skip()
        play.advance(10)

        play.expect_nothing()


def test_card_means_the_connectors_of_its_reader_only() -> None:
    """Each reader serves its own connectors."""
    with Playbook(TWO_READERS) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG", reader=1)

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(2, S.PREPARING)


def test_card_at_the_reader_of_another_connector_does_not_stop() -> None:
    with Playbook(configured(TWO_READERS, LocalPreAuthorize=False)) as play:
        play.boot()
        play.begin_transaction(1)
        play.present_card("TAG", reader=1)

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(2, S.PREPARING)


def test_card_is_refused_without_asking_when_nothing_is_free() -> None:
    """A foreign card at a station whose only connector charges: no Authorize, no stop."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.present_card("FOREIGN")

        play.expect(CardRefused("FOREIGN", CardRefusal.NO_CONNECTOR))


def test_card_is_refused_at_a_faulted_station() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.happens(fault(1))
        play.expect_status(1, S.FAULTED, ChargePointErrorCode.GROUND_FAILURE)
        play.present_card("TAG")

        play.expect(CardRefused("TAG", CardRefusal.NO_CONNECTOR))


def test_card_with_only_a_cable_plugged_waits_for_the_vehicle() -> None:
    """A detachable cable that hangs in the socket already: the card is accepted, the vehicle may follow."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.unplug_vehicle(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.plug_in(1)

        play.expect(StartTransaction, connector_id=1, id_tag="TAG")
        play.expect_status(1, S.CHARGING)


def test_connector_that_faults_while_the_card_is_checked_is_not_used() -> None:
    """What was free when the card came may be gone when the answer comes."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(5))
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.happens(fault(1))
        play.advance(5)

        play.expect_status(1, S.FAULTED, ChargePointErrorCode.GROUND_FAILURE)
        play.expect(CardRefused("TAG", CardRefusal.NO_CONNECTOR))


def test_cable_pulled_while_the_card_is_checked_makes_it_card_first() -> None:
    """Authorize is answered after the cable is gone: the card waits for it until ConnectionTimeOut."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(5))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.unplug(1)
        play.advance(5)
        play.expect_status(1, S.PREPARING)
        play.advance(60)

        play.expect_status(1, S.AVAILABLE)
        play.expect(StartAbandoned(1, "TAG", "no cable was plugged in in time"))
