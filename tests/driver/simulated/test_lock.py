from __future__ import annotations

import pytest

from ocpp16cp.driver.simulated import (
    CutPower,
    FreeLock,
    JamLock,
    LockFault,
    PlugIn,
    PlugInCable,
    RestorePower,
    UnplugAtStation,
)
from ocpp16cp.events import CommandDone, Failed, FailureReason, SocketChanged, SocketState, Succeeded
from ocpp16cp.outcome import Lock, Unlock
from tests.driver.simulated.rig import CAR, SEED_STATION, SOCKETS, rig


def test_plug_is_held_and_let_go() -> None:
    bench = rig(SOCKETS)
    bench.act(PlugInCable(1))

    locking = bench.carry_out(Lock(7, 1))
    was_locked = bench.station.is_locked(1)
    unlocking = bench.carry_out(Unlock(8, 1))

    assert (locking, unlocking) == ([CommandDone(7, Succeeded())], [CommandDone(8, Succeeded())])
    assert was_locked
    assert not bench.station.is_locked(1)


def test_unlocking_what_is_not_locked_succeeds() -> None:
    assert rig(SOCKETS).carry_out(Unlock(1, 2)) == [CommandDone(1, Succeeded())]


def test_empty_socket_cannot_be_locked() -> None:
    bench = rig(SOCKETS)

    events = bench.carry_out(Lock(1, 1))

    assert events == [CommandDone(1, Failed(FailureReason.FAILED, "no plug in the socket"))]
    assert not bench.station.is_locked(1)


@pytest.mark.parametrize("command", [Lock(1, 1), Unlock(1, 1)])
def test_fixed_cable_has_no_lock(command: Lock | Unlock) -> None:
    bench = rig(SEED_STATION)
    bench.act(PlugIn(1, CAR))

    assert bench.carry_out(command) == [CommandDone(1, Failed(FailureReason.NOT_SUPPORTED, "no lock"))]


@pytest.mark.parametrize("is_locked", [True, False])
def test_stuck_lock_stays_and_fails_until_it_is_free(is_locked: bool) -> None:
    bench = rig(SOCKETS)
    bench.act(PlugIn(1, CAR))
    if is_locked:
        bench.carry_out(Lock(1, 1))
    bench.act(JamLock(1))

    answers = bench.carry_out(Lock(2, 1), Unlock(3, 1))
    stuck = bench.station.is_locked(1)
    bench.act(FreeLock(1))
    after = bench.carry_out(Unlock(4, 1))

    failure = Failed(FailureReason.FAILED, "the bolt is stuck")
    assert answers == [CommandDone(2, failure), CommandDone(3, failure)]
    assert stuck is is_locked
    assert after == [CommandDone(4, Succeeded())]


def test_silent_lock_never_answers() -> None:
    bench = rig(SOCKETS)
    bench.act(PlugIn(1, CAR), JamLock(1, LockFault.SILENT))

    at_once = bench.carry_out(Lock(1, 1))
    later = bench.wait(3600)

    assert (at_once, later) == ([], ())
    assert not bench.station.is_locked(1)


def test_lock_that_goes_missing_lets_go() -> None:
    bench = rig(SOCKETS)
    bench.act(PlugIn(1, CAR))
    bench.carry_out(Lock(1, 1))

    bench.act(JamLock(1, LockFault.MISSING))
    answers = bench.carry_out(Lock(2, 1))
    events = bench.act(UnplugAtStation(1))

    assert answers == [CommandDone(2, Failed(FailureReason.NOT_SUPPORTED, "no lock"))]
    assert SocketChanged(1, SocketState.EMPTY) in events


def test_slow_lock_answers_when_it_is_done() -> None:
    bench = rig(SOCKETS, lock_delay_s=0.8)
    bench.act(PlugIn(1, CAR))

    at_once = bench.carry_out(Lock(1, 1))
    due = bench.station.next_change()
    early = bench.wait(0.799)
    in_time = bench.wait(0.001)

    assert at_once == []
    assert due == 0.8
    assert early == ()
    assert in_time == (CommandDone(1, Succeeded()),)


def test_newer_ask_overtakes_the_older() -> None:
    bench = rig(SOCKETS, lock_delay_s=1.0)
    bench.act(PlugIn(1, CAR))
    bench.carry_out(Lock(1, 1))
    bench.wait(0.5)

    overtaken = bench.carry_out(Unlock(2, 1))
    done = bench.wait(10)

    assert overtaken == [CommandDone(1, Failed(FailureReason.FAILED, "overtaken by a newer ask"))]
    assert done == (CommandDone(2, Succeeded()),)
    assert not bench.station.is_locked(1)


def test_bolt_stays_where_it_is_when_the_power_fails() -> None:
    bench = rig(SOCKETS, lock_delay_s=1.0)
    bench.act(PlugIn(1, CAR), PlugIn(2, CAR))
    bench.carry_out(Lock(1, 1))
    bench.wait(1)
    bench.carry_out(Lock(2, 2))

    bench.act(CutPower())
    bench.act(RestorePower())
    events = bench.wait(10)

    assert events == ()
    assert bench.station.is_locked(1)
    assert not bench.station.is_locked(2)


def test_ask_of_an_earlier_run_is_not_answered_in_the_next() -> None:
    bench = rig(SOCKETS, lock_delay_s=1.0)
    bench.act(PlugIn(1, CAR))
    bench.carry_out(Lock(1, 1))

    bench.station.report(bench.now)
    events = bench.wait(10)

    assert events == ()
    assert not bench.station.is_locked(1)
