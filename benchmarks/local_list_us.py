"""What a long local authorization list costs: at a card, at an update, at a start.

The list has 100, 10,000 or 100,000 entries, each with a group and an expiry date.

- *card*: a listed card is presented, recognised without asking anybody, and its attempt withdrawn by the next one; half
  of the two steps, in microseconds.
- *update*: a differential update of 20 entries, the most that certified stations take in one message: 10 changed, 5
  new, 5 deleted; from the text of the frame to the outcome, in microseconds.
- *commit*: putting that outcome into SQLite, flush included, in microseconds.
- *clear*: an empty full update, which removes every entry, in milliseconds.
- *load*, *core*, *start*: reading the store, making the core of it, and its first step (`Started`), in milliseconds.

All but the commit are times of the processor.

    python -m benchmarks.local_list_us [--quick]

Figures: benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.events import CardPresented, LinkUp, Started, TextReceived
from ocpp16cp.features.local_list.messages import AuthorizationData, SendLocalList, UpdateType
from ocpp16cp.features.local_list.state import LIST_VERSION, LISTED, Listed, ListVersion
from ocpp16cp.kernel import records
from ocpp16cp.outcome import Outcome, Write
from ocpp16cp.station import Station
from ocpp16cp.store.sqlite import SqliteStore
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.types import AuthorizationStatus, IdTagInfo

SIZES = (100, 10_000, 100_000)

BOOTED = '[3,"{}-1",{{"status":"Accepted","currentTime":"2026-03-02T12:00:00Z","interval":86400}}]'

EXPIRY = datetime(2030, 1, 1, tzinfo=UTC)

STATION = Station(
    identity="CP-1",
    vendor="Elektron",
    model="Wallbox 22",
    central_system_url="ws://csms.example/ocpp",
    configuration=(("LocalAuthListMaxLength", "200000"),),
)


def tag(number: int) -> str:
    """The idTag of an entry."""
    return f"04A2{number:010X}"


def stored(size: int) -> list[Write]:
    """The records of a list."""
    writes = [Write(LIST_VERSION.table.name, "", records.to_text(LIST_VERSION.table, ListVersion(1)))]
    for number in range(size):
        entry = Listed(tag(number), AuthorizationStatus.ACCEPTED, EXPIRY, f"GROUP-{number % 100}")
        writes.append(Write(LISTED.name, tag(number).lower(), records.to_text(LISTED, entry)))
    return writes


def update(size: int, version: int) -> str:
    """The frame of a differential update: what one brings the next but one takes away again."""
    info = IdTagInfo(status=AuthorizationStatus.ACCEPTED, expiry_date=EXPIRY, parent_id_tag=f"GROUP-{version % 7}")
    changed = [AuthorizationData(id_tag=tag(number), id_tag_info=info) for number in range(10)]
    new = [AuthorizationData(id_tag=tag(size + 5 * (version % 2) + each), id_tag_info=info) for each in range(5)]
    gone = [AuthorizationData(id_tag=tag(size + 5 * ((version + 1) % 2) + each)) for each in range(5)]
    entries = (*changed, *new, *gone)
    request = SendLocalList(list_version=version, local_authorization_list=entries, update_type=UpdateType.DIFFERENTIAL)
    return f'[2,"{version}","SendLocalList",{Codec().encode(request)}]'


def timed_us(work: Callable[[], object], clock: Callable[[], float] = process_time) -> float:
    """How long something takes, by the processor's time as long as no disk is waited for."""
    start = clock()
    work()
    return (clock() - start) * 1e6


class Running:
    """A station that runs on a store, and how long it took to get there."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.stored: tuple[Write, ...] = ()
        self.load_us = timed_us(self._load)
        self.core_us = timed_us(self._make)
        self.start_us = timed_us(lambda: self.commit(self.core.handle(Started(), now=0.0)))
        self.commit(self.core.handle(LinkUp(1), now=0.0))
        run = next(write.text for write in self.core.records() if write.table == "kernel.run") or ""
        self.commit(self.core.handle(TextReceived(1, BOOTED.format(run.split(":")[1].rstrip("}]"))), now=0.0))

    def _load(self) -> None:
        self.stored = self.store.load()

    def _make(self) -> None:
        self.core = ChargePoint(STATION, records=self.stored, random=Random(1))

    def commit(self, outcome: Outcome) -> None:
        """Put a step into the store."""
        self.store.commit(outcome.writes)

    def card_us(self, size: int, rounds: int) -> list[float]:
        """Present a card and withdraw it."""
        cards = [CardPresented(tag((7919 * number) % size)) for number in range(rounds)]

        def both(card: CardPresented) -> None:
            self.core.handle(card, now=0.0)
            self.core.handle(card, now=0.0)

        return [timed_us(lambda card=card: both(card)) / 2 for card in cards]  # type: ignore[misc]  # a lambda's default

    def update_us(self, size: int, rounds: int) -> tuple[list[float], list[float]]:
        """Change the list: in memory, and on disk."""
        steps, commits = [], []
        for version in range(2, rounds + 2):
            frame = TextReceived(1, update(size, version))
            outcomes: list[Outcome] = []
            steps.append(timed_us(lambda frame=frame, found=outcomes: found.append(self.core.handle(frame, now=0.0))))  # type: ignore[misc]  # a lambda's default
            commits.append(timed_us(lambda found=outcomes: self.commit(found[0]), perf_counter))  # type: ignore[misc]  # a lambda's default
        return steps, commits

    def clear_us(self) -> float:
        """Replace the list by nothing."""
        frame = '[2,"clear","SendLocalList",{"listVersion":1,"updateType":"Full"}]'
        return timed_us(lambda: self.core.handle(TextReceived(1, frame), now=0.0))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds = 50 if parser.parse_args().quick else 1000
    print("entries    card, us  update, us  commit, us  clear, ms    load, ms  core, ms  start, ms")
    for size in SIZES:
        with TemporaryDirectory() as directory:
            with closing(SqliteStore(Path(directory, "station.db"))) as store:
                store.commit(stored(size))
            with closing(SqliteStore(Path(directory, "station.db"))) as store:
                running = Running(store)
                card = statistics.median(running.card_us(size, rounds))
                steps, commits = (statistics.median(each) for each in running.update_us(size, rounds))
                clear_ms = running.clear_us() / 1000
                start = [each / 1000 for each in (running.load_us, running.core_us, running.start_us)]
                print(
                    f"{size:7}  {card:10.1f}  {steps:10.1f}  {commits:10.1f}  {clear_ms:9.1f}  "
                    f"{start[0]:10.1f}  {start[1]:8.1f}  {start[2]:9.1f}"
                )


if __name__ == "__main__":
    main()
