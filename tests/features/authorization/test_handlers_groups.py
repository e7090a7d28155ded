"""Cards of one group: where the parent of a card is known from (§3.5)."""

from __future__ import annotations

import pytest

from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.transactions.messages import RemoteStartTransaction, StartTransaction, StopTransaction
from ocpp16cp.outcome import CardAccepted, CardRefused
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, IdTagInfo, Reason
from tests.features.authorization.cards import info, learn
from tests.features.stations import SINGLE, STATION, configured

S = ChargePointStatus
A = AuthorizationStatus


def begin(play: Playbook, *, second: IdTagInfo | None = None) -> None:
    """Let TAG of the group P charge at connector 1, after something was heard of SECOND."""
    if second is not None:
        learn(play, second, "SECOND")
    play.central_system.cards = {"TAG": info(play, parent="P"), "SECOND": info(play, parent="P")}
    play.begin_transaction()


def test_parent_known_here_stops_without_asking() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        begin(play, second=info(play, parent="p"))
        play.present_card("SECOND")

        play.expect(StopTransaction, id_tag="SECOND", reason=Reason.LOCAL)
        play.expect_status(1, S.FINISHING)


def test_parent_known_here_does_not_count_without_local_pre_authorization() -> None:
    """Online the central system is asked, which may have another opinion of the group by now."""
    with Playbook(configured(SINGLE, LocalPreAuthorize=False)) as play:
        play.boot()
        begin(play, second=info(play, parent="P"))
        play.central_system.cards["SECOND"] = info(play, parent="OTHER")
        play.present_card("SECOND")

        play.expect(Authorize(id_tag="SECOND"))
        play.expect(CardRefused, id_tag="SECOND")


@pytest.mark.parametrize("known", ["without a parent", "expired", "blocked"])
def test_card_known_without_a_parent_that_counts_is_asked_about(known: str) -> None:
    """A card that can only stop something by its parent: no parent is no answer, and neither is one that expired."""
    with Playbook(SINGLE) as play:
        play.boot()
        said = {
            "without a parent": info(play),
            "expired": info(play, parent="P", expires_in_s=-1),
            "blocked": info(play, A.BLOCKED, parent="P"),
        }
        begin(play, second=said[known])
        play.present_card("SECOND")

        play.expect(Authorize(id_tag="SECOND"))
        play.expect(StopTransaction, id_tag="SECOND")
        play.expect_status(1, S.FINISHING)


def test_card_known_without_a_parent_is_asked_about_where_its_parent_decides() -> None:
    """A connector is free as well: whether the card stops the other one or begins here depends on its parent."""
    with Playbook(STATION) as play:
        play.boot()
        begin(play, second=info(play))
        play.present_card("SECOND")

        play.expect(Authorize(id_tag="SECOND"))
        play.expect(StopTransaction, id_tag="SECOND")
        play.expect_status(1, S.FINISHING)


def test_card_known_without_a_parent_begins_where_its_vehicle_is_plugged() -> None:
    """There the parent decides nothing: nobody is asked."""
    with Playbook(STATION) as play:
        play.boot()
        begin(play, second=info(play))
        play.plug_in(2)
        play.expect_status(2, S.PREPARING)
        play.present_card("SECOND")

        play.expect(StartTransaction, connector_id=2, id_tag="SECOND")
        play.expect_status(2, S.CHARGING)


def test_card_known_without_a_parent_begins_next_to_a_transaction_without_one() -> None:
    with Playbook(STATION) as play:
        play.boot()
        learn(play, info(play), "SECOND")
        play.begin_transaction()
        play.expect(CardAccepted)
        play.present_card("SECOND")

        play.expect(CardAccepted("SECOND", 2))
        play.expect_status(2, S.PREPARING)


def test_parent_known_here_stops_offline() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        begin(play, second=info(play, parent="P"))
        play.drop_link()
        play.present_card("SECOND")
        play.restore_link()

        play.expect_status(1, S.FINISHING)
        play.expect(StopTransaction, id_tag="SECOND", reason=Reason.LOCAL)


@pytest.mark.parametrize("known", ["nothing", "without a parent", "other group", "expired", "blocked"])
def test_parent_not_known_here_stops_nothing_offline(known: str) -> None:
    """Whatever AllowOfflineTxForUnknownId allows to start."""
    with Playbook(SINGLE) as play:
        play.boot()
        said = {
            "nothing": None,
            "without a parent": info(play),
            "other group": info(play, parent="Q"),
            "expired": info(play, parent="P", expires_in_s=-1),
            "blocked": info(play, A.BLOCKED, parent="P"),
        }
        begin(play, second=said[known])
        play.drop_link()
        play.present_card("SECOND")

        play.expect(CardRefused, id_tag="SECOND")


def test_transaction_of_a_known_card_belongs_to_its_group() -> None:
    """Begun without asking, answered without a parent: the group is that of the cache."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play, parent="P"))
        play.central_system.cards = {"SECOND": info(play, parent="P")}
        play.begin_transaction(is_known=True)
        play.present_card("SECOND")

        play.expect(Authorize(id_tag="SECOND"))
        play.expect(StopTransaction, id_tag="SECOND")
        play.expect_status(1, S.FINISHING)


def test_transaction_of_a_remote_start_belongs_to_the_group_of_its_card() -> None:
    """Also where the remote start needs no authorization: what is known of the card counts."""
    with Playbook(configured(SINGLE, AuthorizeRemoteTxRequests=False)) as play:
        play.boot()
        learn(play, info(play, parent="P"))
        play.central_system.cards = {"SECOND": info(play, parent="P")}
        play.plug_in(1)
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        play.skip()
        play.present_card("SECOND")

        play.expect(Authorize(id_tag="SECOND"))
        play.expect(StopTransaction, id_tag="SECOND")
        play.expect_status(1, S.FINISHING)


def test_group_told_with_the_start_comes_too_late_for_nobody() -> None:
    """Told only in StartTransaction.conf, after an outage: from then on the group may stop."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play, parent="P"), "SECOND")
        play.drop_link()
        play.plug_in(1)
        play.present_card("TAG")
        play.present_card("SECOND")
        play.expect(CardRefused, id_tag="SECOND")
        play.central_system.cards["TAG"] = info(play, parent="P")
        play.restore_link()
        play.skip()
        play.present_card("SECOND")

        play.expect(StopTransaction, id_tag="SECOND", transaction_id=1)
        play.expect_status(1, S.FINISHING)


def test_parent_value_is_no_card() -> None:
    """A card whose idTag is the parent of a transaction is no member of the group by that."""
    with Playbook(SINGLE) as play:
        play.boot()
        begin(play)
        play.central_system.cards["P"] = info(play)
        play.present_card("P")

        play.expect(Authorize(id_tag="P"))
        play.expect(CardRefused, id_tag="P")
