"""Configuration keys of registration and heartbeat."""

from __future__ import annotations

from ocpp16cp.kernel.keys import integer, key

HEARTBEAT_INTERVAL = key("HeartbeatInterval", integer(), 300)
"""Seconds between heartbeats; 0: one a day (§9.1.10)."""

KEYS = (HEARTBEAT_INTERVAL,)
