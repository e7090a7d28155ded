"""Payloads to messages and messages to payloads, at one tolerance."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ocpp16cp.lean import frozen

from .decoding import structure
from .encoding import unstructure
from .strict_json import Json
from .tolerance import STRICT, Relaxation, Tolerance, relax

T = TypeVar("T")


def _unreported(_: Relaxation) -> None:
    """What is forgiven goes unseen: for callers who are strict, or do not care."""


@frozen
class Codec:
    """Reads and writes messages; the functions it runs are shared by all codecs of the process."""

    tolerance: Tolerance = STRICT

    def decode(
        self, of: type[T], payload: Json, *, action: str = "", report: Callable[[Relaxation], None] = _unreported
    ) -> T:
        """Make a message of a payload.

        Args:
            of: The message class.
            payload: As the frame holds it.
            action: That of the message, as a tolerance may be meant for some only.
            report: Called for everything that was forgiven, before a refusal as well.

        Raises:
            PayloadInvalid: The first violation in the order of the fields.
        """
        if self.tolerance is not STRICT and self.tolerance.covers(action):
            payload = relax(of, payload, self.tolerance, report)
        return structure(of, payload)

    def encode(self, message: object) -> str:
        """Write a message as compact JSON text, optional fields that are `None` left out.

        Raises:
            UsageError: A field holds what it may not: class, path, value and rule are named.
        """
        return unstructure(message)
