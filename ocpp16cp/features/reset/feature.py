"""The folder as data."""

from __future__ import annotations

from ocpp16cp.kernel.feature import Feature, answers, carried_out
from ocpp16cp.outcome import Reboot

from . import handlers
from .keys import KEYS
from .messages import EXCHANGES, RESET
from .state import TABLES

FEATURE = Feature(
    name="reset",
    exchanges=EXCHANGES,
    tables=TABLES,
    keys=KEYS,
    calls=(answers(RESET, handlers.reset),),
    asks=(carried_out(Reboot, handlers.reboot_answered),),
    rules=(handlers.end_everything, handlers.restart),
)
