"""The program `ocpp16cp` in a process of its own, and what tests do with it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import PIPE

import anyio
from anyio.abc import Process
from attrs import define, field

ROOT = Path(__file__).parents[2]
LIMIT_S = 30
"""Far above what any step takes, also on a machine that has other things to do."""


def environment() -> dict[str, str]:
    """The variables of the process: the package is found, and its output is not shaped by a terminal of the tests."""
    kept = {name: value for name, value in os.environ.items() if name not in {"FORCE_COLOR", "TTY_COMPATIBLE"}}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", "COLUMNS": "100"}


@define(eq=False)
class Program:
    """A running program with a pipe to each of its streams."""

    _process: Process
    _said: str = field(default="", init=False)
    _complained: str = field(default="", init=False)

    async def type(self, *lines: str) -> None:
        """Type lines."""
        assert self._process.stdin is not None
        await self._process.stdin.send("".join(f"{line}\n" for line in lines).encode())

    async def close_input(self) -> None:
        """End its input."""
        assert self._process.stdin is not None
        await self._process.stdin.aclose()

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    async def wait_for(self, text: str) -> str:
        """Wait until it has said something; all it has said so far is returned."""
        assert self._process.stdout is not None
        with anyio.fail_after(LIMIT_S):
            while text not in self._said:
                self._said += (await self._process.stdout.receive()).decode()
        return self._said

    async def end(self) -> tuple[int, str, str]:
        """Wait for its end: exit code, output and errors."""
        with anyio.fail_after(LIMIT_S):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._read_output)
                tasks.start_soon(self._read_errors)
            return await self._process.wait(), self._said, self._complained

    async def _read_output(self) -> None:
        assert self._process.stdout is not None
        async for data in self._process.stdout:
            self._said += data.decode()

    async def _read_errors(self) -> None:
        assert self._process.stderr is not None
        async for data in self._process.stderr:
            self._complained += data.decode()


@asynccontextmanager
async def program(*arguments: str) -> AsyncIterator[Program]:
    """Run `ocpp16cp` with these arguments; killed if it is still there in the end."""
    command = [sys.executable, "-m", "ocpp16cp", *arguments]
    async with await anyio.open_process(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment()) as process:
        try:
            yield Program(process)
        finally:
            if process.returncode is None:
                process.kill()
