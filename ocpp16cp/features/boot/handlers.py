"""Introduces the station, and sends heartbeats once it is accepted."""

from __future__ import annotations

from attrs import evolve

from ocpp16cp.kernel import calls
from ocpp16cp.kernel.calls import LINK
from ocpp16cp.kernel.feature import Admission, CallFailure, FailureKind, Sent
from ocpp16cp.kernel.step import Step
from ocpp16cp.kernel.timekeeping import tell_time
from ocpp16cp.outcome import Registered
from ocpp16cp.wire.types import RegistrationStatus

from .keys import HEARTBEAT_INTERVAL
from .messages import (
    BootNotification,
    BootNotificationConf,
    Heartbeat,
    HeartbeatConf,
)
from .questions import acquaintance, is_accepted, is_online
from .state import ACQUAINTANCE, BEAT, REGISTRATION, Beat

DAY_S = 86_400
"""The longest time between heartbeats: the clock needs one a day (§4.6)."""


def may_send(step: Step, action: str, *, was_triggered: bool) -> bool:
    """Before it is accepted the station introduces itself, and sends what was asked for while Pending (a gate)."""
    status = step.one(REGISTRATION).status
    if status is RegistrationStatus.ACCEPTED or action == "BootNotification":
        return True
    return was_triggered and status is RegistrationStatus.PENDING


def admits(step: Step) -> Admission:
    """While Rejected nothing is answered (a gate)."""
    if step.one(REGISTRATION).status is RegistrationStatus.REJECTED:
        return Admission.IGNORE
    return Admission.HANDLE


def register(step: Step) -> None:
    """Send BootNotification until it is accepted (a rule)."""
    registration = step.one(REGISTRATION)
    if is_accepted(step) or registration.is_asking or not step.one(LINK).is_up:
        return
    if registration.next_at is None or step.due(registration.next_at):
        send_boot_notification(step)


def send_boot_notification(step: Step, *, was_triggered: bool = False) -> None:
    """Introduce the station."""
    step.set(REGISTRATION, evolve(step.one(REGISTRATION), is_asking=True))
    station = step.station
    request = BootNotification(
        charge_point_vendor=station.vendor,
        charge_point_model=station.model,
        charge_point_serial_number=station.serial_number,
        charge_box_serial_number=station.charge_box_serial_number,
        firmware_version=station.firmware_version,
        iccid=station.iccid,
        imsi=station.imsi,
        meter_type=station.meter_type,
        meter_serial_number=station.meter_serial_number,
    )
    calls.call(step, request, was_triggered=was_triggered, replaces="BootNotification")


def boot_answered(step: Step, sent: Sent[BootNotification], conf: BootNotificationConf) -> None:
    """Take over time, interval and verdict of the central system."""
    tell_time(step, conf.current_time)
    step.notice(Registered(conf.status.value, conf.interval))
    registration = evolve(step.one(REGISTRATION), status=conf.status, is_asking=False)
    if conf.status is RegistrationStatus.ACCEPTED:
        step.set(REGISTRATION, evolve(registration, acceptances=registration.acceptances + 1))
        step.set(ACQUAINTANCE, acquaintance(step))
        step.set(BEAT, Beat(step.now))
        if conf.interval > 0:
            step.set_key(HEARTBEAT_INTERVAL, conf.interval)
        return
    wait_s = conf.interval if conf.interval > 0 else step.station.settings.call_retry_wait_s
    step.set(REGISTRATION, evolve(registration, next_at=step.now + wait_s))
    # After an acceptance: who waits for an answer to what must not be sent now has to do without.
    calls.fail_held_back(step)


def boot_failed(step: Step, sent: Sent[BootNotification], failure: CallFailure) -> None:
    """No usable answer: wait, unless the connection broke; then the next one brings the next attempt."""
    registration = evolve(step.one(REGISTRATION), is_asking=False)
    if failure.kind is not FailureKind.LINK_DOWN:
        registration = evolve(registration, next_at=step.now + step.station.settings.call_retry_wait_s)
    step.set(REGISTRATION, registration)


def send_heartbeats(step: Step) -> None:
    """Send a Heartbeat every HeartbeatInterval, counted from the one before (a rule)."""
    if not is_online(step):
        return
    if step.due(step.one(BEAT).at + min(step.key(HEARTBEAT_INTERVAL) or DAY_S, DAY_S)):
        send_heartbeat(step)


def send_heartbeat(step: Step, *, was_triggered: bool = False) -> None:
    """Send a Heartbeat now; the interval begins anew."""
    step.set(BEAT, Beat(step.now))
    calls.call(step, Heartbeat(), was_triggered=was_triggered, replaces="Heartbeat")


def heartbeat_answered(step: Step, sent: Sent[Heartbeat], conf: HeartbeatConf) -> None:
    """Set the clock."""
    tell_time(step, conf.current_time)


def trigger_boot_notification(step: Step, _: int) -> None:
    """Send a BootNotification because the central system asks for it."""
    send_boot_notification(step, was_triggered=True)


def trigger_heartbeat(step: Step, _: int) -> None:
    """Send a Heartbeat because the central system asks for it."""
    send_heartbeat(step, was_triggered=True)
