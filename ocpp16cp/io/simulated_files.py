"""What a simulated board does with files: firmware with a version in its first line, and a page of diagnostics."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import anyio
from anyio import to_thread
from attrs import define

from ocpp16cp.driver.interface import HardwareFailure, ProgressHook

MAGIC = b"FIRMWARE "
"""An image for this board begins with this, the version, and the end of the line."""

PERCENT = 100


def make_image(version: str, *, size: int = 1024) -> bytes:
    """An image that a simulated board takes; `size` bytes at least."""
    return (MAGIC + version.encode() + b"\n").ljust(size, b"\0")


@define
class SimulatedFiles:
    """The flash of a simulated board and its logs; each may be told to fail."""

    version: str = "1.0"
    """Of the firmware that runs."""
    installed: str | None = None
    """The version that runs after the next reboot; `None`: no other one."""
    install_s: float = 0.2
    """How long it takes to install firmware."""
    collect_s: float = 0.0
    """How long it takes to collect diagnostics."""
    install_failure: str | None = None
    """What goes wrong when firmware is installed; `None`: nothing."""
    collect_failure: str | None = None
    """What goes wrong when diagnostics are collected; `None`: nothing."""

    async def install(self, image: Path, on_progress: ProgressHook) -> None:
        """Put firmware in place.

        Raises:
            HardwareFailure: the file is no image for this board, or it was told to fail.
        """
        head = await to_thread.run_sync(_first_line, image)
        await _work(self.install_s, on_progress)
        if self.install_failure is not None:
            raise HardwareFailure(text=self.install_failure)
        if not head.startswith(MAGIC):
            raise HardwareFailure(text="this is no image for this board")
        self.installed = head.removeprefix(MAGIC).decode(errors="replace").strip()

    async def collect(
        self, folder: Path, since: datetime | None, until: datetime | None, on_progress: ProgressHook
    ) -> None:
        """Write a page about the board.

        Raises:
            HardwareFailure: it was told to fail.
        """
        await _work(self.collect_s, on_progress)
        if self.collect_failure is not None:
            raise HardwareFailure(text=self.collect_failure)
        page = f"simulated board, firmware {self.version}\nasked for {since or 'ever'} to {until or 'now'}\n"
        await anyio.Path(folder / "board.txt").write_text(page)

    def start(self) -> bool:
        """The board starts; whether firmware runs now that was installed before."""
        if self.installed is None:
            return False
        self.version, self.installed = self.installed, None
        return True


async def _work(seconds: float, on_progress: ProgressHook) -> None:
    """Take some time, and tell how far it has come."""
    for quarter in range(1, 5):
        await anyio.sleep(seconds / 4)
        on_progress(quarter * PERCENT // 4)


def _first_line(image: Path) -> bytes:
    """The beginning of a file, up to the end of its first line."""
    with image.open("rb") as file:
        return file.readline(256)
