"""Why a file was not transferred."""

from __future__ import annotations

import errno
import ssl
from enum import StrEnum

from ocpp16cp.io import tls


class FailureReason(StrEnum):
    """What became of a transfer, as far as somebody may want to act on the difference."""

    BAD_LOCATION = "BadLocation"
    """Nothing was tried: the location cannot be read."""
    UNSUPPORTED_SCHEME = "UnsupportedScheme"
    """Nothing was tried: the location names another protocol than http, https, ftp and ftps."""
    NAME_RESOLUTION = "NameResolution"
    CONNECTION = "Connection"
    """Nobody listens there, or there is no way to the host."""
    TLS = "Tls"
    """No agreement on TLS, or the server's certificate was not accepted."""
    DENIED = "Denied"
    """User, password or rights."""
    NOT_FOUND = "NotFound"
    """There is no such file, or no such directory to bring one to."""
    REFUSED = "Refused"
    """The server said no in another way."""
    TIMED_OUT = "TimedOut"
    """Nothing moved for too long, or the whole took too long."""
    INTERRUPTED = "Interrupted"
    """The connection broke."""
    TRUNCATED = "Truncated"
    """The server ended the file before its announced length."""
    TOO_LARGE = "TooLarge"
    """The file is larger than allowed."""
    DISK_FULL = "DiskFull"
    LOCAL = "Local"
    """A file of ours cannot be read or written."""


class TransferFailed(Exception):
    """A file was not transferred; the text says in one line what happened, without the password of the location."""

    def __init__(self, reason: FailureReason, text: str) -> None:
        super().__init__(text)
        self.reason = reason

    def __reduce__(self) -> tuple[type[TransferFailed], tuple[FailureReason, str]]:
        """Rebuild from the arguments: `Exception` alone would pass the text only."""
        return type(self), (self.reason, str(self))


def of_local(error: OSError) -> TransferFailed:
    """What an error of our own disk means."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return TransferFailed(FailureReason.DISK_FULL, f"no space is left for {str(error.filename or 'the file')!r}")
    return TransferFailed(FailureReason.LOCAL, f"{str(error.filename or 'the file')!r}: {error.strerror or error}")


def of_tls(error: ssl.SSLError) -> TransferFailed:
    """What an error of TLS means."""
    return TransferFailed(FailureReason.TLS, tls.explain(error)[1])


def of_connection(error: OSError, host: str) -> TransferFailed:
    """What an error of a socket means."""
    if isinstance(error, ssl.SSLError):
        return of_tls(error)
    if isinstance(error, TimeoutError):
        return TransferFailed(FailureReason.TIMED_OUT, f"{host} does not answer")
    if isinstance(error, ConnectionRefusedError) or error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return TransferFailed(FailureReason.CONNECTION, f"no connection to {host}: {error.strerror}")
    return TransferFailed(FailureReason.INTERRUPTED, f"the connection to {host} broke: {error.strerror or error}")
