"""SetChargingProfile (§5.16), ClearChargingProfile (§5.5) and GetCompositeSchedule (§5.7)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from ocpp16cp.lean import frozen
from ocpp16cp.wire.exchange import Exchange, Sender
from ocpp16cp.wire.types import (
    ChargingProfile,
    ChargingProfilePurposeType,
    ChargingRateUnitType,
    ChargingSchedule,
)


@frozen(kw_only=True)
class SetChargingProfile:
    """Installs a charging profile (§6.43)."""

    connector_id: int
    """0 is the charge point as a whole."""
    cs_charging_profiles: ChargingProfile
    """One profile, whatever the name says."""


class ChargingProfileStatus(StrEnum):
    """What became of a profile (§7.11)."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    NOT_SUPPORTED = "NotSupported"


@frozen(kw_only=True)
class SetChargingProfileConf:
    """Whether the profile was installed (§6.44)."""

    status: ChargingProfileStatus


@frozen(kw_only=True)
class ClearChargingProfile:
    """Removes every charging profile that matches all the fields given (§6.13)."""

    id: int | None = None
    connector_id: int | None = None
    charging_profile_purpose: ChargingProfilePurposeType | None = None
    stack_level: int | None = None


class ClearChargingProfileStatus(StrEnum):
    """Whether a profile matched (§7.21)."""

    ACCEPTED = "Accepted"
    UNKNOWN = "Unknown"


@frozen(kw_only=True)
class ClearChargingProfileConf:
    """Whether a profile was removed (§6.14)."""

    status: ClearChargingProfileStatus


@frozen(kw_only=True)
class GetCompositeSchedule:
    """Asks for the limits that will hold if nothing else happens (§6.21)."""

    connector_id: int
    """0 is the charge point as a whole."""
    duration: int
    """Seconds from now."""
    charging_rate_unit: ChargingRateUnitType | None = None


class GetCompositeScheduleStatus(StrEnum):
    """Whether the schedule could be given (§7.26)."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"


@frozen(kw_only=True)
class GetCompositeScheduleConf:
    """The limits to come (§6.22)."""

    status: GetCompositeScheduleStatus
    connector_id: int | None = None
    schedule_start: datetime | None = None
    charging_schedule: ChargingSchedule | None = None
    """Without startSchedule in this message."""


SET_CHARGING_PROFILE = Exchange("SetChargingProfile", Sender.CENTRAL_SYSTEM, SetChargingProfile, SetChargingProfileConf)
CLEAR_CHARGING_PROFILE = Exchange(
    "ClearChargingProfile", Sender.CENTRAL_SYSTEM, ClearChargingProfile, ClearChargingProfileConf
)
GET_COMPOSITE_SCHEDULE = Exchange(
    "GetCompositeSchedule", Sender.CENTRAL_SYSTEM, GetCompositeSchedule, GetCompositeScheduleConf
)
EXCHANGES = (SET_CHARGING_PROFILE, CLEAR_CHARGING_PROFILE, GET_COMPOSITE_SCHEDULE)
