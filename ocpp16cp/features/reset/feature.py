"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature

from .keys import KEYS
from .messages import EXCHANGES

FEATURE = Feature(
    name="reset",
    exchanges=EXCHANGES,
    keys=KEYS,
)
