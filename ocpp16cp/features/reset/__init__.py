"""Restarts: those that the central system asks for, and those that new firmware needs.

Covers Reset (§5.14) and `ResetRetries`. After the answer transactions end, their ends are told, leave is taken of the
central system, and the driver is asked to restart, which ends the run. The next one begins with a BootNotification.

Where the specification is silent:
- The ends of transactions have `PATIENCE_S` to be told, a Hard reset less than a Soft one; what is not told by then is
  told after the restart. Without a connection nothing is waited for.
- From the acceptance on nobody begins anything: remote starts are Rejected, cards refused, who waits is dropped, and
  what is plugged in is shown after the restart.
- A Reset during a Reset is Accepted; a Hard one overtakes a Soft one.
- A driver that refuses, or says nothing, is asked `ResetRetries` times more. Then the station goes on, and tells
  ResetFailure as a warning of the charge point, until the next restart or Reset.
- Why a run began is what the driver says; if it says no more than that there was power, and the run before had ended by
  a restart, it is that.
"""
