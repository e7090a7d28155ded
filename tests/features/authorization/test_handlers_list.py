"""The list of cards in use (§3.5.2): before the cache, online and offline, and against the central system's answers."""

from __future__ import annotations

import pytest
from attrs import evolve

from ocpp16cp.events import FaultCleared, FaultRaised, StopPressed
from ocpp16cp.features.authorization.handlers import MAX_CONFLICTS
from ocpp16cp.features.authorization.messages import Authorize, ClearCache
from ocpp16cp.features.transactions.messages import StartTransaction, StopTransaction
from ocpp16cp.outcome import CardAccepted, CardRefusal, CardRefused
from ocpp16cp.station import CHARGE_POINT, Connector, FeatureProfile
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointErrorCode, ChargePointStatus, Reason
from tests.features.authorization.cards import cached, info, learn
from tests.features.configuration.asking import change
from tests.features.local_list.listing import DIFFERENTIAL, entry, send_list, update
from tests.features.stations import SINGLE, configured, station

S = ChargePointStatus
A = AuthorizationStatus
CONFLICT = ChargePointErrorCode.LOCAL_LIST_CONFLICT
VALID = (A.ACCEPTED, A.CONCURRENT_TX)


@pytest.mark.parametrize("status", VALID)
def test_listed_card_starts_without_asking(status: AuthorizationStatus) -> None:
    """§3.5.2: ConcurrentTx in a list says nothing about now."""
    with Playbook(SINGLE) as play:
        play.boot()
        send_list(play, entry("TAG", status))
        play.present_card("tag")

        play.expect(CardAccepted("tag", 1))
        play.expect_status(1, S.PREPARING)


@pytest.mark.parametrize("status", sorted(set(A) - set(VALID)))
def test_card_that_the_list_does_not_accept_is_asked_about(status: AuthorizationStatus) -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        send_list(play, entry("TAG", status))
        play.central_system.cards["TAG"] = info(play, status)
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect(CardRefused("TAG", CardRefusal.NOT_ACCEPTED, status))


@pytest.mark.parametrize("status", sorted(set(A) - set(VALID)))
def test_card_that_the_list_does_not_accept_is_refused_offline(status: AuthorizationStatus) -> None:
    """§3.5.4: it is no unknown card, whatever AllowOfflineTxForUnknownId says."""
    with Playbook(SINGLE) as play:
        play.boot()
        send_list(play, entry("TAG", status))
        play.drop_link()
        play.present_card("TAG")

        play.expect(CardRefused("TAG", CardRefusal.NOT_ACCEPTED, status))


@pytest.mark.parametrize("status", VALID)
def test_listed_card_starts_offline(status: AuthorizationStatus) -> None:
    with Playbook(configured(SINGLE, AllowOfflineTxForUnknownId=False)) as play:
        play.boot()
        send_list(play, entry("TAG", status))
        play.drop_link()
        play.present_card("TAG")

        play.expect(CardAccepted("TAG", 1))
        play.restore_link()
        play.expect_status(1, S.PREPARING)


@pytest.mark.parametrize("status", VALID)
def test_listed_card_that_cannot_be_asked_about_and_must_be_is_refused_as_such(status: AuthorizationStatus) -> None:
    """Its card is fine: being offline is what is wrong."""
    with Playbook(configured(SINGLE, AllowOfflineTxForUnknownId=False, LocalAuthorizeOffline=False)) as play:
        play.boot()
        send_list(play, entry("TAG", status))
        play.drop_link()
        play.present_card("TAG")

        play.expect(CardRefused("TAG", CardRefusal.OFFLINE))


def test_list_comes_before_the_cache() -> None:
    """§3.5.2: what was heard before the list came does not count any more, and is forgotten."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play), "A")
        learn(play, info(play), "B")
        assert cached(play) == {"A": "Accepted", "B": "Accepted"}

        send_list(play, entry("a", A.BLOCKED))

        assert cached(play) == {"B": "Accepted"}
        play.drop_link()
        play.present_card("A")
        play.expect(CardRefused("A", CardRefusal.NOT_ACCEPTED, A.BLOCKED))


def test_listed_card_is_never_cached() -> None:
    """§3.5.1: by no answer."""
    with Playbook(configured(SINGLE, LocalPreAuthorize=False)) as play:
        play.boot()
        send_list(play, "TAG")
        play.central_system.cards["TAG"] = info(play)
        play.begin_transaction()
        play.present_card("tag")
        play.expect(StopTransaction, id_tag="tag")
        play.expect_status(1, S.FINISHING)

        assert cached(play) == {}


def test_card_that_a_differential_update_deletes_is_known_by_the_cache_again() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        send_list(play, "TAG", "OTHER")
        update(play, 2, entry("TAG", None), kind=DIFFERENTIAL)
        learn(play, info(play))

        assert cached(play) == {"TAG": "Accepted"}
        play.present_card("TAG")
        play.expect_status(1, S.PREPARING)


def test_deleting_a_card_leaves_the_cache_alone() -> None:
    """An update brings what it lists; of a card that it only deletes the cache may know better."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play))
        send_list(play, "OTHER")
        update(play, 2, entry("TAG", None), kind=DIFFERENTIAL)

        assert cached(play) == {"TAG": "Accepted"}


def test_entry_expires_on_the_clock() -> None:
    """§3.5.2: with its date, to the millisecond."""
    with Playbook(SINGLE) as play:
        play.boot()
        send_list(play, entry("TAG", play=play, expires_in_s=100))
        play.advance(99.9)
        play.present_card("TAG")
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect_status(1, S.AVAILABLE)
        play.advance(0.1)
        play.central_system.cards["TAG"] = info(play, A.EXPIRED)
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))


def test_group_of_a_listed_card_comes_from_the_list() -> None:
    """§3.5: two cards of one group, none of them asked about."""
    with Playbook(SINGLE) as play:
        play.boot()
        send_list(play, entry("ONE", parent="GROUP"), entry("TWO", parent="group"))
        play.begin_transaction(1, "ONE", is_known=True)
        play.present_card("TWO")

        play.expect(StopTransaction, id_tag="TWO", reason=Reason.LOCAL)
        play.expect_status(1, S.FINISHING)


def test_list_counts_while_it_is_switched_on() -> None:
    """§9.2.1: off, the card is unknown, and cached like any other; on again, the list comes before that."""
    with Playbook(SINGLE) as play:
        play.boot()
        send_list(play, entry("TAG", A.BLOCKED))
        change(play, "LocalAuthListEnabled", "false")
        learn(play, info(play))
        assert cached(play) == {"TAG": "Accepted"}
        change(play, "LocalAuthListEnabled", "true")
        play.drop_link()
        play.present_card("TAG")

        play.expect(CardRefused("TAG", CardRefusal.NOT_ACCEPTED, A.BLOCKED))


def test_list_does_not_count_without_its_profile() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        send_list(play, "TAG")
        play.station = evolve(SINGLE, feature_profiles=(FeatureProfile.CORE,))
        play.power_cut()
        play.skip()
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)


def test_transaction_goes_on_whatever_becomes_of_its_card_in_the_list() -> None:
    """It keeps its group, and its card stops it."""
    with Playbook(SINGLE) as play:
        play.boot()
        send_list(play, entry("TAG", parent="GROUP"), entry("OTHER", parent="GROUP"))
        play.begin_transaction(is_known=True)
        update(play, 2, entry("TAG", A.BLOCKED), kind=DIFFERENTIAL)
        play.present_card("OTHER")

        play.expect(StopTransaction, id_tag="OTHER")
        play.expect_status(1, S.FINISHING)


def test_clear_cache_leaves_the_list_alone() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        send_list(play, "TAG")
        play.send(ClearCache())
        play.present_card("TAG")

        play.expect_status(1, S.PREPARING)


# The list against the central system.


@pytest.mark.parametrize("said", A)
@pytest.mark.parametrize("listed", A)
def test_contradiction_is_told_and_leaves_the_list_alone(
    listed: AuthorizationStatus, said: AuthorizationStatus
) -> None:
    """§3.5.2: LocalListConflict where one says that the card may charge and the other that it may not."""
    with Playbook(configured(SINGLE, LocalPreAuthorize=False)) as play:
        play.boot()
        send_list(play, entry("TAG", listed))
        play.central_system.cards["TAG"] = info(play, said)
        play.present_card("TAG")
        play.expect(Authorize)

        if (listed in VALID) is not (said in VALID):
            play.expect_status(CHARGE_POINT, S.AVAILABLE, CONFLICT)
        if said is A.ACCEPTED:
            play.expect_status(1, S.PREPARING)


def test_start_that_is_refused_against_the_list_is_a_contradiction() -> None:
    """§4.8: the answer counts for the transaction, as any other; the list stays."""
    with Playbook(SINGLE) as play:
        play.boot()
        send_list(play, "TAG")
        play.central_system.cards["TAG"] = info(play, A.BLOCKED)
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(StartTransaction)
        play.expect_status(1, S.CHARGING)
        play.expect_status(CHARGE_POINT, S.AVAILABLE, CONFLICT)

        play.expect(StopTransaction, reason=Reason.DE_AUTHORIZED)
        play.expect_status(1, S.FINISHING)


def contradict(play: Playbook, *id_tags: str) -> None:
    """Let the central system refuse cards that the list accepts."""
    for id_tag in id_tags:
        play.central_system.cards[id_tag] = info(play, A.BLOCKED)
        play.present_card(id_tag)
        play.expect(Authorize(id_tag=id_tag))


ASKING = configured(SINGLE, LocalPreAuthorize=False)


def test_contradiction_ends_when_the_central_system_agrees() -> None:
    with Playbook(ASKING) as play:
        play.boot()
        send_list(play, "TAG")
        contradict(play, "TAG")
        assert play.expect_status(CHARGE_POINT, S.AVAILABLE, CONFLICT).info == "TAG"
        play.central_system.cards["TAG"] = info(play)
        play.present_card("TAG")
        play.expect(Authorize)

        play.expect_status(CHARGE_POINT, S.AVAILABLE)
        play.expect_status(1, S.PREPARING)


def test_contradiction_ends_when_an_update_names_the_card() -> None:
    with Playbook(ASKING) as play:
        play.boot()
        send_list(play, "A", "B")
        contradict(play, "A")
        assert play.expect_status(CHARGE_POINT, S.AVAILABLE, CONFLICT).info == "A"
        contradict(play, "B")
        assert play.expect_status(CHARGE_POINT, S.AVAILABLE, CONFLICT).info == "B"

        update(play, 2, entry("B", A.BLOCKED), kind=DIFFERENTIAL)
        assert play.expect_status(CHARGE_POINT, S.AVAILABLE, CONFLICT).info == "A"
        send_list(play, "C")
        play.expect_status(CHARGE_POINT, S.AVAILABLE)


def test_contradiction_is_none_while_the_list_does_not_count() -> None:
    with Playbook(ASKING) as play:
        play.boot()
        send_list(play, "TAG")
        contradict(play, "TAG")
        play.expect_status(CHARGE_POINT, S.AVAILABLE, CONFLICT)

        change(play, "LocalAuthListEnabled", "false")
        play.expect_status(CHARGE_POINT, S.AVAILABLE)


def test_fault_of_the_charge_point_comes_before_a_contradiction() -> None:
    reader = ChargePointErrorCode.READER_FAILURE
    with Playbook(ASKING) as play:
        play.boot()
        send_list(play, "TAG")
        contradict(play, "TAG")
        play.expect_status(CHARGE_POINT, S.AVAILABLE, CONFLICT)
        play.happens(FaultRaised(connector_id=CHARGE_POINT, error_code=reader, is_blocking=False))
        play.expect_status(CHARGE_POINT, S.AVAILABLE, reader)
        play.happens(FaultCleared(connector_id=CHARGE_POINT, error_code=reader))

        play.expect_status(CHARGE_POINT, S.AVAILABLE, CONFLICT)


def test_oldest_of_many_contradictions_are_forgotten() -> None:
    """Their number is bounded: what the status says is found without a long search."""
    with Playbook(ASKING) as play:
        play.boot()
        tags = [f"CARD-{number}" for number in range(MAX_CONFLICTS + 1)]
        send_list(play, *tags)
        contradicted = []
        for tag in tags:
            contradict(play, tag)
            contradicted.append(play.expect_status(CHARGE_POINT, S.AVAILABLE, CONFLICT).info)
        assert contradicted == tags

        update(play, 2, *(entry(tag, A.BLOCKED) for tag in tags[1:]), kind=DIFFERENTIAL)
        play.expect_status(CHARGE_POINT, S.AVAILABLE)


def test_start_and_stop_of_a_listed_card_leave_the_status_of_the_charge_point_alone() -> None:
    with Playbook(station(Connector())) as play:
        play.boot()
        send_list(play, "TAG")
        play.begin_transaction(is_known=True)
        play.happens(StopPressed(1))
        play.expect(StopTransaction)
        play.expect_status(1, S.FINISHING)
