"""What a charge point's store does, and what can be wrong with one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ocpp16cp.outcome import Write


class Store(Protocol):
    """Texts, each under the name of its table and a key; changed by whole batches.

    One run of one charge point owns a store: it calls `load` once, `commit` after each event that changed something,
    and `close` at the end, never two at a time, though maybe from different threads. Tables, keys and texts are any
    text that UTF-8 can encode, the empty one included; keys differ as soon as one code point does.

    `ocpp16cp.testing.check_store.check_store` tries whether a store keeps to this.
    """

    @property
    def blocking(self) -> bool:
        """Whether the calls may wait for a device: such a store is called in worker threads. Never changes."""
        ...

    def load(self) -> Sequence[Write]:
        """Everything that is stored: the writes that would make this state out of nothing.

        Returns:
            One write for each record, without removals, sorted by table, then by key (by code points): a run does not
            depend on which store it had.

        Raises:
            StoreError: the records cannot be read.
        """
        ...

    def commit(self, writes: Sequence[Write]) -> None:
        """Carry out a batch, whole or not at all; when this returns, a power cut cannot undo it.

        The writes are carried out in order, so the last one of a key counts. Removing what is not there is no error.

        Raises:
            StoreError: nothing of the batch is stored. The run ends: what happens next must not depend on it.
        """
        ...

    def close(self) -> None:
        """Let go of what is held; nothing but `close` may be called after it."""
        ...


class StoreError(Exception):
    """A store cannot do what it is for. The message is one line that names the store and says what to do about it."""


class StoreNotWritable(StoreError):
    """The place is wrong: no such directory, not a file, or no permission to write there."""


class StoreForeign(StoreError):
    """What is there was not written by this library; it was left as it is."""


class StoreTooNew(StoreError):
    """A newer version of this library wrote it; it was left as it is."""


class StoreCorrupt(StoreError):
    """A store of this library is damaged; it was left as it is."""


class StoreInUse(StoreError):
    """Another run owns the store."""


class StoreFull(StoreError):
    """There is no room for the batch: the device is full, or the store as large as it may become."""
