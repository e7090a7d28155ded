from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

import anyio
import pytest
from attrs import frozen

from ocpp16cp.cli.console import MAX_LINE_BYTES, is_terminal, lines_of, standard_input

pytestmark = pytest.mark.anyio


@frozen
class Pipe:
    """Both ends of a pipe."""

    reading: FileIO
    writing: FileIO

    def write(self, data: bytes) -> None:
        self.writing.write(data)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    reading, writing = os.pipe()
    with FileIO(reading, "r") as here, FileIO(writing, "w") as there:
        yield Pipe(here, there)


async def test_line_arrives_while_the_pipe_is_open(pipe: Pipe) -> None:
    async with lines_of(pipe.reading.fileno()) as lines:
        pipe.write(b" plug 1 \r\nunp")
        with anyio.fail_after(10):
            assert await anext(lines) == "plug 1"
        pipe.write("lug 1 \N{SNOWMAN}\n".encode())
        with anyio.fail_after(10):
            assert await anext(lines) == "unplug 1 \N{SNOWMAN}"


async def test_lines_end_with_the_pipe(pipe: Pipe) -> None:
    pipe.write(b"one\ntwo")
    pipe.writing.close()

    async with lines_of(pipe.reading.fileno()) as lines:
        with anyio.fail_after(10):
            assert [line async for line in lines] == ["one", "two"]


async def test_line_beyond_the_limit_is_cut_into_pieces(pipe: Pipe) -> None:
    pipe.write(b"x" * (MAX_LINE_BYTES + 1) + b"\n")
    pipe.writing.close()

    async with lines_of(pipe.reading.fileno()) as lines:
        with anyio.fail_after(10):
            assert [len(line) async for line in lines] == [MAX_LINE_BYTES, 1]


async def test_reading_can_be_left_while_lines_wait(pipe: Pipe) -> None:
    pipe.write(b"one\ntwo\nthree\n")

    with anyio.fail_after(10):
        async with lines_of(pipe.reading.fileno()) as lines:
            assert await anext(lines) == "one"


async def test_reading_can_be_left_while_nothing_comes(pipe: Pipe) -> None:
    with anyio.fail_after(10):
        async with lines_of(pipe.reading.fileno()):
            pass


async def test_descriptor_that_cannot_be_read_has_no_lines(pipe: Pipe) -> None:
    for descriptor in (None, pipe.writing.fileno()):
        async with lines_of(descriptor) as lines:
            with anyio.fail_after(10):
                assert [line async for line in lines] == []


async def test_file_is_read_whole(tmp_path: Path) -> None:
    script = tmp_path / "script.txt"
    script.write_text("plug 1\n\ncard T\n")

    with script.open("rb") as file:
        async with lines_of(file.fileno()) as lines:
            with anyio.fail_after(10):
                assert [line async for line in lines] == ["plug 1", "", "card T"]


def test_closed_standard_input_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its number may belong to a socket by then."""
    monkeypatch.setattr(sys, "stdin", None)

    assert standard_input() is None
    assert not is_terminal()


def test_standard_input_is_read_by_its_descriptor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (tmp_path / "input").open("w+") as file:
        monkeypatch.setattr(sys, "stdin", file)

        assert standard_input() == file.fileno()
        assert not is_terminal()
