"""A station with one of the optional feature profiles switched off: there is nothing left of it (§3.3)."""

from __future__ import annotations

from typing import Any

import pytest

from ocpp16cp.charge_point import FEATURES
from ocpp16cp.errors import CallErrorCode
from ocpp16cp.features.configuration.messages import GetConfiguration, GetConfigurationConf
from ocpp16cp.features.remote_trigger.messages import MessageTrigger, TriggerMessageStatus
from ocpp16cp.features.transactions.messages import StopTransaction
from ocpp16cp.station import FeatureProfile
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.exchange import Sender
from ocpp16cp.wire.frames import CallError
from ocpp16cp.wire.types import ChargePointStatus
from tests.features.configuration.asking import value
from tests.features.stations import STATION, without
from tests.features.triggering import asked

S = ChargePointStatus
OPTIONAL = tuple(each for each in FeatureProfile if each is not FeatureProfile.CORE)

PAYLOADS: dict[str, dict[str, object]] = {
    "CancelReservation": {"reservationId": 1},
    "ClearChargingProfile": {},
    "ExtendedTriggerMessage": {"requestedMessage": "Heartbeat"},
    "GetCompositeSchedule": {"connectorId": 1, "duration": 60},
    "GetDiagnostics": {"location": "ftp://files.example/"},
    "GetLocalListVersion": {},
    "GetLog": {"log": {"remoteLocation": "ftp://files.example/"}, "logType": "DiagnosticsLog", "requestId": 1},
    "ReserveNow": {"connectorId": 1, "expiryDate": "2027-01-01T00:00:00Z", "idTag": "TAG", "reservationId": 1},
    "SendLocalList": {"listVersion": 1, "updateType": "Full"},
    "SetChargingProfile": {
        "connectorId": 1,
        "csChargingProfiles": {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxDefaultProfile",
            "chargingProfileKind": "Absolute",
            "chargingSchedule": {
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6}],
            },
        },
    },
    "SignedUpdateFirmware": {
        "requestId": 1,
        "firmware": {
            "location": "ftp://files.example/f",
            "retrieveDateTime": "2026-01-01T00:00:00Z",
            "signingCertificate": "c",
            "signature": "s",
        },
    },
    "TriggerMessage": {"requestedMessage": "Heartbeat"},
    "UpdateFirmware": {"location": "ftp://files.example/f", "retrieveDate": "2026-01-01T00:00:00Z"},
}
"""A good request of each optional CALL of the central system."""

ANSWERED = {
    "CancelReservation": "Rejected",
    "GetLocalListVersion": -1,
    "ReserveNow": "Rejected",
    "SendLocalList": "NotSupported",
}
"""Those whose confirmation can say that there is no such thing; certification wants no CALLERROR."""

TRIGGERS = {
    FeatureProfile.FIRMWARE_MANAGEMENT: {
        MessageTrigger.DIAGNOSTICS_STATUS_NOTIFICATION,
        MessageTrigger.FIRMWARE_STATUS_NOTIFICATION,
    },
}


def actions_of(profile: FeatureProfile) -> list[str]:
    """The CALLs of the central system that belong to a profile."""
    exchanges = (each for feature in FEATURES if feature.profile is profile for each in feature.exchanges)
    return [each.action for each in exchanges if each.sender is Sender.CENTRAL_SYSTEM]


@pytest.mark.parametrize(("profile", "action"), [(each, action) for each in OPTIONAL for action in actions_of(each)])
def test_calls_of_an_absent_profile_are_not_supported(profile: FeatureProfile, action: str) -> None:
    """§3.3: the action is known, hence not NotImplemented; and nothing is stored."""
    with Playbook(without(STATION, profile)) as play:
        play.boot()
        before = play.disk

        answer: Any = play.answer_to(play.post(action, PAYLOADS[action]))

        if action in ANSWERED:
            said = answer.list_version if action == "GetLocalListVersion" else answer.status
            assert said == ANSWERED[action]
        else:
            assert isinstance(answer, CallError)
            assert answer.code is CallErrorCode.NOT_SUPPORTED
        assert play.disk == before


@pytest.mark.parametrize("profile", OPTIONAL)
def test_absent_profile_is_not_named_and_has_no_keys(profile: FeatureProfile) -> None:
    """§9.1.29."""
    with Playbook(without(STATION, profile)) as play:
        play.boot()
        keys = {key.name for feature in FEATURES if feature.profile is profile for key in feature.keys}
        listed = play.send(GetConfiguration(), GetConfigurationConf).configuration_key or ()

        assert profile.value not in (value(play, "SupportedFeatureProfiles") or "").split(",")
        assert not keys & {each.key for each in listed}


@pytest.mark.parametrize("profile", [each for each in OPTIONAL if each is not FeatureProfile.REMOTE_TRIGGER])
@pytest.mark.parametrize("name", MessageTrigger)
def test_what_an_absent_profile_would_send_cannot_be_asked_for(profile: FeatureProfile, name: MessageTrigger) -> None:
    """§5.17: everything else can."""
    with Playbook(without(STATION, profile)) as play:
        play.boot()
        status = asked(play, name)
        play.skip()

        is_absent = name in TRIGGERS.get(profile, ())
        assert status is (TriggerMessageStatus.NOT_IMPLEMENTED if is_absent else TriggerMessageStatus.ACCEPTED)


@pytest.mark.parametrize("absent", [*((each,) for each in OPTIONAL), OPTIONAL], ids="+".join)
def test_station_charges_without_it(absent: tuple[FeatureProfile, ...]) -> None:
    """The Core profile needs none of them."""
    with Playbook(without(STATION, *absent)) as play:
        play.boot()
        play.begin_transaction()
        play.present_card("TAG")
        play.expect(StopTransaction, id_tag="TAG")
        play.expect_status(1, S.FINISHING)
        play.unplug(1)
        play.expect_status(1, S.AVAILABLE)
        play.power_cut()
        play.skip()
