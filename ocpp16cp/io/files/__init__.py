"""Files over http, https, ftp and ftps: firmware fetched, diagnostics brought away.

    transfer = FileTransfer(context=client_context(authorities=Path("roots.pem")))
    await transfer.download("https://files.example/fw-1.2.bin", Path("/data/firmware.bin"))
    await transfer.upload(Path("/data/log.zip"), "ftp://user:secret@files.example/logs", name="CP-1-log.zip")

On asyncio and trio. HTTP is spoken by httpx (extra `files`), FTP by the standard library in a worker thread: passive
mode, and for `ftps` explicit TLS (RFC 4217) with its session resumed on the data connection.

A download is collected beside its target and takes its place when it is whole, so the target is the old file or the new
one. One that breaks off leaves what has come; the next `download` of the same location goes on from there, where the
server can tell that it still has the same file. Every failure is a `TransferFailed`.
"""

from __future__ import annotations

from .failures import FailureReason, TransferFailed
from .gauge import Progress, TransferLimits
from .transfer import FileTransfer

__all__ = ["FailureReason", "FileTransfer", "Progress", "TransferFailed", "TransferLimits"]
