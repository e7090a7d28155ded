"""Reading and changing configuration keys, as in §5.3, §5.8 and the cases TC_019, TC_021 and TC_040."""

from __future__ import annotations

from ocpp16cp.features.configuration.messages import (
    ChangeConfiguration,
    ChangeConfigurationConf,
    ConfigurationStatus,
    GetConfiguration,
    GetConfigurationConf,
    KeyValue,
)
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.station import FeatureProfile
from ocpp16cp.testing import Playbook
from tests.features.stations import STATION

REQUIRED = {
    "AuthorizeRemoteTxRequests": None,
    "ClockAlignedDataInterval": False,
    "ConnectionTimeOut": False,
    "ConnectorPhaseRotation": False,
    "GetConfigurationMaxKeys": True,
    "HeartbeatInterval": False,
    "LocalAuthorizeOffline": False,
    "LocalPreAuthorize": False,
    "MeterValuesAlignedData": False,
    "MeterValuesSampledData": False,
    "MeterValueSampleInterval": False,
    "NumberOfConnectors": True,
    "ResetRetries": False,
    "StopTransactionOnInvalidId": False,
    "StopTxnAlignedData": False,
    "StopTxnSampledData": False,
    "SupportedFeatureProfiles": True,
    "TransactionMessageAttempts": False,
    "TransactionMessageRetryInterval": False,
    "UnlockConnectorOnEVSideDisconnect": None,
    "LocalAuthListEnabled": False,
    "LocalAuthListMaxLength": True,
    "SendLocalListMaxLength": True,
    "ChargeProfileMaxStackLevel": True,
    "ChargingScheduleAllowedChargingRateUnit": True,
    "ChargingScheduleMaxPeriods": True,
    "MaxChargingProfilesInstalled": True,
}
"""The required keys of all profiles, and whether they are read-only; `None`: either way is right."""


def test_tc_019_retrieve_configuration() -> None:
    """The profiles; every key with its right; then all keys in chunks of the size that the station names."""
    with Playbook(STATION) as play:
        play.boot()

        profiles = read(play, "SupportedFeatureProfiles")
        assert not profiles.unknown_key
        (listed,) = profiles.configuration_key or ()
        names = (listed.value or "").split(",")
        assert listed.readonly
        assert names[0] == "Core"
        assert set(names) <= {profile.value for profile in FeatureProfile}

        everything = {each.key: each for each in read(play).configuration_key or ()}
        assert everything.keys() >= REQUIRED.keys()
        for key, is_read_only in REQUIRED.items():
            assert is_read_only in (None, everything[key].readonly), key

        size = int(everything["GetConfigurationMaxKeys"].value or 0)
        assert size >= 1
        keys = list(everything)
        for first in range(0, len(keys), size):
            chunk = keys[first : first + size]
            answer = read(play, *chunk)
            assert [each.key for each in answer.configuration_key or ()] == chunk
            assert not answer.unknown_key


def read(play: Playbook, *keys: str) -> GetConfigurationConf:
    """Ask for keys; none: for all."""
    return play.send(GetConfiguration(key=keys or None), GetConfigurationConf)


def test_tc_021_change_configuration() -> None:
    """Another MeterValueSampleInterval is accepted, read back, and counts."""
    with Playbook(STATION) as play:
        play.boot()

        changed = play.send(ChangeConfiguration(key="MeterValueSampleInterval", value="12"))
        assert changed == ChangeConfigurationConf(status=ConfigurationStatus.ACCEPTED)
        read = play.send(GetConfiguration(key=("MeterValueSampleInterval",)), GetConfigurationConf)
        assert read.configuration_key == (KeyValue(key="MeterValueSampleInterval", readonly=False, value="12"),)

        play.begin_transaction()
        play.advance(12)
        play.expect(MeterValues, transaction_id=1)


def test_tc_040_1_configuration_keys_not_supported() -> None:
    """An unknown key."""
    with Playbook(STATION) as play:
        play.boot()

        changed = play.send(ChangeConfiguration(key="UnknownKey", value="1"))
        assert changed == ChangeConfigurationConf(status=ConfigurationStatus.NOT_SUPPORTED)


def test_tc_040_2_configuration_keys_invalid_value() -> None:
    """A negative interval."""
    with Playbook(STATION) as play:
        play.boot()

        changed = play.send(ChangeConfiguration(key="MeterValueSampleInterval", value="-1"))
        assert changed == ChangeConfigurationConf(status=ConfigurationStatus.REJECTED)
