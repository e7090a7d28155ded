"""UnlockConnector where no transaction runs (§5.18)."""

from __future__ import annotations

import pytest
from attrs import evolve

from ocpp16cp.events import (
    CommandDone,
    Failed,
    FailureReason,
    SocketState,
    Succeeded,
)
from ocpp16cp.features.transactions.messages import (
    UnlockConnector,
    UnlockConnectorConf,
    UnlockStatus,
)
from ocpp16cp.outcome import Unlock
from ocpp16cp.station import Connector
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus
from tests.features.stations import SINGLE, SOCKET, SOCKETS, station

S = ChargePointStatus
LOCK_FAILURE = ChargePointErrorCode.CONNECTOR_LOCK_FAILURE
UNLOCKED = UnlockConnectorConf(status=UnlockStatus.UNLOCKED)
UNLOCK_FAILED = UnlockConnectorConf(status=UnlockStatus.UNLOCK_FAILED)
NOT_SUPPORTED = UnlockConnectorConf(status=UnlockStatus.NOT_SUPPORTED)
MIXED = station(Connector(), Connector(fixed_cable=False))
FAILURES = [Failed(FailureReason.FAILED, "stuck"), Failed(FailureReason.TIMED_OUT)]


def unlock(connector_id: int = 1) -> UnlockConnector:
    """What the central system asks for."""
    return UnlockConnector(connector_id=connector_id)


@pytest.mark.parametrize("state", list(SocketState))
def test_idle_connector_is_unlocked(state: SocketState) -> None:
    """Also where nothing is plugged: nothing is held then."""
    with Playbook(SOCKET) as play:
        play.hardware.sockets[1] = state
        play.boot()

        assert play.send(unlock()) == UNLOCKED
        play.expect(Unlock, connector_id=1)
        play.expect_no(Unlock)


def test_fixed_cable_has_no_lock() -> None:
    with Playbook(SINGLE) as play:
        play.boot()

        assert play.send(unlock()) == NOT_SUPPORTED
        play.expect_no(Unlock)


@pytest.mark.parametrize("connector_id", [0, 3, 2**31 - 1])
def test_connector_that_is_not_there_is_not_supported(connector_id: int) -> None:
    """§5.18: the charge point as a whole has no lock either."""
    with Playbook(SOCKETS) as play:
        play.boot()

        assert play.send(unlock(connector_id)) == NOT_SUPPORTED


def test_each_connector_answers_for_itself() -> None:
    with Playbook(MIXED) as play:
        play.boot()

        assert play.send(unlock(1)) == NOT_SUPPORTED
        assert play.send(unlock(2)) == UNLOCKED


def test_lock_that_the_driver_does_not_have_is_not_supported() -> None:
    """The description promises a lock, the board has none."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_result = Failed(FailureReason.NOT_SUPPORTED)

        assert play.send(unlock()) == NOT_SUPPORTED


@pytest.mark.parametrize("result", FAILURES)
def test_lock_that_does_not_open_has_failed_and_warns(result: Failed) -> None:
    """UnlockFailed, and the status as it is with ConnectorLockFailure; over when the plug is out."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.hardware.lock_result = result

        assert play.send(unlock()) == UNLOCK_FAILED
        play.expect_status(1, S.PREPARING, LOCK_FAILURE)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)


def test_lock_that_opens_at_last_warns_no_longer() -> None:
    """Same status, NoError."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.hardware.lock_result = Failed()
        play.send(unlock())
        play.expect_status(1, S.PREPARING, LOCK_FAILURE)
        play.hardware.lock_result = Succeeded()

        assert play.send(unlock()) == UNLOCKED
        play.expect_status(1, S.PREPARING)


def test_silent_lock_is_answered_for_in_time() -> None:
    """The tool waits 5 s; the answer comes after 4."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_delay_s = None
        message_id = play.post(unlock())
        play.advance(3.9)
        assert play.answer_to(message_id) is None
        play.advance(0.1)

        assert play.answer_to(message_id) == UNLOCK_FAILED
        play.expect_status(1, S.AVAILABLE, LOCK_FAILURE)


def test_slow_lock_is_waited_for() -> None:
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_delay_s = 3.9
        message_id = play.post(unlock())
        play.advance(3.9)

        assert play.answer_to(message_id) == UNLOCKED


def test_answer_that_comes_too_late_changes_nothing() -> None:
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_delay_s = 6
        message_id = play.post(unlock())
        play.advance(10)

        assert play.answer_to(message_id) == UNLOCK_FAILED
        play.expect_status(1, S.AVAILABLE, LOCK_FAILURE)


def test_asking_twice_at_once_is_answered_twice() -> None:
    """One attempt of the lock, an answer for each CALL."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_delay_s = 2
        first, second = play.post(unlock()), play.post(unlock())
        play.advance(2)

        assert play.answer_to(first) == play.answer_to(second) == UNLOCKED
        play.expect(Unlock)
        play.expect_no(Unlock)


def test_second_question_does_not_wait_longer_than_the_first() -> None:
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_delay_s = None
        first = play.post(unlock())
        play.advance(3)
        second = play.post(unlock())
        play.advance(1)

        assert play.answer_to(first) == UNLOCK_FAILED
        assert play.answer_to(second) == UNLOCK_FAILED
        play.skip()


def test_two_connectors_are_unlocked_side_by_side() -> None:
    with Playbook(SOCKETS) as play:
        play.boot()
        play.hardware.lock_delay_s = 1
        first, second = play.post(unlock(1)), play.post(unlock(2))
        play.advance(1)

        assert play.answer_to(first) == play.answer_to(second) == UNLOCKED


def test_connection_lost_before_the_answer() -> None:
    """The answer belongs to its connection: it is not sent on the next one, which asks anew."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_delay_s = 2
        lost = play.post(unlock())
        play.drop_link()
        play.advance(3)
        play.restore_link()
        asked_again = play.post(unlock())
        play.advance(2)

        assert play.answer_to(lost) is None
        assert play.answer_to(asked_again) == UNLOCKED


def test_connection_lost_and_back_before_the_lock_reports() -> None:
    """Asked again while the first attempt is still under way: answered with what becomes of it."""
    with Playbook(evolve(SOCKET, settings=evolve(SOCKET.settings, lock_timeout_s=40.0))) as play:
        play.boot()
        play.hardware.lock_delay_s = 35
        lost = play.post(unlock())
        play.drop_link()
        play.restore_link(within_s=20)
        asked_again = play.post(unlock())
        play.advance(35)

        assert play.answer_to(lost) is None
        assert play.answer_to(asked_again) == UNLOCKED


def test_power_cut_before_the_answer() -> None:
    with Playbook(SOCKET) as play:
        play.boot()
        play.hardware.lock_delay_s = None
        lost = play.post(unlock())
        play.power_cut()
        play.skip()
        play.advance(10)

        assert play.answer_to(lost) is None


def test_locks_that_time_out_elsewhere_do_not_answer_for_this_one() -> None:
    with Playbook(evolve(SOCKETS, settings=evolve(SOCKETS.settings, lock_timeout_s=2.0))) as play:
        play.boot()
        play.hardware.lock_delay_s = None
        first = play.post(unlock(1))
        (asked,) = [entry.item for entry in play.entries if isinstance(entry.item, Unlock)]
        play.advance(1)
        second = play.post(unlock(2))
        play.happens(CommandDone(asked.ask_id, Succeeded()))
        assert play.answer_to(first) == UNLOCKED
        assert play.answer_to(second) is None
        play.advance(2)

        assert play.answer_to(second) == UNLOCK_FAILED
        play.skip()
