from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from ocpp16cp.errors import CallErrorCode
from ocpp16cp.events import AskProgressed, CommandDone, Failed, StartCause, Succeeded
from ocpp16cp.features.boot.messages import BootNotification, BootNotificationConf, Heartbeat
from ocpp16cp.features.connectors.messages import (
    AvailabilityStatus,
    AvailabilityType,
    ChangeAvailability,
    ChangeAvailabilityConf,
)
from ocpp16cp.features.firmware.messages import FirmwareStatus, FirmwareStatusNotification, UpdateFirmware
from ocpp16cp.features.remote_trigger.messages import MessageTrigger, TriggerMessage
from ocpp16cp.features.reset.messages import Reset, ResetConf, ResetStatus, ResetType
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import (
    RemoteStartStopStatus,
    RemoteStartTransaction,
    RemoteStartTransactionConf,
    StopTransaction,
)
from ocpp16cp.outcome import CancelAsk, Download, FirmwareProgress, Install, Work, WorkProgress
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import USUAL, Refusal
from ocpp16cp.wire.types import ChargePointStatus, Reason, RegistrationStatus
from tests.features.stations import STATION, configured

F = FirmwareStatus
S = ChargePointStatus

WHERE = "https://files.example/firmware.bin"


def booted(**values: object) -> Playbook:
    """A dialogue with a charge point of two connectors that is in service; only firmware is looked at."""
    play = Playbook(configured(STATION, **values))
    play.boot()
    return play


def status(which: FirmwareStatus) -> FirmwareStatusNotification:
    """What is told of an update."""
    return FirmwareStatusNotification(status=which)


def update(play: Playbook, *, after_s: float = 0, retries: int | None = 0, interval: int | None = None) -> None:
    """Ask for an update."""
    play.send(
        UpdateFirmware(
            location=WHERE,
            retrieve_date=play.utc + timedelta(seconds=after_s),
            retries=retries,
            retry_interval=interval,
        )
    )


def expect(play: Playbook, *statuses: FirmwareStatus) -> None:
    """Meet these statuses, and no other."""
    for each in statuses:
        play.expect(status(each))
    play.expect_nothing()


def quiet(play: Playbook) -> Playbook:
    """Look at nothing but firmware from now on."""
    play.ignore(StatusNotification, BootNotification, Heartbeat)
    return play


def test_firmware_is_fetched_when_its_time_has_come() -> None:
    """§4.5, §5.19."""
    with quiet(booted()) as play:
        play.hardware.file_delays_s[Download] = 30.0
        update(play, after_s=100)
        play.advance(99.9)
        play.expect_nothing()

        play.advance(0.1)
        expect(play, F.DOWNLOADING)
        assert play.expect(Download).location == WHERE
        play.hardware.file_delays_s[Install] = 10.0
        play.advance(30)

        expect(play, F.DOWNLOADED, F.INSTALLING)
        play.expect(Install)
        play.advance(10)
        expect(play, F.INSTALLED)


def test_the_time_to_fetch_firmware_is_that_of_the_clock() -> None:
    """A request waits through a restart."""
    with quiet(booted()) as play:
        update(play, after_s=100)
        play.advance(40)

        play.power_cut(off_s=20)
        play.advance(39.9)
        play.expect_nothing()
        play.hardware.file_delays_s[Download] = 30.0
        play.advance(0.1)

        expect(play, F.DOWNLOADING)


def test_each_try_reports_itself() -> None:
    """`retries` counts those after the first (errata 3.50)."""
    with quiet(booted()) as play:
        play.hardware.file_results[Download] = Failed(text="no such file")
        update(play, retries=1, interval=20)
        expect(play, F.DOWNLOADING, F.DOWNLOAD_FAILED)
        play.advance(19.9)
        play.expect_nothing()

        play.advance(0.1)

        expect(play, F.DOWNLOADING, F.DOWNLOAD_FAILED)
        play.expect(FirmwareProgress(F.DOWNLOADING))
        play.expect(FirmwareProgress(F.DOWNLOAD_FAILED, "no such file"))
        play.advance(100)
        play.expect_nothing()


def test_without_numbers_there_are_three_further_tries_a_minute_apart() -> None:
    with quiet(booted()) as play:
        play.hardware.file_results[Download] = Failed()
        update(play, retries=None)

        play.advance(400)

        expect(play, *(F.DOWNLOADING, F.DOWNLOAD_FAILED) * 4)


def test_a_location_that_cannot_be_used_is_not_tried_again() -> None:
    with quiet(booted()) as play:
        play.send(UpdateFirmware(location="sftp://files.example/x", retrieve_date=play.utc, retries=3))

        play.advance(400)

        expect(play, F.DOWNLOADING, F.DOWNLOAD_FAILED)
        play.expect_no(Download)


def test_a_transfer_that_never_ends_is_given_up() -> None:
    with quiet(booted()) as play:
        play.hardware.file_delays_s[Download] = None
        update(play)
        expect(play, F.DOWNLOADING)

        play.advance(7200)

        assert play.central_system.seen_of(FirmwareStatusNotification)[-1] == status(F.DOWNLOAD_FAILED)
        play.skip()


def test_installing_waits_for_the_last_transaction_while_free_connectors_are_unavailable() -> None:
    with booted() as play:
        play.begin_transaction(1)
        play.skip()

        update(play)

        play.expect(status(F.DOWNLOADING))
        play.expect(status(F.DOWNLOADED))
        play.expect_status(2, S.UNAVAILABLE)
        play.expect_nothing()
        refused = play.send(RemoteStartTransaction(id_tag="OTHER", connector_id=2))
        assert refused == RemoteStartTransactionConf(status=RemoteStartStopStatus.REJECTED)
        play.present_card("TAG")
        play.expect(status(F.INSTALLING))
        play.expect(StopTransaction)
        play.skip()


def test_a_connector_that_becomes_free_is_unavailable_too() -> None:
    with booted() as play:
        play.begin_transaction(1)
        play.begin_transaction(2, "OTHER")
        update(play)
        play.skip()

        play.present_card("TAG")
        play.unplug(1)

        play.expect(StopTransaction)
        play.expect_status(1, S.FINISHING)
        play.expect_status(1, S.UNAVAILABLE)
        play.expect_nothing()


def test_a_setting_installs_at_once() -> None:
    station = evolve(STATION, settings=evolve(STATION.settings, installs_after_transactions=False))
    with Playbook(station) as play:
        play.boot()
        play.begin_transaction(1)
        play.hardware.file_delays_s[Install] = 60.0
        quiet(play).skip()

        update(play)

        expect(play, F.DOWNLOADING, F.DOWNLOADED, F.INSTALLING)


def test_connectors_come_back_when_the_installation_fails() -> None:
    with booted() as play:
        play.hardware.file_delays_s[Install] = 5.0
        play.hardware.file_results[Install] = Failed(text="bad checksum")
        update(play)
        play.expect(status(F.DOWNLOADING))
        play.expect(status(F.DOWNLOADED))
        play.expect(status(F.INSTALLING))
        play.expect_status(1, S.UNAVAILABLE)
        play.expect_status(2, S.UNAVAILABLE)
        play.expect_nothing()

        play.advance(5)

        play.expect(status(F.INSTALLATION_FAILED))
        play.expect_status(1, S.AVAILABLE)
        play.expect_status(2, S.AVAILABLE)
        play.expect_nothing()
        for each in (F.DOWNLOADING, F.DOWNLOADED, F.INSTALLING):
            play.expect(FirmwareProgress(each))
        play.expect(FirmwareProgress(F.INSTALLATION_FAILED, "bad checksum"))


def test_what_is_made_operative_meanwhile_comes_back_with_the_others() -> None:
    with booted() as play:
        play.send(ChangeAvailability(connector_id=2, type=AvailabilityType.INOPERATIVE))
        play.hardware.file_delays_s[Install] = 5.0
        play.hardware.file_results[Install] = Failed()
        update(play)
        play.skip()

        conf = play.send(ChangeAvailability(connector_id=2, type=AvailabilityType.OPERATIVE))

        assert conf == ChangeAvailabilityConf(status=AvailabilityStatus.ACCEPTED)
        play.expect_nothing()
        play.advance(5)
        play.expect(status(F.INSTALLATION_FAILED))
        play.expect_status(1, S.AVAILABLE)
        play.expect_status(2, S.AVAILABLE)


def test_another_update_takes_the_place_of_one_that_is_being_fetched() -> None:
    with quiet(booted()) as play:
        play.hardware.file_delays_s[Download] = 100.0
        update(play)
        expect(play, F.DOWNLOADING)
        first = play.expect(Download).ask_id

        play.send(UpdateFirmware(location="ftp://other.example/x", retrieve_date=play.utc, retries=0))

        play.expect(CancelAsk(first))
        play.expect(Download, location="ftp://other.example/x")
        expect(play, F.DOWNLOADING)
        play.happens(CommandDone(first, Succeeded()))
        play.expect_nothing()


def test_another_update_is_ignored_while_one_is_being_installed() -> None:
    with quiet(booted()) as play:
        play.hardware.file_delays_s[Install] = 100.0
        update(play)
        expect(play, F.DOWNLOADING, F.DOWNLOADED, F.INSTALLING)
        play.expect(Download)

        update(play)

        play.expect_nothing()
        play.expect_no(Download)


def test_a_restart_begins_a_download_again_with_all_its_tries() -> None:
    with quiet(booted()) as play:
        play.hardware.file_results[Download] = Failed()
        update(play, retries=1, interval=20)
        play.hardware.file_delays_s[Download] = 100.0
        play.advance(20)
        expect(play, F.DOWNLOADING, F.DOWNLOAD_FAILED, F.DOWNLOADING)

        play.power_cut()

        expect(play, F.DOWNLOADING)
        play.advance(100)
        expect(play, F.DOWNLOAD_FAILED)
        play.advance(20)
        expect(play, F.DOWNLOADING)


def test_a_power_cut_while_installing_begins_installing_again() -> None:
    with quiet(booted()) as play:
        play.hardware.file_delays_s[Install] = 100.0
        update(play)
        expect(play, F.DOWNLOADING, F.DOWNLOADED, F.INSTALLING)

        play.power_cut()

        expect(play, F.INSTALLING)
        assert play.expect(Install) != play.expect(Install)


@pytest.mark.parametrize(
    ("cause", "expected"),
    [(StartCause.FIRMWARE, F.INSTALLED), (StartCause.FIRMWARE_FALLBACK, F.INSTALLATION_FAILED)],
)
def test_a_board_that_reboots_by_itself_says_what_became_of_it(cause: StartCause, expected: FirmwareStatus) -> None:
    with quiet(booted()) as play:
        play.hardware.file_delays_s[Install] = 100.0
        update(play)
        expect(play, F.DOWNLOADING, F.DOWNLOADED, F.INSTALLING)

        play.power_cut(cause=cause)

        expect(play, expected)


def test_the_end_is_told_only_when_the_station_is_accepted() -> None:
    with quiet(booted()) as play:
        pending = BootNotificationConf(status=RegistrationStatus.PENDING, current_time=play.utc, interval=30)
        play.central_system.answer(BootNotification, pending, USUAL)
        play.hardware.file_delays_s[Install] = 100.0
        update(play)
        expect(play, F.DOWNLOADING, F.DOWNLOADED, F.INSTALLING)

        play.power_cut(cause=StartCause.FIRMWARE)
        play.expect_nothing()
        play.advance(30)

        expect(play, F.INSTALLED)


def test_of_what_was_missed_while_offline_the_last_status_is_told() -> None:
    with quiet(booted()) as play:
        play.drop_link()
        play.hardware.file_delays_s[Install] = 500.0
        play.hardware.file_delays_s[Download] = 1.0
        play.restore_link()
        update(play)
        play.drop_link()
        play.advance(1)
        play.expect(status(F.DOWNLOADING))

        play.restore_link()

        expect(play, F.INSTALLING)


def test_a_status_that_the_central_system_refuses_is_not_repeated() -> None:
    with quiet(booted()) as play:
        play.central_system.answer(FirmwareStatusNotification, Refusal(CallErrorCode.INTERNAL_ERROR))
        play.hardware.file_results[Download] = Failed()
        update(play)
        expect(play, F.DOWNLOADING, F.DOWNLOAD_FAILED)

        play.drop_link()
        play.restore_link()

        play.expect_nothing()


@pytest.mark.parametrize(("delay_s", "expected"), [(None, F.DOWNLOADING), (0.0, F.IDLE)])
def test_a_trigger_is_answered_with_the_last_status_while_busy(delay_s: float | None, expected: FirmwareStatus) -> None:
    """§5.17: Idle when nothing is going on."""
    with quiet(booted()) as play:
        play.hardware.file_delays_s[Download] = delay_s
        play.hardware.file_results[Download] = Failed()
        update(play)
        play.skip()

        play.send(TriggerMessage(requested_message=MessageTrigger.FIRMWARE_STATUS_NOTIFICATION))

        expect(play, expected)


def test_progress_is_shown() -> None:
    with quiet(booted()) as play:
        play.hardware.file_delays_s[Download] = 10.0
        update(play)
        ask_id = play.expect(Download).ask_id

        play.happens(AskProgressed(ask_id, 300, None))

        play.expect(WorkProgress(Work.DOWNLOAD, 300, None))
        play.skip()


def test_a_reset_is_rejected_while_firmware_is_being_installed() -> None:
    with quiet(booted()) as play:
        play.hardware.file_delays_s[Install] = 100.0
        update(play)
        expect(play, F.DOWNLOADING, F.DOWNLOADED, F.INSTALLING)

        answers = [play.send(Reset(type=kind)) for kind in ResetType]

        assert answers == [ResetConf(status=ResetStatus.REJECTED)] * 2
        play.expect_nothing()


def test_a_reset_while_fetching_begins_the_download_again_without_a_word_of_the_first() -> None:
    with quiet(booted()) as play:
        play.hardware.file_delays_s[Download] = 100.0
        update(play)
        expect(play, F.DOWNLOADING)

        assert play.send(Reset(type=ResetType.SOFT)) == ResetConf(status=ResetStatus.ACCEPTED)

        expect(play, F.DOWNLOADING)
        play.expect(Download)
        play.expect(Download)


def test_a_reset_while_waiting_for_transactions_ends_them_and_installing_begins_after_the_boot() -> None:
    with booted() as play:
        play.hardware.file_delays_s[Install] = 100.0
        play.begin_transaction(1)
        quiet(play)
        update(play)
        expect(play, F.DOWNLOADING, F.DOWNLOADED)

        assert play.send(Reset(type=ResetType.HARD)) == ResetConf(status=ResetStatus.ACCEPTED)

        play.expect(StopTransaction, reason=Reason.HARD_RESET)
        expect(play, F.INSTALLING)


def test_a_board_that_does_not_reboot_has_not_installed_anything() -> None:
    """The connectors come back; the failed restart is told as ever."""
    with booted(ResetRetries=0) as play:
        play.hardware.reboot_result = Failed(text="watchdog disabled")
        update(play)
        play.advance(60)

        told = play.central_system.seen_of(FirmwareStatusNotification)
        assert told == [status(each) for each in (F.DOWNLOADING, F.DOWNLOADED, F.INSTALLING, F.INSTALLATION_FAILED)]
        play.expect(FirmwareProgress(F.DOWNLOADING))
        play.expect(FirmwareProgress(F.DOWNLOADED))
        play.expect(FirmwareProgress(F.INSTALLING))
        play.expect(FirmwareProgress(F.INSTALLATION_FAILED, "the station could not be restarted"))
        statuses = {each.connector_id: each.status for each in play.central_system.seen_of(StatusNotification)}
        assert statuses == {0: S.AVAILABLE, 1: S.AVAILABLE, 2: S.AVAILABLE}
        play.skip()
