"""Firmware and diagnostics through the runner: a real web server, a scripted central system, a simulated board."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from ocpp16cp.errors import UsageError
from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.configuration.messages import ChangeConfiguration
from ocpp16cp.features.diagnostics.messages import (
    DiagnosticsStatus,
    DiagnosticsStatusNotification,
    GetDiagnostics,
    GetDiagnosticsConf,
)
from ocpp16cp.features.firmware.messages import FirmwareStatus, FirmwareStatusNotification, UpdateFirmware
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.io.file_work import FileStorage
from ocpp16cp.io.simulated_files import make_image
from ocpp16cp.outcome import DiagnosticsProgress, FirmwareProgress, Notice
from tests.io.files.servers import http_server
from tests.io.station_rig import Backend, Rig, backend_named, make_rig

pytestmark = pytest.mark.anyio

D, F = DiagnosticsStatus, FirmwareStatus

PAST = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> Backend:
    return backend_named(request.param)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder, and the URL under which it is served."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "good.bin").write_bytes(make_image("2.0"))
    (folder / "corrupt.bin").write_bytes(b"something else")
    with http_server(folder) as url:
        yield folder, f"{url}/files"


def rig_with(directory: Path | None) -> Rig:
    """A station that keeps its files there."""
    rig = make_rig()
    rig.runner.files = None if directory is None else FileStorage(directory)
    return rig


async def ask(rig: Rig, request: object) -> object:
    """Let the central system ask for something, as soon as the station is there; the answer."""
    await rig.until_seen(StatusNotification, times=3)
    message_id, text = rig.central_system.call(request)
    await rig.connections[-1].send_text(text)
    await rig.until(lambda: message_id in rig.central_system.answers)
    return rig.central_system.answers[message_id]


def firmware_statuses(rig: Rig) -> list[FirmwareStatus]:
    """What was told of updates."""
    return [each.status for each in rig.central_system.seen_of(FirmwareStatusNotification)]


def diagnostics_statuses(rig: Rig) -> list[DiagnosticsStatus]:
    """What was told of uploads."""
    return [each.status for each in rig.central_system.seen_of(DiagnosticsStatusNotification)]


async def test_firmware_is_fetched_and_put_in_place(server: tuple[Path, str], tmp_path: Path) -> None:
    rig = rig_with(tmp_path)

    async with rig.running():
        await ask(rig, UpdateFirmware(location=f"{server[1]}/good.bin", retrieve_date=PAST))
        await rig.until(lambda: F.INSTALLED in firmware_statuses(rig))

    assert firmware_statuses(rig) == [F.DOWNLOADING, F.DOWNLOADED, F.INSTALLING, F.INSTALLED]
    assert rig.driver.files.version == "2.0"
    assert len(rig.central_system.seen_of(BootNotification)) == 2


@pytest.mark.parametrize(
    ("name", "statuses", "reason"),
    [
        ("missing.bin", [F.DOWNLOADING, F.DOWNLOAD_FAILED], "127.0.0.1 answers 404 Not Found"),
        (
            "corrupt.bin",
            [F.DOWNLOADING, F.DOWNLOADED, F.INSTALLING, F.INSTALLATION_FAILED],
            "this is no image for this board",
        ),
    ],
)
async def test_why_an_update_failed_is_noticed(
    name: str, statuses: list[FirmwareStatus], reason: str, server: tuple[Path, str], tmp_path: Path
) -> None:
    rig = rig_with(tmp_path)

    async with rig.running():
        await ask(rig, UpdateFirmware(location=f"{server[1]}/{name}", retrieve_date=PAST, retries=0))
        await rig.until(lambda: firmware_statuses(rig) == statuses)

    assert rig.noticed(FirmwareProgress)[-1] == FirmwareProgress(statuses[-1], reason)


async def test_an_image_that_is_gone_is_not_installed(server: tuple[Path, str], tmp_path: Path) -> None:
    rig = rig_with(tmp_path)
    storage = rig.runner.files
    assert storage is not None

    def note(notice: Notice) -> None:
        storage.image.unlink(missing_ok=True)
        rig.note(notice)

    rig.runner.on_notice = note
    async with rig.running():
        await ask(rig, UpdateFirmware(location=f"{server[1]}/good.bin", retrieve_date=PAST))
        await rig.until(lambda: firmware_statuses(rig)[-1:] == [F.INSTALLATION_FAILED])

    reason = "the image that was fetched is not there any more"
    assert FirmwareProgress(F.INSTALLATION_FAILED, reason) in rig.noticed(FirmwareProgress)


async def test_diagnostics_hold_what_the_driver_wrote_and_the_messages(
    server: tuple[Path, str], tmp_path: Path
) -> None:
    """Without secrets, and only those of the time that was asked for."""
    folder, url = server
    rig = rig_with(tmp_path)
    since = datetime.now(UTC)

    async with rig.running():
        await ask(rig, ChangeConfiguration(key="AuthorizationKey", value="00112233445566778899AABBCCDDEEFF00112233"))
        conf = await ask(rig, GetDiagnostics(location=url, start_time=since))
        await rig.until(lambda: diagnostics_statuses(rig) == [D.UPLOADING, D.UPLOADED])

    assert isinstance(conf, GetDiagnosticsConf)
    assert conf.file_name is not None
    with ZipFile(folder / conf.file_name) as archive:
        assert archive.namelist() == ["board.txt", "messages.jsonl"]
        assert archive.read("board.txt").startswith(b"simulated board, firmware 1.0")
        messages = archive.read("messages.jsonl").decode()
    actions = [json.loads(line).get("action") for line in messages.splitlines()]
    assert {"BootNotification", "ChangeConfiguration", "GetDiagnostics"} <= set(actions)
    assert "AABBCCDDEEFF" not in messages


async def test_messages_out_of_the_time_asked_for_are_left_out(server: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = server
    rig = rig_with(tmp_path)

    async with rig.running():
        conf = await ask(rig, GetDiagnostics(location=url, stop_time=datetime.now(UTC) - timedelta(days=1)))
        await rig.until(lambda: diagnostics_statuses(rig) == [D.UPLOADING, D.UPLOADED])

    assert isinstance(conf, GetDiagnosticsConf)
    assert conf.file_name is not None
    with ZipFile(folder / conf.file_name) as archive:
        assert archive.namelist() == ["board.txt"]


async def test_why_an_upload_failed_is_noticed(free_tcp_port: int, tmp_path: Path) -> None:
    rig = rig_with(tmp_path)

    async with rig.running():
        await ask(rig, GetDiagnostics(location=f"http://127.0.0.1:{free_tcp_port}/", retries=0))
        await rig.until(lambda: diagnostics_statuses(rig) == [D.UPLOADING, D.UPLOAD_FAILED])

    assert rig.noticed(DiagnosticsProgress)[-1].reason.startswith("no connection to 127.0.0.1")


async def test_what_the_driver_could_not_collect_is_noticed(server: tuple[Path, str], tmp_path: Path) -> None:
    rig = rig_with(tmp_path)
    rig.driver.files.collect_failure = "memory card missing"

    async with rig.running():
        await ask(rig, GetDiagnostics(location=server[1]))
        await rig.until(lambda: diagnostics_statuses(rig) == [D.UPLOADING, D.UPLOAD_FAILED])

    assert rig.noticed(DiagnosticsProgress)[-1].reason == "memory card missing"


async def test_a_station_without_a_place_for_files_has_nothing_to_upload_and_fetches_nothing() -> None:
    rig = rig_with(None)

    async with rig.running():
        assert await ask(rig, GetDiagnostics(location="http://127.0.0.1/")) == GetDiagnosticsConf()
        await ask(rig, UpdateFirmware(location="http://127.0.0.1/x", retrieve_date=PAST, retries=0))
        await rig.until(lambda: firmware_statuses(rig) == [F.DOWNLOADING, F.DOWNLOAD_FAILED])

    assert rig.noticed(FirmwareProgress)[-1].reason == "this station has no place for files"


async def test_a_place_that_cannot_be_used_ends_the_run_before_it_began(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    rig = rig_with(tmp_path / "file" / "below")

    with pytest.raises(UsageError, match=r"files: .* cannot be used"):
        await rig.runner.run()

    assert not rig.central_system.seen_of(BootNotification)


async def test_a_transfer_that_makes_way_is_stopped(server: tuple[Path, str], tmp_path: Path) -> None:
    """The new one is fetched into the same place."""
    rig = rig_with(tmp_path)

    async def hold(stream: SocketStream) -> None:
        async with stream:
            await anyio.sleep_forever()

    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as tasks,
        rig.running(),
    ):
        tasks.start_soon(listener.serve, hold)
        port = listener.extra(SocketAttribute.local_port)
        await ask(rig, UpdateFirmware(location=f"http://127.0.0.1:{port}/x", retrieve_date=PAST))
        await rig.until(lambda: firmware_statuses(rig) == [F.DOWNLOADING])

        await ask(rig, UpdateFirmware(location=f"{server[1]}/corrupt.bin", retrieve_date=PAST))
        await rig.until(lambda: F.INSTALLATION_FAILED in firmware_statuses(rig))
        tasks.cancel_scope.cancel()

    assert firmware_statuses(rig) == [
        F.DOWNLOADING,
        F.DOWNLOADING,
        F.DOWNLOADED,
        F.INSTALLING,
        F.INSTALLATION_FAILED,
    ]
