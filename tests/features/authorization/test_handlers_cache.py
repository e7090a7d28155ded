"""The authorization cache: what enters it, its key, and ClearCache (§3.5.1, §5.4)."""

from __future__ import annotations

import pytest

from ocpp16cp.features.authorization.messages import (
    Authorize,
    ClearCache,
    ClearCacheConf,
    ClearCacheStatus,
)
from ocpp16cp.features.configuration.messages import ChangeConfiguration
from ocpp16cp.features.transactions.messages import (
    RemoteStartTransaction,
    StartTransaction,
    StartTransactionConf,
    StopTransaction,
    StopTransactionConf,
)
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import USUAL
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, Reason
from tests.features.authorization.cards import cached, info, learn
from tests.features.stations import SINGLE, configured

S = ChargePointStatus
A = AuthorizationStatus
CLEARED = ClearCacheConf(status=ClearCacheStatus.ACCEPTED)


def session(play: Playbook) -> None:
    """A whole transaction of TAG at connector 1, begun by the central system and ended by the card."""
    play.plug_in(1)
    play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
    play.present_card("TAG")
    play.unplug(1)
    play.skip()


@pytest.mark.parametrize("status", list(A))
def test_answer_to_authorize_enters_the_cache(status: AuthorizationStatus) -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play, status))

        assert cached(play) == {"TAG": status.value}


@pytest.mark.parametrize("status", list(A))
def test_answer_to_a_start_enters_the_cache(status: AuthorizationStatus) -> None:
    """§3.5.1: also where nobody asked about the card."""
    with Playbook(configured(SINGLE, AuthorizeRemoteTxRequests=False)) as play:
        play.boot()
        play.central_system.answer(
            StartTransaction, StartTransactionConf(id_tag_info=info(play, status), transaction_id=1)
        )
        session(play)

        assert cached(play) == {"TAG": status.value}


@pytest.mark.parametrize("status", list(A))
def test_answer_to_a_stop_enters_the_cache(status: AuthorizationStatus) -> None:
    """§3.5.1: it has the last word."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(StopTransaction, StopTransactionConf(id_tag_info=info(play, status)))
        session(play)

        assert cached(play) == {"TAG": status.value}


def test_answer_to_a_stop_is_that_of_the_card_that_stopped() -> None:
    """The card is the one in the request: the second of a group, not the one that began."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.cards = {"TAG": info(play, parent="P"), "SECOND": info(play, parent="P")}
        play.begin_transaction()
        play.central_system.answer(StopTransaction, StopTransactionConf(id_tag_info=info(play, A.BLOCKED)))
        play.present_card("SECOND")
        play.skip()

        assert cached(play) == {"TAG": "Accepted", "SECOND": "Blocked"}


def test_answer_to_a_stop_that_names_no_card_is_ignored() -> None:
    """After a power cut nobody is named: the info is of nobody."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.central_system.answer(StopTransaction, StopTransactionConf(id_tag_info=info(play, A.BLOCKED)))
        play.power_cut()
        play.skip()

        assert play.central_system.seen_of(StopTransaction)[0].id_tag is None
        assert cached(play) == {"TAG": "Accepted"}


def test_answer_to_a_stop_without_info_changes_nothing() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(StopTransaction, StopTransactionConf())
        session(play)

        assert cached(play) == {"TAG": "Accepted"}


def stops_offline(play: Playbook) -> bool:
    """Whether TAG, of which only the cache can tell the parent, stops a transaction of its group."""
    play.central_system.cards = {"FIRST": info(play, parent="P")}
    before = len(play.central_system.seen_of(StopTransaction))
    play.begin_transaction(1, "FIRST")
    play.drop_link()
    play.present_card("TAG")
    play.restore_link()
    play.skip()
    return len(play.central_system.seen_of(StopTransaction)) > before


@pytest.mark.parametrize(("told_at_stop", "stops"), [("P", True), ("p", True), (None, True), ("OTHER", False)])
def test_parent_told_with_a_stop_replaces_the_known_one_and_its_absence_does_not(
    told_at_stop: str | None, stops: bool
) -> None:
    """Many central systems send a bare status there."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.cards = {"TAG": info(play, parent="P")}
        conf = StopTransactionConf(id_tag_info=info(play, parent=told_at_stop))
        play.central_system.answer(StopTransaction, conf, {})
        session(play)

        assert stops_offline(play) is stops


@pytest.mark.parametrize(("told_at_start", "stops"), [("P", True), (None, False), ("OTHER", False)])
def test_start_replaces_an_entry_whole(told_at_start: str | None, stops: bool) -> None:
    """Parent and date included: what it does not tell is not known any more."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.cards = {"TAG": info(play, parent="P")}
        conf = StartTransactionConf(id_tag_info=info(play, parent=told_at_start), transaction_id=1)
        play.central_system.answer(StartTransaction, conf, USUAL)
        play.central_system.answer(StopTransaction, {})
        session(play)

        assert stops_offline(play) is stops


def test_later_answer_without_a_date_takes_the_date_away() -> None:
    """§7.27: no date means no limit."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play, expires_in_s=10))
        play.central_system.cards["TAG"] = info(play)
        session(play)
        play.advance(20)
        play.present_card("TAG")

        play.expect_status(1, S.PREPARING)


def test_card_refused_at_its_start_is_asked_about_the_next_time() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        refused = StartTransactionConf(id_tag_info=info(play, A.INVALID), transaction_id=1)
        play.central_system.answer(StartTransaction, refused, USUAL)
        play.begin_transaction()
        play.expect(StopTransaction, reason=Reason.DE_AUTHORIZED)
        play.unplug(1)
        play.skip()
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)


def test_start_answered_after_the_end_still_updates_the_cache() -> None:
    """Errata 3.17: nothing but the cache is touched then."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play))
        play.drop_link()
        play.plug_in(1)
        play.present_card("TAG")
        play.advance(5)
        play.present_card("TAG")
        play.central_system.cards["TAG"] = info(play, A.BLOCKED)
        play.restore_link()
        play.skip()

        assert [each.reason for each in play.central_system.seen_of(StopTransaction)] == [Reason.LOCAL]
        assert cached(play) == {"TAG": "Blocked"}


# The key.


def test_cache_that_is_switched_off_is_neither_read_nor_written() -> None:
    """§9.1.2."""
    with Playbook(configured(SINGLE, AuthorizationCacheEnabled=False)) as play:
        play.boot()
        learn(play, info(play))
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        assert cached(play) == {}


def test_cache_that_is_switched_off_is_kept_for_later() -> None:
    """Off it is as if it were empty; on again it knows what it knew."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play))
        play.send(ChangeConfiguration(key="AuthorizationCacheEnabled", value="false"))
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect_status(1, S.AVAILABLE)
        play.send(ChangeConfiguration(key="AuthorizationCacheEnabled", value="true"))
        play.present_card("TAG")

        play.expect_status(1, S.PREPARING)


def test_cache_switched_off_does_not_touch_a_transaction() -> None:
    """Its card and its group go on to count."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.cards = {"TAG": info(play, parent="P"), "SECOND": info(play, parent="P")}
        play.begin_transaction()
        play.send(ChangeConfiguration(key="AuthorizationCacheEnabled", value="false"))
        play.expect_nothing()
        play.present_card("SECOND")

        play.expect(Authorize(id_tag="SECOND"))
        play.expect(StopTransaction, id_tag="SECOND")
        play.expect_status(1, S.FINISHING)


# ClearCache.


@pytest.mark.parametrize("enabled", [True, False])
def test_clear_cache_forgets_every_card(enabled: bool) -> None:
    """§5.4: also while the cache is switched off."""
    with Playbook(SINGLE) as play:
        play.boot()
        for number in range(3):
            learn(play, info(play), f"TAG{number}")
        play.send(ChangeConfiguration(key="AuthorizationCacheEnabled", value=str(enabled).lower()))

        assert play.send(ClearCache()) == CLEARED
        assert cached(play) == {}
        assert play.send(ClearCache()) == CLEARED


def test_clear_cache_leaves_a_transaction_its_card_and_its_group() -> None:
    """§5.4: what runs goes on with what it knows."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.cards = {"TAG": info(play, parent="P"), "SECOND": info(play, parent="P")}
        play.begin_transaction()
        play.send(ClearCache())
        play.expect_nothing()
        play.present_card("SECOND")

        play.expect(Authorize(id_tag="SECOND"))
        play.expect(StopTransaction, id_tag="SECOND", reason=Reason.LOCAL)
        play.expect_status(1, S.FINISHING)


def test_clear_cache_while_a_card_is_asked_about() -> None:
    """The answer comes later and is kept."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play), "OTHER")
        play.central_system.answer(Authorize, {"idTagInfo": {"status": "Accepted"}})
        play.send(ClearCache())
        play.present_card("TAG")
        play.skip()

        assert cached(play) == {"TAG": "Accepted"}
