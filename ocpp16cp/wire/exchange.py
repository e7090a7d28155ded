"""An action of the protocol: its name, who may send it, and its two message classes."""

from __future__ import annotations

from enum import StrEnum
from typing import Generic, TypeVar

from ocpp16cp.lean import frozen

Req = TypeVar("Req")
Conf = TypeVar("Conf")


class Sender(StrEnum):
    """Who may send the CALL of an action."""

    CHARGE_POINT = "ChargePoint"
    CENTRAL_SYSTEM = "CentralSystem"
    EITHER = "Either"


@frozen
class Exchange(Generic[Req, Conf]):
    """A request and its confirmation; a handler is checked against this pair of classes."""

    action: str
    """As on the wire, case-sensitive."""
    sender: Sender
    request: type[Req]
    confirmation: type[Conf]
