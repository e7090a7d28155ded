from __future__ import annotations

from random import Random

import pytest
from attrs import evolve

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.errors import CallErrorCode, UsageError
from ocpp16cp.features.configuration.messages import (
    ChangeConfiguration,
    ChangeConfigurationConf,
    ConfigurationStatus,
    GetConfiguration,
    GetConfigurationConf,
    KeyValue,
)
from ocpp16cp.kernel.records import RecordUnreadable
from ocpp16cp.outcome import Write
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.frames import CallError
from ocpp16cp.wire.types import Measurand
from tests.features.stations import SOCKETS, STATION, configured

KEYS = {
    "AuthorizeRemoteTxRequests": ("true", False),
    "ConnectionTimeOut": ("60", False),
    "GetConfigurationMaxKeys": ("45", True),
    "HeartbeatInterval": ("300", False),
    "MessageTimeout": ("30", False),
    "MeterValueSampleInterval": ("30", False),
    "MeterValuesSampledData": ("Current.Import,Energy.Active.Import.Register,Power.Active.Import", False),
    "MeterValuesSampledDataMaxLength": ("22", True),
    "MinimumStatusDuration": ("0", False),
    "NumberOfConnectors": ("2", True),
    "RetryBackOffRandomRange": ("3", False),
    "RetryBackOffRepeatTimes": ("3", False),
    "RetryBackOffWaitMinimum": ("3", False),
    "StopTransactionOnEVSideDisconnect": ("true", False),
    "StopTransactionOnInvalidId": ("true", False),
    "SupportedFeatureProfiles": ("Core", True),
    "TransactionMessageAttempts": ("3", False),
    "TransactionMessageRetryInterval": ("60", False),
    "UnlockConnectorOnEVSideDisconnect": ("false", True),
    "WebSocketPingInterval": ("30", False),
}
"""The keys that every station has: value, read-only."""

ACCEPTED = ChangeConfigurationConf(status=ConfigurationStatus.ACCEPTED)
REJECTED = ChangeConfigurationConf(status=ConfigurationStatus.REJECTED)
NOT_SUPPORTED = ChangeConfigurationConf(status=ConfigurationStatus.NOT_SUPPORTED)


def read(play: Playbook, *names: str) -> GetConfigurationConf:
    """What GetConfiguration answers."""
    return play.send(GetConfiguration(key=names or None), GetConfigurationConf)


def value(play: Playbook, name: str) -> str | None:
    """The value of one key."""
    (entry,) = read(play, name).configuration_key or ()
    return entry.value


def change(play: Playbook, key: str, text: str) -> object:
    """What ChangeConfiguration answers."""
    return play.send(ChangeConfiguration(key=key, value=text))


@pytest.mark.parametrize("request_", [GetConfiguration(), GetConfiguration(key=())])
def test_all_keys_are_listed_when_none_is_named(request_: GetConfiguration) -> None:
    """§5.8: without names, or with an empty list, every key is returned, with its right and as text."""
    with Playbook(STATION) as play:
        play.boot()

        conf = play.send(request_, GetConfigurationConf)

        assert conf.unknown_key is None
        listed = {entry.key: (entry.value, entry.readonly) for entry in conf.configuration_key or ()}
        assert KEYS.items() <= listed.items()


def test_keys_are_returned_in_the_order_of_the_request() -> None:
    """§5.8: only what was asked for, found in any letter case, reported in the canonical spelling."""
    with Playbook(STATION) as play:
        play.boot()

        conf = read(play, "numberofconnectors", "HEARTBEATINTERVAL", "ConnectionTimeout")

        assert conf == GetConfigurationConf(
            configuration_key=(
                KeyValue(key="NumberOfConnectors", readonly=True, value="2"),
                KeyValue(key="HeartbeatInterval", readonly=False, value="300"),
                KeyValue(key="ConnectionTimeOut", readonly=False, value="60"),
            )
        )


def test_unknown_keys_are_named_as_they_were_received() -> None:
    """§5.8: unknown names come back in `unknownKey`; each once."""
    with Playbook(STATION) as play:
        play.boot()

        conf = read(play, "NoSuchKey", "MessageTimeout", "nosuchkey", "NoSuchKey", "MESSAGETIMEOUT")

        assert conf == GetConfigurationConf(
            configuration_key=(KeyValue(key="MessageTimeout", readonly=False, value="30"),),
            unknown_key=("NoSuchKey", "nosuchkey"),
        )


def test_only_unknown_keys_leave_the_list_out() -> None:
    with Playbook(STATION) as play:
        play.boot()

        assert read(play, "NoSuchKey") == GetConfigurationConf(unknown_key=("NoSuchKey",))


def test_more_names_than_the_maximum_are_answered_whole() -> None:
    """§9.1.8 bounds what the central system may ask; asking for more does no harm."""
    with Playbook(STATION) as play:
        play.boot()

        conf = read(play, *[f"Unknown{number}" for number in range(60)])

        assert len(conf.unknown_key or ()) == 60


def test_changed_value_is_read_back() -> None:
    """§5.3: what was Accepted counts at once."""
    with Playbook(STATION) as play:
        play.boot()

        assert change(play, "MeterValueSampleInterval", "17") == ACCEPTED
        assert value(play, "MeterValueSampleInterval") == "17"


def test_changed_value_survives_a_power_cut() -> None:
    """§5.3: configuration is kept, changed back to the default too."""
    with Playbook(STATION) as play:
        play.boot()
        change(play, "connectiontimeout", "20")
        change(play, "MessageTimeout", "10")
        change(play, "MessageTimeout", "30")
        play.power_cut()
        play.skip()

        assert value(play, "ConnectionTimeOut") == "20"
        assert value(play, "MessageTimeout") == "30"
        assert [write.key for write in play.disk if write.table == "configuration.values"] == ["ConnectionTimeOut"]


def test_unknown_key_is_not_supported() -> None:
    """§5.3."""
    with Playbook(STATION) as play:
        play.boot()

        assert change(play, "NoSuchKey", "1") == NOT_SUPPORTED


@pytest.mark.parametrize("name", [name for name, (_, readonly) in KEYS.items() if readonly])
def test_read_only_key_is_rejected(name: str) -> None:
    """§5.3: a key that is known but may not be set is Rejected, even with the value it has."""
    with Playbook(STATION) as play:
        play.boot()

        assert change(play, name, KEYS[name][0]) == REJECTED
        assert value(play, name) == KEYS[name][0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(
            (name, text)
            for name, (old, readonly) in KEYS.items()
            if old.isdigit() and not readonly
            for text in ("-1", "", "ten", "1.5", "2147483648", "99999999999", "1 0", "٣", "--1")
        ),
        *(
            (name, text)
            for name, (old, readonly) in KEYS.items()
            if old in ("true", "false") and not readonly
            for text in ("1", "yes", "", "truefalse")
        ),
        ("MessageTimeout", "0"),
        ("RetryBackOffRepeatTimes", "17"),
        ("RetryBackOffWaitMinimum", "86401"),
        ("RetryBackOffRandomRange", "86401"),
        ("MeterValuesSampledData", "Energy.Active.Import.Register,Nonsense"),
        ("MeterValuesSampledData", "Energy.Active.Import.Register,,Current.Import"),
        ("MeterValuesSampledData", "SoC"),
        ("MeterValuesSampledData", "Voltage.L9"),
        ("MeterValuesSampledData", "Power.Active.Import.L1"),
    ],
)
def test_value_that_is_none_is_rejected_and_the_old_one_stays(name: str, text: str) -> None:
    """§5.3: Rejected for what does not fit the key; nothing of it is taken over."""
    with Playbook(STATION) as play:
        play.boot()

        assert change(play, name, text) == REJECTED
        assert value(play, name) == KEYS[name][0]


@pytest.mark.parametrize(
    ("name", "text", "reported"),
    [
        ("ConnectionTimeOut", " 45 ", "45"),
        ("ConnectionTimeOut", "+45", "45"),
        ("ConnectionTimeOut", "0045", "45"),
        ("ConnectionTimeOut", "2147483647", "2147483647"),
        ("StopTransactionOnInvalidId", "FALSE", "false"),
        ("StopTransactionOnInvalidId", " True ", "true"),
        ("MeterValuesSampledData", " voltage , Current.Import,VOLTAGE", "Voltage,Current.Import"),
        ("MeterValuesSampledData", "voltage.l1-n,Current.Import.L3", "Voltage.L1-N,Current.Import.L3"),
        ("MeterValuesSampledData", " ", ""),
        ("MeterValuesSampledData", "", ""),
    ],
)
def test_value_is_reported_in_its_plain_form(name: str, text: str, reported: str) -> None:
    """§9: spaces, letter case, signs and duplicates are forgiven, and not repeated."""
    with Playbook(STATION) as play:
        play.boot()

        assert change(play, name, text) == ACCEPTED
        assert value(play, name) == reported


def test_value_that_is_too_long_is_refused() -> None:
    """§6.9: a value has at most 500 characters."""
    with Playbook(STATION) as play:
        play.boot()

        answer = play.answer_to(play.post("ChangeConfiguration", {"key": "ConnectionTimeOut", "value": "1" * 501}))

        assert isinstance(answer, CallError)
        assert answer.code is CallErrorCode.PROPERTY_CONSTRAINT_VIOLATION
        assert value(play, "ConnectionTimeOut") == "60"


def test_value_it_has_already_is_accepted_without_effect() -> None:
    with Playbook(STATION) as play:
        play.boot()
        before = play.disk

        assert change(play, "ConnectionTimeOut", "60") == ACCEPTED
        assert play.disk == before


def test_unlocking_can_be_chosen_where_a_cable_is_detachable() -> None:
    """Errata 3.83: UnlockConnectorOnEVSideDisconnect is read-only only where all cables are fixed."""
    with Playbook(SOCKETS) as play:
        play.boot()

        assert value(play, "UnlockConnectorOnEVSideDisconnect") == "true"
        assert change(play, "UnlockConnectorOnEVSideDisconnect", "false") == ACCEPTED


def test_factory_values_are_defaults() -> None:
    """What the station leaves the factory with is what it goes back to, and nothing is stored of it."""
    with Playbook(configured(STATION, ConnectionTimeOut=25, heartbeatinterval=9)) as play:
        play.central_system.interval_s = 0
        play.boot()

        assert value(play, "ConnectionTimeOut") == "25"
        assert value(play, "HeartbeatInterval") == "9"
        change(play, "ConnectionTimeOut", "60")
        change(play, "ConnectionTimeOut", "25")
        assert not [write for write in play.disk if write.table == "configuration.values"]


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("NoSuchKey", "1", "there is no key 'NoSuchKey'"),
        ("connectiontimeout", "-1", "ConnectionTimeOut: -1 is not 0 to"),
        ("MeterValuesSampledData", "SoC", "MeterValuesSampledData: SoC is not measured"),
        ("MeterValuesSampledData", "x" * 501, "501 characters"),
    ],
)
def test_factory_value_that_is_none_is_refused(name: str, text: str, why: str) -> None:
    """A wrong station file is told before the station runs."""
    with pytest.raises(UsageError, match=why):
        ChargePoint(evolve(STATION, configuration=((name, text),)), random=Random(0))


def test_stored_value_that_no_longer_fits_is_found_at_load() -> None:
    """A station whose meter was replaced by a simpler one does not stumble over its old configuration while it runs."""
    meter = evolve(STATION, measurands=(*STATION.measurands, Measurand.SOC))
    with Playbook(meter) as play:
        play.boot()
        change(play, "MeterValuesSampledData", "SoC")
        disk = play.disk

    with pytest.raises(RecordUnreadable, match="MeterValuesSampledData"):
        ChargePoint(STATION, records=disk, random=Random(0))


def test_stored_value_of_a_key_that_is_gone_does_no_harm() -> None:
    with Playbook(STATION) as play:
        play.boot()
        stored = Write("configuration.values", "ConnectionTimeOut", '[1,{"text":"20"}]')
        gone = Write("configuration.values", "GoneWithVersion1", '[1,{"text":"20"}]')

    assert ChargePoint(STATION, records=[stored, gone], random=Random(0)).records() == (stored, gone)
