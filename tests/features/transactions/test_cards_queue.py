from __future__ import annotations

import pytest

from ocpp16cp.events import CardPresented, Event, FaultRaised
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.configuration.messages import ChangeConfiguration
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    StartTransaction,
)
from ocpp16cp.outcome import CardAccepted, CardRefusal, CardRefused, HardwareMisreport, StartAbandoned
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, USUAL, Late
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus
from tests.features.stations import SINGLE, STATION

S = ChargePointStatus


ACCEPTED = RemoteStartTransactionConf(status=RemoteStartStopStatus.ACCEPTED)


REJECTED = RemoteStartTransactionConf(status=RemoteStartStopStatus.REJECTED)


def fault(connector_id: int) -> Event:
    """A connector that cannot charge."""
    return FaultRaised(connector_id=connector_id, error_code=ChargePointErrorCode.GROUND_FAILURE)


def test_cards_are_dealt_with_one_after_the_other() -> None:
    """One Authorize at a time; each card is decided with the state it then finds."""
    with Playbook(STATION) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(2))
        play.plug_in(1)
        play.plug_in(2)
        play.present_card("FIRST")
        play.present_card("SECOND")
        play.advance(1)
        play.expect_status(1, S.PREPARING)
        play.expect_status(2, S.PREPARING)
        play.expect(Authorize(id_tag="FIRST"))
        play.expect_nothing()
        play.advance(3)

        play.expect(Authorize(id_tag="SECOND"))
        play.expect(StartTransaction, connector_id=1, id_tag="FIRST")
        play.expect_status(1, S.CHARGING)
        play.expect(StartTransaction, connector_id=2, id_tag="SECOND")
        play.expect_status(2, S.CHARGING)


@pytest.mark.parametrize("first", ["card", "remote start"])
@pytest.mark.parametrize("again", ["TAG", "tag"])
def test_card_that_is_being_asked_about_does_not_count_twice(first: str, again: str) -> None:
    """Who presents it once more is impatient: dealt with after the answer it would stop what has just begun."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(3))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        if first == "card":
            play.present_card("TAG")
        else:
            play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        play.advance(2)
        play.present_card(again)
        play.advance(10)

        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction, id_tag="TAG")
        play.expect_status(1, S.CHARGING)
        play.expect_no(CardRefused)


def test_card_that_waits_in_the_queue_does_not_count_twice() -> None:
    """Nor does it take the place of somebody else there."""
    with Playbook(STATION) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(1))
        for _ in range(4):
            play.present_card("FIRST")
            play.present_card("SECOND")
        play.advance(5)

        play.expect(Authorize(id_tag="FIRST"))
        play.expect(Authorize(id_tag="SECOND"))
        play.expect_status(1, S.PREPARING)
        play.expect_status(2, S.PREPARING)
        play.expect_no(CardRefused)


def test_fifth_card_is_refused() -> None:
    """The queue is short: who comes fifth is told so."""
    with Playbook(STATION) as play:
        play.boot()
        play.central_system.answer(Authorize, SILENCE)
        for number in range(1, 6):
            play.present_card(f"TAG{number}")

        play.expect(Authorize(id_tag="TAG1"))
        play.expect(CardRefused("TAG5", CardRefusal.BUSY))


def test_remote_start_is_rejected_when_the_queue_is_full() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.central_system.answer(Authorize, SILENCE)
        for number in range(1, 5):
            play.present_card(f"TAG{number}")
        play.expect(Authorize)

        assert play.send(RemoteStartTransaction(id_tag="TAG5")) == REJECTED


@pytest.mark.parametrize(
    "event",
    [
        CardPresented(""),
        CardPresented("x" * 21),
        CardPresented("\ud800"),
        CardPresented("TAG", reader=1),
        CardPresented("TAG", reader=-1),
    ],
)
def test_card_that_cannot_be_is_told_and_ignored(event: CardPresented) -> None:
    """§7.28: an idTag has 1 to 20 characters; and there is one reader here."""
    with Playbook(STATION) as play:
        play.boot()
        play.happens(event)

        play.expect(HardwareMisreport)


@pytest.mark.parametrize("id_tag", ["x" * 20, "é", "04 A2:F1"])
def test_any_card_up_to_twenty_characters_is_asked_about(id_tag: str) -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.present_card(id_tag)

        play.expect(Authorize(id_tag=id_tag))
        play.expect_status(1, S.PREPARING)


def test_fault_drops_an_accepted_card() -> None:
    """§17: Faulted, the authorization is gone; after the repair the connector is free."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.happens(fault(1))

        play.expect_status(1, S.FAULTED, ChargePointErrorCode.GROUND_FAILURE)
        play.expect(StartAbandoned(1, "TAG", "the connector is faulted"))


def test_card_that_waits_is_forgotten_in_a_power_cut() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.present_card("TAG")
        play.power_cut()
        play.skip()
        play.plug_in(1)

        play.expect_status(1, S.PREPARING)


def test_accepted_card_is_told() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.present_card("TAG")

        play.expect(CardAccepted("TAG", 1))
        play.skip()


def test_key_of_remote_authorization_counts_from_the_next_remote_start() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.ignore(MeterValues)
        play.send(ChangeConfiguration(key="AuthorizeRemoteTxRequests", value="false"))
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))

        play.expect_status(1, S.PREPARING)


def test_remote_start_that_lost_its_connector_meanwhile_is_refused() -> None:
    """Two remote starts for one connector, both accepted to try: the second finds it taken."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(1), USUAL)
        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="ONE")) == ACCEPTED
        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TWO")) == ACCEPTED
        play.advance(1)

        play.expect(Authorize(id_tag="ONE"))
        play.expect_status(1, S.PREPARING)
        play.expect(CardRefused("TWO", CardRefusal.NO_CONNECTOR))
