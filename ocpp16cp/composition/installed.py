"""The profiles installed in a station and its running transactions, compiled."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import evolve, field

from ocpp16cp.errors import UsageError
from ocpp16cp.lean import frozen
from ocpp16cp.wire.types import ChargingProfile, ChargingRateUnitType

from .composite import Composite
from .layer import Layer, compile_profile
from .plan import Plan, Transaction, plans
from .supply import Supply

MAX_PROFILES = 500
"""Bound of profiles in one set: ten times what certified stations offer, half of what recursion can take."""


@frozen
class ProfileSet:
    """Charging profiles as installed, transactions as running, compiled for one supply; immutable.

    `with_profile` and its kin return another set that shares every compiled profile but the one that changed.
    Nothing is kept from one composition to the next; `Timeline` does that. A set pickles, so that the compositions
    of a fleet can be spread over a process pool.

    Raises:
        UsageError: too many profiles, two transactions on a connector, or one on a connector there is not.
    """

    supply: Supply
    layers: tuple[Layer, ...] = ()
    """The compiled profiles in the order they were installed."""
    transactions: tuple[Transaction, ...] = ()
    """The running ones, at most one per connector."""
    _plans: tuple[Plan, ...] = field(default=(), init=False, repr=False, eq=False)
    """Empty until somebody asks: of the sets that a change makes on its way most are never asked."""

    def __attrs_post_init__(self) -> None:
        if len(self.layers) > MAX_PROFILES:
            raise UsageError(f"profiles: {len(self.layers)} of them, at most {MAX_PROFILES} are taken")
        seen: set[int] = set()
        for transaction in self.transactions:
            connector_id = transaction.connector_id
            if not 1 <= connector_id <= len(self.supply.connectors):
                raise UsageError(f"transactions: there is no connector {connector_id!r}")
            if connector_id in seen:
                raise UsageError(f"transactions: connector {connector_id} has more than one")
            seen.add(connector_id)

    def _planned(self) -> tuple[Plan, ...]:
        """The plans, made now."""
        made = plans(self.supply, self.layers, self.transactions)
        object.__setattr__(self, "_plans", made)
        return made

    def __reduce__(self) -> tuple[type[ProfileSet], tuple[object, ...]]:
        """Rebuild from what was given: stacks nest as deep as they have layers, too deep for `pickle`."""
        return type(self), (self.supply, self.layers, self.transactions)

    @classmethod
    def of(
        cls,
        supply: Supply,
        profiles: Iterable[tuple[int, ChargingProfile]],
        *,
        transactions: Iterable[Transaction] = (),
        received: datetime | None = None,
    ) -> ProfileSet:
        """Install profiles in the order given, each as by `with_profile`, and compile the set once.

        Args:
            supply: What the station is fed with.
            profiles: Pairs of connector id, 0 for the charge point, and profile.
            transactions: The running ones, at most one per connector.
            received: See `with_profile`.

        Raises:
            ProfileRefused: a profile can never be executed as it is.
            UsageError: see the class.
        """
        layers: tuple[Layer, ...] = ()
        for connector_id, profile in profiles:
            new = compile_profile(profile, connector_id, supply, received=received)
            layers = _installed(layers, new)
        return cls(supply, layers, tuple(transactions))

    def with_profile(
        self, connector_id: int, profile: ChargingProfile, *, received: datetime | None = None
    ) -> ProfileSet:
        """This set with a profile installed; the one of the same id and the one in the same slot are gone.

        A slot is a purpose and a stack level, on connectors other than 0 for each connector apart (§5.16.2).

        Args:
            connector_id: 0 is the charge point.
            profile: It has passed the codec.
            received: When; the start of an Absolute ChargePointMaxProfile without startSchedule.

        Raises:
            ProfileRefused: the profile can never be executed as it is.
        """
        new = compile_profile(profile, connector_id, self.supply, received=received)
        return evolve(self, layers=_installed(self.layers, new))

    def without_profile(self, charging_profile_id: int) -> ProfileSet:
        """This set without the profile of that id, if it is there."""
        kept = (layer for layer in self.layers if layer.profile.charging_profile_id != charging_profile_id)
        return evolve(self, layers=tuple(kept))

    def with_transaction(self, transaction: Transaction) -> ProfileSet:
        """This set with a transaction running, in place of any other on its connector."""
        others = self.without_transaction(transaction.connector_id).transactions
        return evolve(self, transactions=(*others, transaction))

    def without_transaction(self, connector_id: int) -> ProfileSet:
        """This set with an idle connector; its TxProfiles stay, but count for nothing until they are removed."""
        others = tuple(one for one in self.transactions if one.connector_id != connector_id)
        return evolve(self, transactions=others)

    def compose(
        self,
        connector_id: int,
        start: datetime,
        *,
        duration: int,
        unit: ChargingRateUnitType | None = None,
    ) -> Composite:
        """The composite schedule of a connector (§5.7).

        The time it takes grows with the profiles and with the steps in the window; a bound of `duration` is the
        caller's.

        Args:
            connector_id: 0 is the charge point: the sum of its connectors under its own limits.
            start: When the window begins, aware; fractions of a second are dropped. An idle connector is answered
                as if a transaction began then.
            duration: Length of the window in seconds, above 0.
            unit: Of the answer, whatever the profiles use; `None`: A on AC, W on DC.

        Raises:
            UsageError: there is no such connector, or the window is empty.
            TypeError: `start` has no time zone.
        """
        planned = self._plans or self._planned()
        if not 0 <= connector_id < len(planned):
            raise UsageError(f"there is no connector {connector_id!r}")
        if unit is None:
            unit = self.supply.default_unit
        return planned[connector_id].compose(start, duration, unit)

    def plan(self, connector_id: int) -> Plan:
        """What the schedule of a connector is made of; for the other modules of this package.

        Raises:
            UsageError: there is no such connector.
        """
        planned = self._plans or self._planned()
        if not 0 <= connector_id < len(planned):
            raise UsageError(f"there is no connector {connector_id!r}")
        return planned[connector_id]


def _installed(layers: tuple[Layer, ...], new: Layer) -> tuple[Layer, ...]:
    """Add a profile to others; which of them it replaces is a matter of ids and slots (§5.16.2)."""
    return (*(layer for layer in layers if not _is_replaced(layer, new)), new)


def _is_replaced(old: Layer, new: Layer) -> bool:
    """Whether a profile leaves when another one comes: the same id wherever it is, or the same slot."""
    if old.profile.charging_profile_id == new.profile.charging_profile_id:
        return True
    return (
        old.profile.charging_profile_purpose is new.profile.charging_profile_purpose
        and old.profile.stack_level == new.profile.stack_level
        and old.connector_id == new.connector_id
    )
