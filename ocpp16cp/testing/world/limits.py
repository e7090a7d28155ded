"""What holds of charging profiles and of the currents that are offered, held against the oracle.

Which profiles are installed is read off the disk, and each change of them is explained by what the central system asked
for. From them, and from the transactions on the disk, the oracle says what may be offered.
"""

from __future__ import annotations

import math
from datetime import timedelta
from fractions import Fraction
from typing import Any

from attrs import define, evolve, field

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.driver.simulated import SimulatedStation
from ocpp16cp.events import Event, TextReceived
from ocpp16cp.features.smart_charging.messages import (
    ClearChargingProfile,
    GetCompositeSchedule,
    GetCompositeScheduleConf,
    GetCompositeScheduleStatus,
    SetChargingProfile,
)
from ocpp16cp.features.smart_charging.state import PROFILES
from ocpp16cp.features.smart_charging.state import Installed as Record
from ocpp16cp.features.transactions.messages import RemoteStartTransaction
from ocpp16cp.features.transactions.state import TRANSACTIONS, Transaction
from ocpp16cp.kernel import records
from ocpp16cp.kernel.calls import RUN
from ocpp16cp.kernel.tables import AnyTable
from ocpp16cp.outcome import Outcome, SendText
from ocpp16cp.station import CurrentType, Station
from ocpp16cp.store.memory import MemoryStore
from ocpp16cp.testing.oracle import Grid, Installed, Oracle, Running, difference
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.frames import Call, CallResult, parse_frame
from ocpp16cp.wire.types import ChargingProfile, ChargingProfilePurposeType

from .central_system import EXCHANGES
from .violation import InvariantViolated

_ROUNDING = timedelta(milliseconds=1)
"""By so much the instant of a change and the time of day may differ."""

_ASKED = (SetChargingProfile, ClearChargingProfile, GetCompositeSchedule, RemoteStartTransaction)


@define
class Limits:
    """The profiles of a station, and what it makes of them."""

    disk: MemoryStore
    hardware: SimulatedStation
    codec: Codec = field(factory=Codec)
    _request: Any = None
    """What the central system asks for in the present step."""
    _message_id: str = ""
    _brought: list[ChargingProfile] = field(factory=list)
    """All profiles that came with remote starts."""
    _profiles: dict[int, Record] = field(factory=dict)
    _transactions: dict[int, Transaction] = field(factory=dict)
    """Those that run, by connector."""
    _known: Oracle | None = None
    """Who knows what these come to."""

    @property
    def station(self) -> Station:
        """What is looked at."""
        return self.hardware.station

    def hears(self, event: Event) -> None:
        """Something reaches the station."""
        self._request = None
        frame = parse_frame(event.text) if isinstance(event, TextReceived) else None
        if not isinstance(frame, Call) or frame.action not in EXCHANGES:
            return
        kind = EXCHANGES[frame.action].request
        if kind not in _ASKED:
            return
        try:
            self._request = self.codec.decode(kind, frame.payload)
        except Exception:  # noqa: BLE001 - what is wrong with it is no matter of limits
            return
        self._message_id = frame.message_id
        if isinstance(self._request, RemoteStartTransaction) and self._request.charging_profile is not None:
            self._brought.append(self._request.charging_profile)

    def committed(self, outcome: Outcome) -> None:
        """A step is on the disk."""
        touched = {write.table for write in outcome.writes}
        before = (self._profiles, self._transactions)
        if touched & {TRANSACTIONS.name, RUN.table.name}:
            run = self._records(RUN.table)[""].number
            self._transactions = {
                connector_id: transaction
                for connector_id, transaction in self._records(TRANSACTIONS).items()
                if transaction.ending is None and transaction.run == run
            }
        if PROFILES.name in touched:
            self._profiles = self._records(PROFILES)
            for number in before[0].keys() | self._profiles.keys():
                self._explain(number, before[0].get(number), self._profiles.get(number))
        answer = self._answer(outcome)
        if isinstance(answer, GetCompositeScheduleConf):
            # It was made before the rest of the step.
            self._check_schedule(self._oracle(*before), answer)
        if before != (self._profiles, self._transactions):
            self._known = None

    def after(self, core: ChargePoint, now: float) -> None:
        """A step was carried out whole: nothing is offered that may not be, and nothing is kept back."""
        allowed = [each for each in self.station.connector_ids if self.hardware.is_allowed(each)]
        if not allowed:
            return
        utc = core.utc(now=now)
        instants = {math.floor(instant.timestamp()) for instant in (utc, utc + _ROUNDING)}
        oracle = self._known = self._known or self._oracle(self._profiles, self._transactions)
        wrong = [self._wrong_at(oracle, instant, allowed) for instant in sorted(instants)]
        if all(wrong):
            raise InvariantViolated(f"{wrong[0]} at {utc}: {self._profiles}, {self._transactions}")

    def _wrong_at(self, oracle: Oracle, t: int, allowed: list[int]) -> str | None:
        """What is wrong with the offers if the time is `t`."""
        own = {each: oracle.limit(each, t, t) for each in allowed}
        offered = {each: Fraction(self.hardware.offered_a(each)) for each in allowed}
        for each, (limit, phases) in own.items():
            in_use = self.hardware.offered_phases(each)
            if limit is None or offered[each] > limit or offered[each] * in_use > limit * phases:
                return f"connector {each} offers {offered[each]} A on {in_use}, not {limit} on {phases}"
        ceiling = oracle.ceiling(t)
        wanted = sum((limit or Fraction(0) for limit, _ in own.values()), Fraction(0))
        if ceiling is not None and sum(offered.values(), Fraction(0)) > ceiling:
            return f"all offer {offered}, not {ceiling} together"
        if ceiling is None or wanted <= ceiling:
            for each, (limit, phases) in own.items():
                assert limit is not None
                if offered[each] != (least := self._told(each, limit, phases)):
                    return f"connector {each} offers {offered[each]} A, and could offer {least}"
        return None

    def _told(self, connector_id: int, limit: Fraction, phases: int) -> Fraction:
        """What is to be offered under a limit that nobody shares."""
        wired = self.station.phases(connector_id)
        tenths = math.floor(limit * 10)
        if self.hardware.offered_phases(connector_id) > phases:
            tenths = tenths * phases // wired
        return Fraction(tenths, 10) if tenths >= self.station.least_current_a * 10 else Fraction(0)

    # What is on the disk.

    def _records(self, table: AnyTable) -> dict[Any, Any]:
        """The records of a table."""
        rows = (
            records.from_text(table, key, text)
            for (name, key), text in self.disk.snapshot().items()
            if name == table.name
        )
        return dict(rows)

    def _oracle(self, profiles: dict[int, Record], transactions: dict[int, Transaction]) -> Oracle:
        """Who knows what these profiles come to."""
        grid = Grid(
            voltage=self.station.nominal_voltage_v,
            is_dc=self.station.current_type is CurrentType.DC,
            phases=max(each.phases for each in self.station.connectors),
            limit=None if self.station.max_current_a is None else Fraction(self.station.max_current_a),
            connectors=tuple((each.phases, Fraction(each.max_current_a)) for each in self.station.connectors),
        )
        installed = (Installed(each.connector_id, each.profile, each.received) for each in profiles.values())
        running = (
            Running(connector_id=number, transaction_id=each.transaction_id, start=each.started_at)
            for number, each in transactions.items()
        )
        return Oracle(grid, tuple(installed), tuple(running))

    # What was asked for.

    def _explain(self, number: int, old: Record | None, new: Record | None) -> None:
        """Find out why a profile came, changed or went."""
        request = self._request
        if new is not None and new != old:
            is_tx = new.profile.charging_profile_purpose is ChargingProfilePurposeType.TX_PROFILE
            came_along = is_tx and evolve(new.profile, transaction_id=None) in self._brought
            was_set = isinstance(request, SetChargingProfile) and (
                (request.connector_id, request.cs_charging_profiles) == (new.connector_id, new.profile)
            )
            if not (was_set or came_along):
                raise InvariantViolated(f"nobody asked for profile {number}: {new}")
            if is_tx and new.transaction != self._number_at(new.connector_id):
                raise InvariantViolated(f"profile {number} is for no transaction that runs: {new}")
        elif new is None and old is not None and not self._may_go(old):
            raise InvariantViolated(f"profile {number} went, and nobody knows why: {old}, {request}")

    def _may_go(self, old: Record) -> bool:
        """Whether there is a reason for a profile not to be there any more."""
        if old.transaction is not None and old.transaction != self._number_at(old.connector_id):
            return True
        if isinstance(self._request, ClearChargingProfile):
            return _is_cleared(old, self._request)
        return any(_takes_place(new, old) for new in self._profiles.values())

    def _number_at(self, connector_id: int) -> int | None:
        """Which transaction runs at a connector."""
        transaction = self._transactions.get(connector_id)
        return None if transaction is None else transaction.number

    def _answer(self, outcome: Outcome) -> object:
        """What the station answers in this step to what it was asked."""
        if not isinstance(self._request, GetCompositeSchedule):
            return None
        for action in outcome.link:
            frame = parse_frame(action.text) if isinstance(action, SendText) else None
            if isinstance(frame, CallResult) and frame.message_id == self._message_id:
                return self.codec.decode(GetCompositeScheduleConf, frame.payload)
        return None

    def _check_schedule(self, oracle: Oracle, answer: GetCompositeScheduleConf) -> None:
        """Hold a composite schedule against the oracle, around each instant at which anything may change."""
        request: GetCompositeSchedule = self._request
        is_possible = 0 <= request.connector_id <= len(self.station.connectors) and request.duration > 0
        if (answer.status is GetCompositeScheduleStatus.ACCEPTED) is not is_possible:
            raise InvariantViolated(f"{request} is answered with {answer}")
        if not is_possible:
            return
        assert answer.schedule_start is not None
        assert answer.charging_schedule is not None
        begin = math.floor(answer.schedule_start.timestamp())
        end = begin + request.duration
        boundaries = {t - before for t in oracle.boundaries(begin, end) for before in (0, 1)}
        instants = sorted(t for t in {begin, end - 1, *boundaries} if begin <= t < end)
        wrong = difference(oracle, request.connector_id, answer, instants)
        if wrong is not None:
            raise InvariantViolated(wrong)


def _is_cleared(old: Record, request: ClearChargingProfile) -> bool:
    """Whether a request means a profile."""
    if request.id is not None:
        return request.id == old.profile.charging_profile_id
    asked = (request.connector_id, request.charging_profile_purpose, request.stack_level)
    has = (old.connector_id, old.profile.charging_profile_purpose, old.profile.stack_level)
    return all(one is None or one == other for one, other in zip(asked, has, strict=True))


def _takes_place(new: Record, old: Record) -> bool:
    """Whether a profile is in the slot that another one had."""
    return (new.connector_id, new.profile.charging_profile_purpose, new.profile.stack_level) == (
        old.connector_id,
        old.profile.charging_profile_purpose,
        old.profile.stack_level,
    )
