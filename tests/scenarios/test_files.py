"""Firmware updates and diagnostics, as in §4.4, §4.5, §5.9, §5.19 and the cases TC_044 and TC_045."""

from __future__ import annotations

import pytest

from ocpp16cp.events import Failed, StartCause
from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.diagnostics.messages import (
    DiagnosticsStatus,
    DiagnosticsStatusNotification,
    GetDiagnostics,
    GetDiagnosticsConf,
)
from ocpp16cp.features.firmware.messages import FirmwareStatus, FirmwareStatusNotification, UpdateFirmware
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.outcome import CollectDiagnostics, Download, Install, Upload
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import ChargePointStatus
from tests.features.stations import STATION

S, F, D = ChargePointStatus, FirmwareStatus, DiagnosticsStatus

IMAGE = "ftp://user:secret@files.example/firmware.bin"
FOLDER = "https://files.example/logs"


def update(play: Playbook) -> None:
    """Ask for an update now, without further tries."""
    play.send(UpdateFirmware(location=IMAGE, retrieve_date=play.utc, retries=0))


def firmware(play: Playbook, *statuses: FirmwareStatus) -> None:
    """Meet these statuses of an update."""
    for each in statuses:
        play.expect(FirmwareStatusNotification(status=each))


def diagnostics(play: Playbook, *statuses: DiagnosticsStatus) -> None:
    """Meet these statuses of an upload."""
    for each in statuses:
        play.expect(DiagnosticsStatusNotification(status=each))


def booted_again(play: Playbook) -> None:
    """Meet what is said after a restart, and nothing of firmware so far."""
    play.expect(BootNotification)
    for connector_id in (0, 1, 2):
        play.expect_status(connector_id, S.AVAILABLE)


def test_tc_044_1_firmware_update_download_and_install() -> None:
    """Downloading, Downloaded, Installing; the connectors go out of service; restart; Installed, back in service."""
    with Playbook(STATION) as play:
        play.boot()
        play.hardware.file_delays_s |= {Download: 20.0, Install: 60.0}

        update(play)

        firmware(play, F.DOWNLOADING)
        play.advance(20)
        firmware(play, F.DOWNLOADED, F.INSTALLING)
        play.expect_status(1, S.UNAVAILABLE)
        play.expect_status(2, S.UNAVAILABLE)
        play.advance(60)
        booted_again(play)
        firmware(play, F.INSTALLED)
        play.expect_nothing()


def test_tc_044_2_firmware_update_download_failed() -> None:
    """Downloading, DownloadFailed; the connectors stay in service."""
    with Playbook(STATION) as play:
        play.boot()
        play.hardware.file_results[Download] = Failed(text="no such file")

        update(play)

        firmware(play, F.DOWNLOADING, F.DOWNLOAD_FAILED)
        play.expect_nothing()


def test_tc_044_3_firmware_update_installation_failed() -> None:
    """Downloading, Downloaded, Installing, InstallationFailed; the connectors come back."""
    with Playbook(STATION) as play:
        play.boot()
        play.hardware.file_delays_s[Install] = 10.0
        play.hardware.file_results[Install] = Failed(text="bad signature")

        update(play)

        firmware(play, F.DOWNLOADING, F.DOWNLOADED, F.INSTALLING)
        play.expect_status(1, S.UNAVAILABLE)
        play.expect_status(2, S.UNAVAILABLE)
        play.advance(10)
        firmware(play, F.INSTALLATION_FAILED)
        play.expect_status(1, S.AVAILABLE)
        play.expect_status(2, S.AVAILABLE)
        play.expect_nothing()


def test_tc_045_1_get_diagnostics() -> None:
    """The name of the file first, then Uploading, Uploaded."""
    with Playbook(STATION) as play:
        play.boot()

        conf = play.send(GetDiagnostics(location=FOLDER), GetDiagnosticsConf)

        assert conf.file_name is not None
        play.expect(CollectDiagnostics, file_name=conf.file_name)
        play.expect(Upload, location=FOLDER, file_name=conf.file_name)
        diagnostics(play, D.UPLOADING, D.UPLOADED)
        play.expect_nothing()


def test_tc_045_2_get_diagnostics_upload_failed() -> None:
    """The name of the file first, then Uploading, UploadFailed."""
    with Playbook(STATION) as play:
        play.boot()
        play.hardware.file_results[Upload] = Failed(text="no way to files.example")

        conf = play.send(GetDiagnostics(location=FOLDER, retries=0), GetDiagnosticsConf)

        assert conf.file_name is not None
        diagnostics(play, D.UPLOADING, D.UPLOAD_FAILED)
        play.expect_nothing()


@pytest.mark.parametrize(
    ("slow", "before", "after"),
    [
        (Download, [F.DOWNLOADING], [F.DOWNLOADING, F.DOWNLOADED, F.INSTALLING]),
        (Install, [F.DOWNLOADING, F.DOWNLOADED, F.INSTALLING], [F.INSTALLING]),
    ],
)
def test_tc_044_1_firmware_update_through_a_power_cut(
    slow: type[Download | Install], before: list[FirmwareStatus], after: list[FirmwareStatus]
) -> None:
    """What the power cut has interrupted is done again, and the update comes to its end."""
    with Playbook(STATION) as play:
        play.boot()
        play.hardware.file_delays_s[slow] = 50.0
        play.ignore(StatusNotification)
        update(play)
        firmware(play, *before)

        play.power_cut(off_s=10)

        play.expect(BootNotification)
        play.advance(50)
        firmware(play, *after)
        play.expect(BootNotification)
        firmware(play, F.INSTALLED)
        play.expect_nothing()


def test_tc_044_1_firmware_update_through_a_power_cut_while_the_board_reboots() -> None:
    """The power comes back into the new firmware, whatever the board says of why it started."""
    with Playbook(STATION) as play:
        play.boot()
        play.hardware.reboot_delay_s = None
        play.ignore(StatusNotification)
        update(play)
        firmware(play, F.DOWNLOADING, F.DOWNLOADED, F.INSTALLING)

        play.power_cut(cause=StartCause.POWER_UP)

        play.expect(BootNotification)
        firmware(play, F.INSTALLED)
        play.expect_nothing()


def test_tc_045_1_get_diagnostics_through_a_power_cut() -> None:
    """The try under way has failed, and the next one follows."""
    with Playbook(STATION) as play:
        play.boot()
        play.hardware.file_delays_s[Upload] = 50.0
        play.ignore(StatusNotification)
        play.send(GetDiagnostics(location=FOLDER, retries=1, retry_interval=20))
        diagnostics(play, D.UPLOADING)

        play.power_cut(off_s=10)

        play.expect(BootNotification)
        diagnostics(play, D.UPLOAD_FAILED)
        play.advance(70)
        diagnostics(play, D.UPLOADING, D.UPLOADED)
        play.expect_nothing()
