"""The limits of one connector as time goes on, kept between questions."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import chain

from attrs import define, field

from ocpp16cp.wire.types import ChargingRateUnitType

from .composite import Composite, limit_of
from .installed import ProfileSet
from .layer import EPOCH, FOREVER, Layer, seconds
from .plan import Plan
from .steps import unstacked

HORIZON_S = 86_400
"""A stretch is composed at least so far ahead: most schedules are daily."""

_WEEK_S = 604_800
"""After so long all that recurs has recurred."""


@define
class Timeline:
    """Composite schedules and limits of one connector, cut out of a longer one that is made when it runs out.

    Answers are those of `ProfileSet.compose`; only the time they take differs. For a change of profiles or
    transactions, make another timeline. Nothing can be kept where profiles count from each question: on an idle
    connector that has profiles relative to a transaction.

    Raises:
        UsageError: there is no such connector.
    """

    profiles: ProfileSet
    connector_id: int
    unit: ChargingRateUnitType = field(kw_only=True)
    """Of all answers; A on AC and W on DC unless given."""
    _plan: Plan = field(init=False, repr=False, eq=False)
    _low: int = field(init=False, default=0, repr=False, eq=False)
    _high: int = field(init=False, default=0, repr=False, eq=False)
    _starts: list[int] = field(init=False, factory=list, repr=False, eq=False)
    _tenths: tuple[int, ...] = field(init=False, default=(), repr=False, eq=False)
    _phases: tuple[int, ...] | None = field(init=False, default=None, repr=False, eq=False)

    @unit.default
    def _default_unit(self) -> ChargingRateUnitType:
        return self.profiles.supply.default_unit

    def __attrs_post_init__(self) -> None:
        self._plan = self.profiles.plan(self.connector_id)

    def __reduce__(self) -> tuple[Callable[[ProfileSet, int], Timeline], tuple[ProfileSet, int]]:
        """Rebuild from what was given: a plan nests too deep for `pickle`, and what is kept is soon made again."""
        return partial(type(self), unit=self.unit), (self.profiles, self.connector_id)

    def compose(self, start: datetime, *, duration: int) -> Composite:
        """The composite schedule of a window, as `ProfileSet.compose` gives it.

        Raises:
            UsageError: the window is empty.
            TypeError: `start` has no time zone.
        """
        # As `seconds` does; this call is short enough for the difference to be seen.
        since = start - EPOCH
        begin = since.days * 86_400 + since.seconds
        end = begin + duration
        if begin < self._low or end > self._high or end <= begin:
            if duration <= 0 or begin < self._plan.fixed_from:
                return self._plan.compose(start, duration, self.unit)
            self._prepare(begin, max(2 * duration, HORIZON_S))
        starts = self._starts
        index = bisect_right(starts, begin)
        until = bisect_left(starts, end, index)
        phases = self._phases
        return Composite(
            self.connector_id,
            start,
            duration,
            self.unit,
            (0, *[instant - begin for instant in starts[index:until]]),
            self._tenths[index - 1 : until],
            None if phases is None else phases[index - 1 : until],
        )

    def limit_at(self, instant: datetime) -> Decimal | None:
        """The limit at an instant, in the unit of the timeline; `None`: nothing limits.

        Raises:
            TypeError: `instant` has no time zone.
        """
        return limit_of(self.compose(instant, duration=1).tenths[0])

    def phases_at(self, instant: datetime) -> int | None:
        """Over how many phases the limit at an instant counts; `None` on DC.

        Raises:
            TypeError: `instant` has no time zone.
        """
        phases = self.compose(instant, duration=1).phases
        return None if phases is None else phases[0]

    def next_change(self, instant: datetime) -> datetime | None:
        """The first later instant with another limit or other phases; `None`: they stay for ever.

        Raises:
            TypeError: `instant` has no time zone.
        """
        begin = seconds(instant)
        if begin >= self._plan.fixed_from:
            if not self._low <= begin < self._high:
                self._prepare(begin, HORIZON_S)
            index = bisect_right(self._starts, begin)
            if index < len(self._starts):
                return _instant(self._starts[index])
        return self._search(begin)

    def _prepare(self, begin: int, duration: int) -> None:
        """Compose a stretch to cut answers out of."""
        stretch = self._plan.compose(_instant(begin), duration, self.unit)
        self._low = begin
        self._high = begin + duration
        self._starts = [begin + start for start in stretch.starts]
        self._tenths = stretch.tenths
        self._phases = stretch.phases

    def _search(self, begin: int) -> datetime | None:
        """Look for a change, however far away.

        Between instants that happen but once all is as a week before: it is enough to look at the week after each.
        """
        plan = self._plan.anchored(begin)
        stacks = (plan.ceiling, *(part.stack for part in plan.parts))
        layers = chain.from_iterable(map(unstacked, stacks))
        once = {instant for layer in layers for instant in _once(layer) if begin < instant <= _LAST}
        seen = begin
        for instant in (begin, *sorted(once)):
            until = min(instant + _WEEK_S, _LAST) + 1
            if until > seen:
                # One second is looked at again, to see a change at the very end of the stretch before.
                first = max(begin, seen - 1, instant - 1)
                window = plan.compose(_instant(first), until - first, self.unit)
                if len(window.starts) > 1:
                    return _instant(first + window.starts[1])
                seen = until
        return None


_LAST = seconds(datetime.max.replace(tzinfo=EPOCH.tzinfo))
"""The last second that has a `datetime`."""


def _once(layer: Layer) -> Iterator[int]:
    """The instants at which a layer changes but once: limits of its validity, and all its periods unless they recur."""
    yield layer.low
    yield layer.high
    if layer.period == FOREVER:
        for offset in layer.offsets:
            yield layer.first + offset


def _instant(since_epoch: int) -> datetime:
    return EPOCH + timedelta(seconds=since_epoch)
