"""GetConfiguration and ChangeConfiguration, as in §5.3 and §5.8."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from attrs import evolve

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.errors import CallErrorCode, UsageError
from ocpp16cp.features.configuration.messages import (
    GetConfiguration,
    GetConfigurationConf,
    KeyValue,
)
from ocpp16cp.outcome import KeyChanged, KeyReset, Write
from ocpp16cp.station import FeatureProfile, Station
from ocpp16cp.testing import Playbook
from ocpp16cp.vendor_keys import Boolean, VendorKey
from ocpp16cp.wire.frames import CallError
from ocpp16cp.wire.types import Measurand
from tests.features.configuration.asking import ACCEPTED, NOT_SUPPORTED, REJECTED, change, listed, read, value
from tests.features.stations import SINGLE, SOCKETS, STATION, configured


@pytest.mark.parametrize("request_", [GetConfiguration(), GetConfiguration(key=())])
def test_all_keys_are_listed_when_none_is_named(request_: GetConfiguration) -> None:
    """§5.8: without names, or with an empty list, every key is returned, with its right and as text."""
    with Playbook(STATION) as play:
        play.boot()

        conf = play.send(request_, GetConfigurationConf)

        assert conf.unknown_key is None
        texts = {entry.key: entry.value for entry in conf.configuration_key or ()}
        assert texts | {"AuthorizationKey": None} == play.charge_point.configuration()


def test_all_keys_are_listed_by_feature_profile_and_name() -> None:
    """Core first, so that people find what they look for; keys of the vendor come last."""
    with Playbook(evolve(STATION, vendor_keys=(VendorKey(name="Aardvark", type=Boolean()),))) as play:
        play.boot()

        names = list(listed(play))

    firsts = (
        "AdditionalRootCertificateCheck",
        "SupportedFileTransferProtocols",
        "LocalAuthListEnabled",
        "ReserveConnectorZeroSupported",
        "ChargeProfileMaxStackLevel",
        "Aardvark",
    )
    places = [names.index(first) for first in firsts]
    assert (places[0], places[-1]) == (0, len(names) - 1)
    for begin, end in pairwise(places):
        assert names[begin:end] == sorted(names[begin:end], key=str.lower) != []


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


@pytest.mark.parametrize("text", ["Voltage,Power.Offered,Current.Import", "Voltage,Nonsense"])
def test_list_that_is_too_long_or_wrong_in_one_item_is_rejected_whole(text: str) -> None:
    """Errata 3.14: the old value stays as it is."""
    with Playbook(configured(STATION, StopTxnSampledDataMaxLength=2, StopTxnSampledData="Current.Import")) as play:
        play.boot()

        assert change(play, "StopTxnSampledData", text) == REJECTED
        assert value(play, "StopTxnSampledData") == "Current.Import"
        assert change(play, "StopTxnSampledData", "voltage,power.offered,VOLTAGE") == ACCEPTED


def test_key_without_a_value_is_listed_without() -> None:
    """CpoName, until somebody sets it."""
    with Playbook(STATION) as play:
        play.boot()

        assert listed(play)["CpoName"] == (None, False)
        change(play, "CpoName", "Operator")
        assert listed(play)["CpoName"] == ("Operator", False)


def test_value_that_is_too_long_is_refused() -> None:
    """§6.9: a value has at most 500 characters."""
    with Playbook(STATION) as play:
        play.boot()

        answer = play.answer_to(play.post("ChangeConfiguration", {"key": "ConnectionTimeOut", "value": "1" * 501}))

        assert isinstance(answer, CallError)
        assert answer.code is CallErrorCode.PROPERTY_CONSTRAINT_VIOLATION
        assert value(play, "ConnectionTimeOut") == "60"


@pytest.mark.parametrize("text", ["60", " +060 "])
def test_value_it_has_already_is_accepted_without_effect(text: str) -> None:
    with Playbook(STATION) as play:
        play.boot()
        before = play.disk

        assert change(play, "ConnectionTimeOut", text) == ACCEPTED
        assert play.disk == before
        play.expect_no(KeyChanged)


def test_application_is_told_what_a_key_has_become() -> None:
    """Whoever changed it: here the central system, by ChangeConfiguration and by its answer to BootNotification."""
    with Playbook(STATION) as play:
        play.central_system.interval_s = 77
        play.boot()
        assert play.expect(KeyChanged) == KeyChanged("HeartbeatInterval", "77")

        change(play, "connectiontimeout", " 020 ")
        assert play.expect(KeyChanged) == KeyChanged("ConnectionTimeOut", "20")


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


def after_update(before: Station, after: Station, key: str, text: str) -> tuple[Playbook, tuple[Write, ...]]:
    """A charger that was configured, then got other parts; and what its store held."""
    with Playbook(before) as play:
        play.boot()
        assert change(play, key, text) == ACCEPTED
        play.station = after
        disk = play.disk
        play.power_cut()
        play.skip()
    return play, disk


@pytest.mark.parametrize(
    ("before", "after", "key", "text", "reason"),
    [
        (
            evolve(STATION, measurands=(*STATION.measurands, Measurand.SOC)),
            STATION,
            "MeterValuesSampledData",
            "SoC",
            "SoC is not measured by this charge point",
        ),
        (STATION, SINGLE, "ConnectorPhaseRotation", "1.RST,2.RST", "'2.RST': there is no connector 2"),
        (SOCKETS, STATION, "UnlockConnectorOnEVSideDisconnect", "false", "the key is read-only now"),
        (
            STATION,
            configured(STATION, StopTxnAlignedDataMaxLength=1),
            "StopTxnAlignedData",
            "Voltage,Current.Import",
            "2 items, at most 1 are allowed (StopTxnAlignedDataMaxLength)",
        ),
    ],
    ids=["meter", "connectors", "cables", "limit"],
)
def test_stored_value_that_no_longer_fits_is_replaced_by_the_default(
    before: Station, after: Station, key: str, text: str, reason: str
) -> None:
    """A charger that does not start after an update is worse than a key that is back at its default."""
    play, disk = after_update(before, after, key, text)

    assert any(write.key == key for write in disk)
    assert not any(write.key == key for write in play.disk)
    assert value(play, key) == ChargePoint(after, random=Random(0)).key_text(key)
    assert [entry.item for entry in play.entries if isinstance(entry.item, KeyReset)] == [KeyReset(key, reason)]


def test_charger_that_dropped_a_value_is_not_told_of_it_again() -> None:
    more = evolve(STATION, measurands=(*STATION.measurands, Measurand.SOC))
    play, _ = after_update(more, STATION, "MeterValuesSampledData", "SoC")

    play.power_cut()

    assert len([entry for entry in play.entries if isinstance(entry.item, KeyReset)]) == 1


def test_stored_value_of_a_key_that_is_gone_does_no_harm() -> None:
    with Playbook(STATION) as play:
        play.boot()
        stored = Write("configuration.values", "ConnectionTimeOut", '[1,{"text":"20"}]')
        gone = Write("configuration.values", "GoneWithVersion1", '[1,{"text":"20"}]')

    assert ChargePoint(STATION, records=[stored, gone], random=Random(0)).records() == (stored, gone)


# Feature profiles.

CORE = evolve(STATION, feature_profiles=(FeatureProfile.CORE,))


def test_key_of_a_profile_that_is_switched_off_is_unknown() -> None:
    """§3.3: it can neither be read nor changed."""
    with Playbook(CORE) as play:
        play.boot()

        assert read(play, "LocalAuthListEnabled") == GetConfigurationConf(unknown_key=("LocalAuthListEnabled",))
        assert change(play, "LocalAuthListEnabled", "false") == NOT_SUPPORTED


def test_value_of_a_key_waits_until_its_profile_is_switched_on_again() -> None:
    with Playbook(STATION) as play:
        play.boot()
        change(play, "LocalAuthListEnabled", "false")
        play.station = CORE
        play.power_cut()
        play.skip()
        assert read(play, "LocalAuthListEnabled").configuration_key is None

        play.station = STATION
        play.power_cut()
        play.skip()

        assert value(play, "LocalAuthListEnabled") == "false"


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("UpdateFirmware", {"location": "http://a", "retrieveDate": "2026-01-01T00:00:00Z"}),
        ("GetDiagnostics", {"location": "http://a"}),
        ("ClearChargingProfile", {}),
        ("TriggerMessage", {"requestedMessage": "Heartbeat"}),
    ],
)
def test_call_of_a_profile_that_is_switched_off_is_not_supported(action: str, payload: dict[str, object]) -> None:
    """§3.3: the action is known, hence not NotImplemented."""
    with Playbook(CORE) as play:
        play.boot()

        answer = play.answer_to(play.post(action, payload))

        assert isinstance(answer, CallError)
        assert answer.code is CallErrorCode.NOT_SUPPORTED
