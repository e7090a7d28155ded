"""The text cases of the PyPI package `autobahntestsuite` against an echo over our WebSocket connection.

Its fuzzing server tests our client, its fuzzing client our server. It runs as a program of its own, on Python 2.7.

    python -m tests.autobahn.echo --python PYTHON2 --packages DIR [--cases PATTERN ...] [--backend trio]

`make autobahn` provides both. Left out are the cases whose messages are binary: such a message is refused by design, as
OCPP has none, and comes out as text. The exit code is 1 if any other case ends in another way than it should.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from typing import Any, Final

import anyio
from anyio.abc import Process
from attrs import frozen

from ocpp16cp.io.serving import UpgradeRequest
from ocpp16cp.io.transport import Connection, ConnectRequest, FailureKind, LinkFailure
from ocpp16cp.io.websocket import WebSocketOptions
from ocpp16cp.io.websocket_client import WebSocketTransport
from ocpp16cp.io.websocket_server import ServerOptions, listen

AGENT: Final = "ocpp16cp"

CASES: Final = ("1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*", "12.*", "13.*")
"""All there are. The last two, of compression, take half an hour and more, the others one minute."""

BINARY: Final = ("1.2.*", "9.2.*", "9.4.*", "9.6.*", "9.8.*", "12.2.*", "12.3.*", "12.5.*")
"""Cases that want binary messages back as such."""

PASSED: Final = {"OK", "INFORMATIONAL"}

MAX_MESSAGE_BYTES: Final = 2**24
"""The largest message of the cases; 1 MiB is the default."""

START_LIMIT_S: Final = 30.0
RUN_LIMIT_S: Final = 10_800.0
"""For all cases of one run, on a machine that has other things to do; each has a limit of its own besides, which the
fuzzer keeps."""


@frozen
class Fuzzer:
    """Where the package is installed, and what runs it."""

    python: str
    packages: Path

    @asynccontextmanager
    async def run(self, mode: str, specification: dict[str, object], directory: Path) -> AsyncIterator[Process]:
        """Run it as a program of its own, no longer than the context is open; it logs into a file."""
        path = directory / "specification.json"
        path.write_text(json.dumps(specification), encoding="utf-8")
        command = [self.python, str(self.packages / "bin" / "wstest"), "-m", mode, "-s", str(path), "-u", "0"]
        with (directory / "log").open("w", encoding="utf-8") as log:
            environment = {**os.environ, "PYTHONUSERBASE": str(self.packages)}
            async with await anyio.open_process(command, stdout=log, stderr=log, env=environment) as process:
                try:
                    yield process
                finally:
                    with suppress(ProcessLookupError):
                        process.terminate()


@frozen
class Run:
    """Some cases against one of our sides."""

    name: str
    cases: tuple[str, ...]
    options: WebSocketOptions

    def specification(self, directory: Path, **more: object) -> dict[str, object]:
        """What the fuzzer is to do."""
        chosen = {"cases": self.cases, "exclude-cases": BINARY, "exclude-agent-cases": {}}
        return {"outdir": str(directory), **chosen, **more}


@frozen
class Ending:
    """How a case ended."""

    case: str
    behavior: str
    """Of the messages, in the fuzzer's words."""
    close: str
    """Of the closing handshake."""
    result: str

    @property
    def is_well(self) -> bool:
        """Whether it ended as it should."""
        return {self.behavior, self.close} <= PASSED


async def echo(connection: Connection, _request: UpgradeRequest | None = None) -> None:
    """Send every message back, until the connection ends."""
    with suppress(LinkFailure):
        while True:
            item = await connection.receive()
            if isinstance(item, str):
                await connection.send_text(item)


async def fuzz_client(fuzzer: Fuzzer, run: Run, directory: Path) -> None:
    """Let our client call the fuzzing server once for each case."""
    url = f"ws://127.0.0.1:{_free_port()}"
    transport = WebSocketTransport(options=run.options)
    async with fuzzer.run("fuzzingserver", run.specification(directory, url=url), directory) as process:
        count = await _ask(transport, f"{url}/getCaseCount", process)
        for number in range(1, int(count) + 1):
            await echo(await _connect(transport, f"{url}/runCase?case={number}&agent={AGENT}"))
        await echo(await _connect(transport, f"{url}/updateReports?agent={AGENT}"))


async def fuzz_server(fuzzer: Fuzzer, run: Run, directory: Path) -> None:
    """Serve the fuzzing client, which goes through all cases by itself."""
    async with listen(echo, options=ServerOptions(websocket=run.options)) as listener:
        specification = run.specification(directory, servers=[{"agent": AGENT, "url": listener.url}])
        async with fuzzer.run("fuzzingclient", specification, directory) as process:
            await process.wait()


async def _connect(transport: WebSocketTransport, url: str) -> Connection:
    return await transport.connect(ConnectRequest(url, subprotocols=()))


async def _ask(transport: WebSocketTransport, url: str, process: Process) -> str:
    """The one message that a server sends which is just coming up."""
    connection = None
    with anyio.fail_after(START_LIMIT_S):
        while connection is None:
            try:
                connection = await _connect(transport, url)
            except LinkFailure as failure:
                if failure.kind is not FailureKind.REFUSED or process.returncode is not None:
                    raise
                await anyio.sleep(0.1)
    item = await connection.receive()
    await connection.close()
    assert isinstance(item, str)
    return item


def _free_port() -> int:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def endings(directory: Path) -> Iterator[Ending]:
    """Read the fuzzer's report, in the order of the cases."""
    index = directory / "index.json"
    if not index.exists():
        raise AssertionError((directory / "log").read_text(encoding="utf-8"))
    cases: dict[str, dict[str, Any]] = json.loads(index.read_bytes())[AGENT]
    for case in sorted(cases, key=lambda case: [int(part) for part in case.split(".")]):
        report = json.loads((directory / cases[case]["reportfile"]).read_bytes())
        yield Ending(
            case,
            cases[case]["behavior"],
            cases[case]["behaviorClose"],
            f"{report['result']} {report['resultClose']}",
        )


def runs(cases: Sequence[str]) -> list[Run]:
    """Everything without compression, and what is about compression with it."""
    compressed = tuple(case for case in cases if fnmatchcase(case, "1[23].*"))
    plain = tuple(case for case in cases if case not in compressed)
    both = [("plain", plain, False), ("compressed", compressed, True)]
    return [
        Run(name, chosen, WebSocketOptions(max_message_bytes=MAX_MESSAGE_BYTES, compression=is_compressed))
        for name, chosen, is_compressed in both
        if chosen
    ]


async def fuzz_both(fuzzer: Fuzzer, cases: Sequence[str]) -> bool:
    """Run all cases against both sides; tell which ended badly, and whether all is well."""
    is_well = True
    for run in runs(cases):
        for side in (fuzz_client, fuzz_server):
            with TemporaryDirectory() as directory, anyio.fail_after(RUN_LIMIT_S):
                await side(fuzzer, run, Path(directory))
                ended = list(endings(Path(directory)))
            is_well &= _tell(f"{side.__name__.removeprefix('fuzz_')}, {run.name}", ended)
    return is_well


def _tell(what: str, ended: Sequence[Ending]) -> bool:
    """Report one run."""
    wrong = [ending for ending in ended if not ending.is_well]
    sys.stdout.write(f"{what}: {len(ended)} cases, {len(wrong)} of them not as they should be\n")
    for ending in wrong:
        sys.stdout.write(f"  {ending.case}: {ending.behavior}, close {ending.close}: {ending.result}\n")
    return bool(ended) and not wrong


def main() -> None:
    """Run the cases that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--python", required=True, help="a Python 2.7")
    parser.add_argument("--packages", required=True, type=Path, help="PYTHONUSERBASE of autobahntestsuite")
    parser.add_argument("--cases", nargs="+", default=CASES, help="as the package names them: 6.4.* (default: all)")
    parser.add_argument("--backend", default="asyncio", choices=("asyncio", "trio"))
    options = parser.parse_args()
    fuzzer = Fuzzer(options.python, options.packages.absolute())
    sys.exit(not anyio.run(fuzz_both, fuzzer, options.cases, backend=options.backend))


if __name__ == "__main__":
    main()
