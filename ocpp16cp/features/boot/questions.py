"""Whether the station may speak."""

from __future__ import annotations

from ocpp16cp.kernel.calls import LINK
from ocpp16cp.kernel.step import Step
from ocpp16cp.wire.types import RegistrationStatus

from .state import ACQUAINTANCE, REGISTRATION, Acquaintance


def is_accepted(step: Step) -> bool:
    """Whether the central system's last word in this run was Accepted."""
    return step.one(REGISTRATION).status is RegistrationStatus.ACCEPTED


def is_answered(step: Step) -> bool:
    """Whether the central system has said anything to a BootNotification of this run."""
    return step.one(REGISTRATION).status is not None


def may_boot_notification_be_asked(step: Step) -> bool:
    """Whether the central system may ask for a BootNotification now: while it has not accepted the station, always."""
    return not is_accepted(step) or step.station.settings.accepts_boot_trigger


def is_online(step: Step) -> bool:
    """Whether a CALL of any kind can be sent now."""
    return step.one(LINK).is_up and is_accepted(step)


def was_ever_accepted(step: Step) -> bool:
    """Whether the central system at this URL has ever accepted this identity, in this run or an earlier one."""
    return step.one(ACQUAINTANCE) == acquaintance(step)


def may_start_at_all(step: Step) -> bool:
    """Whether the station is in service: some central system has accepted it, or it need not be."""
    return step.station.settings.accept_before_first_boot or was_ever_accepted(step)


def acquaintance(step: Step) -> Acquaintance:
    """What the present central system is remembered by."""
    return Acquaintance(step.station.central_system_url, step.station.identity)
