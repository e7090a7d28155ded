"""Files over FTP and FTPS, by the standard library in a worker thread."""

from __future__ import annotations

import ftplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial as bound
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
from anyio import from_thread, to_thread
from attrs import define, field

from .failures import FailureReason, TransferFailed, of_connection, of_local
from .gauge import Gauge
from .locations import Location
from .partial import Partial

BLOCK_BYTES = 256 * 1024
"""So much is read or written at once."""

_REPORT_BYTES = 2 * 1024 * 1024
"""After so many bytes the event loop is told."""


class _ResumingTls(ftplib.FTP_TLS):
    """FTPS whose data connections go on with the session of the control connection.

    Servers demand that, so that nobody else can take the data connection; the standard library opens a new session.
    """

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        """Open the data connection of a command."""
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        assert isinstance(self.sock, ssl.SSLSocket)
        session = self.sock.session
        return self.context.wrap_socket(connection, server_hostname=self.host, session=session), size


@define
class Session:
    """One login, in a worker thread; `abort`, from any thread, makes everything in it fail soon."""

    location: Location
    addresses: tuple[str, ...]
    context: ssl.SSLContext
    gauge: Gauge
    _ftp: ftplib.FTP | None = None
    _data: socket.socket | None = None
    _is_aborted: bool = False
    _untold: int = field(default=0, init=False)

    def download(self, partial: Partial) -> None:
        """Fetch a file, or what is missing of it."""
        with self._logged_in() as ftp:
            *directories, name = self.location.segments
            self._enter(ftp, directories)
            size = self._size(ftp, name)
            version = self._version(ftp, name, size)
            if not partial.size or partial.validator != version:
                partial.restart(version)
            self._tell(bound(self.gauge.begin, partial.size, size, partial.target.parent))
            if partial.size == size:
                return
            with self._transfer(ftp, f"RETR {name}", partial.size) as data:
                for block in _blocks_of(data):
                    partial.write(block)
                    self._moved(len(block))
            self._tell(bound(self.gauge.add, self._untold))
            self._tell(self.gauge.end)

    def upload(self, source: Path, size: int) -> None:
        """Bring a file; the location names it."""
        with self._logged_in() as ftp, self._opened(source) as file:
            *directories, name = self.location.segments
            self._enter(ftp, directories)
            self._tell(bound(self.gauge.begin, 0, size))
            with self._transfer(ftp, f"STOR {name}", 0) as data:
                while block := file.read(BLOCK_BYTES):
                    data.sendall(block)
                    self._moved(len(block))
            self._tell(bound(self.gauge.add, self._untold))

    def abort(self) -> None:
        """Break the connections under whoever waits for them."""
        self._is_aborted = True
        for each in (self._data, None if self._ftp is None else self._ftp.sock):
            if each is not None:
                with suppress(OSError):
                    # Not the method of a TLS socket, which would take TLS away under the other thread.
                    socket.socket.shutdown(each, socket.SHUT_RDWR)

    @contextmanager
    def _logged_in(self) -> Iterator[ftplib.FTP]:
        """Connect and log in."""
        location, limits = self.location, self.gauge.limits
        ftp = _ResumingTls(context=self.context) if location.scheme == "ftps" else ftplib.FTP()
        self._ftp = ftp
        with _explained(location.host), ftp:
            self._connect(ftp)
            assert ftp.sock is not None
            ftp.sock.settimeout(limits.silence_s)
            ftp.timeout = limits.silence_s
            ftp.host = location.host
            # With TLS, the certificate is checked before the password is sent.
            ftp.login(location.user or "", location.password or "")
            if isinstance(ftp, ftplib.FTP_TLS):
                ftp.prot_p()
            ftp.voidcmd("TYPE I")
            yield ftp

    def _connect(self, ftp: ftplib.FTP) -> None:
        """Connect to the first address that answers."""
        for last, address in enumerate(self.addresses, start=1 - len(self.addresses)):
            try:
                ftp.connect(address, self.location.port, self.gauge.limits.connect_s)
            except OSError:
                if last == 0 or self._is_aborted:
                    raise
            else:
                return

    def _enter(self, ftp: ftplib.FTP, directories: list[str]) -> None:
        """Go to a directory, step by step as RFC 1738 has it; an empty first step is the root."""
        for index, directory in enumerate(directories):
            if directory or index == 0:
                ftp.cwd(directory or "/")

    def _size(self, ftp: ftplib.FTP, name: str) -> int | None:
        """The length of a file, if the server tells."""
        try:
            return ftp.size(name)
        except ftplib.error_perm:
            return None

    def _version(self, ftp: ftplib.FTP, name: str, size: int | None) -> str | None:
        """What tells this version of a file from others, if the server tells."""
        try:
            return f"{ftp.voidcmd(f'MDTM {name}')} {size}"
        except ftplib.error_perm:
            return None

    @contextmanager
    def _transfer(self, ftp: ftplib.FTP, command: str, rest: int) -> Iterator[socket.socket]:
        """The data connection of a command, until the server has confirmed it."""
        data = self._data = ftp.transfercmd(command, rest or None)
        try:
            yield data
            if isinstance(data, ssl.SSLSocket):
                _say_goodbye(data)
        finally:
            self._data = None
            data.close()
        ftp.voidresp()

    @contextmanager
    def _opened(self, source: Path) -> Iterator[Any]:
        """A file of ours."""
        try:
            file = source.open("rb")
        except OSError as error:
            raise of_local(error) from error
        with file:
            yield file

    def _moved(self, count: int) -> None:
        """So much has moved; the event loop is told now and then."""
        self._untold += count
        if self._untold >= _REPORT_BYTES:
            self._tell(bound(self.gauge.add, self._untold))
            self._untold = 0

    def _tell(self, call: Callable[[], None]) -> None:
        """Do something in the event loop, where the caller's hook is at home."""
        if self._is_aborted:
            raise TransferFailed(FailureReason.INTERRUPTED, "cancelled")
        from_thread.run_sync(call)


def _blocks_of(data: socket.socket) -> Iterator[memoryview]:
    """What comes over a data connection, in whole blocks: TLS hands out 16 KiB at a time, each worth a write otherwise.

    What has come before a connection breaks is handed out first. A block is good until the next one is asked for.
    """
    buffer = memoryview(bytearray(BLOCK_BYTES))
    filled = 0
    try:
        while count := data.recv_into(buffer[filled:]):
            filled += count
            if filled == BLOCK_BYTES:
                yield buffer
                filled = 0
    except OSError:
        yield buffer[:filled]
        raise
    yield buffer[:filled]


def _say_goodbye(data: ssl.SSLSocket) -> None:
    """End TLS in order; some servers do not wait for it."""
    with suppress(OSError):
        data.unwrap()


async def run(session: Session, work: Callable[[], None]) -> None:
    """Do the work of a session in a worker thread; cancelled, it breaks off and the thread ends."""

    async def guard() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            session.abort()

    failure: TransferFailed | None = None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(guard)
        try:
            await to_thread.run_sync(work)
        except TransferFailed as error:
            # Raised in here it would come out in a group.
            failure = error
        tasks.cancel_scope.cancel()
    # Where this was cancelled, the failure is only what came of it.
    await anyio.lowlevel.checkpoint()
    if failure is not None:
        raise failure


async def addresses_of(location: Location) -> tuple[str, ...]:
    """The addresses of a host.

    Raises:
        TransferFailed: its name is not known.
    """
    try:
        found = await anyio.getaddrinfo(location.host, location.port, type=socket.SOCK_STREAM)
    except OSError as error:
        text = f"the name {location.host!r} is not known"
        raise TransferFailed(FailureReason.NAME_RESOLUTION, text) from error
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


@contextmanager
def _explained(host: str) -> Iterator[None]:
    """Say what went wrong in our own words."""
    try:
        yield
    except ftplib.error_perm as error:
        raise TransferFailed(_of_reply(str(error)), f"{host} answers {str(error)!r}") from error
    except ftplib.Error as error:
        raise TransferFailed(FailureReason.REFUSED, f"{host} answers {str(error)!r}") from error
    except EOFError as error:
        raise TransferFailed(FailureReason.INTERRUPTED, f"{host} closed the connection") from error
    except OSError as error:
        raise of_connection(error, host) from error


def _of_reply(text: str) -> FailureReason:
    """What a permanent refusal means (RFC 959 §4.2)."""
    match text[:3]:
        case "530" | "532" | "430":
            return FailureReason.DENIED
        case "550":
            return FailureReason.NOT_FOUND
        case _:
            return FailureReason.REFUSED
