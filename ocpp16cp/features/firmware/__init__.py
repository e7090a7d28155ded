"""Updates of the station's firmware.

Messages of UpdateFirmware (§5.19), FirmwareStatusNotification (§4.5) and their signed variants (security whitepaper).
Updating is not part of this version: the CALLs are answered with NotSupported, and a triggered status is Idle.
"""
