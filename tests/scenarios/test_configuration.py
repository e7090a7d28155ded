"""Reading and changing configuration keys, as in §5.3, §5.8 and the cases TC_021 and TC_040."""

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
from ocpp16cp.testing import Playbook
from tests.features.stations import STATION


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
