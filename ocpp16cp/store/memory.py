"""A store in memory: for tests and simulations, and for stations that need not remember."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ocpp16cp.outcome import Write


class MemoryStore:
    """Keeps records for as long as it lives itself; see `Store`.

    Closing it loses nothing: a test ends a run by dropping its charge point and starts the next one on the same store.
    `MemoryStore(store.load())` is a copy that goes its own way.

    Args:
        writes: What it begins with, for instance the `load` of another store.
    """

    blocking: Final = False

    def __init__(self, writes: Iterable[Write] = ()) -> None:
        self._texts: dict[tuple[str, str], str] = {}
        self.commit(tuple(writes))

    def load(self) -> tuple[Write, ...]:
        """Everything that is stored, sorted; here at any time and as often as wanted."""
        return tuple(Write(*place, text) for place, text in sorted(self._texts.items()))

    def snapshot(self) -> dict[tuple[str, str], str]:
        """The texts by table and key, as they are now."""
        return dict(self._texts)

    def commit(self, writes: Sequence[Write]) -> None:
        """Carry out a batch, whole or not at all.

        Raises:
            UnicodeEncodeError: a lone surrogate, which no file could hold either: a simulation must not be kinder than
                the disk that it stands for.
        """
        batch = tuple(writes)
        for write in batch:
            f"{write.table}{write.key}{write.text}".encode()
        for write in batch:
            if write.text is None:
                self._texts.pop((write.table, write.key), None)
            else:
                self._texts[write.table, write.key] = write.text

    def close(self) -> None:
        """Nothing is held."""
