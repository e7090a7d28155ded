"""All features of a charge point, indexed: who handles an action, an event, an answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

from ocpp16cp.errors import UsageError
from ocpp16cp.events import Event, FaultCleared, FaultRaised, MeterRead
from ocpp16cp.outcome import HardwareMisreport
from ocpp16cp.station import CHARGE_POINT, FeatureProfile
from ocpp16cp.wire.exchange import Exchange

from .feature import AskHandler, CallHandler, EventHandler, Feature, ReplyHandler, Rule, Trigger
from .keys import Key
from .step import Step
from .tables import AnyTable

OF_THE_CHARGE_POINT = (FaultRaised, FaultCleared, MeterRead)
"""What may be reported of the charge point as a whole, connector 0."""


class Registry:
    """What the features declare, each thing with exactly one owner.

    A feature whose profile is switched off is absent: it has no keys, answers no CALLs but those for which its
    confirmation has a status, sends nothing, its rules do not run. What it stored stays, its actions are still known,
    and what may be on its way to it from before a restart (an answer, the driver's report) is still taken in.

    Args:
        features: from high to low.
        profiles: those that are switched on.
    """

    def __init__(self, features: Sequence[Feature], *, profiles: Collection[str] = ()) -> None:
        self.features = tuple(features)
        offered = [feature for feature in features if feature.profile is None or feature.profile in profiles]
        absent = [feature for feature in features if feature not in offered]
        self.tables: tuple[AnyTable, ...] = tuple(table for feature in features for table in feature.tables)
        self.keys: tuple[Key[Any], ...] = _in_order(offered)
        self.absent_keys: tuple[Key[Any], ...] = tuple(key for feature in absent for key in feature.keys)
        self.rules: tuple[Rule, ...] = tuple(rule for feature in reversed(offered) for rule in feature.rules)
        self.gates = tuple(feature.gate for feature in offered if feature.gate is not None)
        self.exchanges: dict[str, Exchange[Any, Any]] = _index(
            (exchange.action, exchange) for feature in features for exchange in feature.exchanges
        )
        self.by_request: dict[type, Exchange[Any, Any]] = _index(
            (exchange.request, exchange) for exchange in self.exchanges.values()
        )
        self.calls: dict[str, CallHandler] = _index(
            (handler.exchange.action, handler)
            for feature in features
            for handler in feature.calls
            if feature in offered or handler.when_absent
        )
        self.replies: dict[str, ReplyHandler] = _index(
            (handler.exchange.action, handler) for feature in features for handler in feature.replies
        )
        self.events: dict[type, EventHandler] = _index(
            (handler.event, handler) for feature in features for handler in feature.events
        )
        self.asks: dict[type, AskHandler] = _index(
            (handler.command, handler) for feature in features for handler in feature.asks
        )
        self.triggers: dict[str, Trigger] = _index(
            (trigger.action, trigger) for feature in offered for trigger in feature.triggers
        )

    def take_in(self, step: Step, event: Event) -> None:
        """Hand an event to the feature that takes it in.

        Raises:
            UsageError: it is no event.
        """
        handler = self.events.get(type(event))
        if handler is None:
            raise UsageError(f"{event!r} is no event that a charge point takes in")
        connector_id = getattr(event, "connector_id", None)
        is_known = connector_id in (None, CHARGE_POINT) or step.station.has_connector(connector_id)
        if not is_known or (connector_id == CHARGE_POINT and not isinstance(event, OF_THE_CHARGE_POINT)):
            step.notice(HardwareMisreport(f"there is no connector {connector_id!r}: {event!r}"))
            return
        handler.handle(step, event)


@lru_cache(maxsize=64)
def registry_of(features: tuple[Feature, ...], profiles: tuple[str, ...]) -> Registry:
    """The registry of these features, made once: stations of one kind share it, as nothing in it ever changes."""
    return Registry(features, profiles=profiles)


def _in_order(features: Iterable[Feature]) -> tuple[Key[Any], ...]:
    """The keys of features as they are listed: by feature profile, Core first, then by name."""
    profiles = list(FeatureProfile)
    found = [
        (profiles.index(feature.profile or FeatureProfile.CORE), key.name.lower(), key)
        for feature in features
        for key in feature.keys
    ]
    return tuple(key for _, _, key in sorted(found, key=lambda place: place[:2]))


def _index(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """A dictionary of pairs in which no key occurs twice."""
    found: dict[Any, Any] = {}
    for key, value in pairs:
        assert key not in found, f"{key!r} has two owners"
        found[key] = value
    return found
