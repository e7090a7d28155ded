"""Configuration keys of the status."""

from __future__ import annotations

from ocpp16cp.kernel.keys import integer, key

MINIMUM_STATUS_DURATION = key("MinimumStatusDuration", integer(), 0)
"""Seconds for which a status has to last before it is reported (§9.1.16)."""

KEYS = (MINIMUM_STATUS_DURATION,)
