"""How eventful a world is, and how well its central system works."""

from __future__ import annotations

from attrs import frozen

NEVER = float("inf")
"""As the mean of seconds between two happenings: there are none."""


@frozen(kw_only=True)
class Likelihoods:
    """How often something happens, as the mean of seconds between; `NEVER`: not at all."""

    action_s: float = 25.0
    """Somebody does something at the station."""
    call_s: float = 60.0
    """The central system asks for something."""
    limits_s: float = 40.0
    """The central system sets, clears or asks for limits."""
    clock_s: float = 1_000.0
    """The application sets the station's clock, wrongly by minutes."""
    transfer_s: float = 200.0
    """The application around the station sends a DataTransfer."""
    break_s: float = 400.0
    """The connection breaks."""
    power_cut_s: float = 600.0
    """The power fails."""
    endpoint_s: float = 500.0
    """One of the ways to the central system is out of order, for some minutes."""


@frozen(kw_only=True)
class Faults:
    """What is wrong with the central system.

    Shares are between 0 and 1; means are seconds between two happenings.
    """

    reply: float = 0.05
    """The share of the station's CALLs that are not answered as they should be."""
    sick_reply: float = 0.8
    """The same share while it is sick: long enough, now and then, for the last attempt of a message to fail."""
    sick_s: float = 900.0
    """It falls sick, for some minutes."""
    restart_s: float = 1500.0
    """It restarts: connections end, and no new ones come about for a while."""
    amnesia: float = 0.3
    """The share of restarts after which it has lost all transactions that had not ended."""
    refusal: float = 0.3
    """The share of BootNotifications that are answered with Pending or Rejected."""
    burst: float = 0.15
    """The share of its questions that are several at once, some under one id."""
    stray_s: float = 90.0
    """It sends a frame that nobody waits for: garbage, answers to nothing, hostile values, text of an old link."""
    clock_step_s: float = 900.0
    """Its clock is set, by a few seconds."""


HEALTHY = Faults(
    reply=0.0,
    sick_s=NEVER,
    restart_s=NEVER,
    amnesia=0.0,
    refusal=0.0,
    burst=0.0,
    stray_s=NEVER,
    clock_step_s=NEVER,
)
"""A central system that keeps to the protocol and answers within a second."""
