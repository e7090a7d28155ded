"""Every configuration key there is: what it takes, what it refuses, that it stays; one row each."""

from __future__ import annotations

from random import Random

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.outcome import KeyChanged
from ocpp16cp.testing import Playbook
from tests.features.configuration.asking import ACCEPTED, REJECTED, change, listed, read, value
from tests.features.stations import SOCKETS

NO_INTEGERS = ("", "ten", "1.5", "1 0", "\u0663", "--1", "99999999999", "2147483648", "-2147483649")
NO_BOOLEANS = ("1", "0", "yes", "", "truefalse", "true,false")
NO_MEASURANDS = ("Nonsense", "Voltage,,SoC", "Voltage,", "Voltage.L9", "Power.Active.Import.L1", "SoC", "Voltage;SoC")


@frozen
class Row:
    """What a key takes and refuses."""

    accepted: tuple[tuple[str, str], ...] = ()
    """Each with the spelling in which it is reported; the last one differs from the default."""
    rejected: tuple[str, ...] = ()


READ_ONLY = Row()
BOOLEAN = Row((("TRUE", "true"), ("false", "false"), (" True ", "true"), ("FALSE", "false")), NO_BOOLEANS)


def integers(minimum: int = 0, maximum: int = 2**31 - 1) -> Row:
    """A row of integers: the bounds, what lies beyond them, other spellings."""
    middle = minimum + 7 if maximum - minimum > 7 else maximum
    return Row(
        (
            (f" {minimum} ", str(minimum)),
            (f"+{maximum}", str(maximum)),
            (f"00{middle}", str(middle)),
        ),
        (*NO_INTEGERS, str(minimum - 1), str(maximum + 1), "-1"),
    )


MEASURANDS = Row(
    (
        ("", ""),
        (" ", ""),
        (" voltage , Current.Import,VOLTAGE", "Voltage,Current.Import"),
        ("voltage.l1-n,Current.Import.L3", "Voltage.L1-N,Current.Import.L3"),
    ),
    (*NO_MEASURANDS, "Voltage," * 60 + "Nonsense"),
)

ROWS = {
    "AdditionalRootCertificateCheck": READ_ONLY,
    "AllowOfflineTxForUnknownId": BOOLEAN,
    "AuthorizationCacheEnabled": BOOLEAN,
    "AuthorizationKey": Row(
        (
            ("0001020304050607FFFFFFFFFFFFFFFFFFFFFFFF", ""),
            ("0123456789abcdef0123456789ABCDEF", ""),
            ("16 characters, 1", ""),
            ("twenty characters...", ""),
        ),
        (
            "",
            "short",
            "0" * 31,
            "0" * 33,
            "0" * 42,
            "fifteen charact",
            "21 characters, no mor",
            "g" * 32,
            "\u00e4" * 16,
        ),
    ),
    "AuthorizeRemoteTxRequests": BOOLEAN,
    "BlinkRepeat": integers(),
    "CertificateSignedMaxChainSize": READ_ONLY,
    "CertificateStoreMaxLength": READ_ONLY,
    "ChargeProfileMaxStackLevel": READ_ONLY,
    "ChargingScheduleAllowedChargingRateUnit": READ_ONLY,
    "ChargingScheduleMaxPeriods": READ_ONLY,
    "ClockAlignedDataInterval": integers(maximum=86_400),
    "ConnectionTimeOut": integers(),
    "ConnectorPhaseRotation": Row(
        (
            ("", ""),
            ("0.RST, 1.RST, 2.RTS", "0.RST,1.RST,2.RTS"),
            ("01.notapplicable,2.UNKNOWN,1.NotApplicable", "1.NotApplicable,2.Unknown"),
            ("tsr", "TSR"),
            ("srt,2.TRS", "SRT,2.TRS"),
        ),
        ("3.RST", "-1.RST", "1.RTR", "1.", ".RST", "1,RST", "1.RST,1.RTS", "RST,RTS", "RST,0.RST,1.RST,2.RST", "x.RST"),
    ),
    "ConnectorPhaseRotationMaxLength": READ_ONLY,
    "ConnectorSwitch3to1PhaseSupported": READ_ONLY,
    "CpoName": Row(
        (("A", "A"), ("x" * 64, "x" * 64), (" Stra\u00dfenstrom, Inc. ", " Stra\u00dfenstrom, Inc. ")),
        ("", "  ", "x" * 65),
    ),
    "GetConfigurationMaxKeys": READ_ONLY,
    "HeartbeatInterval": integers(),
    "LightIntensity": integers(maximum=100),
    "LocalAuthListEnabled": BOOLEAN,
    "LocalAuthListMaxLength": READ_ONLY,
    "LocalAuthorizeOffline": BOOLEAN,
    "LocalPreAuthorize": BOOLEAN,
    "MaxChargingProfilesInstalled": READ_ONLY,
    "MaxEnergyOnInvalidId": integers(),
    "MessageTimeout": integers(minimum=1),
    "MeterValueSampleInterval": integers(),
    "MeterValuesAlignedData": MEASURANDS,
    "MeterValuesAlignedDataMaxLength": READ_ONLY,
    "MeterValuesSampledData": MEASURANDS,
    "MeterValuesSampledDataMaxLength": READ_ONLY,
    "MinimumStatusDuration": integers(),
    "NumberOfConnectors": READ_ONLY,
    "ReserveConnectorZeroSupported": READ_ONLY,
    "ResetRetries": integers(),
    "RetryBackOffRandomRange": integers(maximum=86_400),
    "RetryBackOffRepeatTimes": integers(maximum=16),
    "RetryBackOffWaitMinimum": integers(maximum=86_400),
    # Never lowered nor set again, and this version offers no other.
    "SecurityProfile": Row((), ("0", "1", "2", "3", "4", "-1", "", "one")),
    "SendLocalListMaxLength": READ_ONLY,
    "StopTransactionMaxMeterValues": READ_ONLY,
    "StopTransactionOnEVSideDisconnect": BOOLEAN,
    "StopTransactionOnInvalidId": BOOLEAN,
    "StopTxnAlignedData": MEASURANDS,
    "StopTxnAlignedDataMaxLength": READ_ONLY,
    "StopTxnSampledData": MEASURANDS,
    "StopTxnSampledDataMaxLength": READ_ONLY,
    "SupportedFeatureProfiles": READ_ONLY,
    "SupportedFeatureProfilesMaxLength": READ_ONLY,
    "SupportedFileTransferProtocols": READ_ONLY,
    "TransactionMessageAttempts": integers(),
    "TransactionMessageRetryInterval": integers(),
    "UnlockConnectorOnEVSideDisconnect": BOOLEAN,
    "WebSocketPingInterval": integers(),
}
SECRET = "AuthorizationKey"
WRITABLE = sorted(name for name, row in ROWS.items() if row is not READ_ONLY)


def booted() -> Playbook:
    """A station with sockets, at which every key that can depend on it may be changed."""
    play = Playbook(SOCKETS)
    play.central_system.interval_s = 0
    play.boot()
    return play


def test_there_is_a_row_for_every_key_and_a_key_for_every_row() -> None:
    assert set(ROWS) == set(ChargePoint(SOCKETS, random=Random(0)).configuration())


@pytest.mark.parametrize("name", WRITABLE)
def test_key_takes_its_values_and_reports_them_in_their_plain_form(name: str) -> None:
    """§5.3, §9: spaces, letter case, signs and duplicates are forgiven, and not repeated."""
    with booted() as play:
        for text, reported in ROWS[name].accepted:
            assert change(play, name.swapcase(), text) == ACCEPTED
            assert value(play, name) == (None if name == SECRET else reported)


@pytest.mark.parametrize("name", WRITABLE)
def test_key_refuses_everything_else_and_keeps_its_value(name: str) -> None:
    """§5.3, errata 3.14: nothing of a refused value is taken over."""
    with booted() as play:
        before, disk = value(play, name), play.disk

        for text in ROWS[name].rejected:
            assert change(play, name, text) == REJECTED, text

        assert (value(play, name), play.disk) == (before, disk)
        play.expect_no(KeyChanged)


@pytest.mark.parametrize("name", sorted(set(ROWS) - set(WRITABLE)))
def test_read_only_key_refuses_even_the_value_it_has(name: str) -> None:
    """§5.3: it is known, hence Rejected and not NotSupported."""
    with booted() as play:
        before, readonly = listed(play)[name]
        assert readonly

        for text in (before or "", "1", "true", "", "Nonsense"):
            assert change(play, name, text) == REJECTED
        play.power_cut()
        play.skip()

        assert listed(play)[name] == (before, True)


@pytest.mark.parametrize("name", [name for name in WRITABLE if ROWS[name].accepted])
def test_changed_key_survives_a_power_cut_and_the_application_is_told(name: str) -> None:
    """§5.3: configuration is kept."""
    text, reported = ROWS[name].accepted[-1]
    with booted() as play:
        change(play, name, text)
        stored = [write for write in play.disk if write.table == "configuration.values"]
        play.power_cut()

        assert [write.key for write in stored] == [name]
        assert value(play, name) == (None if name == SECRET else reported)
        assert [write for write in play.disk if write.table == "configuration.values"] == stored
        assert play.expect(KeyChanged) == KeyChanged(name, None if name == SECRET else reported)
        play.skip()


def test_secret_is_never_told() -> None:
    """Neither listed, nor in an answer, nor to the application; asked for by name it is there without a value."""
    with booted() as play:
        change(play, SECRET, "confidential text")

        assert SECRET not in listed(play)
        (entry,) = read(play, SECRET).configuration_key or ()
        assert (entry.readonly, entry.value) == (False, None)
        assert play.charge_point.key_text(SECRET) is None
        assert "confidential" not in repr(play.charge_point.configuration())
        assert play.expect(KeyChanged) == KeyChanged(SECRET, None)


TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from([text for row in ROWS.values() for text, _ in row.accepted]),
    st.sampled_from([text for row in ROWS.values() for text in row.rejected]),
    st.lists(st.sampled_from(["Voltage", "voltage.L1", "SoC", "0.RST", "1.tsr", "true", " 7", ""])).map(",".join),
)


@given(name=st.sampled_from(WRITABLE), text=TEXTS)
def test_any_text_is_taken_and_read_back_or_rejected(name: str, text: str) -> None:
    """What is read back is the plain form: to set it again changes nothing."""
    with booted() as play:
        before = value(play, name)

        answer = change(play, name, text)

        after, disk = value(play, name), play.disk
        assert answer in (ACCEPTED, REJECTED)
        if answer == REJECTED:
            assert after == before
        elif after is not None:
            assert change(play, name, after) == ACCEPTED
            assert (value(play, name), play.disk) == (after, disk)
