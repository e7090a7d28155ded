"""What stations report before anybody has changed anything, and which factory values contradict each other."""

from __future__ import annotations

from random import Random

import pytest
from attrs import evolve

from ocpp16cp.certified import CERTIFIED_CONFIGURATION
from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.errors import UsageError
from ocpp16cp.station import Connector, FeatureProfile, Station
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import Measurand
from tests.features.configuration.asking import listed
from tests.features.stations import SOCKETS, STATION, configured, station

CERTIFICATE = {
    "AllowOfflineTxForUnknownId": "true",
    "AuthorizationCacheEnabled": "true",
    "AuthorizeRemoteTxRequests": "true",
    "BlinkRepeat": "0",
    "ChargeProfileMaxStackLevel": "10",
    "ChargingScheduleAllowedChargingRateUnit": "Current,Power",
    "ChargingScheduleMaxPeriods": "30",
    "ClockAlignedDataInterval": "0",
    "ConnectionTimeOut": "60",
    "ConnectorPhaseRotation": "NotApplicable",
    "ConnectorPhaseRotationMaxLength": "0",
    "ConnectorSwitch3to1PhaseSupported": "false",
    "GetConfigurationMaxKeys": "45",
    "HeartbeatInterval": "30",
    "LightIntensity": "0",
    "LocalAuthListEnabled": "true",
    "LocalAuthListMaxLength": "100",
    "LocalAuthorizeOffline": "true",
    "LocalPreAuthorize": "true",
    "MaxChargingProfilesInstalled": "50",
    "MaxEnergyOnInvalidId": "0",
    "MeterValueSampleInterval": "30",
    "MeterValuesAlignedData": "Energy.Active.Import.Register",
    "MeterValuesAlignedDataMaxLength": "15",
    "MeterValuesSampledData": "Current.Import,Energy.Active.Import.Register,Power.Active.Import,SoC",
    "MeterValuesSampledDataMaxLength": "22",
    "MinimumStatusDuration": "0",
    "NumberOfConnectors": "2",
    "ReserveConnectorZeroSupported": "true",
    "ResetRetries": "3",
    "SendLocalListMaxLength": "20",
    "StopTransactionOnEVSideDisconnect": "true",
    "StopTransactionOnInvalidId": "true",
    "StopTxnAlignedData": "",
    "StopTxnAlignedDataMaxLength": "0",
    "StopTxnSampledData": "",
    "StopTxnSampledDataMaxLength": "22",
    "SupportedFeatureProfiles": (
        "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger"
    ),
    "SupportedFeatureProfilesMaxLength": "6",
    "SupportedFileTransferProtocols": "FTP,FTPS,HTTP,HTTPS",
    "TransactionMessageAttempts": "3",
    "TransactionMessageRetryInterval": "60",
    "UnlockConnectorOnEVSideDisconnect": "false",
    "WebSocketPingInterval": "5",
}
"""What an OCPP 1.6 certificate lists of a station with two fixed cables, booleans and protocols in our spelling."""

UNLISTED = {
    "AdditionalRootCertificateCheck": "false",
    "AuthorizationKey": None,
    "CertificateSignedMaxChainSize": "10000",
    "CertificateStoreMaxLength": "10",
    "CpoName": None,
    "MessageTimeout": "30",
    "RetryBackOffRandomRange": "3",
    "RetryBackOffRepeatTimes": "3",
    "RetryBackOffWaitMinimum": "3",
    "SecurityProfile": "0",
    "StopTransactionMaxMeterValues": "1000",
}
"""Keys that it does not list: of the errata, the security whitepaper and our own."""

CHOSEN = {
    # Every connector, and the grid.
    "ConnectorPhaseRotationMaxLength": "3",
    # Until the central system gives another with its answer to BootNotification.
    "HeartbeatInterval": "300",
    "MeterValuesAlignedDataMaxLength": "22",
    # No vehicle tells its state of charge on AC.
    "MeterValuesSampledData": "Current.Import,Energy.Active.Import.Register,Power.Active.Import",
    "StopTxnAlignedDataMaxLength": "22",
    "WebSocketPingInterval": "30",
}
"""Where our default is another one."""

READ_ONLY = {
    "AdditionalRootCertificateCheck",
    "CertificateSignedMaxChainSize",
    "CertificateStoreMaxLength",
    "ChargeProfileMaxStackLevel",
    "ChargingScheduleAllowedChargingRateUnit",
    "ChargingScheduleMaxPeriods",
    "ConnectorPhaseRotationMaxLength",
    "ConnectorSwitch3to1PhaseSupported",
    "GetConfigurationMaxKeys",
    "LocalAuthListMaxLength",
    "MaxChargingProfilesInstalled",
    "MeterValuesAlignedDataMaxLength",
    "MeterValuesSampledDataMaxLength",
    "NumberOfConnectors",
    "ReserveConnectorZeroSupported",
    "SendLocalListMaxLength",
    "StopTransactionMaxMeterValues",
    "StopTxnAlignedDataMaxLength",
    "StopTxnSampledDataMaxLength",
    "SupportedFeatureProfiles",
    "SupportedFeatureProfilesMaxLength",
    "SupportedFileTransferProtocols",
    "UnlockConnectorOnEVSideDisconnect",
}
"""On a station with fixed cables."""


def reported(station: Station) -> dict[str, str | None]:
    """All that a station would report, the write-only key included."""
    return ChargePoint(station, random=Random(0)).configuration()


def test_default_station_reports_what_a_certified_one_does() -> None:
    assert reported(Station(identity="CP1", vendor="V", model="M")) == CERTIFICATE | UNLISTED | CHOSEN


def test_certified_configuration_is_that_of_the_certificate() -> None:
    with_soc = evolve(STATION, measurands=(*STATION.measurands, Measurand.SOC))

    assert reported(evolve(with_soc, configuration=CERTIFIED_CONFIGURATION)) == CERTIFICATE | UNLISTED


def test_read_only_keys_are_marked() -> None:
    """§7.29; a write-only key is not listed at all."""
    with Playbook(STATION) as play:
        play.boot()

        entries = listed(play)

        assert {name for name, (_, readonly) in entries.items() if readonly} == READ_ONLY
        assert set(entries) == (set(CERTIFICATE) | set(UNLISTED)) - {"AuthorizationKey"}


# What follows from the station.


@pytest.mark.parametrize(
    ("charger", "name", "text"),
    [
        (station(Connector(), Connector(), Connector()), "NumberOfConnectors", "3"),
        (station(Connector(), Connector(), Connector()), "ConnectorPhaseRotationMaxLength", "4"),
        (SOCKETS, "UnlockConnectorOnEVSideDisconnect", "true"),
        (station(Connector(), Connector(fixed_cable=False)), "UnlockConnectorOnEVSideDisconnect", "true"),
        (evolve(STATION, feature_profiles=("Core", "RemoteTrigger")), "SupportedFeatureProfiles", "Core,RemoteTrigger"),
    ],
)
def test_default_follows_from_the_station(charger: Station, name: str, text: str) -> None:
    assert reported(charger)[name] == text


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"NumberOfConnectors": 3}, "NumberOfConnectors: contradicts the description"),
        ({"SupportedFeatureProfiles": "Core"}, "SupportedFeatureProfiles: contradicts the description"),
        ({"SupportedFeatureProfilesMaxLength": 5}, "SupportedFeatureProfiles: 6 items, at most 5"),
        ({"UnlockConnectorOnEVSideDisconnect": True}, "UnlockConnectorOnEVSideDisconnect: all cables are fixed"),
        ({"MeterValuesSampledDataMaxLength": 2}, "MeterValuesSampledData: 3 items, at most 2"),
        ({"MeterValuesAlignedDataMaxLength": 0}, "MeterValuesAlignedData: 1 items, at most 0"),
        (
            {"StopTxnSampledDataMaxLength": 1, "StopTxnSampledData": "Voltage,Current.Import"},
            "StopTxnSampledData: 2 items, at most 1",
        ),
        (
            {"StopTxnAlignedData": "Voltage", "StopTxnAlignedDataMaxLength": 0},
            "StopTxnAlignedData: 1 items, at most 0",
        ),
        (
            {"ConnectorPhaseRotation": "0.RST,1.RST,2.RST", "ConnectorPhaseRotationMaxLength": 2},
            "ConnectorPhaseRotation: 3 items, at most 2",
        ),
        ({"LocalAuthListMaxLength": 10}, "SendLocalListMaxLength: 20 is more than LocalAuthListMaxLength, 10"),
        ({"GetConfigurationMaxKeys": 0}, "GetConfigurationMaxKeys: 0 is not 1 to"),
        ({"StopTransactionMaxMeterValues": 1}, "StopTransactionMaxMeterValues: 1 is not 2 to"),
        (
            {"ChargingScheduleAllowedChargingRateUnit": ""},
            "ChargingScheduleAllowedChargingRateUnit: no unit is allowed",
        ),
        ({"CertificateSignedMaxChainSize": 10_001}, "CertificateSignedMaxChainSize: 10001 is not 1 to 10000"),
        ({"SupportedFileTransferProtocols": "ftp,gopher"}, "SupportedFileTransferProtocols: 'gopher' is none of"),
        ({"SecurityProfile": 2}, "SecurityProfile: security profile 2 is not offered"),
        ({"AuthorizationKey": "hunter2"}, "AuthorizationKey: 7 characters that are no key"),
    ],
)
def test_factory_values_that_contradict_each_other_are_refused(values: dict[str, object], why: str) -> None:
    """A wrong station file is told before the station runs, naming the rule; a secret is not repeated."""
    with pytest.raises(UsageError, match=why) as caught:
        reported(configured(STATION, **values))

    assert "hunter2" not in str(caught.value)


def test_factory_may_allow_any_number_of_phase_rotations() -> None:
    """Certified stations report the maximum 0 beside one item."""
    texts = reported(configured(STATION, ConnectorPhaseRotationMaxLength=0, ConnectorPhaseRotation="RST,1.RTS,2.SRT"))

    assert texts["ConnectorPhaseRotation"] == "RST,1.RTS,2.SRT"


def test_authorization_key_may_be_held_to_hexadecimal_digits() -> None:
    strict = evolve(STATION, settings=evolve(STATION.settings, hex_authorization_key_only=True))

    reported(configured(strict, AuthorizationKey="0123456789abcdef0123456789abcdef"))
    with pytest.raises(UsageError, match="20 characters that are no key"):
        reported(configured(strict, AuthorizationKey="twenty characters..."))


# Feature profiles.

KEYS_OF = {
    FeatureProfile.FIRMWARE_MANAGEMENT: {"SupportedFileTransferProtocols"},
    FeatureProfile.LOCAL_AUTH_LIST_MANAGEMENT: {
        "LocalAuthListEnabled",
        "LocalAuthListMaxLength",
        "SendLocalListMaxLength",
    },
    FeatureProfile.RESERVATION: {"ReserveConnectorZeroSupported"},
    FeatureProfile.SMART_CHARGING: {
        "ChargeProfileMaxStackLevel",
        "ChargingScheduleAllowedChargingRateUnit",
        "ChargingScheduleMaxPeriods",
        "ConnectorSwitch3to1PhaseSupported",
        "MaxChargingProfilesInstalled",
    },
    FeatureProfile.REMOTE_TRIGGER: set[str](),
}


@pytest.mark.parametrize("profile", KEYS_OF)
def test_keys_of_a_profile_that_is_switched_off_do_not_exist(profile: FeatureProfile) -> None:
    rest = tuple(each for each in FeatureProfile if each is not profile)

    assert set(reported(STATION)) - set(reported(evolve(STATION, feature_profiles=rest))) == KEYS_OF[profile]
