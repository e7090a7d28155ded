from __future__ import annotations

import re

import pytest

from ocpp16cp.errors import CallErrorCode
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
from ocpp16cp.outcome import Open, SetOutput, TransactionStarted
from ocpp16cp.testing import Playbook, ScriptedCentralSystem
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.frames import CallError
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus, RegistrationStatus
from tests.features.stations import SINGLE, STATION

S = ChargePointStatus


START = "2026-01-01T00:00:00.000Z"


def booted() -> Playbook:
    """A dialogue with a charge point of one connector that is in service."""
    play = Playbook(SINGLE)
    play.boot()
    return play


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


def test_nobody_is_asked_about_a_card_that_is_known() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.begin_transaction(2, "ONE")
        play.unplug(2)
        play.skip()

        assert play.begin_transaction(1, "ONE", is_known=True) == 2


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
