"""Takes in what the hardware reports, and tells it levels."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from ocpp16cp.events import (
    EMERGENCY_STOP,
    FaultCleared,
    FaultRaised,
    OutputChanged,
    SocketChanged,
    SocketState,
    VehicleChanged,
)
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import HardwareMisreport, SetLimit, SetOutput
from ocpp16cp.station import CHARGE_POINT
from ocpp16cp.wire.strict_json import is_encodable
from ocpp16cp.wire.types import ChargePointErrorCode

from .messages import AvailabilityType
from .questions import is_operative
from .state import (
    FAULTS,
    INOPERATIVE,
    LEVELS,
    OUT_OF_SERVICE,
    OUTPUTS,
    SOCKETS,
    VEHICLES,
    Fault,
    Inoperative,
    Level,
    Offer,
    OutOfService,
    Output,
    Socket,
    Vehicle,
)

LOCK_FAILURE = ChargePointErrorCode.CONNECTOR_LOCK_FAILURE


def socket_changed(step: Step, event: SocketChanged) -> None:
    """Something was plugged in or out."""
    known = step[SOCKETS].get(event.connector_id)
    if known is not None and known.state is not event.state:
        # What the last vehicle wanted says nothing about the next one.
        step.remove(VEHICLES, event.connector_id)
    step.put(SOCKETS, event.connector_id, Socket(event.state))
    if event.state is SocketState.EMPTY:
        step.remove(FAULTS, _fault_key(event.connector_id, LOCK_FAILURE, None))


def vehicle_changed(step: Step, event: VehicleChanged) -> None:
    """The vehicle asks for energy, or pauses."""
    step.put(VEHICLES, event.connector_id, Vehicle(event.wants_energy))


def output_changed(step: Step, event: OutputChanged) -> None:
    """The contactor closed or opened."""
    step.put(OUTPUTS, event.connector_id, Output(event.is_on))


WARNINGS = frozenset(
    {
        ChargePointErrorCode.EV_COMMUNICATION_ERROR,
        ChargePointErrorCode.LOCAL_LIST_CONFLICT,
        ChargePointErrorCode.READER_FAILURE,
        ChargePointErrorCode.RESET_FAILURE,
        ChargePointErrorCode.WEAK_SIGNAL,
    }
)
"""What keeps no connector from delivering energy, whoever says so (§7.6): remote starts work without a reader."""


def fault_raised(step: Step, event: FaultRaised) -> None:
    """Something is wrong."""
    if event.error_code is ChargePointErrorCode.NO_ERROR:
        step.notice(HardwareMisreport(f"a fault without an error code: {event!r}"))
        return
    key = _fault_key(event.connector_id, event.error_code, event.vendor_error_code)
    known = step[FAULTS].get(key)
    order = max((fault.order for fault in step[FAULTS].values()), default=0) + 1 if known is None else known.order
    texts = {
        name: _cut(step, event, name, limit)
        for name, limit in (("info", 50), ("vendor_id", 255), ("vendor_error_code", 50))
    }
    fault = Fault(
        connector_id=event.connector_id,
        error_code=event.error_code,
        is_blocking=_is_blocking(event),
        order=order,
        **texts,
    )
    step.put(FAULTS, key, fault)


def _is_blocking(event: FaultRaised) -> bool:
    """Whether no energy can be delivered while a fault lasts."""
    if event.vendor_error_code == EMERGENCY_STOP:
        return True
    return event.is_blocking and event.error_code not in WARNINGS


def _cut(step: Step, event: FaultRaised, name: str, limit: int) -> str | None:
    """A text as a StatusNotification can carry it (§6.47)."""
    text: str | None = getattr(event, name)
    if text is None or (len(text) <= limit and is_encodable(text)):
        return text
    step.notice(HardwareMisreport(f"{name}: more than {limit} characters, or no text: {event!r}"))
    return text.encode(errors="replace").decode()[:limit]


def fault_cleared(step: Step, event: FaultCleared) -> None:
    """It is right again."""
    step.remove(FAULTS, _fault_key(event.connector_id, event.error_code, event.vendor_error_code))


def lock_failed(step: Step, connector_id: int) -> None:
    """The lock did not take hold: nothing can be charged here until the plug is out."""
    fault_raised(step, FaultRaised(connector_id=connector_id, error_code=LOCK_FAILURE))


def unlock_failed(step: Step, connector_id: int) -> None:
    """The lock did not let go: a warning, unless it is known to be worse."""
    if _fault_key(connector_id, LOCK_FAILURE, None) not in step[FAULTS]:
        fault_raised(step, FaultRaised(connector_id=connector_id, error_code=LOCK_FAILURE, is_blocking=False))


def unlocked(step: Step, connector_id: int) -> None:
    """The lock let go: it works again, as far as a warning says otherwise."""
    key = _fault_key(connector_id, LOCK_FAILURE, None)
    fault = step[FAULTS].get(key)
    if fault is not None and not fault.is_blocking:
        step.remove(FAULTS, key)


def set_levels(step: Step, offers: Mapping[int, Offer]) -> None:
    """Tell the driver what each connector is to offer, as far as it was not told before.

    What falls comes first, so that the sum is not above what it may be for a moment either.

    Args:
        step: the step under way.
        offers: by connector; those that are missing offer nothing.
    """

    def rises(connector_id: int) -> bool:
        offer, level = offers.get(connector_id), step[LEVELS].get(connector_id)
        if offer is None:
            return False
        if level is None or not level.is_on:
            return True
        return offer.limit_a > level.offer.limit_a or offer.phases > level.offer.phases

    for connector_id in sorted(step.station.connector_ids, key=rises):
        _set_level(step, connector_id, offers.get(connector_id))


def _set_level(step: Step, connector_id: int, offer: Offer | None) -> None:
    """Tell the driver what one connector is to offer; `None`: nothing, and then the limit stays what it was."""
    said = step[LEVELS].get(connector_id)
    is_on = offer is not None
    if offer is None:
        offer = _largest_offer(step, connector_id) if said is None else said.offer
    if said is None or said.offer != offer:
        step.command(SetLimit(connector_id, offer.limit_a, offer.phases))
    if said is not None and said.is_on == is_on:
        step.put(LEVELS, connector_id, evolve(said, offer=offer))
        return
    step.command(SetOutput(connector_id, is_on))
    if is_on:
        step.remove(OUTPUTS, connector_id)
    last_on_at = None if said is None else said.on_at
    step.put(LEVELS, connector_id, Level(is_on, offer, step.now, step.now if is_on else last_on_at))


def _largest_offer(step: Step, connector_id: int) -> Offer:
    """What the hardware of a connector can offer."""
    return Offer(step.station.connector(connector_id).max_current_a, step.station.phases(connector_id))


def set_availability(step: Step, connector_id: int, availability: AvailabilityType) -> None:
    """Set the flag of a connector, or those of the charge point and all its connectors.

    Inoperative connectors go on until `take_out_of_service`.
    """
    everything = (CHARGE_POINT, *step.station.connector_ids)
    for each in everything if connector_id == CHARGE_POINT else (connector_id,):
        if availability is AvailabilityType.INOPERATIVE:
            step.put(INOPERATIVE, each, Inoperative())
        else:
            step.remove(INOPERATIVE, each)
    for each in everything:
        if is_operative(step, each):
            put_back_into_service(step, each)


def take_out_of_service(step: Step, connector_id: int) -> None:
    """An inoperative connector, or the charge point, has nothing left to do."""
    step.put(OUT_OF_SERVICE, connector_id, OutOfService())


def put_back_into_service(step: Step, connector_id: int) -> None:
    """A connector, or the charge point, may be used again."""
    step.remove(OUT_OF_SERVICE, connector_id)


def _fault_key(connector_id: int, error_code: ChargePointErrorCode, vendor_error_code: str | None) -> str:
    """What tells faults apart."""
    return f"{connector_id}/{error_code.value}/{vendor_error_code or ''}"
