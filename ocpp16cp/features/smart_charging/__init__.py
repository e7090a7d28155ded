"""Limits that the central system sets by charging profiles.

Messages and configuration keys of SetChargingProfile (§5.16), ClearChargingProfile (§5.5) and GetCompositeSchedule
(§5.7). Keeping profiles is not part of this version: all three CALLs are answered with NotSupported.
"""
