"""A file survives a power cut at any instant: what was committed is there, and of nothing there is a half."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from ocpp16cp.outcome import Write
from ocpp16cp.store.sqlite import SqliteStore

ROOT = Path(__file__).parents[2]

WIDTH = 10
"""Records of a batch. Batch after batch gives all of them the same, next text."""


def batch(text: str) -> list[Write]:
    return [Write("a", str(number), text) for number in range(WIDTH)]


def last_batch(path: Path) -> int:
    """The number of the batch that the file holds, which must be whole; 0 if there is none."""
    with closing(SqliteStore(path)) as store:
        records = store.load()
    texts = {record.text for record in records}
    assert len(records) in {0, WIDTH}
    assert len(texts) == len(records) // WIDTH
    return int(texts.pop() or 0) if texts else 0


PRELUDE = """
import os, signal, sys
from itertools import count
from ocpp16cp.outcome import Write
from ocpp16cp.store.sqlite import SqliteStore

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def batch(text):
    return [Write("a", str(number), text) for number in range(10)]

path, *arguments = sys.argv[1:]
"""

COMMITS = """
store = SqliteStore(path)
for number in count(1):
    store.commit(batch(str(number)))
    print(number, flush=True)
"""

DIES_HALF_WAY = """
class DiesHalfWay(list):
    def __iter__(self):
        yield from self[: len(self) // 2]
        die()

store = SqliteStore(path)
store.commit(batch("1"))
store.commit(DiesHalfWay(batch("2")))
"""

DIES_WHEN_MAKING = """
import sqlite3
step, = arguments
sys.addaudithook(lambda event, _: event == step and die())
SqliteStore(path)
"""

SHOWS_FLUSHING = """
connections = []
sys.addaudithook(lambda event, of: event == "sqlite3.connect/handle" and connections.append(*of))
store = SqliteStore(path)
print(*connections[-1].execute("PRAGMA synchronous").fetchone())
"""


def start(program: str, path: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PRELUDE + program, str(path), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_every_batch_is_flushed(tmp_path: Path) -> None:
    """A process that is killed cannot show it: what it wrote is in the system's cache. 2 is FULL."""
    with start(SHOWS_FLUSHING, tmp_path / "station.db") as process:
        output, _ = process.communicate()

    assert output == "2\n"


@pytest.mark.parametrize("moment", [1, 2, 17, 300, 2000])
def test_killed_process_leaves_all_that_it_committed(tmp_path: Path, moment: int) -> None:
    with start(COMMITS, tmp_path / "station.db") as process:
        assert process.stdout is not None
        assert len(list(islice(process.stdout, moment))) == moment
        process.kill()
        *_, last = str(moment), *process.stdout

    assert last_batch(tmp_path / "station.db") - int(last) in {0, 1}


def test_killed_process_leaves_nothing_of_half_a_batch(tmp_path: Path) -> None:
    with start(DIES_HALF_WAY, tmp_path / "station.db") as process:
        process.wait()

    assert last_batch(tmp_path / "station.db") == 1


@pytest.mark.parametrize("step", ["tempfile.mkdtemp", "sqlite3.connect/handle", "os.chmod", "os.link", "shutil.rmtree"])
def test_process_killed_when_making_the_file_leaves_none_or_a_whole_one(tmp_path: Path, step: str) -> None:
    with start(DIES_WHEN_MAKING, tmp_path / "station.db", step) as process:
        process.wait()

    assert process.returncode == -9
    assert last_batch(tmp_path / "station.db") == 0


def power_cut(tmp_path: Path, batches: int) -> dict[str, bytes]:
    """A file and its log after so many batches, and none of the file's own pages is up to date."""
    path = tmp_path / "before" / "station.db"
    path.parent.mkdir()
    with closing(SqliteStore(path)) as store:
        for number in range(1, batches + 1):
            store.commit(batch(str(number)))
        return {file.name: file.read_bytes() for file in path.parent.iterdir()}


def test_log_cut_off_anywhere_holds_whole_batches(tmp_path: Path) -> None:
    """A disk keeps some beginning of what was last written to the log."""
    batches = 5
    files = power_cut(tmp_path, batches)
    path = tmp_path / "station.db"
    log = files["station.db-wal"]

    found = []
    for size in [*range(0, len(log), 511), len(log)]:
        path.write_bytes(files["station.db"])
        path.with_name("station.db-wal").write_bytes(log[:size])
        found.append(last_batch(path))

    assert found == sorted(found)
    assert set(found) == set(range(batches + 1))


def test_log_with_a_damaged_end_holds_whole_batches(tmp_path: Path) -> None:
    """A sector that was being written holds anything."""
    files = power_cut(tmp_path, 3)
    path = tmp_path / "station.db"
    log = bytearray(files["station.db-wal"])
    log[-512:] = bytes(512)
    path.write_bytes(files["station.db"])
    path.with_name("station.db-wal").write_bytes(log)

    assert last_batch(path) == 2


def test_file_may_be_shorter_than_it_says_while_its_log_is_there(tmp_path: Path) -> None:
    """A power cut came while the log was being folded in: first the first page, then the pages that are new."""
    path = tmp_path / "before" / "station.db"
    path.parent.mkdir()
    rows = [Write("a", f"{number:03}", "x" * 200) for number in range(500)]
    with closing(SqliteStore(path)) as store:
        store.commit(rows)
        log = path.with_name("station.db-wal").read_bytes()
    cut = tmp_path / "station.db"
    cut.write_bytes(path.read_bytes()[:4096])
    cut.with_name("station.db-wal").write_bytes(log)

    with closing(SqliteStore(cut)) as store:
        assert list(store.load()) == rows
