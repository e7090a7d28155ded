"""What a central system wants of the meters, and what it holds the values against that it is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from attrs import define, evolve, field

from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import StartTransaction, StopTransaction
from ocpp16cp.station import CHARGE_POINT, Station
from ocpp16cp.wire.types import Location, Measurand, MeterValue, Phase, ReadingContext, SampledValue

from .violation import InvariantViolated

_REGISTER = Measurand.ENERGY_ACTIVE_IMPORT_REGISTER
_INTERVAL = Measurand.ENERGY_ACTIVE_IMPORT_INTERVAL
_C = ReadingContext

GRID_S = 20
"""All intervals of clock-aligned samples that are drawn are multiples of this."""

MAX_METER_VALUES = 7
"""How many samples the end of a transaction may hold: few, so that there are often too many."""

_LISTS = (
    "",
    "Energy.Active.Import.Register",
    "Energy.Active.Import.Register,Energy.Active.Import.Interval",
    "Current.Import,Voltage,Voltage.L1-L2,Current.Import.N,SoC,Power.Factor",
    "Energy.Active.Import.Register,Energy.Active.Import.Register.L1,Energy.Reactive.Import.Register,Temperature,RPM",
    ",".join(Measurand),
)

SETTINGS: dict[str, tuple[str, ...]] = {
    "ClockAlignedDataInterval": ("0", str(GRID_S), "300", "300"),
    "MeterValuesSampledData": _LISTS,
    "MeterValuesAlignedData": _LISTS,
    "StopTxnSampledData": _LISTS,
    "StopTxnAlignedData": _LISTS,
}
"""What is changed now and then."""


def equip(station: Station) -> Station:
    """The same station with meters that tell everything, and with all kinds of samples from the beginning."""
    return evolve(
        station,
        measurands=tuple(Measurand),
        measured_phases=(
            (_REGISTER, Phase.L1),
            (Measurand.CURRENT_IMPORT, Phase.N),
            (Measurand.VOLTAGE, Phase.L1_L2),
        ),
        configuration=(
            *station.configuration,
            ("ClockAlignedDataInterval", "300"),
            ("StopTxnSampledData", _LISTS[2]),
            ("StopTxnAlignedData", _LISTS[1]),
            ("StopTransactionMaxMeterValues", str(MAX_METER_VALUES)),
        ),
    )


@define
class MeterWatch:
    """What one central system was told by the meters of a station.

    Registers grow in the order of arrival, samples that were triggered excepted, as these overtake others. No point of
    the grid has two samples. What is told with the end of a transaction agrees with its begin and its end.
    """

    aligned: dict[tuple[int, datetime], MeterValue] = field(factory=dict)
    """By connector and point of the grid."""
    registers: dict[tuple[int, Measurand, Phase | None], int] = field(factory=dict)
    """The highest that were told."""
    contexts: set[ReadingContext] = field(factory=set)
    """Those that were told so far."""

    def sample(self, request: MeterValues) -> None:
        """Hold samples against what was told before."""
        for each in request.meter_value:
            context = _context(each, request)
            self.contexts.add(context)
            if request.connector_id == CHARGE_POINT and request.transaction_id is not None:
                raise InvariantViolated(f"the main meter has no transaction: {request}")
            if context is _C.SAMPLE_CLOCK:
                self._point(request.connector_id, each)
            elif context in {_C.TRANSACTION_BEGIN, _C.TRANSACTION_END, _C.OTHER}:
                raise InvariantViolated(f"a context that has no place here: {request}")
            elif request.transaction_id is None and context is not _C.TRIGGER:
                raise InvariantViolated(f"of no transaction: {request}")
            if context is not _C.TRIGGER:
                self._grow(request.connector_id, each)

    def stop(self, start: StartTransaction | None, request: StopTransaction) -> None:
        """Hold what is told with the end of a transaction against itself, and against its begin where that is known."""
        data = request.transaction_data
        if data is None:
            return
        contexts = [_context(each, request) for each in data]
        self.contexts.update(contexts)
        between = contexts[contexts[0] is _C.TRANSACTION_BEGIN : len(contexts) - (contexts[-1] is _C.TRANSACTION_END)]
        if not set(between) <= {_C.SAMPLE_PERIODIC, _C.SAMPLE_CLOCK} or len(data) > MAX_METER_VALUES:
            raise InvariantViolated(f"not from begin to end: {request}")
        begin, end = (data[0],) if contexts[0] is _C.TRANSACTION_BEGIN else (), data[-1]
        if start is not None:
            for each in begin:
                _agree(each, start.timestamp, start.meter_start)
        if contexts[-1] is _C.TRANSACTION_END:
            _agree(end, request.timestamp, request.meter_stop)
        _check_order(data, start, request)
        periodic = [each for each, context in zip(data, contexts, strict=True) if context is not _C.SAMPLE_CLOCK]
        if start is not None and periodic and contexts[-1] is _C.TRANSACTION_END and _numbers(end, _INTERVAL):
            flowed = sum(number for each in periodic for number in _numbers(each, _INTERVAL))
            if flowed != request.meter_stop - start.meter_start:
                raise InvariantViolated(f"the intervals add up to {flowed} Wh: {start}, {request}")

    def _point(self, connector_id: int, sample: MeterValue) -> None:
        """A sample at a point of the grid; told again it has to be the same."""
        _check_grid(sample)
        known = self.aligned.setdefault((connector_id, sample.timestamp), sample)
        if known != sample:
            raise InvariantViolated(f"connector {connector_id}: a second sample of a point: {known}, {sample}")

    def _grow(self, connector_id: int, sample: MeterValue) -> None:
        """Registers never run backwards."""
        for value in sample.sampled_value:
            assert value.measurand is not None
            if value.measurand.value.endswith(".Register"):
                place = connector_id, value.measurand, value.phase
                if int(value.value) < self.registers.get(place, 0):
                    raise InvariantViolated(f"{place} was at {self.registers[place]} already: {sample}")
                self.registers[place] = int(value.value)


_NUMBER = re.compile(r"-?\d+(\.\d+)?")

_PLACES = {Measurand.SOC: {Location.EV}, Measurand.TEMPERATURE: {Location.BODY}, Measurand.RPM: {Location.BODY}}
"""Of all others: the outlet, or the inlet."""


def _context(sample: MeterValue, request: object) -> ReadingContext:
    """The one occasion on which all values of a sample were taken, each of which is a number with a place."""
    contexts = {value.context for value in sample.sampled_value}
    context = contexts.pop() if len(contexts) == 1 else None
    if context is None or not all(map(_is_good, sample.sampled_value)):
        raise InvariantViolated(f"no sample of one instant, or no numbers: {request}")
    return context


def _is_good(value: SampledValue) -> bool:
    """Whether a value is complete, and one that any central system can read."""
    if value.measurand is None or value.location is None or value.format is not None:
        return False
    places = _PLACES.get(value.measurand, {Location.OUTLET, Location.INLET})
    return _NUMBER.fullmatch(value.value) is not None and value.location in places


def _check_grid(sample: MeterValue) -> None:
    """Make sure that a time stamp is one of the grid."""
    midnight = sample.timestamp.replace(hour=0, minute=0, second=0, microsecond=0)
    if (sample.timestamp - midnight) % timedelta(seconds=GRID_S):
        raise InvariantViolated(f"not on the grid: {sample}")


def _agree(sample: MeterValue, at: datetime, register_wh: int) -> None:
    """Make sure that begin or end of a transaction are told as they were told before."""
    if sample.timestamp != at or any(number != register_wh for number in _numbers(sample, _REGISTER)):
        raise InvariantViolated(f"not that of the transaction, {at} and {register_wh} Wh: {sample}")


def _check_order(data: Sequence[MeterValue], start: StartTransaction | None, request: StopTransaction) -> None:
    """Make sure that neither time nor energy run backwards from sample to sample."""
    times = [each.timestamp for each in data]
    times = [*([start.timestamp] if start else []), *times, request.timestamp]
    registers_wh = [number for each in data for number in _numbers(each, _REGISTER)]
    if not _in_order(times) or not _in_order(registers_wh):
        raise InvariantViolated(f"not in order: {start}, {request}")
    for each in data:
        if each.sampled_value[0].context is _C.SAMPLE_CLOCK:
            _check_grid(each)
        if any(number < 0 for number in _numbers(each, _INTERVAL)):
            raise InvariantViolated(f"less than nothing has flowed: {each}")


def _in_order(sequence: Iterable[datetime] | Iterable[int]) -> bool:
    """Whether nothing lies before what comes before it."""
    return all(earlier <= later for earlier, later in pairwise(sequence))  # type: ignore[operator]  # of one kind


def _numbers(sample: MeterValue, measurand: Measurand) -> list[int]:
    """What a sample tells of a measurand of all lines together."""
    return [int(value.value) for value in sample.sampled_value if (value.measurand, value.phase) == (measurand, None)]
