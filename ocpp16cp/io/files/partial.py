"""A file that grows beside its target until it is whole, and can be gone on with after a power cut."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import IO

from attrs import define

from .failures import of_local

CHECKPOINT_BYTES = 64 * 1024 * 1024
"""After so many bytes the file is flushed: what a power cut costs of a download at most."""

WRITE_BEHIND_BYTES = 8 * 1024 * 1024
"""After so many bytes the system is told to begin with writing them to the disk."""


@define
class Partial:
    """The part of a download that has come so far: `NAME.part`, and `NAME.part.json` which tells what it is part of.

    The note counts only bytes that are on the disk for certain: after a power cut a file may have its length and not
    its content. The location is kept as a digest, as it may hold a password. All of this blocks.

    Raises:
        TransferFailed: by every method, when the disk does not let it.
    """

    target: Path
    location: str
    validator: str | None = None
    """What the server calls this version of the file; `None`: it cannot tell versions apart, so nothing is kept."""
    size: int = 0
    _file: IO[bytes] | None = None
    _noted: int = 0
    _begun: int = 0
    """The bytes up to here the system was told to write."""

    @property
    def path(self) -> Path:
        """Where it grows."""
        return self.target.with_name(f"{self.target.name}.part")

    @property
    def note(self) -> Path:
        """Where stands what it is part of."""
        return self.target.with_name(f"{self.target.name}.part.json")

    def open(self) -> None:
        """Take up what an earlier try has left, as far as it can be gone on with; otherwise begin anew."""
        self.validator, self._noted = self._known()
        try:
            if self.validator is None or self.path.stat().st_size < self._noted:
                self.restart(None)
                return
            self._file = self.path.open("r+b", buffering=0)
            self._file.truncate(self._noted)
            self._file.seek(self._noted)
        except FileNotFoundError:
            self.restart(None)
            return
        except OSError as error:
            raise of_local(error) from error
        self.size = self._begun = self._noted

    def _known(self) -> tuple[str | None, int]:
        """What the note says of version and bytes, if it is of this location."""
        try:
            match json.loads(self.note.read_bytes()):
                case {"location": str(location), "validator": str(validator), "bytes": int(count)}:
                    return (validator, count) if location == self._digest() else (None, 0)
                case _:
                    return None, 0
        except (FileNotFoundError, ValueError):
            return None, 0
        except OSError as error:
            raise of_local(error) from error

    def restart(self, validator: str | None) -> None:
        """Begin anew, with this version of the file."""
        try:
            if self._file is not None:
                self._file.close()
            self.size, self.validator, self._noted, self._begun = 0, validator, 0, 0
            self.note.unlink(missing_ok=True)
            self._file = self.path.open("wb", buffering=0)
        except OSError as error:
            raise of_local(error) from error

    def write(self, data: bytes | memoryview) -> None:
        """Append."""
        assert self._file is not None
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            raise of_local(error) from error
        self.size += len(data)
        if self.size - self._begun >= WRITE_BEHIND_BYTES:
            self._begin_flush()
        if self.size - self._noted >= CHECKPOINT_BYTES:
            self._checkpoint()

    def _begin_flush(self) -> None:
        """Let the system begin to write what has come, where that can be said: the flush at the end is short then."""
        assert self._file is not None
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self._file.fileno(), self._begun, self.size - self._begun, os.POSIX_FADV_DONTNEED)
        self._begun = self.size

    def _checkpoint(self) -> None:
        """Make what has come last, and take down how much it is."""
        if self._file is None or self.validator is None or self.size == self._noted:
            return
        draft = self.note.with_name(f"{self.note.name}.new")
        known = {"location": self._digest(), "validator": self.validator, "bytes": self.size}
        try:
            os.fsync(self._file.fileno())
            draft.write_text(json.dumps(known))
            draft.replace(self.note)
        except OSError as error:
            raise of_local(error) from error
        self._noted = self.size

    def finish(self) -> None:
        """Put the whole file in the target's place: a power cut leaves the old one or the new one."""
        assert self._file is not None
        try:
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None
            self.path.replace(self.target)
            self.note.unlink(missing_ok=True)
            _flush_directory(self.target.parent)
        except OSError as error:
            raise of_local(error) from error

    def close(self) -> None:
        """Let go of the file; what has come stays, to be gone on with."""
        if self._file is None:
            return
        try:
            self._checkpoint()
        finally:
            self._file.close()
            self._file = None

    def _digest(self) -> str:
        return hashlib.sha256(self.location.encode()).hexdigest()


def _flush_directory(directory: Path) -> None:
    """Make a change of names last, where directories can be opened."""
    if os.name != "posix":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
