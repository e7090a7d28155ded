from __future__ import annotations

from datetime import timedelta

import pytest

from ocpp16cp.features.authorization.messages import Authorize, AuthorizeConf
from ocpp16cp.features.transactions.messages import StartTransaction
from ocpp16cp.outcome import CardAccepted, CardRefusal, CardRefused
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, USUAL, Behaviour, Late, Refusal
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, IdTagInfo
from tests.features.stations import SINGLE, configured

S = ChargePointStatus

STRICT = configured(SINGLE, AllowOfflineTxForUnknownId=False)
"""Nobody may charge whom nobody knows."""


def says(status: AuthorizationStatus) -> AuthorizeConf:
    """An answer to Authorize."""
    return AuthorizeConf(id_tag_info=IdTagInfo(status=status))


def test_accepted_card_may_charge() -> None:
    """§4.1: the central system is asked once, and its yes is enough."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect(CardAccepted("TAG", 1))
        play.expect(StartTransaction, id_tag="TAG")
        play.expect_status(1, S.CHARGING)


@pytest.mark.parametrize("status", [each for each in AuthorizationStatus if each is not AuthorizationStatus.ACCEPTED])
def test_card_that_is_not_accepted_changes_nothing(status: AuthorizationStatus) -> None:
    """§4.1, §7.2: Blocked, Expired, Invalid and ConcurrentTx start nothing; no status changes."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(Authorize, says(status))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect(CardRefused("TAG", CardRefusal.NOT_ACCEPTED, status))


def test_accepted_card_whose_date_has_passed_counts_now() -> None:
    """§7.27: the date is for the cache; who says Accepted means this very moment."""
    info = IdTagInfo(status=AuthorizationStatus.ACCEPTED, expiry_date=BEGINNING - timedelta(days=1))
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(Authorize, AuthorizeConf(id_tag_info=info))
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)


@pytest.mark.parametrize(
    ("behaviour", "after_s"),
    [
        (Refusal(), 0),
        ({"idTagInfo": {}}, 0),
        ({"idTagInfo": {"status": "Welcome"}}, 0),
        ({}, 0),
        (SILENCE, 30),
        (Late(31), 30),
    ],
)
def test_no_usable_answer_authorizes_nobody(behaviour: Behaviour, after_s: float) -> None:
    """OCPP-J §4.1: CALLERROR, an answer that breaks its schema, silence: as if there were no connection."""
    with Playbook(STRICT) as play:
        play.boot()
        play.central_system.answer(Authorize, behaviour)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.advance(after_s)

        play.expect(CardRefused("TAG", CardRefusal.OFFLINE))
        play.advance(10)


def test_nobody_is_asked_offline() -> None:
    """Without a connection, and without anything known locally, a card is refused at once."""
    with Playbook(STRICT) as play:
        play.boot()
        play.drop_link()
        play.present_card("TAG")

        play.expect(CardRefused("TAG", CardRefusal.OFFLINE))


def test_connection_lost_while_asking_refuses_the_card() -> None:
    with Playbook(STRICT) as play:
        play.boot()
        play.central_system.answer(Authorize, SILENCE, USUAL)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.drop_link()
        play.expect(CardRefused("TAG", CardRefusal.OFFLINE))
        play.restore_link()
        play.expect_nothing()

        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)


def test_card_presented_before_a_power_cut_is_forgotten() -> None:
    """Who waits at the reader presents the card again."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(Authorize, SILENCE)
        play.present_card("TAG")
        play.power_cut()
        play.skip()
        play.advance(100)

        play.expect_no(CardRefused)
