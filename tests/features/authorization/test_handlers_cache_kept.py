"""The authorization cache: what survives a restart, and what leaves it when it is full (§3.5.1)."""

from __future__ import annotations

import pytest
from attrs import evolve

from ocpp16cp.events import CardPresented, StartCause
from ocpp16cp.features.authorization.messages import (
    Authorize,
    AuthorizeConf,
)
from ocpp16cp.features.transactions.messages import (
    RemoteStartTransaction,
)
from ocpp16cp.outcome import CardAccepted, CardRefusal, CardRefused
from ocpp16cp.station import Station
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, IdTagInfo
from tests.features.authorization.cards import cached, info, learn
from tests.features.stations import SINGLE, configured

S = ChargePointStatus
A = AuthorizationStatus


def limited(limit: int) -> Station:
    """A station whose cache holds few cards."""
    return evolve(SINGLE, settings=evolve(SINGLE.settings, cache_limit=limit))


def session(play: Playbook) -> None:
    """A whole transaction of TAG at connector 1, begun by the central system and ended by the card."""
    play.plug_in(1)
    play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
    play.present_card("TAG")
    play.unplug(1)
    play.skip()


@pytest.mark.parametrize("cause", list(StartCause))
def test_cache_survives_every_kind_of_restart(cause: StartCause) -> None:
    """Errata 3.4."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play, parent="P"))
        learn(play, info(play, A.BLOCKED), "BAD")
        before = cached(play)
        play.power_cut(cause=cause, off_s=100)
        play.skip()
        play.present_card("TAG")

        play.expect_status(1, S.PREPARING)
        assert cached(play) == before == {"TAG": "Accepted", "BAD": "Blocked"}


def test_card_known_before_a_power_cut_may_start_offline() -> None:
    with Playbook(configured(SINGLE, AllowOfflineTxForUnknownId=False)) as play:
        play.boot()
        learn(play, info(play))
        play.drop_link()
        play.power_cut()
        play.present_card("TAG")
        play.expect(CardAccepted("TAG", 1))
        play.present_card("TAG")
        play.present_card("OTHER")

        play.expect(CardRefused("OTHER", CardRefusal.OFFLINE))


def test_expiry_survives_a_power_cut() -> None:
    """Stored as a date, not as a time to go."""
    with Playbook(SINGLE, has_clock=True) as play:
        play.boot()
        learn(play, info(play, expires_in_s=100))
        play.drop_link()
        play.power_cut(off_s=101)
        play.present_card("TAG")

        play.expect(CardRefused("TAG", CardRefusal.NOT_ACCEPTED, A.EXPIRED))


def test_expired_card_does_not_come_back_to_life_with_a_power_cut() -> None:
    """A station whose clock does not survive: time never runs backwards behind what it has seen."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play, expires_in_s=100))
        play.advance(101)
        learn(play, info(play, A.BLOCKED), "OTHER")
        play.drop_link()
        play.power_cut()
        play.present_card("TAG")

        play.expect(CardRefused("TAG", CardRefusal.NOT_ACCEPTED, A.EXPIRED))


# The bound.


def test_card_heard_of_longest_ago_leaves_a_full_cache() -> None:
    with Playbook(limited(3)) as play:
        play.boot()
        for id_tag in ("A", "B", "C", "D", "E"):
            learn(play, info(play), id_tag)

        assert set(cached(play)) == {"C", "D", "E"}


def test_hearing_of_a_card_again_makes_it_young() -> None:
    """Also by the answer to its start."""
    with Playbook(limited(3)) as play:
        play.boot()
        for id_tag in ("TAG", "B", "C"):
            learn(play, info(play), id_tag)
        session(play)
        learn(play, info(play), "D")

        assert set(cached(play)) == {"TAG", "C", "D"}


@pytest.mark.parametrize("bad", [{"status": A.BLOCKED}, {"expires_in_s": -1}])
def test_card_that_is_not_valid_leaves_first(bad: dict[str, object]) -> None:
    """However lately it was heard of; expired by its date counts as not valid."""
    with Playbook(limited(3)) as play:
        play.boot()
        learn(play, info(play), "A")
        learn(play, info(play, **bad), "BAD")  # type: ignore[arg-type]  # keywords by name
        for id_tag in ("C", "D"):
            learn(play, info(play), id_tag)

        assert set(cached(play)) == {"A", "C", "D"}


def test_card_that_is_known_does_not_displace_another() -> None:
    with Playbook(limited(2)) as play:
        play.boot()
        learn(play, info(play), "A")
        learn(play, info(play, A.BLOCKED), "B")
        learn(play, info(play), "b")

        assert set(cached(play)) == {"A", "b"}


def test_lower_limit_counts_from_the_next_card() -> None:
    """An update of the station's settings: the cache shrinks to what it may hold."""
    with Playbook(limited(5)) as play:
        play.boot()
        for id_tag in "ABCDE":
            learn(play, info(play), id_tag)
        play.station = limited(2)
        play.power_cut()
        learn(play, info(play), "F")

        assert set(cached(play)) == {"E", "F"}


def test_many_cards_are_a_bounded_cache() -> None:
    """Whatever a central system says of however many cards."""
    with Playbook(limited(20)) as play:
        play.boot()
        play.central_system.answer(Authorize, AuthorizeConf(id_tag_info=IdTagInfo(status=A.INVALID)))
        for number in range(60):
            play.happens(CardPresented(f"TAG{number}"))
        play.skip()

        assert list(cached(play)) == [f"TAG{number}" for number in range(40, 60)]


def test_cache_may_hold_nothing() -> None:
    """A limit of 0 cards is a cache that is always empty."""
    with Playbook(limited(0)) as play:
        play.boot()
        learn(play, info(play))

        assert cached(play) == {}
