"""Configuration keys of the connection."""

from __future__ import annotations

from ocpp16cp.kernel.keys import integer, key

WEBSOCKET_PING_INTERVAL = key("WebSocketPingInterval", integer(), 30)
"""Seconds between pings; 0: the station sends none (§9.1.30)."""
RETRY_BACK_OFF_WAIT_MINIMUM = key("RetryBackOffWaitMinimum", integer(maximum=86_400), 3)
"""Seconds before the first attempt to reconnect. Not a key of 1.6."""
RETRY_BACK_OFF_RANDOM_RANGE = key("RetryBackOffRandomRange", integer(maximum=86_400), 3)
"""Upper bound of the random seconds added to every wait. Not a key of 1.6."""
RETRY_BACK_OFF_REPEAT_TIMES = key("RetryBackOffRepeatTimes", integer(maximum=16), 3)
"""How many times the wait is doubled before it stays as it is. Not a key of 1.6."""

KEYS = (
    WEBSOCKET_PING_INTERVAL,
    RETRY_BACK_OFF_WAIT_MINIMUM,
    RETRY_BACK_OFF_RANDOM_RANGE,
    RETRY_BACK_OFF_REPEAT_TIMES,
)
