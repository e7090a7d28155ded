"""File servers that others wrote, as programs, and a relay that breaks connections."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import anyio
from anyio.abc import SocketAttribute, SocketStream

from ocpp16cp.io.tls import OwnCertificate
from tests.interop.programs import Program, running

HERE = Path(__file__).parent

CREDENTIALS = "user:pass%20word"


def _port(program: Program) -> int:
    """Where a server listens, as it says itself."""
    port: int = program.wait(lambda: next((said["port"] for said in program.said()), None))
    return port


@contextmanager
def ftp_server(folder: Path, *options: str | Path, certificate: OwnCertificate | None = None) -> Iterator[str]:
    """An FTP server for a folder; gives its URL, credentials included, without a slash at the end."""
    tls: Sequence[str | Path] = ()
    if certificate is not None:
        both = certificate.chain_file.with_name("ftp.pem")
        both.write_bytes(certificate.key_file.read_bytes() + certificate.chain_file.read_bytes())
        tls = ("--certificate", both)
    with running(Program.python(HERE / "ftp_program.py", folder, *tls, *options)) as program:
        yield f"{'ftps' if tls else 'ftp'}://{CREDENTIALS}@127.0.0.1:{_port(program)}"


@contextmanager
def http_server(folder: Path, *, certificate: OwnCertificate | None = None) -> Iterator[str]:
    """A web server for a folder; gives the URL of its root."""
    tls: Sequence[str | Path] = ()
    if certificate is not None:
        tls = ("--certificate", certificate.chain_file, "--key", certificate.key_file)
    with running(Program.python(HERE / "http_program.py", folder, *tls)) as program:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{_port(program)}"


@asynccontextmanager
async def relay(url: str, *budgets: int, holds: bool = False) -> AsyncIterator[str]:
    """A way to a server on which each connection breaks after so many bytes of the answer; those after that last.

    Args:
        url: the server's.
        budgets: bytes, for the first connections.
        holds: nothing comes any more, instead of the end.

    Gives the URL of the way.
    """
    left = list(budgets)
    scheme, _, rest = url.partition("://")
    port = int(rest.partition(":")[2])

    async def forward(client: SocketStream) -> None:
        budget = left.pop(0) if left else None
        server = await anyio.connect_tcp("127.0.0.1", port)
        async with client, server, anyio.create_task_group() as tasks:
            tasks.start_soon(pump, client, server)
            while budget is None or budget > 0:
                try:
                    data = await server.receive()
                except (anyio.EndOfStream, anyio.BrokenResourceError):
                    break
                if budget is not None:
                    data = data[:budget]
                    budget -= len(data)
                await client.send(data)
            if holds and budget == 0:
                await anyio.sleep_forever()
            tasks.cancel_scope.cancel()

    async def pump(source: SocketStream, sink: SocketStream) -> None:
        try:
            while True:
                await sink.send(await source.receive())
        except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
            return

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, forward)
        yield f"{scheme}://127.0.0.1:{listener.extra(SocketAttribute.local_port)}"
        tasks.cancel_scope.cancel()
