from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from ocpp16cp.errors import CallErrorCode
from ocpp16cp.events import AskProgressed, CommandDone, Failed, FailureReason, Succeeded
from ocpp16cp.features.boot.messages import BootNotification, Heartbeat
from ocpp16cp.features.configuration.messages import GetConfiguration
from ocpp16cp.features.diagnostics.messages import (
    DiagnosticsStatus,
    DiagnosticsStatusNotification,
    GetDiagnostics,
    GetDiagnosticsConf,
)
from ocpp16cp.features.remote_trigger.messages import (
    MessageTrigger,
    TriggerMessage,
    TriggerMessageConf,
    TriggerMessageStatus,
)
from ocpp16cp.features.reset.messages import Reset, ResetType
from ocpp16cp.outcome import (
    CancelAsk,
    CollectDiagnostics,
    DiagnosticsProgress,
    Upload,
    Work,
    WorkProgress,
)
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import Refusal
from tests.features.stations import SINGLE, configured

D = DiagnosticsStatus

WHERE = "ftp://user:secret@files.example/logs"
NAME = "CP1-20260101T000000Z.zip"


def booted(**values: object) -> Playbook:
    """A dialogue with a charge point that is in service."""
    play = Playbook(configured(SINGLE, **values))
    play.boot()
    return play


def status(which: DiagnosticsStatus) -> DiagnosticsStatusNotification:
    """What is told of an upload."""
    return DiagnosticsStatusNotification(status=which)


def test_diagnostics_are_collected_for_the_time_asked_for_and_uploaded() -> None:
    """The name is told before anything is said of the upload (§4.4, §5.9)."""
    with booted() as play:
        since, until = play.utc - timedelta(hours=2), play.utc - timedelta(hours=1)

        conf = play.send(GetDiagnostics(location=WHERE, start_time=since, stop_time=until), GetDiagnosticsConf)

        assert conf == GetDiagnosticsConf(file_name=NAME)
        play.expect(CollectDiagnostics, file_name=NAME, since=since, until=until)
        play.expect(Upload, file_name=NAME, location=WHERE)
        play.expect(status(D.UPLOADING))
        play.expect(status(D.UPLOADED))
        play.expect(DiagnosticsProgress(D.UPLOADING))
        play.expect(DiagnosticsProgress(D.UPLOADED))


def test_the_name_of_the_file_is_one_for_every_file_system() -> None:
    with Playbook(evolve(SINGLE, identity="DE*ÄBC/01 x")) as play:
        play.boot()

        conf = play.send(GetDiagnostics(location=WHERE), GetDiagnosticsConf)

        assert conf.file_name == "DE__BC_01_x-20260101T000000Z.zip"
        play.skip()


def test_nothing_to_upload_is_said_by_no_name() -> None:
    """§6.26: no file name, and no statuses follow."""
    with booted() as play:
        play.hardware.file_results[CollectDiagnostics] = Failed(FailureReason.NOT_SUPPORTED)

        conf = play.send(GetDiagnostics(location=WHERE), GetDiagnosticsConf)

        assert conf == GetDiagnosticsConf()
        play.expect_nothing()
        play.expect_no(Upload)


def test_a_collection_that_takes_long_does_not_keep_the_answer_back() -> None:
    with booted() as play:
        play.hardware.file_delays_s[CollectDiagnostics] = 20.0
        asked = play.post(GetDiagnostics(location=WHERE))
        play.advance(3.9)
        assert play.answer_to(asked) is None

        play.advance(0.1)

        assert play.answer_to(asked) == GetDiagnosticsConf(file_name=NAME)
        play.expect_nothing()
        play.advance(16)
        play.expect(status(D.UPLOADING))
        play.expect(status(D.UPLOADED))


@pytest.mark.parametrize("reason", [FailureReason.FAILED, FailureReason.NOT_SUPPORTED])
def test_a_collection_that_fails_after_the_answer_is_a_failed_upload(reason: FailureReason) -> None:
    with booted() as play:
        play.hardware.file_delays_s[CollectDiagnostics] = 20.0
        play.hardware.file_results[CollectDiagnostics] = Failed(reason, "no memory card")
        play.post(GetDiagnostics(location=WHERE))

        play.advance(20)

        play.expect(status(D.UPLOADING))
        play.expect(status(D.UPLOAD_FAILED))
        play.expect(DiagnosticsProgress(D.UPLOADING))
        play.expect(DiagnosticsProgress(D.UPLOAD_FAILED, "no memory card"))


def test_a_collection_that_never_ends_is_given_up() -> None:
    with booted() as play:
        play.ignore(Heartbeat)
        play.hardware.file_delays_s[CollectDiagnostics] = None
        play.post(GetDiagnostics(location=WHERE))
        play.advance(299.9)
        play.expect_nothing()

        play.advance(0.1)

        play.expect(status(D.UPLOADING))
        play.expect(status(D.UPLOAD_FAILED))


def test_each_try_reports_itself_and_the_next_one_comes_after_the_interval() -> None:
    """`retries` counts those after the first (errata 3.50)."""
    with booted() as play:
        play.hardware.file_results[Upload] = Failed(text="no connection to files.example")
        play.send(GetDiagnostics(location=WHERE, retries=1, retry_interval=20))
        play.expect(status(D.UPLOADING))
        play.expect(status(D.UPLOAD_FAILED))
        play.advance(19.9)
        play.expect_nothing()

        play.advance(0.1)

        play.expect(status(D.UPLOADING))
        play.expect(status(D.UPLOAD_FAILED))
        play.advance(100)
        play.expect_nothing()


def test_without_numbers_there_are_three_further_tries_a_minute_apart() -> None:
    with booted() as play:
        play.hardware.file_results[Upload] = Failed()
        play.send(GetDiagnostics(location=WHERE))

        play.advance(179)
        for _ in range(3):
            play.expect(status(D.UPLOADING))
            play.expect(status(D.UPLOAD_FAILED))
        play.expect_nothing()
        play.hardware.file_results[Upload] = Succeeded()
        play.advance(1)

        play.expect(status(D.UPLOADING))
        play.expect(status(D.UPLOADED))


@pytest.mark.parametrize("location", ["sftp://files.example/logs", "http://", "http://[", "logs"])
def test_a_location_that_cannot_be_used_is_not_tried_again(location: str) -> None:
    with booted() as play:
        play.send(GetDiagnostics(location=location, retries=5))

        play.expect(status(D.UPLOADING))
        play.expect(status(D.UPLOAD_FAILED))
        play.expect_no(Upload)
        play.advance(200)
        play.expect_nothing()


def test_only_the_protocols_of_the_key_are_used() -> None:
    """SupportedFileTransferProtocols (errata 3.88)."""
    with booted(SupportedFileTransferProtocols="HTTPS") as play:
        play.send(GetDiagnostics(location=WHERE))

        play.expect(DiagnosticsProgress(D.UPLOADING))
        play.expect(DiagnosticsProgress(D.UPLOAD_FAILED, "the protocol 'ftp' is none of HTTPS"))
        play.skip()


def test_a_second_request_takes_the_place_of_the_first() -> None:
    """As GetLog does: the old upload ends without a word."""
    with booted() as play:
        play.hardware.file_delays_s[Upload] = 100.0
        play.send(GetDiagnostics(location=WHERE))
        play.expect(status(D.UPLOADING))
        first = play.expect(Upload).ask_id
        play.advance(10)

        conf = play.send(GetDiagnostics(location="http://other.example/"), GetDiagnosticsConf)

        assert conf.file_name == "CP1-20260101T000010Z.zip"
        play.expect(CancelAsk(first))
        play.expect(status(D.UPLOADING))
        play.expect(Upload, location="http://other.example/")
        play.happens(CommandDone(first, Succeeded()))
        play.expect_nothing()
        play.advance(100)
        play.expect(status(D.UPLOADED))


def test_a_request_that_makes_way_before_it_is_answered_gets_no_name() -> None:
    with booted() as play:
        play.hardware.file_delays_s[CollectDiagnostics] = 3.0
        first = play.post(GetDiagnostics(location=WHERE))

        second = play.post(GetDiagnostics(location=WHERE))

        assert play.answer_to(first) == GetDiagnosticsConf()
        play.advance(3)
        assert play.answer_to(second) == GetDiagnosticsConf(file_name=NAME)
        play.skip()


def test_progress_is_shown() -> None:
    with booted() as play:
        play.hardware.file_delays_s[Upload] = 100.0
        play.send(GetDiagnostics(location=WHERE))
        ask_id = play.expect(Upload).ask_id

        play.happens(AskProgressed(ask_id, 300, 1000))
        play.happens(AskProgressed(999, 1, 1))

        play.expect(WorkProgress(Work.UPLOAD, 300, 1000))
        play.expect_no(WorkProgress)
        play.skip()


def test_what_was_missed_while_offline_is_told_afterwards_the_last_alone() -> None:
    with booted() as play:
        play.hardware.file_delays_s[Upload] = 5.0
        play.send(GetDiagnostics(location=WHERE))
        play.expect(status(D.UPLOADING))
        play.drop_link()
        play.advance(5)
        play.expect_nothing()

        play.restore_link()

        play.expect(status(D.UPLOADED))
        play.drop_link()
        play.restore_link()
        play.expect_nothing()


def test_a_status_that_the_central_system_refuses_is_not_repeated() -> None:
    with booted() as play:
        play.central_system.answer(DiagnosticsStatusNotification, Refusal(CallErrorCode.NOT_SUPPORTED))
        play.send(GetDiagnostics(location=WHERE))
        play.expect(status(D.UPLOADING))
        play.expect(status(D.UPLOADED))

        play.drop_link()
        play.restore_link()

        play.expect_nothing()


def test_a_power_cut_fails_the_try_under_way() -> None:
    with booted() as play:
        play.hardware.file_delays_s[Upload] = 100.0
        play.send(GetDiagnostics(location=WHERE, retries=1, retry_interval=30))
        play.expect(status(D.UPLOADING))

        play.power_cut()

        play.expect(DiagnosticsProgress(D.UPLOADING))
        play.expect(DiagnosticsProgress(D.UPLOAD_FAILED, "interrupted by a restart"))
        play.skip()
        play.hardware.file_delays_s[Upload] = 0.0
        play.advance(31)
        play.expect(status(D.UPLOADING))
        play.expect(status(D.UPLOADED))


def test_a_power_cut_during_the_collection_ends_an_upload_that_was_promised() -> None:
    with booted() as play:
        play.hardware.file_delays_s[CollectDiagnostics] = 100.0
        play.post(GetDiagnostics(location=WHERE))
        play.advance(5)

        play.power_cut()

        assert status(D.UPLOAD_FAILED) in play.central_system.seen
        play.skip()
        play.advance(200)
        play.ignore(*(type(request) for request in play.central_system.seen if request != status(D.UPLOADING)))
        play.expect_nothing()


def test_a_power_cut_before_the_answer_leaves_nothing() -> None:
    with booted() as play:
        play.hardware.file_delays_s[CollectDiagnostics] = 100.0
        play.post(GetDiagnostics(location=WHERE))

        play.power_cut()

        assert not play.central_system.seen_of(DiagnosticsStatusNotification)
        play.skip()


@pytest.mark.parametrize(
    ("delay_s", "expected"), [(0.0, D.IDLE), (100.0, D.UPLOADING)], ids=["nothing going on", "busy"]
)
def test_a_trigger_is_answered_with_the_last_status_while_busy(delay_s: float, expected: DiagnosticsStatus) -> None:
    """§5.17: Idle when nothing is going on."""
    with booted() as play:
        play.hardware.file_delays_s[Upload] = delay_s
        play.send(GetDiagnostics(location=WHERE))
        play.skip()

        conf = play.send(TriggerMessage(requested_message=MessageTrigger.DIAGNOSTICS_STATUS_NOTIFICATION))

        assert conf == TriggerMessageConf(status=TriggerMessageStatus.ACCEPTED)
        play.expect(status(expected))


def test_a_late_answer_of_a_collection_changes_nothing() -> None:
    with booted() as play:
        play.hardware.file_delays_s[CollectDiagnostics] = None
        play.post(GetDiagnostics(location=WHERE))
        first = play.expect(CollectDiagnostics).ask_id
        play.post(GetDiagnostics(location=WHERE))

        play.happens(CommandDone(first, Succeeded()))

        play.expect_no(Upload)
        play.send(GetConfiguration(key=("HeartbeatInterval",)))
        play.skip()


def test_an_upload_does_not_outlive_a_reset_and_its_end_is_told_before() -> None:
    with booted() as play:
        play.hardware.file_delays_s[Upload] = 100.0
        play.send(GetDiagnostics(location=WHERE, retries=5))
        play.expect(status(D.UPLOADING))
        under_way = play.expect(Upload).ask_id

        play.send(Reset(type=ResetType.SOFT))

        play.expect(CancelAsk(under_way))
        play.expect(status(D.UPLOAD_FAILED))
        play.expect(BootNotification)
        play.skip()
        play.advance(200)
        play.expect_nothing()


def test_a_collection_for_which_a_reset_comes_too_early_ends_without_a_name() -> None:
    with booted() as play:
        play.hardware.file_delays_s[CollectDiagnostics] = 3.0
        asked = play.post(GetDiagnostics(location=WHERE))

        play.send(Reset(type=ResetType.SOFT))

        assert play.answer_to(asked) == GetDiagnosticsConf()
        assert not play.central_system.seen_of(DiagnosticsStatusNotification)
        play.skip()
