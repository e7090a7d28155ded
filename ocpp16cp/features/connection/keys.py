"""Configuration keys of the connection, and of its security."""

from __future__ import annotations

import re

from ocpp16cp.kernel.keys import Kind, ValueRefused, integer, key
from ocpp16cp.kernel.step import Step
from ocpp16cp.station import Station
from ocpp16cp.vendor_keys import Access

_HEX_DIGITS = re.compile(r"(?:[0-9A-Fa-f]{2}){16,20}")
_PLAIN = re.compile(r"[ -~]{16,20}")


def _parse_authorization_key(text: str, station: Station) -> str:
    """Take 16 to 20 bytes in hexadecimal digits, or as many plain characters, which some central systems configure."""
    if _HEX_DIGITS.fullmatch(text) or (_PLAIN.fullmatch(text) and not station.settings.hex_authorization_key_only):
        return text
    raise ValueRefused(f"{len(text)} characters that are no key of 16 to 20 bytes")


def _is_higher(step: Step, value: int) -> bool:
    """Whether a security profile is above the present one: it is never lowered, nor set again, from afar."""
    return value > step.key(SECURITY_PROFILE)


def _is_offered(value: int, _: object) -> str | None:
    """A profile is a promise about the connection, which has to be kept from the next one on."""
    return f"security profile {value} is not offered by this version" if value > 0 else None


WEBSOCKET_PING_INTERVAL = key("WebSocketPingInterval", integer(), 30)
"""Seconds between pings; 0: the station sends none (§9.1.34).

Better shorter than TransactionMessageAttempts times TransactionMessageRetryInterval, so that a dead line is found
before a message is given up; that is left to the operator.
"""
RETRY_BACK_OFF_WAIT_MINIMUM = key("RetryBackOffWaitMinimum", integer(maximum=86_400), 3)
"""Seconds before the first attempt to reconnect. Not a key of 1.6."""
RETRY_BACK_OFF_RANDOM_RANGE = key("RetryBackOffRandomRange", integer(maximum=86_400), 3)
"""Upper bound of the random seconds added to every wait. Not a key of 1.6."""
RETRY_BACK_OFF_REPEAT_TIMES = key("RetryBackOffRepeatTimes", integer(maximum=16), 3)
"""How many times the wait is doubled before it stays as it is. Not a key of 1.6."""
AUTHORIZATION_KEY = key(
    "AuthorizationKey",
    Kind("text, 32 to 40 hexadecimal digits or 16 to 20 characters", _parse_authorization_key, str),
    lambda _: None,
    access=Access.WRITE_ONLY,
)
"""The password of HTTP Basic, hexadecimal digits or the text itself (security whitepaper, A01). Never shown."""
SECURITY_PROFILE = key("SecurityProfile", integer(maximum=3), 0, checks=(_is_offered,), may_become=_is_higher)
"""How station and central system make sure of each other (security whitepaper, A05)."""

KEYS = (
    WEBSOCKET_PING_INTERVAL,
    RETRY_BACK_OFF_WAIT_MINIMUM,
    RETRY_BACK_OFF_RANDOM_RANGE,
    RETRY_BACK_OFF_REPEAT_TIMES,
    AUTHORIZATION_KEY,
    SECURITY_PROFILE,
)
