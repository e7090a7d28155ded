"""A charge point whose features can be asked to send something, as a trigger message of the central system will do."""

from __future__ import annotations

from random import Random
from typing import cast

from attrs import frozen

from ocpp16cp.charge_point import FEATURES, ChargePoint
from ocpp16cp.events import Event
from ocpp16cp.kernel.base import BASE, SENDING
from ocpp16cp.kernel.engine import Engine
from ocpp16cp.kernel.feature import Feature, on
from ocpp16cp.kernel.step import Step
from ocpp16cp.station import Station
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.codec import Codec


@frozen
class _Triggered:
    """A trigger message was accepted."""

    name: str
    requested: int | None


def _send(step: Step, event: _Triggered) -> None:
    """Send what was asked for."""
    step.engine.registry.triggers[event.name](step, event.requested)


_TRIGGERING = Feature(name="triggering", events=(on(_Triggered, _send),))


class _Triggerable(ChargePoint):
    """A charge point with one more feature, above all others."""

    def __init__(self, station: Station) -> None:
        features = (SENDING, _TRIGGERING, *FEATURES, BASE)
        self._engine = Engine(features, station, stored=(), random=Random(0), codec=Codec())


def triggerable(station: Station) -> Playbook:
    """A dialogue with a charge point that `trigger` can ask; it cannot be cut off from its power."""
    play = Playbook(station)
    play.charge_point = _Triggerable(station)
    return play


def trigger(play: Playbook, name: str, connector_id: int | None = None) -> None:
    """Ask for a message, of one connector or of all that make sense."""
    play.happens(cast(Event, _Triggered(name, connector_id)))
