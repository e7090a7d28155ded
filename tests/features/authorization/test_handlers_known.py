"""The rows of the table of authorization that can be seen from outside."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ocpp16cp.events import ClockSet
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.boot.messages import BootNotification, BootNotificationConf
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import RemoteStartTransaction, StartTransaction, StopTransaction
from ocpp16cp.outcome import CardAccepted, CardRefusal, CardRefused
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE, USUAL, Behaviour, Late, Refusal
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, Reason, RegistrationStatus
from tests.features.authorization.cards import info, learn
from tests.features.stations import SINGLE, STATION, configured

S = ChargePointStatus
A = AuthorizationStatus
NOT_VALID = [each for each in A if each is not A.ACCEPTED]


def test_known_card_starts_without_asking() -> None:
    """§3.5.1, LocalPreAuthorize: what was accepted once is not asked about again."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play))
        play.present_card("TAG")

        play.expect(CardAccepted("TAG", 1))
        play.expect_status(1, S.PREPARING)


def test_known_card_is_asked_about_without_local_pre_authorization() -> None:
    """§9.1.13 false."""
    with Playbook(configured(SINGLE, LocalPreAuthorize=False)) as play:
        play.boot()
        learn(play, info(play))
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)


@pytest.mark.parametrize("status", NOT_VALID)
def test_card_known_as_not_valid_is_asked_about(status: AuthorizationStatus) -> None:
    """§3.5.1: it may be valid again; the central system has the last word."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play, status))
        play.central_system.cards["TAG"] = info(play)
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)


def test_remote_start_of_a_known_card_is_not_asked_about() -> None:
    """§5.11, §3.5: a remote start that is to be authorized goes the same way as a card."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play))
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))

        play.expect_status(1, S.PREPARING)


@pytest.mark.parametrize(
    ("local", "unknown", "may_start"),
    [(True, True, True), (True, False, True), (False, True, True), (False, False, False)],
)
def test_card_known_as_valid_offline(local: bool, unknown: bool, may_start: bool) -> None:
    """§3.5.3: with LocalAuthorizeOffline; and it may at least do what an unknown card may."""
    station = configured(SINGLE, LocalAuthorizeOffline=local, AllowOfflineTxForUnknownId=unknown)
    with Playbook(station) as play:
        play.boot()
        learn(play, info(play))
        play.drop_link()
        play.present_card("TAG")

        if may_start:
            play.expect(CardAccepted("TAG", 1))
        else:
            play.expect(CardRefused, id_tag="TAG", refusal=CardRefusal.OFFLINE)


@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize("unknown", [True, False])
def test_unknown_card_offline(local: bool, unknown: bool) -> None:
    """§3.5.4: AllowOfflineTxForUnknownId alone decides."""
    station = configured(SINGLE, LocalAuthorizeOffline=local, AllowOfflineTxForUnknownId=unknown)
    with Playbook(station) as play:
        play.boot()
        play.drop_link()
        play.present_card("TAG")

        play.expect(CardAccepted("TAG", 1) if unknown else CardRefused("TAG", CardRefusal.OFFLINE))


@pytest.mark.parametrize("status", NOT_VALID)
@pytest.mark.parametrize(("local", "unknown"), [(True, True), (True, False), (False, True), (False, False)])
def test_card_known_as_not_valid_never_starts_offline(status: AuthorizationStatus, local: bool, unknown: bool) -> None:
    """§3.5.3: whatever the keys say."""
    station = configured(SINGLE, LocalAuthorizeOffline=local, AllowOfflineTxForUnknownId=unknown)
    with Playbook(station) as play:
        play.boot()
        learn(play, info(play, status))
        play.drop_link()
        play.present_card("TAG")

        play.expect(CardRefused("TAG", CardRefusal.NOT_ACCEPTED, status))


@pytest.mark.parametrize(("behaviour", "after_s"), [(Refusal(), 0), ({}, 0), (SILENCE, 30)])
@pytest.mark.parametrize("unknown", [True, False])
def test_no_usable_answer_is_decided_as_offline(behaviour: Behaviour, after_s: float, unknown: bool) -> None:
    """The station is connected, and yet nobody can tell it about the card."""
    with Playbook(configured(SINGLE, AllowOfflineTxForUnknownId=unknown)) as play:
        play.boot()
        play.central_system.answer(Authorize, behaviour)
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.advance(after_s)

        if unknown:
            play.expect(StartTransaction, id_tag="TAG")
            play.expect_status(1, S.CHARGING)
        else:
            play.expect(CardRefused("TAG", CardRefusal.OFFLINE))


def test_no_usable_answer_about_a_card_known_as_blocked() -> None:
    """As offline: what is known of it counts."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play, A.BLOCKED))
        play.central_system.answer(Authorize, Refusal())
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect(CardRefused("TAG", CardRefusal.NOT_ACCEPTED, A.BLOCKED))


def test_connection_lost_while_asking_is_decided_as_offline() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(Authorize, SILENCE)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.drop_link()

        play.expect(CardAccepted("TAG", 1))


@pytest.mark.parametrize("online", [True, False])
def test_card_counts_until_its_expiry_date(online: bool) -> None:
    """§3.5.1, §7.27: valid an instant before, expired from then on."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play, expires_in_s=100))
        if not online:
            play.drop_link()
        play.advance(99.9)
        play.present_card("TAG")
        play.expect(CardAccepted("TAG", 1))
        play.present_card("TAG")
        play.skip()
        play.advance(0.1)
        play.present_card("TAG")

        if online:
            play.expect(Authorize(id_tag="TAG"))
            play.expect_status(1, S.PREPARING)
        else:
            play.expect(CardRefused("TAG", CardRefusal.NOT_ACCEPTED, A.EXPIRED))


def test_card_that_expires_while_it_waits_for_its_turn_is_asked_about() -> None:
    """It counts what is known when the card is dealt with, not when it was presented."""
    with Playbook(STATION) as play:
        play.boot()
        learn(play, info(play, expires_in_s=10))
        play.central_system.answer(Authorize, Late(20), USUAL)
        play.present_card("OTHER")
        play.expect(Authorize(id_tag="OTHER"))
        play.advance(5)
        play.present_card("TAG")
        play.expect_nothing()
        play.advance(15)

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.expect_status(2, S.PREPARING)


def test_card_that_expires_while_it_waits_for_its_cable_may_start() -> None:
    """It was accepted; ConnectionTimeOut is what ends its waiting."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play, expires_in_s=10))
        play.present_card("TAG")
        play.expect_status(1, S.PREPARING)
        play.advance(20)
        play.plug_in(1)

        play.expect(StartTransaction, id_tag="TAG")
        play.expect_status(1, S.CHARGING)


def test_card_that_expires_during_its_transaction_still_stops_it() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play, expires_in_s=10))
        play.begin_transaction(is_known=True)
        play.advance(20)
        play.present_card("TAG")

        play.expect(StopTransaction, id_tag="TAG", reason=Reason.LOCAL)
        play.expect_status(1, S.FINISHING)


@pytest.mark.parametrize(("step_s", "is_expired"), [(3600, True), (-3600, False)])
def test_expiry_goes_by_the_clock_however_it_is_set(step_s: float, is_expired: bool) -> None:
    """A date is a date: set ahead the card is expired at once, set back it is valid for longer."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play, expires_in_s=1800))
        play.advance(0 if is_expired else 2000)
        play.skip()
        play.drop_link()
        play.happens(ClockSet(play.utc + timedelta(seconds=step_s)))
        play.present_card("TAG")

        if is_expired:
            play.expect(CardRefused("TAG", CardRefusal.NOT_ACCEPTED, A.EXPIRED))
        else:
            play.expect(CardAccepted("TAG", 1))


def test_accepted_answer_whose_date_has_passed_is_not_kept_as_valid() -> None:
    """It counts now; the next time the card is asked about again."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play, expires_in_s=-60))
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)


@pytest.mark.parametrize("again", ["tag", "TAG", "tAg"])
def test_card_is_known_in_any_letter_case(again: str) -> None:
    """Errata 3.73; what is sent is spelled as it was presented."""
    with Playbook(SINGLE) as play:
        play.boot()
        learn(play, info(play))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.present_card(again)

        play.expect(StartTransaction, id_tag=again)
        play.expect_status(1, S.CHARGING)


@pytest.mark.parametrize("status", [RegistrationStatus.PENDING, RegistrationStatus.REJECTED])
@pytest.mark.parametrize("is_known", [True, False])
def test_station_that_is_not_registered_now_decides_as_offline(status: RegistrationStatus, is_known: bool) -> None:
    """§4.2: connected and yet not allowed to ask: what is known here counts, and nothing is sent."""
    with Playbook(configured(SINGLE, AllowOfflineTxForUnknownId=False)) as play:
        play.boot()
        learn(play, info(play), "TAG" if is_known else "OTHER")
        waiting = BootNotificationConf(status=status, current_time=play.utc, interval=1000)
        play.central_system.answer(BootNotification, waiting)
        play.power_cut()
        play.expect(BootNotification)
        play.present_card("TAG")

        play.expect(CardAccepted("TAG", 1) if is_known else CardRefused("TAG", CardRefusal.OFFLINE))


def test_card_behind_calls_that_are_not_answered_is_decided_as_offline() -> None:
    """A central system that hangs: whoever stands at the reader waits for MessageTimeout, not once for each CALL."""
    with Playbook(STATION) as play:
        play.boot()
        play.central_system.answer(StatusNotification, SILENCE)
        play.plug_in(1)
        play.plug_in(2)
        play.present_card("TAG")
        play.advance(30)
        play.skip()

        assert play.hardware.outputs == {1: True, 2: False}
        assert not play.central_system.seen_of(Authorize)


@pytest.mark.parametrize("unknown", [True, False])
def test_remote_start_whose_authorization_is_lost_is_decided_as_offline(unknown: bool) -> None:
    """It was accepted to try; then the connection breaks before the central system has said more."""
    with Playbook(configured(SINGLE, AllowOfflineTxForUnknownId=unknown)) as play:
        play.boot()
        play.central_system.answer(Authorize, SILENCE)
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        play.expect(Authorize(id_tag="TAG"))
        play.drop_link()
        play.restore_link()

        if unknown:
            play.expect_status(1, S.CHARGING)
            play.expect(StartTransaction, id_tag="TAG")
        else:
            play.expect(CardRefused("TAG", CardRefusal.OFFLINE))
