from __future__ import annotations

import pytest

from ocpp16cp.events import Event, FaultRaised, StopPressed
from ocpp16cp.features.authorization.messages import Authorize, AuthorizeConf
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    StartTransaction,
)
from ocpp16cp.outcome import CardRefused
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointErrorCode, ChargePointStatus, IdTagInfo
from tests.features.stations import SINGLE, STATION, configured

S = ChargePointStatus


ACCEPTED = RemoteStartTransactionConf(status=RemoteStartStopStatus.ACCEPTED)


REJECTED = RemoteStartTransactionConf(status=RemoteStartStopStatus.REJECTED)


def family(play: Playbook, **parents: str) -> None:
    """Let the central system know groups: parents by idTag."""

    def answer(request: Authorize) -> AuthorizeConf:
        info = IdTagInfo(status=AuthorizationStatus.ACCEPTED, parent_id_tag=parents.get(request.id_tag))
        return AuthorizeConf(id_tag_info=info)

    play.central_system.answer(Authorize, answer)


def fault(connector_id: int) -> Event:
    """A connector that cannot charge."""
    return FaultRaised(connector_id=connector_id, error_code=ChargePointErrorCode.GROUND_FAILURE)


@pytest.mark.parametrize("authorize", [True, False])
def test_remote_start_with_the_cable_in(authorize: bool) -> None:
    """§5.11: the answer goes out first; Authorize only if AuthorizeRemoteTxRequests says so."""
    with Playbook(configured(STATION, AuthorizeRemoteTxRequests=authorize)) as play:
        play.boot()
        play.plug_in(2)
        play.expect_status(2, S.PREPARING)

        assert play.send(RemoteStartTransaction(connector_id=2, id_tag="TAG")) == ACCEPTED
        if authorize:
            play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction, connector_id=2, id_tag="TAG")
        play.expect_status(2, S.CHARGING)


def test_answer_to_a_remote_start_goes_out_before_what_it_causes() -> None:
    """§5.11: conf first, then Authorize."""
    with Playbook(STATION) as play:
        play.boot()
        said = len(play.entries)
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))

        kinds = [type(entry.item).__name__ for entry in play.entries[said:] if entry.is_output]
        assert kinds.index("CallResult") < kinds.index("Authorize")
        play.skip()


def test_remote_start_before_the_cable_waits_for_it() -> None:
    with Playbook(STATION) as play:
        play.boot()

        assert play.send(RemoteStartTransaction(connector_id=2, id_tag="TAG")) == ACCEPTED
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(2, S.PREPARING)
        play.plug_in(2)
        play.expect(StartTransaction, connector_id=2)
        play.expect_status(2, S.CHARGING)


def test_remote_start_of_one_connector_waits_there_whatever_is_plugged_elsewhere() -> None:
    """§5.11: a named connector is meant, and no other."""
    with Playbook(STATION) as play:
        play.boot()
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        play.plug_in(2)

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.expect_status(2, S.PREPARING)


def test_remote_start_without_a_connector_takes_the_plugged_one() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.plug_in(2)
        play.send(RemoteStartTransaction(id_tag="TAG"))

        play.expect_status(2, S.PREPARING)
        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction, connector_id=2)
        play.expect_status(2, S.CHARGING)


def test_remote_start_without_a_connector_follows_the_cable() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.send(RemoteStartTransaction(id_tag="TAG"))
        play.plug_in(2)

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.expect(StartTransaction, connector_id=2)
        play.expect_status(1, S.AVAILABLE)
        play.expect_status(2, S.CHARGING)


@pytest.mark.parametrize("connector_id", [0, -1, 3, 10_000])
def test_remote_start_of_a_connector_that_is_not_there_is_rejected(connector_id: int) -> None:
    """§5.11: a connectorId is one of the connectors, not 0."""
    with Playbook(STATION) as play:
        play.boot()

        assert play.send(RemoteStartTransaction(connector_id=connector_id, id_tag="TAG")) == REJECTED


def test_remote_start_is_rejected_where_a_transaction_runs() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1)

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="OTHER")) == REJECTED
        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG")) == REJECTED


def test_remote_start_is_rejected_at_a_faulted_connector() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.happens(fault(1))
        play.skip()

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG")) == REJECTED
        assert play.send(RemoteStartTransaction(id_tag="TAG")) == REJECTED


def test_remote_start_is_rejected_where_another_card_waits() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.present_card("TAG")
        play.skip()

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="OTHER")) == REJECTED


def test_remote_start_sent_twice_is_one() -> None:
    """A central system that repeats itself is answered the same, and nothing begins twice."""
    with Playbook(STATION) as play:
        play.boot()
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG")) == ACCEPTED
        assert play.send(RemoteStartTransaction(id_tag="tag")) == ACCEPTED
        play.expect_nothing()


@pytest.mark.parametrize("connector_id", [1, None])
def test_remote_start_sent_twice_is_one_where_nothing_else_is_free(connector_id: int | None) -> None:
    """Accepted both times, whether the only connector is named or not."""
    with Playbook(SINGLE) as play:
        play.boot()
        assert play.send(RemoteStartTransaction(connector_id=connector_id, id_tag="TAG")) == ACCEPTED
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)

        assert play.send(RemoteStartTransaction(connector_id=connector_id, id_tag="tag")) == ACCEPTED
        play.advance(10)


def test_remote_start_for_a_card_that_waits_already_changes_nothing() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG")) == ACCEPTED
        play.expect_nothing()


def test_remote_start_where_its_card_waits_already_is_no_refusal() -> None:
    """The connector is named, and the card is there: it goes on waiting, and no display says otherwise."""
    with Playbook(STATION) as play:
        play.boot()
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG")) == ACCEPTED
        play.expect_no(CardRefused)
        play.plug_in(1)
        play.expect(StartTransaction, connector_id=1, id_tag="TAG")
        play.expect_status(1, S.CHARGING)


def test_remote_start_refused_by_the_central_system_itself_comes_to_nothing() -> None:
    """§5.11: accepted to try; Authorize says Invalid; no status changes."""
    invalid = AuthorizeConf(id_tag_info=IdTagInfo(status=AuthorizationStatus.INVALID))
    with Playbook(STATION) as play:
        play.boot()
        play.central_system.answer(Authorize, invalid)

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG")) == ACCEPTED
        play.expect(Authorize(id_tag="TAG"))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)


def test_remote_start_never_stops_a_transaction_of_its_group() -> None:
    """Step table: a remote start only starts."""
    with Playbook(STATION) as play:
        play.boot()
        family(play, TAG="PARENT", SECOND="PARENT")
        play.begin_transaction(1)
        play.send(RemoteStartTransaction(id_tag="SECOND"))

        play.expect(Authorize(id_tag="SECOND"))
        play.expect_status(2, S.PREPARING)


def test_remote_start_at_a_cable_left_behind_begins_anew() -> None:
    """F2: the connector is named, so the cable in it is meant."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.happens(StopPressed(1))
        play.skip()

        assert play.send(RemoteStartTransaction(connector_id=1, id_tag="NEXT")) == ACCEPTED
        play.expect(Authorize(id_tag="NEXT"))
        play.expect_status(1, S.PREPARING)
        play.expect(StartTransaction, connector_id=1, id_tag="NEXT")
        play.expect_status(1, S.CHARGING)


def test_remote_start_does_not_find_a_cable_left_behind_by_itself() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(1)
        play.happens(StopPressed(1))
        play.skip()
        play.send(RemoteStartTransaction(id_tag="NEXT"))

        play.expect(Authorize(id_tag="NEXT"))
        play.expect_status(2, S.PREPARING)


def test_card_withdraws_a_remote_start_of_its_tag() -> None:
    """B1: who presents the card that waits takes it back."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")

        play.expect_status(1, S.AVAILABLE)
