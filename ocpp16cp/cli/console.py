"""Lines that are typed, or come through a pipe, while the event loop goes on."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from socket import socket, socketpair
from threading import Thread
from typing import Final

import anyio

MAX_LINE_BYTES: Final = 4096
"""What is longer is cut into pieces; no command is."""


def standard_input() -> int | None:
    """The descriptor to read from; `None`: it was closed before the program began, and may be another file by now."""
    return None if sys.stdin is None else sys.stdin.fileno()


def is_terminal() -> bool:
    """Whether somebody types what is read."""
    return sys.stdin is not None and sys.stdin.isatty()


@asynccontextmanager
async def lines_of(descriptor: int | None) -> AsyncIterator[AsyncIterator[str]]:
    """The lines of a file, pipe or terminal, each as soon as it is there.

    Not all of these can be waited for by an event loop, and on Windows none. So a thread reads, and hands on through a
    socket, which can be waited for everywhere.

    Args:
        descriptor: whatever can be read; `None` has no lines. It stays open.
    """
    here, there = socketpair()
    # A daemon, as nothing can wake a thread that reads: it must not hold up the end of the process. For the same reason
    # it reads the bare descriptor: `sys.stdin` would still be locked when the interpreter shuts down.
    Thread(target=_hand_on, args=(descriptor, there), daemon=True).start()
    with here:
        here.settimeout(0)
        async with aclosing(_lines(here)) as lines:
            yield lines


def _hand_on(descriptor: int | None, there: socket) -> None:
    """Write what is read, to the end of either."""
    with there, suppress(OSError):
        while descriptor is not None and (data := os.read(descriptor, MAX_LINE_BYTES)):
            there.sendall(data)


async def _lines(here: socket) -> AsyncGenerator[str, None]:
    """The lines, without their ends and the blanks around them."""
    rest = b""
    while True:
        await anyio.wait_readable(here)
        data = here.recv(MAX_LINE_BYTES)
        *lines, rest = (rest + data).split(b"\n")
        if rest and (not data or len(rest) >= MAX_LINE_BYTES):
            lines.append(rest)
            rest = b""
        for line in lines:
            yield line.decode(errors="replace").strip()
        if not data:
            return
