"""A contract test for stores: a vendor runs it on his own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import zip_longest
from reprlib import Repr
from typing import ParamSpec, TypeVar

from ocpp16cp.outcome import Write
from ocpp16cp.store.interface import Store

_P = ParamSpec("_P")
_T = TypeVar("_T")

_Batch = Iterable[Write]
_Texts = dict[tuple[str, str], str]

_AWKWARD = (
    *("", " ", "a", "A", "a ", "á", "a\u0301", "ß", "ss", "0", "00", "1", "1.0", "NULL"),
    *("a\0b", "a\nb", "\r\n", "\t", "'--", '"', "\\", "/", "..", "%", "\u2028", "\ufeff", "🔌"),
)
"""Texts that a careless storage takes for one another, for numbers, for nothing, or for something of its own."""

_LONG = "long text ✓ " * 2**16
"""About a mebibyte, which is more than any record has."""

_CHANGES: Mapping[str, Sequence[Sequence[Write]]] = {
    "putting a record": [[Write("a", "1", "one")]],
    "replacing a record": [[Write("a", "1", "another one")]],
    "a batch for several tables": [[Write(table, "1", f"of {table}") for table in "bca"]],
    "removing a record": [[Write("b", "1", None)]],
    "removing what is not there": [[Write("b", "1", None), Write("none", "1", None)]],
    "an empty batch": [[]],
    "putting a key twice in a batch": [[Write("a", "1", "first"), Write("a", "1", "last")]],
    "putting and removing a key in a batch": [[Write("a", "2", "first"), Write("a", "2", None)]],
    "removing and putting a key in a batch": [[Write("a", "1", None), Write("a", "1", "last")]],
    "several batches": [[Write("a", "count", str(count))] for count in range(20)],
    "awkward texts": [[Write("texts", str(i), text) for i, text in enumerate(_AWKWARD)]],
    "awkward keys": [[Write("keys", key, f"of {key}") for key in _AWKWARD]],
    "awkward tables": [[Write(table, "1", f"of {table}") for table in _AWKWARD]],
    "removing awkward keys": [[Write("keys", key, None) for key in ("", "a", "1")]],
    "a long text and a long key": [[Write("a", "long", _LONG), Write("a", _LONG[:2000], "")]],
    "many records": [[Write("many", str(number), "x" * 100) for number in range(5000)]],
    "removing many records": [[Write("many", str(number), None) for number in range(4990)]],
}
"""Batches by what they are about, which is how a failure reports them."""


def check_store(make_store: Callable[[], Store]) -> None:
    """Try whether a store keeps to the contract of `Store`, as far as it can be seen from outside.

    The storage is opened again after each change and compared with what should be there. Left to be proven on the
    device itself: that a power cut takes nothing of a batch that was committed and leaves nothing of one that was not,
    and that a second process is refused.

    Args:
        make_store: Opens the storage: each time the same one, and only after it was closed. It is empty at first.

    Raises:
        AssertionError: the store breaks its contract; the message tells after what, and how. An exception of the
            store's own comes out as it is, with a note that tells the same.
    """
    texts: _Texts = {}
    past = "making the store"
    for name, batches in _CHANGES.items():
        with _opened(make_store, texts, past) as store, _noted(name):
            for batch in batches:
                _call(store, store.commit, batch)
                _carry_out(batch, texts)
        past = name
    with _opened(make_store, texts, past) as store:
        past = "a batch that failed half-way"
        if not _has_failed(store):
            raise AssertionError(f"after {past}: `commit` did not raise what the batch raised")
    with _opened(make_store, texts, past):
        pass


class _FailsHalfWay(list[Write]):
    """A batch that cannot be read to its end."""

    def __iter__(self) -> Iterator[Write]:
        yield from super().__iter__()
        raise _HalfWay


class _HalfWay(Exception):
    """There is no more of this batch."""


def _has_failed(store: Store) -> bool:
    """Whether the store lets a batch fail that fails."""
    batch = _FailsHalfWay([Write("a", "1", None), Write("a", "half", "of a batch")])
    try:
        _call(store, store.commit, batch)
    except Exception:  # noqa: BLE001 - a store may wrap it into any exception of its own
        return True
    return False


@contextmanager
def _opened(make_store: Callable[[], Store], texts: _Texts, past: str) -> Iterator[Store]:
    """The store, opened again and found to hold these texts; closed in the end."""
    with _noted(f"opening it after {past}"):
        store = make_store()
    try:
        with _noted(f"loading after {past}"):
            loaded = _call(store, store.load)
        difference = _difference(loaded, texts)
        if difference is not None:
            raise AssertionError(f"after {past}: {difference}")
        yield store
    finally:
        with _noted("closing it, twice"):
            _call(store, store.close)
            _call(store, store.close)


@contextmanager
def _noted(what: str) -> Iterator[None]:
    """Name what was being done when an exception comes by."""
    try:
        yield
    except Exception as error:
        error.add_note(f"check_store: {what}")
        raise


def _call(store: Store, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Call as the runner does: a store that blocks in a worker thread, each time another one."""
    if not store.blocking:
        return function(*args, **kwargs)
    with ThreadPoolExecutor(max_workers=1) as threads:
        return threads.submit(function, *args, **kwargs).result()


def _carry_out(batch: _Batch, texts: _Texts) -> None:
    """Do what a store should do."""
    for write in batch:
        texts.pop((write.table, write.key), None)
        if write.text is not None:
            texts[write.table, write.key] = write.text


def _difference(loaded: Sequence[Write], texts: _Texts) -> str | None:
    """The first thing that is not as it should be, on one line."""
    expected = [Write(*place, text) for place, text in sorted(texts.items())]
    for number, (found, wanted) in enumerate(zip_longest(loaded, expected)):
        if found != wanted:
            return f"`load` gives {_SHORT.repr(found)} as record {number}, not {_SHORT.repr(wanted)}"
    return None


_SHORT = Repr()
"""Says what is in a record without a mebibyte of text."""
_SHORT.maxother = 200
