"""Fetches files and brings files away, by whatever protocol the location names."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial as bound
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import anyio
from anyio import to_thread
from attrs import define, evolve, field

from ocpp16cp.errors import UsageError
from ocpp16cp.io.tls import client_context

from .failures import FailureReason, TransferFailed, of_local
from .gauge import Gauge, ProgressHook, TransferLimits
from .locations import Location, parse
from .partial import Partial

_FTP = ("ftp", "ftps")


@define
class FileTransfer:
    """Fetches and brings files within `limits`, trusting whom `context` trusts.

    Nothing is kept between calls; several may run at the same time, each with a target of its own.
    """

    context: ssl.SSLContext = field(factory=client_context)
    """For https and ftps; as it comes, it trusts what the system trusts."""
    limits: TransferLimits = field(factory=TransferLimits, kw_only=True)

    async def download(self, location: str, target: Path, *, on_progress: ProgressHook | None = None) -> None:
        """Fetch a file, or what an earlier try has left out.

        Args:
            location: the URL of the file.
            target: where it is put when it is whole; what was there is replaced. Beside it grows `NAME.part`.
            on_progress: sees how far it has come.

        Raises:
            TransferFailed: it did not come; what has come is kept for the next try.
            UsageError: httpx is not installed.
        """
        found = parse(location)
        partial = Partial(target, location)
        gauge = Gauge(self.limits, on_progress)
        async with self._bounded():
            await to_thread.run_sync(partial.open)
            try:
                await self._fetch(found, partial, gauge)
                await to_thread.run_sync(partial.finish)
            finally:
                with anyio.CancelScope(shield=True):
                    await to_thread.run_sync(partial.close)

    async def _fetch(self, location: Location, partial: Partial, gauge: Gauge) -> None:
        """Fetch what is missing."""
        # Each protocol is imported when it is used: what speaks it takes its time to load.
        if location.scheme in _FTP:
            from . import ftp

            session = ftp.Session(location, await ftp.addresses_of(location), self.context, gauge)
            await ftp.run(session, bound(session.download, partial))
        else:
            _require_httpx()
            from . import http

            await http.download(location, partial, gauge, self.context)

    async def upload(self, source: Path, directory: str, *, name: str, on_progress: ProgressHook | None = None) -> None:
        """Bring a file into a directory: by STOR, or by PUT.

        Args:
            source: the file.
            directory: its URL, with or without a slash at the end.
            name: what the file is called there.
            on_progress: sees how far it has come.

        Raises:
            TransferFailed: it was not brought; there may be a part of it.
            UsageError: httpx is not installed.
        """
        found = parse(directory)
        location = evolve(found, path=f"{found.path.rstrip('/')}/{quote(name, safe='')}")
        gauge = Gauge(self.limits, on_progress)
        async with self._bounded():
            try:
                size = (await anyio.Path(source).stat()).st_size
            except OSError as error:
                raise of_local(error) from error
            if location.scheme in _FTP:
                from . import ftp

                session = ftp.Session(location, await ftp.addresses_of(location), self.context, gauge)
                await ftp.run(session, bound(session.upload, source, size))
            else:
                _require_httpx()
                from . import http

                await http.upload(source, size, location, gauge, self.context)

    @asynccontextmanager
    async def _bounded(self) -> AsyncIterator[None]:
        """Give up when the whole takes too long."""
        try:
            with anyio.fail_after(self.limits.total_s):
                yield
        except TimeoutError as error:
            text = f"not done within {self.limits.total_s:g} s"
            raise TransferFailed(FailureReason.TIMED_OUT, text) from error


def _require_httpx() -> None:
    """Make sure that HTTP can be spoken: the module that does it is only imported then.

    Raises:
        UsageError: httpx is not installed.
    """
    if find_spec("httpx") is None:
        raise UsageError("files over http need the extra 'files': pip install 'ocpp16cp[files]'")
