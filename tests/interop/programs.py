"""Programs in processes of their own, which say what happens line by line and can be told something the same way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, Thread
from time import monotonic
from typing import Any, Self, TypeVar

from anyio import to_thread

T = TypeVar("T")

LIMIT_S = 30.0
"""How long a test waits for a fact: far longer than it takes, even on a busy machine."""

ROOT = Path(__file__).parents[2]


class Program:
    """A running program.

    Its output, errors included, is read by a thread, so that it is there whichever event loop asks for it.
    """

    def __init__(self, arguments: Sequence[str | Path]) -> None:
        paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": paths, "PYTHONUNBUFFERED": "1"},
        )
        self.lines: list[str] = []
        """All that was said so far."""
        self._has_ended = False
        self._changed = Condition()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    @classmethod
    def python(cls, script: Path, *arguments: str | Path) -> Self:
        """Run a script in this interpreter."""
        return cls([sys.executable, script, *arguments])

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()

    def said(self) -> list[dict[str, Any]]:
        """The lines that are JSON, in order."""
        return [json.loads(line) for line in tuple(self.lines) if line.startswith("{")]

    def wait(self, find: Callable[[], T | None]) -> T:
        """Wait until something is to be found in what was said.

        Raises:
            AssertionError: it is not, and the time is up or the program has ended.
        """
        deadline = monotonic() + LIMIT_S
        with self._changed:
            while (found := find()) is None:
                in_time = not self._has_ended and self._changed.wait(max(0.0, deadline - monotonic()))
                assert in_time, "\n".join(["nothing found in", *self.lines])
            return found

    async def until(self, find: Callable[[], T | None]) -> T:
        """`wait`, without holding up the event loop."""
        return await to_thread.run_sync(self.wait, find)

    def say(self, **command: object) -> None:
        """Tell the program something."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def end_input(self) -> None:
        """Tell the program that there is nothing more to be told."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def kill(self) -> None:
        """End the program as a power cut would (SIGKILL)."""
        self._process.kill()
        self._process.wait(LIMIT_S)
        self._reader.join(LIMIT_S)

    def wait_for_end(self) -> int:
        """Wait until the program has ended by itself; its exit code, negative for a signal."""
        code = self._process.wait(LIMIT_S)
        self._reader.join(LIMIT_S)
        return code

    def close(self) -> None:
        """Leave nothing behind, whatever has happened."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except BrokenPipeError:
                # Something was said that it did not live to hear.
                continue


@contextmanager
def running(program: Program) -> Iterator[Program]:
    """Close a program in the end."""
    try:
        yield program
    finally:
        program.close()
