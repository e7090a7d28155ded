"""Where files may be fetched from, or brought to."""

from __future__ import annotations

from urllib.parse import urlsplit

from ocpp16cp.kernel.step import Step

from .keys import SUPPORTED_FILE_TRANSFER_PROTOCOLS


def refusal_of(step: Step, location: str) -> str | None:
    """Why a location cannot be used, in one line; `None`: it can, as far as can be seen."""
    try:
        parts = urlsplit(location)
        host = parts.hostname
    except ValueError as error:
        return f"the location is no URL: {error}"
    supported = [protocol.value for protocol in step.key(SUPPORTED_FILE_TRANSFER_PROTOCOLS)]
    if parts.scheme.upper() not in supported:
        return f"the protocol {parts.scheme!r} is none of {', '.join(supported)}"
    return None if host else "the location names no host"
