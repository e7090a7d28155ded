"""What a station does with files: fetches firmware and has it installed, collects diagnostics and brings them away."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import anyio
from anyio import to_thread
from anyio.abc import TaskGroup
from attrs import define, field

from ocpp16cp.driver.interface import Driver, HardwareFailure
from ocpp16cp.errors import UsageError
from ocpp16cp.events import AskProgressed, CommandDone, Event, Failed, FailureReason, Succeeded
from ocpp16cp.outcome import CancelAsk, CollectDiagnostics, Download, FileCommand, Install, Upload
from ocpp16cp.station import Station

from .files import FileTransfer, Progress, TransferFailed
from .link import Direction
from .trace import TraceWriter

if TYPE_CHECKING:
    from .trace_ring import TraceRing

PROGRESS_INTERVAL_S = 1.0
"""Progress is told no more often."""

PERCENT = 100

Ask = Download | Install | CollectDiagnostics | Upload


@define(eq=False)
class FileStorage:
    """Where a station keeps files, and how it gets and brings them.

    In `directory` stand the firmware that was fetched last (`firmware.bin`), the diagnostics that were collected last
    (`diagnostics/`) and the last messages (`trace/`), which are part of all diagnostics. One station, one directory.
    """

    directory: Path
    transfer: FileTransfer = field(factory=FileTransfer)
    keeps_trace: bool = field(default=True, kw_only=True)
    """Whether messages are written down, without their secrets."""

    @property
    def image(self) -> Path:
        """The firmware that was fetched last."""
        return self.directory / "firmware.bin"

    def bundle(self, file_name: str) -> Path:
        """The diagnostics of that name."""
        return self.directory / "diagnostics" / file_name


@define(eq=False)
class FileWork:
    """The files of one station during one run; each ask has a task of its own."""

    storage: FileStorage | None
    """`None`: there is no place for files."""
    station: Station
    driver: Driver
    post: Callable[[Event], Awaitable[None]]
    _ring: TraceRing | None = field(default=None, init=False)
    _trace: TraceWriter | None = field(default=None, init=False)
    _scopes: dict[int, anyio.CancelScope] = field(factory=dict, init=False)
    """Of the asks under way."""

    def open(self) -> None:
        """Make the places for files.

        Raises:
            UsageError: they cannot be made.
        """
        if self.storage is None:
            return
        try:
            self.storage.directory.mkdir(parents=True, exist_ok=True)
            if self.storage.keeps_trace:
                from .trace_ring import TraceRing

                self._ring = TraceRing(self.storage.directory / "trace")
                self._trace = TraceWriter(self._ring, self.station.identity)
        except OSError as error:
            raise UsageError(f"files: {str(self.storage.directory)!r} cannot be used: {error.strerror}") from error

    def close(self) -> None:
        """Let go of the files."""
        if self._ring is not None:
            self._ring.close()

    def see(self, direction: Direction, text: str) -> None:
        """Write a message down."""
        if self._trace is not None:
            self._trace(direction, text)

    def carry_out(self, command: FileCommand, tasks: TaskGroup) -> None:
        """Begin to carry out a command, or stop it; waits for nothing."""
        if not isinstance(command, CancelAsk):
            tasks.start_soon(self._ask, command)
        elif command.ask_id in self._scopes:
            self._scopes[command.ask_id].cancel()

    async def _ask(self, ask: Ask) -> None:
        """Do what is asked for, within its time; nobody wants to hear of what was stopped."""
        reporter = _Progress(ask.ask_id)
        result: Succeeded | Failed = Succeeded()
        async with anyio.create_task_group() as tasks:
            self._scopes[ask.ask_id] = tasks.cancel_scope
            try:
                tasks.start_soon(self._tell_progress, reporter)
                with anyio.fail_after(self._limit_s(ask)):
                    await self._do(ask, reporter)
            except TimeoutError:
                result = Failed(FailureReason.TIMED_OUT, f"not done within {self._limit_s(ask):g} s")
            except (HardwareFailure, TransferFailed, OSError) as error:
                result = _failed(error)
            finally:
                del self._scopes[ask.ask_id]
            await self.post(CommandDone(ask.ask_id, result))
            tasks.cancel_scope.cancel()

    def _limit_s(self, ask: Ask) -> float:
        """How long an ask may take."""
        settings = self.station.settings
        match ask:
            case Install():
                return settings.install_timeout_s
            case CollectDiagnostics():
                return settings.collect_timeout_s
            case _:
                return settings.transfer_timeout_s

    async def _do(self, ask: Ask, progress: _Progress) -> None:
        """Do what is asked for.

        Raises:
            HardwareFailure: the driver could not.
            TransferFailed: the file did not come through.
            OSError: the disk did not let it.
        """
        storage = self.storage
        if storage is None:
            raise HardwareFailure(FailureReason.NOT_SUPPORTED, "this station has no place for files")
        match ask:
            case Download(location=location):
                await storage.transfer.download(location, storage.image, on_progress=progress.bytes)
            case Install():
                if not await anyio.Path(storage.image).exists():
                    raise HardwareFailure(text="the image that was fetched is not there any more")
                await self.driver.install_firmware(storage.image, on_progress=progress.percent)
            case CollectDiagnostics():
                await self._collect(ask, storage.bundle(ask.file_name), progress)
            case Upload(file_name=name, location=location):
                bundle = storage.bundle(name)
                await storage.transfer.upload(bundle, location, name=name, on_progress=progress.bytes)
            case _:
                assert_never(ask)

    async def _collect(self, ask: CollectDiagnostics, bundle: Path, progress: _Progress) -> None:
        """Put together what the driver has and the messages, as one file; what was collected before is gone."""
        folder = bundle.with_name("files")
        await to_thread.run_sync(_empty, bundle.parent, folder)
        await self.driver.collect_diagnostics(folder, since=ask.since, until=ask.until, on_progress=progress.percent)
        if not await to_thread.run_sync(self._pack, ask, folder, bundle):
            raise HardwareFailure(FailureReason.NOT_SUPPORTED, "there is nothing to upload")

    def _pack(self, ask: CollectDiagnostics, folder: Path, bundle: Path) -> bool:
        """Make one file of all; whether there is anything in it."""
        # Imported here, as is the ring: most stations never need it.
        from zipfile import ZIP_DEFLATED, ZipFile

        with ZipFile(bundle, "w", ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(folder))
            if self._ring is not None:
                lines = "".join(self._ring.lines(ask.since, ask.until))
                if lines:
                    archive.writestr("messages.jsonl", lines)
            is_empty = not archive.namelist()
        shutil.rmtree(folder)
        return not is_empty

    async def _tell_progress(self, progress: _Progress) -> None:
        """Tell how far an ask has come, as long as it is under way."""
        told = None
        while True:
            await anyio.sleep(PROGRESS_INTERVAL_S)
            if progress.event is not None and progress.event != told:
                told = progress.event
                await self.post(told)


@define
class _Progress:
    """How far an ask has come."""

    ask_id: int
    event: AskProgressed | None = None

    def bytes(self, progress: Progress) -> None:
        """So much of a file."""
        self.event = AskProgressed(self.ask_id, progress.done_bytes, progress.total_bytes)

    def percent(self, percent: int) -> None:
        """So much of anything else."""
        self.event = AskProgressed(self.ask_id, min(max(percent, 0), PERCENT), PERCENT)


def _failed(error: HardwareFailure | TransferFailed | OSError) -> Failed:
    """What an error tells the core."""
    match error:
        case HardwareFailure():
            return Failed(error.reason, error.text)
        case TransferFailed():
            return Failed(FailureReason.FAILED, str(error))
        case _:
            return Failed(FailureReason.FAILED, f"{error.filename or 'the disk'}: {error.strerror or error}")


def _empty(directory: Path, folder: Path) -> None:
    """Make room for what is to be collected."""
    shutil.rmtree(directory, ignore_errors=True)
    folder.mkdir(parents=True)
