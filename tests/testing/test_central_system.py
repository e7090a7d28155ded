from __future__ import annotations

import json

import pytest

from ocpp16cp.errors import CallErrorCode, PayloadInvalid
from ocpp16cp.features.authorization.messages import Authorize, AuthorizeConf
from ocpp16cp.features.boot.messages import Heartbeat
from ocpp16cp.features.configuration.messages import ChangeConfiguration, ChangeConfigurationConf, ConfigurationStatus
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.testing import ScriptedCentralSystem
from ocpp16cp.testing.central_system import SILENCE, USUAL, Behaviour, Late, Refusal, Reply
from ocpp16cp.testing.stage import BEGINNING
from ocpp16cp.wire.frames import CallError
from ocpp16cp.wire.types import AuthorizationStatus, IdTagInfo

AUTHORIZE = '[2,"1-1","Authorize",{"idTag":"TAG"}]'
ACCEPTED = '[3,"1-1",{"idTagInfo":{"status":"Accepted"}}]'
BLOCKED = AuthorizeConf(id_tag_info=IdTagInfo(status=AuthorizationStatus.BLOCKED))


def replies(central_system: ScriptedCentralSystem, text: str = AUTHORIZE) -> tuple[Reply, ...]:
    """What is said to a text."""
    return central_system.receive(text, utc=BEGINNING)


@pytest.mark.parametrize(
    ("call", "payload"),
    [
        (
            '["BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]',
            {"status": "Accepted", "currentTime": "2026-01-01T00:00:00.000Z", "interval": 77},
        ),
        ('["Heartbeat",{}]', {"currentTime": "2026-01-01T00:00:00.000Z"}),
        ('["Authorize",{"idTag":"TAG"}]', {"idTagInfo": {"status": "Accepted"}}),
        (
            '["StartTransaction",{"connectorId":1,"idTag":"T","meterStart":0,"timestamp":"2026-01-01T00:00:00Z"}]',
            {"idTagInfo": {"status": "Accepted"}, "transactionId": 8},
        ),
        ('["StopTransaction",{"meterStop":0,"timestamp":"2026-01-01T00:00:00Z","transactionId":1}]', {}),
        ('["StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Available"}]', {}),
        ('["MeterValues",{"connectorId":1,"meterValue":[]}]', {}),
    ],
)
def test_everything_is_accepted_by_default(call: str, payload: object) -> None:
    central_system = ScriptedCentralSystem(interval_s=77, first_transaction_id=8)
    action, request = json.loads(call)

    (reply,) = replies(central_system, json.dumps([2, "1-1", action, request]))

    assert json.loads(reply.text) == [3, "1-1", payload]
    assert reply.after_s == 0


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (USUAL, (Reply(ACCEPTED),)),
        (BLOCKED, (Reply('[3,"1-1",{"idTagInfo":{"status":"Blocked"}}]'),)),
        ({"idTagInfo": 7}, (Reply('[3,"1-1",{"idTagInfo": 7}]'),)),
        (Refusal(CallErrorCode.SECURITY_ERROR, "no"), (Reply('[4,"1-1","SecurityError","no",{}]'),)),
        (Refusal(), (Reply('[4,"1-1","InternalError","",{}]'),)),
        (SILENCE, ()),
        (Late(5), (Reply(ACCEPTED, 5),)),
        (Late(5, Late(2, SILENCE)), ()),
        (Late(5, Late(2, BLOCKED)), (Reply('[3,"1-1",{"idTagInfo":{"status":"Blocked"}}]', 7),)),
        (lambda request: SILENCE if request == Authorize(id_tag="TAG") else USUAL, ()),
        (lambda _: USUAL, (Reply(ACCEPTED),)),
    ],
)
def test_answer_can_be_anything(behaviour: Behaviour, expected: tuple[Reply, ...]) -> None:
    central_system = ScriptedCentralSystem()
    central_system.answer(Authorize, behaviour)

    assert replies(central_system) == expected


def test_behaviours_come_one_after_the_other_and_the_last_one_stays() -> None:
    central_system = ScriptedCentralSystem()
    central_system.answer(Authorize, Refusal(), SILENCE, USUAL)

    assert [len(replies(central_system)) for _ in range(4)] == [1, 0, 1, 1]
    assert replies(central_system) == (Reply(ACCEPTED),)


def test_behaviour_is_that_of_one_request_class() -> None:
    central_system = ScriptedCentralSystem()
    central_system.answer(Heartbeat, SILENCE)

    assert replies(central_system) == (Reply(ACCEPTED),)


def test_behaviour_has_to_be_given() -> None:
    with pytest.raises(AssertionError, match="at least one behaviour"):
        ScriptedCentralSystem().answer(Authorize)


def test_everything_seen_is_remembered_typed_and_in_order() -> None:
    central_system = ScriptedCentralSystem()
    replies(central_system)
    replies(central_system, '[2,"1-2","Heartbeat",{}]')
    replies(central_system)

    assert central_system.seen == [Authorize(id_tag="TAG"), Heartbeat(), Authorize(id_tag="TAG")]
    assert central_system.seen_of(Authorize) == [Authorize(id_tag="TAG")] * 2
    assert central_system.seen_of(StatusNotification) == []


def test_answers_to_its_own_calls_are_kept_by_id() -> None:
    central_system = ScriptedCentralSystem()
    first, text = central_system.call(ChangeConfiguration(key="A", value="1"))
    second, _ = central_system.call("Nonsense", {"a": [1]})
    third, bare = central_system.call("Nonsense")
    replies(central_system, f'[3,"{first}",{{"status":"Accepted"}}]')
    replies(central_system, f'[4,"{second}","NotImplemented","no",{{}}]')

    assert json.loads(text) == [2, first, "ChangeConfiguration", {"key": "A", "value": "1"}]
    assert json.loads(bare) == [2, third, "Nonsense", {}]
    assert central_system.answers == {
        first: ChangeConfigurationConf(status=ConfigurationStatus.ACCEPTED),
        second: CallError(second, CallErrorCode.NOT_IMPLEMENTED, "no", {}),
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("hello", "the charge point sent no frame"),
        ('[2,"1-1","Nonsense",{}]', "there is no action 'Nonsense'"),
        ('[2,"1-1","GetConfiguration",{}]', "GetConfiguration is for the central system to send"),
    ],
)
def test_what_no_charge_point_may_say_is_found(text: str, why: str) -> None:
    with pytest.raises(AssertionError, match=why):
        replies(ScriptedCentralSystem(), text)


def test_payload_that_breaks_its_schema_is_found() -> None:
    with pytest.raises(PayloadInvalid, match="idTag"):
        replies(ScriptedCentralSystem(), '[2,"1-1","Authorize",{}]')


def test_answer_to_nothing_is_found() -> None:
    with pytest.raises(KeyError, match="cs-1"):
        replies(ScriptedCentralSystem(), '[3,"cs-1",{}]')


@pytest.mark.parametrize(
    ("call", "payload"),
    [
        ('["Authorize",{"idTag":"TAG"}]', {"idTagInfo": {"status": "Blocked"}}),
        ('["Authorize",{"idTag":"OTHER"}]', {"idTagInfo": {"status": "Accepted"}}),
        (
            '["StartTransaction",{"connectorId":1,"idTag":"TAG","meterStart":0,"timestamp":"2026-01-01T00:00:00Z"}]',
            {"idTagInfo": {"status": "Blocked"}, "transactionId": 1},
        ),
        (
            '["StopTransaction",{"idTag":"TAG","meterStop":0,"timestamp":"2026-01-01T00:00:00Z","transactionId":1}]',
            {"idTagInfo": {"status": "Blocked"}},
        ),
        (
            '["StopTransaction",{"idTag":"OTHER","meterStop":0,"timestamp":"2026-01-01T00:00:00Z","transactionId":1}]',
            {},
        ),
        ('["StopTransaction",{"meterStop":0,"timestamp":"2026-01-01T00:00:00Z","transactionId":1}]', {}),
    ],
)
def test_cards_are_known_by_name(call: str, payload: object) -> None:
    central_system = ScriptedCentralSystem()
    central_system.cards["TAG"] = BLOCKED.id_tag_info
    action, request = json.loads(call)

    (reply,) = replies(central_system, json.dumps([2, "1-1", action, request]))

    assert json.loads(reply.text) == [3, "1-1", payload]
