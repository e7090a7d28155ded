from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

import pytest

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.events import Event, FaultCleared, FaultRaised, LinkDown, TextReceived
from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.configuration.messages import GetConfiguration
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import (
    StopTransaction,
)
from ocpp16cp.outcome import Command, LinkLost, SetOutput, Write
from ocpp16cp.testing import Playbook, ScriptedHardware
from ocpp16cp.testing.central_system import SILENCE, Refusal
from ocpp16cp.testing.stage import Network
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus, Reason
from tests.features.stations import SINGLE

S = ChargePointStatus


def booted() -> Playbook:
    """A dialogue with a charge point of one connector that is in service."""
    play = Playbook(SINGLE)
    play.boot()
    return play


def test_time_moves_only_when_it_is_told() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        assert play.now == 0
        play.advance(59.999)
        play.expect_nothing()
        play.advance(0.001)

        play.expect_status(1, S.FINISHING)
        assert (play.now, play.utc.isoformat()) == (60, "2026-01-01T00:01:00+00:00")


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(AssertionError, match="time does not run backwards: -1"):
        booted().advance(-1)


def test_link_comes_back_after_the_wait_of_the_charge_point() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.drop_link("cable cut")
        play.advance(10)
        play.restore_link()

        play.expect(LinkLost, reason="cable cut")
        assert 10 < play.now < 30
        play.send(GetConfiguration())


def test_link_that_does_not_come_back_in_time_is_told() -> None:
    play = booted()
    play.drop_link()
    play.advance(100)

    with pytest.raises(AssertionError, match=re.escape("no connection within 0.001 s")):
        play.restore_link(within_s=0.001)


def test_link_that_is_down_is_not_dropped_twice() -> None:
    play = booted()
    play.drop_link()
    said = len(play.entries)
    play.drop_link()

    assert len(play.entries) == said


def test_power_cut_leaves_what_is_on_disk() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.begin_transaction()
        play.power_cut(off_s=20)

        assert play.now == 20
        assert "PowerCut()" in play.transcript
        play.expect(BootNotification)
        play.expect_status(0, S.AVAILABLE)
        play.expect_status(1, S.FINISHING)
        play.expect(StopTransaction, reason=Reason.POWER_LOSS)


def test_power_cut_needs_what_is_on_disk() -> None:
    play = booted()
    play._disk["no.such.table", "1"] = "[1,{}]"  # noqa: SLF001 - a store that is damaged

    with pytest.raises(Exception, match="there is no such table"):
        play.power_cut()


def test_dialogue_is_a_function_of_its_seed() -> None:
    transcripts = set()
    for seed in (3, 3, 4):
        play = Playbook(SINGLE, seed=seed)
        play.boot()
        play.drop_link()
        play.restore_link()
        transcripts.add(play.transcript)

    assert len(transcripts) == 2


class Forgetful(ChargePoint):
    """Keeps in mind what it did not write, or forgets what it wrote."""

    def records(self) -> tuple[Write, ...]:
        return super().records()[:-1]


def test_record_that_is_not_on_disk_is_found() -> None:
    play = Playbook(SINGLE)
    play.charge_point = Forgetful(SINGLE, random=Random(0))

    with pytest.raises(AssertionError, match="what is in memory differs from what is on disk"):
        play.start()


class Restless(ChargePoint):
    """Has always something left to do."""

    def audit(self, *, now: float) -> None:
        raise AssertionError(f"something is left at {now}")


def test_charge_point_that_is_not_at_rest_is_found() -> None:
    play = Playbook(SINGLE)
    play.charge_point = Restless(SINGLE, random=Random(0))

    with pytest.raises(AssertionError, match=re.escape("something is left at 0.0")):
        play.start()


def test_charge_point_is_audited_just_before_it_wakes() -> None:
    instants = []

    class Audited(ChargePoint):
        """Tells when it is audited."""

        def audit(self, *, now: float) -> None:
            instants.append(now)
            super().audit(now=now)

    play = Playbook(SINGLE)
    play.charge_point = Audited(SINGLE, random=Random(0))
    play.start()
    instants.clear()
    play.advance(31)

    before, at, *_ = instants
    assert before < 30
    assert before == pytest.approx(30)
    assert at == 30


class Flapping(ScriptedHardware):
    """Has a fault whenever the output is to be on, and only then."""

    def carry_out(self, command: Command) -> Iterator[tuple[float, Event]]:
        """Raise the fault, or clear it."""
        code = ChargePointErrorCode.POWER_SWITCH_FAILURE
        if command == SetOutput(1, is_on=True):
            yield 0.0, FaultRaised(connector_id=1, error_code=code)
        elif command == SetOutput(1, is_on=False):
            yield 0.0, FaultCleared(connector_id=1, error_code=code)


def test_two_that_never_stop_answering_are_found() -> None:
    play = booted()
    play.hardware = Flapping(SINGLE)
    play.plug_in(1)

    with pytest.raises(AssertionError, match=re.escape("more than 1000 events at 0.0 s")):
        play.present_card("TAG")


@pytest.mark.parametrize("network", [Network.DOWN, Network.DEAD])
def test_network_that_fails_lets_no_connection_come_about(network: Network) -> None:
    with Playbook(SINGLE) as play:
        play.network = network
        play.start()
        play.advance(60)

        play.expect_nothing()
        ended = [entry.item.number for entry in play.entries if isinstance(entry.item, LinkDown)]
        assert ended == list(range(1, len(ended) + 1))
        assert len(ended) > 1


def test_text_on_its_way_is_lost_with_the_network() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(StatusNotification, SILENCE)
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.network = Network.DEAD
        play.unplug(1)
        play.receive("[]")
        play.advance(1)

        texts = [entry.item.text for entry in play.entries if isinstance(entry.item, TextReceived)]
        assert texts[-1] == "[]"
        play.expect_nothing()


def test_clock_of_the_station_may_survive() -> None:
    play = Playbook(SINGLE, has_clock=True)
    play.central_system.answer(BootNotification, Refusal())
    play.advance(5)
    play.start()

    assert "Started(utc=2026-01-01T00:00:05.000Z)" in play.transcript
