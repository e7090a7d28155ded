"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature

from .messages import EXCHANGES

FEATURE = Feature(
    name="data_transfer",
    exchanges=EXCHANGES,
)
