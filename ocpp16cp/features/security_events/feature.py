"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature

from .messages import EXCHANGES

FEATURE = Feature(
    name="security_events",
    exchanges=EXCHANGES,
)
