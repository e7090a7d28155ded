"""Installs and removes charging profiles, and tells what they come to."""

from __future__ import annotations

from ocpp16cp.errors import CallErrorCode, CallRefused
from ocpp16cp.features.transactions.state import TRANSACTIONS
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import ProfileDropped, ProfileRejected
from ocpp16cp.station import CHARGE_POINT
from ocpp16cp.wire.types import ChargingProfile, ChargingProfilePurposeType, ChargingRateUnitType

from .keys import MAX_CHARGING_PROFILES_INSTALLED
from .messages import (
    ChargingProfileStatus,
    ClearChargingProfile,
    ClearChargingProfileConf,
    ClearChargingProfileStatus,
    GetCompositeSchedule,
    GetCompositeScheduleConf,
    GetCompositeScheduleStatus,
    SetChargingProfile,
    SetChargingProfileConf,
)
from .questions import allows_unit, compiled, flaw_for_start, flaw_of, schedules, supply, transaction_of
from .state import PROFILES, Installed

MAX_SCHEDULE_S = 604_800
"""How far ahead a composite schedule reaches: after a week all that recurs has recurred, and a message stays one."""


def set_charging_profile(step: Step, req: SetChargingProfile) -> SetChargingProfileConf:
    """Install a profile (§5.16); what it changes takes effect in this step."""
    connector_id, profile = req.connector_id, req.cs_charging_profiles
    if connector_id != CHARGE_POINT and not step.station.has_connector(connector_id):
        raise CallRefused(CallErrorCode.PROPERTY_CONSTRAINT_VIOLATION, f"there is no connector {connector_id}")
    reason = flaw_of(step, connector_id, profile) or _misfit(step, connector_id, profile)
    if reason is not None:
        step.notice(ProfileRejected(connector_id, profile.charging_profile_id, reason))
        return SetChargingProfileConf(status=ChargingProfileStatus.REJECTED)
    _install(step, connector_id, profile)
    return SetChargingProfileConf(status=ChargingProfileStatus.ACCEPTED)


def _misfit(step: Step, connector_id: int, profile: ChargingProfile) -> str | None:
    """Why a profile cannot be installed now; makes room for it, if that is all."""
    if profile.charging_profile_purpose is ChargingProfilePurposeType.TX_PROFILE:
        transaction = transaction_of(step, connector_id)
        if transaction is None:
            return "chargingProfilePurpose: there is no transaction for a TxProfile"
        if profile.transaction_id not in (None, transaction.transaction_id):
            return f"transactionId: {profile.transaction_id} is not that of the transaction that runs"
    most = step.key(MAX_CHARGING_PROFILES_INSTALLED)
    if not _is_full(step, connector_id, profile, most):
        return None
    _remove_expired(step)
    return f"{most} profiles are installed already" if _is_full(step, connector_id, profile, most) else None


def _is_full(step: Step, connector_id: int, profile: ChargingProfile, most: int) -> bool:
    """Whether a profile would be one too many; one that takes the place of another never is."""
    if len(step[PROFILES]) < most:
        return False
    return not any(_is_replaced(other, connector_id, profile) for other in step[PROFILES].values())


def _remove_expired(step: Step) -> None:
    """Remove the profiles whose validity is over; until room is needed they do no harm."""
    for number, installed in step[PROFILES].items():
        valid_to = installed.profile.valid_to
        if valid_to is not None and step.due(valid_to):
            step.remove(PROFILES, number)


def _install(step: Step, connector_id: int, profile: ChargingProfile) -> None:
    """Put a profile in, in place of the one of its id and of the one in its slot."""
    is_of_transaction = profile.charging_profile_purpose is ChargingProfilePurposeType.TX_PROFILE
    transaction = transaction_of(step, connector_id) if is_of_transaction else None
    for number, other in step[PROFILES].items():
        if _is_replaced(other, connector_id, profile):
            step.remove(PROFILES, number)
    installed = Installed(connector_id, profile, step.utc, None if transaction is None else transaction.number)
    step.put(PROFILES, profile.charging_profile_id, installed)


def _is_replaced(old: Installed, connector_id: int, new: ChargingProfile) -> bool:
    """Whether a profile leaves when another one comes: the same id wherever it is, or the same slot (§5.16.2)."""
    if old.profile.charging_profile_id == new.charging_profile_id:
        return True
    return (
        old.connector_id == connector_id
        and old.profile.charging_profile_purpose is new.charging_profile_purpose
        and old.profile.stack_level == new.stack_level
    )


def may_start_with(step: Step, connector_id: int, profile: ChargingProfile) -> bool:
    """Whether a remote start can bring this profile along (§5.16.1); the application is told if not."""
    reason = flaw_for_start(step, connector_id, profile)
    if reason is not None:
        step.notice(ProfileRejected(connector_id, profile.charging_profile_id, reason))
    return reason is None


def install_at_start(step: Step, connector_id: int, profile: ChargingProfile) -> None:
    """Install the profile that came with the remote start of the transaction that has just begun.

    It is installed beyond MaxChargingProfilesInstalled too: the central system was told that the transaction would be
    charged by it, and without it more might flow.
    """
    if _is_full(step, connector_id, profile, step.key(MAX_CHARGING_PROFILES_INSTALLED)):
        _remove_expired(step)
    _install(step, connector_id, profile)


def clear_charging_profile(step: Step, req: ClearChargingProfile) -> ClearChargingProfileConf:
    """Remove the profile of an id, whatever else is asked for, or all that match every field given (§5.5)."""
    matching = [number for number, installed in step[PROFILES].items() if _is_meant(installed, req)]
    for number in matching:
        step.remove(PROFILES, number)
    status = ClearChargingProfileStatus.ACCEPTED if matching else ClearChargingProfileStatus.UNKNOWN
    return ClearChargingProfileConf(status=status)


def _is_meant(installed: Installed, req: ClearChargingProfile) -> bool:
    """Whether a profile is among those to be removed."""
    profile = installed.profile
    if req.id is not None:
        return profile.charging_profile_id == req.id
    return (
        req.connector_id in (None, installed.connector_id)
        and req.charging_profile_purpose in (None, profile.charging_profile_purpose)
        and req.stack_level in (None, profile.stack_level)
    )


def get_composite_schedule(step: Step, req: GetCompositeSchedule) -> GetCompositeScheduleConf:
    """Tell what a connector, or the charge point, could offer from now on if nothing else happened (§5.7)."""
    connector_id = req.connector_id
    unit = req.charging_rate_unit or _default_unit(step)
    is_known = connector_id == CHARGE_POINT or step.station.has_connector(connector_id)
    if not is_known or req.duration <= 0 or not allows_unit(step, unit):
        return GetCompositeScheduleConf(status=GetCompositeScheduleStatus.REJECTED)
    composite = schedules(step).profiles.compose(
        connector_id,
        # Periods are whole seconds: then they are so from the start that is told.
        step.utc.replace(microsecond=0),
        duration=min(req.duration, MAX_SCHEDULE_S),
        unit=unit,
    )
    return GetCompositeScheduleConf(
        status=GetCompositeScheduleStatus.ACCEPTED,
        connector_id=connector_id,
        schedule_start=composite.start,
        charging_schedule=composite.charging_schedule(),
    )


def _default_unit(step: Step) -> ChargingRateUnitType:
    """The unit of an answer when none was asked for: A on AC, W on DC, unless only the other one is allowed."""
    usual = supply(step).default_unit
    return usual if allows_unit(step, usual) else next(unit for unit in ChargingRateUnitType if unit is not usual)


def end_tx_profiles(step: Step) -> None:
    """A TxProfile goes when its transaction ends (a rule)."""
    for number, installed in step[PROFILES].items():
        if installed.transaction is None:
            continue
        transaction = step[TRANSACTIONS].get(installed.connector_id)
        if transaction is None or transaction.number != installed.transaction or transaction.ending is not None:
            step.remove(PROFILES, number)


def drop_unfit_profiles(step: Step) -> None:
    """Stored profiles that this station cannot execute are removed, and the application is told (a rule)."""
    for number, reason in compiled(step).unfit.items():
        step.remove(PROFILES, number)
        step.notice(ProfileDropped(number, reason))
