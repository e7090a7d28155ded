"""The configuration of a certified station, for a certification run."""

from __future__ import annotations

CERTIFIED_CONFIGURATION: tuple[tuple[str, str], ...] = (
    ("AllowOfflineTxForUnknownId", "true"),
    ("AuthorizationCacheEnabled", "true"),
    ("AuthorizeRemoteTxRequests", "true"),
    ("BlinkRepeat", "0"),
    ("ClockAlignedDataInterval", "0"),
    ("ConnectionTimeOut", "60"),
    ("ConnectorPhaseRotation", "NotApplicable"),
    ("ConnectorPhaseRotationMaxLength", "0"),
    ("GetConfigurationMaxKeys", "45"),
    ("HeartbeatInterval", "30"),
    ("LightIntensity", "0"),
    ("LocalAuthorizeOffline", "true"),
    ("LocalPreAuthorize", "true"),
    ("MaxEnergyOnInvalidId", "0"),
    ("MeterValuesAlignedData", "Energy.Active.Import.Register"),
    ("MeterValuesAlignedDataMaxLength", "15"),
    ("MeterValuesSampledData", "Current.Import,Energy.Active.Import.Register,Power.Active.Import,SoC"),
    ("MeterValuesSampledDataMaxLength", "22"),
    ("MeterValueSampleInterval", "30"),
    ("MinimumStatusDuration", "0"),
    ("ResetRetries", "3"),
    ("StopTransactionOnEVSideDisconnect", "true"),
    ("StopTransactionOnInvalidId", "true"),
    ("StopTxnAlignedData", ""),
    ("StopTxnAlignedDataMaxLength", "0"),
    ("StopTxnSampledData", ""),
    ("StopTxnSampledDataMaxLength", "22"),
    ("SupportedFeatureProfilesMaxLength", "6"),
    ("TransactionMessageAttempts", "3"),
    ("TransactionMessageRetryInterval", "60"),
    ("UnlockConnectorOnEVSideDisconnect", "false"),
    ("WebSocketPingInterval", "5"),
    ("LocalAuthListEnabled", "true"),
    ("LocalAuthListMaxLength", "100"),
    ("SendLocalListMaxLength", "20"),
    ("ReserveConnectorZeroSupported", "true"),
    ("ChargeProfileMaxStackLevel", "10"),
    ("ChargingScheduleAllowedChargingRateUnit", "Current,Power"),
    ("ChargingScheduleMaxPeriods", "30"),
    ("ConnectorSwitch3to1PhaseSupported", "false"),
    ("MaxChargingProfilesInstalled", "50"),
    ("SupportedFileTransferProtocols", "FTP,FTPS,HTTP,HTTPS"),
)
"""A `Station.configuration` for a certification run: what an OCPP 1.6 certificate lists of a station with all profiles.

`NumberOfConnectors` (2 there) and `SupportedFeatureProfiles` follow from the description, which needs all profiles, and
`Measurand.SOC` among its measurands.
"""
