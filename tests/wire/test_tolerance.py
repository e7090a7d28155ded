"""What is forgiven, what is told of it, and what never is."""

from __future__ import annotations

import pytest

from ocpp16cp.features.authorization.messages import AuthorizeConf
from ocpp16cp.features.configuration.messages import GetConfigurationConf
from ocpp16cp.features.data_transfer.messages import DataTransfer
from ocpp16cp.features.local_list.messages import SendLocalList
from ocpp16cp.features.remote_trigger.messages import TriggerMessage
from ocpp16cp.features.reset.messages import Reset
from ocpp16cp.wire.strict_json import Json
from ocpp16cp.wire.tolerance import MAX_REPORTED, STRICT, TOLERANT, Relaxation, Tolerance, relax

NESTED: Json = {
    "idTagInfo": {"status": "ACCEPTED", "expiryDate": None, "vendor field": [1]},
    "x": {"y": 1},
}


def relaxed(of: type, payload: Json, tolerance: Tolerance) -> tuple[Json, list[tuple[str, str]]]:
    reported: list[Relaxation] = []
    value = relax(of, payload, tolerance, reported.append)
    return value, [(relaxation.path, relaxation.what) for relaxation in reported]


def test_every_mistake_is_mended_and_told_with_its_path() -> None:
    value, reported = relaxed(AuthorizeConf, NESTED, TOLERANT)

    assert value == {"idTagInfo": {"status": "Accepted"}}
    assert reported == [
        ("$.idTagInfo.status", "the letters of Accepted in another case"),
        ("$.idTagInfo.expiryDate", "null instead of nothing"),
        ('$.idTagInfo["vendor field"]', "unknown field"),
        ("$.x", "unknown field"),
    ]


@pytest.mark.parametrize(
    ("tolerance", "value"),
    [
        (STRICT, NESTED),
        (
            Tolerance(unknown_fields=True),
            {"idTagInfo": {"status": "ACCEPTED", "expiryDate": None}},
        ),
        (
            Tolerance(null_as_absent=True),
            {"idTagInfo": {"status": "ACCEPTED", "vendor field": [1]}, "x": {"y": 1}},
        ),
        (
            Tolerance(enum_case=True),
            {
                "idTagInfo": {"status": "Accepted", "expiryDate": None, "vendor field": [1]},
                "x": {"y": 1},
            },
        ),
    ],
)
def test_each_relaxation_can_be_had_alone(tolerance: Tolerance, value: Json) -> None:
    assert relaxed(AuthorizeConf, NESTED, tolerance)[0] == value


def test_path_leads_through_lists() -> None:
    payload: Json = {"configurationKey": [{"key": "A", "readonly": True}, {"key": "B", "Readonly": 1}]}

    _, reported = relaxed(GetConfigurationConf, payload, TOLERANT)

    assert reported == [("$.configurationKey[1].Readonly", "unknown field")]


def test_name_of_a_trigger_is_forgiven_but_an_unknown_one_left() -> None:
    known = relaxed(TriggerMessage, {"requestedMessage": "heartBeat"}, TOLERANT)
    unknown = relaxed(TriggerMessage, {"requestedMessage": "Coffee"}, TOLERANT)

    assert known[0] == {"requestedMessage": "Heartbeat"}
    assert unknown == ({"requestedMessage": "Coffee"}, [])


@pytest.mark.parametrize(
    ("of", "payload"),
    [
        (Reset, {"type": None}),
        (Reset, {"type": "Firm"}),
        (Reset, {"type": ["hard"]}),
        (Reset, []),
        (Reset, None),
        (DataTransfer, {"vendorId": 7, "data": {"a": 1}}),
        (AuthorizeConf, {"idTagInfo": "Accepted"}),
        (GetConfigurationConf, {"unknownKey": {"a": None}}),
    ],
)
def test_what_is_not_forgiven_is_left_for_the_codec_to_refuse(of: type, payload: Json) -> None:
    assert relaxed(of, payload, TOLERANT) == (payload, [])


def test_payload_itself_is_not_changed() -> None:
    payload: Json = {"type": "hard", "extra": 1}

    relaxed(Reset, payload, TOLERANT)

    assert payload == {"type": "hard", "extra": 1}


def test_number_of_reports_has_a_bound() -> None:
    entries: list[Json] = [{"idTag": str(number), "note": ""} for number in range(1000)]

    value, reported = relaxed(SendLocalList, {"localAuthorizationList": entries}, TOLERANT)

    assert value == {"localAuthorizationList": [{"idTag": str(number)} for number in range(1000)]}
    assert len(reported) == MAX_REPORTED + 1
    assert reported[-1] == ("$", "980 more")


def test_list_that_is_too_long_is_not_walked() -> None:
    payload: Json = {"localAuthorizationList": [{"extra": 1}] * 50_001}

    assert relaxed(SendLocalList, payload, TOLERANT) == (payload, [])
