"""Configuration keys of the status, and of the lights that show it."""

from __future__ import annotations

from ocpp16cp.kernel.keys import integer, key

BLINK_REPEAT = key("BlinkRepeat", integer(), 0)
"""How often the lights blink when they signal something (§9.1.4)."""
LIGHT_INTENSITY = key("LightIntensity", integer(maximum=100), 0)
"""Brightness of the lights, in percent (§9.1.11); 0, that of certified stations, until somebody sets it."""
MINIMUM_STATUS_DURATION = key("MinimumStatusDuration", integer(), 0)
"""Seconds for which a status has to last before it is reported (§9.1.20)."""

KEYS = (BLINK_REPEAT, LIGHT_INTENSITY, MINIMUM_STATUS_DURATION)
