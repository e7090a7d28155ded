"""From payloads to messages: limits, paths, codes, and the bounds on what may enter."""

from __future__ import annotations

import decimal
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ocpp16cp.errors import CallErrorCode, PayloadInvalid
from ocpp16cp.features.authorization.messages import Authorize, AuthorizeConf
from ocpp16cp.features.boot.messages import BootNotification, Heartbeat, HeartbeatConf
from ocpp16cp.features.certificates.messages import GetInstalledCertificateIdsConf
from ocpp16cp.features.configuration.messages import GetConfiguration, GetConfigurationConf, KeyValue
from ocpp16cp.features.data_transfer.messages import DataTransfer
from ocpp16cp.features.local_list.messages import GetLocalListVersionConf, SendLocalList
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.remote_trigger.messages import (
    ExtendedMessageTrigger,
    ExtendedTriggerMessage,
    MessageTrigger,
    TriggerMessage,
)
from ocpp16cp.features.reset.messages import Reset
from ocpp16cp.wire.decoding import structure
from ocpp16cp.wire.strict_json import load
from ocpp16cp.wire.types import ChargingRateUnitType, ChargingSchedule, ChargingSchedulePeriod

TYPE = CallErrorCode.TYPE_CONSTRAINT_VIOLATION
PROPERTY = CallErrorCode.PROPERTY_CONSTRAINT_VIOLATION
OCCURENCE = CallErrorCode.OCCURENCE_CONSTRAINT_VIOLATION
FORMATION = CallErrorCode.FORMATION_VIOLATION
INCOMPLETE = CallErrorCode.PROTOCOL_ERROR

METER_VALUES = """{
    "connectorId": 1,
    "meterValue": [
        {
            "timestamp": "2024-01-31T12:00:00Z",
            "sampledValue": [{"value": "1"}, {"value": "2"}, {"value": "50", "unit": "Hertz"}]
        }
    ]
}"""
UNITS = "Wh, kWh, varh, kvarh, W, kW, VA, kVA, var, kvar, A, V, Celsius, Celcius, Fahrenheit, K, Percent"


def refusal(of: type, text: str) -> tuple[str, str, CallErrorCode]:
    """Decode a payload that is expected to be refused."""
    with pytest.raises(PayloadInvalid) as caught:
        structure(of, load(text))
    return caught.value.path, caught.value.rule, caught.value.code


# Whole messages.


def test_object_is_read_whatever_the_order_of_its_members() -> None:
    text = """{
        "chargingSchedulePeriod": [{"limit": 16.1, "startPeriod": 0}, {"startPeriod": 60, "limit": 6}],
        "startSchedule": "2024-01-31T12:00:00Z",
        "chargingRateUnit": "A"
    }"""

    schedule = structure(ChargingSchedule, load(text))

    assert schedule == ChargingSchedule(
        start_schedule=datetime(2024, 1, 31, 12, tzinfo=UTC),
        charging_rate_unit=ChargingRateUnitType.A,
        charging_schedule_period=(
            ChargingSchedulePeriod(start_period=0, limit=Decimal("16.1")),
            ChargingSchedulePeriod(start_period=60, limit=Decimal(6)),
        ),
    )
    assert schedule.charging_rate_unit is ChargingRateUnitType.A


def test_lists_become_tuples() -> None:
    text = '{"configurationKey":[{"key":"A","readonly":false}],"unknownKey":["B","C"]}'

    message = structure(GetConfigurationConf, load(text))

    assert message == GetConfigurationConf(
        configuration_key=(KeyValue(key="A", readonly=False),), unknown_key=("B", "C")
    )
    assert structure(GetConfiguration, {"key": []}) == GetConfiguration(key=())
    assert structure(GetConfiguration, {}) == GetConfiguration(key=None)


# Refusals: the path, the rule and the code of the first violation.


@pytest.mark.parametrize(
    ("of", "text", "path", "rule", "code"),
    [
        (Heartbeat, "[]", "$", "an object expected, not a list", FORMATION),
        (Heartbeat, '"{}"', "$", "an object expected, not a text", FORMATION),
        (Heartbeat, "null", "$", "an object expected, not null", FORMATION),
        (Heartbeat, "7", "$", "an object expected, not an integer", FORMATION),
        (Heartbeat, "true", "$", "an object expected, not true or false", FORMATION),
        (Heartbeat, '{"b":1,"a":1}', "$.a", "unknown field", FORMATION),
        (Heartbeat, '{"a b":1}', '$["a b"]', "unknown field", FORMATION),
        (Reset, "{}", "$.type", "missing", INCOMPLETE),
        (Reset, '{"type":"hard"}', "$.type", "none of Hard, Soft", PROPERTY),
        (Reset, '{"type":null}', "$.type", "a text expected, not null", TYPE),
        (Reset, '{"type":[]}', "$.type", "a text expected, not a list", TYPE),
        (Reset, '{"Type":"Hard"}', "$.type", "missing", INCOMPLETE),
        (Authorize, '{"idTag":7}', "$.idTag", "a text expected, not an integer", TYPE),
        (
            Authorize,
            '{"idTag":"123456789012345678901"}',
            "$.idTag",
            "longer than 20 characters",
            PROPERTY,
        ),
        (
            AuthorizeConf,
            '{"idTagInfo":"Accepted"}',
            "$.idTagInfo",
            "an object expected, not a text",
            TYPE,
        ),
        (
            AuthorizeConf,
            '{"idTagInfo":{"status":"Accepted","x":1}}',
            "$.idTagInfo.x",
            "unknown field",
            FORMATION,
        ),
        (
            GetConfigurationConf,
            '{"configurationKey":[{"key":"A","readonly":true},{"key":"B","readonly":"true"}]}',
            "$.configurationKey[1].readonly",
            "true or false expected, not a text",
            TYPE,
        ),
        (GetConfiguration, '{"key":"A"}', "$.key", "a list expected, not a text", TYPE),
        (
            GetConfiguration,
            '{"key":["A",{}]}',
            "$.key[1]",
            "a text expected, not an object",
            TYPE,
        ),
        (
            GetInstalledCertificateIdsConf,
            '{"status":"NotFound","certificateHashData":[]}',
            "$.certificateHashData",
            "1 to 50000 entries expected, not 0",
            OCCURENCE,
        ),
        (
            DataTransfer,
            '{"vendorId":"v","data":{"a":1}}',
            "$.data",
            "a text expected, not an object",
            TYPE,
        ),
        (
            MeterValues,
            METER_VALUES,
            "$.meterValue[0].sampledValue[2].unit",
            f"none of {UNITS}",
            PROPERTY,
        ),
    ],
)
def test_refusal_names_path_rule_and_code(of: type, text: str, path: str, rule: str, code: CallErrorCode) -> None:
    assert refusal(of, text) == (path, rule, code)


def test_first_violation_in_the_order_of_the_fields_is_named() -> None:
    text = '{"extra":1,"firmwareVersion":7,"chargePointModel":8}'

    assert refusal(BootNotification, text)[0] == "$.chargePointVendor"
    assert refusal(BootNotification, text.replace('"extra":1', '"chargePointVendor":"v"'))[0] == ("$.chargePointModel")


def test_null_for_an_optional_field_is_a_violation() -> None:
    """Optional fields are left out; null is none of their types."""
    text = '{"vendorId":"v","data":null}'

    assert refusal(DataTransfer, text) == ("$.data", "a text expected, not null", TYPE)


def test_long_foreign_text_is_not_repeated_in_a_refusal() -> None:
    path, rule, _ = refusal(Reset, json.dumps({"type": "Hard", "x" * 100_000: 1}))

    assert len(path) + len(rule) < 100
    assert len(refusal(Reset, json.dumps({"type": "x" * 100_000}))[1]) < 100


# Numbers.


@pytest.mark.parametrize("number", ["0", "-1", "2147483647", "-2147483648", "5.0", "1e3", "-0.0"])
def test_integer_of_32_bits_is_taken(number: str) -> None:
    message = structure(GetLocalListVersionConf, load(f'{{"listVersion":{number}}}'))

    assert message.list_version == Decimal(number)
    assert type(message.list_version) is int


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("2147483648", PROPERTY),
        ("-2147483649", PROPERTY),
        ("9" * 4000, PROPERTY),
        ("2147483647.5", PROPERTY),
        ("1e400", PROPERTY),
        ("1e999999999", PROPERTY),
        ("-1e999999999999999999", PROPERTY),
        ("0.5", TYPE),
        ("1e-400", TYPE),
        ("1.0000000000000000000000000000000000000000000000000001", TYPE),
        ("true", TYPE),
        ("false", TYPE),
        ('"1"', TYPE),
        ("null", TYPE),
        ("[1]", TYPE),
    ],
    ids=lambda value: str(value)[:25],
)
def test_integer_beyond_32_bits_or_none_at_all_is_refused(number: str, code: CallErrorCode) -> None:
    path, _, actual = refusal(GetLocalListVersionConf, f'{{"listVersion":{number}}}')

    assert (path, actual) == ("$.listVersion", code)


@pytest.mark.parametrize("number", ["0", "6", "6.0", "6.00", "16.1", "-0.1", "1e2", "2147483647", "12345678.9"])
def test_limit_of_one_decimal_is_taken_exactly(number: str) -> None:
    """Binary floats would fail here: 16.1 is no multiple of 0.1 in them."""
    period = structure(ChargingSchedulePeriod, load(f'{{"startPeriod":0,"limit":{number}}}'))

    assert period.limit == Decimal(number)
    assert type(period.limit) is Decimal


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("16.15", PROPERTY),
        ("16.10000000000000000000000000000000000000000000000000000001", PROPERTY),
        ("1e-1000", PROPERTY),
        ("2147483648", PROPERTY),
        ("-2147483647.5", PROPERTY),
        ("1e999999999", PROPERTY),
        ('"16"', TYPE),
        ("true", TYPE),
        ("null", TYPE),
    ],
    ids=lambda value: str(value)[:25],
)
def test_limit_with_more_decimals_or_out_of_range_is_refused(number: str, code: CallErrorCode) -> None:
    path, _, actual = refusal(ChargingSchedulePeriod, f'{{"startPeriod":0,"limit":{number}}}')

    assert (path, actual) == ("$.limit", code)


def test_numbers_do_not_depend_on_the_context_of_the_application() -> None:
    with decimal.localcontext(decimal.Context(prec=2, traps=[])):
        period = structure(ChargingSchedulePeriod, load('{"startPeriod":0,"limit":12345.6}'))
        path, _, code = refusal(ChargingSchedulePeriod, '{"startPeriod":0,"limit":12345.67}')

    assert period.limit == Decimal("12345.6")
    assert (path, code) == ("$.limit", PROPERTY)


# Instants.


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-01-31T08:00:00.000Z", datetime(2024, 1, 31, 8, tzinfo=UTC)),
        ("2024-01-31T08:00:00Z", datetime(2024, 1, 31, 8, tzinfo=UTC)),
        ("2024-01-31t08:00:00z", datetime(2024, 1, 31, 8, tzinfo=UTC)),
        ("2013-01-01T00:00Z", datetime(2013, 1, 1, tzinfo=UTC)),
        ("2024-01-31T08:00:00", datetime(2024, 1, 31, 8, tzinfo=UTC)),
        ("2024-01-31T08:00", datetime(2024, 1, 31, 8, tzinfo=UTC)),
        ("2024-01-31T08:00:00.1234567Z", datetime(2024, 1, 31, 8, 0, 0, 123456, tzinfo=UTC)),
        ("2024-01-31T08:00:00.5+05:30", datetime(2024, 1, 31, 2, 30, 0, 500000, tzinfo=UTC)),
        ("2024-01-31T20:00:00-11:00", datetime(2024, 2, 1, 7, tzinfo=UTC)),
        ("2024-01-31T08:00:00-00:00", datetime(2024, 1, 31, 8, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_instant_is_read_in_utc(text: str, instant: datetime) -> None:
    message = structure(HeartbeatConf, {"currentTime": text})

    assert message.current_time == instant
    assert message.current_time.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024-01-31",
        "2024-01-31 08:00:00Z",
        "2024-02-30T08:00:00Z",
        "2024-01-31T24:00:00Z",
        "2024-01-31T08:60:00Z",
        "2024-01-31T08:00:60Z",
        "2024-01-31T08:00:00,5Z",
        "2024-01-31T08:00:00.Z",
        "2024-01-31T08Z",
        "2024-01-31T08:00:00+0100",
        "2024-01-31T08:00:00+24:00",
        "2024-W05-3T08:00:00Z",
        "20240131T080000Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2024-01-31T08:00:00Z\n",
        "٢٠٢٤-01-31T08:00:00Z",
    ],
)
def test_text_that_is_no_instant_is_refused(text: str) -> None:
    path, _, code = refusal(HeartbeatConf, json.dumps({"currentTime": text}))

    assert (path, code) == ("$.currentTime", PROPERTY)


def test_number_is_no_instant() -> None:
    assert refusal(HeartbeatConf, '{"currentTime":1706688000}')[2] is TYPE


# Names of triggers: the one enumeration that lets others through.


def test_trigger_is_read_as_its_member() -> None:
    message = structure(TriggerMessage, {"requestedMessage": "MeterValues"})

    assert message.requested_message is MessageTrigger.METER_VALUES


@pytest.mark.parametrize("of", [TriggerMessage, ExtendedTriggerMessage])
def test_unknown_trigger_gets_through_as_text(
    of: type[TriggerMessage | ExtendedTriggerMessage],
) -> None:
    """It is answered with the status NotImplemented, not with a CALLERROR (§5.17)."""
    message = structure(of, {"requestedMessage": "CoffeeNotification"})

    assert message.requested_message == "CoffeeNotification"
    assert not isinstance(message.requested_message, MessageTrigger | ExtendedMessageTrigger)


def test_trigger_that_is_no_text_is_refused() -> None:
    assert refusal(TriggerMessage, '{"requestedMessage":7}')[2] is TYPE


# Bounds on lists.


def test_list_ends_at_its_first_error() -> None:
    """One exception per entry would take seconds and hundreds of megabytes."""
    text = json.dumps({"listVersion": 1, "localAuthorizationList": [7] * 50_000})

    path = "$.localAuthorizationList[0]"
    assert refusal(SendLocalList, text) == (path, "an object expected, not an integer", TYPE)


def test_list_has_a_bound() -> None:
    text = json.dumps({"key": [""] * 50_001})

    path, rule, code = refusal(GetConfiguration, text)

    assert (path, code) == ("$.key", OCCURENCE)
    assert rule == "0 to 50000 entries expected, not 50001"
