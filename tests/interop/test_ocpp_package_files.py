"""Firmware and diagnostics from end to end, against a central system made with the package `ocpp` and a web server.

Over sockets, on asyncio and trio, with a power cut in each phase.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from zipfile import ZipFile

import anyio
import pytest
from anyio import to_thread
from attrs import define, field

from ocpp16cp.driver.simulated import SimulatedStation
from ocpp16cp.io.file_work import FileStorage
from ocpp16cp.io.runner import StationRunner
from ocpp16cp.io.simulated import SimulatedDriver
from ocpp16cp.io.simulated_files import SimulatedFiles, make_image
from ocpp16cp.station import Station
from tests.interop.foreign import Ocpp
from tests.interop.programs import LIMIT_S, running
from tests.io.files.servers import http_server, relay

pytestmark = pytest.mark.anyio

IMAGE_BYTES = 5_000_000


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def central_system() -> Iterator[Ocpp]:
    """One program for all tests; each has a station of its own name."""
    ocpp = Ocpp()
    with running(ocpp.program):
        yield ocpp


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder with an image, and the root of the web server that has it."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "image.bin").write_bytes(make_image("2.0", size=IMAGE_BYTES))
    with http_server(folder) as url:
        yield folder, url


@define(eq=False)
class Site:
    """A station with files, whose power can be cut."""

    runner: StationRunner
    driver: SimulatedDriver
    _power: anyio.CancelScope = field(factory=anyio.CancelScope)

    async def live(self) -> None:
        """Run, and again after each power cut, until stopped."""
        while True:
            with self._power:
                await self.runner.run()
            if not self._power.cancelled_caught:
                return
            self._power = anyio.CancelScope()

    def cut_power(self) -> None:
        """End the run at once; the next one begins."""
        self._power.cancel()


@asynccontextmanager
async def site(central_system: Ocpp, identity: str, directory: Path) -> AsyncIterator[Site]:
    """A station that lives while the block does."""
    station = Station(
        identity=identity,
        vendor="ocpp16cp",
        model="interop",
        central_system_url=central_system.url,
        configuration=(("RetryBackOffWaitMinimum", "0"), ("RetryBackOffRandomRange", "1")),
    )
    driver = SimulatedDriver(SimulatedStation(station), files=SimulatedFiles(install_s=60.0))
    at = Site(StationRunner(station, driver, files=FileStorage(directory)), driver)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(at.live)
        await central_system.until_called(identity, "StatusNotification", connectorId=2)
        yield at
        await at.runner.stop()


def wait_for_bytes(file: Path, count: int) -> None:
    """Wait until so much of a file has come; nobody tells."""
    deadline = monotonic() + LIMIT_S
    while not file.exists() or file.stat().st_size < count:
        assert monotonic() < deadline, f"{file} does not grow"
        sleep(0.02)


def statuses(central_system: Ocpp, identity: str, action: str) -> list[str]:
    """What a station has told of its files."""
    return [payload["status"] for _, payload in central_system.calls(identity, action)]


async def test_firmware_is_updated_whatever_phase_a_power_cut_comes_in(
    anyio_backend: str, central_system: Ocpp, server: tuple[Path, str], tmp_path: Path
) -> None:
    identity, told = f"FW-{anyio_backend}", "FirmwareStatusNotification"
    part = tmp_path / "firmware.bin.part"
    async with relay(server[1], 2_000_000, holds=True) as url, site(central_system, identity, tmp_path) as at:
        location, now = f"{url}/files/image.bin", datetime.now(UTC).isoformat()
        await central_system.call(identity, "UpdateFirmware", location=location, retrieve_date=now)
        await central_system.until_called(identity, told, status="Downloading")
        await to_thread.run_sync(wait_for_bytes, part, 1_000_000)
        at.cut_power()
        await central_system.until(lambda: statuses(central_system, identity, told)[-1] == "Installing")
        at.cut_power()
        at.driver.files.install_s = 0.1
        await central_system.until_called(identity, told, status="Installed")

    heard = statuses(central_system, identity, told)
    assert heard[:4] == ["Downloading", "Downloading", "Downloaded", "Installing"]
    assert heard[-2:] == ["Installing", "Installed"]
    assert set(heard[4:-1]) == {"Installing"}
    assert at.driver.files.version == "2.0"
    boots = central_system.calls(identity, "BootNotification")
    assert len(boots) == 4, "at first, after two power cuts, into the new firmware"


async def test_diagnostics_are_uploaded_in_another_try_after_a_power_cut(
    anyio_backend: str, central_system: Ocpp, server: tuple[Path, str], tmp_path: Path
) -> None:
    identity, told = f"DG-{anyio_backend}", "DiagnosticsStatusNotification"
    async with relay(server[1], 0, holds=True) as url, site(central_system, identity, tmp_path) as at:
        answer = await central_system.call(
            identity, "GetDiagnostics", location=f"{url}/files", retries=1, retry_interval=1
        )
        await central_system.until_called(identity, told, status="Uploading")
        at.cut_power()
        await central_system.until_called(identity, told, status="Uploaded")

    # The end of the first try is told unless the next one has begun by the time that the station is accepted again.
    heard = [status for status in statuses(central_system, identity, told) if status != "UploadFailed"]
    assert heard == ["Uploading", "Uploading", "Uploaded"]
    with ZipFile(server[0] / answer["file_name"]) as archive:
        assert archive.namelist() == ["board.txt", "messages.jsonl"]
