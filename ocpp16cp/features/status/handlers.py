"""Derives the statuses, shows them, and reports what the central system does not know."""

from __future__ import annotations

from attrs import evolve

from ocpp16cp.features.boot.questions import is_online
from ocpp16cp.features.boot.state import REGISTRATION
from ocpp16cp.kernel import calls
from ocpp16cp.kernel.calls import LINK
from ocpp16cp.kernel.feature import Sent
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import SetLights, ShowStatus, StatusChanged
from ocpp16cp.station import CHARGE_POINT
from ocpp16cp.wire.types import ChargePointStatus

from .keys import BLINK_REPEAT, LIGHT_INTENSITY, MINIMUM_STATUS_DURATION
from .matrix import TRANSITIONS, passed_through
from .messages import StatusNotification, StatusNotificationConf
from .questions import facts_of
from .state import LIGHTS, REPORTS, STATUSES, Facts, Lights, Report, Status


def derive_statuses(step: Step) -> None:
    """Work out what each connector is doing, and show what has changed (a rule)."""
    for connector_id in (CHARGE_POINT, *step.station.connector_ids):
        facts = facts_of(step, connector_id)
        known = step[STATUSES].get(connector_id)
        if known is None or known.status is not facts.status:
            passed = None if known is None else passed_through(known.status, facts.status)
            if passed is not None:
                step.notice(StatusChanged(connector_id, passed, facts.error_code))
            step.put(STATUSES, connector_id, Status(facts, step.now, step.now))
            step.notice(StatusChanged(connector_id, facts.status, facts.error_code))
            step.command(ShowStatus(connector_id, facts.status))
        elif known.facts != facts:
            step.put(STATUSES, connector_id, evolve(known, facts=facts, changed_at=step.now))
            if known.facts.error_code is not facts.error_code:
                step.notice(StatusChanged(connector_id, facts.status, facts.error_code))


def set_lights(step: Step) -> None:
    """Tell the driver how the lights are to be (a rule)."""
    lights = Lights(step.key(LIGHT_INTENSITY), step.key(BLINK_REPEAT))
    if step.one(LIGHTS) != lights:
        step.set(LIGHTS, lights)
        step.command(SetLights(step.key(LIGHT_INTENSITY), step.key(BLINK_REPEAT)))


def forget_unconfirmed(step: Step) -> None:
    """What was not confirmed before the connection broke is said anew on the next one (a rule)."""
    if step.one(LINK).is_up:
        return
    for connector_id, report in step[REPORTS].items():
        if report.said != report.confirmed:
            step.put(REPORTS, connector_id, evolve(report, said=report.confirmed))


def report_statuses(step: Step) -> None:
    """Tell the central system what it does not know (a rule)."""
    if not is_online(step):
        return
    acceptance = step.one(REGISTRATION).acceptances
    for connector_id, status in step[STATUSES].items():
        report = step[REPORTS].get(connector_id)
        if report is None or report.acceptance != acceptance:
            _report(step, connector_id, status, Report(acceptance))
        elif report.said != status.facts and _is_stable(step, status, report.said):
            report = _report_passed(step, connector_id, status, report)
            # Behind the transaction message of this step: a start is told before Charging.
            _report(step, connector_id, status, report, after=step.was_submitted)


def _is_stable(step: Step, status: Status, said: Facts | None) -> bool:
    """Whether a status has lasted long enough to be reported; one already told may change its error code at once."""
    if said is not None and said.status is status.status:
        return True
    return step.due(status.since_at + step.key(MINIMUM_STATUS_DURATION))


def _report_passed(step: Step, connector_id: int, status: Status, report: Report) -> Report:
    """Report what was passed through at this instant, unless a status has to last to be reported.

    Later, as after an outage, it is history, which is not told.
    """
    if report.said is None or status.since_at != step.now or step.key(MINIMUM_STATUS_DURATION) > 0:
        return report
    passed = passed_through(report.said.status, status.status)
    if passed is None:
        return report
    # A transaction ends before its connector is free again, and begins when its user has been told of.
    after = step.was_submitted if passed is ChargePointStatus.AVAILABLE else None
    status = evolve(status, facts=evolve(status.facts, status=passed, info=None))
    return _report(step, connector_id, status, report, after=after)


def _report(step: Step, connector_id: int, status: Status, report: Report, *, after: int | None = None) -> Report:
    """Send a StatusNotification; one that still waits is dropped, unless this one cannot follow what was told before.

    Returns:
        What the central system was told now.
    """
    lane = _lane(connector_id)
    waiting = calls.waiting_count(step, lane)
    is_full = waiting >= _share(step)
    keeps = waiting == 0 or not (is_full or _can_follow(report.said_before, status.status))
    said_before = report.said if keeps else report.said_before
    report = evolve(report, said=status.facts, said_before=said_before)
    step.put(REPORTS, connector_id, report)
    calls.call(step, _notification(step, connector_id, status), replaces=lane, keeps=keeps, after=after)
    return report


def _share(step: Step) -> int:
    """How many StatusNotifications of one connector may wait: all together half of what may wait at all.

    Beyond it, as behind a queue that is blocked for hours, the newest takes the place of the one before all the same.
    """
    return max(1, calls.MAX_WAITING // 2 // len(told_of(step)))


def _lane(connector_id: int) -> str:
    """What StatusNotifications of one connector have in common."""
    return f"StatusNotification/{connector_id}"


def _can_follow(said: Facts | None, status: ChargePointStatus) -> bool:
    """Whether the central system may be told a status after what it was told."""
    return said is None or said.status is status or (said.status, status) in TRANSITIONS


def _notification(step: Step, connector_id: int, status: Status) -> StatusNotification:
    """What is told about a connector."""
    facts = status.facts
    return StatusNotification(
        connector_id=connector_id,
        error_code=facts.error_code,
        info=facts.info,
        status=facts.status,
        timestamp=step.utc_at(status.changed_at),
        vendor_id=facts.vendor_id,
        vendor_error_code=facts.vendor_error_code,
    )


def status_taken(step: Step, sent: Sent[StatusNotification], conf: StatusNotificationConf) -> None:
    """The central system knows this now."""
    request = sent.request
    report = step[REPORTS].get(request.connector_id)
    if report is None:
        return
    confirmed = Facts(request.status, request.error_code, request.info, request.vendor_id, request.vendor_error_code)
    step.put(REPORTS, request.connector_id, evolve(report, confirmed=confirmed))


def told_of(step: Step) -> tuple[int, ...]:
    """The connectors that have a status, the charge point among them."""
    return (CHARGE_POINT, *step.station.connector_ids)


def trigger_status(step: Step, connector_id: int) -> None:
    """Send a status because the central system asks for it, whatever was said before and however new it is."""
    status = step[STATUSES][connector_id]
    report = step[REPORTS].get(connector_id)
    if report is not None:
        # It counts as said: should it change back before it was to be reported, that has to be told.
        step.put(REPORTS, connector_id, evolve(report, said=status.facts, said_before=report.said))
    calls.hasten(step, _lane(connector_id))
    notification = _notification(step, connector_id, status)
    calls.call(step, notification, was_triggered=True, replaces=_lane(connector_id), keeps=True)
