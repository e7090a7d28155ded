from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

import pytest

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.errors import CallErrorCode
from ocpp16cp.events import Event, FaultCleared, FaultRaised, LinkDown, TextReceived
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.boot.messages import BootNotification, BootNotificationConf, Heartbeat
from ocpp16cp.features.configuration.messages import GetConfiguration, GetConfigurationConf
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import (
    RemoteStopTransaction,
    RemoteStopTransactionConf,
    StartTransaction,
    StopTransaction,
)
from ocpp16cp.outcome import Command, LinkLost, Open, SetOutput, TransactionStarted, Write
from ocpp16cp.testing import Playbook, ScriptedCentralSystem, ScriptedHardware
from ocpp16cp.testing.central_system import SILENCE, Refusal
from ocpp16cp.testing.stage import BEGINNING, Network
from ocpp16cp.wire.frames import CallError
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus, Reason, RegistrationStatus
from tests.features.stations import SINGLE, STATION

S = ChargePointStatus
START = "2026-01-01T00:00:00.000Z"


def booted() -> Playbook:
    """A dialogue with a charge point of one connector that is in service."""
    play = Playbook(SINGLE)
    play.boot()
    return play


# Meeting what was said.


def test_request_is_met_whole_or_by_the_facts_that_matter() -> None:
    play = booted()
    play.plug_in(1)
    play.present_card("TAG")

    play.expect(StatusNotification, status=S.PREPARING)
    assert play.expect(Authorize(id_tag="TAG")) == Authorize(id_tag="TAG")
    start = play.expect(StartTransaction, id_tag="TAG")
    assert start.timestamp == BEGINNING
    play.expect(StatusNotification)
    play.expect_nothing()


def test_requests_are_met_in_order() -> None:
    play = booted()
    play.plug_in(1)
    play.present_card("TAG")

    with pytest.raises(
        AssertionError, match=r"expected Authorize\(\)\n    came StatusNotification\(connector_id=1, .*Preparing"
    ):
        play.expect(Authorize)


def test_difference_names_the_facts_that_are_wrong_and_no_others() -> None:
    play = booted()
    play.plug_in(1)

    with pytest.raises(AssertionError) as caught:
        play.expect(StatusNotification, connector_id=2, status=S.CHARGING, error_code=ChargePointErrorCode.NO_ERROR)

    assert str(caught.value).splitlines() == [
        "at 0.0 s: expected StatusNotification(connector_id=2, status=Charging, error_code=NoError)",
        f"    came StatusNotification(connector_id=1, error_code=NoError, status=Preparing, timestamp={START})",
        "  connector_id: expected 2, came 1",
        "  status: expected Charging, came Preparing",
    ]


def test_silence_is_a_difference() -> None:
    with pytest.raises(AssertionError, match=re.escape("expected Authorize(id_tag='TAG'), nothing came")):
        booted().expect(Authorize(id_tag="TAG"))


def test_request_that_did_not_match_can_still_be_met() -> None:
    play = booted()
    play.plug_in(1)
    with pytest.raises(AssertionError):
        play.expect_status(1, S.CHARGING)

    play.expect_status(1, S.PREPARING)
    play.expect_nothing()


def test_mistyped_fact_is_told() -> None:
    play = booted()
    play.plug_in(1)

    with pytest.raises(AssertionError, match="StatusNotification has no field 'conector_id'"):
        play.expect(StatusNotification, conector_id=1)


def test_what_no_charge_point_says_cannot_be_expected() -> None:
    with pytest.raises(AssertionError, match="int is nothing that a charge point says"):
        booted().expect(int)


def test_status_is_expected_without_an_error_unless_one_is_named() -> None:
    play = booted()
    play.plug_in(1)

    with pytest.raises(AssertionError, match="error_code: expected GroundFailure, came NoError"):
        play.expect_status(1, S.PREPARING, ChargePointErrorCode.GROUND_FAILURE)
    assert play.expect_status(1, S.PREPARING, info=None).timestamp == BEGINNING


def test_commands_link_actions_and_notices_are_met_each_kind_for_itself() -> None:
    play = booted()
    play.begin_transaction()

    play.expect(TransactionStarted, connector_id=1)
    play.expect(SetOutput(1, is_on=False))
    play.expect(SetOutput(1, is_on=True))
    play.expect(Open, number=1)
    play.expect_no(Open)
    with pytest.raises(AssertionError, match="expected SetOutput"):
        play.expect(SetOutput(1, is_on=False))


def test_command_that_nobody_wants_can_be_denied() -> None:
    play = booted()

    with pytest.raises(AssertionError, match=r"nobody expected\n  SetOutput\(connector_id=1, is_on=False\)"):
        play.expect_no(SetOutput)


def test_dialogue_that_leaves_something_unmet_has_failed() -> None:
    play = booted()
    play.plug_in(1)

    with pytest.raises(AssertionError, match=r"nobody expected\n  StatusNotification\(connector_id=1") as caught, play:
        pass

    assert "<-- SocketChanged(connector_id=1, state=Vehicle)" in "".join(caught.value.__notes__)


def test_dialogue_may_skip_what_is_of_no_interest() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.skip()


def test_failure_inside_a_dialogue_comes_with_its_transcript() -> None:
    play = booted()

    with pytest.raises(ZeroDivisionError) as caught, play:
        raise ZeroDivisionError

    (note,) = caught.value.__notes__
    assert note == f"the dialogue so far:\n{play.transcript}"
    assert "--> BootNotification(charge_point_vendor='Vendor', charge_point_model='Model')" in note


def test_ignored_requests_need_not_be_met_and_cannot() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        play.advance(300)
        play.ignore(Heartbeat)
        play.ignore(MeterValues)

        play.expect_nothing()
        with pytest.raises(AssertionError, match="nothing came"):
            play.expect(Heartbeat)


def test_boot_meets_what_every_dialogue_begins_with() -> None:
    play = booted()

    assert [type(each) for each in play.central_system.seen] == [BootNotification, *[StatusNotification] * 2]
    play.expect_nothing()


def test_begun_transaction_is_told_by_its_id() -> None:
    with Playbook(STATION, central_system=ScriptedCentralSystem(first_transaction_id=40)) as play:
        play.boot()

        assert play.begin_transaction(2, "ONE") == 40
        assert play.begin_transaction(1, "TWO") == 41


# What the central system says.


def test_answer_to_a_call_is_typed() -> None:
    play = booted()
    play.begin_transaction()

    assert play.send(RemoteStopTransaction(transaction_id=1), RemoteStopTransactionConf).status == "Accepted"
    play.expect(StopTransaction)


def test_answer_of_another_class_is_a_mistake_of_the_dialogue() -> None:
    with pytest.raises(AssertionError):
        booted().send(GetConfiguration(), RemoteStopTransactionConf)


def test_call_that_is_refused_is_no_answer() -> None:
    play = booted()

    answer = play.answer_to(play.post("NoSuchAction", {"a": 1}))

    assert isinstance(answer, CallError)
    assert answer.code is CallErrorCode.NOT_IMPLEMENTED
    with pytest.raises(AssertionError, match=r"'NoSuchAction' was answered with CallError\("):
        play.send("NoSuchAction")


def test_call_without_an_answer_is_told() -> None:
    rejected = BootNotificationConf(status=RegistrationStatus.REJECTED, current_time=BEGINNING, interval=60)
    play = Playbook(SINGLE)
    play.central_system.answer(BootNotification, rejected)
    play.start()

    assert play.answer_to(play.post(GetConfiguration())) is None
    with pytest.raises(AssertionError, match=re.escape("GetConfiguration() was answered with nothing")):
        play.send(GetConfiguration(), GetConfigurationConf)


# Time, network, power.


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


# What the stage watches over.


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
