"""What is raised when something happened that must not."""

from __future__ import annotations


class InvariantViolated(AssertionError):
    """Something happened that must not; the message says what, when, with which seed, and what went before."""
