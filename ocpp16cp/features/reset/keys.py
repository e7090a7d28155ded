"""Configuration keys of resets."""

from __future__ import annotations

from ocpp16cp.kernel.keys import integer, key

RESET_RETRIES = key("ResetRetries", integer(), 3)
"""How often a reset that fails is tried again (§9.1.22)."""

KEYS = (RESET_RETRIES,)
